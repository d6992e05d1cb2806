"""Write a batch of tasks: which of them were there before, and in which of the new ones those
that vanished live on.

Rule: inside of a transaction of the store. A task that is known keeps its uid; one that nobody
knows gets one of its own. What vanished is remembered for seven days.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, timedelta

from mdtasks.index import generation
from mdtasks.index.identity import Known, Newcomer, settle
from mdtasks.index.matching import match
from mdtasks.index.rows import (
    ABOVE,
    COLUMNS,
    HEAD,
    LINE,
    NOTE,
    OPEN,
    PUT_TASK,
    RECURRENCE,
    TEXT,
    UID,
    Batch,
    Row,
    difference,
    name_of,
    sound,
    text,
)
from mdtasks.index.trace import Match, Trace
from mdtasks.index.traces import inner, recognised, trace_of, vanished

REMEMBERED = timedelta(days=7)

# So many are compared with what appeared; of more only those of the same text, note or id.
_MANY = 5000
# So many tasks of a text come from a template, or nearly.
_SEVERAL = 3
# Shorter texts are alike by chance: an index that is made anew looks for the others by word.
LONG_ENOUGH = 12

_LEFT_OPEN = """SELECT EXISTS (SELECT 1 FROM newcomers)
OR EXISTS (SELECT 1 FROM vanished WHERE day = '')"""
_RIVALS = """
SELECT uid, explicit FROM tasks
WHERE explicit IN (SELECT value FROM json_each(?)) AND explicit <> ''
"""
_TAKEN = "SELECT 1 FROM tasks WHERE uid = ?1 UNION ALL SELECT 1 FROM vanished WHERE uid = ?1"
_OF_SERIES = """SELECT uid FROM tasks WHERE note = ? AND open = 1 AND recurrence <> ''
AND text IN (SELECT value FROM json_each(?))"""
# Tasks as they stand now, with their paths and the texts of their neighbours.
_STANDING = f"""
SELECT n.path,
    coalesce((SELECT text FROM tasks b WHERE b.note = t.note AND b.line < t.line
        ORDER BY b.line DESC LIMIT 1), ''),
    coalesce((SELECT text FROM tasks a WHERE a.note = t.note AND a.line > t.line
        ORDER BY a.line LIMIT 1), ''),
    {", ".join(f"t.{name}" for name in COLUMNS)}
FROM tasks t JOIN notes n ON n.number = t.note
WHERE t.uid IN (SELECT value FROM json_each(?))
"""


def put_tasks(
    db: sqlite3.Connection, batch: Batch, vault_id: str, today: date, is_last: bool
) -> None:
    """Write what differs. Unless the batch is the last one of its change, it is left open in
    which tasks those that vanished live on: others may appear yet."""
    ids = [*{each.body[0] for each in batch.new} - {""}]
    rivals = db.execute(_RIVALS, (_listed(ids),)) if ids else ()
    elsewhere = {text(explicit) for uid, explicit in rivals if uid not in batch.old}
    uids = recognised(batch, elsewhere)
    lost = vanished(inner(batch.old, batch.new), {*uids}, batch.places)
    new = [at for at, uid in enumerate(uids) if not uid]
    newcomers = [_newcomer(batch, at) for at in new]
    given = settle(newcomers, elsewhere, lambda uid: _is_taken(db, uid), vault_id)
    for at, uid in zip(new, given, strict=True):
        uids[at] = uid
    gone, changed = difference(batch.old, batch.new, uids, today)
    # In this order no uid is ever held twice.
    db.executemany("DELETE FROM tasks WHERE uid = ?", gone)
    db.executemany(PUT_TASK, changed)
    other = [row[UID] for row in changed if not _has_only_shifted(batch.old.get(row[UID]), row)]
    if gone or other or (changed and _have_overtaken(batch, uids)):
        others = {*(uid for (uid,) in gone), *other}
        generation.rise(db, _stirred(others, batch, uids) | _resting(db, others, batch, uids))
    if not is_last:
        _remember(db, lost, "")
        db.executemany("INSERT INTO newcomers VALUES (?)", [(uid,) for uid in given])
    elif lost or given or db.execute(_LEFT_OPEN).fetchone() == (1,):
        carry(db, lost, given, vault_id, today)


def _has_only_shifted(was: Row | None, row: Row) -> bool:
    """Whether nothing but the number of its line is another, as when a person writes above it:
    nothing follows from the number itself."""
    return was is not None and was[:LINE] == row[:LINE] and was[HEAD:] == row[HEAD:]


def _have_overtaken(batch: Batch, uids: Sequence[str]) -> bool:
    """Whether some of the tasks stand in another order than before."""
    now = sorted((each.note, each.line, uid) for each, uid in zip(batch.new, uids, strict=True))
    before = sorted((row[NOTE], row[LINE], uid) for uid, row in batch.old.items())
    return [uid for *_, uid in now] != [uid for *_, uid in before]


def _stirred(others: set[str], batch: Batch, uids: Sequence[str]) -> set[str]:
    """Return the tasks that are others now, the steps that are another task's, and what all of
    these were steps of."""
    was = _parents((uid, row[NOTE], row[LINE], row[ABOVE]) for uid, row in batch.old.items())
    now = _parents(
        (uid, each.note, each.line, each.body[ABOVE - HEAD])
        for uid, each in zip(uids, batch.new, strict=True)
    )
    found = others | {uid for uid in {*was, *now} if was.get(uid) != now.get(uid)}
    return found | {was[uid] for uid in found if uid in was}


def _resting(
    db: sqlite3.Connection, others: Collection[str], batch: Batch, uids: Sequence[str]
) -> set[str]:
    """Return the open tasks that what is another now was done of: by its day a series rests."""
    lines = [(row[NOTE], row[HEAD:]) for uid, row in batch.old.items() if uid in others]
    now = zip(uids, batch.new, strict=True)
    lines += [(each.note, each.body) for uid, each in now if uid in others]
    done: defaultdict[int, set[str]] = defaultdict(set)
    for note, body in lines:
        if body[RECURRENCE] and not body[OPEN - HEAD]:
            done[note].add(text(body[TEXT]))
    found = (db.execute(_OF_SERIES, (note, _listed(said))) for note, said in done.items())
    return {uid for rows in found for (uid,) in rows}


def _parents(steps: Iterable[tuple[str, int, int, int]]) -> dict[str, str]:
    """Return uid -> the uid of its parent, from the uids, notes, lines, and how many lines above
    the parent stands."""
    found = [*steps]
    places = {(note, line): uid for uid, note, line, _ in found}
    above = {uid: (note, line - up) for uid, note, line, up in found if up}
    return {uid: places[place] for uid, place in above.items() if place in places}


def _newcomer(batch: Batch, at: int) -> Newcomer:
    each = batch.new[at]
    path = batch.places[each.note].path
    return Newcomer(each.born, each.body[0], path, name_of(each.body))


def _is_taken(db: sqlite3.Connection, uid: str) -> bool:
    return db.execute(_TAKEN, (uid,)).fetchone() is not None


def carry(
    db: sqlite3.Connection,
    lost: Sequence[Trace],
    given: Iterable[str],
    vault_id: str,
    today: date,
) -> None:
    """Let tasks that vanished, just now or within seven days, live on in those that appeared,
    whose uids are `given`, and in those of batches before."""
    db.execute(
        "DELETE FROM vanished WHERE day <> '' AND day < ?", ((today - REMEMBERED).isoformat(),)
    )
    left_open = [uid for (uid,) in db.execute("DELETE FROM newcomers RETURNING uid").fetchall()]
    appeared = _standing(db, (*given, *left_open)).values()
    pairs = _heirs(db, lost)
    if appeared:
        done = {pair.vanished.uid for pair in pairs}
        before = [*lost, *_recalled(db, appeared)]
        left = [each for each in before if each.uid not in done]
        pairs += match(left, appeared, lambda: _common(db, left, appeared))
    _live_on(db, pairs, vault_id, today)
    found = {pair.vanished.uid for pair in pairs}
    _remember(db, [each for each in lost if each.uid not in found], today.isoformat())
    db.execute("UPDATE vanished SET day = ? WHERE day = ''", (today.isoformat(),))


def inherit(db: sqlite3.Connection, known: Sequence[Known], vault_id: str, today: date) -> None:
    """Give tasks of an index that was just made the uids under which they are known elsewhere.

    One stands where it stood if it is born with the same uid; the others count as vanished.
    """
    births = dict(_births(db, [each.born for each in known]))
    standing = {births[uid]: trace for uid, trace in _standing(db, births).items()}
    pairs, lost = [], []
    for each in known:
        trace = Trace(each.uid, each.path, 0, each.name, explicit=each.explicit, is_past=True)
        if each.born in standing:
            pairs.append(Match(trace, standing[each.born]))
        else:
            lost.append(trace)
    if lost:
        others = _standing(db, _similar(db, lost, {pair.appeared.uid for pair in pairs}))
        pairs += match(lost, others.values())
    _live_on(db, pairs, vault_id, today)
    found = {pair.vanished.uid for pair in pairs}
    _remember(db, [each for each in lost if each.uid not in found], today.isoformat())


def _births(db: sqlite3.Connection, borns: Iterable[str]) -> list[tuple[str, str]]:
    """Return uid and birth of the tasks that are born so."""
    sql = """SELECT uid, iif(born = '', uid, born) FROM tasks
        WHERE uid IN (SELECT value FROM json_each(?1)) AND born = ''
        OR explicit <> '' AND born IN (SELECT value FROM json_each(?1))"""
    return db.execute(sql, (_listed(borns),)).fetchall()


def _similar(db: sqlite3.Connection, lost: Sequence[Trace], taken: Collection[str]) -> list[str]:
    """Return the uids of tasks that may be one of those that are lost, those `taken` apart."""
    paths, texts = {each.path for each in lost}, {each.text for each in lost}
    ids = {each.explicit for each in lost} - {""}
    words = {word for said in texts if len(said) >= LONG_ENOUGH for word in said.split()}
    rows = db.execute(
        "SELECT t.uid, n.path, t.text, t.explicit FROM tasks t JOIN notes n ON n.number = t.note"
    )
    return [
        uid
        for uid, path, said, explicit in (map(text, row) for row in rows)
        if uid not in taken
        and (
            path in paths or said in texts or explicit in ids or not words.isdisjoint(said.split())
        )
    ]


def _standing(db: sqlite3.Connection, uids: Iterable[str]) -> dict[str, Trace]:
    """Return what these tasks are known by as they stand now."""
    traces = {}
    for path, before, after, *row in db.execute(_STANDING, (_listed(uids),)):
        uid = row[UID]
        traces[uid] = trace_of(uid, text(path), tuple(row), text(before), text(after))
    return traces


def _listed(values: Iterable[str]) -> str:
    return json.dumps([*values])


def _heirs(db: sqlite3.Connection, lost: Sequence[Trace]) -> list[Match]:
    """Return the tasks that vanished with those that are left alone with their ids."""
    vanished_ids = Counter(each.explicit for each in lost)
    by_id = {each.explicit: each for each in lost if vanished_ids[each.explicit] == 1}
    by_id.pop("", None)
    if not by_id:
        return []
    holders = db.execute(_RIVALS, (_listed(by_id),)).fetchall()
    counts = Counter(text(explicit) for _, explicit in holders)
    alone = {uid: text(explicit) for uid, explicit in holders if counts[text(explicit)] == 1}
    standing = _standing(db, alone)
    return [Match(by_id[explicit], standing[uid]) for uid, explicit in alone.items()]


# What vanished

_FIELDS = (
    "uid, path, line, text, reference, source, before, after, explicit, is_open, repeats, "
    "is_fleeting, seen_done, day"
)


def _remember(db: sqlite3.Connection, lost: Iterable[Trace], day: str) -> None:
    rows = [
        sound(
            (
                each.uid, each.path, each.line, *each.name, each.source, each.before, each.after,
                each.explicit, each.is_open, each.repeats, each.is_fleeting, each.seen_done, day,
            )
        )
        for each in lost
    ]  # fmt: skip
    db.executemany(f"INSERT OR REPLACE INTO vanished VALUES ({', '.join('?' * 14)})", rows)


def _recalled(db: sqlite3.Connection, appeared: Collection[Trace]) -> list[Trace]:
    """Return what is remembered; of very much, what is most alike those that appeared."""
    (count,) = db.execute("SELECT count(*) FROM vanished").fetchone()
    traces = (
        [_recall(tuple(map(text, row))) for row in db.execute(f"SELECT {_FIELDS} FROM vanished")]
        if count
        else []
    )
    if count <= _MANY:
        return traces
    near = {(kind, value) for each in appeared for kind, value in _marks(each)}
    return [each for each in traces if not each.is_past or not near.isdisjoint(_marks(each))]


def _common(
    db: sqlite3.Connection, lost: Collection[Trace], appeared: Collection[Trace]
) -> set[str]:
    """Return the texts of these that several tasks have which were there before."""
    if not lost:
        return set()
    sql = """SELECT text FROM tasks WHERE text IN (SELECT value FROM json_each(?1))
        AND uid NOT IN (SELECT value FROM json_each(?2)) GROUP BY text HAVING count(*) >= ?3"""
    texts = {each.text for side in (lost, appeared) for each in side}
    values = _listed(texts), _listed(each.uid for each in appeared), _SEVERAL
    return {text(said) for (said,) in db.execute(sql, values)}


def _marks(trace: Trace) -> Iterator[tuple[str, str]]:
    yield "path", trace.path
    yield "text", trace.text
    if trace.explicit:
        yield "id", trace.explicit


def _recall(row: Row) -> Trace:
    uid, path, line, words, reference, source, before, after, explicit, *flags, seen, day = row
    is_open, repeats, is_fleeting = map(bool, flags)
    return Trace(
        uid, path, line, (words, reference), source, before, after, explicit,
        is_open, repeats, is_fleeting, day != "", seen,
    )  # fmt: skip


# Who lives on in whom


def _live_on(db: sqlite3.Connection, pairs: Sequence[Match], vault_id: str, today: date) -> None:
    """Give those that appeared the uids of those that vanished."""
    found = [(pair.vanished.uid,) for pair in pairs]
    db.executemany("DELETE FROM vanished WHERE uid = ?", found)
    moved = [
        (pair.vanished.uid, pair.appeared.uid)
        for pair in pairs
        if pair.vanished.uid != pair.appeared.uid
    ]
    if not moved:
        return
    moved += _displaced(db, moved, vault_id)
    # In two steps, since some may have the uids of others. Behind "~" there is no uid.
    db.executemany(
        "UPDATE tasks SET born = iif(born = '', uid, born), uid = '~' || ? WHERE uid = ?", moved
    )
    db.execute(
        """UPDATE tasks SET born = iif(born = substr(uid, 2), '', born), uid = substr(uid, 2)
        WHERE uid > '~'"""
    )
    day = today.isoformat()
    ticked = [
        (day if old.is_open else old.seen_done, old.uid) for old, new, _ in pairs if not new.is_open
    ]
    db.executemany(
        "UPDATE tasks SET seen_done = ? WHERE uid = ? AND status = 'done' AND done = ''", ticked
    )
    _mark_reworded(db, pairs)
    generation.rise(db, [uid for pair in moved for uid in pair])


def _displaced(
    db: sqlite3.Connection, moved: Sequence[tuple[str, str]], vault_id: str
) -> list[tuple[str, str]]:
    """Return new uids for tasks that have one which is another's."""
    leaving, targets = {uid for _, uid in moved}, {uid for uid, _ in moved}
    sql = "SELECT uid FROM tasks WHERE uid IN (SELECT value FROM json_each(?))"
    holders = {uid for (uid,) in db.execute(sql, (_listed(targets),))}
    staying = _standing(db, holders - leaving)
    newcomers = [Newcomer(each.uid, "", each.path, each.name) for each in staying.values()]

    def is_taken(uid: str) -> bool:
        return uid in targets or (uid not in leaving and _is_taken(db, uid))

    given = settle(newcomers, (), is_taken, vault_id)
    return list(zip(given, staying, strict=True))


def _mark_reworded(db: sqlite3.Connection, pairs: Sequence[Match]) -> None:
    """Remember what a person knows a task by that only looks the same, until it was shown anew."""
    likely = [sound((old.uid, old.text)) for old, _, is_likely in pairs if is_likely]
    db.executemany("INSERT OR IGNORE INTO reworded VALUES (?, ?)", likely)
    # What was worded back is what the person knows.
    back = [sound((old.uid, new.text)) for old, new, _ in pairs]
    db.executemany("DELETE FROM reworded WHERE uid = ? AND was = ?", back)
    db.execute(
        """DELETE FROM reworded WHERE uid NOT IN (SELECT uid FROM tasks)
        AND uid NOT IN (SELECT uid FROM vanished)"""
    )
