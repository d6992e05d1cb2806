"""A note that is a task, as the plugin TaskNotes keeps them: the front matter says all.

    ---
    tags: [task]
    status: open
    due: 2026-11-24
    ---

Rule: values of the front matter in, by the names of Task, what they say out. What cannot be told
with certainty is absent.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, time, timedelta

from mdtasks.dates import WEEKDAYS, parse_duration, parse_iso
from mdtasks.model import Priority, Source, Status
from mdtasks.plan.recurrence import parse_rule
from mdtasks.read.front_matter import FrontMatter, tags_of
from mdtasks.read.line import Values, unlinked
from mdtasks.read.times import parse_clock

DIALECT = "tasknotes"
DONE, COMPLETED = "done", "completedDate"

# Words in one line, bare or in quotes: only such a line is changed.
STATUS_LINE = re.compile(
    r"(status:[ \t]+)([\"']?)(?P<value>[\w-]+(?: [\w-]+)*)(\2[ \t]*(?:[ \t]#.*)?)"
)
_COMPLETED_LINE = re.compile(rf"[\"']?{COMPLETED}[\"']?[ \t]*:", re.IGNORECASE)

TASK_TAG = "#task"
_STATUSES = {
    "none": Status.TODO,
    "open": Status.TODO,
    "in-progress": Status.IN_PROGRESS,
    "done": Status.DONE,
    "cancelled": Status.CANCELLED,
    "canceled": Status.CANCELLED,
}
_SYMBOLS = {
    Status.TODO: " ",
    Status.IN_PROGRESS: "/",
    Status.DONE: "x",
    Status.CANCELLED: "-",
}
_PRIORITIES = {priority.value: priority for priority in Priority} | {"normal": Priority.NONE}
_MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]([0-9]{2}:[0-9]{2})(?::.*)?)?", re.DOTALL)
_UNITS = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}


def is_task_note(values: FrontMatter) -> bool:
    """Whether the plugin knows the note by its tag, as it does by default."""
    return any(tag.partition("/")[0] == TASK_TAG for tag in tags_of(values))


def read_task_note(path: str, front: Sequence[str], values: FrontMatter) -> Values:
    """Return what the front matter says of its task; `front` are its lines with both marks."""
    first = {key: found[0] for key, found in values.items()}
    line = _status_line(front, values)
    status = _STATUSES.get(first.get("status", "open").lower(), Status.TODO)
    due, due_time = _moment(first.get("due", ""))
    scheduled, begins = _moment(first.get("scheduled", ""))
    contexts = (each.lstrip("@") for each in values.get("contexts", ()))
    title = first.get("title") or path.rpartition("/")[2].rpartition(".")[0]
    row: Values = {
        "source": Source(path, line + 1, front[line]),
        "status": status,
        "symbol": _SYMBOLS[status],
        "text": " ".join((*title.split(), *(f"@{each}" for each in contexts if each))),
        "priority": _PRIORITIES.get(first.get("priority", "").lower(), Priority.NONE),
        "due": due,
        "due_time": due_time,
        "scheduled": scheduled,
        "begins": begins,
        "estimate": _minutes(first.get("timeestimate", "")),
        "done": _moment(first.get(COMPLETED.lower(), ""))[0],
        "created": _moment(first.get("datecreated", ""))[0],
        "recurrence": rule_of(first["recurrence"]) if "recurrence" in first else None,
        "tags": tuple(tag for tag in tags_of(values) if tag != TASK_TAG),
        "project": unlinked(first.get("projects", "")) or unlinked(first.get("project", "")),
        "goal": unlinked(first.get("goal", "")),
        "dialect": DIALECT,
    }
    return {name: each for name, each in row.items() if each is not None}


def _minutes(value: str) -> timedelta | None:
    return parse_duration(value) if value.isascii() and value.isdecimal() else None


def _status_line(front: Sequence[str], values: FrontMatter) -> int:
    """Return the index of the line that can be changed; 0, the mark above, where none certainly
    can, or where a day of completion is said of what is not done."""
    lines = [at for at, line in enumerate(front) if line.startswith("status:")]
    match = STATUS_LINE.fullmatch(front[lines[0]]) if lines else None
    said = values.get("status", ())
    if match is None or len(lines) > 1 or said != (match["value"],):
        return 0
    if match["value"].lower() != DONE and any(map(_COMPLETED_LINE.match, front)):
        return 0
    return lines[0]


def _moment(value: str) -> tuple[date | None, time | None]:
    match = _MOMENT.fullmatch(value)
    day = parse_iso(match[1]) if match else None
    return day, parse_clock(match[2]) if match and day and match[2] else None


def rule_of(rrule: str) -> str:
    """Return our words for an RRULE of the simple kinds; any other one as it stands."""
    lines = [line for line in re.split(r"[\n;]", rrule.upper().replace("RRULE:", "")) if line]
    parts = dict(line.partition("=")[::2] for line in lines if not line.startswith("DTSTART"))
    unit, step = _UNITS.get(parts.pop("FREQ", "")), parts.pop("INTERVAL", "1")
    days = [_DAYS.get(code) for code in parts.pop("BYDAY", "").split(",") if code]
    if unit is None or parts or not step.isdecimal() or None in days or (days and unit != "week"):
        return rrule
    rule = f"every {unit}" if int(step) == 1 else f"every {int(step)} {unit}s"
    if days:
        rule += f" on {', '.join(day for day in days if day)}"
    return rule if parse_rule(rule) else rrule


_DAYS = {name[:2].upper(): name.capitalize() for name in WEEKDAYS}
