"""The plan as Markdown: every title comes back as the text that it is, and nothing is a task."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from mdtasks.model import Source, Task
from mdtasks.read.note import read_note
from mdtasks.render.clean import for_terminal
from mdtasks.render.plan_markdown import markdown
from mdtasks.settings import ReadSettings
from tests.plan_pages import page
from tests.planned import HOUR, MONDAY, case
from tests.planner_rules import task

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
# What Obsidian reads beyond CommonMark: links, tags, comments, highlights, formulas.
OBSIDIAN = re.compile(r"(?<!\\)(?:\[\[|#\w|%%|==|\$|~~)")

HOSTILE = [
    "*bold* _italic_ `code` ~~gone~~ ==high== **x**",
    "[[Other note]] [link](http://x.y) ![image](a.png) <b>html</b> <http://a.b>",
    "# heading",
    "- [ ] a box",
    "[ ] a box",
    "1. first",
    "12) twelfth",
    "+ plus",
    "---",
    "===",
    "> quote",
    "a | b | c",
    "&amp; &lt; &#42;",
    "100 % sure %%hidden%% $x^2$ #tag",
    "back\\slash \\* end\\",
    "``` fence",
    "~~~ fence",
    "<!-- comment",
    "    four spaces",
    "due:: 2026-01-01 [due:: tomorrow]",
    "line\nbreak\ttab",
    "\x1b[31mred\x07 \u202egpj.exe",
    ": definition",
    "| --- |",
    "^block-id",
]


def inlines(lines: list[str]) -> Iterator[Token]:
    for token in PARSER.parse("\n".join(lines)):
        if token.type == "inline":
            yield token


def said(token: Token) -> str:
    """Return the text of a paragraph, and what is strong of it; nothing else may be there."""
    kinds = {child.type for child in token.children or ()}
    assert kinds <= {"text", "strong_open", "strong_close"}, kinds
    return "".join(child.content for child in token.children or ())


def flat(text: str) -> str:
    """Return what a title is on one line of text."""
    clean = for_terminal(text.replace("\n", " ").replace("\t", " "), tty=False)
    return clean.strip()


def of(*tasks: Task, why: bool = False) -> list[str]:
    return list(markdown(page(case(*tasks), why=why)))


def comes_back(title: str) -> None:
    """Assert that the title of a block, of a batch's task and of what has no place is text."""
    block = task("Block", text=title, estimate=HOUR, due=MONDAY)
    small = [task(f"Small {n}", text=title, due=MONDAY) for n in range(2)]
    homeless = task("Homeless", text=title, estimate=30 * HOUR, due=MONDAY)
    lines = of(block, *small, homeless)
    shown = [said(token) for token in inlines(lines)]
    expected = flat(title)
    rows = [line for line in shown if f"{expected} [[Home]]" in line]
    assert len(rows) == 5, (expected, shown)  # at risk, block, two of the batch, no place
    assert f"{expected} [[Home]]" in rows
    assert (
        read_note("Plan.md", "\n".join(lines).encode("utf-8", "replace"), ReadSettings()).tasks
        == ()
    )


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_title_is_text(title: str) -> None:
    comes_back(title)


@given(st.text(st.characters(codec="utf-8"), min_size=1).filter(lambda text: flat(text).strip()))
@example("`a`")
@example("\\")
@example("_")
def test_any_title_is_text(title: str) -> None:
    comes_back(title)


@given(st.text(alphabet="*_`[]()<>#+-=|~$%\\!&;:.1a ", min_size=1).filter(str.strip))
def test_any_title_of_marks_is_text(title: str) -> None:
    comes_back(title)


@pytest.mark.parametrize("title", HOSTILE)
def test_obsidian_reads_no_more_of_a_title_than_text(title: str) -> None:
    (line,) = [line for line in of(task("A", text=title, estimate=HOUR)) if "09:00" in line]
    assert not OBSIDIAN.search(line.replace("[[Home]]", ""))


def test_each_day_has_a_heading_and_its_load() -> None:
    lines = of(task("Write", estimate=HOUR))
    assert lines[:5] == ["# Plan", "", "## Monday 23 November", "", "1h of 5h focus, 6h55m free"]
    assert lines[6] == "- 09:00–10:00 Write [[Home]] (1h)"


def test_reasons_come_where_they_are_asked_for() -> None:
    lines = of(task("Write", estimate=HOUR), why=True)
    assert "- 09:00–10:00 Write [[Home]] (1h): needs 1h" in lines


def test_a_batch_lists_its_tasks() -> None:
    lines = of(task("Call", due=MONDAY), task("Pay", due=MONDAY))
    at = lines.index("- 09:00–09:30 2 small tasks (30m)")
    assert set(lines[at + 1 : at + 3]) == {"    - Call [[Home]]", "    - Pay [[Home]]"}


def test_a_note_that_no_link_can_name_is_named_as_text() -> None:
    odd = task("Write", estimate=HOUR)
    odd = Task(Source("a [b] #c|d.md", 1, ""), odd.status, " ", "Write", "Write", estimate=HOUR)
    (line,) = [line for line in of(odd) if "09:00" in line]
    assert line == r"- 09:00–10:00 Write (a \[b\] \#c\|d) (1h)"


def test_a_risk_stands_above_the_days() -> None:
    lines = of(task("Write", estimate=30 * HOUR, due=MONDAY))
    assert lines[2:5] == ["## At risk", "", "- **due today: 30h left, 8h free** Write [[Home]]"]


def test_no_blocks_are_said() -> None:
    assert "No blocks: no open task asks for time in these days." in of()
