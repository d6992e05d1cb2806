"""What a plan cannot promise: due dates at risk, what they lack, and how full the days are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings

from mdtasks.model import Block, Kind, Plan, Task, Unplaced
from mdtasks.plan.frame import frame_days
from mdtasks.plan.risk import Load, Outlook, Risk, free_before, missed, outlook, usable
from mdtasks.settings import Hours, Lunch, PlanSettings, Reserve, Shape, Span
from tests.planned import EARLY, FRIDAY, HOUR, MONDAY, SATURDAY, TUESDAY, WEDNESDAY, busy, case
from tests.planner_rules import BERLIN, Case, minutes, task
from tests.test_schedule_rules import cases

NOTHING = timedelta(0)
SHAPE = Shape()
ONE_DAY = frame_days(EARLY, BERLIN, PlanSettings(days=1))


def outlook_of(case: Case, plan: Plan) -> Outlook:
    frame = frame_days(case.now, case.zone, case.settings)
    return outlook(plan, case.tasks, case.hours, SHAPE, frame, case.busy)


def block(title: str, begins: str, ends: str, day: date = MONDAY, kind: Kind = Kind.FOCUS) -> Block:
    """Return a block of the task of that name."""
    start, end = (datetime.combine(day, time.fromisoformat(c), BERLIN) for c in (begins, ends))
    return Block(start, end, title, kind, tuple(title.split(" + ")))


def seen(
    tasks: Sequence[Task],
    blocks: Sequence[Block] = (),
    unplaced: Sequence[str] = (),
    now: datetime = EARLY,
    days: int = 5,
) -> Outlook:
    """Return what cannot be promised of a plan made by hand, over so many days from Monday."""
    plan = Plan(
        tuple(MONDAY + timedelta(days=n) for n in range(days)),
        tuple(sorted(blocks, key=lambda each: each.start)),
        tuple(Unplaced(uid, "no free time") for uid in unplaced),
    )
    frame = frame_days(now, BERLIN, PlanSettings(days=days))
    return outlook(plan, tasks, Hours(), SHAPE, frame)


def only(found: Outlook) -> Risk:
    (risk,) = found.risks
    return risk


def load(found: Outlook, day: date = MONDAY) -> Load:
    return next(load for load in found.loads if load.date == day)


# Due dates


def test_what_is_placed_in_time_is_at_no_risk() -> None:
    write = task("Write", estimate=HOUR, due=MONDAY)
    assert seen([write], [block("Write", "17:00", "18:00")]).risks == ()


def test_what_has_no_place_tells_all_its_work_and_all_free_time() -> None:
    risk = only(seen([task("Write", estimate=10 * HOUR, due=MONDAY)], unplaced=["Write"]))
    assert (risk.task, risk.day, risk.left, risk.free) == ("Write", MONDAY, 10 * HOUR, 8 * HOUR)
    assert risk.ends is None
    assert risk.due == datetime.combine(TUESDAY, time(), BERLIN)


def test_what_ends_late_tells_when() -> None:
    write = task("Write", estimate=HOUR, due=MONDAY)
    risk = only(seen([write], [block("Write", "09:00", "10:00", TUESDAY)]))
    assert risk.ends == datetime(2026, 11, 24, 10, tzinfo=BERLIN)


def test_free_time_ends_at_the_time_it_is_due() -> None:
    write = task("Write", estimate=3 * HOUR, due=MONDAY, due_time=time(11))
    assert only(seen([write], unplaced=["Write"])).free == 2 * HOUR


def test_free_time_begins_now() -> None:
    write = task("Write", estimate=9 * HOUR, due=MONDAY)
    late = datetime(2026, 11, 23, 16, 30, tzinfo=BERLIN)
    assert only(seen([write], unplaced=["Write"], now=late)).free == minutes(90)


def test_time_before_its_start_is_not_free_for_it() -> None:
    write = task("Write", estimate=9 * HOUR, due=TUESDAY, start=TUESDAY)
    assert only(seen([write], unplaced=["Write"])).free == 8 * HOUR


def test_what_is_due_earlier_takes_its_time_first() -> None:
    tasks = [
        task("Write", estimate=15 * HOUR, due=TUESDAY),
        task("Call", estimate=HOUR, due=MONDAY),
    ]
    found = seen(tasks, [block("Call", "09:00", "10:00")], ["Write"])
    assert only(found).free == 15 * HOUR


def test_what_is_overdue_counts_as_due_earlier_and_is_no_risk_itself() -> None:
    old = date(2026, 11, 2)
    tasks = [task("Write", estimate=9 * HOUR, due=MONDAY), task("Old", estimate=HOUR, due=old)]
    found = seen(tasks, [block("Old", "09:00", "10:00")], ["Write"])
    assert (only(found).task, only(found).free) == ("Write", 7 * HOUR)


def test_what_is_due_later_or_never_leaves_its_time_free() -> None:
    tasks = [
        task("Write", estimate=9 * HOUR, due=MONDAY),
        task("Same", estimate=HOUR, due=MONDAY),
        task("Later", estimate=HOUR, due=FRIDAY),
        task("Never", estimate=HOUR),
    ]
    taken = [
        block("Same", "09:00", "10:00"),
        block("Later", "10:05", "11:05"),
        block("Never", "11:10", "12:10"),
    ]
    assert only(seen(tasks, taken, ["Write"])).free == 8 * HOUR


def test_busy_and_fixed_times_are_not_free() -> None:
    tasks = [task("Write", estimate=9 * HOUR, due=MONDAY), task("Choir", begins=time(13, 30))]
    taken = [
        Block(*_times("09:00", "10:00"), "Meeting", Kind.BUSY),
        block("Choir", "13:30", "14:00", kind=Kind.FIXED),
    ]
    assert only(seen(tasks, taken, ["Write"])).free == minutes(8 * 60 - 90)


def test_time_that_is_kept_for_others_is_not_free_and_for_its_like_it_is() -> None:
    kept = Shape((Reserve("deep", Span(time(9), time(12)), ("#deep",)),))
    plan = Plan((MONDAY,), (), (Unplaced("Write", "no free time"),))
    for tags, free in (((), 5), (("#deep",), 8)):
        write = task("Write", estimate=9 * HOUR, due=MONDAY, tags=tags)
        assert only(outlook(plan, [write], Hours(), kept, ONE_DAY)).free == free * HOUR


def test_lunch_is_not_free() -> None:
    lunch = Shape(lunch=Lunch(Span(time(12), time(14)), minutes(60)))
    plan = Plan((MONDAY,), (), (Unplaced("Write", "no free time"),))
    write = task("Write", estimate=9 * HOUR, due=MONDAY)
    hours = Hours((((Span(time(9), time(18))),),) * 7)
    assert only(outlook(plan, [write], hours, lunch, ONE_DAY)).free == 8 * HOUR


def _times(begins: str, ends: str) -> tuple[datetime, datetime]:
    meeting = busy(begins, ends)
    return meeting.start, meeting.end


def test_busy_times_that_are_no_part_of_the_plan_are_not_free_either() -> None:
    write = task("Write", estimate=9 * HOUR, due=MONDAY)
    plan = Plan((MONDAY,), (), (Unplaced("Write", "no free time"),))
    found = outlook(plan, [write], Hours(), SHAPE, ONE_DAY, [busy("09:00", "10:00")])
    assert only(found).free == 7 * HOUR


def test_a_task_without_an_estimate_counts_as_the_default() -> None:
    assert only(seen([task("Call", due=MONDAY)], unplaced=["Call"])).left == minutes(15)


def test_what_of_a_running_block_is_over_is_behind_us() -> None:
    write = task("Write", estimate=3 * HOUR, due=MONDAY)
    pieces = [block("Write", "09:00", "10:30"), block("Write", "09:00", "10:30", TUESDAY)]
    found = seen([write], pieces, now=datetime(2026, 11, 23, 9, 50, tzinfo=BERLIN))
    assert only(found).left == minutes(130)


def test_nothing_of_a_running_batch_is_behind_us() -> None:
    tasks = [task("Call", due=MONDAY, due_time=time(9, 20)), task("Pay")]
    batch = block("Call + Pay", "09:00", "09:30", kind=Kind.MICRO)
    now = datetime(2026, 11, 23, 9, 10, tzinfo=BERLIN)
    assert only(seen(tasks, [batch], now=now)).left == minutes(15)


def test_the_date_of_a_parent_waits_for_all_its_steps() -> None:
    tasks = [
        task("Move", due=MONDAY),
        task("Pack", parent="Move", estimate=5 * HOUR),
        task("Carry", parent="Move", estimate=4 * HOUR),
    ]
    found = seen(
        tasks, [block("Pack", "09:00", "12:30"), block("Pack", "13:30", "15:00")], ["Carry"]
    )
    risk = only(found)
    assert (risk.task, risk.left, risk.free) == ("Move", 9 * HOUR, 8 * HOUR)


def test_a_parent_ends_with_the_last_of_its_steps() -> None:
    tasks = [task("Move", due=MONDAY)]
    tasks += [task(name, parent="Move", estimate=HOUR) for name in ("Pack", "Carry")]
    blocks = [block("Pack", "09:00", "10:00"), block("Carry", "09:00", "10:00", TUESDAY)]
    assert only(seen(tasks, blocks)).ends == datetime(2026, 11, 24, 10, tzinfo=BERLIN)


def test_a_step_with_a_later_date_of_its_own_is_not_waited_for() -> None:
    tasks = [
        task("Move", due=MONDAY),
        task("Pack", parent="Move", estimate=9 * HOUR),
        task("Thank", parent="Move", estimate=HOUR, due=FRIDAY),
    ]
    found = seen(tasks, [block("Thank", "09:00", "10:00", FRIDAY)], ["Pack"])
    assert (only(found).task, only(found).left) == ("Move", 9 * HOUR)


def test_a_step_with_an_earlier_date_of_its_own_is_a_risk_of_its_own() -> None:
    tasks = [
        task("Move", due=FRIDAY),
        task("Pack", parent="Move", estimate=9 * HOUR, due=MONDAY),
        task("Carry", parent="Move", estimate=HOUR),
    ]
    done = [block("Carry", "09:00", "10:00", WEDNESDAY), block("Pack", "09:00", "18:00", TUESDAY)]
    found = seen(tasks, done)
    assert [risk.task for risk in found.risks] == ["Pack"]


def test_a_batch_with_a_step_of_its_own_takes_no_time_from_it() -> None:
    tasks = [
        task("Move", due=TUESDAY),
        task("Pack", parent="Move", estimate=17 * HOUR),
        task("Call", parent="Move"),
        task("Pay", due=MONDAY),
    ]
    batch = block("Call + Pay", "09:00", "09:30", kind=Kind.MICRO)
    risk = only(seen(tasks, [batch], ["Pack"]))
    assert (risk.day, risk.left, risk.free) == (TUESDAY, minutes(17 * 60 + 15), 16 * HOUR)


def test_the_soonest_comes_first() -> None:
    tasks = [task("B", due=TUESDAY), task("A", due=FRIDAY), task("C", due=MONDAY)]
    found = seen(tasks, unplaced=["A", "B", "C"])
    assert [risk.task for risk in found.risks] == ["C", "B", "A"]


def test_time_is_counted_by_the_hour_where_the_clocks_change() -> None:
    sunday = date(2026, 10, 25)  # 02:00 comes twice
    hours = Hours((((Span(time(0), time(6))),),) * 7)
    write = task("Write", estimate=9 * HOUR, due=sunday)
    plan = Plan((sunday,), (), (Unplaced("Write", "no free time"),))
    midnight = datetime(2026, 10, 25, tzinfo=BERLIN)
    frame = frame_days(midnight, BERLIN, PlanSettings(days=1))
    found = outlook(plan, [write], hours, SHAPE, frame)
    assert only(found).free == 7 * HOUR
    assert found.loads[0].free == 7 * HOUR


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
@given(case=cases())
def test_at_risk_is_what_the_plan_misses_and_nothing_else(case: Case) -> None:
    plan = case.plan()
    whole = [block for block in plan.blocks if block.kind is not Kind.BUSY]
    found = outlook_of(case, plan)
    frame = frame_days(case.now, case.zone, case.settings)
    assert {risk.task for risk in found.risks} == missed(plan, case.tasks, frame)
    late = {uid for b in whole if b.late and len(b.tasks) == 1 for uid in b.tasks}
    overdue = {t.uid for t in case.tasks if t.due and not _can_be_kept(t, case)}
    dated = {t.uid for t in case.tasks if t.due}
    assert (late & dated) - overdue <= {risk.task for risk in found.risks}
    assert all(risk.left > NOTHING and risk.free >= NOTHING for risk in found.risks)


def _can_be_kept(each: Task, case: Case) -> bool:
    return each.due is not None and each.due >= case.now.astimezone(case.zone).date()


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
@given(case=cases())
def test_where_the_work_is_more_than_the_free_time_the_plan_misses_it(case: Case) -> None:
    """The plan's own blocks are the proof: what is in time, lies in time that counts as free."""
    plan = case.plan()
    frame = frame_days(case.now, case.zone, case.settings)
    kept = {uid for b in plan.blocks if b.kind is Kind.FOCUS for uid in b.tasks}
    kept -= missed(plan, case.tasks, frame)
    # Pushed out of the plan by hand, each is a risk, and what it needs was free.
    for each in (t for t in case.tasks if t.uid in kept and t.due and _can_be_kept(t, case)):
        without = plan._replace(
            blocks=tuple(b for b in plan.blocks if each.uid not in b.tasks),
            unplaced=(*plan.unplaced, Unplaced(each.uid, "pushed out")),
        )
        found = outlook_of(case, without)
        risks = {risk.task: risk for risk in found.risks}
        if each.uid in risks:  # due within the days
            assert risks[each.uid].left <= risks[each.uid].free


# Days


def test_the_load_of_a_day_is_its_focus_time_alone() -> None:
    tasks = [task(name, estimate=HOUR) for name in ("Write", "Call", "Choir")]
    blocks = [
        block("Write", "09:00", "10:00"),
        block("Call", "10:05", "10:20", kind=Kind.MICRO),
        block("Choir", "11:00", "12:00", kind=Kind.FIXED),
    ]
    found = load(seen(tasks, blocks))
    assert (found.focus, found.limit) == (HOUR, 5 * HOUR)


def test_free_is_what_is_still_to_come_without_blocks_and_buffers() -> None:
    blocks = [block("Write", "10:00", "11:00"), Block(*_times("15:00", "16:00"), "x", Kind.BUSY)]
    now = datetime(2026, 11, 23, 9, 30, tzinfo=BERLIN)
    found = load(seen([task("Write", estimate=HOUR)], blocks, now=now))
    # 9:30 to 9:55, 11:05 to 12:30, 13:30 to 15:00, 16:00 to 18:00
    assert found.free == minutes(25 + 85 + 90 + 120)


def test_a_day_without_hours_has_no_free_time() -> None:
    assert load(seen([], days=7), SATURDAY) == Load(SATURDAY, NOTHING, 5 * HOUR, NOTHING, NOTHING)


def test_a_day_tells_how_much_that_is_due_then_has_no_place() -> None:
    tasks = [
        task("Write", estimate=3 * HOUR, due=MONDAY),
        task("Draw", estimate=HOUR, due=MONDAY),
        task("Read", estimate=HOUR, due=TUESDAY),
    ]
    blocks = [block("Write", "09:00", "10:30"), block("Write", "09:00", "10:30", TUESDAY)]
    found = seen(tasks, [*blocks, block("Read", "11:00", "12:00", TUESDAY)], ["Draw"])
    assert [day.short for day in found.loads[:3]] == [minutes(150), NOTHING, NOTHING]


def test_a_day_over_its_load_is_told_by_the_planner_and_counted_here() -> None:
    made = case(task("Write", estimate=6 * HOUR, due=MONDAY))
    found = outlook_of(made, made.plan())
    assert (load(found).focus, load(found).limit, found.risks) == (6 * HOUR, 5 * HOUR, ())


# Before a moment


def test_free_before_a_moment_is_working_time_that_no_block_holds() -> None:
    frame = frame_days(EARLY, BERLIN, PlanSettings())
    blocks = [block("Write", "10:00", "11:00")]
    noon = datetime(2026, 11, 23, 12, tzinfo=BERLIN)
    assert free_before(noon, blocks, usable(Plan(), Hours(), SHAPE, frame), frame) == minutes(
        55 + 55
    )


def test_free_before_a_moment_that_is_over_is_nothing() -> None:
    frame = frame_days(EARLY, ZoneInfo("Europe/Berlin"), PlanSettings())
    assert (
        free_before(EARLY - 48 * HOUR, [], usable(Plan(), Hours(), SHAPE, frame), frame) == NOTHING
    )
