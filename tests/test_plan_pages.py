"""The plan as a person sees it: in a pipe, on terminals of many widths, as a grid."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mdtasks.model import Block, Kind, Move, Plan, Unplaced
from mdtasks.render.pen import Pen
from mdtasks.render.plan import plain
from mdtasks.render.plan_table import table
from mdtasks.render.plan_week import grid
from tests.conftest import MakeVault
from tests.plan_pages import page
from tests.planned import EARLY, FRIDAY, HOUR, MONDAY, TUESDAY, WEDNESDAY, case
from tests.planner_rules import BERLIN, Case, minutes, task
from tests.running import mdtasks, on_terminal

SGR = re.compile(r"\x1b\[[0-9;]*m")
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
TERMINAL = Pen(tty=True, width=80)

NOTE = """\
- [ ] Write the report on 日本語 and what else there is to say about it ⏱ 3h ⏫ 📅 2026-11-24
- [ ] [bold red]Read[/] the *draft* \x1b[31m\u202e:smile: ⏱ 1h 📅 2026-11-25
- [ ] Call the bank 📅 2026-11-23
- [ ] Pay the rent 📅 2026-11-23
- [ ] Lunch with Ann ⏳ 2026-11-25 12:30-13:30
- [ ] Write a book ⏱ 60h 📅 2026-11-26
"""
TOML = 'timezone = "Europe/Berlin"\n'


@pytest.fixture
def root(vault: MakeVault) -> Path:
    return vault({"Work.md": NOTE, "mdtasks.toml": TOML})


def wide(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line)


def shown(root: Path, *args: str, columns: int = 80, colour: bool = False) -> list[str]:
    """Return the lines that a terminal of that width shows."""
    assert mdtasks(root, "index").code == 0  # on a busy machine, reading would show its bar
    variables = {} if colour else {"NO_COLOR": "1"}
    ran = on_terminal(root, *args, columns=columns, variables=variables)
    assert ran.code == 0, ran.out
    return ran.out.decode().splitlines()


# In a pipe


def test_a_pipe_gets_plain_lines_in_stable_columns() -> None:
    made = case(
        task("Write", key="wri", estimate=HOUR, due=TUESDAY), task("Call Bo", key="cal", due=MONDAY)
    )
    lines = list(plain(page(made)))
    assert lines[:3] == [
        "Monday 23 November · 1h of 5h focus · 6h35m free",
        "  09:00–10:00  Write    1h     wri",
        "  10:05–10:20  Call Bo  15m    cal",
    ]


def test_days_in_a_row_without_blocks_are_one_line() -> None:
    lines = list(plain(page(case(task("Write", estimate=HOUR, scheduled=FRIDAY)))))
    assert lines[0] == "Monday 23 November to Thursday 26 November · nothing planned · 32h free"
    assert lines[2].startswith("Friday 27 November · 1h of 5h focus")
    assert len(lines) == 4  # no hours at the week's end, no line


def test_what_is_at_risk_stands_first_in_the_words_of_the_contract() -> None:
    made = case(task("Write the report", key="wri", estimate=50 * HOUR, due=FRIDAY))
    lines = list(plain(page(made)))
    assert lines[0] == "At risk"
    assert lines[1] == "  due Fri: 50h left, 40h free  Write the report  wri  no place for all"


def test_an_overfull_day_says_by_how_much() -> None:
    lines = list(plain(page(case(task("Write", estimate=6 * HOUR, due=MONDAY)))))
    assert lines[0].startswith("Monday 23 November · 6h of 5h focus, over by 1h · ")


def test_a_day_says_how_much_that_is_due_has_no_place() -> None:
    made = case(
        task("Write", estimate=9 * HOUR, due=MONDAY), task("Read", estimate=HOUR, due=MONDAY)
    )
    (line,) = [line for line in plain(page(made)) if line.startswith("Monday")]
    assert re.search(r" · \d+h(\d+m)? due that day does not fit$", line)


def moved() -> Plan:
    """Return a plan in which one of four tasks moved, and one left."""
    nine = EARLY + HOUR
    return Plan(
        (MONDAY,),
        (Block(nine, nine + HOUR, "Write", Kind.FOCUS, ("Write",)),),
        (Unplaced("Read", "no free 1h"),),
        moves=2,
        moved=(
            Move("Write", nine + minutes(35), nine, "an earlier place was free"),
            Move("Read", nine, None, "no free 1h"),
        ),
        of=4,
        notices=("lunch is short today: only 20m is free",),
    )


def test_moves_are_counted_and_told_one_by_one() -> None:
    made = case(task("Write", key="wri", estimate=HOUR), task("Read", key="rea", estimate=HOUR))
    lines = list(plain(page(made, plan=moved())))
    assert lines[-3:] == [
        "Moved 2 of 4 tasks, 35m in all",
        "  Write  wri  today 09:35 → today 09:00  an earlier place was free",
        "  Read   rea  today 09:00 → no place     no free 1h",
    ]


def test_what_is_not_as_wished_is_said_above_the_days() -> None:
    made = case(task("Write", estimate=HOUR), task("Read", estimate=HOUR))
    for lines in (
        list(plain(page(made, plan=moved()))),
        list(table(page(made, TERMINAL, plan=moved()))),
    ):
        assert lines[:2] == ["Not as you wished", "  lunch is short today: only 20m is free"]


def test_breaks_and_busy_times_show_dim() -> None:
    lunch = Block(EARLY + 4 * HOUR, EARLY + 5 * HOUR, "lunch", Kind.BREAK)
    talk = Block(EARLY + 6 * HOUR, EARLY + 7 * HOUR, "Talk", Kind.BUSY)
    plan = Plan((MONDAY,), (lunch, talk))
    coloured = Pen(tty=True, color=True, width=80)
    for lines in (
        plain(page(case(), coloured, plan=plan)),
        table(page(case(), coloured, plan=plan)),
    ):
        text = "\n".join(lines)
        assert re.search(r"\x1b\[2mlunch", text)
        assert re.search(r"\x1b\[2mTalk", text)


def test_what_lies_in_a_calendar_is_shown_on_each_day() -> None:
    fair = Block(EARLY - 8 * HOUR, EARLY + 40 * HOUR, "Fair", Kind.BUSY)
    talk = Block(EARLY + 14 * HOUR, EARLY + 19 * HOUR, "Talk", Kind.BUSY)
    made = case(task("Write", estimate=HOUR, scheduled=WEDNESDAY), settings=_days(3))
    plan = made.plan()
    plan = plan._replace(blocks=(fair, talk, *plan.blocks))
    lines = list(plain(page(made, plan=plan)))
    assert lines[:7] == [
        "Monday 23 November · 0m of 5h focus · no free time",
        "  all day      Fair  24h",
        "  22:00–00:00  Talk  2h",
        "",
        "Tuesday 24 November · 0m of 5h focus · no free time",
        "  all day      Fair  24h",
        "  00:00–03:00  Talk  3h",
    ]
    cells = "\n".join(grid(page(made, Pen(width=60), plan=plan)))
    assert cells.count("Fair") == 2
    assert cells.startswith("       Mon 23")
    assert "09:00  ┌" in cells  # the grid is of the hours that are planned


# On a terminal


@pytest.mark.parametrize("columns", [40, 80, 200])
@pytest.mark.parametrize("args", [["plan"], ["plan", "--why"], ["plan", "--week"]], ids=" ".join)
def test_every_page_fits_the_terminal(root: Path, args: list[str], columns: int) -> None:
    lines = shown(root, *args, columns=columns)
    assert max(map(wide, lines)) <= columns
    assert not CONTROL.search("\n".join(lines))
    assert not [line for line in lines if line.endswith(" ")]


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_nothing_of_a_title_is_cut_in_the_table(root: Path, columns: int) -> None:
    words = " ".join(" ".join(shown(root, "plan", columns=columns)).split())
    title = "Write the report on 日本語 and what else there is to say about it"
    squeezed = re.sub(r"[ ▌▶━·░█]|\d+h(\d+m)?|[0-9a-f]{3} ", "", words)
    assert re.sub(" ", "", title) in squeezed or columns > 40
    assert "[bold red]Read[/] the *draft*" in words or columns == 40
    assert ":smile:" in words


def test_a_terminal_shows_the_load_as_a_bar(root: Path) -> None:
    lines = shown(root, "plan")
    (monday,) = [line for line in lines if line.startswith("Monday 23 November")]
    assert re.match(r"Monday 23 November  █*░*  \d", monday)


def test_a_wide_terminal_draws_each_block_where_it_stands(root: Path) -> None:
    assert any("━" in line for line in shown(root, "plan", columns=200))
    assert not any("━" in line for line in shown(root, "plan", columns=80))


def test_colours_only_change_colours(root: Path) -> None:
    for args in (["plan"], ["plan", "--why"], ["plan", "--week"]):
        coloured = shown(root, *args, colour=True)
        bare = [SGR.sub("", line).rstrip() for line in coloured]
        assert any(SGR.search(line) for line in coloured)
        # Colours of a grid have a line that explains them.
        told = [line for line in bare if line and not re.match(r" +focus  ", line)]
        assert told == [line for line in shown(root, *args) if line]


def test_a_long_list_of_what_has_no_place_is_cut_on_a_terminal_alone() -> None:
    tasks = [task(f"Job {n:02}", estimate=9 * HOUR, due=MONDAY) for n in range(15)]
    made = case(*tasks)
    lines = list(table(page(made, TERMINAL)))
    assert (
        "  and 4 more: mdtasks plan --why" in lines or "  and 5 more: mdtasks plan --why" in lines
    )
    whole = "\n".join(plain(page(made)))
    assert all(each.text in whole for each in tasks)


def test_the_running_block_has_a_mark() -> None:
    made = case(task("Write", estimate=HOUR))
    running = replace(made, now=EARLY + HOUR + minutes(5))
    lines = list(table(page(running, TERMINAL, plan=made.plan())))
    assert [line[0] for line in lines if "Write" in line] == ["▶"]


# The grid


def test_a_grid_has_days_as_columns_and_time_as_rows() -> None:
    made = case(
        task("Write", estimate=minutes(45), scheduled=MONDAY, begins=_clock("09:00")),
        task("Read", estimate=minutes(30), scheduled=TUESDAY, begins=_clock("10:00")),
        settings=_days(2),
    )
    assert [line.rstrip() for line in grid(page(made, Pen(width=34)))] == [
        "       Mon 23        Tue 24",
        "       0m/5h         0m/5h",
        "09:00  ┌Write",
        "       │",
        "       └",
        "",
        "10:00                ┌Read",
        "                     └",
    ]


def _clock(text: str) -> object:
    return datetime.strptime(text, "%H:%M").time()


def _days(count: int) -> object:
    return Case((), EARLY).settings._replace(days=count)


def test_each_block_has_a_row_however_short_and_crowded() -> None:
    nine = EARLY + HOUR
    short = [
        Block(nine + minutes(5 * n), nine + minutes(5 * n + 5), f"B{n}", Kind.FIXED, (f"B{n}",))
        for n in range(6)
    ]
    overlapping = Block(nine, nine + 2 * HOUR, "Long", Kind.FIXED, ("Long",))
    lines = grid(page(case(), Pen(width=40), plan=Plan((MONDAY,), (overlapping, *short))))
    text = "\n".join(lines)
    assert all(each.title in text for each in (overlapping, *short))


def test_a_long_empty_stretch_is_one_row() -> None:
    early, late = EARLY - HOUR, EARLY + 12 * HOUR
    blocks = tuple(Block(at, at + HOUR, "Run", Kind.FIXED, ("Run",)) for at in (early, late))
    lines = grid(page(case(), Pen(width=40), plan=Plan((MONDAY,), blocks)))
    assert len([line for line in lines if "Run" in line]) == 2
    assert len(lines) < 16


def test_a_block_over_midnight_stands_in_both_columns() -> None:
    at = datetime(2026, 11, 23, 23, tzinfo=BERLIN)
    watch = Block(at, at + 2 * HOUR, "Watch", Kind.FIXED, ("Watch",))
    lines = grid(page(case(), Pen(width=60), plan=Plan((MONDAY, TUESDAY), (watch,))))
    assert sum(line.count("Watch") for line in lines) == 2


def test_more_than_seven_days_are_more_grids(root: Path) -> None:
    lines = mdtasks(root, "plan", "--week", "--days", "20").lines
    assert len([line for line in lines if "Mon 23" in line or "Wed 2 " in line]) == 2


def test_a_narrow_terminal_gets_the_list(root: Path) -> None:
    assert any(line.startswith("Monday 23") for line in shown(root, "plan", "--week", columns=40))
    assert any("Mon 23 " in line for line in shown(root, "plan", "--week", columns=80))


def test_a_pipe_gets_a_grid_without_colours(root: Path) -> None:
    ran = mdtasks(root, "plan", "--week")
    assert b"\x1b" not in ran.out
    assert ran.lines[0] == "At risk"
    assert any(line.startswith("09:00  ┌") for line in ran.lines)


@pytest.mark.parametrize(
    "args",
    [
        ["plan"],
        ["plan", "--why"],
        ["plan", "--md", "--why"],
        ["plan", "--week"],
        ["plan", "--why", "Work.md:2"],
        ["when", "Meet Ann today 9:00 8h"],
    ],
    ids=" ".join,
)
def test_nothing_hostile_of_a_title_gets_out(root: Path, args: list[str]) -> None:
    assert mdtasks(root, "plan").code == 0
    piped = mdtasks(root, *args).out.decode()
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", piped)
    assert not CONTROL.search("\n".join(shown(root, *args)))


# The command


def test_pages_that_exclude_each_other_are_refused(root: Path) -> None:
    for args in (["--week", "--md"], ["--md", "--json"], ["--week", "--why"], ["--week", "--json"]):
        ran = mdtasks(root, "plan", *args)
        assert (ran.code, len(ran.said)) == (2, 2)
        assert "do not go together" in ran.said[0]


def test_why_without_a_key_may_stand_before_other_options(root: Path) -> None:
    assert mdtasks(root, "plan", "--why", "--days", "2").lines == (
        mdtasks(root, "plan", "--days", "2", "--why").lines
    )


def test_why_with_a_key_tells_one_task(root: Path) -> None:
    ran = mdtasks(root, "plan", "--why", "Work.md:2")
    assert ran.lines[0].startswith("[bold red]Read[/]")
    assert any(line.startswith("  urgency") for line in ran.lines)
    shape = mdtasks(root, "plan", "--why", "Work.md:2", "--json").json
    assert list(shape)[3:] == ["task", "blocks", "unplaced", "facts", "rivals"]
    assert mdtasks(root, "plan", "--why", "zzz").code == 1


def test_json_has_risk_load_and_moves(root: Path) -> None:
    shape = mdtasks(root, "plan", "--json").json
    assert list(shape)[3:6] == ["blocks", "unplaced", "moves"]
    (risk,) = shape["at_risk"]
    book = mdtasks(root, "list", "path includes Work; description includes book", "--json").json
    assert risk["task"] == book["tasks"][0]["uid"]
    assert (risk["due"], risk["left"]) == ("2026-11-26", 3600)
    assert 0 < risk["free"] < 3600
    assert [day["date"] for day in shape["load"]] == [
        (MONDAY + timedelta(days=n)).isoformat() for n in range(7)
    ]
    assert {(day["limit"]) for day in shape["load"]} == {300}
    assert all(day["focus"] >= 0 for day in shape["load"])


def test_the_plan_of_many_days_goes_on_beyond_the_horizon(root: Path) -> None:
    assert len(mdtasks(root, "plan", "--json", "--days", "30").json["load"]) == 30
    assert mdtasks(root, "plan", "--days", "30").code == 0
