"""What was planned on earlier days: the published feed keeps it, and the index beside it.

Rule: a trial with another clock reads what is kept and adds nothing.
"""

from __future__ import annotations

import json
from datetime import date

from mdtasks.app.session import Session
from mdtasks.index.store import Store
from mdtasks.model import Plan
from mdtasks.plan.rollover import Days, passed, together

_NAME = "planned before"


def take_note(session: Session, store: Store, last: Plan) -> None:
    """Keep on which days the tasks of the last plan had blocks that are over now."""
    if session.is_trial:
        return
    kept = _kept(store)
    now = together(
        [kept, passed(last.blocks, session.now), _published(session)],
        session.today,
    )
    if now != kept:
        days = {uid: sorted(map(date.isoformat, found)) for uid, found in now.items()}
        store.put(_NAME, json.dumps(days).encode())


def planned_before(session: Session, store: Store) -> Days:
    """Return for each task the days of the last 30 on which it had a block that is over."""
    records = [_kept(store)]
    if session.is_trial:
        records.append(_published(session))
    return together(records, session.today)


def _kept(store: Store) -> dict[str, frozenset[date]]:
    days: dict[str, list[str]] = json.loads(store.get(_NAME) or b"{}")
    return {uid: frozenset(map(date.fromisoformat, found)) for uid, found in days.items()}


def _published(session: Session) -> dict[str, frozenset[date]]:
    try:
        data = session.places.feed.read_bytes()
    except OSError:  # none yet
        return {}
    from mdtasks.render.ics import last_plan

    return passed(last_plan(data, session.zone).blocks, session.now)
