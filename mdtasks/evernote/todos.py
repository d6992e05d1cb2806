"""Evernote's tasks -> lines of the vault's dialect.

Rule: pure. A line says what the task says, proven by reading it back; what no line can say stands
below it in words.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mdtasks.errors import MdtasksError
from mdtasks.evernote.enex import Exported, Todo
from mdtasks.evernote.inline import escaped
from mdtasks.model import Priority, Source, Status, Task
from mdtasks.plan.rule_words import parse_rule
from mdtasks.read import dialects
from mdtasks.settings import ReadSettings, WriteSettings
from mdtasks.write.compose import compose, plain
from mdtasks.write.edits import complete
from mdtasks.write.wording import Wording


class Manner(NamedTuple):
    """How lines are written here: the vault's clock, and what it reads."""

    zone: ZoneInfo
    read: ReadSettings

    @property
    def dialect(self) -> str:
        return next((one for one in dialects.WRITERS if one in self.read.dialects), "emoji")


_UNITS = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}
_DAYS = {
    "MO": "Monday",
    "TU": "Tuesday",
    "WE": "Wednesday",
    "TH": "Thursday",
    "FR": "Friday",
    "SA": "Saturday",
    "SU": "Sunday",
}
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_FLAGGED = ("true", "1", "yes", "priority", "high", "flagged")
_PRIORITIES = {"highest": Priority.HIGHEST, "medium": Priority.MEDIUM, "low": Priority.LOW}


def by_group(todos: tuple[Todo, ...], manner: Manner) -> dict[str, list[str]]:
    """Return the lines of the tasks, in their order, by the id of the group they stand in."""
    found: dict[str, list[str]] = {}
    for todo in sorted(todos, key=lambda one: one.value("sortWeight")):
        found.setdefault(todo.value("taskGroupNoteLevelID"), []).extend(lines_of(todo, manner))
    return found


def lines_of(todo: Todo, manner: Manner) -> list[str]:
    """Return the line of a task, and below it what the line cannot say."""
    is_done = todo.value("taskStatus").lower() in ("completed", "done")
    due, due_time = _moment(
        todo.value("dueDate"), todo.value("dueDateUIOption"), todo.value("timeZone"), manner
    )
    reminder = None if is_done else _reminder(todo, manner)
    recurrence = todo.value("recurrence")
    rule = words_of_rule(recurrence, todo.value("repeatAfterCompletion").lower() == "true")
    wording = Wording(
        escaped(" ".join(todo.value("title").split())) or "Untitled",
        priority=_priority(todo.value("taskFlag")),
        recurrence=None if is_done else rule,
        scheduled=reminder[0] if reminder else None,
        begins=reminder[1] if reminder else None,
        due=due,
        due_time=due_time,
    )
    done = (
        _local(todo.value("statusUpdated") or todo.value("updated"), manner.zone)
        if is_done
        else None
    )
    below = []
    if recurrence and not wording.recurrence:
        below.append(f"Repeats in Evernote: {escaped(recurrence)}")
    return _written(wording, is_done, done.date() if done else None, manner, below)


def reminder_lines(note: Exported, manner: Manner) -> list[str]:
    """Return the task that a note with a reminder of its own is."""
    given, done = note.values.get("reminder-time", ""), note.values.get("reminder-done-time", "")
    if not (given or done or note.values.get("reminder-order", "0") not in ("", "0")):
        return []
    moment = _local(given, manner.zone)
    closed = _local(done, manner.zone)
    text = escaped(" ".join(note.title.split())) or "Untitled"
    wording = Wording(text)
    if moment and not closed:
        wording = wording._replace(scheduled=moment.date(), begins=_clock(moment))
    return _written(wording, bool(closed), closed.date() if closed else None, manner, [])


def _written(
    wording: Wording, is_done: bool, done: date | None, manner: Manner, below: list[str]
) -> list[str]:
    try:
        wording = wording._replace(text=plain(wording.text).text)
        line = compose(wording, " ", manner.dialect, None, manner.read)
    except MdtasksError:  # the title says something of the kind itself
        line = f"[ ] {wording.text}"
        said = wording._replace(text="").in_words(date.min)
        below = [f"Evernote says: {said}", *below] if said else below
    if is_done:
        line = _closed(line, done, manner.read)
    return [f"- {line}", *(f"  {one}" for one in below)]


def _closed(line: str, done: date | None, read: ReadSettings) -> str:
    task = Task(Source("", 1, f"- {line}"), Status.TODO, " ", line.removeprefix("[ ] "))
    settings = WriteSettings(done_date=done is not None)
    try:
        edit = complete(task, done or date.min, read, settings)
    except MdtasksError:
        edit = None
    return edit.after[-1].removeprefix("- ") if edit else line.replace("[ ]", "[x]", 1)


def _priority(flag: str) -> Priority | None:
    flag = flag.lower()
    return Priority.HIGH if flag in _FLAGGED else _PRIORITIES.get(flag)


def _reminder(todo: Todo, manner: Manner) -> tuple[date, time | None] | None:
    """Return the first reminder that is still to come; Evernote keeps those that rang."""
    found = []
    for one in todo.reminders:
        if one.get("reminderStatus", "active").lower() in ("", "active", "muted"):
            option, zone = one.get("reminderDateUIOption", ""), one.get("timeZone", "")
            day, clock = _moment(one.get("reminderDate", ""), option or "date_time", zone, manner)
            if day:
                found.append((day, clock))
    return min(found, key=lambda one: (one[0], one[1] or time.min), default=None)


def _moment(text: str, option: str, zone: str, manner: Manner) -> tuple[date | None, time | None]:
    """Return the day, and the time on the vault's clock where one was chosen."""
    if option.lower() in ("date_time", "relative_to_due"):
        local = _local(text, manner.zone)
        return (local.date(), _clock(local)) if local else (None, None)
    local = _local(text, _zone(zone) or manner.zone)
    return (local.date() if local else None), None


def _clock(moment: datetime) -> time:
    return time(moment.hour, moment.minute)


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def parse_moment(text: str) -> datetime | None:
    """Return what `20261123T083000Z` says."""
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def _local(text: str, zone: ZoneInfo) -> datetime | None:
    moment = parse_moment(text)
    try:
        return moment.astimezone(zone) if moment else None
    except OverflowError:
        return None


def words_of_rule(text: str, when_done: bool) -> str | None:
    """Return an RRULE in words that are a rule here, None where no words are."""
    pairs = (part.partition("=") for part in text.upper().removeprefix("RRULE:").split(";"))
    parts = {name.strip(): value.strip() for name, _, value in pairs if name.strip()}
    unit = _UNITS.get(parts.pop("FREQ", ""))
    interval = parts.pop("INTERVAL", "1")
    parts.pop("WKST", None)
    if unit is None or not re.fullmatch("[1-9][0-9]{0,2}", interval):
        return None
    words = f"every {unit}" if interval == "1" else f"every {interval} {unit}s"
    for name in ("BYMONTH", "BYDAY", "BYMONTHDAY", "COUNT", "UNTIL"):
        if value := parts.pop(name, ""):
            said = _SAID[name](value, unit)
            if said is None:
                return None
            words += said
    words = words.replace("week on Monday, Tuesday, Wednesday, Thursday, Friday", "weekday")
    rule = parse_rule(words)
    if parts or rule is None or rule.leftover:
        return None
    return f"{words} when done" if when_done else words


def _in_month(value: str, unit: str) -> str | None:
    known = unit == "year" and re.fullmatch("[1-9]|1[0-2]", value)
    return f" in {_MONTHS[int(value) - 1]}" if known else None


def _on_days(value: str, unit: str) -> str | None:
    if unit == "week" and all(day in _DAYS for day in value.split(",")):
        return f" on {', '.join(_DAYS[day] for day in value.split(','))}"
    nth = re.fullmatch(r"(-1|[1-4])([A-Z]{2})", value)
    if unit == "month" and nth and nth[2] in _DAYS:
        which = "last" if nth[1] == "-1" else _ordinal(int(nth[1]))
        return f" on the {which} {_DAYS[nth[2]]}"
    return None


def _on_month_day(value: str, unit: str) -> str | None:
    if unit not in ("month", "year") or not re.fullmatch("-1|[1-9]|[12][0-9]|3[01]", value):
        return None
    return f" on the {'last' if value == '-1' else _ordinal(int(value))}"


def _times(value: str, unit: str) -> str | None:
    return f" for {value} times" if re.fullmatch("[1-9][0-9]{0,3}", value) else None


def _until(value: str, unit: str) -> str | None:
    try:
        day = datetime.strptime(value[:8], "%Y%m%d").date()
    except ValueError:
        return None
    return f" until {_MONTHS[day.month - 1]} {day.day}, {day.year}"


def _ordinal(number: int) -> str:
    suffix = "th" if 10 < number < 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


_SAID = {
    "BYMONTH": _in_month,
    "BYDAY": _on_days,
    "BYMONTHDAY": _on_month_day,
    "COUNT": _times,
    "UNTIL": _until,
}
