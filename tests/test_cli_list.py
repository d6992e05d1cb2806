"""`mdtasks list`: queries that have a name, queries of a note, how a query was read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import MakeVault
from tests.running import mdtasks, on_terminal

TOML = """
[queries]
calls = "not done; tags include #call; sort by description"
bad = "not done; du today"
this_file = "path includes Log"
closed = '''
# what is over
done
sort by description
'''
"""
HOME = """\
---
TQ_extra_instructions: |-
  sort by description
TQ_show_tree: true
---
# Inbox
- [ ] Call Ada #call
- [x] Call Bob #call ✅ 2026-11-20

## Calls
```tasks
tags include #call
hide backlink
short mode
```
## Here
> [!todo]
> ```tasks
> path includes {{query.file.path}}
> explain
> not done
> ```
"""
NOTES = {
    "mdtasks.toml": TOML,
    "Home.md": HOME,
    "Work/Log.md": "- [ ] Write 📅 2026-11-24\n- [-] Dropped ❌ 2026-11-01\n",
    "Broken.md": "```tasks\nnot done\n\nfilter by function 1\n```\n\n```tasks\nlimit 1\n```\n",
    "Attic/Log.md": "nothing\n",
}


@pytest.fixture
def root(vault: MakeVault) -> Path:
    return vault(NOTES)


def texts(root: Path, *args: str) -> list[str]:
    return [task["text"] for task in mdtasks(root, "list", *args, "--json").json["tasks"]]


def test_a_query_with_a_name_is_listed_by_it(root: Path) -> None:
    assert texts(root, "calls") == ["Call Ada #call"]
    assert texts(root, "preset calls; limit 0") == []
    assert texts(root, "closed", "--all") == ["Call Bob #call", "Dropped"]


def test_a_name_of_the_plugin_may_be_given_anew(root: Path) -> None:
    assert texts(root, "this_file") == ["Write"]


def test_a_fault_in_a_named_query_names_the_file_and_the_key(root: Path) -> None:
    ran = mdtasks(root, "list", "bad")
    assert ran.code == 2
    assert ran.said == [
        'mdtasks: mdtasks.toml: `bad` in [queries], line 2: no filter is written "du today"',
        'hint: perhaps "due today"',
    ]


def test_the_names_can_be_seen(root: Path) -> None:
    ran = mdtasks(root, "list", "--presets")
    assert ran.lines[:2] == [
        "calls      not done; tags include #call; sort by description",
        "bad        not done; du today",
    ]
    presets = mdtasks(root, "list", "--presets", "--json").json["presets"]
    assert list(presets) == ["calls", "bad", "this_file", "closed"]


def test_without_names_it_is_said_how_to_give_them(vault: MakeVault) -> None:
    ran = mdtasks(vault({"a.md": "x"}), "list", "--presets")
    assert (ran.code, ran.lines) == (0, [])
    assert ran.said == ["mdtasks: no query has a name; give it one under [queries] in mdtasks.toml"]


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ('"a b" = "done"', "a name has letters, digits, - and _"),
        ('a = ""', "wanted: text that is not empty"),
        ("a = ['done']", "wanted: text that is not empty"),
        (r'a = "done\u0007"', "wanted: text of one line"),
    ],
)
def test_what_cannot_be_a_named_query_is_refused(vault: MakeVault, line: str, hint: str) -> None:
    ran = mdtasks(vault({"mdtasks.toml": f"[queries]\n{line}\n"}), "list")
    assert ran.code == 2
    assert ran.said[0].startswith("mdtasks: mdtasks.toml:2: ")
    assert ran.said[1] == f"hint: {hint}"


# Closed tasks


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("done 2026-11-20", ["Call Bob #call"]),
        ("(has cancelled date) OR (due today)", ["Dropped"]),
        ("status.type is done", ["Call Bob #call"]),
        ("path includes Home", ["Call Ada #call", "Call Bob #call"]),
        ("status is not todo", ["Call Bob #call", "Dropped"]),
        ("no done date; tags include #call", ["Call Ada #call"]),
    ],
)
def test_with_all_a_query_finds_closed_tasks_too(
    root: Path, query: str, expected: list[str]
) -> None:
    assert texts(root, query, "--all") == expected


def test_only_where_closed_tasks_were_passed_over_all_is_proposed(root: Path) -> None:
    assert mdtasks(root, "list", "due today").said == [
        "mdtasks: nothing found; closed tasks are listed with --all"
    ]
    assert mdtasks(root, "list", "due today", "--all").said == ["mdtasks: nothing found"]


def test_a_tag_alone_is_a_remark_and_that_is_said(root: Path) -> None:
    assert mdtasks(root, "list", "#call").said == [
        "mdtasks: #call is a remark here; for the tag write: tag includes #call"
    ]
    assert mdtasks(root, "list", "# call").said == []


# The queries of a note


def test_the_queries_of_a_note_are_shown_below_their_places(root: Path) -> None:
    ran = mdtasks(root, "list", "--from", "Home")
    keys = {t["text"]: t["key"] for t in mdtasks(root, "list", "--all", "--json").json["tasks"]}
    assert ran.code == 0
    assert ran.lines == [
        "Home.md:11  Calls",
        f"  [ ]  Call Ada #call    {keys['Call Ada #call']}    Home",
        f"  [x]  Call Bob #call    {keys['Call Bob #call']}    Home",
        "",
        "Home.md:18  Here",
        "  How the query was read",
        '    path includes "Home.md"',
        "    open: todo, in progress or on hold",
        "    sorted by description",
        "",
        f"  [ ]  Call Ada #call    {keys['Call Ada #call']}    Home",
    ]


def test_lines_without_an_effect_are_told_once(root: Path) -> None:
    told = "mdtasks: no effect here, only on the look of a list in Obsidian: "
    assert mdtasks(root, "list", "--from", "Home").said == [f"{told}hide backlink, short mode"]
    assert mdtasks(root, "list", "show tree; done today").said[0] == f"{told}show tree"


def test_the_queries_of_a_note_have_a_shape(root: Path) -> None:
    shape = mdtasks(root, "list", "--from", "Home.md", "--json").json
    assert list(shape) == ["schema", "now", "vault", "queries", "tasks"]
    first, second = shape["queries"]
    assert (first["line"], first["heading"], first["explain"]) == (11, "Calls", None)
    assert first["query"] == "tags include #call\nhide backlink\nshort mode"
    assert second["explain"][0] == 'path includes "Home.md"'
    assert [t["text"] for t in second["tasks"]] == ["Call Ada #call"]
    assert [t["text"] for t in shape["tasks"]] == ["Call Ada #call", "Call Bob #call"]


def test_a_query_that_cannot_be_read_does_not_hide_the_others(root: Path) -> None:
    ran = mdtasks(root, "list", "--from", "Broken")
    assert ran.code == 2
    assert ran.lines[:4] == ["Broken.md:1", "  not read", "", "Broken.md:7"]
    assert len(ran.lines) == 5
    assert ran.said[0] == (
        "mdtasks: Broken.md:4: filter by function is JavaScript, which only Obsidian runs"
    )
    shape = mdtasks(root, "list", "--from", "Broken", "--json").json
    assert [query["error"] is None for query in shape["queries"]] == [False, True]
    assert [len(query["tasks"]) for query in shape["queries"]] == [0, 1]


def test_a_fault_in_the_front_matter_names_the_property(vault: MakeVault) -> None:
    note = "---\nTQ_extra_instructions: du today\nTQ_explain: true\n---\n```tasks\n```\n"
    ran = mdtasks(vault({"a.md": note}), "list", "--from", "a")
    assert ran.said[0] == 'mdtasks: a.md: TQ_extra_instructions: no filter is written "du today"'


def test_front_matter_may_ask_for_the_explanation(vault: MakeVault) -> None:
    root = vault({"a.md": "---\nTQ_explain: True\n---\n```tasks\ndone\n```\n"})
    assert mdtasks(root, "list", "--from", "a").lines[1:3] == [
        "  How the query was read",
        "    closed: done, cancelled or non-task",
    ]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("Home", "Home.md"),
        ("home.md", "Home.md"),
        ("./Home.md", "Home.md"),
        ("Work/Log", "Work/Log.md"),
        ("work/log.md", "Work/Log.md"),
    ],
)
def test_a_note_is_known_by_path_or_name(root: Path, name: str, path: str) -> None:
    ran = mdtasks(root, "list", "--from", name)
    assert ran.code == 0
    assert path in (ran.out or ran.err).decode()


def test_a_name_that_two_notes_have_is_answered_with_both(root: Path) -> None:
    ran = mdtasks(root, "list", "--from", "Log")
    assert (ran.code, ran.out) == (2, b"")
    assert ran.said == [
        "mdtasks: 2 notes are called Log",
        "hint: Attic/Log.md",
        "      Work/Log.md",
    ]


def test_a_name_that_no_note_has_is_answered_with_the_nearest(root: Path) -> None:
    ran = mdtasks(root, "list", "--from", "Hom")
    assert (ran.code, ran.out) == (2, b"")
    assert ran.said == ["mdtasks: no note is called Hom", "hint: perhaps Home.md"]
    assert "give its path" in mdtasks(root, "list", "--from", "../../etc/passwd").said[1]


def test_a_note_without_queries_says_so(root: Path) -> None:
    ran = mdtasks(root, "list", "--from", "Work/Log")
    assert (ran.code, ran.out) == (0, b"")
    assert ran.said == ["mdtasks: Work/Log.md holds no `tasks` block"]


@pytest.mark.parametrize("args", [["done", "--presets"], ["done", "--from", "Home"]])
def test_one_thing_is_asked_at_a_time(root: Path, args: list[str]) -> None:
    assert mdtasks(root, "list", *args).code == 2


# How a query was read


def test_explain_stands_before_the_tasks_and_in_the_json(root: Path) -> None:
    query = "explain; due before tomorrow"
    assert mdtasks(root, "list", query).lines == [
        "How the query was read",
        "  of the open tasks; --all adds the closed ones",
        "  due before Tue 2026-11-24",
        "  sorted by status, urgency, due, priority and path, as usual",
        "",
    ]
    shape = mdtasks(root, "list", query, "--all", "--json").json
    assert shape["explain"][0] == "due before Tue 2026-11-24"
    assert "explain" not in mdtasks(root, "list", "--json").json


@pytest.mark.parametrize(
    ("first", "week"),
    [
        ("mon", "from Mon 2026-11-23 to Sun 2026-11-29"),
        ("sun", "from Sun 2026-11-22 to Sat 2026-11-28"),
        ("sat", "from Sat 2026-11-21 to Fri 2026-11-27"),
    ],
)
def test_a_week_begins_on_the_day_that_is_set(vault: MakeVault, first: str, week: str) -> None:
    root = vault({"mdtasks.toml": f'[display]\nweek_start = "{first}"\n'})
    assert mdtasks(root, "list", "explain; due this week").lines[2] == f"  due {week}"


def test_explain_names_the_global_filter(vault: MakeVault) -> None:
    root = vault({"mdtasks.toml": '[read]\nglobal_filter = "#t"\n', "a.md": "- [ ] x #t\n"})
    assert mdtasks(root, "list", "explain").lines[1] == "  only lines with #t are tasks"
    assert texts(root, "description includes t") == []


def test_nothing_gets_out_of_a_hostile_note(root: Path) -> None:
    (root / "Evil.md").write_text(
        "# \x1b[31mH\u202e\n```tasks\npath includes \x1b]0;x\x07\nexplain\nlimit 0\n```\n", "utf-8"
    )
    out = on_terminal(root, "list", "--from", "Evil").out.decode()
    assert "\x1b]" not in out
    assert "\x1b[31mH" not in out
    assert "\u202e" not in out


def test_a_list_in_a_note_fits_the_terminal(root: Path) -> None:
    (root / "Long.md").write_text(f"- [ ] {'word ' * 40}\n```tasks\nnot done\n```\n", "utf-8")
    out = on_terminal(root, "list", "--from", "Long", columns=60).out.decode()
    bare = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in out.splitlines()]
    rows = [line for line in bare if line.startswith("  [ ]")]
    assert max(map(len, rows)) == 60
    assert any("…" in line for line in rows)
