"""What came in, and what an hour of it took: pay and logged time, added up exactly."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdtasks.model import Source, Status, Task
from mdtasks.plan.earned import Done, Earned, Wished, earnings, per_hour, sums, worth
from mdtasks.plan.worked import Piece
from mdtasks.read.money import Pay, parse_pay
from tests.conftest import MakeVault
from tests.running import mdtasks, on_terminal

DAILY = "# Time log\n\n- 09:00 - 10:00 Mails\n- 10:00 - 10:30 Coffee\n- 11:00 - 11:50 Code\n"
NOTES = {
    "Shop.md": "- [x] Mails #mail 💰 60 EUR ✅ 2026-11-18\n- [x] Sign 💰 40 EUR ✅ 2026-11-10\n",
    "App.md": "- [x] Code #platform/upwork 💰 $40/h ✅ 2026-11-19\n",
    "2026-11-18.md": DAILY,
}


def test_an_hour_is_what_came_in_by_the_time_that_was_logged(vault: MakeVault) -> None:
    found = mdtasks(vault(NOTES), "earnings", "--json").json
    assert [(e["currency"], e["amount"], e["per_hour"]) for e in found["totals"]] == [
        ("EUR", "100", "60.00"),
        ("USD", "33.33", "40.00"),
    ]
    assert found["totals"][0]["timed"] == "60"
    assert [(e["name"], e["amount"]) for e in found["projects"]] == [
        ("Shop", "100"),
        ("App", "33.33"),
    ]
    assert found["unpaid"] == [{"name": "Coffee", "minutes": 30}]


def test_weeks_add_up_to_what_came_in_so_far(vault: MakeVault) -> None:
    weeks = mdtasks(vault(NOTES), "earnings", "--weeks", "3", "--json").json["weeks"]
    assert [(w["first"], w["amount"], w["so_far"]) for w in weeks if w["currency"] == "EUR"] == [
        ("2026-11-09", "40", "40"),
        ("2026-11-16", "60", "100"),
        ("2026-11-23", "0", "100"),
    ]


def test_goals_count_their_own_currency_and_period(vault: MakeVault) -> None:
    settings = '[earnings]\nweekly = "€100"\nmonthly = "400 EUR"\n'
    root = vault({**NOTES, "mdtasks.toml": settings})
    goals = mdtasks(root, "earnings", "--weeks", "1", "--json", now="2026-11-20").json["goals"]
    assert [(g["period"], g["since"], g["amount"], g["wanted"]) for g in goals] == [
        ("week", "2026-11-16", "60", "100"),
        ("month", "2026-11-01", "100", "400"),
    ]
    lines = mdtasks(root, "earnings", now="2026-11-20").lines
    assert "this month  #####---------------  25 %  100.00 of 400.00 EUR" in lines


def test_a_platform_is_a_tag_below_platform_or_one_of_the_settings(vault: MakeVault) -> None:
    root = vault({**NOTES, "mdtasks.toml": '[earnings]\nplatforms = ["#mail"]\n'})
    found = mdtasks(root, "earnings", "--json").json["platforms"]
    assert [(e["name"], e["amount"]) for e in found] == [
        ("#mail", "60"),
        (None, "40"),
        ("upwork", "33.33"),
    ]


def test_time_on_a_step_is_that_of_what_is_paid(vault: MakeVault) -> None:
    book = "- [x] Book 💰 90 EUR ✅ 2026-11-20\n  - [x] Draft ✅ 2026-11-20\n"
    log = "# Time log\n- 09:00 - 10:00 Draft\n- 10:00 - 10:30 Book\n"
    found = mdtasks(vault({"a.md": book, "2026-11-19.md": log}), "earnings", "--json").json
    assert found["totals"][0]["per_hour"] == "60.00"
    assert (found["unpaid"], found["best"][0]["minutes"]) == ([], 90)


def test_time_on_what_is_not_done_yet_is_neither_paid_nor_unpaid(vault: MakeVault) -> None:
    log = "# Time log\n- 09:00 - 10:00 Book\n- 10:00 - 10:30 Dropped\n"
    tasks = "- [ ] Book 💰 90 EUR\n- [-] Dropped 💰 50 EUR ❌ 2026-11-20\n"
    found = mdtasks(vault({"a.md": tasks, "2026-11-19.md": log}), "earnings", "--json").json
    assert (found["totals"], found["not_done_minutes"], found["unpaid_minutes"]) == ([], 60, 30)


def test_what_cannot_be_counted_is_named(vault: MakeVault) -> None:
    tasks = (
        "- [x] Nice [pay:: a cake] ✅ 2026-11-20\n- [x] Talk 💰 50 EUR/h ✅ 2026-11-20\n"
        "- [x] Plain 💰 5 ✅ 2026-11-20\n"
    )
    root = vault({"a.md": tasks})
    found = mdtasks(root, "earnings", "--json").json
    assert [e["line"] for e in found["unread"]] == [1]
    assert [e["line"] for e in found["without_time"]] == [2]
    assert [(e["currency"], e["amount"]) for e in found["totals"]] == [(None, "5"), ("EUR", "0.00")]
    assert "  a.md:1: Nice 💰 a cake" in mdtasks(root, "earnings").lines


def test_a_day_is_no_project(vault: MakeVault) -> None:
    root = vault({"2026-11-20.md": "- [x] Talk 💰 50 EUR ✅ 2026-11-20\n"})
    assert mdtasks(root, "earnings", "--json").json["projects"][0]["name"] is None


def test_nothing_came_in_says_so_and_asks_for_nothing(vault: MakeVault) -> None:
    ran = mdtasks(vault({"a.md": "- [ ] Talk 💰 50 EUR\n"}), "earnings")
    assert ran.code == 0
    assert ran.lines[2].startswith("Nothing came in.")


@pytest.mark.parametrize("goal", ["much", "5 EUR/h", "0 EUR", "-5 EUR"])
def test_a_goal_that_is_no_amount_is_refused(vault: MakeVault, goal: str) -> None:
    ran = mdtasks(vault({"a.md": "", "mdtasks.toml": f'[earnings]\nweekly = "{goal}"\n'}), "list")
    assert ran.code == 2
    assert "250 EUR" in "".join(ran.said)


def test_hostile_words_do_not_reach_the_terminal(vault: MakeVault) -> None:
    task = "- [x] Evil \x1b]0;x\x07 \u202e #t\x1b[31m 💰 5 EUR ✅ 2026-11-20\n"
    log = "# Time log\n- 09:00 - 10:00 Bad \x1b[2J\n"
    root = vault({"a\x9b.md": task, "2026-11-19.md": log})
    out = on_terminal(root, "earnings", variables={"NO_COLOR": "1"}).out.decode()
    assert not set(out) & {"\x1b", "\x07", "\x9b", "\u202e"}
    assert "5.00 EUR" in out


def test_a_terminal_gets_bars_and_a_pipe_gets_ascii(vault: MakeVault) -> None:
    root = vault(NOTES)
    assert "█" in on_terminal(root, "earnings").out.decode()
    piped = mdtasks(root, "earnings").out.decode()
    assert "█" not in piped
    assert "####################" in piped


def test_the_whole_page(vault: MakeVault) -> None:
    root = vault(NOTES)
    assert mdtasks(root, "earnings", "--weeks", "2").lines == WHOLE.splitlines()


WHOLE = """\
Monday 16 November to Monday 23 November

Earned       60.00 EUR  60.00 EUR an hour  1h logged
Earned       33.33 USD  40.00 USD an hour  50m logged

By week, EUR
  16 Nov       60.00       60.00 so far  ####################
  23 Nov        0.00       60.00 so far

By week, USD
  16 Nov       33.33       33.33 so far  ####################
  23 Nov        0.00       33.33 so far

By project
  Shop       60.00 EUR  60.00 EUR an hour  1h logged
  App        33.33 USD  40.00 USD an hour  50m logged

By platform
  without a platform       60.00 EUR  60.00 EUR an hour  1h logged
  upwork                   33.33 USD  40.00 USD an hour  50m logged

By tag
  #mail                  60.00 EUR  60.00 EUR an hour  1h logged
  #platform/upwork       33.33 USD  40.00 USD an hour  50m logged

Best hours
  60.00 EUR an hour  Mails #mail            60.00 EUR in 1h   Shop.md
  40.00 USD an hour  Code #platform/upwork  33.33 USD in 50m  App.md

Unpaid · 30m logged without pay
  Coffee     30m
"""

# What holds for all amounts

AMOUNTS = st.decimals(0, 10**9, places=2)
TIMES = st.integers(0, 200 * 3600).map(lambda seconds: timedelta(seconds=seconds))
CURRENCIES = st.sampled_from(["", "EUR", "kr"])


def task(uid: str, pay: str | None = None, project: str | None = None) -> Task:
    return Task(Source("a.md", 1, ""), Status.DONE, "x", uid, uid=uid, pay=pay, project=project)


@given(st.lists(st.tuples(AMOUNTS, CURRENCIES, TIMES, st.sampled_from("abc")), max_size=12))
def test_sums_of_names_are_the_whole_of_each_currency(
    rows: list[tuple[Decimal, str, timedelta, str]],
) -> None:
    day = date(2026, 11, 20)
    found = [
        Earned(day, (task(str(n), project=name),), amount, currency, time)
        for n, (amount, currency, time, name) in enumerate(rows)
    ]
    whole = sums(found, lambda each: [""])
    parts = sums(found, lambda each: [each.task.project or ""])
    for one in whole:
        own = [part for part in parts if part.currency == one.currency]
        assert sum(part.amount for part in own) == one.amount
        assert sum((part.time for part in own), timedelta()) == one.time
        assert one.timed <= one.amount
    assert {one.currency for one in whole} == {currency for _, currency, _, _ in rows}


@given(AMOUNTS, TIMES)
def test_pay_by_the_hour_is_within_half_a_cent(rate: Decimal, time: timedelta) -> None:
    exact = rate * Decimal(int(time.total_seconds())) / 3600
    assert abs(worth(Pay(rate, "EUR", hourly=True), time) - exact) <= Decimal("0.005")
    assert worth(Pay(rate, "EUR"), time) == rate
    assert (per_hour(rate, time) is None) == (not time)


@given(st.lists(st.tuples(st.integers(0, 40), AMOUNTS, CURRENCIES), max_size=10))
def test_weeks_and_totals_agree_and_nothing_outside_counts(
    rows: list[tuple[int, Decimal, str]],
) -> None:
    weeks = [date(2026, 11, 2) + timedelta(weeks=n) for n in range(3)]
    done = [
        Done(date(2026, 10, 20) + timedelta(days=n), (task(str(at), pay=f"{amount} {currency}"),))
        for at, (n, amount, currency) in enumerate(rows)
    ]
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    found = earnings(done, [], weeks, now, ZoneInfo("UTC"), Wished())
    inside = [e for e in done if weeks[0] <= e.day <= now.date()]
    assert sum(s.amount for s in found.totals) == sum(
        pay.amount for e in inside if (pay := parse_pay(e.line[0].pay or ""))
    )
    for one in found.totals:
        own = [week for week in found.weeks if week.currency == one.currency]
        assert own[-1].so_far == sum(week.amount for week in own) == one.amount


def test_time_that_overlaps_counts_once() -> None:
    start = datetime(2026, 11, 18, 9, tzinfo=UTC)
    line = (task("a", pay="60 EUR"),)
    pieces = [Piece(start, start + timedelta(hours=1), "a", line)] * 2
    found = earnings(
        [Done(start.date(), line)], pieces, [date(2026, 11, 16)], start + timedelta(days=1),
        ZoneInfo("UTC"),
    )  # fmt: skip
    assert found.totals[0].rate == Decimal("60.00")


def test_best_and_worst_hours_share_no_task_and_keep_currencies_apart() -> None:
    start = datetime(2026, 11, 18, 9, tzinfo=UTC)
    lines = [(task(f"{n}{c}", pay=f"{n} {c}"),) for n in range(1, 6) for c in ("EUR", "SEK")]
    hour = timedelta(hours=1)
    pieces = [Piece(start + n * hour, start + (n + 1) * hour, "", ln) for n, ln in enumerate(lines)]
    found = earnings(
        [Done(start.date(), line) for line in lines], pieces, [date(2026, 11, 16)],
        start + timedelta(days=1), ZoneInfo("UTC"),
    )  # fmt: skip
    assert [e.task.uid for e in found.best] == [
        f"{n}{c}" for c in ("EUR", "SEK") for n in (5, 4, 3)
    ]
    assert [e.task.uid for e in found.worst] == [f"{n}{c}" for c in ("EUR", "SEK") for n in (1, 2)]


def test_no_note_changes(vault: MakeVault) -> None:
    root = vault(NOTES)
    before = {path: path.read_bytes() for path in Path(root).rglob("*.md")}
    mdtasks(root, "earnings")
    assert {path: path.read_bytes() for path in Path(root).rglob("*.md")} == before
