"""Where steps go below a task: behind those that it has, with their marks, and nobody else's."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mdtasks.errors import ChangedUnderUsError, RefusedError
from mdtasks.model import Source, Task
from mdtasks.read.note import read_note
from mdtasks.settings import ReadSettings
from mdtasks.write.splice import splice_note
from mdtasks.write.steps import Step, insert_steps

READ = ReadSettings()
TWO = (Step("[ ] new 1"), Step("[ ] new 2"))
NESTED = (Step("[ ] new 1"), Step("[ ] new 2", 1, ("brief",)), Step("[ ] new 3", 1), Step("[ ] 4"))


def task_at(data: bytes, line: int) -> Task:
    return next(t for t in read_note("a.md", data, READ).tasks if t.source.line == line)


def split(note: str | bytes, line: int = 1, steps: tuple[Step, ...] = TWO) -> bytes:
    data = note.encode() if isinstance(note, str) else note
    found = insert_steps("a.md", data, task_at(data, line), steps, READ)
    result = splice_note(data, [found.splice])
    assert splice_note(result.data, result.back).data == data
    return result.data


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("- [ ] a\n", "- [ ] a\n  - [ ] new 1\n  - [ ] new 2\n"),
        ("- [ ] a", "- [ ] a\n  - [ ] new 1\n  - [ ] new 2"),
        ("- [ ] a\r\nb", "- [ ] a\r\nb\r\n  - [ ] new 1\r\n  - [ ] new 2"),
        ("- [ ] a\r\n", "- [ ] a\r\n  - [ ] new 1\r\n  - [ ] new 2\r\n"),
        ("* [ ] a\n\nwords\n", "* [ ] a\n  * [ ] new 1\n  * [ ] new 2\n\nwords\n"),
        ("- [ ] a\n- [ ] b\n", "- [ ] a\n  - [ ] new 1\n  - [ ] new 2\n- [ ] b\n"),
        ("-\t[ ] a\n", "-\t[ ] a\n \t-\t[ ] new 1\n \t-\t[ ] new 2\n"),
        ("1. [ ] a\n", "1. [ ] a\n   1. [ ] new 1\n   2. [ ] new 2\n"),
        ("10) [ ] a\n11) [ ] b\n", "10) [ ] a\n    1) [ ] new 1\n    2) [ ] new 2\n11) [ ] b\n"),
        ("- [ ] a\n\t1. [ ] b\n", "- [ ] a\n\t1. [ ] b\n\t2. [ ] new 1\n\t3. [ ] new 2\n"),
        (
            "- [ ] a\n  1. [ ] b\n  1. [ ] c\n",
            "- [ ] a\n  1. [ ] b\n  1. [ ] c\n  1. [ ] new 1\n  1. [ ] new 2\n",
        ),
        (
            "- [ ] a\n    * [x] b\n      text\n- [ ] c\n",
            "- [ ] a\n    * [x] b\n      text\n    * [ ] new 1\n    * [ ] new 2\n- [ ] c\n",
        ),
        ("- [ ] a\n\tbrief\n", "- [ ] a\n\tbrief\n\t- [ ] new 1\n\t- [ ] new 2\n"),
        (
            "- [ ] a\n- [ ] b\n\t- [ ] c\n",
            "- [ ] a\n\t- [ ] new 1\n\t- [ ] new 2\n- [ ] b\n\t- [ ] c\n",
        ),
        ("> - [ ] a\n> text\n", "> - [ ] a\n> text\n>   - [ ] new 1\n>   - [ ] new 2\n"),
        (
            "> [!todo] x\n> - [ ] a\n>\n> more\n",
            "> [!todo] x\n> - [ ] a\n>   - [ ] new 1\n>   - [ ] new 2\n>\n> more\n",
        ),
        (">- [ ] a\n>b\n", ">- [ ] a\n>b\n>   - [ ] new 1\n>   - [ ] new 2\n"),
        (">> - [ ] a\n", ">> - [ ] a\n>>   - [ ] new 1\n>>   - [ ] new 2\n"),
        ("- > - [ ] a\n", "- > - [ ] a\n  >   - [ ] new 1\n  >   - [ ] new 2\n"),
        ("- - [ ] a\n", "- - [ ] a\n    - [ ] new 1\n    - [ ] new 2\n"),
        (
            "- [ ] a\n  - [ ] b\n\n  - [ ] c\n\n- [ ] d\n",
            "- [ ] a\n  - [ ] b\n\n  - [ ] c\n\n  - [ ] new 1\n\n  - [ ] new 2\n\n- [ ] d\n",
        ),
        (
            "- [ ] a\n\n  text\n\n\n# b\n",
            "- [ ] a\n\n  text\n  - [ ] new 1\n  - [ ] new 2\n\n\n# b\n",
        ),
        (
            "- [ ] a\n  ```\n  x\n  ```\n",
            "- [ ] a\n  ```\n  x\n  ```\n  - [ ] new 1\n  - [ ] new 2\n",
        ),
        ("- [ ] a\n  ```\n  x\n", "- [ ] a\n  - [ ] new 1\n  - [ ] new 2\n  ```\n  x\n"),
    ],
)  # fmt: skip
def test_steps_go_to_the_end_of_their_task(before: str, after: str) -> None:
    line = next(n for n, text in enumerate(before.splitlines(), 1) if "[ ] a" in text)
    assert split(before, line).decode() == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "- [ ] a\n",
            "- [ ] a\n  - [ ] new 1\n    - [ ] new 2\n      brief\n    - [ ] new 3\n  - [ ] 4\n",
        ),
        (
            "* [ ] a\n\t* [ ] b\n",
            "* [ ] a\n\t* [ ] b\n\t* [ ] new 1\n\t\t* [ ] new 2\n\t\t\tbrief\n\t\t* [ ] new 3\n"
            "\t* [ ] 4\n",
        ),
        (
            "100. [ ] a\n",
            "100. [ ] a\n     1. [ ] new 1\n        1. [ ] new 2\n           brief\n"
            "        2. [ ] new 3\n     2. [ ] 4\n",
        ),
        (
            "> 1. [ ] a\n",
            "> 1. [ ] a\n>    1. [ ] new 1\n>       1. [ ] new 2\n>          brief\n"
            ">       2. [ ] new 3\n>    2. [ ] 4\n",
        ),
    ],
)
def test_steps_of_steps_are_indented_further(before: str, after: str) -> None:
    assert split(before, steps=NESTED).decode() == after


def test_bytes_that_are_no_text_and_a_byte_order_mark_stay() -> None:
    note = b"\xef\xbb\xbf- [ ] caf\xe9\r\n\xff\n"
    assert split(note, steps=TWO[:1]) == b"\xef\xbb\xbf- [ ] caf\xe9\r\n\xff\n  - [ ] new 1\n"


def test_a_line_that_is_not_the_tasks_any_more_is_refused() -> None:
    task = task_at(b"- [ ] a\n", 1)
    with pytest.raises(ChangedUnderUsError):
        insert_steps("a.md", b"- [ ] b\n", task, TWO, READ)


def test_a_step_that_would_swallow_what_follows_is_refused() -> None:
    with pytest.raises(RefusedError, match="there is no place below this task"):
        split("- [ ] a\n- [ ] b\n", steps=(Step("[ ] %% new"),))


def test_a_task_that_is_a_whole_note_is_refused_with_what_to_do() -> None:
    task = Task(Source("a.md", 1, "---"), TASKS[0].status, " ", "a", dialect="tasknotes")
    with pytest.raises(RefusedError, match="whole note") as error:
        insert_steps("a.md", b"---\n", task, TWO, READ)
    assert error.value.hint == 'add them there: mdtasks add "a step" --to "a.md"'


TASKS = read_note("a.md", b"- [ ] a\n", READ).tasks

LINES = st.sampled_from(
    ["- [ ] a", "* [x] b 📅 2026-12-01", "  - [ ] c ⏱ 5m", "    - [ ] d", "\t- [ ] t", "1. [ ] e",
     "   2. [ ] f", "text", "  text", "\ttext", "", "", "# H", "```", "  ```", "%%", "  %% x %%",
     "<!--", "-->", "<div>", "> - [ ] q", ">   - [ ] r", "> t", ">", "---", "===", "a | b", "--|--",
     "      code", "-", "-\t[ ] g", "- - [ ] h", "- > - [ ] i", "  CLOCK: [2026-11-03 Tue 14:00]"]
)  # fmt: skip
NOTES = st.tuples(
    st.lists(st.tuples(LINES, st.sampled_from(["\n"] * 6 + ["\r\n", "\r"])), max_size=10),
    st.booleans(),
    st.booleans(),
)


@given(NOTES, st.integers(0, 9), st.sampled_from([TWO, NESTED]))
@example(([("> - [ ] q", "\n"), ("text", "\n")], True, False), 0, TWO)
@settings(max_examples=150, deadline=None)
def test_steps_read_back_as_steps_and_every_other_byte_stays(
    parts: tuple[list[tuple[str, str]], bool, bool], nth: int, steps: tuple[Step, ...]
) -> None:
    rows, bom, ends = parts
    text = "".join(row + end for row, end in rows)
    data = b"\xef\xbb\xbf" * bom + (text if ends else text.rstrip("\r\n")).encode()
    before = read_note("a.md", data, READ).tasks
    if not before:
        return
    task = before[nth % len(before)]
    try:
        result = split(data, task.source.line, steps)
    except RefusedError:
        return
    after = read_note("a.md", result, READ).tasks
    boxes = {step.box.partition("] ")[2]: step for step in steps}
    new = [t for t in after if t.text in boxes]
    assert [t.text for t in new] == list(boxes)
    by_line = {t.source.line: t for t in after}
    for one in new:
        parent = by_line[one.parent_line or 0]
        if boxes[one.text].depth:
            assert parent.text == "new 1"
        else:
            assert (parent.source.line, parent.source.text) == (task.source.line, task.source.text)
    others = [t for t in after if t.text not in boxes]
    assert [t.source.text for t in others] == [t.source.text for t in before]
    old, now = (x.removeprefix(b"\xef\xbb\xbf").splitlines(keepends=True) for x in (data, result))
    count = len(now) - len(old)
    assert any(
        (old[:at], old[at:]) == (now[:at], now[at + count :])
        or (at == len(old) and old[: at - 1] == now[: at - 1] and now[at - 1].startswith(old[-1]))
        for at in range(len(old) + 1)
    )
