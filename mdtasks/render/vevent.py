"""One block or due date of the plan as the content of a VEVENT, stamps aside.

Rule: everything comes from the plan, the tasks and the settings; no clock, no line numbers.
Every text is cleaned here, so that no task can break the feed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from mdtasks.model import Block, Kind, Task
from mdtasks.render.clean import for_calendar
from mdtasks.render.dated import dated
from mdtasks.render.ledger import Event
from mdtasks.render.links import note_address
from mdtasks.settings import FeedSettings

if TYPE_CHECKING:
    from icalendar import Alarm

_UNNAMED = "(no text)"
_GAP = re.compile(" +")
_WRITTEN = 4096
_BUSY = {"transp": "OPAQUE", "x-microsoft-cdo-busystatus": "BUSY"}
_FREE = {"transp": "TRANSPARENT", "x-microsoft-cdo-busystatus": "FREE"}


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the events of one feed; holds what their texts are made of.

    `planned` is the day on which the plan gave its reasons.
    """

    tasks: Mapping[str, Task]
    open_subtasks: Mapping[str, Sequence[Task]]
    settings: FeedSettings
    vault_name: str
    vault_root: str
    planned: date

    @classmethod
    def of(
        cls, tasks: Mapping[str, Task], settings: FeedSettings, name: str, root: str, planned: date
    ) -> Writer:
        subtasks: dict[str, list[Task]] = {}
        for task in sorted(tasks.values(), key=lambda t: (t.source.path, t.source.line)):
            if task.parent and task.is_open:
                subtasks.setdefault(task.parent, []).append(task)
        return cls(tasks, subtasks, settings, name, root, planned)

    def block(self, uid: str, block: Block) -> Event:
        """Return the event of a block: busy time, a batch with its checklist."""
        owners = tuple(self.tasks[task] for task in block.tasks if task in self.tasks)
        link, steps = self._link(owners), tuple(self._subtasks(owners))
        # Where clocks are set back, two moments of a zone are equal that are an hour apart.
        start, end = block.start.astimezone(UTC), block.end.astimezone(UTC)
        block = block._replace(start=start, end=end)
        return _block(uid, block, owners, steps, self.planned, link, self.settings.alarms)

    def due_marker(self, task: Task, due: date, reason: str) -> Event:
        """Return the all-day event of a due date, which takes no time."""
        link, steps = self._link([task]), tuple(self._subtasks([task]))
        return _due_marker(task, due, reason, self.planned, steps, link)

    def _subtasks(self, owners: Sequence[Task]) -> Sequence[Task]:
        return self.open_subtasks.get(owners[0].uid, ()) if owners else ()

    def _link(self, owners: Sequence[Task]) -> str:
        if not owners:
            return ""
        path = owners[0].source.path
        return note_address(self.settings, self.vault_name, self.vault_root, path)


# A watcher writes the same hundreds again and again.
@lru_cache(maxsize=_WRITTEN)
def _block(
    uid: str,
    block: Block,
    owners: tuple[Task, ...],
    steps: tuple[Task, ...],
    planned: date,
    link: str,
    alarms: tuple[timedelta, ...],
) -> Event:
    alone = [task.text for task in owners] if len(block.tasks) == 1 else []
    late = block.late and block.kind is Kind.FOCUS
    texts = {
        "summary": _summary([*alone, block.title], owners),
        "description": _description(owners, steps, dated(block.reason, planned, late=late), link),
        "x-mdtasks-kind": block.kind.value,
        "x-mdtasks-tasks": " ".join(block.tasks),
        "x-mdtasks-session": block.session,
    }
    return _event(uid, block.start, block.end, owners, texts | _BUSY, link, alarms)


@lru_cache(maxsize=_WRITTEN)
def _due_marker(
    task: Task, due: date, reason: str, planned: date, steps: tuple[Task, ...], link: str
) -> Event:
    said = _description([task], steps, dated(reason, planned, due=due), link)
    texts = {"summary": _summary([task.text], [task]), "description": said} | _FREE
    end = due + timedelta(days=1)
    return _event(f"{task.uid}-due@mdtasks", due, end, [task], texts, link, ())


def _event(
    uid: str,
    start: date,
    end: date,
    owners: Sequence[Task],
    texts: Mapping[str, str],
    link: str,
    alarms: Iterable[timedelta],
) -> Event:
    from icalendar import Event as Component
    from icalendar import vText

    # Not Event.new(), which invents a UID and stamps; and icalendar escapes no X- property that
    # is not a vText.
    component = Component()
    component.add("uid", uid)
    component.add("dtstart", start)
    component.add("dtend", end)
    component.add("status", "CONFIRMED")
    for name, value in texts.items():
        if value:
            component.add(name, vText(for_calendar(value)))
    if link:
        component.add("url", link)
    tags = (_category(tag) for task in owners for tag in task.tags)
    if categories := dict.fromkeys(filter(None, tags)):
        component.add("categories", list(categories))
    for before in alarms:
        component.add_component(_alarm(before, texts["summary"]))
    return Event(component.to_ical())


def _description(owners: Sequence[Task], steps: Sequence[Task], reason: str, link: str) -> str:
    """Return the batch or the open subtasks as a checklist, then note, reason and link."""
    items = owners if len(owners) > 1 else steps
    checklist = [f"- [{' ' if task.is_open else 'x'}] {_one_line(task.text)}" for task in items]
    notes = ", ".join(dict.fromkeys(map(_note_name, owners)))
    about = [line for line in (notes, _one_line(reason), link) if line]
    return "\n".join([*checklist, "", *about] if checklist else about)


def _summary(texts: Iterable[str], owners: Sequence[Task]) -> str:
    """Return the first of the texts that has something to read, else the name of the note."""
    named = (_one_line(text) for text in (*texts, *map(_note_name, owners)))
    return next((text for text in named if text.strip()), _UNNAMED)


def _alarm(before: timedelta, text: str) -> Alarm:
    from icalendar import Alarm, vText

    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", vText(for_calendar(text)))
    alarm.add("trigger", -before)
    return alarm


def _category(tag: str) -> str:
    """Return a tag's name, "" where nothing is left of it.

    A backslash at its end goes: ical.js, and so Thunderbird, takes the comma behind it for an
    escaped one. A BOM goes too: icalendar would drop it and leave an empty category.
    """
    return _one_line(tag.removeprefix("#")).replace("\ufeff", "").rstrip("\\ ")


def _note_name(task: Task) -> str:
    return _one_line(PurePosixPath(task.source.path).stem)


def _one_line(text: str) -> str:
    return without_gaps(for_calendar(text).replace("\n", " "))


def without_gaps(text: str) -> str:
    """Return `text` with one space for many, and none at its ends: they might fold into a line of
    nothing else, which some clients take for an empty one."""
    return _GAP.sub(" ", text).strip(" ")
