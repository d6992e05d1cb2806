"""UIDs survive rewording and moving: real notes, the index, the published feed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mdtasks.app import refresh as refreshing
from mdtasks.app.session import open_session
from mdtasks.index.store import Store
from tests.conftest import MakeVault
from tests.feeds import uids as uids_of
from tests.running import NOW, mdtasks, still
from tests.stores import note, put, task

SETTINGS = 'vault_id = "home"\ntimezone = "Europe/Berlin"\n'
WORK = "- [ ] Write the speech ⏱ 60m 📅 2026-11-24\n- [ ] Call the bank about the loan ⏱ 30m 🔼\n"
HOME = "- [ ] Mend the roof of the shed ⏱ 45m ⏫\n"
HOSTILE = "a; b, c\\\\n \\; #x"


@pytest.fixture
def root(vault: MakeVault) -> Path:
    return vault({"mdtasks.toml": SETTINGS, "Work.md": WORK, "Home.md": HOME})


def uids(root: Path, now: str = NOW) -> dict[str, str]:
    """Return text -> uid of the open tasks."""
    ran = mdtasks(root, "list", "--json", now=now)
    assert ran.code == 0, ran.said
    return {task["text"]: task["uid"] for task in ran.json["tasks"]}


def write(root: Path, name: str, text: str) -> None:
    (root / name).write_text(text)
    still(root)


def feed(root: Path) -> Path:
    return open_session(str(root), NOW, print).places.feed


def events(root: Path) -> set[str]:
    return {*uids_of(feed(root).read_bytes())}


def forget_index(root: Path) -> None:
    place = open_session(str(root), NOW, print).places.cache
    for path in place.parent.glob(f"{place.name}*"):
        path.unlink()


def test_a_reworded_task_and_one_that_moved_keep_their_uids(root: Path) -> None:
    before = uids(root)
    write(root, "Work.md", WORK.replace("Write the speech", "Write the wedding speech"))
    (root / "Home.md").rename(root / "House.md")
    after = uids(root)
    assert after["Write the wedding speech"] == before["Write the speech"]
    assert after["Mend the roof of the shed"] == before["Mend the roof of the shed"]


def test_a_new_task_in_the_old_words_is_another_one(root: Path) -> None:
    before = uids(root)
    reworded = WORK.replace("Write the speech", "Write the wedding speech")
    write(root, "Work.md", reworded)
    uids(root)
    write(root, "Work.md", f"{reworded}- [ ] Write the speech\n")
    after = uids(root)
    assert after["Write the wedding speech"] == before["Write the speech"]
    assert after["Write the speech"] not in before.values()


@pytest.mark.parametrize(("day", "kept"), [("2026-11-30", True), ("2026-12-01", False)])
def test_a_task_that_is_pasted_within_seven_days_keeps_its_uid(
    root: Path, day: str, kept: bool
) -> None:
    before = uids(root)
    first, second = WORK.splitlines(keepends=True)
    write(root, "Work.md", first)
    uids(root)
    write(root, "Home.md", HOME + second)
    text = "Call the bank about the loan"
    assert (uids(root, f"{day}T08:30")[text] == before[text]) is kept


def test_a_twin_above_takes_nobodys_uid(root: Path) -> None:
    write(root, "Home.md", "- [ ] one\n- [ ] call\n- [ ] two\n")
    old = uids(root)["call"]
    write(root, "Home.md", "- [ ] call ⏫\n- [ ] one\n- [ ] call\n- [ ] two\n")
    tasks = mdtasks(root, "list", "--json", "path includes Home").json["tasks"]
    assert {task["line"]: task["uid"] == old for task in tasks if task["text"] == "call"} == {
        1: False,
        3: True,
    }


def test_the_ticked_occurrence_keeps_its_uid_and_the_next_has_its_own(root: Path) -> None:
    write(root, "Home.md", "- [ ] Water the ferns 🔁 every week\n")
    old = uids(root)["Water the ferns"]
    assert mdtasks(root, "done", "Home.md:1").code == 0
    tasks = mdtasks(root, "list", "--all", "--json", "path includes Home").json["tasks"]
    assert {task["status"]: task["uid"] == old for task in tasks} == {"todo": False, "done": True}


# The feed is the ledger


def test_a_deleted_index_changes_no_uid_of_the_feed(root: Path) -> None:
    write(root, "Odd.md", f"- [ ] {HOSTILE} ⏱ 30m 🔼\n- [ ] twin ⏫\n- [ ] twin ⏫ ⏱ 30m\n")
    uids(root)
    write(root, "Odd.md", f"- [ ] {HOSTILE} now ⏱ 30m 🔼\n- [ ] twin ⏫ ⏱ 30m\n- [ ] new ⏫\n")
    write(root, "Work.md", WORK.replace("Write the speech", "Write the wedding speech"))
    (root / "Home.md").rename(root / "House.md")
    assert mdtasks(root, "sync").code == 0
    before, published, known = events(root), feed(root).read_bytes(), uids(root)
    assert {each[:36] for each in before} & {*known.values()}
    forget_index(root)
    assert uids(root) == known
    assert mdtasks(root, "sync").code == 0
    assert (events(root), feed(root).read_bytes()) == (before, published)


def test_what_moved_while_the_index_was_gone_is_known_by_the_feed(root: Path) -> None:
    write(root, "Work.md", WORK.replace("Write the speech", "Write the wedding speech"))
    mdtasks(root, "sync")
    known = uids(root)
    forget_index(root)
    (root / "Work.md").rename(root / "Job.md")
    assert uids(root) == known


def test_an_older_feed_without_marks_changes_no_event_but_the_header(root: Path) -> None:
    mdtasks(root, "sync")
    data = feed(root).read_bytes()
    assert b"X-MDTASKS-TASK:" in data
    old = re.sub(rb"X-MDTASKS-TASK:[^\r]*\r\n(?: [^\r]*\r\n)*", b"", data)
    feed(root).write_bytes(old)
    mdtasks(root, "sync")
    assert feed(root).read_bytes() == data


# A match that is only likely authorises no write


def test_done_with_a_key_of_a_line_worded_anew_is_refused_once(root: Path) -> None:
    key = uids(root)["Write the speech"][:8]
    reworded = WORK.replace("Write the speech", "Write the wedding speech")
    write(root, "Work.md", reworded)
    ran = mdtasks(root, "done", key)
    assert (ran.code, (root / "Work.md").read_text()) == (4, reworded)
    assert ran.said == [
        f"mdtasks: {key} was `Write the speech`; now it is `Write the wedding speech`; "
        "nothing was written",
        "hint: run it again if that is what you mean",
    ]
    assert mdtasks(root, "done", key).code == 0
    assert "- [x] Write the wedding speech" in (root / "Work.md").read_text()


@pytest.mark.parametrize("look", ["list", "show KEY", "today", "index"])
def test_whoever_has_seen_the_new_words_is_not_asked(root: Path, look: str) -> None:
    key = uids(root)["Write the speech"][:8]
    write(root, "Work.md", WORK.replace("Write the speech", "Write the wedding speech"))
    assert mdtasks(root, *look.replace("KEY", key).split()).code == 0
    assert mdtasks(root, "done", key).code == (4 if look == "index" else 0)


def test_a_place_names_the_line_that_is_there(root: Path) -> None:
    uids(root)
    write(root, "Work.md", WORK.replace("Write the speech", "Write the wedding speech"))
    assert mdtasks(root, "done", "Work.md:1").code == 0


# Ids


def test_id_writes_an_id_once_and_the_uid_stays(root: Path) -> None:
    before = uids(root)
    uid = before["Write the speech"]
    ran = mdtasks(root, "id", uid[:8])
    line = (root / "Work.md").read_text().splitlines()[0]
    word = re.fullmatch(r"- \[ \] Write the speech ⏱ 60m 📅 2026-11-24 🆔 ([a-z0-9]{6})", line)
    assert ran.code == 0
    assert word
    assert uids(root) == before
    again = mdtasks(root, "id", uid[:8])
    assert (again.code, again.lines) == (0, [word[1]])
    assert (root / "Work.md").read_text().splitlines()[0] == line
    write(root, "Work.md", "")
    write(root, "Home.md", f"{HOME}- [ ] Something else 🆔 {word[1]}\n")
    assert uids(root)["Something else"] == uid


@pytest.mark.parametrize(
    ("line", "options", "pattern"),
    [
        ("- [ ] call [due:: 2026-11-24]", (), r"- \[ \] call \[due:: 2026-11-24\]  \[id:: \w{6}\]"),
        ("- [ ] call 📅 2026-11-24", ("--block",), r"- \[ \] call 📅 2026-11-24 \^\w{6}"),
        ("- [ ] call ^mark", (), r"- \[ \] call \^mark"),
    ],
)
def test_an_id_is_written_in_the_words_of_the_line(
    root: Path, line: str, options: tuple[str, ...], pattern: str
) -> None:
    write(root, "Home.md", f"{line}\n")
    assert mdtasks(root, "id", "Home.md:1", *options).code == 0
    assert re.fullmatch(pattern, (root / "Home.md").read_text().rstrip("\n"))


# Many notes at once


def test_a_task_is_known_though_it_appears_batches_before_it_vanishes(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = uids(root)
    monkeypatch.setattr(refreshing, "BATCH", 1)
    first, second = WORK.splitlines(keepends=True)
    write(root, "Work.md", first)
    write(root, "Home.md", HOME + second.replace("loan", "loans"))
    write(root, "Zoo.md", "- [ ] Feed the seals\n")
    after = uids(root)
    assert after["Call the bank about the loans"] == before["Call the bank about the loan"]
    assert after["Write the speech"] == before["Write the speech"]
    assert after["Feed the seals"] not in before.values()


@pytest.mark.parametrize("backwards", [False, True])
def test_the_order_of_the_notes_does_not_matter(store: Store, backwards: bool) -> None:
    texts = ["call", "call", "write the speech", "mend the roof"]
    put(store, *(note(f"{n}.md", task(text)) for n, text in enumerate(texts)))
    before = {each.source.path: each.uid for each in store.tasks()}
    new = ["mend the roof", "write a speech", "call", "call back"]
    notes = [note(f"n{n}.md", task(text)) for n, text in enumerate(new)]
    put(store, *(notes[::-1] if backwards else notes), gone=tuple(before))
    after = {each.text: each.uid for each in store.tasks()}
    assert after["mend the roof"] == before["3.md"]
    assert after["write a speech"] == before["2.md"]
    assert after["call"] not in before.values()
