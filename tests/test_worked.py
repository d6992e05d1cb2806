"""What a time log adds up to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from mdtasks.model import Block, Interval, Kind, Source, Status, Task
from mdtasks.plan.worked import (
    Made,
    Piece,
    Report,
    Share,
    Span,
    by_hour,
    longest,
    merged,
    pieces_of,
    report,
    shares,
    total,
    within,
)
from mdtasks.settings import Hours

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 23, tzinfo=BERLIN)
SOURCE = Source("a.md", 1, "")
PURPOSES = {"earning": ("#client",), "maintaining": (), "wasting": ("#news", "Attic")}


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def piece(start: float, end: float, name: str = "Write", *tags: str, project: str = "") -> Piece:
    task = Task(SOURCE, Status.TODO, " ", name, uid=name, tags=tags, project=project or None)
    begin, until = (MONDAY.astimezone(UTC) + hours(at) for at in (start, end))
    return Piece(begin, until, name, (task,))


def made(*pieces: Piece, **more: Any) -> Made:
    return Made(pieces, {}, (), {}, Hours(), PURPOSES)._replace(**more)


def of(value: Made, days: int = 1, now: float = 240) -> Report:
    dates = [MONDAY.date() + timedelta(days=day) for day in range(days)]
    return report(value, dates, MONDAY + hours(now), BERLIN)


MOMENTS = st.integers(0, 72 * 60).map(lambda minute: MONDAY + timedelta(minutes=minute))
SPANS = st.lists(st.tuples(MOMENTS, MOMENTS).map(sorted).map(tuple).filter(lambda s: s[0] < s[1]))


@given(SPANS)
def test_a_minute_counts_once_however_many_spans_hold_it(spans: list[Span]) -> None:
    minutes = {
        start + timedelta(minutes=n)
        for start, end in spans
        for n in range((end - start) // timedelta(minutes=1))
    }
    found = merged(spans)
    assert total(found) == timedelta(minutes=len(minutes))
    assert merged(reversed(found)) == found
    assert all(a[1] < b[0] for a, b in pairwise(found))
    assert sum(by_hour(found, BERLIN).values(), timedelta()) == total(found)


@given(SPANS, MOMENTS)
def test_what_lies_before_and_behind_a_moment_is_the_whole(
    spans: list[Span], cut: datetime
) -> None:
    pieces = [Piece(start, end, "x", ()) for start, end in spans]
    parts = within(pieces, MONDAY, cut), within(pieces, cut, MONDAY + hours(72))
    lengths = [total(merged(each.span for each in part)) for part in parts]
    assert sum(lengths, timedelta()) == total(merged(spans))


@given(SPANS, st.lists(st.sampled_from("abc"), min_size=1))
def test_no_share_is_more_than_the_whole_and_together_they_are_no_less(
    spans: list[Span], names: list[str]
) -> None:
    pieces = [Piece(*span, names[n % len(names)], ()) for n, span in enumerate(spans)]
    whole = total(merged(spans))
    found = shares(pieces, lambda each: [each.name])
    assert all(share.time <= whole for share in found)
    assert sum((share.time for share in found), timedelta()) >= whole


def test_what_overlaps_counts_once_in_the_sum_and_whole_by_task() -> None:
    found = of(made(piece(9, 11), piece(10, 12, "Mail"), piece(10, 11)))
    assert found.logged == hours(3)
    assert found.names == (Share("Mail", hours(2)), Share("Write", hours(2)))


def test_an_interval_over_midnight_counts_on_both_days() -> None:
    found = of(made(piece(23, 25.5)), days=2)
    assert [day.logged for day in found.days] == [hours(1), hours(1.5)]
    assert of(made(piece(23, 25.5))).logged == hours(1)


def test_only_time_that_has_passed_counts_where_clocks_change() -> None:
    spring = datetime(2026, 3, 29, tzinfo=BERLIN)
    begin, end = (datetime(2026, 3, 29, at, 30, tzinfo=BERLIN) for at in (1, 4))
    spans = [(begin.astimezone(UTC), end.astimezone(UTC))]
    assert total(spans) == hours(2)
    assert by_hour(spans, BERLIN) == {1: hours(0.5), 3: hours(1), 4: hours(0.5)}
    autumn = datetime(2026, 10, 25, tzinfo=BERLIN).astimezone(UTC)
    assert by_hour([(autumn + hours(2), autumn + hours(5))], BERLIN) == {
        2: hours(2),
        3: hours(1),
    }
    day = [spring.date()]
    found = report(made(Piece(*spans[0], "x", piece(0, 1).line)), day, end, BERLIN)
    assert (found.logged, found.days[0].logged) == (hours(2), hours(2))


def test_a_clock_that_runs_counts_until_now_and_a_forgotten_one_for_nothing() -> None:
    line = piece(0, 1).line
    log = [
        Interval(MONDAY + hours(9), None, SOURCE),
        Interval(MONDAY - hours(9), None, SOURCE),
        Interval(MONDAY, MONDAY + hours(13), SOURCE),
        Interval(MONDAY, MONDAY, SOURCE),
    ]
    (found,) = pieces_of(log, lambda each: ("x", line), MONDAY + hours(10))
    assert found.end - found.start == hours(1)


def test_working_hours_without_a_log_are_told_up_to_now_on_days_that_have_one() -> None:
    found = of(made(piece(9, 10), piece(10.1, 12.5)), days=2, now=15)
    ((start, end),) = found.days[0].gaps
    assert (start, end) == (MONDAY + hours(13.5), MONDAY + hours(15))
    assert found.days[0].working == hours(5)
    assert (found.days[1].working, found.days[1].gaps) == (hours(0), ())
    assert of(made(), now=15).days[0].gaps == ()


def test_the_longest_time_on_one_thing_has_no_break() -> None:
    found = longest([piece(9, 10), piece(10, 11), piece(11.5, 13), piece(12, 13.4, "Mail")])
    assert found is not None
    assert (found.name, found.end - found.start) == ("Write", hours(2))
    assert longest([]) is None


def test_a_task_is_done_in_the_hour_in_which_its_last_interval_ends() -> None:
    pieces = (piece(9, 10), piece(13, 14), piece(15, 15.5, "Mail"))
    found = of(made(*pieces, done={MONDAY.date(): {"Write", "Mail", "elsewhere"}}))
    assert {hour.hour: hour.done for hour in found.hours} == {9: 0, 13: 1, 15: 1}
    assert {hour.hour: hour.rate for hour in found.hours} == {9: 0.0, 13: 1.0, 15: 2.0}


def test_what_was_planned_up_to_now_meets_what_is_logged() -> None:
    def block(start: float, end: float, *tasks: str) -> Block:
        return Block(MONDAY + hours(start), MONDAY + hours(end), "", Kind.FOCUS, tasks)

    blocks = (block(9, 11, "Write"), block(11, 12, "Mail", "Call"), block(14, 18, "Write"))
    names = {"Write": "Write", "Mail": "Mail"}
    found = of(made(piece(9, 10.5), blocks=blocks, names=names), now=15)
    assert [tuple(each) for each in found.planned] == [
        ("Write", hours(3), hours(1.5)),
        ("Mail", hours(0.5), hours(0)),
    ]


def test_time_is_for_the_first_purpose_that_a_mark_names() -> None:
    pieces = (
        piece(9, 10, "a", "#Client/big", "#news"),
        piece(10, 12, "b", "#news"),
        piece(12, 15, "c", project="attic"),
        piece(15, 16, "d"),
    )
    found = of(made(*pieces))
    assert [tuple(each) for each in found.purposes] == [
        ("earning", hours(1)),
        ("wasting", hours(5)),
        ("", hours(1)),
    ]
    assert [share.name for share in found.wasted] == ["c", "b"]
    assert of(made(*pieces, purposes={"earning": ()})).purposes == ()


def test_changes_are_counted_within_a_day() -> None:
    pieces = (piece(9, 10), piece(10, 11), piece(11, 12, "Mail"), piece(33, 34))
    assert of(made(*pieces), days=2).switches == 1


def test_what_is_still_to_come_does_not_count() -> None:
    found = of(made(piece(9, 10)), now=9.5)
    assert found.logged == hours(0.5)
    assert by_hour(found.days[0].spans, BERLIN) == {9: hours(0.5)}
