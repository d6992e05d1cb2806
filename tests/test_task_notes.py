"""Notes that are tasks, as TaskNotes keeps them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from mdtasks.errors import RefusedError
from mdtasks.model import Note, Priority, Status, Task
from mdtasks.read.note import read_note
from mdtasks.read.task_notes import rule_of
from mdtasks.settings import ReadSettings, WriteSettings
from mdtasks.write.edits import cancel, complete, reopen

READ = ReadSettings(dialects=("emoji", "tasknotes"))
NOW = datetime(2026, 11, 22, 10, 30)
WRITE = WriteSettings()


def note(*front: str, body: str = "", settings: ReadSettings = READ) -> Note:
    lines = "\n".join(("---", *front, "---", body))
    return read_note("Tasks/Write docs.md", lines.encode(), settings)


def task(*front: str) -> Task:
    (only,) = note("tags: [task]", *front).tasks
    return only


def test_a_note_with_the_tag_is_a_task() -> None:
    found = task(
        "title: Write the docs",
        "status: in-progress",
        "due: 2026-11-24T17:00",
        "scheduled: 2026-11-23",
        "priority: high",
        "timeEstimate: 90",
        "contexts: [office, '@desk']",
        "projects:",
        '  - "[[Web/Website|site]]"',
        "dateCreated: 2026-11-01T08:00:00Z",
    )
    assert (found.source.line, found.source.text) == (4, "status: in-progress")
    assert (found.status, found.symbol) == (Status.IN_PROGRESS, "/")
    assert found.text == "Write the docs @office @desk"
    assert (found.due, found.due_time) == (date(2026, 11, 24), time(17))
    assert (found.scheduled, found.begins) == (date(2026, 11, 23), None)
    assert (found.priority, found.estimate) == (Priority.HIGH, timedelta(minutes=90))
    assert (found.project, found.created) == ("Website", date(2026, 11, 1))
    assert (found.tags, found.dialect, found.inferred) == ((), "tasknotes", ())


def test_without_a_title_the_name_of_the_note_is_shown() -> None:
    assert task("status: open").text == "Write docs"


@pytest.mark.parametrize(
    "front",
    [
        ("status: open",),
        ("tags: [tasks]", "status: open"),
        ("tags: [home, mytask]", "status: open"),
        ("tags: [task", "status: open"),
    ],
)
def test_a_note_without_the_tag_is_none(front: tuple[str, ...]) -> None:
    assert note(*front).tasks == ()


def test_a_task_note_is_a_note_like_any_other_unless_switched_on() -> None:
    assert note("tags: [task]", "status: open", settings=ReadSettings()).tasks == ()


@pytest.mark.parametrize("tags", ["tags: task", "tags: '#task'", "tags:\n- home\n- task/big"])
def test_the_tag_may_be_written_in_each_way_of_yaml(tags: str) -> None:
    assert len(note(tags, "status: open").tasks) == 1


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("open", Status.TODO),
        ("none", Status.TODO),
        ("waiting", Status.TODO),
        ("in-progress", Status.IN_PROGRESS),
        ("done", Status.DONE),
        ("Done", Status.DONE),
        ("cancelled", Status.CANCELLED),
    ],
)
def test_the_status_is_what_the_words_say(said: str, status: Status) -> None:
    assert task(f"status: {said}").status is status


@pytest.mark.parametrize(
    ("front", "name"),
    [
        ("due: 2026-02-30", "due"),
        ("due: soon", "due"),
        ("timeEstimate: 1h", "estimate"),
        ("timeEstimate: 0", "estimate"),
        ("timeEstimate: 99999999999999999999", "estimate"),
        ("timeEstimate: -5", "estimate"),
        ("scheduled: [2026-11-23", "scheduled"),
    ],
)
def test_what_is_impossible_is_absent(front: str, name: str) -> None:
    found = note("tags: [task]", "status: open", front).tasks
    assert [getattr(each, name) for each in found] in ([None], [])


@pytest.mark.parametrize("priority", ["normal", "none", "urgent!", ""])
def test_an_ordinary_priority_is_none(priority: str) -> None:
    assert task(f"priority: {priority}").priority is Priority.NONE


def test_boxes_in_the_note_are_its_steps() -> None:
    found = note(
        "tags: [task, home]",
        "status: open",
        "due: 2026-11-24",
        body="- [ ] one ⏱ 20m\n  - [ ] in it\n- [x] two\n- [ ] three (10m)\n",
    )
    whole, *steps = found.tasks
    assert (whole.source.line, whole.estimate) == (3, timedelta(minutes=30))
    assert [step.parent_line for step in steps] == [3, 6, 3, 3]
    assert {step.project for step in steps} == {"Write docs"}
    assert {step.due for step in steps} == {date(2026, 11, 24)}
    assert {step.tags for step in steps} == {("#home",)}


def test_its_own_estimate_comes_before_that_of_its_steps() -> None:
    found = note("tags: [task]", "timeEstimate: 15", body="- [ ] one ⏱ 20m")
    assert found.tasks[0].estimate == timedelta(minutes=15)


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("status: open", "status: done"),
        ('status: "open"', 'status: "done"'),
        ("status:  'in progress'  # mine", "status:  'done'  # mine"),
        ("status: none ", "status: done "),
    ],
)
def test_done_changes_the_status_and_says_the_day(line: str, after: str) -> None:
    edit = complete(task(line), NOW, READ, WRITE)
    assert edit
    assert (edit.line, edit.before) == (3, line)
    assert edit.after == (after, "completedDate: 2026-11-22")


def test_without_a_done_date_one_line_changes() -> None:
    edit = complete(task("status: open"), NOW, READ, WriteSettings(done_date=False))
    assert edit
    assert edit.after == ("status: done",)


@pytest.mark.parametrize(
    "front",
    [
        (),
        ("status:",),
        ("status: [open]",),
        ("status: |", "  open"),
        ("status: open", "status: open"),
        ("'status': open",),
        ("status: open", "completedDate:"),
        ("status: open", "completedDate: 2026-01-01"),
        ("status: open", '"completedDate" : 2026-01-01'),
    ],
)
def test_what_cannot_be_changed_for_certain_is_refused(front: tuple[str, ...]) -> None:
    found = task(*front)
    assert found.source.line == 1
    with pytest.raises(RefusedError, match="nothing was written"):
        complete(found, NOW, READ, WRITE)


def test_what_repeats_is_left_to_the_plugin() -> None:
    found = task("status: open", "recurrence: FREQ=WEEKLY;BYDAY=MO", "scheduled: 2026-11-23")
    with pytest.raises(RefusedError, match="it repeats"):
        complete(found, NOW, READ, WRITE)


def test_there_is_no_word_for_cancelling_and_reopening() -> None:
    with pytest.raises(RefusedError, match="not cancelled"):
        cancel(task("status: open"), NOW.date(), READ)
    with pytest.raises(RefusedError, match="not reopened"):
        reopen(task("status: done", "completedDate: 2026-11-22"), READ)


def test_what_is_done_stays() -> None:
    found = task("status: done", "completedDate: 2026-11-20")
    assert found.done == date(2026, 11, 20)
    assert complete(found, NOW, READ, WRITE) is None


@pytest.mark.parametrize(
    ("rrule", "rule"),
    [
        ("FREQ=DAILY", "every day"),
        ("FREQ=WEEKLY;BYDAY=MO,FR", "every week on Monday, Friday"),
        ("RRULE:FREQ=MONTHLY;INTERVAL=3", "every 3 months"),
        ("DTSTART:20260101;FREQ=YEARLY", "every year"),
        ("DTSTART:20260101\nRRULE:FREQ=DAILY;INTERVAL=2", "every 2 days"),
        ("FREQ=MONTHLY;BYMONTHDAY=1", "FREQ=MONTHLY;BYMONTHDAY=1"),
        ("FREQ=DAILY;COUNT=3", "FREQ=DAILY;COUNT=3"),
        ("FREQ=MONTHLY;BYDAY=2MO", "FREQ=MONTHLY;BYDAY=2MO"),
        ("FREQ=WEEKLY;INTERVAL=0", "FREQ=WEEKLY;INTERVAL=0"),
        ("every now and then", "every now and then"),
    ],
)
def test_a_simple_rule_is_said_in_our_words(rrule: str, rule: str) -> None:
    assert rule_of(rrule) == rule


def test_windows_line_endings_and_a_byte_order_mark_hide_nothing() -> None:
    data = b"\xef\xbb\xbf---\r\ntags: [task]\r\nstatus: open\r\n---\r\ntext\r\n"
    (found,) = read_note("a.md", data, READ).tasks
    assert (found.source.line, found.source.text) == (3, "status: open")


def test_a_fault_in_the_front_matter_is_a_problem_and_no_more() -> None:
    found = note("tags: [task]", "status: open", "due: {", body="- [ ] one")
    assert [each.text for each in found.tasks] == ["one"]
    assert len(found.problems) == 1
