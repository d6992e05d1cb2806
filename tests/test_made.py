"""A noun made quickly is the noun."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, fields, replace

import pytest

from mdtasks.model import Source, Status, Task
from mdtasks.read.made import maker

SOURCE = Source("a.md", 1, "- [ ] a")


def quick(**row: object) -> Task:
    (task,) = maker(Task)([row])
    return task


def test_it_equals_what_its_class_makes() -> None:
    slow = Task(SOURCE, Status.TODO, " ", "a", tags=("#b",), depth=2)
    fast = quick(source=SOURCE, status=Status.TODO, symbol=" ", text="a", tags=("#b",), depth=2)
    assert type(fast) is Task
    assert (fast, hash(fast), repr(fast)) == (slow, hash(slow), repr(slow))
    assert [getattr(fast, each.name) for each in fields(Task)] == [
        getattr(slow, each.name) for each in fields(Task)
    ]


def test_it_is_as_frozen_and_as_easily_copied() -> None:
    task = quick(source=SOURCE, status=Status.TODO, symbol=" ", text="a")
    with pytest.raises(FrozenInstanceError):
        task.text = "b"  # type: ignore[misc]
    assert replace(task, text="b").text == "b"
    assert copy.copy(task) == pickle.loads(pickle.dumps(task)) == task


def test_what_has_no_default_must_be_said() -> None:
    with pytest.raises(TypeError, match="symbol"):
        quick(source=SOURCE, status=Status.TODO, text="a")
