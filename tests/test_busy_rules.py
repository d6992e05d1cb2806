"""The moments of recurrence rules: as python-dateutil finds them, where it finds any."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from mdtasks.busy.rules import RuleError, moments, parse, steps

FIRST = datetime(2026, 1, 5, 9)
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def found(text: str, first: datetime = FIRST, low: str = "2026-01-01", high: str = "2026-12-31"):  # type: ignore[no-untyped-def]
    days = (date.fromisoformat(each) for each in (low, high))
    return moments(parse(text), first, datetime.max, *days)


def part(name: str, values: st.SearchStrategy[object], most: int) -> st.SearchStrategy[str]:
    lists = st.lists(values, min_size=1, max_size=most, unique=True)
    return st.just("") | lists.map(lambda some: f";{name}={','.join(map(str, some))}")


def signed(most: int) -> st.SearchStrategy[int]:
    return st.integers(1, most) | st.integers(-most, -1)


@st.composite
def rules(draw: st.DrawFn) -> str:
    """Return a rule that comes at least once in a while, so that dateutil ends its search."""
    freq = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    text = f"FREQ={freq}" + draw(part("INTERVAL", st.integers(1, 4), 1))
    text += draw(part("WKST", st.sampled_from(WEEKDAYS), 1))
    text += draw(part("COUNT", st.integers(1, 80), 1))
    text += draw(part("BYHOUR", st.integers(0, 23), 3)) + draw(part("BYMINUTE", st.just(30), 1))
    if freq == "YEARLY":
        weeks, year_days = part("BYWEEKNO", signed(52), 9), part("BYYEARDAY", signed(365), 9)
        text += draw(part("BYMONTH", st.integers(1, 12), 4) | weeks | year_days)
    if freq == "MONTHLY":
        text += draw(part("BYMONTHDAY", signed(28), 4))
    elif "BYWEEKNO" not in text:
        text += draw(part("BYDAY", st.sampled_from(WEEKDAYS), 5)) if "BYYEAR" not in text else ""
    if freq == "MONTHLY" and "BYMONTHDAY" not in text:
        nth = st.tuples(signed(4), st.sampled_from(WEEKDAYS)).map(
            lambda pair: f"{pair[0]}{pair[1]}"
        )
        text += draw(part("BYDAY", nth, 3) | part("BYDAY", st.sampled_from(WEEKDAYS), 5))
    if "BYDAY" in text and freq in ("MONTHLY", "YEARLY") and "INTERVAL" not in text:
        text += draw(part("BYSETPOS", st.sampled_from([1, -1]), 2))
    return text


@settings(max_examples=150, deadline=None)
@given(
    rule=rules(),
    first=st.datetimes(datetime(2021, 1, 1), datetime(2026, 12, 28)),
    start=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
    length=st.integers(0, 70),
)
def test_moments_are_those_of_dateutil(
    rule: str, first: datetime, start: date, length: int
) -> None:
    first = first.replace(second=0, microsecond=0, day=min(first.day, 28))
    end = start + timedelta(days=length)
    low, high = (
        datetime(start.year, start.month, start.day),
        datetime.combine(end, datetime.max.time()),
    )
    theirs = rrulestr(rule, dtstart=first).between(low, high, inc=True)
    assert moments(parse(rule), first, datetime.max, start, end) == theirs, rule


def test_the_last_weekday_of_each_month() -> None:
    rule = "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"
    assert [f"{each:%a %d}" for each in found(rule)][-3:] == ["Fri 30", "Mon 30", "Thu 31"]


def test_weekdays_and_numbered_ones_may_stand_together() -> None:
    days = found("FREQ=MONTHLY;BYDAY=MO,1TU", low="2026-02-01", high="2026-02-28")
    assert [each.day for each in days] == [2, 3, 9, 16, 23]


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYDAY=5MO;BYMONTH=2;BYMONTHDAY=1",
        "FREQ=WEEKLY;BYMONTHDAY=31;BYMONTH=4",
        "FREQ=MONTHLY;BYDAY=6FR",
        "FREQ=YEARLY;BYDAY=MO;BYSETPOS=366",
        "FREQ=DAILY;INTERVAL=9999999",
    ],
)
def test_a_rule_that_never_comes_ends_with_the_days_asked_for(rule: str) -> None:
    assert found(rule, low="2026-01-06") == []


def test_what_begins_in_the_first_year_and_ends_in_the_last_is_found() -> None:
    for freq in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY"):
        early = found(f"FREQ={freq}", datetime.min, "0001-01-01", "0001-01-08")
        late = found(f"FREQ={freq}", datetime(9998, 12, 31), "9999-12-24", "9999-12-31")
        assert early[0] == datetime.min
        assert late[-1].date() > date(9999, 12, 24)


def test_counting_is_told_before_it_is_done() -> None:
    assert steps(parse("FREQ=DAILY"), FIRST, date(2027, 1, 5)) == 0
    assert steps(parse("FREQ=DAILY;COUNT=9"), FIRST, date(2027, 1, 5)) == 365
    assert steps(parse("FREQ=WEEKLY;INTERVAL=2;COUNT=9"), FIRST, date(2027, 1, 5)) == 26
    with pytest.raises(RuleError, match="too long"):
        found("FREQ=DAILY;COUNT=99999", datetime(1900, 1, 1))


@pytest.mark.parametrize(
    "rule",
    [
        "",
        "FREQ=HOURLY",
        "FREQ=MINUTELY;COUNT=5;BYDAY=MO",
        "FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9;BYMINUTE=0,1,2,3,4,5,6,7,8,9",
        "FREQ=DAILY;INTERVAL=x",
        "FREQ=DAILY;BYMONTH=13",
        "FREQ=DAILY;BYMONTHDAY=0",
        "FREQ=DAILY;BYDAY=XX",
        "FREQ=DAILY;WKST=1",
        "FREQ=DAILY;BYEASTER=1",
        "FREQ=DAILY;COUNT=" + "9" * 99,
    ],
)
def test_a_rule_that_is_none_or_comes_too_often_is_refused(rule: str) -> None:
    with pytest.raises(RuleError):
        parse(rule)
