"""Everything that people do to notes and ask mdtasks for, in any order, with runs that die: on
disk is what was meant, byte for byte, or a refusal was said."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from mdtasks.read import stretches
from tests.vault_machine import World
from tests.vault_person import EDITS, Choose, Person
from tests.vault_runs import differences
from tests.vault_story import Target

T = TypeVar("T")

COMMANDS = ("done", "cancel", "start", "postpone")
# So many calls a run makes that writes a note or two.
CALLS = 90
# A world grows old: then a new one begins.
LIFE = 40
MOST_REFUSED = 0.01


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    # A kill takes nothing back that was written; only a power cut does.
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    # Notes of a few lines are read in stretches too.
    monkeypatch.setattr(stretches, "LONG", 200)


class Drawn(Choose):
    """Chooses as hypothesis draws, so that what fails is made small."""

    data: st.DataObject

    def __call__(self, options: Sequence[T]) -> T:
        return options[self.data.draw(st.integers(0, len(options) - 1))]


class Chance(Choose):
    def __init__(self, random: Random) -> None:
        self._random = random

    def __call__(self, options: Sequence[T]) -> T:
        return self._random.choice(options)


class VaultMachine(RuleBasedStateMachine):
    """Rules are what a person does, in an editor and at the prompt."""

    def __init__(self) -> None:
        super().__init__()
        self.choose = Drawn()
        self.folder = TemporaryDirectory()

    def teardown(self) -> None:
        try:
            if hasattr(self, "world"):
                self.world.end()
        finally:
            self.folder.cleanup()

    @initialize(data=st.data(), done_date=st.booleans())
    def begin(self, data: st.DataObject, done_date: bool) -> None:
        self.choose.data = data
        # What is there at first is not drawn: what fails is small without that.
        self.world = World(Path(self.folder.name), Chance(Random(0)), done_date)
        self.world.choose = self.choose

    @rule(data=st.data(), edit=st.sampled_from([*EDITS]))
    def edit(self, data: st.DataObject, edit: object) -> None:
        self.choose.data = data
        assert callable(edit)
        self.world.edit(edit)

    @rule()
    def look(self) -> None:
        self.world.look()

    @rule()
    def refresh(self) -> None:
        self.world.refresh()

    @precondition(lambda self: self.world.shown)
    @rule(
        data=st.data(),
        name=st.sampled_from(COMMANDS),
        kill_at=st.just(0) | st.integers(1, CALLS),
        meddle=st.sampled_from(("", "", "before", "between")),
    )
    def change_by_key(self, data: st.DataObject, name: str, kill_at: int, meddle: str) -> None:
        self.choose.data = data
        targets = [self.choose(self.world.keys()) for _ in range(self.choose((1, 1, 2)))]
        self.world.change(name, targets, 0 if meddle else kill_at, meddle)

    @rule(
        data=st.data(),
        name=st.sampled_from(COMMANDS),
        kill_at=st.just(0) | st.integers(1, CALLS),
    )
    def change_by_place(self, data: st.DataObject, name: str, kill_at: int) -> None:
        self.choose.data = data
        if places := self.world.places():
            self.world.change(name, [self.choose(places)], kill_at)

    @rule(kill_at=st.just(0) | st.integers(1, CALLS))
    def undo(self, kill_at: int) -> None:
        self.world.undo(kill_at)

    @rule(pause=st.sampled_from((timedelta(minutes=5), timedelta(days=1), timedelta(days=9))))
    def wait(self, pause: timedelta) -> None:
        self.world.wait(pause)

    @rule()
    def forget_index(self) -> None:
        self.world.forget_index()

    @invariant()
    def the_index_kept_equals_one_made_anew(self) -> None:
        if len(self.world.story) % 4 == 0:
            found = differences(self.world.session())
            assert not found, (self.world.story, found)


def test_whatever_comes_the_notes_hold_what_was_meant(ticks_seed: int) -> None:
    run_state_machine_as_test(
        seeded(ticks_seed)(VaultMachine),
        settings=settings(
            max_examples=60,
            database=None,  # the seed alone tells what is drawn
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[*HealthCheck],
        ),
    )


def walk(folder: Path, seed: int, ticks: int) -> Counter[str]:
    """Tick so many lines, in one vault after another; return what came of it.

    The seeds of the vaults follow one another: what fails in one is done again in it alone.
    """
    tally = Counter[str]()
    for its_seed in count(seed):
        if tally["ticks"] >= ticks:
            break
        random = Random(its_seed)
        try:
            world = World(folder / str(its_seed), Chance(random), random.random() < 0.8)
            for _ in range(LIFE):
                _live(world, random)
            world.end()
        except BaseException as error:
            error.add_note(f"in this vault alone: --ticks 1 --ticks-seed {its_seed}")
            raise
        tally += world.tally
        shutil.rmtree(world.home)
    return tally


def _live(world: World, random: Random) -> None:
    """A while of it: a look at the list, some edits, a command, and what may come between."""
    world.look()
    world.edits(random.choice((0, 1, 1, 2, 3, 5)))
    if random.random() < 0.3:
        world.refresh()
        world.edits(random.choice((1, 2)))
    if targets := world.keys() if random.random() < 0.8 else world.places():
        some = random.choices(targets, k=1 if random.random() < 0.85 else 2)
        kill_at = random.randint(1, CALLS) if random.random() < 0.12 else 0
        meddle = random.choice(("before", "between")) if random.random() < 0.1 else ""
        name = random.choice(COMMANDS) if random.random() < 0.3 else "done"
        world.change(name, some, 0 if meddle else kill_at, meddle)
    if random.random() < 0.15:
        world.undo(random.randint(1, CALLS) if random.random() < 0.3 else 0)
    if random.random() < 0.1:
        world.wait(timedelta(days=random.choice((0, 1, 9)), minutes=5))
    if random.random() < 0.02:
        world.forget_index()
    if random.random() < 0.1:
        found = differences(world.session())
        assert not found, (world.story, found)


def test_a_walk_of_edits_and_ticks_ticks_no_other_line_and_refuses_few(
    tmp_path: Path, ticks: int, ticks_seed: int, record_property: Callable[[str, object], None]
) -> None:
    tally = walk(tmp_path, ticks_seed, ticks)
    kept, refused = tally["kept unique"], tally["refused unique"]
    told = ", ".join(f"{name} {number}" for name, number in sorted(tally.items()))
    record_property("ticks", f"{told}; on a wrong line none")
    assert refused <= MOST_REFUSED * (kept + refused) + 1


def test_undo_takes_back_a_series_whose_next_line_was_copied_beside_it(tmp_path: Path) -> None:
    world = World(tmp_path, Chance(Random(0)))
    series = world.model.new("Water the plants", fields=(("recurrence", "every day"),))

    def write(person: Person) -> None:
        world.model.notes["Inbox.md"][1:1] = [series]

    def copy(person: Person) -> None:
        rows = world.model.notes["Inbox.md"]
        rows.insert(2, world.model.twin(rows[1]))

    world.edit(write)
    assert world.change("done", [Target("Inbox.md:2", series.number)]).code == 0
    world.edit(copy)
    assert world.undo().code == 0
    texts = [row.text for row in world.model.notes["Inbox.md"]]
    assert texts.count(series.text) == 2
    assert not [text for text in texts if "✅" in text]
