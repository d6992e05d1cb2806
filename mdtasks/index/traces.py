"""The rows of the index as what their tasks are known by; which arrivals are tasks of before.

Rule: pure. Here a task is known where its text stands in its note as before; the rest is left to
`matching`, which looks at all that vanished and appeared.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from mdtasks.index.matching import in_place
from mdtasks.index.rows import (
    BORN,
    EXPLICIT,
    HEAD,
    LINE,
    NOTE,
    OPEN,
    RECURRENCE,
    REST,
    SEEN_DONE,
    SOURCE,
    TEXT,
    Arrival,
    Batch,
    Places,
    Row,
    name_of,
    text,
)
from mdtasks.index.trace import Trace

Twin = tuple[int, str]  # note and text of more than one task


def recognised(batch: Batch, elsewhere: Collection[str]) -> list[str]:
    """Return the uid of each task read that is one of those replaced, "" for the others.

    `elsewhere` are the ids that other tasks claim.
    """
    old, arrivals, places = batch
    uids = [each.uid for each in arrivals]
    inside = inner(old, arrivals)
    free = dict(inside)
    for at, uid in _by_id(free, arrivals, uids, elsewhere):
        uids[at] = uid
        del free[uid]
    twins = _twins(
        free.values(), (each for each, uid in zip(arrivals, uids, strict=True) if not uid)
    )
    born = {row[BORN] or uid: uid for uid, row in free.items() if _twin(row) not in twins}
    for at, (each, uid) in enumerate(zip(arrivals, uids, strict=True)):
        if not uid and (each.note, each.body[TEXT]) not in twins:
            uids[at] = born.get(each.born, "")
    if twins:
        _tell_apart(inside, arrivals, uids, twins, places)
    return uids


def _by_id(
    old: Mapping[str, Row],
    arrivals: Sequence[Arrival],
    uids: Sequence[str],
    elsewhere: Collection[str],
) -> Iterator[tuple[int, str]]:
    """Yield arrivals, by their numbers, that have an id which one task had, and no other has."""
    old_ids = [(text(row[EXPLICIT]), uid) for uid, row in old.items() if row[EXPLICIT]]
    new_ids = [(each.body[0], at) for at, each in enumerate(arrivals) if each.body[0]]
    if not (old_ids and new_ids):
        return
    had, have = Counter(name for name, _ in old_ids), Counter(name for name, _ in new_ids)
    holders = {name: uid for name, uid in old_ids if had[name] == 1 and name not in elsewhere}
    for name, at in new_ids:
        if have[name] == 1 and name in holders and not uids[at]:
            yield at, holders[name]


def _twin(row: Row) -> Twin:
    return row[NOTE], text(row[HEAD + TEXT])


def _twins(old: Iterable[Row], arrivals: Iterable[Arrival]) -> set[Twin]:
    had = Counter(map(_twin, old))
    have = Counter((each.note, each.body[TEXT]) for each in arrivals)
    return {twin for counts in (had, have) for twin, count in counts.items() if count > 1}


def _tell_apart(
    old: Mapping[str, Row],
    arrivals: Sequence[Arrival],
    uids: list[str],
    twins: Collection[Twin],
    places: Places,
) -> None:
    """Give those of the arrivals that have twins their uids."""
    notes = {note for note, _ in twins}
    taken = {*uids}
    before = _traces({uid: row for uid, row in old.items() if row[NOTE] in notes}, places)
    was = [trace for row, trace in before if trace.uid not in taken and _twin(row) in twins]
    rows = {
        str(at): (*("",) * NOTE, each.note, each.line, *each.body)
        for at, each in enumerate(arrivals)
        if each.note in notes and not each.uid
    }
    after = _traces(rows, places)
    now = [trace for row, trace in after if not uids[int(trace.uid)] and _twin(row) in twins]
    for found in in_place(was, now):
        uids[int(found.appeared.uid)] = found.vanished.uid


def inner(old: Mapping[str, Row], arrivals: Iterable[Arrival]) -> dict[str, Row]:
    """Return the rows of what was read again: without those that only count as twins of it."""
    outer = {each.uid for each in arrivals if each.uid}
    return {uid: row for uid, row in old.items() if uid not in outer}


def vanished(old: Mapping[str, Row], staying: Collection[str], places: Places) -> list[Trace]:
    """Return what is known of the tasks `old` that are not `staying`."""
    if all(uid in staying for uid in old):
        return []
    return [
        trace._replace(is_gone=places[row[NOTE]].is_gone)
        for row, trace in _traces(old, places)
        if trace.uid not in staying
    ]


def _traces(rows: Mapping[str, Row], places: Places) -> Iterator[tuple[Row, Trace]]:
    """Yield each row with its trace; its neighbours are those among the rows of its note."""
    notes: defaultdict[int, list[tuple[int, str, Row]]] = defaultdict(list)
    for uid, row in rows.items():
        notes[row[NOTE]].append((row[LINE], uid, row))
    for note, some in notes.items():
        some.sort(key=lambda each: each[:2])
        place = places[note]
        said = [place.before, *(text(row[HEAD + TEXT]) for *_, row in some), place.after]
        around = zip(said, said[2:], strict=False)
        for (_, uid, row), (before, after) in zip(some, around, strict=True):
            yield row, trace_of(uid, place.path, row, before, after)


def trace_of(uid: str, path: str, row: Row, before: str, after: str) -> Trace:
    body = tuple(map(text, row[HEAD:]))
    return Trace(
        uid,
        path,
        row[LINE],
        name_of(body),
        source=body[SOURCE],
        before=before,
        after=after,
        explicit=body[EXPLICIT - HEAD],
        is_open=bool(body[OPEN - HEAD]),
        repeats=bool(body[RECURRENCE]),
        is_fleeting=json.loads(body[REST] or "{}").get("on_completion") == "delete",
        seen_done=row[SEEN_DONE],
    )
