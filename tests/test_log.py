"""The time log of a note: four kinds, read exactly, and free where there is none."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

import pytest

from mdtasks.model import Interval, Note
from mdtasks.read import log_lines
from mdtasks.read.blocks import TooDeepError
from mdtasks.read.log_lines import items_below, read_plain, read_slowly
from mdtasks.read.note import read_note
from mdtasks.settings import ReadSettings
from tests.markdown_fragments import document

CASES = Path(__file__).parent / "cases" / "log.md"
SETTINGS = ReadSettings(dialects=(*ReadSettings().dialects, "tasknotes"))
DAY = "2026-11-22.md"
MANY = 100_000


def read(text: str | bytes, path: str = DAY, settings: ReadSettings = SETTINGS) -> Note:
    return read_note(path, text.encode() if isinstance(text, str) else text, settings)


def shown(each: Interval) -> str:
    times = (
        "" if moment is None else moment.isoformat(" ").replace(":00", "", moment.second == 0)
        for moment in (each.start, each.end)
    )
    owner = f"of line {each.task_line}" if each.task_line else ""
    return " ".join(f"{each.source.line}: {' -> '.join(times)} {each.text}{owner}".split())


def golden() -> list[tuple[str, str, str]]:
    """Return title, path and note of each case."""
    found = re.findall(
        r"^# ([^\n]+)\npath: ([^\n]+)\n<<<\n(.*?)^>>>\n",
        CASES.read_text(),
        re.MULTILINE | re.DOTALL,
    )
    assert len(found) == CASES.read_text().count("<<<")
    return found


def said(path: str, text: str) -> str:
    """Return what a note's log says, a line for each interval and each problem."""
    note = read(text, path)
    lines = [shown(each) for each in note.intervals]
    lines += [f"problem {each.line}: {each.message}" for each in note.problems]
    return "".join(f"{line}\n" for line in lines)


def test_the_cases_say_what_they_said(update: bool) -> None:
    now = "\n".join(
        f"# {title}\npath: {path}\n<<<\n{text}>>>\n{said(path, text)}"
        for title, path, text in golden()
    )
    if update:
        CASES.write_text(now)
    assert CASES.read_text() == now


@pytest.mark.parametrize(("title", "path", "text"), golden(), ids=lambda value: value[:30])
def test_each_interval_has_its_line_as_its_source(title: str, path: str, text: str) -> None:
    lines = text.split("\n")
    for each in read(text, path).intervals:
        assert each.source.text == lines[each.source.line - 1]
        assert each.source.path == path


@pytest.mark.parametrize(("title", "path", "text"), golden(), ids=lambda value: value[:30])
def test_line_ends_and_a_byte_order_mark_change_nothing(title: str, path: str, text: str) -> None:
    windows = b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()
    expected = read(text, path)
    found = read(windows, path)
    assert (found.intervals, found.problems) == (expected.intervals, expected.problems)


def test_the_heading_is_what_is_set() -> None:
    text = "## Zeitbuch\n\n- 09:00 - 10:00 Write\n\n## Time log\n\n- 11:00 - 12:00 Call\n"
    note = read(text, settings=SETTINGS._replace(log_heading="zeitbuch"))
    assert [each.text for each in note.intervals] == ["Write"]


def test_the_day_is_that_of_the_daily_note() -> None:
    daily = SETTINGS.daily_notes._replace(folder="Journal", format="YYYY/MM/DD")
    text = "# Time log\n- 09:00 - 10:00 Write\n"
    settings = SETTINGS._replace(daily_notes=daily, schedule_daily=False)
    (found,) = read(text, "Journal/2026/11/20.md", settings).intervals
    assert f"{found.start:%Y-%m-%d}" == "2026-11-20"
    assert read(text, "2026/11/20.md", settings).intervals == ()


def test_with_a_global_filter_only_tasks_have_clocks() -> None:
    clock = "  CLOCK: [2026-11-22 Sun 13:00]--[2026-11-22 Sun 14:00] =>  1:00\n"
    note = read(
        f"- [ ] #task a\n{clock}- [ ] b\n{clock}", settings=SETTINGS._replace(global_filter="#task")
    )
    assert [each.source.line for each in note.intervals] == [2]


def test_bytes_that_are_no_text_come_through() -> None:
    (found,) = read(b"# Time log\n- 09:00 - 10:00 caf\xe9\n").intervals
    assert found.text == "caf\udce9"


# Hostile notes


def test_a_hundred_thousand_lines_are_read() -> None:
    note = read("# Time log\n" + "- 09:00 - 09:01 x\n" * MANY)
    assert len(note.intervals) == MANY
    assert note.intervals[-1].source.line == MANY + 1


def test_a_hundred_thousand_clocks_are_read() -> None:
    clock = "  CLOCK: [2026-11-22 Sun 13:00]--[2026-11-22 Sun 14:00]\n"
    note = read("- [ ] a\n" + clock * (MANY // 2) + "- [ ] b\n" + clock * (MANY // 2))
    assert len(note.intervals) == MANY


@pytest.mark.parametrize(
    "line",
    [
        "- " + "09:00 - " * 9000,
        "- 09:00" + " " * 60_000 + "x",
        "- 09:00 - " + "1" * 60_000,
        "- 99999:00 - 10:00",
        "- 00:00 - 24:00 a day",
        "- 24:00 - 24:00",
        "- 0:00am - 0:00pm",
        "#" * 60_000,
        "# " + " #" * 30_000,
        "- [ ] x\n  CLOCK: [" + "[" * 60_000,
        "- [ ] x\n  CLOCK: [2026-11-22 " + " " * 60_000 + "13:00]",
        "- [ ] x\n  CLOCK: [9999-12-31 Fri 23:59]--[0001-01-01 Mon 00:00]",
        "- [ ] x\n  ```yaml\n  planner:\n    log:\n" + "      - start:\n" * 1000 + "  ```",
        "- 09:00 - 10:00 " + "x" * 70_000,
        "> " * 3000 + "- 09:00 - 10:00 deep",
    ],
    ids=range(15),
)
def test_no_line_breaks_the_reading(line: str) -> None:
    note = read(f"# Time log\n\n{line}\n- 11:00 - 12:00 Write\n")
    assert all(len(each.source.text) <= 64 * 1024 for each in note.intervals)
    assert all(1900 <= each.start.year <= 9999 for each in note.intervals)


def test_a_line_that_is_too_long_says_so() -> None:
    found = read("# Time log\n- 09:00 - 10:00 " + "x" * 70_000 + "\n- 10:00 - 11:00 y\n")
    assert [(each.line, each.message) for each in found.problems] == [
        (2, "a line over 64 KiB is not read")
    ]
    assert [each.text for each in found.intervals] == ["y"]


def test_a_note_nested_too_deep_says_so() -> None:
    found = read("# Time log\n" + "> " * 3000 + "- 09:00 - 10:00 x\n%%\n")
    assert ["nested too deep" in each.message for each in found.problems] == [True]


# The quick reading of a list against markdown-it-py

LINES = (
    "# Time log", "## Time Log", "### Later", "# Other", "Time log", "---", "===",
    "- 09:00 - 10:00 Write", "- 13:05 - Run", "* 9-11am x", "  - 09:10 - 09:20 in",
    "    - 09:10 - 09:20 in", "- note", "- [ ] 09:00 - 10:00 task", "  text", "text", "", "", "```",
    "~~~", "  ```", "<!-- c -->", "<div>", "1. 09:00 - 10:00 x", "- - 09:00 - 10:00 x",
    "> - 09:00 - 10:00 q", "- > 09:00 - 10:00 q", "    code", "\t- 09:00 - 10:00 tab",
    "-\t09:00 - 10:00", "-      09:00 - 10:00 far", "- 09:00 - 10:00 a | b", "  --- | ---",
    "***", "-", "[a]: /b", "####### seven", " # Time log", "%%", " - 09:00 - 10:00 one", " text",
)  # fmt: skip


def some_log(random: Random) -> list[str]:
    """Return lines of which many are entries, and others of any kind."""
    if random.random() < 0.3:
        lines = [line.replace("\r", "") for line in document(random).split("\n")]
        lines.insert(random.randrange(len(lines) + 1), "# Time log")
        at = random.randrange(len(lines) + 1)
        return [*lines[:at], "- 09:00 - 10:00 Write", *lines[at:]]
    plain = (*LINES[:1] * 3, *LINES[7:9] * 3, "", "")
    count = random.randrange(1, 14)
    return [random.choice(plain if random.random() < 0.6 else LINES) for _ in range(count)]


def test_what_is_read_plainly_is_what_markdown_says(fuzz_documents: int, fuzz_seed: int) -> None:
    random = Random(fuzz_seed)
    sure = entries = 0
    for _ in range(fuzz_documents // 4):
        lines = some_log(random)
        found = read_plain("time log", lines)
        if found is not None:
            try:
                assert found == read_slowly("time log", lines), "\n".join(lines)
            except TooDeepError:
                continue
            sure += 1
            entries += len(found)
    assert sure > fuzz_documents // 20
    assert entries > fuzz_documents // 40


def test_a_plain_list_needs_no_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_lines, "parse", None)
    text = "# Day\n\n```\ncode\n```\n\n## Time log\n\n- 09:00 - 10:00 Write\n  more\n\n## Notes\n"
    assert [item.line for item in items_below("Time log", text.split("\n"))] == [8]
