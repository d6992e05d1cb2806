"""Notes that were made to hurt: none crashes or hangs the reader, each keeps to itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mdtasks.lint.problems import problems_of
from mdtasks.read.note import read_note
from mdtasks.settings import ReadSettings

SETTINGS = ReadSettings()
TASK = "- [ ] T\n"

# What stands in front of a task and is YAML's, and the line of the problem it is.
FRONT: dict[str, tuple[str, int | None]] = {
    "aliases": ("a: &a [x, x]\nb: &b [*a, *a]\ntags: *b", 3),
    "an anchor alone": ("a: &a x", None),
    "a flow that is never closed": ("tags: " + "[" * 60_000, 2),
    "flows in flows": ("tags: " + "[" * 30_000 + "]" * 30_000, 2),
    "mappings in mappings": ("a: " + "{a: " * 15_000, 2),
    "lists in lists": ("- " * 30_000, 2),
    "keys in keys": ("\n".join(" " * n + "a:" for n in range(300)), 66),
    "more than 64 KiB": ("a: b\n" * 20_000, 1),
    "a million brackets": ("[" * 1_000_000, 1),
    "a tab": ("\ta: b", 2),
    "a key twice": ("due: 2026-11-23\ndue: 2026-11-24", None),
    "a Python object": ("tags: !!python/object/apply:os.system ['true']", None),
    "binary": ("a: !!binary AAAA\nb: !!set {x}", None),
    "control characters": ("a: \x01", 1),
    "a NUL": ("a: \0", 1),
    "no dates": ("due: 2026-02-30\nscheduled: maybe\npriority: 9", None),
    "huge numbers": (f"due: {'9' * 30_000}\npriority: 1e999999", None),
    "half a surrogate": ('a: "\\ud800"', 2),
    "line ends of YAML's own": ("a: x\u2028y\u0085z", None),
    "documents in it": ("a: b\n--- c\n... d", 4),
    "a directive": ("%YAML 9.9\n%TAG ! x", 2),
}


@pytest.mark.parametrize("front", FRONT.values(), ids=list(FRONT))
def test_front_matter_is_at_worst_a_problem_of_its_note(front: tuple[str, int | None]) -> None:
    text, line = front
    note = read_note("a.md", f"---\n{text}\n---\n{TASK}".encode(), SETTINGS)
    assert [task.text for task in note.tasks] == ["T"]
    assert [problem.line for problem in note.problems] == ([] if line is None else [line])
    assert all(problem.hint for problem in note.problems)


def test_what_yaml_would_make_of_a_tag_is_not_made() -> None:
    front = "tags: !!python/object/apply:os.system ['echo']\ndue: !!timestamp 2026-11-23"
    (task,) = read_note("a.md", f"---\n{front}\n---\n{TASK}".encode(), SETTINGS).tasks
    assert task.tags == ("#echo",)


# Blocks, and which tasks are read around them: T stands above, U below, each alone.
BETWEEN = {
    "brackets": "[" * 100_000,
    "brackets behind a letter": "x" + "[" * 100_000,
    "stars": "*a" * 100_000,
    "underscores": "_" * 99_999 + "a",
    "angles": "<" * 100_000,
    "tags": "<a " * 100_000,
    "images": "![](" * 100_000,
    "links": "[a](" * 100_000,
    "entities": "&" * 100_000,
    "backslashes": "\\" * 100_000,
    "backticks of every length": " ".join("`" * n for n in range(1, 500)),
    "references": "".join(f"[a{n}]: b\n" for n in range(20_000)),
    "one reference": "[a]: b\n" * 20_000,
    "references half written": "[a]: <" * 20_000,
    "a title that never ends": "[a]: b '" + "x\n" * 20_000,
    "a table of ten thousand columns": "\n".join(f"{c * 10_000}|" for c in ("|a", "|-", "|x")),
    "a table of ten thousand rows": "|a|\n|-|\n" + "|- [ ] x|\n" * 10_000,
    "headings": "# a\n" * 20_000,
    "rules": "***\n" * 20_000,
    "a heading of many lines": "a\n" * 20_000 + "===",
    "a line of nine megabytes": "x" * 9_000_000,
    "boxes on a line of two megabytes": "- [ ] x " * 250_000,
    "boxes without items": "[ ] " * 500_000,
    "quotes on a line of a megabyte": ">" * 1_000_000,
    "markers on a line of a megabyte": "- " * 500_000,
    "combining marks": "a" + "\u0301" * 100_000,
    "right to left": "\u202e" * 100_000,
}  # fmt: skip
# Where a task stands on a line that is too long for one.
NOT_READ = {"boxes on a line of two megabytes": 3}


@pytest.mark.parametrize("name", BETWEEN)
def test_what_stands_between_two_tasks_hides_neither(name: str) -> None:
    note = read_note("a.md", f"{TASK}\n{BETWEEN[name]}\n\n- [ ] U\n".encode(), SETTINGS)
    assert [task.text for task in note.tasks] == ["T", "U"]
    expected = [NOT_READ[name]] if name in NOT_READ else []
    assert [problem.line for problem in note.problems] == expected


TOO_DEEP = {
    "ten thousand list items on a line": "- " * 10_000 + "[ ] T",
    "a list two thousand levels deep": "".join("  " * n + "- [ ] T\n" for n in range(2_000)),
    "ten thousand quotes": ">" * 10_000 + " - [ ] T",
    "ten thousand quotes with spaces": "> " * 10_000 + "- [ ] T",
    "quotes and items": "> - " * 5_000 + "[ ] T",
    "quotes, a level a line": "".join(">" * n + " - [ ] T\n" for n in range(1, 1_400)),
}


@pytest.mark.parametrize("text", TOO_DEEP.values(), ids=list(TOO_DEEP))
def test_nesting_that_is_too_deep_is_told_and_drops_nothing_silently(text: str) -> None:
    note = read_note("a.md", f"{text}\n".encode(), SETTINGS)
    boxes = text.count("[ ]")
    assert len(note.tasks) == boxes or [p.message for p in note.problems] == [
        "nested too deep; the note is not read"
    ]


def test_in_quotes_forty_deep_nothing_is_lost() -> None:
    lines = "".join("> " * n + f"- [ ] t{n}\n\n" for n in range(1, 40))
    assert len(read_note("a.md", lines.encode(), SETTINGS).tasks) == 39


BYTES: dict[str, tuple[bytes, list[str]]] = {
    "NUL": (b"- [ ] a\0b\n- [ ] c\n", ["a\0b", "c"]),
    "Latin-1": (b"- [ ] caf\xe9 \n- [ ] c\n", ["caf\udce9", "c"]),
    "bytes that are never UTF-8": (b"- [ ] \xff\xfe\n- [ ] c\n", ["\udcff\udcfe", "c"]),
    "a surrogate in UTF-8": (b"- [ ] \xed\xa0\x80\n- [ ] c\n", ["\udced\udca0\udc80", "c"]),
    "half a character at the end": (b"- [ ] c\n- [ ] a\xe2\x82", ["c", "a\udce2\udc82"]),
    "a box that is no character": (b"- [\xff] a\n- [ ] c\n", ["c"]),
    "a mark at the start": (b"\xef\xbb\xbf- [ ] c\n", ["c"]),
    "the marks of UTF-16 alone": (b"\xff\xfe\n\n- [ ] c\n", ["c"]),
    "escapes": (b"- [ ] \x1b[2J\x07\xc2\x9b1m\n", ["\x1b[2J\x07\x9b1m"]),
    "nothing but NULs": (b"\0" * 100_000, []),
}


@pytest.mark.parametrize("case", BYTES.values(), ids=list(BYTES))
def test_bytes_that_are_no_text_shift_no_line(case: tuple[bytes, list[str]]) -> None:
    data, texts = case
    note = read_note("a.md", data, SETTINGS)
    assert [task.text for task in note.tasks] == texts
    assert not note.problems


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("text", ["- [ ] T\n", "# Heading\n\n- [ ] T\n"])
def test_utf16_is_told_with_and_without_its_mark(encoding: str, text: str) -> None:
    note = read_note("a.md", text.encode(encoding), SETTINGS)
    assert not note.tasks
    assert [problem.hint for problem in note.problems] == ["save it as UTF-8"]


def test_utf16_in_letters_that_are_not_latin_is_told() -> None:
    note = read_note("a.md", ("日記\n" * 40 + TASK).encode("utf-16"), SETTINGS)
    assert [problem.hint for problem in note.problems] == ["save it as UTF-8"]


def test_a_line_over_64_kib_is_told_and_the_others_are_read() -> None:
    note = read_note("a.md", f"{TASK}- [ ] {'x ' * 40_000}\n- [ ] U\n".encode(), SETTINGS)
    assert [task.text for task in note.tasks] == ["T", "U"]
    assert [(problem.line, problem.hint) for problem in note.problems] == [
        (2, "break it into several lines")
    ]


def test_twenty_thousand_tasks_in_one_note_are_all_read() -> None:
    text = "".join(f"- [ ] task {n} ⏱ 1m 📅 2026-11-23\n" for n in range(20_000))
    note = read_note("a.md", text.encode(), SETTINGS)
    assert len(note.tasks) == 20_000
    assert note.tasks[-1].source.line == 20_000


@pytest.mark.parametrize(
    "value", ["9" * 4000 + "m", "9" * 4000, "1." + "9" * 4000 + "h", "0m", "9999999h", "99999m"]
)
def test_an_estimate_beyond_all_measure_is_absent_and_told(value: str) -> None:
    (task,) = read_note("a.md", f"- [ ] T ⏱ {value}\n".encode(), SETTINGS).tasks
    assert task.text == "T"
    assert task.estimate is None or timedelta() < task.estimate <= timedelta(hours=999)
    assert bool(list(problems_of(task, SETTINGS))) == (task.estimate is None)


@pytest.mark.parametrize(
    "fields",
    ["📅 9999-12-31 ⏳ 0001-01-01 ", "🔁 every 999999999 years ", "⛔ a,a,a 🆔 a ", "#a " * 9_000,
     "📅 2026-01-01 " * 3_000, "[due:: 2026-01-01) " * 2_000, "🔁 every day and " * 2_000],
)  # fmt: skip
def test_a_line_of_fields_is_read_and_checked(fields: str) -> None:
    (task,) = read_note("a.md", f"- [ ] T {fields}\n".encode(), SETTINGS).tasks
    assert task.text.startswith("T")
    list(problems_of(task, SETTINGS))


def test_a_mark_of_quotes_in_the_middle_of_a_brief_stays() -> None:
    text = "> - [ ] T\n>   first > second\nlazy > third\n"
    (task,) = read_note("a.md", text.encode(), SETTINGS).tasks
    assert "first > second" in task.brief
    assert "lazy > third" in task.brief


@pytest.mark.parametrize("space", ["\xa0", "\x0c", "\u3000", "\u2003"])
def test_a_box_below_an_item_of_odd_spaces_is_no_task_and_the_rest_is_read(space: str) -> None:
    note = f"- {space}\n  [x] b\n- [ ] a\n".encode()
    assert [task.text for task in read_note("a.md", note, SETTINGS).tasks] == ["a"]
