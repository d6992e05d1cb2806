"""Which dialects a vault is written in: by clear marks, and never by what several share."""

from __future__ import annotations

import pytest

from mdtasks.model import Source
from mdtasks.read.guess import DIALECTS, Evidence, guess, is_task_note, marks


@pytest.mark.parametrize(
    ("body", "dialects"),
    [
        ("Call 📅 2026-01-02", {"emoji"}),
        ("Call 🗓️2026-01-02", {"emoji"}),
        ("Call ⏫", {"emoji"}),
        ("Call 🔁 every week", {"emoji"}),
        ("Call [due:: 2026-01-02]", {"dataview"}),
        ("Call (repeat:: every day)", {"dataview"}),
        ("Call 📅 2026-01-02 [estimate:: 2h]", {"emoji", "dataview"}),
        ("09:00 - 10:30 Write", {"dayplanner"}),
        ("#deep 9am Write", {"dayplanner"}),
        ("Call >2026-01-02", {"noteplan"}),
        ("Call >2026-W02", {"noteplan"}),
        ("Call >today", {"noteplan"}),
        ("Call @done(2026-01-02 10:30)", {"noteplan"}),
        ("Water @repeat(1w)", {"noteplan"}),
        ("!! Call", {"noteplan"}),
        ("(A) Call", {"todotxt"}),
        ("Call due:2026-01-02 +home @phone", {"todotxt"}),
        ("Card @{2026-09-16} @@{20:26}", {"kanban"}),
        ("Card @[[2026-09-16]]", {"kanban"}),
        ("Call (@2026-07-13 09:00)", {"reminder"}),
        ("Call (@2026-07-13)", {"reminder"}),
    ],
)
def test_a_clear_mark_is_evidence(body: str, dialects: set[str]) -> None:
    assert set(marks(body)) == dialects


@pytest.mark.parametrize(
    "body",
    [
        "Call @sam about +garden #home",
        "a > b, and > 2026-01-02",
        "->2026-01-02",
        ">2026",
        "https://a.example/>today-is",
        "wow!!! great",
        "!important",
        "(a) first (AB) second",
        "answer (A) or (B) now",
        "wow !! great",
        "overdue:2026-01-02",
        "due:tomorrow",
        "📅 next week",
        "[colour:: blue] [due::]",
        "v1.20 release, 3.14 pi, 2026-01-02",
        "`>2026-01-02` and `📅 2026-01-02` and ``[due:: 2026-01-02]``",
        "mail x@{y} (@sam)",
        "",
    ],
)
def test_what_may_be_plain_words_is_no_evidence(body: str) -> None:
    assert list(marks(body)) == []


def test_lines_are_counted_and_the_first_is_shown() -> None:
    texts = [
        "- [ ] one 📅 2026-01-02",
        "> * [x] (A) two ⏫",
        "no box 📅 2026-01-02",
        "- [ ] three ⏫",
    ]
    lines = [Source("a.md", number, text) for number, text in enumerate(texts, start=1)]
    assert guess(lines) == {"emoji": Evidence(3, lines[0]), "todotxt": Evidence(1, lines[1])}


def test_every_dialect_that_is_found_is_one_of_the_list() -> None:
    bodies = "09:00 x [due:: 1] ⏫", "(A) >today @{2026-01-01} (@2026-01-01)"
    assert {name for body in bodies for name in marks(body)} == {*DIALECTS} - {"tasknotes"}


def test_a_long_line_of_marks_takes_no_longer_than_its_length() -> None:
    for piece in ("(@2026", "[due:: ", "@{2026-01-0", "📅 ", "`", "!", ">2026-W", "#a ", "🔁 a "):
        assert len(list(marks(piece * 20_000))) <= len(DIALECTS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("---\ntitle: A\nstatus: open\ntags:\n  - task\n---\n", True),
        ("---\r\nstatus: open\r\ntags: [work, task]\r\n---\r\n", True),
        ("---\nstatus: open\ntimeEstimate: 30\n---\n", True),
        ("---\nstatus: open\ntags: [tasks]\n---\n", False),
        ("---\nstatus: draft\n---\n- task\n", False),
        ("---\ntags: task\n---\n", False),
        ("status: open\ntimeEstimate: 30\n", False),
        ("", False),
    ],
)
def test_a_note_of_task_notes_is_known_by_its_front_matter(text: str, expected: bool) -> None:
    assert is_task_note(text.encode()) is expected


def test_front_matter_that_is_no_text_is_no_task_note() -> None:
    assert not is_task_note(b"---\n\xff\xfe\x00status: open")
