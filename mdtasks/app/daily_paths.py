"""Where the daily notes of today and of the last days lie.

Rule: names only; whether there is such a note is not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from mdtasks.app.session import Session
from mdtasks.dates import name_for
from mdtasks.index.store import Store

# In the sections of so many earlier days a tick still counts.
DAYS_BACK = 7


def daily_notes(session: Session, store: Store) -> Mapping[str, date]:
    """Return vault-relative path -> day, today's note last.

    Where no folder is set, they are where the latest daily note is.
    """
    notes = session.config.read.daily_notes
    names = [
        (f"{name_for(day, notes.format)}.md", day)
        for day in (session.today - timedelta(days=back) for back in range(DAYS_BACK + 1))
    ]
    folder = session.config.daily.folder or notes.folder
    if not folder:
        folder = _usual_folder(session, store, names[0][0].count("/"))
    inside = tuple(filter(None, folder.strip("/").split("/")))
    paths = ("/".join((*inside, name)).removeprefix("./") for name, _ in names)
    # A format without a day names several days alike: that note is today's.
    return dict(reversed([*zip(paths, (day for _, day in names), strict=True)]))


def daily_note_path(session: Session, store: Store) -> str:
    """Return where the note of the session's day lies or is to lie, vault-relative."""
    return next(path for path, day in daily_notes(session, store).items() if day == session.today)


def _usual_folder(session: Session, store: Store, levels: int) -> str:
    """Return the folder of the latest daily note; `levels` folders of its path are in the name."""
    from mdtasks.read.note import day_of

    days = {path: day_of(path, session.config.read) for path in store.stamps()}
    latest = max(((day, path) for path, day in days.items() if day), default=None)
    return "/".join(latest[1].split("/")[: -1 - levels]) if latest else ""
