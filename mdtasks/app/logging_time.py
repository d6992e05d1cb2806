"""The clock: lines of the time log that are begun, ended and added.

Rule: app/naming_work.py says what is worked on, write/log_line.py where its line goes. All lines
of one command are written, or none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from mdtasks import vault
from mdtasks.app.changes import carry_out
from mdtasks.app.daily_paths import daily_note_path
from mdtasks.app.naming_work import Work, naming, words_for
from mdtasks.app.refresh import refresh
from mdtasks.app.rehearsal import Rehearsal, rehearse
from mdtasks.app.session import Session
from mdtasks.dates import format_duration, localize, parse_day
from mdtasks.errors import ChangedUnderUsError, RefusedError, UsageError
from mdtasks.index.logged import with_tasks, words_in
from mdtasks.index.store import Store
from mdtasks.model import Edit, Interval, Problem, Source
from mdtasks.read.log_lines import entry as item_of
from mdtasks.read.log_times import LONGEST, length, localized, moments
from mdtasks.read.times import leading_times
from mdtasks.write import log_line
from mdtasks.write.log_line import Entry
from mdtasks.write.splice import Splice, splice_note

# Somebody may be typing in the note: then the place is looked for once more.
_TRIES = 3
# A clock that ran over midnight and is still running by then was forgotten.
_NIGHT_ENDS = time(4)
_OVERLAPS_SHOWN = 3
_MINUTE = timedelta(minutes=1)


class Asked(NamedTuple):
    """What is to be written: the splices, and the note that is made for it. The last brings the
    new entry, on the line that is so many `behind` its own; None where there is no new one."""

    splices: tuple[Splice, ...]
    new_note: str = ""
    behind: int | None = None


class Logged(NamedTuple):
    """The edits, the new line as it reads back, and the lines that were ended."""

    edits: tuple[Edit, ...]
    added: Interval | None
    ended: tuple[Interval, ...]


Ask = Callable[[], Asked]


def running_texts(session: Session, store: Store) -> list[str]:
    """Return what the lines say whose clocks run."""
    return [each.text for each in _running(session, store)]


def running_words(session: Session, store: Store, work: Work) -> str | None:
    """Return the words of the clock that runs for the work, None where none does."""
    for each in _running(session, store):
        if each.text == words_for(store, work, each.source.path, each.start.date()):
            return each.text
    return None


def to_start(session: Session, store: Store, work: Work) -> Asked:
    """Return what ends the clock that runs and begins one. Raises RefusedError."""
    own = _running(session, store)
    for each in own:
        _require_remembered(session, each)
    clock = _minute(session)
    new = Entry(session.today, clock, None, "")
    return _asked(session, store, own, new.begins, (new, work))


def to_stop(session: Session, store: Store, at: str | None) -> Asked:
    """Return what ends the clock that runs, now or at another time.

    Raises RefusedError where none runs or it was forgotten, UsageError for a time that is none.
    """
    own = _running(session, store)
    if not own:
        raise RefusedError(
            "no clock is running",
            "`mdtasks log start` starts one; `mdtasks log add 09:00-09:45 TEXT` adds what is over",
        )
    if at is None:
        for each in own:
            _require_remembered(session, each)
        return _asked(session, store, own, _minute(session))
    clock = _clock(at)
    for each in own:
        day = each.start.date() + timedelta(days=clock < each.start.time())
        end = localize(day, clock, session.zone)
        if end > session.now:
            raise UsageError(f"--at {at}: that is still to come", "write when it ended")
        if end - each.start > LONGEST:
            raise UsageError(
                f"--at {at}: that would be {format_duration(end - each.start)}; "
                "over 12h does not count",
                f"it began {each.start:%Y-%m-%d %H:%M}; write an earlier time",
            )
    return _asked(session, store, own, clock)


def to_add(session: Session, store: Store, words: Sequence[str], day: str | None) -> Asked:
    """Return what adds an interval that is over. Raises UsageError, RefusedError."""
    found = item_of(0, " ".join(words).strip())
    on = _day(session, day)
    times = moments(on, found.times) if found else None
    if found is None or times is None or times[1] is None:
        raise UsageError(
            f"{' '.join(words)[:40]}: this does not begin with two times",
            "write it like: mdtasks log add 09:00-09:45 Invoices",
        )
    new = Entry(on, times[0].time(), times[1].time(), "")
    shown = found.times.strip()
    lasts = length(_as_interval(session, new))
    if not lasts or lasts <= timedelta(0) or lasts > LONGEST:
        took = format_duration(abs(lasts)) if lasts else "no time"
        raise UsageError(f"{shown}: that is {took}, which does not count", "up to 12h does")
    end = _as_interval(session, new).end
    if end and end - session.now >= _MINUTE:
        raise UsageError(
            f"{shown}: on {on} that is still to come",
            "the log is of what was done; `--date yesterday` is for another day",
        )
    if not found.text:
        raise UsageError("what was it? there is nothing behind the times", "add words, or a key")
    work = naming(session, store, found.text.split(" "))
    return _asked(session, store, (), None, (new, work))


def carry(session: Session, store: Store, ask: Ask) -> Logged:
    """Write what is asked for; look once more where somebody else wrote first.

    Raises ChangedUnderUsError, RefusedError, LockedError; then no note is changed.
    """
    for left in reversed(range(_TRIES)):
        asked = ask()
        try:
            edits = _write(session, store, asked)
        except ChangedUnderUsError:
            if not left:
                raise
            refresh(session, store)
        else:
            break
    log = _intervals(session, store)
    logged = _read_back(store, asked, edits, log)
    for line in _remarks(session, logged, log):
        session.notify(line)
    return logged


def rehearsed(session: Session, asked: Asked) -> Rehearsal:
    """Return what `carry` would change."""
    if asked.new_note:
        from difflib import unified_diff

        (splice,) = (one for one in asked.splices if one.path == asked.new_note)
        others = [one for one in asked.splices if one is not splice]
        shown = rehearse(session, others)
        diff = unified_diff([], splice.after, "/dev/null", splice.path, lineterm="")
        made = Edit(splice.path, 1, "", splice.after)
        return Rehearsal((*shown.changed, made), (*shown.diff, *diff))
    return rehearse(session, asked.splices)


# What is to be written


def _asked(
    session: Session,
    store: Store,
    own: Sequence[Interval],
    ends: time | None,
    new: tuple[Entry, Work] | None = None,
) -> Asked:
    """Return the splices that end `own`, and that of the new entry."""
    read = session.config.read
    by_note: dict[str, list[Splice]] = {}
    for each in own:
        path = each.source.path
        splice = log_line.end(path, _data(session, path), each, ends or time(), read)
        by_note.setdefault(path, []).append(splice)
    if new is None:
        return Asked(tuple(splice for some in by_note.values() for splice in some))
    entry, work = new
    path = daily_note_path(session._replace(now=_on(session, entry.day)), store)
    text = words_for(store, work, path, entry.day)
    _require_other(own, text)
    is_new = not ((session.root / path).exists() or (session.root / path).is_symlink())
    data = b"" if is_new else _data(session, path)
    ends_here = by_note.pop(path, [])
    ended = splice_note(data, ends_here).data if ends_here else data
    inserted = log_line.insert(path, ended, entry._replace(text=text), read)
    here = log_line.together(data, ends_here, inserted)
    others = tuple(splice for some in by_note.values() for splice in some)
    return Asked((*others, *here), path if is_new else "", inserted.line - here[-1].line)


def _require_other(own: Sequence[Interval], text: str) -> None:
    for each in own:
        if each.text == text:
            place = f"{each.source.path}:{each.source.line}"
            raise RefusedError(f"{place}: this is running already, since {each.start:%H:%M}")


def _minute(session: Session) -> time:
    return session.now.time().replace(second=0, microsecond=0, fold=0)


def _on(session: Session, day: date) -> datetime:
    return localize(day, time(12), session.zone)


def _data(session: Session, path: str) -> bytes:
    data = vault.read(session.root, path)
    if isinstance(data, Problem):
        raise RefusedError(f"{path}: {data.message}; nothing was written", data.hint)
    return data


def _running(session: Session, store: Store) -> list[Interval]:
    """Return the clocks that run in lists of daily notes; tell of others, which are not ours."""
    found = []
    for each in _intervals(session, store):
        if each.end is None and _elapsed(session, each) >= timedelta(0):
            if each.task_line is None:
                found.append(each)
            elif _elapsed(session, each) <= LONGEST:
                place = f"{each.source.path}:{each.source.line}"
                session.notify(f"{place}: this clock runs on; it is ended where it was started")
    return found


def _intervals(session: Session, store: Store) -> list[Interval]:
    """Return the time log of all notes, with aware moments; which tasks its words name, that takes
    longer, is left open."""
    return [localized(each, session.zone) for each in store.intervals("")]


def _elapsed(session: Session, each: Interval) -> timedelta:
    return session.now.astimezone(UTC) - each.start.astimezone(UTC)


def _require_remembered(session: Session, each: Interval) -> None:
    over_night = each.start.date() < session.today and session.now.time() >= _NIGHT_ENDS
    if over_night or _elapsed(session, each) > LONGEST:
        place = f"{each.source.path}:{each.source.line}"
        words = f": {each.text}" if each.text else ""
        raise RefusedError(
            f"{place}: this clock has been running since {each.start:%Y-%m-%d %H:%M}{words}",
            "say when it ended, such as `mdtasks log stop --at 17:30`, or write it in the note",
        )


def _clock(text: str) -> time:
    _, begins, ends = leading_times(f"{text.strip()} x")
    if begins is None or ends is not None:
        raise UsageError(f"--at {text}: this is no time", "write it like 17:30 or 5:30pm")
    return begins


def _day(session: Session, text: str | None) -> date:
    if text is None:
        return session.today
    day = parse_day(text, session.today)
    if day is None:
        raise UsageError(f"--date {text}: this is no day", "write 2026-11-22, yesterday or fri")
    # What is over was last friday, not the next one.
    if day > session.today and (before := parse_day(f"last {text}", session.today)):
        return before
    return day


def _as_interval(session: Session, new: Entry) -> Interval:
    return localized(Interval(*new.moments, Source("", 0, "")), session.zone)


# The writing, and what is to be said of it


def _write(session: Session, store: Store, asked: Asked) -> tuple[Edit, ...]:
    if not asked.new_note:
        return carry_out(session, store, asked.splices)
    from mdtasks.write import new_notes

    root, state, path = session.root, session.places.state, asked.new_note
    new_notes.make(root, state, path, session.notify)
    try:
        return carry_out(session, store, asked.splices)
    except BaseException:
        new_notes.remove_if_empty(root, state, path)
        raise


def _read_back(
    store: Store, asked: Asked, edits: tuple[Edit, ...], log: Sequence[Interval]
) -> Logged:
    found = {(each.source.path, each.source.line): each for each in log}
    ended = [each for edit in edits if (each := found.get((edit.path, edit.line))) and each.end]
    added = None
    if asked.behind is not None and edits:
        last = edits[-1]
        added = found.get((last.path, last.line + asked.behind))
        ended = [each for each in ended if each != added]
    own = [*ended, *filter(None, [added])]
    own = with_tasks(own, store.named(words_in(own)))
    return Logged(edits, own.pop() if added else None, tuple(own))


def _remarks(session: Session, logged: Logged, log: Sequence[Interval]) -> Iterator[str]:
    for each in logged.ended:
        yield from _clocks_changed(session, each)
    new = logged.added
    if new is None:
        return
    if new.end is None:
        yield from _clocks_changed(session, new)
    others = (each for each in log if each.source != new.source)
    overlapping = [each for each in others if _overlap(session, each, new)]
    for each in overlapping[:_OVERLAPS_SHOWN]:
        until = f"{each.end:%H:%M}" if each.end else "now"
        place = f"{each.source.path}:{each.source.line}"
        yield f"this overlaps {each.start:%H:%M}–{until} {each.text} ({place})"
    if len(overlapping) > _OVERLAPS_SHOWN:
        yield f"this overlaps {len(overlapping) - _OVERLAPS_SHOWN} more"


def _overlap(session: Session, one: Interval, other: Interval) -> bool:
    (begins, ends), (start, end) = (_span(session, each) for each in (one, other))
    return begins < end and start < ends


def _span(session: Session, each: Interval) -> tuple[datetime, datetime]:
    start, end = each.start.astimezone(UTC), (each.end or session.now).astimezone(UTC)
    # What is longer does not count, and so is in nobody's way.
    return start, end if end - start <= LONGEST else start


def _clocks_changed(session: Session, each: Interval) -> Iterator[str]:
    """Yield what is to be said where the clock on the wall went back meanwhile, which a line
    cannot tell."""
    lasts, real = length(each), _elapsed(session, each)
    place = f"{each.source.path}:{each.source.line}"
    if each.end is None:
        if real > 2 * _MINUTE:
            yield f"{place}: this time comes twice today; the line counts from the first"
    elif f"{each.end:%H:%M}" == f"{session.now:%H:%M}" and abs(real - (lasts or real)) > _MINUTE:
        yield (
            f"{place}: the clocks were changed meanwhile; this line counts "
            f"{format_duration(lasts or real)} of {format_duration(real)}"
        )
