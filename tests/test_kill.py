"""Runs that are killed at every system call: the next one finishes what they were asked for."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest

from mdtasks.model import Edit
from mdtasks.write import outbox, renames, swap
from mdtasks.write.safely import apply, deliver, take_back, write_note
from tests.faults import counted, in_child, kill_myself, killed_at, no_lease
from tests.ticking import AT_ONCE, ONE, ONE_DATED, ONE_DONE, RIGHT_NOW, dated, temp_files, tick

REST = b"above\r\n\xff\n"
TWINS = b"- [ ] one\n" * 3


class Case(NamedTuple):
    """A command, the notes before it and after it."""

    edits: tuple[Edit, ...]
    before: Mapping[str, bytes]
    after: Mapping[str, bytes]


CASES = {
    "in place": Case((tick("a.md", 1, "one"),), {"a.md": ONE + REST}, {"a.md": ONE_DONE + REST}),
    "exchange": Case((dated("a.md", 1, "one"),), {"a.md": ONE + REST}, {"a.md": ONE_DATED + REST}),
    "one of three twins": Case(
        (dated("a.md", 2, "one"),), {"a.md": TWINS}, {"a.md": ONE + ONE_DATED + ONE}
    ),
    "two notes": Case(
        (dated("a.md", 1, "one"), tick("Sub/b.md", 1, "one")),
        {"a.md": ONE, "Sub/b.md": ONE},
        {"a.md": ONE_DATED, "Sub/b.md": ONE_DONE},
    ),
    "a line more": Case(
        (Edit("a.md", 1, "- [ ] one", ("- [ ] one", "- [x] one")),),
        {"a.md": ONE + REST},
        {"a.md": ONE + ONE_DONE + REST},
    ),
    "the same day of a series again": Case(
        (Edit("a.md", 2, "- [ ] one", ("- [ ] one", "- [x] one")),),
        {"a.md": b"x\n" + ONE + ONE_DONE + REST},
        {"a.md": b"x\n" + ONE + ONE_DONE + ONE_DONE + REST},
    ),
    "a line less": Case(
        (Edit("a.md", 2, "- [ ] one", ()),), {"a.md": b"x\n" + ONE + ONE}, {"a.md": b"x\n" + ONE}
    ),
}


@pytest.fixture(params=CASES.values(), ids=list(CASES))
def case(request: pytest.FixtureRequest) -> Case:
    found: Case = request.param
    return found


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "vault"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture(autouse=True)
def _fast_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    # A kill takes nothing back that was written; only a power cut does.
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


def start_over(root: Path, state: Path, notes: Mapping[str, bytes]) -> None:
    for folder in (root, state):
        shutil.rmtree(folder, ignore_errors=True)
    for path, data in notes.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)


def notes(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*.md")}


def assert_each_is_old_or_new(
    root: Path, before: Mapping[str, bytes], after: Mapping[str, bytes]
) -> None:
    now = notes(root)
    assert now.keys() == before.keys()
    assert all(now[path] in (before[path], after[path]) for path in now)


def test_a_killed_tick_is_whole_and_the_next_run_ends_it_once(
    case: Case, root: Path, state: Path
) -> None:
    outcomes = set()
    for number in count(1):
        start_over(root, state, case.before)
        killed = killed_at(number, lambda: apply(root, state, case.edits, AT_ONCE))
        assert_each_is_old_or_new(root, case.before, case.after)
        was_asked = not outbox.is_empty(state) or notes(root) == case.after
        assert deliver(root, state, RIGHT_NOW) == ()
        assert notes(root) == (case.after if was_asked else case.before)
        assert temp_files(root) == []
        # Nothing is left that could tick once more.
        assert outbox.is_empty(state)
        if was_asked:
            take_back(root, state, AT_ONCE)
        assert notes(root) == case.before
        outcomes.add(was_asked)
        if not killed:
            break
    assert outcomes == {False, True}


def test_a_killed_undo_is_ended_by_the_next_run(case: Case, root: Path, state: Path) -> None:
    outcomes = set()
    for number in count(1):
        start_over(root, state, case.before)
        apply(root, state, case.edits, AT_ONCE)
        killed = killed_at(number, lambda: take_back(root, state, AT_ONCE))
        assert_each_is_old_or_new(root, case.before, case.after)
        deliver(root, state, RIGHT_NOW)
        assert temp_files(root) == []
        assert outbox.is_empty(state)
        outcomes.add(notes(root) == case.before)
        if notes(root) == case.after:
            take_back(root, state, AT_ONCE)
        assert notes(root) == case.before
        if not killed:
            break
    assert outcomes == {False, True}


def test_a_next_run_that_is_killed_too_ticks_no_twin(root: Path, state: Path) -> None:
    case = CASES["one of three twins"]
    start_over(root, state, case.before)
    number = next(n for n in count(1) if not killed_when_asked(n, root, state, case))
    for again in count(1):
        start_over(root, state, case.before)
        killed_at(number - 1, lambda: apply(root, state, case.edits, AT_ONCE))
        killed = killed_at(again, lambda: deliver(root, state, RIGHT_NOW))
        deliver(root, state, RIGHT_NOW)
        assert notes(root) == case.after
        assert temp_files(root) == []
        if not killed:
            break


def killed_when_asked(number: int, root: Path, state: Path, case: Case) -> bool:
    """Whether a run killed at the n-th call leaves the note alone, or as wanted but unrecorded."""
    start_over(root, state, case.before)
    killed_at(number, lambda: apply(root, state, case.edits, AT_ONCE))
    return outbox.is_empty(state) or notes(root) == case.before


@pytest.mark.parametrize("model", ["truncate", "rename"])
def test_a_save_that_a_killed_run_had_taken_away_comes_back_and_is_ticked(
    root: Path, state: Path, model: str
) -> None:
    saved = b"saved\n" + ONE + REST

    def save(exchange: Callable[[Path, Path], bool]) -> Callable[[Path, Path], bool]:
        def saving_first(one: Path, other: Path) -> bool:
            if model == "truncate":
                other.write_bytes(saved)
            else:
                (root / "editor").write_bytes(saved)
                (root / "editor").replace(other)
            return exchange(one, other)

        return saving_first

    def tick_while_it_is_saved() -> None:
        exchange = renames.exchange
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(renames, "exchange", save(exchange))
            patch.setattr(swap, "nobody_writes", no_lease)  # the editor is this very process
            made: list[str] = []

            def kill_after_exchange(name: str) -> None:
                if "renameat2" in made:
                    kill_myself(name)
                made.append(name)

            with counted(kill_after_exchange):
                apply(root, state, [dated("a.md", 1, "one")], AT_ONCE)

    start_over(root, state, {"a.md": ONE + REST})
    assert in_child(tick_while_it_is_saved) < 0
    assert (root / "a.md").read_bytes() == ONE_DATED + REST  # the save is away
    assert deliver(root, state, RIGHT_NOW) == ()
    assert (root / "a.md").read_bytes() == b"saved\n" + ONE_DATED + REST
    assert temp_files(root) == []


@pytest.mark.parametrize("before", [None, b"old\n"])
def test_a_killed_section_is_the_old_one_or_the_new(
    root: Path, state: Path, before: bytes | None
) -> None:
    new = b"new\n" * 1000
    old = {} if before is None else {"a.md": before}
    for number in count(1):
        start_over(root, state, {"b.md": ONE, **old})
        killed = killed_at(number, lambda: write_note(root, state, "a.md", before, new, AT_ONCE))
        now = notes(root)
        assert now in ({"b.md": ONE, **old}, {"b.md": ONE, "a.md": new})
        # Whoever writes in that folder next clears up.
        apply(root, state, [tick("b.md", 1, "one")], AT_ONCE)
        assert temp_files(root) == []
        assert (root / "a.md").exists() == ("a.md" in now)
        if not killed:
            break
    assert notes(root) == {"a.md": new, "b.md": ONE_DONE}
