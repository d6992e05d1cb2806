"""What became of what was handed over, for a terminal, a pipe, or a script.

Rule: values in, lines or shapes out; all text goes through the pen.
"""

from __future__ import annotations

from collections.abc import Iterator

from mdtasks.plan.handed import Account, Accounts
from mdtasks.render.json import Shape
from mdtasks.render.pen import Cell, counted
from mdtasks.render.terminal import Show

_HEAD = ("", "handed over", "done", "waiting", "late", "half within", "longest", "rework")


def show_accounts(found: Accounts, show: Show) -> Iterator[str]:
    """Yield a row a person, and what is not known."""
    pen = show.pen
    yield pen.write(show.days(found.first, found.last), "bold")
    yield ""
    if not found.people:
        yield from pen.wrapped("Nothing is handed over. `mdtasks hand KEY NAME` does it.")
        return
    head: list[Cell] = [(word, "dim") for word in _HEAD]
    yield from pen.columns([head, *(_row(each) for each in found.people)], 0, 0)
    yield ""
    yield from pen.wrapped(_about(found), "dim")


def _row(account: Account) -> list[Cell]:
    late = str(account.late) if account.late else ""
    return [
        (account.who, "bold"),
        _right(str(account.handed), 1),
        _right(str(account.done), 2),
        _right(str(account.waiting), 3),
        (_right(late, 4)[0], "red"),
        _right(_days(account.median), 5),
        _right(_days(account.longest), 6),
        (_rework(account), "yellow" if account.rework else ""),
    ]


def _right(text: str, column: int) -> Cell:
    return f"{text:>{len(_HEAD[column])}}", ""


def _days(days: float | None) -> str:
    if days is None:
        return ""
    return "same day" if days == 0 else f"{days:g} {'day' if days == 1 else 'days'}"


def _rework(account: Account) -> str:
    if not account.rework:
        return ""
    share = "" if account.share is None else f" ({round(account.share * 100)} %)"
    return counted(account.rework, "time") + share


def _about(found: Accounts) -> str:
    unknown = sum(each.unknown for each in found.people)
    done = sum(each.done for each in found.people)
    words = "Days are counted from [handed:: …] to ✅."
    if unknown:
        words += f" For {unknown} of {counted(done, 'done task')} they are not known."
    if any(each.rework for each in found.people):
        words += " The share is that of the tasks that came back for more."
    return words


# For scripts


def shape(found: Accounts) -> Shape:
    """Return the accounts for `--json`."""
    return {
        "first": found.first.isoformat(),
        "last": found.last.isoformat(),
        "people": [_shape(each) for each in found.people],
    }


def _shape(account: Account) -> Shape:
    return {
        "name": account.who,
        "handed_over": account.handed,
        "done": account.done,
        "waiting": account.waiting,
        "late": account.late,
        "median": account.median,
        "longest": account.longest,
        "unknown": account.unknown,
        "rework": account.rework,
        "reworked": account.reworked,
        "share": None if account.share is None else round(account.share, 4),
    }
