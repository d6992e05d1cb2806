"""What `mdtasks check` shows: faults, advice, and a diff of what it would mend.

Rule: values in, lines out; one line a finding, `path:line: message`, as editors read it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from mdtasks.model import Edit, Problem
from mdtasks.render.pen import Pen

# More advice than that at once is none.
ADVICE_SHOWN = 10


def faults(found: Sequence[Problem], pen: Pen) -> Iterator[str]:
    """Yield each finding, and the hint below it."""
    for problem in found:
        place = pen.write(f"{problem.path}:{problem.line}:", "cyan")
        yield f"{place} {pen.write(problem.message)}"
        if problem.hint:
            yield "  " + pen.write(f"hint: {problem.hint}", "dim")


def advice(found: Sequence[Problem], pen: Pen, everything: bool) -> Iterator[str]:
    """Yield the advice under a heading of its own, the first few or `everything`."""
    if not found:
        return
    shown = found if everything else found[:ADVICE_SHOWN]
    rest = f", the first {len(shown)}; --all shows every one" if len(shown) < len(found) else ""
    yield pen.write(f"Advice ({len(found)}{rest})", "bold")
    yield from faults(shown, pen)


def diff(offered: Sequence[tuple[Edit, Sequence[str]]], pen: Pen) -> Iterator[str]:
    """Yield a unified diff without context, each change with its reasons behind the place.

    The edits are in the order of path and line, each of one line, which may get another beside it.
    """
    for path, group in groupby(offered, key=lambda pair: pair[0].path):
        yield pen.write(f"--- {path}", "bold")
        yield pen.write(f"+++ {path}", "bold")
        more = 0
        for edit, reasons in group:
            length = f",{len(edit.after)}" if len(edit.after) > 1 else ""
            place = pen.write(f"@@ -{edit.line} +{edit.line + more}{length} @@", "cyan")
            yield f"{place} {pen.write('; '.join(reasons), 'dim')}"
            yield from _change(edit, pen)
            more += len(edit.after) - 1


def _change(edit: Edit, pen: Pen) -> Iterator[str]:
    if edit.before not in edit.after:
        yield _line(f"-{edit.before}", "red", pen)
    for line in edit.after:
        yield _line(f" {line}", "", pen) if line == edit.before else _line(f"+{line}", "green", pen)


def unified(lines: Sequence[str], pen: Pen) -> Iterator[str]:
    """Yield a unified diff of the usual form, with colours."""
    styles = {"-": "red", "+": "green", "@": "cyan"}
    for number, text in enumerate(lines):
        yield _line(text, "bold" if number < 2 else styles.get(text[:1], ""), pen)


def _line(text: str, style: str, pen: Pen) -> str:
    # A tab is an indent of the note, and part of the diff.
    return "\t".join(pen.write(part, style) for part in text.split("\t"))
