"""The nouns that the steps of planning share.

Rule: values only. All moments are UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from mdtasks.model import Task
from mdtasks.plan.estimates import NO_FACTORS, NO_TIMES, Factors
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
    factors: Factors = field(default_factory=lambda: NO_FACTORS)
    # The time worked on a task, which its estimate is without.
    spent: Mapping[str, timedelta] = field(default_factory=lambda: NO_TIMES)
    # Called now and then while a plan is made: who would rather have none yet raises there.
    heed: Callable[[], None] = field(default=lambda: None, compare=False)

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
    It `follows` the steps before it in the note, where they have a place and it is not late so.
    A `whole` one is never cut. The session of a quota has a uid of its own, and `task` is the one
    that it is for, or one without uid that bears its name.
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
    whole: bool = False
    follows: tuple[str, ...] = ()

    @property
    def is_session(self) -> bool:
        return self.uid != self.task.uid

    def may_fill(self, only: str) -> bool:
        """Whether it may stand in time that is reserved for `only`, "" for all."""
        return not only or only in self.purposes

    def can_be_saved(self, now: datetime) -> bool:
        """Whether a due date can still be kept or missed."""
        return self.deadline is not None and self.deadline > now
