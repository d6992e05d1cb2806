"""The uid that a task is born with, and the id that is better than it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdtasks.index.identity import Newcomer, claimed, settle
from mdtasks.index.rows import name_of
from mdtasks.model import Note, Source, Status, Task
from tests.stores import entry

VAULT = "home"
MDTASKS = UUID("b7c1f6a2-9d5e-4c0b-a3c8-e2f45d10769e")
FRIDAY = date(2026, 11, 27)


def task(text: str = "call", path: str = "a.md", line: int = 1) -> Task:
    return Task(Source(path, line, f"- [ ] {text}"), Status.TODO, " ", text)


def births(tasks: Sequence[Task], vault_id: str = VAULT) -> list[Newcomer]:
    """Return tasks of any notes as nobody knew them before."""
    paths = {task.source.path for task in tasks}
    notes = [Note(path, b"", tuple(t for t in tasks if t.source.path == path)) for path in paths]
    entries = {note.path: entry(note, vault_id) for note in notes}
    rows = {path: zip(e.born, e.bodies, strict=True) for path, e in entries.items()}
    found = []
    for each in tasks:
        born, body = next(rows[each.source.path])
        found.append(Newcomer(born, body[0], each.source.path, name_of(body)))
    return found


def settled(
    tasks: Sequence[Task], elsewhere: Sequence[str] = (), taken: Sequence[str] = ()
) -> list[str]:
    return settle(births(tasks), elsewhere, lambda uid: uid in taken, VAULT)


def uid(task: Task, vault_id: str = VAULT) -> str:
    return births([task], vault_id)[0].born


@given(st.text(), st.text(), st.text())
def test_a_born_uid_is_what_uuid5_gives(vault_id: str, path: str, text: str) -> None:
    name = f"{path}\0000\0\0{text}"
    assert uid(task(text, path), vault_id) == str(uuid5(uuid5(MDTASKS, vault_id), name))


def test_a_uid_never_changes_from_one_version_of_mdtasks_to_the_next() -> None:
    assert uid(task("call the dentist", "Home/Health.md")) == "e32b7131-7422-5baa-a164-7905a05ca2ea"
    assert claimed("call-1", VAULT) == "bb03d601-366e-50bc-af17-ce8ab02dfd02"


def test_text_that_is_not_utf8_has_a_uid_of_its_own() -> None:
    assert len({uid(task("caf\udce9")), uid(task("café")), uid(task("caf\udce8"))}) == 3


def test_place_on_the_line_and_fields_do_not_count() -> None:
    moved = task(line=9)._replace(status=Status.DONE, due=FRIDAY, tags=("#a",), heading="H")
    assert uid(moved) == uid(task())


@pytest.mark.parametrize(
    "other",
    [task("call back"), task(path="b.md"), task("a.md", "call")],
    ids=["text", "path", "both"],
)
def test_text_and_path_count(other: Task) -> None:
    assert uid(other) != uid(task())


def test_two_vaults_have_no_uid_in_common() -> None:
    assert uid(task(), "home") != uid(task(), "work")


def test_twins_in_a_note_are_told_apart_by_their_order() -> None:
    first, other, second = births([task(), task("write"), task()], VAULT)
    assert first.born == uid(task()) != second.born
    assert other.born == uid(task("write"))


def test_each_occurrence_of_a_series_has_a_uid_of_its_own() -> None:
    series = task()._replace(recurrence="every week")
    first = series._replace(due=FRIDAY)
    second = series._replace(due=date(2026, 12, 4))
    assert len({uid(series), uid(first), uid(second)}) == 3


def test_an_occurrence_is_told_by_due_else_scheduled_else_start() -> None:
    series = task()._replace(recurrence="every week")
    by_start = series._replace(start=FRIDAY)
    by_scheduled = series._replace(scheduled=FRIDAY, start=date(2026, 1, 1))
    by_due = series._replace(due=FRIDAY, scheduled=date(2026, 1, 1), start=date(2026, 1, 1))
    assert uid(by_start) == uid(by_scheduled) == uid(by_due) != uid(series)


def test_a_date_from_the_notes_name_is_no_reference() -> None:
    series = task()._replace(recurrence="every week")
    assert uid(series._replace(scheduled=FRIDAY, inferred=("scheduled",))) == uid(series)


def test_an_explicit_id_wins_wherever_its_task_is() -> None:
    here = task()._replace(block_id="call-1")
    there = task("ring up", "b.md")._replace(block_id="call-1")
    assert settled([here]) == settled([there]) == [claimed("call-1", VAULT)]


def test_the_id_field_wins_over_the_block_id() -> None:
    (birth,) = births([task()._replace(id="field", block_id="block")], VAULT)
    assert birth.explicit == "field"


def test_an_id_that_two_tasks_claim_at_once_is_neithers() -> None:
    twice = [task(text)._replace(block_id="twice") for text in ("a", "b")]
    assert settled(twice) == [uid(each) for each in twice]


def test_an_id_that_a_known_task_claims_is_its_own() -> None:
    assert settled([task()._replace(id="one")], elsewhere=["one"]) == [uid(task())]


def test_a_uid_that_another_task_has_kept_goes_to_nobody_else() -> None:
    first, second = settled([task(), task()])
    third = settled([task(), task()], taken=[first])
    assert third[1] == second
    assert third[0] not in (first, second)
    assert settled([task(), task()], taken=[first]) == third


TASKS = st.lists(
    st.builds(
        lambda text, path, rule, due, block_id: task(text, path)._replace(
            recurrence=rule, due=due, block_id=block_id
        ),
        st.sampled_from(["", "0", "id", "a\0", "\0a", "call"]),
        st.sampled_from(["a.md", "id", "0", ""]),
        st.sampled_from([None, "every day"]),
        st.sampled_from([None, FRIDAY]),
        st.sampled_from([None, "a", "id"]),
    ),
    max_size=12,
)


@given(TASKS, st.sets(st.integers(0, 11)))
def test_no_two_tasks_of_a_vault_share_a_uid(tasks: list[Task], taken: set[int]) -> None:
    known = [each.born for at, each in enumerate(births(tasks)) if at in taken]
    given = settled(tasks, taken=known)
    assert len(set(given)) == len(tasks)
    assert not {*given} & {*known}


@given(TASKS)
def test_uids_do_not_depend_on_the_order_of_the_notes(tasks: list[Task]) -> None:
    claims = births(tasks, VAULT)
    backwards = settle(claims[::-1], (), lambda uid: False, VAULT)[::-1]
    assert settle(claims, (), lambda uid: False, VAULT) == backwards
