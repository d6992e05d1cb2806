"""Many tasks at once: read in less time, and the same as one by one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mdtasks.index.store import Store
from mdtasks.model import Status
from tests.stores import SUNDAY, VAULT, note, put, task

MANY = 400


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An index with enough tasks that some keys are long; every third one has vanished."""
    with Store.open(tmp_path / "index.sqlite", VAULT, today=SUNDAY) as store:
        states = (Status.TODO, Status.DONE)
        every = [task(f"task {n}", n + 1, states[n % 2]) for n in range(MANY)]
        put(store, note("a.md", *every))
        kept = [each for n, each in enumerate(every) if n % 3]
        put(store, note("a.md", *kept), note("b.md", task("one \udcff more")))
        yield store


@pytest.mark.parametrize("open_only", [False, True])
def test_a_task_is_the_same_among_all_as_alone(store: Store, open_only: bool) -> None:
    found = store.tasks(open_only=open_only)
    assert found == [one for each in found for one in store.tasks(uids=[each.uid])]
    assert len({len(each.key) for each in found}) > 1


def test_a_key_of_one_among_all_leads_to_no_task_that_is_gone(store: Store) -> None:
    assert [each.key for each in store.tasks() if store.gone(each.key)] == []


def test_open_tasks_alone_are_those_of_all_that_are_open(store: Store) -> None:
    assert store.tasks(open_only=True) == [each for each in store.tasks() if each.is_open]


def test_the_sources_are_those_of_all_tasks(store: Store) -> None:
    assert store.sources() == [each.source for each in store.tasks()]


def test_an_empty_index_has_no_tasks(tmp_path: Path) -> None:
    with Store.open(tmp_path / "index.sqlite", VAULT) as store:
        assert store.tasks() == []
        assert store.sources() == []
