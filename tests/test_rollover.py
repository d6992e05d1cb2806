"""How often a task was planned and moved on: counted, said, and asked about."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from mdtasks.app.refresh import opened
from mdtasks.app.rollover import planned_before
from mdtasks.app.session import Session, open_session
from mdtasks.app.today import today
from mdtasks.config import load, places
from mdtasks.index.store import delete
from mdtasks.model import Block, Kind, Plan, Rolled, Status, Task
from mdtasks.plan.rollover import passed, rolled, to_decide, together, told
from mdtasks.plan.today import checklist
from tests.conftest import MakeVault
from tests.planner_rules import BERLIN, task
from tests.running import mdtasks, still

MONDAY = date(2026, 11, 23)
DAYS = [MONDAY + timedelta(days=n) for n in range(5)]
NOTE = """\
- [ ] Write the report ⏱ 1h ⏫
- [ ] Answer Lotte 🔼
- [ ] Mail 🔁 every day ⏱ 25m
- [ ] Read 🔁 every week ⏱ 30m 📅 2026-11-24
- [ ] Choir ⏳ 2026-11-23 20:00-21:00
"""


def block(day: date, *uids: str, kind: Kind = Kind.FOCUS, hour: int = 9) -> Block:
    start = datetime.combine(day, time(hour), BERLIN)
    return Block(start, start + timedelta(hours=1), "Block", kind, uids)


def at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), BERLIN)


# --- counting ---


def test_days_are_counted_and_not_blocks() -> None:
    blocks = [block(MONDAY, "a", hour=9), block(MONDAY, "a", hour=11), block(DAYS[1], "a", "b")]
    days = passed(blocks, at(DAYS[4], 8))
    assert days == {"a": frozenset(DAYS[:2]), "b": frozenset(DAYS[1:2])}


def test_a_block_counts_when_it_is_over() -> None:
    assert passed([block(MONDAY, "a")], at(MONDAY, 10) - timedelta(minutes=1)) == {}
    assert passed([block(MONDAY, "a")], at(MONDAY, 10)) == {"a": {MONDAY}}


def test_a_night_belongs_to_the_day_on_which_it_began() -> None:
    assert passed([block(MONDAY, "a", hour=23)], at(DAYS[1], 8)) == {"a": {MONDAY}}


def test_an_hour_that_the_clocks_repeat_is_over_after_the_second_time() -> None:
    start = datetime(2026, 10, 25, 0, 15, tzinfo=UTC).astimezone(BERLIN)
    night = Block(start, start.replace(hour=2, minute=45, fold=1), "Night", Kind.FOCUS, ("a",))
    assert passed([night], datetime(2026, 10, 25, 1, 0, tzinfo=UTC)) == {}
    assert set(passed([night], datetime(2026, 10, 25, 1, 45, tzinfo=UTC))) == {"a"}


def test_times_that_the_person_wrote_count_and_busy_ones_do_not() -> None:
    blocks = [block(MONDAY, "a", kind=Kind.FIXED), block(MONDAY, "b", kind=Kind.BUSY)]
    assert set(passed(blocks, at(DAYS[1], 8))) == {"a"}


def test_the_sessions_of_a_weekly_quota_do_not_count() -> None:
    session = block(MONDAY, "a")._replace(session="#sport 2026-W48 1")
    assert passed([session, block(MONDAY, "b")], at(DAYS[1], 8)) == {"b": {MONDAY}}


def test_records_are_put_together_for_thirty_days() -> None:
    old, kept = MONDAY - timedelta(days=30), MONDAY - timedelta(days=29)
    both = together([{"a": frozenset({old, kept})}, {"a": frozenset({MONDAY})}, {}], MONDAY)
    assert both == {"a": frozenset({kept, MONDAY})}


def test_the_day_that_runs_is_no_earlier_day() -> None:
    record = {"a": frozenset(DAYS)}
    assert [each.times for each in rolled([task("a")], record, DAYS[2])] == [2]


def test_what_moved_most_often_comes_first_and_then_what_waits_longest() -> None:
    record = {
        "new": frozenset(DAYS[1:3]),
        "old": frozenset(DAYS[:2]),
        "often": frozenset(DAYS[:3]),
        "done": frozenset(DAYS[:3]),
    }
    tasks = [task("new"), task("old"), task("often"), task("never")]
    done = task("done", status=Status.DONE)
    found = rolled([*tasks, done], record, DAYS[4])
    assert [each.task for each in found] == ["often", "old", "new"]
    assert found[0] == Rolled("often", 3, MONDAY)


@pytest.mark.parametrize(
    ("rule", "times"), [("every day", 0), ("every weekday when done", 0), ("every week", 4)]
)
def test_what_comes_back_every_day_does_not_move_on(rule: str, times: int) -> None:
    record = {"a": frozenset(DAYS[:4])}
    found = rolled([task("a", recurrence=rule)], record, DAYS[4])
    assert sum(each.times for each in found) == times


def test_it_is_asked_after_the_third_day_about_three_tasks_at_most() -> None:
    found = [Rolled(str(n), times, MONDAY) for n, times in enumerate([5, 4, 3, 3, 2])]
    assert to_decide(found) == ("0", "1", "2")
    assert to_decide(found[4:]) == ()


def named(tasks: Iterable[Task], plan: Plan, day: date, now: date) -> tuple[Rolled, ...]:
    value = checklist(plan, tuple(tasks), day, BERLIN)
    return told(value, tasks, {"a": frozenset(DAYS[:4])}, now).rolled


def test_a_day_tells_of_its_own_tasks_only() -> None:
    tasks = [task("a", estimate=timedelta(hours=1)), task("b")]
    plan = Plan(blocks=(block(DAYS[4], "a"),))
    assert [each.task for each in named(tasks, plan, DAYS[4], DAYS[4])] == ["a"]
    later = Plan(blocks=(block(date(2026, 12, 1), "a"),))
    assert named(tasks, later, DAYS[4], DAYS[4]) == ()


def test_of_another_day_nothing_is_asked() -> None:
    plan = Plan(blocks=(block(DAYS[4], "a"),))
    value = checklist(plan, [task("a")], DAYS[4], BERLIN)
    record = {"a": frozenset(DAYS[:3])}
    assert told(value, [task("a")], record, DAYS[4]).decide == ("a",)
    assert told(value, [task("a")], record, DAYS[3]).decide == ()


# --- five days ---


@pytest.fixture
def root(vault: MakeVault) -> Path:
    return vault({"Work.md": NOTE, "mdtasks.toml": 'timezone = "Europe/Berlin"\n'})


def pass_days(root: Path, days: Iterable[date]) -> None:
    for day in days:
        for hour in (9, 18):
            assert mdtasks(root, "sync", now=f"{day}T{hour:02}:00").code == 0


def counts(root: Path, day: date) -> dict[str, int]:
    """Return how often the tasks of a morning were planned before, by their texts."""
    found = mdtasks(root, "today", "--json", now=f"{day}T09:00").json
    tasks = mdtasks(root, "list", "--json", now=f"{day}T09:00").json["tasks"]
    texts = {each["uid"]: each["text"] for each in tasks}
    return {texts[each["task"]]: each["times"] for each in found["rolled"]}


def test_the_count_rises_with_each_day_that_the_task_stays_open(root: Path) -> None:
    seen = []
    for day in DAYS:
        seen.append(counts(root, day).get("Write the report", 0))
        pass_days(root, [day])
    assert seen == [0, 1, 2, 3, 4]


def test_a_batch_and_a_written_time_count_and_what_repeats_daily_does_not(root: Path) -> None:
    pass_days(root, DAYS[:2])
    assert counts(root, DAYS[2]) == {
        "Write the report": 2,
        "Answer Lotte": 2,
        "Read": 2,
        "Choir": 2,
    }


def test_today_says_it_from_the_second_day_and_asks_after_the_third(root: Path) -> None:
    shown = []
    for day in DAYS:
        shown.append(mdtasks(root, "today", now=f"{day}T09:00").out.decode())
        pass_days(root, [day])
    assert [" planned " in page for page in shown] == [False, False, True, True, True]
    assert ["Decide:" in page for page in shown] == [False, False, False, True, True]
    asked = shown[4].partition("Decide:")[2].partition("\n\n")[0]
    assert asked.count("planned 4 times") == 3
    assert shown[4].index("▶09:00–") < shown[4].index("Decide:") < shown[4].index("Small tasks")


def test_plain_lines_say_nothing_of_it(root: Path) -> None:
    pass_days(root, DAYS[:3])
    shown = mdtasks(root, "today", "--plain", now=f"{DAYS[3]}T09:00").out.decode()
    assert "Write the report" in shown
    assert "planned" not in shown
    assert "Decide" not in shown


def test_show_names_the_days(root: Path) -> None:
    pass_days(root, DAYS[:2])
    now = f"{DAYS[2]}T09:00"
    shown = mdtasks(root, "show", "Work.md:1", now=now)
    assert "  planned   2 times, first on Mon 2026-11-23" in shown.lines
    found = mdtasks(root, "show", "Work.md:1", "--json", now=now).json
    assert found["rolled"] == ["2026-11-23", "2026-11-24"]


def test_deleting_the_index_changes_no_count_where_a_feed_is_published(root: Path) -> None:
    pass_days(root, DAYS[:4])
    before = counts(root, DAYS[4])
    delete(places(root, load(root).config).cache)
    assert counts(root, DAYS[4]) == before
    assert before["Write the report"] == 4


def test_done_and_undone_it_keeps_its_count_and_done_it_has_none(root: Path) -> None:
    pass_days(root, DAYS[:3])
    now = f"{DAYS[3]}T09:00"
    mdtasks(root, "done", "Work.md:1", now=now)
    assert "Write the report" not in counts(root, DAYS[3])
    mdtasks(root, "undo", now=now)
    assert counts(root, DAYS[3])["Write the report"] == 3


def test_postponed_it_keeps_its_count_and_is_not_asked_about_until_then(root: Path) -> None:
    pass_days(root, DAYS[:3])
    mdtasks(root, "postpone", "Work.md:1", "2026-11-27", now=f"{DAYS[3]}T08:30")
    mdtasks(root, "sync", now=f"{DAYS[3]}T08:30")
    assert "Write the report" not in counts(root, DAYS[3])
    assert counts(root, DAYS[4])["Write the report"] == 3


def test_the_next_occurrence_starts_anew(root: Path) -> None:
    pass_days(root, DAYS[:3])
    now = f"{DAYS[3]}T09:00"
    assert mdtasks(root, "done", "Work.md:4", now=now).code == 0
    shown = mdtasks(root, "list", "--json", "description includes Read", now=now).json["tasks"]
    again = next(each for each in shown if each["status"] == "todo")
    found = mdtasks(root, "show", f"Work.md:{again['line']}", "--json", now=now).json
    assert found["task"]["due"] == "2026-12-01"
    assert found["rolled"] == []


def test_what_it_says_to_type_can_be_typed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDITOR", "true")
    pass_days(root, DAYS[:3])
    now = f"{DAYS[3]}T09:00"
    page = mdtasks(root, "today", now=now).out.decode()
    typed = re.findall(r"^ +mdtasks (.*?)(?:  .*)?$", page.partition("Decide:")[2], re.MULTILINE)
    assert len(typed) == 4
    for line in typed:
        steps = ["A first step 10m"] if line.startswith("split") else []  # else it asks for them
        ran = mdtasks(root, *shlex.split(line), *steps, now=now)
        assert (line, ran.code) == (line, 0)
        if line.startswith("edit"):
            assert ran.said == ["mdtasks: that line is as it was"]
        else:
            assert ran.out
            assert mdtasks(root, "undo", now=now).code == 0


# --- without a feed ---


def on(root: Path, moment: datetime) -> Session:
    """Return a run by the real clock, which is at that moment."""
    still(root)
    return open_session(str(root), None, lambda line: None)._replace(now=moment)


def look(session: Session) -> dict[str, int]:
    with opened(session) as (store, _):
        value, tasks = today(session, store, session.today)
        return {tasks[each.task].text: each.times for each in value.rolled}


def test_without_a_feed_the_index_remembers(root: Path) -> None:
    seen = [
        look(on(root, at(day, hour))).get("Write the report", 0) for day in DAYS for hour in (9, 18)
    ]
    assert seen[::2] == [0, 1, 2, 3, 4]
    assert not places(root, load(root).config).feed.exists()


def test_a_trial_adds_nothing_to_what_the_index_remembers(root: Path) -> None:
    look(on(root, at(MONDAY, 9)))
    for day in DAYS:
        mdtasks(root, "today", now=f"{day}T09:00")
        mdtasks(root, "today", now=f"{day}T18:00")
    session = on(root, at(DAYS[1], 9))
    with opened(session) as (store, _):
        assert planned_before(session, store) == {}
    assert look(session)["Write the report"] == 1


def test_days_of_an_old_plan_count_though_nobody_looked(root: Path) -> None:
    look(on(root, at(MONDAY, 9)))
    assert look(on(root, at(DAYS[4], 9)))["Write the report"] == 1


def test_the_index_learns_from_the_feed_what_it_does_not_know(root: Path) -> None:
    pass_days(root, DAYS[:3])
    delete(places(root, load(root).config).cache)
    assert look(on(root, at(DAYS[3], 9)))["Write the report"] == 3
    places(root, load(root).config).feed.unlink()
    assert look(on(root, at(DAYS[4], 9)))["Write the report"] == 4
