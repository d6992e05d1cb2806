"""The query language: what each filter finds, how lines combine, what an error says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdtasks.errors import QueryError
from mdtasks.model import Priority, Source, Status, Task
from mdtasks.plan.urgency import default_order
from mdtasks.query.arrange import known
from mdtasks.query.filters import FILTERS
from mdtasks.query.language import EXAMPLES, KNOWN, parse
from mdtasks.query.terms import Context, Row, match_words

TODAY = date(2026, 11, 22)  # a Sunday


def day(offset: int) -> date:
    return TODAY + timedelta(days=offset)


def task(text: str, path: str = "Home.md", line: int = 1, **fields: object) -> Task:
    known = {"status": Status.TODO, "symbol": " ", "uid": text, **fields}
    return Task(source=Source(path, line, f"- [ ] {text}"), text=text, **known)  # type: ignore[arg-type]


TASKS = (
    task("overdue", due=day(-1), priority=Priority.HIGH, heading="Calls", id="a"),
    task("today", "Work/Plans/Launch.md", due=day(0), tags=("#work/plan", "#deep"), goal="Ship"),
    task("tomorrow", "Work/Plans/Launch.md", 2, due=day(1), scheduled=day(0), depends_on=("a",)),
    task("waiting", "Work/Mail.md", start=day(5), due=day(9), status=Status.ON_HOLD, depth=1),
    task("undated", "Work/Mail.md", 2, priority=Priority.LOW, estimate=timedelta(minutes=20)),
    task("daily", "Log.md", scheduled=day(0), recurrence="every day", estimate=timedelta(hours=2)),
    task("finished", "Log.md", 2, status=Status.DONE, done=day(-2), due=day(-3), id="b"),
    task("dropped", "Log.md", 3, status=Status.CANCELLED, cancelled=day(0), created=day(-30)),
    task(
        "started",
        "Log.md",
        4,
        status=Status.IN_PROGRESS,
        symbol="/",
        start=day(-1),
        project="Garden (back)",
    ),
)
CONTEXT = Context.of(TASKS, TODAY)


def found(query: str, tasks: Sequence[Task] = TASKS) -> list[str]:
    return [t.text for _, group in parse(query, TODAY).select(tasks, CONTEXT) for t in group]


def names(query: str) -> str:
    return " ".join(sorted(found(query)))


@pytest.mark.parametrize(
    ("query", "texts"),
    [
        ("done", "dropped finished"),
        ("NOT DONE; priority is high", "overdue"),
        ("due today", "today"),
        ("due on 2026-11-22", "today"),
        ("due before tomorrow; not done", "overdue today"),
        ("due on or before tomorrow; not done", "overdue today tomorrow"),
        ("due after today", "tomorrow waiting"),
        ("due on or after 2026-11-23", "tomorrow waiting"),
        ("due in next week", "tomorrow"),
        ("due 2026-W49", "waiting"),
        ("due after this week", "tomorrow waiting"),
        ("due before this week", ""),
        ("due in or before this week", "finished overdue today"),
        ("due 2026-11-19 2026-11-21", "finished overdue"),
        ("done last week", ""),
        ("done this week", "finished"),
        ("cancelled today", "dropped"),
        ("created before 2026-11", "dropped"),
        ("scheduled today", "daily tomorrow"),
        ("happens before today", "finished overdue started"),
        ("happens after next week", "waiting"),
        ("has start date", "started waiting"),
        ("no due date; not done", "daily started undated"),
        ("no happens date", "dropped undated"),
        ("tags include #work", "today"),
        ("tag includes DEEP", "today"),
        ("has tags", "today"),
        ("no tags; path includes launch", "tomorrow"),
        ("path includes work/", "today tomorrow undated waiting"),
        ("folder includes Work/Plans/", "today tomorrow"),
        ("root includes work", "today tomorrow undated waiting"),
        ("root includes /; path does not include work", "daily dropped finished overdue started"),
        ("filename includes work", ""),
        ("filename includes mail.md", "undated waiting"),
        ("heading includes call", "overdue"),
        ("heading does not include call; path includes home", ""),
        ("project includes (back)", "started"),
        ("goal includes ship", "today"),
        ("description includes wait", "waiting"),
        ("recurrence includes DAY", "daily"),
        ("id includes b", "finished"),
        ("priority is above none", "overdue"),
        ("priority below none", "undated"),
        ("priority is not none", "overdue undated"),
        ("has estimate", "daily undated"),
        ("estimate under 30m", "undated"),
        ("estimate over 1.5h", "daily"),
        ("no estimate; no due date", "dropped started"),
        ("is blocked", "tomorrow"),
        ("is not blocked; due tomorrow", ""),
        ("is blocking", "overdue"),
        ("is recurring", "daily"),
        ("is not recurring; scheduled today", "tomorrow"),
        ("status is in progress", "started"),
        ("status.type is ON_HOLD", "waiting"),
        ("status is not todo", "dropped finished started waiting"),
        ("status.name includes progress", "started"),
        ("status.name does not include todo; not done", "started"),
        ("has id", "finished overdue"),
        ("no id; has depends on", "tomorrow"),
        ("no depends on; due tomorrow", ""),
        ("is not blocking; has id", "finished"),
        ("no assignee; due today", "today"),
        ("due in two weeks", ""),
        ("due before in two weeks; due after in 2 days", "waiting"),
        ("due on or after 9 days ago; done", "finished"),
        ("description regex matches /^[a-t]o/", "today tomorrow"),
        ("description regex does not match /D/i", "tomorrow waiting"),
        ("tag regex matches /p$/", "today"),
        ("tags regex do not match /work/; has tags", ""),
        ("path regex matches /work/mail\\.md$/i", "undated waiting"),
        ("exclude sub-items; has start date", "started"),
        ("# not done; due today", "today"),
        ("due   today\n\n# a comment\nnot\tdone", "today"),
    ],
)
def test_filters_find(query: str, texts: str) -> None:
    assert names(query) == texts


def test_starts_finds_tasks_without_a_start_date_as_the_plugin_does() -> None:
    assert "waiting" not in found("starts before tomorrow")
    assert "undated" in found("starts before tomorrow")
    assert found("starts before tomorrow; has start date") == ["started"]


def test_weeks_start_where_they_are_set_to() -> None:
    sunday = 6
    ((_, group),) = parse("due this week", TODAY, sunday).select(TASKS, CONTEXT)
    assert {t.text for t in group} == {"today", "tomorrow"}


@pytest.mark.parametrize(
    ("query", "texts"),
    [
        ("(due today) OR (due tomorrow)", "today tomorrow"),
        ("due today OR due tomorrow", "today tomorrow"),
        ("[due today] OR {due tomorrow}", "today tomorrow"),
        ('"due today" OR "due tomorrow"', "today tomorrow"),
        ("(due today)OR(due tomorrow)", "today tomorrow"),
        ("NOT (done) AND has due date AND NOT due after today", "overdue today"),
        ("NOT NOT due today", "today"),
        ("NOT (due today OR no due date OR done)", "overdue tomorrow waiting"),
        ("due today OR due tomorrow AND has scheduled date", "today tomorrow"),
        ("(due today OR due tomorrow) AND has scheduled date", "tomorrow"),
        # XOR binds more tightly than AND, as the plugin documents it.
        ("is recurring XOR has estimate AND not done", "undated"),
        ("no due date AND is recurring XOR has estimate", "undated"),
        ("(project includes (back)) OR (due today)", "started today"),
        ("[project includes k)] OR [due today]", "started today"),
        ("((((due today))))", "today"),
        # As in the plugin, all three is as odd as one.
        ("done XOR has id XOR due before today", "dropped finished"),
    ],
)
def test_operators_join(query: str, texts: str) -> None:
    assert names(query) == texts


def test_a_quoted_filter_may_hold_an_operator() -> None:
    tasks = [task("R AND D"), task("R and B")]
    assert found('"description includes R AND D"', tasks) == ["R AND D"]
    assert found("description includes r and", tasks) == ["R AND D", "R and B"]


def test_urgent_tasks_come_first_unless_told_otherwise() -> None:
    ordered = [t.text for t in sorted(TASKS, key=lambda t: default_order(t, TODAY))]
    assert found("") == ordered
    assert ordered[:3] == ["started", "tomorrow", "overdue"]


def test_sorting_is_stable_and_ends_in_the_default_order() -> None:
    assert found("path includes Work; sort by path; sort by due reverse") == [
        "undated", "waiting", "tomorrow", "today",
    ]  # fmt: skip
    assert found("sort by path; not done")[:2] == ["overdue", "started"]


def test_what_a_task_lacks_comes_last_and_first_in_reverse() -> None:
    assert found("has estimate OR due today; sort by estimate") == ["undated", "daily", "today"]
    assert found("has estimate OR due today; sort by estimate reverse")[0] == "today"


def test_groups_have_headings_in_order() -> None:
    groups = parse("not done; group by due; group by priority", TODAY).select(TASKS, CONTEXT)
    assert [headings for headings, _ in groups] == [
        ("2026-11-21 Saturday", "High priority"),
        ("2026-11-22 Sunday", "Normal priority"),
        ("2026-11-23 Monday", "Normal priority"),
        ("2026-12-01 Tuesday", "Normal priority"),
        ("No due date", "Normal priority"),
        ("No due date", "Low priority"),
    ]


def test_a_task_with_two_tags_stands_in_both_groups() -> None:
    groups = parse("due today; group by tags reverse", TODAY).select(TASKS, CONTEXT)
    assert [headings for headings, _ in groups] == [("#work/plan",), ("#deep",)]


def test_limits_cut_the_list_and_each_group() -> None:
    assert found("sort by description; limit to 2 tasks") == ["daily", "dropped"]
    assert found("sort by description; limit 0") == []
    assert found("limit groups 1") == found("")
    grouped = parse("group by root; limit groups to 1 task", TODAY).select(TASKS, CONTEXT)
    assert [(h, len(members)) for h, members in grouped] == [(("/",), 1), (("Work/",), 1)]


# Errors


@pytest.mark.parametrize("words", EXAMPLES)
def test_every_example_is_known_in_any_case(words: str) -> None:
    if words == "preset this_file":
        return  # it needs a note
    parse(words, TODAY)
    if not re.search("AND|NOT|/", words):
        parse(words.upper(), TODAY)


@pytest.mark.parametrize("row", FILTERS, ids=lambda row: row.form)
def test_the_examples_of_a_filter_are_of_that_filter(row: Row) -> None:
    for example in row.examples:
        assert next(r for r in FILTERS if match_words(r.pattern, example)) is row


def test_an_unknown_filter_is_shown_with_its_line_and_the_nearest_one() -> None:
    with pytest.raises(QueryError) as caught:
        parse("not done; du before tomorow", TODAY)
    assert caught.value.message == 'query line 2: no filter is written "du before tomorow"'
    assert caught.value.hint == 'perhaps "due before tomorrow"'


def test_where_nothing_is_near_all_forms_are_shown() -> None:
    with pytest.raises(QueryError) as caught:
        parse("xyzzy", TODAY)
    first = 'perhaps "description includes xyzzy"; known:'
    assert caught.value.hint.split("\n      ") == [first, *KNOWN]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("due before someday", '"someday" is no date'),
        ("happens date is invalid", '"date is invalid" is no date'),
        ("estimate over much", '"much" is no duration'),
        ("sort by luck", '"luck" is nothing to sort by'),
        ("group by random", '"random" is nothing to group by'),
        ("group by due backwards", '"due backwards" is nothing to group by'),
        ("sort by due 2", "only `sort by tag` takes a number"),
        ("path regex matches (a+)+$", '"(a+)+$" is no regular expression'),
        ("path includes Work AND du today", 'no filter is written "du today"'),
        ("filter by function task.due", "filter by function is JavaScript"),
        ("(filter by function task.due) OR (done)", "filter by function is JavaScript"),
        ("sort by function reverse task.due", "sort by function is JavaScript"),
        ("hide everything", 'no filter is written "hide everything"'),
        ("(due today", '"(" is not closed'),
        ('"due today', "a quote is not closed"),
        ("(due today) (done)", '"(done)" stands where'),
        ("(due today))", '")" stands where'),
        ("due today AND", "a filter is missing"),
        ("()", "a filter is missing"),
        ('"" OR done', "a filter is missing"),
        ("limit -1", 'no filter is written "limit -1"'),
        ("(" * 5000 + "done" + ")" * 5000, "nested more than 20 deep"),
    ],
)
def test_errors_say_what_is_wrong(query: str, message: str) -> None:
    with pytest.raises(QueryError, match=re.escape(message)):
        parse(query, TODAY)


# What must always hold

FILTER_TEXTS = st.sampled_from([e for row in FILTERS for e in row.examples])
WORDS = st.sampled_from(
    ["(", ")", "[", "]", '"', " AND ", " OR ", " XOR ", "NOT ", ";", "\n", "#", *EXAMPLES]
)
SOME_TASKS = st.lists(st.sampled_from(TASKS), max_size=20)


@given(st.one_of(st.text(), st.lists(WORDS, max_size=12).map("".join)), SOME_TASKS)
def test_any_text_is_a_query_or_a_query_error(text: str, tasks: list[Task]) -> None:
    try:
        query = parse(text, TODAY)
    except QueryError:
        return
    query.select(tasks, CONTEXT)


@given(st.sampled_from([" AND ", " OR ", " XOR "]), st.integers(2, 2000))
def test_long_chains_are_read(operator: str, length: int) -> None:
    assert len(found(operator.join(["done"] * length))) in (0, 2)


@given(FILTER_TEXTS)
def test_not_not_is_nothing(a: str) -> None:
    assert found(f"NOT NOT ({a})") == found(a)
    assert sorted(found(f"NOT ({a})") + found(a)) == sorted(found(""))


@given(FILTER_TEXTS, FILTER_TEXTS)
def test_de_morgan(a: str, b: str) -> None:
    assert found(f"NOT ({a} AND {b})") == found(f"NOT ({a}) OR NOT ({b})")
    assert found(f"NOT ({a} OR {b})") == found(f"NOT ({a}) AND NOT ({b})")
    assert found(f"{a} XOR {b}") == found(f"({a} OR {b}) AND NOT ({a} AND {b})")
    assert found(f"{a} AND {b}") == found(f"{a};{b}")


FIELD = st.sampled_from([name for name in known("group") if name != "tag"])


@given(SOME_TASKS, FIELD, FIELD, st.booleans())
def test_grouping_is_a_partition(tasks: list[Task], a: str, b: str, reverse: bool) -> None:
    query = f"group by {a}{' reverse' * reverse}\ngroup by {b}"
    groups = parse(query, TODAY).select(tasks, CONTEXT)
    members = [t.text for _, group in groups for t in group]
    assert sorted(members) == sorted(t.text for t in tasks)
    assert len({headings for headings, _ in groups}) == len(groups)


@given(SOME_TASKS, st.integers(0, 30), FIELD)
def test_a_limit_keeps_the_first(tasks: list[Task], limit: int, field: str) -> None:
    everything = found(f"sort by {field}", tasks)
    assert found(f"sort by {field}; limit {limit}", tasks) == everything[:limit]
