"""Every instruction that the Obsidian Tasks user guide has: what becomes of it here.

The guide's pages: Quick Reference, Filters, Combining Filters, Sorting, Grouping, Limiting,
Layout, Presets, Comments, Placeholders, Query File Defaults (publish.obsidian.md/tasks, of
version 8). What needs JavaScript is in the table of refusals.
"""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from mdtasks.errors import QueryError
from mdtasks.query.language import Query, read_query
from mdtasks.query.lines import Line, Reading
from mdtasks.query.terms import Filter

MONDAY = date(2026, 11, 23)
READING = Reading(MONDAY, note="root/sub-folder/query.md")


def read(*lines: str) -> Query:
    return read_query([Line("here", line) for line in lines], READING)


def leaf(line: str) -> Filter:
    (found,) = read(line).filters
    return found


# Filters that have an effect, and the words that say which

DATED = ("due", "done", "scheduled", "start", "created", "cancelled", "happens")
RANGES = {
    "2026-11-20 2026-12-02": "from Fri 2026-11-20 to Wed 2026-12-02",
    "last week": "from Mon 2026-11-16 to Sun 2026-11-22",
    "this week": "from Mon 2026-11-23 to Sun 2026-11-29",
    "next week": "from Mon 2026-11-30 to Sun 2026-12-06",
    "last month": "from Thu 2026-10-01 to Sat 2026-10-31",
    "this month": "from Sun 2026-11-01 to Mon 2026-11-30",
    "next month": "from Tue 2026-12-01 to Thu 2026-12-31",
    "last quarter": "from Wed 2026-07-01 to Wed 2026-09-30",
    "this quarter": "from Thu 2026-10-01 to Thu 2026-12-31",
    "next quarter": "from Fri 2027-01-01 to Wed 2027-03-31",
    "last year": "from Wed 2025-01-01 to Wed 2025-12-31",
    "this year": "from Thu 2026-01-01 to Thu 2026-12-31",
    "next year": "from Fri 2027-01-01 to Fri 2027-12-31",
    "2026-W10": "from Mon 2026-03-02 to Sun 2026-03-08",
    "2026-10": "from Thu 2026-10-01 to Sat 2026-10-31",
    "2026-Q4": "from Thu 2026-10-01 to Thu 2026-12-31",
    "2026": "from Thu 2026-01-01 to Thu 2026-12-31",
}
DAYS = {
    "2026-11-25": "Wed 2026-11-25",
    "25th November 2026": "Wed 2026-11-25",
    "yesterday": "Sun 2026-11-22",
    "today": "Mon 2026-11-23",
    "tomorrow": "Tue 2026-11-24",
    "next monday": "Mon 2026-11-30",
    "last friday": "Fri 2026-11-20",
    "14 days ago": "Mon 2026-11-09",
    "2 years ago": "Sat 2024-11-23",
    "two weeks ago": "Mon 2026-11-09",
    "in two weeks": "Mon 2026-12-07",
}
THIS_WEEK = {
    "": "from Mon 2026-11-23 to Sun 2026-11-29",
    "on": "from Mon 2026-11-23 to Sun 2026-11-29",
    "in": "from Mon 2026-11-23 to Sun 2026-11-29",
    "before": "before Mon 2026-11-23",
    "after": "after Sun 2026-11-29",
    "on or before": "on or before Sun 2026-11-29",
    "in or before": "on or before Sun 2026-11-29",
    "on or after": "on or after Mon 2026-11-23",
    "in or after": "on or after Mon 2026-11-23",
}
SUBJECT = {field: field for field in DATED} | {"happens": "start, scheduled or due"}
MISSING = dict.fromkeys(DATED, "") | {"start": ", or without a start date"}


@pytest.mark.parametrize(("field", "relation"), [*product(DATED, THIS_WEEK)])
def test_every_date_is_compared_with_a_range(field: str, relation: str) -> None:
    words = f"{SUBJECT[field]} {THIS_WEEK[relation]}{MISSING[field]}"
    assert leaf(f"{field} {relation} this week").words == words
    if field == "start":
        assert leaf(f"starts {relation} this week").words == words


@pytest.mark.parametrize("words", RANGES)
def test_every_range_is_read(words: str) -> None:
    assert leaf(f"due {words}").words == f"due {RANGES[words]}"
    assert leaf(f"due in {words}").words == f"due {RANGES[words]}"


@pytest.mark.parametrize("words", DAYS)
def test_every_way_to_say_a_day_is_read(words: str) -> None:
    for relation in ("before", "after", "on or before", "on or after", "on"):
        assert leaf(f"due {relation} {words}").words == f"due {relation} {DAYS[words]}"
    assert leaf(f"due {words}").words == f"due on {DAYS[words]}"


@pytest.mark.parametrize("field", DATED)
def test_every_date_can_be_missing_or_there(field: str) -> None:
    assert leaf(f"no {field} date").words == f"no {field} date"
    assert leaf(f"has {field} date").words == f"has {field} date"
    if field != "happens":
        words = f"{field} date is no day of the calendar"
        assert leaf(f"{field} date is invalid").words == words


TEXTS = (
    *("status.name", "id", "description", "recurrence"),
    *("path", "root", "folder", "filename", "heading", "tag", "tags"),
)


@pytest.mark.parametrize("field", TEXTS)
def test_every_text_is_searched(field: str) -> None:
    name = "tag" if field == "tags" else field
    verbs = ("include", "do not include") if field == "tags" else ("includes", "does not include")
    assert leaf(f"{field} {verbs[0]} Day Planner").words == f'{name} includes "Day Planner"'
    assert leaf(f"{field} {verbs[1]} x").words == f'{name} does not include "x"'
    assert leaf(f"{field} regex matches /^a|b$/i").words == f"{name} matches /^a|b$/i"
    assert leaf(f"{field} regex does not match /a/").words == f"{name} does not match /a/"


OTHERS = {
    "done": "closed: done, cancelled or non-task",
    "not done": "open: todo, in progress or on hold",
    "is blocking": "is blocking",
    "is not blocking": "is not blocking",
    "is blocked": "is blocked",
    "is not blocked": "is not blocked",
    "has id": "has id",
    "no id": "no id",
    "has depends on": "has depends on",
    "no depends on": "no depends on",
    "is recurring": "is recurring",
    "is not recurring": "is not recurring",
    "has tags": "has tags",
    "no tags": "no tags",
    "has tag": "has tag",
    "exclude sub-items": "exclude sub-items",
    "path includes {{query.file.path}}": 'path includes "root/sub-folder/query.md"',
    "path includes {{query.file.pathWithoutExtension}}": 'path includes "root/sub-folder/query"',
    "root includes {{query.file.root}}": 'root includes "root/"',
    "folder includes {{query.file.folder}}": 'folder includes "root/sub-folder/"',
    "filename includes {{query.file.filename}}": 'filename includes "query.md"',
    "filename includes {{query.file.filenameWithoutExtension}}": 'filename includes "query"',
    "description includes cryptic {{! a remark }}": 'description includes "cryptic"',
    "preset this_file": 'path includes "root/sub-folder/query.md"',
    "preset this_folder": 'folder includes "root/sub-folder/"',
    "preset this_root": 'root includes "root/"',
    "{{preset.this_root}}": 'root includes "root/"',
    **{
        f"status.type {relation} {status}": f"status {relation} {status.lower().replace('_', ' ')}"
        for relation in ("is", "is not")
        for status in ("TODO", "DONE", "IN_PROGRESS", "ON_HOLD", "CANCELLED", "NON_TASK")
    },
    **{
        f"priority {relation}{priority}": f"priority is {relation.removeprefix('is ')}{priority}"
        for relation in ("is ", "is above ", "is below ", "is not ", "")
        for priority in ("lowest", "low", "none", "medium", "high", "highest")
    },
}


@pytest.mark.parametrize("line", OTHERS)
def test_every_other_filter_is_read(line: str) -> None:
    assert leaf(line).words == OTHERS[line]


BOOLEANS = {
    "(done) AND (is blocked)": ("all of:", 2),
    "(done) OR (is blocked)": ("at least one of:", 2),
    "(done) XOR (is blocked)": ("one of, not both:", 2),
    "(done) XOR (is blocked) XOR (has id)": ("one, three, five … of:", 3),
    "NOT (done)": ("not:", 1),
    "(done) AND NOT (is blocked)": ("all of:", 2),
    "(done) OR NOT (is blocked)": ("at least one of:", 2),
    "(done) AND ((is blocked) OR (has id))": ("all of:", 2),
    "[done] OR [description includes (maybe)]": ("at least one of:", 2),
    "{done} OR {has id}": ("at least one of:", 2),
    '"done" OR "has id"': ("at least one of:", 2),
}


@pytest.mark.parametrize("line", BOOLEANS)
def test_every_operator_and_bracket_is_read(line: str) -> None:
    found = leaf(line)
    assert (found.words, len(found.parts)) == BOOLEANS[line]


# Instructions with an effect that are no filters

SORTED = (
    *("status", "status.name", "status.type", "id", "done", "due", "scheduled", "start"),
    *("created", "cancelled", "happens", "description", "priority", "urgency", "recurring"),
    *("tag", "path", "filename", "heading", "random"),
)
GROUPED = (
    *("status", "status.name", "status.type", "id", "due", "done", "scheduled", "start"),
    *("created", "cancelled", "happens", "priority", "urgency", "recurring", "recurrence"),
    *("tags", "path", "root", "folder", "filename", "backlink", "heading"),
)


@pytest.mark.parametrize("field", SORTED)
def test_every_sort_is_read(field: str) -> None:
    (plain,), (back,) = read(f"sort by {field}").sorts, read(f"sort by {field} reverse").sorts
    assert (plain.words, plain.reverse) == (field, False)
    assert (back.words, back.reverse) == (f"{field}, reversed", True)


def test_tags_are_sorted_by_any_of_them() -> None:
    assert read("sort by tag 2").sorts[0].words == "tag 2"
    assert read("sort by tag reverse 2").sorts[0].words == "tag 2, reversed"


@pytest.mark.parametrize("field", GROUPED)
def test_every_group_is_read(field: str) -> None:
    (plain,), (back,) = read(f"group by {field}").groups, read(f"group by {field} reverse").groups
    assert (plain.reverse, back.reverse) == (False, True)
    assert plain.words == ("tag" if field == "tags" else field)


@pytest.mark.parametrize("line", ["limit 10", "limit to 10 tasks", "LIMIT 10 tasks", "limit to 10"])
def test_every_limit_is_read(line: str) -> None:
    query = read(line)
    assert (query.limit, query.group_limit) == (10, None)


@pytest.mark.parametrize("line", ["limit groups 3", "limit groups to 3 tasks", "limit groups to 1"])
def test_every_limit_of_groups_is_read(line: str) -> None:
    assert read(line).limit is None
    assert read(line).group_limit in (1, 3)


def test_explain_is_read() -> None:
    assert read("explain").explains
    assert not read("# explain").explains


# Instructions about the look of a list in Obsidian: accepted, and said to have no effect

ELEMENTS = (
    *("id", "depends on", "priority", "cancelled date", "created date", "start date"),
    *("scheduled date", "due date", "done date", "recurrence rule", "on completion", "tags"),
    *("tree", "edit button", "postpone button", "backlink", "backlinks", "urgency"),
    *("task count", "toolbar", "duration"),
)
LAYOUT = (
    *(f"{verb} {element}" for verb, element in product(("hide", "show"), ELEMENTS)),
    *("short mode", "short", "full mode", "full", "ignore global query", "Hide Task Count"),
)


@pytest.mark.parametrize("line", LAYOUT)
def test_every_instruction_about_the_look_is_kept_apart(line: str) -> None:
    assert read(line) == Query(idle=[line.lower()])


def test_the_presets_about_the_look_are_known() -> None:
    assert len(read("preset hide_everything").idle) == 14


def test_remarks_and_empty_lines_are_passed_over() -> None:
    assert read("# {{unknown}}", "", "#hide everything", "{{! all of it }}") == Query()


# What is refused, and how

REFUSED = {
    "filter by function task.isDone": "filter by function is JavaScript, which only Obsidian runs",
    "sort by function task.due": "sort by function is JavaScript, which only Obsidian runs",
    "sort by function reverse task.due": "sort by function is JavaScript, which only Obsidian runs",
    "group by function task.due": "group by function is JavaScript, which only Obsidian runs",
    "preset this_folder_only": 'there is no preset "this_folder_only"',
    "path includes {{query.file.fileName}}": "{{query.file.fileName}} is unknown",
    "happens date is invalid": '"date is invalid" is no date',
    "due before 2026-02-30": '"2026-02-30" is no date',
    "due 2026-02-30 2026-03-02": '"2026-02-30 2026-03-02" is no date',
    "due on <% tp.date.now() %>": '"<% tp.date.now() %>" is no date',
    "group by random": '"random" is nothing to group by',
    "description regex matches waiting": '"waiting" is no regular expression',
    "description regex matches /(?=a)/": "the regular expression /(?=a)/: looking ahead or behind, "
    "(?= (?! (?<= (?<!, is not read",
    r"description regex matches /(a)\1/": r"the regular expression /(a)\1/: references to groups, "
    r"such as \1, are not read",
}


@pytest.mark.parametrize("line", REFUSED)
def test_what_is_refused_says_why(line: str) -> None:
    with pytest.raises(QueryError) as caught:
        read(line)
    assert caught.value.message == f"here: {REFUSED[line]}"


NEAREST = {
    "due befor this week": "due before this week",
    "Deu before tomorow": "due before tomorrow",
    "descripton includes the whole long name": "description includes the whole long name",
    "priorty is high": "priority is high",
    "sortby due": "sort by due",
    "group due": "group by due",
    "limit too 10": "limit to 10 tasks",
    "is bloked": "is blocked",
    "no du date": "no due date",
    "xplain": "explain",
    "overdue": "due before today",
    "incomplete": "not done",
    "waiting": "is blocked",
    "status done": "status is done",
    "status: on_hold": "status is on_hold",
    "has due": "has due date",
    "tag #call": "tag includes #call",
    "@phone": "description includes @phone",
    "path contains Work/Log": "path includes Work/Log",
    "heading = Calls": "heading includes Calls",
    "due < tomorrow": "due before tomorrow",
    "due by friday": "due on or before friday",
    "scheduled is today": "scheduled today",
    "due is before friday": "due before friday",
    "due tomorow": "due tomorrow",
    "due before thurdsay": "due before thursday",
}
ORDERS = {
    "sort by due desc": "sort by due reverse",
    "group by due date": "group by due",
    "sort by prio": "sort by priority",
}


@pytest.mark.parametrize("line", NEAREST)
def test_a_slip_is_answered_with_what_is_nearest(line: str) -> None:
    with pytest.raises(QueryError) as caught:
        read(line)
    assert caught.value.hint == f'perhaps "{NEAREST[line]}"'


@pytest.mark.parametrize("line", ORDERS)
def test_a_slip_in_an_order_is_answered_with_what_is_nearest(line: str) -> None:
    with pytest.raises(QueryError) as caught:
        read(line)
    assert caught.value.hint.startswith(f'perhaps "{ORDERS[line]}"; known: ')


@pytest.mark.parametrize("slip", [*NEAREST, *ORDERS])
def test_what_is_proposed_is_read(slip: str) -> None:
    read({**NEAREST, **ORDERS}[slip])
