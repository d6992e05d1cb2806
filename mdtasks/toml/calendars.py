"""The calendars whose events are busy times: `[[busy]]`.

Rule: an address may hold a password, or be one as a whole: no message shows it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from mdtasks.settings import BusyCalendar
from mdtasks.toml import values
from mdtasks.toml.faults import FaultError, KeyPath, named, shown
from mdtasks.toml.values import Reader

_URL = re.compile(
    r"(?:https?|webcals?)://(?:[^\s/?#]*@)?(\[[0-9a-f:.]+\]|[^\s/?#@:\[\]]+)(?:[:/?#]\S*)?",
    re.IGNORECASE,
)


def busy(value: object) -> tuple[BusyCalendar, ...]:
    return named("busy", value, _FIELDS, _calendar, "calendar")


def _calendar(path: KeyPath, said: Mapping[str, Any]) -> BusyCalendar:
    if ("url" in said) == ("file" in said):
        both = "both `url` and `file`" if "url" in said else "no `url` and no `file`"
        message = f"{shown(path)} has {both}"
        raise FaultError(path, message, "say where the calendar is, by one of the two")
    all_day = said.get("all_day", False)
    if "file" in said:
        name = said.get("name", PurePosixPath(said["file"].replace("\\", "/")).stem)
        return BusyCalendar(name, file=said["file"], all_day=all_day)
    url = said["url"].strip() if isinstance(said["url"], str) else ""
    match = _URL.fullmatch(url)
    if not match or not url.isprintable():
        at = (*path, "url")
        hint = 'wanted: an address that begins with "https://", "http://" or "webcal://"'
        raise FaultError(at, f"{shown(at)} is no address of a calendar", hint)
    return BusyCalendar(said.get("name", match[1].lower()), url=url, all_day=all_day)


def _unseen(value: object) -> object:
    """Return the value as it is: a reader that refuses it would have it shown."""
    return value


_FIELDS: Mapping[str, Reader] = {
    "name": values.words,
    "url": _unseen,
    "file": values.words,
    "all_day": values.flag,
}
