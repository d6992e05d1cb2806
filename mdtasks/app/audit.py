"""What repeats in finished work, and what becomes of what was handed over.

Rule: done tasks and the time log as the index has them; the notes are written in app/audit_note.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from mdtasks.app.earnings import weeks_of
from mdtasks.app.session import Session
from mdtasks.errors import UsageError
from mdtasks.index.finished import Finished
from mdtasks.index.store import Store
from mdtasks.plan.estimates import time_spent
from mdtasks.plan.handed import Accounts, accounts, piece
from mdtasks.plan.repeated import Audit, Group, Work, repeated
from mdtasks.plan.slots import working_slots
from mdtasks.read.money import parse_pay


def audited(session: Session, store: Store, weeks: int) -> Audit:
    """Return what repeated in the last weeks, this one included."""
    first, last = weeks_of(session, weeks)[0], session.today
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    slots = working_slots(session.config.hours, days, session.zone)
    working = sum((slot.end - slot.start for slot in slots), timedelta())
    hourly = parse_pay(session.config.earnings.hourly)
    groups = repeated(_works(session, store, first, last), working)
    return Audit(first, last, working, hourly, tuple(groups))


def handed_over(session: Session, store: Store, weeks: int) -> Accounts:
    """Return what became of all that others have, and of what they did in the last weeks."""
    first, today = weeks_of(session, weeks)[0], session.today
    tasks = store.tasks(open_only=True, saying="assignee")
    done = [each.uid for each in store.finished(first, today)]
    tasks += store.tasks(uids=done, saying="assignee")
    return Accounts(first, today, tuple(accounts(piece(task, today) for task in tasks)))


def numbered(audit: Audit, number: int) -> Group:
    """Return the group with this number, from 1. Raises UsageError."""
    if not 1 <= number <= len(audit.groups):
        count = len(audit.groups)
        hint = f"`mdtasks audit` shows them, 1 to {count}" if count else "nothing repeats"
        raise UsageError(f"there is no group {number}", hint)
    return audit.groups[number - 1]


def _works(session: Session, store: Store, first: date, last: date) -> Sequence[Work]:
    """Return the small work that was done: what fits into one block, each with its steps."""
    plan = session.config.plan
    found = {each.uid: each for each in store.finished(first, last)}
    spent = _with_steps(_spent(session, store), found)
    times = {
        uid: spent.get(uid) or each.estimate or plan.default_estimate for uid, each in found.items()
    }
    works = []
    for uid, each in found.items():
        is_step = any(times[above] <= plan.max_block for above in _above(each, found))
        if times[uid] <= plan.max_block and not is_step:
            place = (uid, each.path, each.line, each.text, each.day)
            works.append(Work(*place, times[uid], uid in spent, bool(each.recurrence)))
    return works


def _above(each: Finished, found: Mapping[str, Finished]) -> list[str]:
    """Return the uids of what a task is a step of, as far as that is done too."""
    line: list[str] = []
    while (parent := each.parent) in found and parent not in line:
        line.append(parent)
        each = found[parent]
    return line


def _with_steps(
    spent: Mapping[str, timedelta], found: Mapping[str, Finished]
) -> dict[str, timedelta]:
    """Return the logged time of each task with that of its steps."""
    times: defaultdict[str, timedelta] = defaultdict(timedelta)
    for uid, time in spent.items():
        above = _above(found[uid], found) if uid in found else []
        for each in (uid, *above):
            times[each] += time
    return dict(times)


def _spent(session: Session, store: Store) -> Mapping[str, timedelta]:
    from mdtasks.app.time_log import intervals

    return time_spent(intervals(session, store))
