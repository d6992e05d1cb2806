"""The nouns that the steps of planning share.

Rule: values only. All moments are UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from mdtasks.model import Task
from mdtasks.plan.slots import ONE_DAY, Slot, midnight, whole_steps
from mdtasks.settings import PlanSettings, Span

# A task's uid -> its pieces in time order. Tasks of one micro batch share one slot.
Pieces = tuple[Slot, ...]
Placement = Mapping[str, Pieces]


@dataclass(frozen=True, slots=True)
class Frame:
    """The days that are planned, from `now` on, and by which settings."""

    now: datetime
    zone: ZoneInfo
    days: tuple[date, ...]
    end: datetime  # of the last day
    settings: PlanSettings  # lengths are multiples of `step`

    @property
    def today(self) -> date:
        return self.days[0]

    @property
    def last(self) -> date:
        return self.days[-1]


def frame_days(now: datetime, zone: ZoneInfo, settings: PlanSettings) -> Frame:
    """Return the frame that begins on the local day of `now`."""
    today = now.astimezone(zone).date()
    days = tuple(today + n * ONE_DAY for n in range(settings.days))
    step = settings.step
    even = settings._replace(
        min_block=whole_steps(settings.min_block, step),
        max_block=max(settings.max_block // step, 1) * step,
    )
    return Frame(now.astimezone(UTC), zone, days, midnight(days[-1] + ONE_DAY, zone), even)


@dataclass(frozen=True, slots=True)
class Job:
    """A wanted task in terms of time.

    `task` has what it lacks from its parents. `ready` and `until` bound where it may stand;
    `deadline` is None where no day of the frame could be late. `after` holds the uids it waits
    for. A small job belongs into a batch, unless a bigger one waits for it. `purposes` names the
    reserved slots that it may fill; `likes` are the times of day that suit it, all if empty.
    """

    uid: str
    task: Task
    length: timedelta
    weight: float
    ready: datetime
    until: datetime
    deadline: datetime | None
    after: tuple[str, ...]
    small: bool
    purposes: frozenset[str] = frozenset()
    likes: tuple[Span, ...] = ()

    def can_be_saved(self, now: datetime) -> bool:
        """Whether a due date can still be kept or missed."""
        return self.deadline is not None and self.deadline > now
