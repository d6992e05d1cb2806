"""The JSON shapes: their keys, their forms, and that any note gives valid JSON."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdtasks.model import (
    Block,
    Edit,
    Kind,
    Move,
    Plan,
    Priority,
    Problem,
    Rolled,
    Source,
    Status,
    Task,
    Unplaced,
)
from mdtasks.plan.risk import Load, Outlook, Risk
from mdtasks.render import json as shapes

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 22, 9, tzinfo=BERLIN)
BARE = Task(Source("Home.md", 3, "- [ ] call"), Status.TODO, " ", "call")
FULL = Task(
    source=Source("Work/Launch.md", 14, "- [/] write"),
    status=Status.IN_PROGRESS,
    symbol="/",
    text="write #deep",
    uid="7f3a2c",
    key="7f3",
    priority=Priority.HIGH,
    created=date(2026, 11, 1),
    start=date(2026, 11, 2),
    scheduled=date(2026, 11, 23),
    due=date(2026, 11, 24),
    due_time=time(17),
    done=date(2026, 11, 25),
    cancelled=date(2026, 11, 26),
    begins=time(0),
    ends=time(10, 30),
    estimate=timedelta(hours=1, minutes=30),
    recurrence="every week",
    on_completion="keep",
    tags=("#deep",),
    id="w",
    depends_on=("a", "b"),
    block_id="mt",
    parent="abc",
    parent_line=12,
    depth=1,
    heading="Plans",
    project="Launch",
    goal="Ship",
    assignee="Ada",
    pay="12.50 EUR",
    handed=date(2026, 11, 20),
    rework=2,
)
BLOCK = Block(NOW, NOW + timedelta(minutes=45), "write", Kind.FOCUS, ("7f3a2c",), "due Tue", True)


def test_a_task_has_the_documented_keys_in_order() -> None:
    keys = (
        "uid key path line text status symbol priority created start scheduled due due_time done "
        "cancelled begins ends estimate recurrence on_completion id depends_on tags block_id "
        "parent depth heading project goal assignee pay urgency blocked handed rework"
    )
    assert list(shapes.task(FULL, 0.0, False)) == keys.split()
    assert list(shapes.task(BARE, 0.0, False)) == keys.split()


def test_a_full_task_is_written_in_plain_values() -> None:
    expected = (
        '{"uid": "7f3a2c", "key": "7f3", "path": "Work/Launch.md", "line": 14, '
        '"text": "write #deep", "status": "in_progress", "symbol": "/", "priority": "high", '
        '"created": "2026-11-01", "start": "2026-11-02", "scheduled": "2026-11-23", '
        '"due": "2026-11-24", "due_time": "17:00", "done": "2026-11-25", '
        '"cancelled": "2026-11-26", "begins": "00:00", "ends": "10:30", "estimate": 90, '
        '"recurrence": "every week", "on_completion": "keep", "id": "w", '
        '"depends_on": ["a", "b"], "tags": ["#deep"], "block_id": "mt", "parent": "abc", '
        '"depth": 1, "heading": "Plans", "project": "Launch", "goal": "Ship", '
        '"assignee": "Ada", "pay": "12.50 EUR", "urgency": 10.29, "blocked": true, '
        '"handed": "2026-11-20", "rework": 2}'
    )
    assert json.dumps(shapes.task(FULL, 10.292857142857141, True)) == expected


def test_what_a_task_lacks_is_null_or_an_empty_list() -> None:
    shape = shapes.task(BARE, 1.95, False)
    absent = (
        "created start scheduled due due_time done cancelled begins ends estimate recurrence "
        "on_completion id block_id parent heading project goal assignee pay handed"
    )
    assert [key for key, value in shape.items() if value is None] == absent.split()
    assert (shape["tags"], shape["depends_on"], shape["priority"]) == ([], [], "none")


def test_a_plan_shows_blocks_with_offsets_and_what_found_no_place() -> None:
    plan = Plan((NOW.date(),), (BLOCK,), (Unplaced("c0ffee", "no time left"),), moves=2)
    shape = shapes.plan(plan, Outlook((), ()))
    assert list(shape)[:3] == ["blocks", "unplaced", "moves"]
    assert shape["blocks"] == [
        {
            "start": "2026-11-22T09:00:00+01:00",
            "end": "2026-11-22T09:45:00+01:00",
            "kind": "focus",
            "title": "write",
            "tasks": ["7f3a2c"],
            "reason": "due Tue",
            "late": True,
        }
    ]
    assert shape["unplaced"] == [{"task": "c0ffee", "reason": "no time left"}]
    assert shape["moves"] == 2


def test_a_plan_shows_what_is_at_risk_each_days_load_and_each_move() -> None:
    hour, day = timedelta(hours=1), NOW.date()
    move = Move("c0ffee", NOW, None, "no free 1h")
    plan = Plan((day,), moves=1, moved=(move,), of=4, notices=("no lunch today",))
    risks = (Risk("7f3a2c", day, NOW, 3 * hour, hour, None),)
    loads = (Load(day, 2 * hour, 5 * hour, hour, 0 * hour),)
    shape = shapes.plan(plan, Outlook(risks, loads))
    assert list(shape)[3:] == ["at_risk", "load", "moved", "of", "notices"]
    assert shape["at_risk"] == [{"task": "7f3a2c", "due": "2026-11-22", "left": 180, "free": 60}]
    assert shape["load"] == [{"date": "2026-11-22", "focus": 120, "limit": 300}]
    assert shape["moved"] == [
        {
            "task": "c0ffee",
            "before": "2026-11-22T09:00:00+01:00",
            "after": None,
            "reason": "no free 1h",
        }
    ]
    assert (shape["of"], shape["notices"]) == (4, ["no lunch today"])


def test_today_shows_the_day() -> None:
    bare = shapes.task(BARE, 1.95, False)
    unplaced = [Unplaced("c0ffee", "no time left")]
    rolled = [Rolled("c0ffee", 3, date(2026, 11, 18))]
    shape = shapes.today(NOW.date(), [BLOCK], [bare], 4, [bare], unplaced, rolled, ["c0ffee"])
    assert list(shape) == [
        *("date", "blocks", "micro", "overdue", "done", "unplaced", "rolled", "decide", "progress")
    ]
    assert shape["rolled"] == [{"task": "c0ffee", "times": 3, "since": "2026-11-18"}]
    assert shape["decide"] == ["c0ffee"]
    assert shape["progress"] is None
    assert (shape["date"], shape["overdue"], shape["micro"]) == ("2026-11-22", 4, [bare])


def test_changes_and_problems_say_where() -> None:
    edit = Edit("a.md", 3, "- [ ] call", ("- [x] call",))
    assert shapes.changed([edit]) == {
        "changed": [{"path": "a.md", "line": 3, "before": "- [ ] call", "after": ["- [x] call"]}]
    }
    assert shapes.problems([Problem("a.md", 3, "no such day", "mend it")]) == {
        "problems": [{"path": "a.md", "line": 3, "message": "no such day", "hint": "mend it"}]
    }


def test_the_envelope_comes_first() -> None:
    text = shapes.envelope(NOW, "/notes", tasks=[])
    assert (
        text == '{"schema": 1, "now": "2026-11-22T09:00:00+01:00", "vault": "/notes", "tasks": []}'
    )


@pytest.mark.parametrize(
    ("hostile", "written"),
    [
        ("\x1b[31m", r'"\u001b[31m"'),
        ("\x85\x9b\x7f", r'"\u0085\u009b\u007f"'),
        ("\u202egpj", r'"\u202egpj"'),
        ("caf\udce9", r'"caf\ufffd"'),
        ('\\udce9 " \n', r'"\\udce9 \" \n"'),
        ("\U0001f4c5", r'"\ud83d\udcc5"'),
    ],
)
def test_hostile_text_only_gets_out_as_valid_escapes(hostile: str, written: str) -> None:
    assert shapes.envelope(NOW, "/notes", text=hostile).endswith(f'"text": {written}}}')


@given(st.text(st.characters(codec=None)), st.text(st.characters(codec=None), max_size=5))
def test_any_text_is_one_line_of_valid_json(text: str, vault: str) -> None:
    written = shapes.envelope(NOW, vault, text=text)
    assert written.isascii()
    assert written.isprintable()
    expected = "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
    assert json.loads(written)["text"] == expected


@given(st.binary())
def test_bytes_that_are_no_text_are_valid_json(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    written = json.loads(shapes.envelope(NOW, "/notes", text=text))["text"]
    assert written.encode("utf-8").decode("utf-8") == written
