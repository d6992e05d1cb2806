"""The tables that shape the days: hours, blocks, times of day, quotas, lunch.

Rule: as in values.py a reader takes what TOML gave, but it names the key that is at fault itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from mdtasks.settings import DAYPARTS, DAYS, Hours, Lunch, Quota, Reserve, Span
from mdtasks.toml import values
from mdtasks.toml.faults import FaultError, KeyPath, UnknownKeyError, record, records, shown, take
from mdtasks.toml.faults import table as table_of
from mdtasks.toml.values import Reader, as_toml

# A range of dates is kept day by day.
_LONGEST_RANGE = 366
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MARK = re.compile(r"""#[^\s!@#$%^&*(),.?":{}|<>]+|@\w[\w/-]*|[^#@].*""")
_QUOTA = re.compile(r"([1-7]) ?/ ?week,? (\S.*)")


def hours(value: object) -> Hours:
    """Return the week, the default where nothing is said, and the exceptions; later lines win."""
    week = list(Hours().week)
    exceptions: dict[date, tuple[Span, ...]] = {}
    for name, said in table_of(value).items():
        path = ("hours", name)
        if name[:1].isdigit():
            dates = _dates(path, name)
            exceptions |= dict.fromkeys(dates, take(path, values.spans, said))
            continue
        days = weekdays(name)
        if not days:
            raise UnknownKeyError(path, (*DAYS, "mon-fri", "sat-sun", "2026-12-24"))
        for day in days:
            week[day] = take(path, values.spans, said)
    return Hours(tuple(week), MappingProxyType(exceptions))


def weekdays(name: str) -> list[int]:
    """Return the days, from Monday = 0, of "wed", "mon-fri" or, over the weekend, "sat-mon"."""
    first, dash, last = name.partition("-")
    if not dash:
        last = first
    if first not in DAYS or last not in DAYS:
        return []
    begin, end = DAYS.index(first), DAYS.index(last)
    return [(begin + n) % 7 for n in range((end - begin) % 7 + 1)]


def _dates(path: KeyPath, name: str) -> list[date]:
    """Return the days of "2026-12-24" or "2026-12-27..2027-01-01"."""
    begin, dots, end = (part.strip() for part in name.partition(".."))
    first = _date(path, begin)
    last = _date(path, end) if dots else first
    count = (last - first).days + 1
    if count < 1:
        raise FaultError(
            path, f"{shown(path)} ends before it begins", "the earlier day comes first"
        )
    if count > _LONGEST_RANGE:
        hint = f"a range holds at most {_LONGEST_RANGE} days"
        raise FaultError(path, f"{shown(path)} holds {count} days", hint)
    return [first + timedelta(days=n) for n in range(count)]


def _date(path: KeyPath, text: str) -> date:
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
        message = f"{shown(path)} is no day"
    except ValueError:
        message = f"{shown(path)}: there is no {text} in the calendar"
    hint = 'wanted: a date such as "2026-12-24", or a range such as "2026-12-27..2027-01-01"'
    raise FaultError(path, message, hint)


# Blocks


def blocks(value: object) -> tuple[Reserve, ...]:
    return tuple(_block(path, said) for path, said in records("blocks", value, _BLOCK, _NEEDED))


def _block(path: KeyPath, said: Mapping[str, Any]) -> Reserve:
    window, length = said["time"], said.get("minutes")
    if length and length > length_of(window):
        at = (*path, "minutes")
        hint = f"wanted: at most the {as_toml(length_of(window))} minutes of its `time`"
        raise FaultError(at, f"{shown(at)} is {as_toml(length)}", hint)
    return Reserve(said["name"], window, said.get("only", ()), said.get("days"), length)


def _days(value: object) -> tuple[int, ...]:
    """Return weekdays from "mon-fri", "sat" or a list of such."""
    names = value if isinstance(value, list) else [value]
    found = [weekdays(name) if isinstance(name, str) else [] for name in names]
    if not (found and all(found)):
        raise ValueError('days such as "mon-fri" or ["tue", "sat"]')
    return tuple(sorted({day for days in found for day in days}))


def length_of(window: Span) -> timedelta:
    """Return the length by the clock on the wall; equal ends are a whole day."""
    begins, ends = (timedelta(hours=c.hour, minutes=c.minute) for c in window)
    return (ends - begins) % timedelta(days=1) or timedelta(days=1)


def window(value: object) -> Span:
    """Return a part of the day by its name, or a span as it is written."""
    if isinstance(value, str) and value in DAYPARTS:
        return DAYPARTS[value]
    try:
        return values.span(value)
    except ValueError:
        raise ValueError(f'{", ".join(DAYPARTS)}, or a span such as "09:00-11:00"') from None


def windows(value: object) -> tuple[Span, ...]:
    found = tuple(map(window, value if isinstance(value, list) else [value]))
    if not found:
        raise ValueError("at least one time of day")
    return found


def mark(value: object) -> str:
    """Return what tasks are told apart by: #tag, @context, or the name of a project."""
    if isinstance(value, str) and _MARK.fullmatch(text := value.strip()):
        return text
    raise ValueError('"#tag", "@context" or the name of a project')


def marks(value: object) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(map(mark, value if isinstance(value, list) else [value])))
    if not found:
        raise ValueError("at least one mark; leave it out to keep the time free")
    return found


_BLOCK: Mapping[str, Reader] = {
    "name": values.words,
    "time": window,
    "days": _days,
    "minutes": values.minutes(5),
    "only": marks,
}
_NEEDED = ("name", "time")


# Times of day, quotas, lunch


def prefer(value: object) -> Mapping[str, tuple[Span, ...]]:
    return dict(_prefer(value))


def _prefer(value: object) -> Iterator[tuple[str, tuple[Span, ...]]]:
    for name, said in table_of(value).items():
        path = ("prefer", name)
        if not _MARK.fullmatch(name):
            hint = 'wanted: "#tag", "@context" or the name of a project'
            raise FaultError(path, f"{shown(path)} is no mark of tasks", hint)
        yield name, take(path, windows, said)


def quotas(value: object) -> tuple[Quota, ...]:
    found: list[Quota] = []
    for name, said in table_of(value).items():
        path = ("quota", name)
        bare = name.removeprefix("#")
        tag = "#" + re.sub(r"\s+", "-", bare)
        if not (_MARK.fullmatch(tag) and bare == bare.strip()):
            raise FaultError(path, f"{shown(path)} is no tag", 'wanted: exercise or "#exercise"')
        if any(tag == other.tag for other in found):
            raise FaultError(path, f"{shown(path)} stands here twice", "one line for each tag")
        times, length = take(path, _quota, said)
        found.append(Quota(bare, tag, times, length))
    return tuple(found)


def _quota(value: object) -> tuple[int, timedelta]:
    match = _QUOTA.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError('from 1 to 7 sessions, and their length, such as "5/week 30m"')
    return int(match[1]), values.minutes(5)(match[2])


def lunch(value: object) -> Lunch | None:
    """Return None for "": lunch is what [hours] leaves free."""
    if value == "":
        return None
    said = record(("breaks", "lunch"), value, _LUNCH, tuple(_LUNCH))
    found = Lunch(said["window"], said["minutes"])
    if found.window.ends <= found.window.begins or found.length > length_of(found.window):
        raise ValueError("a window within one day that is at least as long as `minutes`")
    return found


_LUNCH: Mapping[str, Reader] = {"window": window, "minutes": values.minutes(5, 240)}
