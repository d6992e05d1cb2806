"""Pages of plans, for the tests of what a person sees of them."""

from __future__ import annotations

from datetime import UTC

from mdtasks.model import Plan
from mdtasks.plan.frame import frame_days
from mdtasks.plan.risk import outlook
from mdtasks.render.pen import Pen
from mdtasks.render.plan import Page
from mdtasks.render.terminal import Show
from mdtasks.settings import Shape
from tests.planner_rules import Case


def page(case: Case, pen: Pen | None = None, why: bool = False, plan: Plan | None = None) -> Page:
    """Return the page of a case's plan, or of one made by hand."""
    made = plan or case.plan()
    frame = frame_days(case.now, case.zone, case.settings._replace(days=len(made.days)))
    seen = outlook(made, case.tasks, case.hours, Shape(), frame, case.busy)
    now = case.now.astimezone(UTC).astimezone(case.zone)
    show = Show(pen or Pen(), now.date())
    return Page(made, {task.uid: task for task in case.tasks}, seen, show, now, why)
