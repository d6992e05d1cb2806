"""What the watcher tells, a line each.

Rule: what stays as it was is no news.
"""

from __future__ import annotations

from collections.abc import Iterator

from mdtasks.app.publish import Published
from mdtasks.app.refresh import Refreshed
from mdtasks.app.session import Notify


class Once:
    """Tells a line unless it was told in the sync before: what stays so is no news."""

    def __init__(self, notify: Notify) -> None:
        self._notify = notify
        self._before: set[str] = set()
        self._now: set[str] = set()

    def __call__(self, line: str) -> None:
        if line not in self._before | self._now:
            self._notify(line)
        self._now.add(line)

    def start_over(self) -> None:
        self._before, self._now = self._now, set()


def what_was_done(refreshed: Refreshed, published: Published) -> Iterator[str]:
    for verb, paths in (("read", refreshed.changed), ("dropped", refreshed.gone)):
        if paths:
            yield f"{verb} {paths[0] if len(paths) == 1 else f'{len(paths)} notes'}"
    if published.feed:
        yield "wrote the feed"
    if published.daily:
        yield "wrote the day's note"
