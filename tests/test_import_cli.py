"""`mdtasks import`: an Evernote export becomes notes, once, and nobody's edit is lost."""

from __future__ import annotations

from hashlib import md5
from pathlib import Path

import pytest

from tests.conftest import MakeVault
from tests.exports import KITCHEN, export, note, todo, with_files
from tests.running import mdtasks, still

FOLDER = "From Evernote/Box"


@pytest.fixture
def root(vault: MakeVault) -> Path:
    return vault({"mdtasks.toml": 'timezone = "Europe/Berlin"\n', "a.md": "- [ ] a\n"})


@pytest.fixture
def box(tmp_path: Path) -> Path:
    return tmp_path / "Box.enex"


def written(root: Path, name: str) -> str:
    return (root / FOLDER / name).read_text("utf-8")


def body(root: Path, name: str) -> str:
    return written(root, name).partition("\n---\n\n")[2]


def everything(root: Path) -> dict[Path, tuple[bytes, int]]:
    still(root)
    files = [path for path in root.rglob("*") if path.is_file()]
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def outcomes(root: Path, box: Path, *args: str) -> list[str]:
    return [
        one["outcome"]
        for one in mdtasks(root, "import", str(box), "--json", *args).json["imported"]
    ]


def test_undo_says_first_that_it_does_not_take_back_an_import(root: Path, box: Path) -> None:
    mdtasks(root, "done", "a.md:1")
    ticked = (root / "a.md").read_text("utf-8")
    export(box, note("One"), note("Two"))
    assert outcomes(root, box) == ["new", "new"]
    for more in (["--dry-run"], []):
        ran = mdtasks(root, "undo", *more)
        assert (ran.code, (root / "a.md").read_text("utf-8")) == (1, ticked)
        assert ran.said == [
            f"mdtasks: the last thing was an import of 2 notes into {FOLDER}, and undo takes back "
            "lines, not notes; nothing was changed",
            f"hint: if that was not meant, delete the folder {FOLDER}; run `mdtasks undo` again to "
            "take back what was done before it, in a.md",
        ]
    assert (root / FOLDER / "One.md").exists()
    assert mdtasks(root, "undo").code == 0
    assert (root / "a.md").read_text("utf-8") == "- [ ] a\n"


def test_undo_takes_back_what_came_after_an_import_without_a_word(root: Path, box: Path) -> None:
    export(box, note("One"))
    outcomes(root, box)
    mdtasks(root, "done", "a.md:1")
    ran = mdtasks(root, "undo")
    assert (ran.code, ran.said) == (0, [])
    # Now there is nothing but the import.
    assert "delete the folder" in mdtasks(root, "undo").said[1]
    assert mdtasks(root, "undo").said[0] == "mdtasks: nothing to undo"


def test_an_import_that_wrote_nothing_is_nothing_to_undo(root: Path, box: Path) -> None:
    export(box, note("One"))
    outcomes(root, box)
    mdtasks(root, "undo")
    assert outcomes(root, box) == ["unchanged"]
    assert mdtasks(root, "undo").said[0] == "mdtasks: nothing to undo"


def test_an_export_becomes_notes_as_they_are_kept(root: Path, update: bool) -> None:
    done = mdtasks(root, "import", str(KITCHEN), "--to", "Kitchen")
    assert (done.code, done.lines) == (0, ["Kitchen: 2 notes: 2 new, 1 attachment"])
    notes = sorted((root / "Kitchen").glob("*.md"))
    for path in notes:
        kept = KITCHEN.with_name(f"{path.stem}.txt")
        if update:
            kept.write_bytes(path.read_bytes())
        assert path.read_bytes() == kept.read_bytes()
    assert len(notes) == 2
    assert (root / "Kitchen/_resources/loaf.png").read_bytes() == b"\x89PNG\r\n\x1a\n"


def test_the_same_export_again_writes_nothing(root: Path, box: Path) -> None:
    png = ("a.png", "image/png", b"1" * 5000)
    media = f'<en-media type="image/png" hash="{md5(png[2]).hexdigest()}"/>'
    export(box, with_files("One", media, png), note("Two"), note("Two"))
    assert outcomes(root, box) == ["new"] * 3
    before = everything(root)
    assert outcomes(root, box) == ["unchanged"] * 3
    assert everything(root) == before


def test_what_changed_in_evernote_alone_is_brought_up_to_date(root: Path, box: Path) -> None:
    mdtasks(root, "import", str(export(box, note("One", "<div>old</div>"))))
    assert outcomes(root, export(box, note("One", "<div>new</div>"))) == ["updated"]
    assert body(root, "One.md") == "new\n"


def test_a_note_that_was_edited_here_is_left_alone(root: Path, box: Path) -> None:
    mdtasks(root, "import", str(export(box, note("One", "<div><en-todo/>old</div>"))))
    mdtasks(root, "done", f"{FOLDER}/One.md:8")
    ticked = written(root, "One.md")
    assert "[x] old" in ticked
    assert outcomes(root, box) == ["kept"]
    done = mdtasks(root, "import", str(export(box, note("One", "<div>new</div>"))))
    assert done.code == 0
    assert "1 edited here and left alone" in done.lines[0]
    assert "edited here" in done.said[0]
    assert written(root, "One.md") == ticked


def test_a_note_that_was_moved_is_found_where_it_is(root: Path, box: Path) -> None:
    mdtasks(root, "import", str(export(box, note("One"))))
    (root / FOLDER / "One.md").rename(root / "b.md")
    assert outcomes(root, box) == ["unchanged"]
    assert not (root / FOLDER / "One.md").exists()


def test_a_note_that_was_renamed_in_evernote_keeps_its_file(root: Path, box: Path) -> None:
    mdtasks(root, "import", str(export(box, note("One"), note("Two", created="20260102T080000Z"))))
    export(box, note("Uno"), note("Two", created="20260102T080000Z"))
    assert outcomes(root, box) == ["updated", "unchanged"]
    assert 'title: "Uno"' in written(root, "One.md")
    assert outcomes(root, box) == ["unchanged"] * 2


def test_a_note_of_the_vault_with_that_name_stays(root: Path, box: Path) -> None:
    (root / FOLDER).mkdir(parents=True)
    (root / FOLDER / "one.md").write_text("mine\n")
    mdtasks(root, "import", str(export(box, note("One"), note("ONE"), note("One"))))
    assert written(root, "one.md") == "mine\n"
    assert sorted(p.name for p in (root / FOLDER).iterdir()) == [
        "ONE 3.md",
        "One 2.md",
        "One 4.md",
        "one.md",
    ]


def test_a_dry_run_tells_and_writes_nothing(root: Path, box: Path) -> None:
    export(box, with_files("One", "<div/>", ("a.txt", "text/plain", b"a")))
    mdtasks(root, "list")
    before = everything(root)
    done = mdtasks(root, "import", str(box), "--dry-run")
    assert done.lines == [f"new  {FOLDER}/One.md", f"{FOLDER}: 1 note: 1 new, 1 attachment"]
    assert everything(root) == before


def test_links_between_notes_lead_to_the_notes(root: Path, box: Path) -> None:
    guid = "11111111-2222-3333-4444-555555555555"
    way = f"evernote:///view/1/s1/{guid}/{guid}/"
    links = f'<a href="{way}">b: 50% (c)</a> <a href="{way}">gone</a>'
    export(box, note("a", f"<div>{links}</div>"), note("b: 50% (c)"))
    mdtasks(root, "import", str(box))
    assert body(root, "a.md") == f"[b: 50% (c)](b-%2050%25%20%28c%29.md) [gone]({way})\n"


def test_attachments_of_one_name_do_not_meet(root: Path, box: Path) -> None:
    files = [("a.txt", "text/plain", text) for text in (b"1", b"2")]
    export(box, with_files("One", "<div/>", files[0]), with_files("Two", "<div/>", files[1]))
    mdtasks(root, "import", str(box))
    mark = md5(b"2").hexdigest()[:8]
    assert body(root, "One.md") == "[a.txt](_resources/a.txt)\n"
    assert body(root, "Two.md") == f"[a.txt](_resources/a%20{mark}.txt)\n"
    assert (root / FOLDER / f"_resources/a {mark}.txt").read_bytes() == b"2"
    assert outcomes(root, box) == ["unchanged"] * 2


# Tasks


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({}, "- [ ] Call"),
        (
            {"taskStatus": "completed", "statusUpdated": "20260602T223000Z"},
            "- [x] Call ✅ 2026-06-03",
        ),
        (
            {
                "dueDate": "20261125T230000Z",
                "dueDateUIOption": "date_only",
                "timeZone": "Europe/Berlin",
            },
            "- [ ] Call 📅 2026-11-26",
        ),
        (
            {
                "dueDate": "20261125T143000Z",
                "dueDateUIOption": "date_time",
                "timeZone": "Asia/Tokyo",
            },
            "- [ ] Call 📅 2026-11-25 15:30",
        ),
        ({"taskFlag": "true"}, "- [ ] Call ⏫"),
        (
            {"recurrence": "RRULE:FREQ=MONTHLY;BYDAY=-1FR", "dueDate": "20261127T110000Z"},
            "- [ ] Call 🔁 every month on the last Friday 📅 2026-11-27",
        ),
        (
            {"recurrence": "RRULE:FREQ=DAILY;INTERVAL=3", "repeatAfterCompletion": "true"},
            "- [ ] Call 🔁 every 3 days when done",
        ),
        (
            {"recurrence": "RRULE:FREQ=HOURLY"},
            "- [ ] Call\n  Repeats in Evernote: RRULE:FREQ=HOURLY",
        ),
        (
            {"reminder": "<reminderDate>20261124T080000Z</reminderDate>"},
            "- [ ] Call ⏳ 2026-11-24 09:00",
        ),
    ],
)
def test_a_task_of_evernote_is_a_task_here(
    root: Path, box: Path, values: dict[str, str], line: str
) -> None:
    mdtasks(root, "import", str(export(box, note("One", "<div/>", todo("Call", **values)))))
    assert body(root, "One.md") == f"{line}\n"


def test_tasks_stand_where_their_group_stands_in_their_order(root: Path, box: Path) -> None:
    group = '<div style="--en-task-group:true; --en-id:g1;"><div>not supported</div></div>'
    tasks = todo("b", taskGroupNoteLevelID="g1", sortWeight="B")
    tasks += todo("a", taskGroupNoteLevelID="g1", sortWeight="A") + todo("other")
    mdtasks(root, "import", str(export(box, note("One", f"{group}<div>end</div>", tasks))))
    assert body(root, "One.md") == "- [ ] a\n- [ ] b\n\nend\n\n- [ ] other\n"


def test_the_vault_s_own_dialect_is_spoken(root: Path, box: Path) -> None:
    (root / "mdtasks.toml").write_text('[read]\ndialects = ["dataview"]\n')
    due = todo("Call", dueDate="20261125T120000Z")
    mdtasks(root, "import", str(export(box, note("One", "<div/>", due))))
    assert body(root, "One.md") == "- [ ] Call  [due:: 2026-11-25]\n"


def test_a_title_that_looks_like_fields_is_no_other_task(root: Path, box: Path) -> None:
    hostile = todo("Call 📅 2020-01-01 %% `", dueDate="20261125T120000Z")
    mdtasks(root, "import", str(export(box, note("One", "<div/>", hostile + todo("b")))))
    shown = mdtasks(root, "list", "path includes One", "--json").json["tasks"]
    assert [task["text"] for task in shown] == ["Call \\%\\% \\`", "b"]


# What is broken, and what attacks


def test_a_broken_note_is_named_and_the_others_come(root: Path, box: Path) -> None:
    broken = note("Two", "<div>")
    cut = note("Three").replace("<title>", "<title>&bad; ").replace("<created>", "\n<created>")
    export(box, note("One"), broken, cut, note("Four"))
    done = mdtasks(root, "import", str(box))
    assert done.code == 1
    assert done.lines == [f"{FOLDER}: 4 notes: 2 new, 2 not imported whole"]
    assert [line.partition(": it")[0] for line in done.said] == [
        "mdtasks: note 2, line 5: Two",
        "mdtasks: note 3, line 6: without a title",
    ]
    assert sorted(p.name for p in (root / FOLDER).iterdir()) == ["Four.md", "One.md"]


def test_a_file_that_was_cut_short_gives_what_it_has(root: Path, box: Path) -> None:
    export(box, note("One"), note("Two"))
    box.write_text(box.read_text("utf-8").partition("Two")[0] + "Two</title>", "utf-8")
    assert outcomes(root, box) == ["new", "failed"]


def test_what_is_broken_between_notes_does_not_mix_them_up(root: Path, box: Path) -> None:
    export(box, note("One"), "&bad;\n", note("Two"), "<x>\n", note("Three"))
    done = mdtasks(root, "import", str(box))
    assert done.said[0].startswith("mdtasks: line 5, between notes: it is no well-formed XML")
    assert sorted(p.name for p in (root / FOLDER).iterdir()) == ["One.md", "Three.md", "Two.md"]
    assert [f'"{name}"' in written(root, f"{name}.md") for name in ("One", "Two", "Three")]


def test_an_attachment_that_is_no_base64_is_said_and_its_note_kept(root: Path, box: Path) -> None:
    data = with_files("One", "<div>text</div>", ("a.txt", "text/plain", b"abcd"))
    export(box, data.replace("YWJj", "Y*Jj"))
    done = mdtasks(root, "import", str(box))
    assert (done.code, body(root, "One.md").startswith("text\n")) == (1, True)
    assert "a.txt its data is no base64" in done.said[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "<html><body/></html>",
        "\x00\x01",
        '<?xml version="1.0"?><!DOCTYPE en-export [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>'
        "<en-export>&b;</en-export>",
        '<!DOCTYPE en-export [<!ENTITY a SYSTEM "file:///etc/passwd">]><en-export>&a;</en-export>',
    ],
)
def test_what_is_no_export_or_attacks_is_refused(root: Path, box: Path, text: str) -> None:
    box.write_text(text, "utf-8")
    before = everything(root)
    done = mdtasks(root, "import", str(box))
    assert (done.code, everything(root)) == (1, before)
    assert "nothing was imported" in done.said[0]


@pytest.mark.parametrize("folder", ["../out", ".hidden", "a/../../b", "/tmp/x", "a.md", ""])
def test_a_folder_that_is_none_of_the_vault_is_refused(root: Path, box: Path, folder: str) -> None:
    assert mdtasks(root, "import", str(export(box, note("One"))), "--to", folder).code == 2


def test_front_matter_says_any_title_author_and_tag(root: Path, box: Path) -> None:
    import yaml

    title, author = 'a: "b" \u2028\u0085 - # {', "yes\n- x"
    more = f"<note-attributes><author>{author}</author></note-attributes>"
    more = f"<tag>to do</tag><tag>#2024: x</tag>{more}"
    mdtasks(root, "import", str(export(box, note(title, "<div/>", more))))
    (path,) = (root / FOLDER).glob("*.md")
    front = yaml.safe_load(path.read_text("utf-8").split("---\n")[1])
    assert (front["title"], front["author"]) == (title, author)
    assert front["tags"] == ["to-do", "2024-x"]
    assert mdtasks(root, "check", "--faults").lines == []
