"""What a person did in the section of a day's note: source now, section now, last time.

Rule: pure. A change counts against what both sides were when they last agreed. Where the task
changed too, and otherwise, nothing is carried over, and it is said in words.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from mdtasks.model import Status, Task
from mdtasks.read.section import Group, Mirror, Section, groups, mirror_of
from mdtasks.settings import ReadSettings
from mdtasks.write.pin import Times

WORDS = {
    Status.TODO: "open",
    Status.IN_PROGRESS: "in progress",
    Status.ON_HOLD: "on hold",
    Status.DONE: "done",
    Status.CANCELLED: "cancelled",
    Status.NON_TASK: "moved elsewhere",
}
CLOSING = (Status.DONE, Status.CANCELLED)
_SOME_DAY = date(2000, 1, 1)
# A section shows control characters as spaces, and `%%` with one in between.
_CHANGED_BY_SHOWING = re.compile(r"[\x00-\x1f\x7f\s]+")


class Synced(NamedTuple):
    """A mirror as it was when section and source last agreed; `uid` is "" for a batch.

    `status`, `said` and `words` are the source's: what its box meant, its time, and its text.
    """

    uid: str
    symbol: str | None
    times: str
    text: str
    status: str = ""
    said: str = ""
    words: str = ""


# Key of a mirror -> what was last written; two where a run was cut short in between.
Last = Mapping[str, Sequence[Synced]]


class Wish(NamedTuple):
    """What the person wants of a task. `status` is None where only its time is changed; `symbol`
    is what its box shall hold, `day` the date of the tick where the section says it. With
    `header` the whole batch was ticked."""

    mirror: Mirror
    uid: str
    status: Status | None
    symbol: str = " "
    times: Times | None = None
    day: date | None = None
    header: Mirror | None = None

    @property
    def what(self) -> tuple[Status | None, str, Times | None]:
        """What two lines for one task must not say differently."""
        return self.status, "" if self.status in CLOSING else self.symbol, self.times


@dataclass(slots=True)
class Found:
    """`odd` pairs a row with what cannot be carried over, and why. `agreed` is what both sides
    are known to say now, to be remembered once it was told. `edited` are mirrors whose words were
    changed, `added` the lines of the person's own."""

    wishes: list[Wish] = field(default_factory=list)
    odd: list[tuple[int, str]] = field(default_factory=list)
    agreed: dict[str, Synced] = field(default_factory=dict)
    edited: list[Mirror] = field(default_factory=list)
    added: list[Group] = field(default_factory=list)


class Known(NamedTuple):
    """What a section is compared with. `last` is None where nothing is known of last time.

    `tasks`: key of a mirror -> its task, as far as there is one. `ticked` are the uids of undated
    repeating tasks that were ticked on that day or later. `past` are the digests of the section
    as it was before we wrote it last: an editor that saves its old text over it brings one back.
    """

    day: date
    last: Last | None
    tasks: Mapping[str, Task]
    read: ReadSettings
    ticked: Collection[str] = ()
    past: Collection[str] = ()


def said(task: Task) -> str:
    """Return what tells one written time of a task from another."""
    return f"{task.scheduled} {task.begins} {task.ends}" if task.begins else ""


def synced(mirror: Mirror, uid: str, task: Task | None) -> Synced:
    own = (task.status.value, said(task), task.text) if task else ()
    return Synced(uid, mirror.symbol, times_of(mirror), mirror.text, *own)


def times_of(mirror: Mirror) -> str:
    """Return the times of a mirror as they are kept: `09:00-10:30`, `09:00`, or nothing."""
    return "-".join(f"{clock:%H:%M}" for clock in (mirror.begins, mirror.ends) if clock)


def compare(section: Section, known: Known, is_over: bool = False) -> Found:
    """Return what the person did in a section. Of a day that `is_over` only ticks count, and
    new boxes."""
    found = Found()
    mirrors = list(_mirrors(section, known.last or {}))
    unknown = known.last is None or any(m.key not in known.last for m in mirrors)
    header: Mirror | None = None
    for mirror in mirrors:
        if not mirror.is_inner:
            header = mirror if mirror.is_batch and _is_ticked(mirror, known) else None
        if mirror.is_batch:
            _batch(mirror, known, found, is_over or unknown)
        else:
            _one(mirror, header, known, found, is_over or unknown)
    headers = {wish.header.key for wish in found.wishes if wish.header}
    for mirror in mirrors:
        if mirror.is_batch and mirror.key not in headers and _is_ticked(mirror, known):
            _agree(mirror, known, found, keep_times=is_over)
        elif unknown and known.last is not None and not is_over:
            # Another computer wrote this: what differs is its plan, not the person's change.
            found.agreed.setdefault(mirror.key, _now(mirror, known))
    if section.digest in known.past:
        found.wishes, found.odd, found.agreed = [], [], {}
    ours = {mirror.row for mirror in mirrors}
    found.added = [g for g in groups(section, ours) if g.has_box or not is_over]
    return found


def _mirrors(section: Section, last: Last) -> Iterator[Mirror]:
    """Yield the lines that mirror something. One that lost its id is known by its words; a copy
    of one that got other words is the person's."""
    present: defaultdict[str, list[Mirror]] = defaultdict(list)
    for mirror in section.mirrors:
        present[mirror.key].append(mirror)
    lost = {(one.times, one.text): key for key, each in last.items() for one in each}
    for row, text in enumerate(section.texts, section.begin + 1):
        here = mirror_of(text, row)
        if here is None:
            bare = mirror_of(f"{text.rstrip()} ^mt-0", row)
            key = lost.get((times_of(bare), bare.text), "") if bare and bare.text else ""
            if bare and key and key not in present:
                present[key].append(bare)
                yield bare._replace(key=key, raw=text, is_batch="-m" in key)
            continue
        twins = present[here.key]
        words = {one.text for one in last.get(here.key, ())}
        if here.text in words or not any(twin.text in words for twin in twins):
            yield here


def _now(mirror: Mirror, known: Known) -> Synced:
    task = known.tasks.get(mirror.key)
    before = _before(mirror, known)
    uid = task.uid if task else before[-1].uid if before else ""
    return synced(mirror, uid, task)


def _before(mirror: Mirror, known: Known) -> Sequence[Synced]:
    return (known.last or {}).get(mirror.key, ())


def _agree(mirror: Mirror, known: Known, found: Found, keep_times: bool = False) -> None:
    """Remember box and times as they are; words are another matter."""
    before = _before(mirror, known)
    now = found.agreed.get(mirror.key) or _now(mirror, known)
    if before:
        now = now._replace(text=before[-1].text)
        if keep_times:
            now = now._replace(times=before[-1].times)
    elif _is_edited(mirror, known):
        now = now._replace(text="")
    found.agreed[mirror.key] = now


def _batch(mirror: Mirror, known: Known, found: Found, ticks_only: bool) -> None:
    before = _before(mirror, known)
    if ticks_only or not before:
        return
    if times_of(mirror) not in {one.times for one in before}:
        why = "the time of several small tasks is not carried over: give each its own"
        found.odd.append((mirror.row, why))
        _agree(mirror, known, found)
    if _is_edited(mirror, known):
        found.edited.append(mirror)


def _one(
    mirror: Mirror, header: Mirror | None, known: Known, found: Found, ticks_only: bool
) -> None:
    task = known.tasks.get(mirror.key)
    symbol = _symbol(mirror, known)
    if symbol is not None or task is None or not task.is_open or not mirror.is_inner:
        header = None
    elif header:
        symbol = header.symbol
    status, why = _wanted_status(symbol, mirror, task, known)
    times = None
    if not ticks_only and task and task.is_open and status not in CLOSING and not why:
        times, why = _wanted_times(mirror, task, known)
    if task and not why and (times or (status and not _is_so(status, symbol, task, known))):
        why = _other_words(mirror, task, known)
    if why:
        found.odd.append((mirror.row, why))
    if why or (status and task and _is_so(status, symbol, task, known)):
        _agree(mirror, known, found, keep_times=ticks_only or times is not None)
        status = None
    if (status or times) and task and not why:
        day = mirror.closed or (header.closed if header else None)
        found.wishes.append(
            Wish(mirror, task.uid, status, symbol or " ", times, day, header if status else None)
        )
    if not ticks_only and _is_edited(mirror, known):
        found.edited.append(mirror)


def _symbol(mirror: Mirror, known: Known) -> str | None:
    """Return what the box was changed to, None where it was not."""
    symbols = {one.symbol for one in _before(mirror, known)}
    return None if mirror.symbol in symbols else mirror.symbol


def _is_ticked(batch: Mirror, known: Known) -> bool:
    """Whether the person ticked or cancelled a whole batch, which has no box of its own."""
    symbol = _symbol(batch, known)
    return symbol is not None and known.read.status(symbol).type in CLOSING


def _wanted_status(
    symbol: str | None, mirror: Mirror, task: Task | None, known: Known
) -> tuple[Status | None, str]:
    """Return the status that the task was given, and why it cannot have it, else ""."""
    if symbol is None:
        return None, ""
    before = _before(mirror, known)
    wanted = known.read.status(symbol).type
    if not before and (wanted not in CLOSING or task is None):
        return None, ""  # who of the two changed cannot be told
    if task is None:
        return None, f"{WORDS[wanted]} here, but the task is not there any more"
    if _is_so(wanted, symbol, task, known):
        return wanted, ""
    changed = bool(before) and task.status not in {one.status for one in before}
    changed |= not before  # nor can it be told then; what is closed otherwise stays so
    if Status.NON_TASK in (wanted, task.status) or (
        changed and not (wanted in CLOSING and task.is_open)
    ):
        place = f"{task.source.path}:{task.source.line}"
        return None, f"{WORDS[wanted]} here, but {place} says {WORDS[task.status]}"
    return wanted, ""


def _other_words(mirror: Mirror, task: Task, known: Known) -> str:
    """Return why the task may be another than the one that was mirrored, "" if it is the same.

    A task that was reworded is found again by likeness, and that is no reason to write.
    """
    before = _before(mirror, known)
    words = {one.words for one in before if one.words}
    if before and (not words or task.text in words or task.id or task.block_id):
        return ""
    if not before and not _is_edited(mirror, known):
        return ""  # unknown of last time, id and words must both be the task's
    place = f"{task.source.path}:{task.source.line}"
    return f"it was changed here, but {place} has other words now ({task.text})"


def _is_so(wanted: Status, symbol: str | None, task: Task, known: Known) -> bool:
    if task.uid in known.ticked and wanted is Status.DONE:
        return True
    return wanted is task.status and (wanted in CLOSING or symbol == task.symbol)


def _wanted_times(mirror: Mirror, task: Task, known: Known) -> tuple[Times | None, str]:
    """Return the times that the block was given, and why the task cannot have them, else ""."""
    before = _before(mirror, known)
    if not before or mirror.begins is None or times_of(mirror) in {one.times for one in before}:
        return None, ""
    times = Times(known.day, mirror.begins, _ends(mirror, task, before[-1]))
    place = f"{task.source.path}:{task.source.line}"
    if times == Times(task.scheduled or _SOME_DAY, task.begins or time(), task.ends):
        return None, ""
    if times.begins == times.ends:
        return None, f"it begins and ends at {times.begins:%H:%M}"
    if said(task) not in {one.said for one in before}:
        return None, f"its time was changed here and at {place} ({task.source.text.strip()})"
    return times, ""


def _ends(mirror: Mirror, task: Task, before: Synced) -> time | None:
    """Return when it is to end: if only the begin was changed, it is as long as it was."""
    begins, ends = mirror.begins, mirror.ends
    if begins is None:
        return ends
    was = mirror_of(f"- {before.times.replace('-', ' - ')} x ^mt-0")
    if ends and was and was.begins and was.ends == ends and ends <= begins:
        return _later(begins, was.begins, ends)
    if ends is None and task.begins and task.ends:
        return _later(begins, task.begins, task.ends)
    return ends


def _later(begins: time, start: time, end: time) -> time:
    first, last = (datetime.combine(_SOME_DAY, clock) for clock in (start, end))
    length = (last - first) % timedelta(days=1)
    return (datetime.combine(_SOME_DAY, begins) + length).time()


def _is_edited(mirror: Mirror, known: Known) -> bool:
    before = _before(mirror, known)
    if before:
        return mirror.text not in {one.text for one in before}
    task = known.tasks.get(mirror.key)
    shown, words = _CHANGED_BY_SHOWING.sub("", mirror.text), task.text if task else mirror.text
    words = _CHANGED_BY_SHOWING.sub("", words)
    note_is_behind = shown.startswith(f"{words}(") and shown.endswith(")")
    return shown != words and not note_is_behind


# What follows from a wish


def carried(wish: Wish, task: Task, known: Known) -> Synced:
    """Return the mirror as it is to be remembered once the wish is fulfilled."""
    found = Found()
    _agree(wish.mirror, known, found, keep_times=wish.times is None)
    now = found.agreed[wish.mirror.key]
    times = wish.times
    return now._replace(
        status=(wish.status or task.status).value,
        said=f"{times.day} {times.begins} {times.ends}" if times else now.said,
    )
