"""Lines that read alike: the one that was meant is written, or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from mdtasks.errors import RefusedError
from mdtasks.write import outbox, safely
from mdtasks.write.safely import UNATTENDED, apply, deliver
from tests.conftest import MakeVault
from tests.running import mdtasks, still
from tests.test_outbox import asked
from tests.ticking import AT_ONCE, ONE_DATED, dated

TWIN = "- [ ] one\n"
DONE = "- [x] one ✅ 2026-11-23\n"
SERIES = "- [ ] one 🔁 every day\n"


def save(root: Path, text: str) -> None:
    (root / "a.md").write_text(text)
    still(root)


def text(root: Path) -> str:
    return (root / "a.md").read_text()


def test_undo_of_a_line_that_was_copied_and_then_deleted_leaves_the_copy(vault: MakeVault) -> None:
    root = vault({"a.md": f"- [ ] above\n{TWIN}- [ ] below\n"})
    assert mdtasks(root, "done", "a.md:2").code == 0
    save(root, f"- [ ] above\n- [ ] below\n{DONE}")
    assert mdtasks(root, "undo").code == 0  # it is the only one, and may have moved
    assert text(root) == f"- [ ] above\n- [ ] below\n{TWIN}"
    assert mdtasks(root, "done", "a.md:3").code == 0
    copied = f"new\n{DONE}other\n{DONE}"
    save(root, copied)
    assert mdtasks(root, "undo").code == 4
    assert text(root) == copied


def test_undo_does_not_take_the_twin_that_is_left_for_a_line_that_is_gone(
    vault: MakeVault,
) -> None:
    root = vault({"a.md": f"{TWIN}between\n{TWIN}"})
    assert mdtasks(root, "done", "a.md:3").code == 0
    assert mdtasks(root, "done", "a.md:1").code == 0
    save(root, f"between\n{DONE}")
    assert mdtasks(root, "undo").code == 4
    assert text(root) == f"between\n{DONE}"


def test_undo_does_not_take_a_twin_for_the_line_that_a_series_left(vault: MakeVault) -> None:
    root = vault({"a.md": f"{SERIES}between\n{SERIES}"})
    assert mdtasks(root, "done", "a.md:3").code == 0
    _, _, _, done = text(root).splitlines(keepends=True)
    moved = f"{SERIES}{done}between\n"
    save(root, moved)
    assert mdtasks(root, "undo").code == 4
    assert text(root) == moved


@pytest.mark.parametrize("name", ["done", "cancel", "start"])
def test_a_twin_that_comes_to_the_number_of_a_line_while_it_is_looked_up_is_left(
    vault: MakeVault, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    root = vault({"a.md": TWIN * 2})
    mdtasks(root, "list")
    write, moved = safely.apply, f"typed\n{TWIN * 2}"

    def saved_first(*args: object, **named: object) -> object:
        save(root, moved)
        return write(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(safely, "apply", saved_first)
    assert mdtasks(root, name, "a.md:2").code == 4
    assert text(root) == moved


def test_of_twins_that_stand_as_they_were_the_one_that_is_named_is_ticked(
    vault: MakeVault,
) -> None:
    root = vault({"a.md": TWIN * 4})
    for line in (2, 3):
        assert mdtasks(root, "done", f"a.md:{line}").code == 0
    assert text(root) == TWIN + DONE * 2 + TWIN
    assert mdtasks(root, "undo").code == 0
    assert text(root) == TWIN + DONE + TWIN * 2


# What waits


def test_what_waits_for_one_twin_is_not_taken_for_what_is_wanted_of_another(
    vault: MakeVault, tmp_path: Path
) -> None:
    root, state = vault({"a.md": TWIN * 2}), tmp_path / "state"
    for line in (1, 2):
        with pytest.raises(RefusedError):
            apply(root, state, [dated("a.md", line, "one")], UNATTENDED)
    assert [waiting.line for waiting in outbox.pending(state)] == [1]
    still(root)
    assert deliver(root, state) == ()
    assert text(root) == ONE_DATED.decode() + TWIN
    apply(root, state, [dated("a.md", 2, "one")], AT_ONCE)
    assert text(root) == ONE_DATED.decode() * 2


def test_who_asks_for_one_twin_while_another_waits_gets_both(
    vault: MakeVault, tmp_path: Path
) -> None:
    root, state = vault({"a.md": TWIN * 3}), tmp_path / "state"
    state.mkdir()
    asked(root, state, dated("a.md", 1, "one"))
    (landed,) = apply(root, state, [dated("a.md", 3, "one")], AT_ONCE)
    assert landed.line == 3
    assert text(root) == ONE_DATED.decode() + TWIN + ONE_DATED.decode()
