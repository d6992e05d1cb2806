"""All about one task in the plan, for `mdtasks plan --why KEY`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mdtasks.dates import format_duration
from mdtasks.model import Block, Task
from mdtasks.plan.reasons import day_name
from mdtasks.plan.rivals import Contest, Rival
from mdtasks.render.pen import Cell, Pen
from mdtasks.render.plan import KIND_STYLES, length, task_text, with_reasons
from mdtasks.render.terminal import Show

_MOST = 20


def why(value: Contest, tasks: Mapping[str, Task], show: Show) -> Iterator[str]:
    """Yield its place, the facts, and the blocks that go first, each with its reason."""
    pen, task = show.pen, value.task
    yield pen.write(task_text(task), "bold") + "  " + pen.write(task.key, "cyan")
    yield pen.write(f"{task.source.path}:{task.source.line}", "dim")
    yield ""
    if value.place:
        reasons: list[Cell] = [(block.reason, "") for block in value.place]
        yield from with_reasons([_place(b, show) for b in value.place], reasons, pen, 0)
    else:
        yield from pen.wrapped(f"no place: {value.no_place}", "yellow", 2)
    yield ""
    yield from _facts(value, pen)
    if value.rivals:
        yield from ("", pen.write("Earlier time is held by", "bold"))
        shown = value.rivals[:_MOST]
        whys: list[Cell] = [(rival.why, "") for rival in shown]
        yield from with_reasons([_rival(rival, tasks, show) for rival in shown], whys, pen, 1)
        if len(value.rivals) > _MOST:
            yield pen.write(f"  and {len(value.rivals) - _MOST} more", "dim")
    elif value.place:
        yield from ("", "No block of another task holds earlier time that it could use.")


def _facts(value: Contest, pen: Pen) -> Iterator[str]:
    wide = max((len(name) for name, _ in value.facts), default=0) + 4
    for name, words in value.facts:
        first, *others = pen.wrapped(words, "", wide)
        yield "  " + pen.write(name, "dim") + " " * (wide - 2 - len(name)) + first[wide:]
        yield from others


def _place(block: Block, show: Show) -> list[Cell]:
    return [
        (_when(block, show), "bold"),
        (format_duration(length(block)), "dim"),
        ("late" if block.late else "", "red"),
    ]


def _rival(rival: Rival, tasks: Mapping[str, Task], show: Show) -> list[Cell]:
    block = rival.block
    key = tasks[block.tasks[0]].key if len(block.tasks) == 1 and block.tasks[0] in tasks else ""
    return [
        (_when(block, show), "dim"),
        (block.title, KIND_STYLES.get(block.kind, "")),
        (key, "cyan"),
    ]


def _when(block: Block, show: Show) -> str:
    return f"{day_name(block.start.date(), show.today)} {show.times(block)}"
