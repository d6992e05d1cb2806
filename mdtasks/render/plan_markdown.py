"""The plan as a page of Markdown: a heading a day, a list of its blocks.

Rule: what comes from a note stays text: no emphasis, link, tag, comment, HTML or box comes of it.
A page of this may lie in a vault, and no line of it is a task.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from mdtasks.dates import format_duration
from mdtasks.model import Block, Task
from mdtasks.render.plan import (
    NOT_AS_WISHED,
    Day,
    Page,
    crowd_words,
    day_words,
    days_of,
    head_words,
    length,
    move_words,
    moved_words,
    no_blocks,
    risk_words,
    task_text,
    times,
    unplaced,
)

# What CommonMark, its tables, strikethrough, and Obsidian read as more than text anywhere.
_SPECIAL = re.compile(r"[\\`*_\[\]<>&#|~$]|=(?==)|%(?=%)|(?<==)=|(?<=%)%|:(?=:)")
# What they read so at the beginning of a list item.
_LEADING = re.compile(r"([-+]|=+|:|[0-9]{1,9}(?=[.)]))")
# A word that some programs make a link of by itself.
_UNLINKABLE = re.compile(r"[\[\]|#^\\]")


def markdown(page: Page) -> Iterator[str]:
    """Yield the lines of the page."""
    yield "# Plan"
    if page.outlook.risks:
        yield from ("", "## At risk", "")
    for risk in page.outlook.risks:
        task = page.tasks.get(risk.task)
        yield f"- **{escaped(risk_words(risk, task, page.show), page)}** {_named(task, page)}"
    if page.plan.notices:
        yield from ("", f"## {NOT_AS_WISHED}", "")
    for notice in page.plan.notices:
        yield f"- {escaped(notice, page)}"
    for day in days_of(page):
        yield from _day(day, page)
    yield from no_blocks(page.plan)
    entries = unplaced(page.plan)
    if entries:
        yield from ("", "## Does not fit", "")
    for entry in entries:
        yield f"- {_named(page.tasks.get(entry.task), page)}: {escaped(entry.reason, page)}"
    if crowd := crowd_words(page.plan):
        yield from ("", crowd)
    if page.plan.moved:
        yield from ("", f"## {moved_words(page.plan)}", "")
    for move in page.plan.moved:
        words = escaped(f"{move_words(move, page)}, {move.reason}", page)
        yield f"- {_named(page.tasks.get(move.task), page)}: {words}"


def _day(day: Day, page: Page) -> Iterator[str]:
    yield from ("", f"## {day_words(day, page.show)}", "", ", ".join(head_words(day)))
    if day.blocks:
        yield ""
    for block in day.blocks:
        yield from _block(block, page)


def _block(block: Block, page: Page) -> Iterator[str]:
    """Yield the block, and the tasks of a batch below it."""
    tasks = [page.tasks[uid] for uid in block.tasks if uid in page.tasks]
    when = f"{times(block, page.show)} "
    tail = f" ({format_duration(length(block))})" + (" **late**" if block.late else "")
    if page.why and block.reason:
        tail += f": {escaped(block.reason, page)}"
    if len(tasks) == 1:
        yield f"- {when}{_named(tasks[0], page)}{tail}"
        return
    yield f"- {when}{_count(tasks) if tasks else escaped(block.title, page)}{tail}"
    for task in tasks:
        yield f"    - {_named(task, page)}"


def _count(tasks: list[Task]) -> str:
    return f"{len(tasks)} small tasks"


def _named(task: Task | None, page: Page) -> str:
    """Return the task's text and a link to its note."""
    if task is None:
        return ""
    return f"{escaped(task_text(task), page)} {_link(task, page)}"


def _link(task: Task, page: Page) -> str:
    name = page.show.pen.plain(PurePosixPath(task.source.path).stem)
    # No link in Obsidian may hold these.
    return f"({escaped(name, page)})" if _UNLINKABLE.search(name) else f"[[{name}]]"


def escaped(text: str, page: Page) -> str:
    """Return `text` on one line so that Markdown reads it as nothing but that text."""
    clean = page.show.pen.plain(text).strip()
    marked = _SPECIAL.sub(r"\\\g<0>", clean)
    return _LEADING.sub(_with_backslash, marked, count=1) if _LEADING.match(marked) else marked


def _with_backslash(match: re.Match[str]) -> str:
    found = match[1]
    return f"{found}\\" if found[0].isdigit() else f"\\{found}"
