"""Sorting and grouping: the orders that the Obsidian Tasks user guide and its source tell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from mdtasks.model import Priority, Source, Status, Task
from mdtasks.query.language import parse
from mdtasks.query.terms import Context
from mdtasks.settings import ReadSettings, StatusRule

TODAY = date(2026, 11, 23)
NAMES = {"!": StatusRule(Status.TODO, "Important", "x"), " ": StatusRule(Status.TODO, "Todo", "x")}


def day(offset: int) -> date:
    return TODAY + timedelta(days=offset)


def task(text: str, path: str = "a.md", line: int = 1, **fields: object) -> Task:
    known = {"status": Status.TODO, "symbol": " ", "uid": text, **fields}
    return Task(source=Source(path, line, f"- [ ] {text}"), text=text, **known)  # type: ignore[arg-type]


def on_line(line: str, **fields: object) -> Task:
    text = line.split()[0]
    known = {"status": Status.TODO, "symbol": " ", "uid": text, **fields}
    return Task(source=Source("a.md", 1, f"- [ ] {line}"), text=text, **known)  # type: ignore[arg-type]


def groups(query: str, tasks: Sequence[Task]) -> list[tuple[str, list[str]]]:
    context = Context.of(tasks, TODAY, ReadSettings(statuses=NAMES))
    found = parse(query, TODAY).select(tasks, context)
    return [(" / ".join(headings), [t.text for t in members]) for headings, members in found]


def ordered(query: str, tasks: Sequence[Task]) -> list[str]:
    return [text for _, texts in groups(query, tasks) for text in texts]


DATES = [
    task("none"),
    task("late", due=day(9)),
    on_line("broken ⏳ 2026-11-23 📅 2026-02-30", scheduled=day(0)),
    task("soon", due=day(-3)),
]


def test_dates_that_do_not_exist_come_first_and_missing_ones_last() -> None:
    assert ordered("sort by due", DATES) == ["broken", "soon", "late", "none"]
    assert ordered("sort by due reverse", DATES) == ["none", "late", "soon", "broken"]


def test_groups_by_date_are_headed_by_day_with_those_without_at_the_end() -> None:
    assert groups("group by due", DATES) == [
        ("Invalid due date", ["broken"]),
        ("2026-11-20 Friday", ["soon"]),
        ("2026-12-02 Wednesday", ["late"]),
        ("No due date", ["none"]),
    ]
    assert [heading for heading, _ in groups("group by due reverse", DATES)] == [
        "No due date", "2026-12-02 Wednesday", "2026-11-20 Friday", "Invalid due date",
    ]  # fmt: skip


def test_only_the_broken_date_itself_is_invalid() -> None:
    tasks = [*DATES, on_line("`📅", due=day(1)), on_line("quoted `📅 2026-02-30`")]
    assert ordered("due date is invalid", tasks) == ["broken"]
    assert ordered("scheduled date is invalid", tasks) == []
    assert "broken" in ordered("no due date", tasks)


STATUSES = [
    task("cancelled", status=Status.CANCELLED),
    task("forwarded", status=Status.NON_TASK),
    task("done", status=Status.DONE),
    task("waiting", status=Status.ON_HOLD),
    task("open"),
    task("begun", status=Status.IN_PROGRESS),
]


def test_the_default_order_begins_with_the_status_type() -> None:
    assert ordered("", STATUSES) == [
        "begun", "open", "waiting", "done", "cancelled", "forwarded",
    ]  # fmt: skip
    assert ordered("sort by status.type", STATUSES) == ordered("", STATUSES)


def test_the_default_order_goes_on_with_urgency_due_priority_path() -> None:
    tasks = [
        task("path", "b.md"),
        task("line", "a.md", 2),
        task("first", "a.md", 1),
        task("far", due=day(200)),  # urgency counts nothing beyond fourteen days
        task("farther", due=day(300)),
        task("urgent", due=day(0)),
        task("high", priority=Priority.HIGH),
    ]
    assert ordered("", tasks) == ["urgent", "high", "far", "farther", "first", "line", "path"]


def test_status_tells_only_open_from_closed_and_its_groups_stand_done_first() -> None:
    found = ordered("sort by status; sort by description reverse", STATUSES)
    assert found == ["waiting", "open", "begun", "forwarded", "done", "cancelled"]
    assert [heading for heading, _ in groups("group by status", STATUSES)] == ["Done", "Todo"]


def test_status_names_are_those_of_the_settings() -> None:
    tasks = [task("a", symbol="!"), task("b"), task("c", symbol="%")]
    assert groups("group by status.name", tasks) == [
        ("Important", ["a"]), ("Todo", ["b"]), ("Unknown", ["c"]),
    ]  # fmt: skip
    assert ordered("status.name includes unknown", tasks) == ["c"]


def test_numbers_in_text_are_compared_as_numbers_and_accents_stand_beside_their_letters() -> None:
    tasks = [task(text) for text in ("Part 10", "part 2", "Zoo", "École", "extra", "9" * 30)]
    assert ordered("sort by description", tasks) == [
        "9" * 30, "École", "extra", "part 2", "Part 10", "Zoo",
    ]  # fmt: skip


def test_descriptions_are_sorted_by_what_is_seen() -> None:
    wanted = ["[Beet](x.md)", "[[Long/Name|Melon]]", "==Middle==", "[[Nut]]", "**Zoo**"]
    assert ordered("sort by description", [task(text) for text in sorted(wanted)]) == wanted


HEADINGS = [task("deep", heading="Zoo"), task("top"), task("calls", heading="Calls")]


def test_tasks_without_a_heading_come_before_all_others() -> None:
    assert ordered("sort by heading", HEADINGS) == ["top", "calls", "deep"]
    assert groups("group by heading", HEADINGS)[0] == ("(No heading)", ["top"])


def test_a_backlink_is_note_and_heading() -> None:
    tasks = [task("a", "Work/Log.md", heading="Calls"), task("b", "Log.md"), task("c", heading="a")]
    assert groups("group by backlink", tasks) == [
        ("a", ["c"]), ("Log", ["b"]), ("Log > Calls", ["a"]),
    ]  # fmt: skip


TAGGED = [
    task("none"),
    task("b", tags=("#b", "#x")),
    task("a", tags=("#a",)),
    task("c", tags=("#c", "#w")),
]


def test_tasks_without_tags_are_sorted_last_and_grouped_first() -> None:
    assert ordered("sort by tag", TAGGED) == ["a", "b", "c", "none"]
    assert [heading for heading, _ in groups("group by tags", TAGGED)] == [
        "(No tags)", "#a", "#b", "#c", "#w", "#x",
    ]  # fmt: skip


def test_tasks_with_too_few_tags_come_before_those_with_none() -> None:
    assert ordered("sort by tag 2", TAGGED) == ["c", "b", "a", "none"]
    assert ordered("sort by tag 2 reverse", TAGGED) == ["none", "a", "b", "c"]


@pytest.mark.parametrize(("field", "first"), [("path", "a.md"), ("filename", "b/1.md")])
def test_paths_and_names_are_sorted_apart(field: str, first: str) -> None:
    tasks = [task("b/1.md", "b/1.md"), task("a.md", "a.md")]
    assert ordered(f"sort by {field}", tasks)[0] == first


def test_recurring_tasks_come_first_and_important_ones_too() -> None:
    tasks = [task("once", priority=Priority.LOWEST), task("daily", recurrence="every day")]
    assert ordered("sort by recurring", tasks) == ["daily", "once"]
    assert groups("group by priority", tasks) == [
        ("Normal priority", ["daily"]), ("Lowest priority", ["once"]),
    ]  # fmt: skip


def test_chance_is_the_same_all_day_and_another_on_the_next() -> None:
    tasks = [task(str(number)) for number in range(20)]
    orders = []
    for offset in (0, 0, 1):
        context = Context.of(tasks, day(offset))
        ((_, found),) = parse("sort by random", day(offset)).select(tasks, context)
        orders.append([t.text for t in found])
    assert orders[0] == orders[1] != orders[2]
    assert sorted(orders[0]) == sorted(t.text for t in tasks)


def test_limits_count_after_sorting_and_those_of_groups_after_grouping() -> None:
    query = "sort by description reverse; limit 3; group by tags; limit groups 1"
    assert groups(query, TAGGED) == [
        ("(No tags)", ["none"]),
        ("#b", ["b"]),
        ("#c", ["c"]),
        ("#w", ["c"]),
        ("#x", ["b"]),
    ]
