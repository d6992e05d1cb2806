"""The outbox: what was asked for is written once, whatever came between, or it says why not."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mdtasks.errors import LockedError, RefusedError
from mdtasks.model import Edit
from mdtasks.write import carry, outbox
from mdtasks.write.locks import hold
from mdtasks.write.outbox import Command
from mdtasks.write.safely import UNATTENDED, BusyError, apply, deliver, take_back
from mdtasks.write.splice import Splice
from tests.conftest import MakeVault
from tests.ticking import AT_ONCE, ONE, ONE_DATED, RIGHT_NOW, dated, make_old

TWO = b"- [ ] two\n"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir()
    return folder


def asked(root: Path, state: Path, *edits: Edit, ago: float = 0) -> Command:
    """Leave behind what a run leaves that is killed before it touches a note."""
    splices = [Splice(edit.path, edit.line, (edit.before,), edit.after) for edit in edits]
    desk = carry.Desk(root, state, lambda line: None)
    found = carry.find(desk, splices, timedelta(0))
    command = Command(outbox.new_id(), time.time() - ago, found.places)
    outbox.add(state, command)
    return command


def why(state: Path) -> list[str]:
    return [one.why for one in outbox.pending(state)]


def test_what_a_killed_run_was_asked_for_is_written_by_the_next(
    vault: MakeVault, state: Path
) -> None:
    root = vault({"a.md": ONE + TWO})
    asked(root, state, dated("a.md", 1, "one"))
    apply(root, state, [dated("a.md", 2, "two")], AT_ONCE)
    assert (root / "a.md").read_bytes().count(b"[x]") == 2
    assert outbox.is_empty(state)
    # Two commands: undo takes them back one by one, the last one first.
    take_back(root, state, AT_ONCE)
    assert (root / "a.md").read_bytes() == ONE_DATED + TWO
    take_back(root, state, AT_ONCE)
    assert (root / "a.md").read_bytes() == ONE + TWO


@pytest.mark.parametrize(
    ("now", "then"),
    [
        (ONE, ONE_DATED),
        (b"above\n" + ONE, b"above\n" + ONE_DATED),
        (ONE_DATED, ONE_DATED),
        (b"above\n" + ONE_DATED, b"above\n" + ONE_DATED),
    ],
)
def test_a_line_is_found_where_it_stands_now_and_one_that_is_done_is_left(
    vault: MakeVault, state: Path, now: bytes, then: bytes
) -> None:
    root = vault({"a.md": ONE})
    asked(root, state, dated("a.md", 1, "one"))
    (root / "a.md").write_bytes(now)
    assert deliver(root, state, RIGHT_NOW) == ()
    assert (root / "a.md").read_bytes() == then


@pytest.mark.parametrize("line", [1, 2, 3])
@pytest.mark.parametrize("above", [b"", b"new\n", b"- [ ] two\nnew\n"])
def test_of_twins_the_one_that_was_meant_is_ticked_once(
    vault: MakeVault, state: Path, line: int, above: bytes
) -> None:
    before, after = [ONE] * 3, [ONE] * 3
    after[line - 1] = ONE_DATED
    root = vault({"a.md": b"".join(before)})
    for start in (before, after):  # killed before the tick, and after it
        (root / "a.md").write_bytes(b"".join(before))
        asked(root, state, dated("a.md", line, "one"))
        (root / "a.md").write_bytes(above + b"".join(start))
        assert deliver(root, state, RIGHT_NOW) == ()
        assert (root / "a.md").read_bytes() == above + b"".join(after)


@pytest.mark.parametrize(
    "now",
    [b"- [ ] one!\n", b"", ONE + ONE + ONE_DATED, b"x\n" + ONE + b"y\n" + ONE],
    ids=["changed", "gone", "ticked and doubled", "doubled"],
)
def test_what_cannot_be_told_is_not_written_and_says_why(
    vault: MakeVault, state: Path, now: bytes
) -> None:
    root = vault({"a.md": b"x\n" + ONE + b"z\n"})
    asked(root, state, dated("a.md", 2, "one"))
    (root / "a.md").write_bytes(now)
    (waiting,) = deliver(root, state, RIGHT_NOW)
    assert waiting.why == "this line changed since it was read"
    assert (root / "a.md").read_bytes() == now
    # It was given up: a line that is back later is not ticked behind anybody's back.
    (root / "a.md").write_bytes(b"x\n" + ONE + b"z\n")
    assert deliver(root, state, RIGHT_NOW) == (waiting,)
    assert (root / "a.md").read_bytes() == b"x\n" + ONE + b"z\n"
    # Whoever ticks it by hand has what was wanted.
    (root / "a.md").write_bytes(b"x\n" + ONE_DATED + b"z\n")
    assert deliver(root, state, RIGHT_NOW) == ()


def test_a_note_that_is_gone_is_given_up(vault: MakeVault, state: Path) -> None:
    root = vault({"a.md": ONE})
    asked(root, state, dated("a.md", 1, "one"))
    (root / "a.md").unlink()
    deliver(root, state, RIGHT_NOW)
    assert why(state) == ["this note is gone"]


def test_a_note_that_may_not_be_written_is_given_up_and_named(
    vault: MakeVault, state: Path
) -> None:
    root = vault({"a.md": ONE})
    asked(root, state, dated("a.md", 1, "one"))
    (root / "a.md").chmod(0o444)
    deliver(root, state, RIGHT_NOW)
    assert why(state) == ["this note is write-protected"]


def test_a_note_that_somebody_writes_is_waited_for_and_after_half_a_minute_that_is_said(
    vault: MakeVault, state: Path
) -> None:
    root = vault({"a.md": ONE})
    asked(root, state, dated("a.md", 1, "one"))
    deliver(root, state)
    assert why(state) == ["the run that was to write it has not ended, or was cut short"]
    outbox.remove(state, outbox.commands(state)[0].id)
    asked(root, state, dated("a.md", 1, "one"), ago=31)
    deliver(root, state)
    assert why(state) == ["another program is writing this note"]
    make_old(root / "a.md")
    assert deliver(root, state) == ()
    assert (root / "a.md").read_bytes() == ONE_DATED


def test_half_of_a_save_gives_nothing_up(vault: MakeVault, state: Path) -> None:
    root = vault({"a.md": ONE})
    asked(root, state, dated("a.md", 1, "one"))
    (root / "a.md").write_bytes(b"")
    assert len(deliver(root, state)) == 1
    (root / "a.md").write_bytes(ONE)
    make_old(root / "a.md")
    assert deliver(root, state) == ()
    assert (root / "a.md").read_bytes() == ONE_DATED


def test_unattended_an_edit_waits_in_the_outbox_once_and_is_written_when_it_is_quiet(
    vault: MakeVault, state: Path
) -> None:
    root = vault({"a.md": ONE + TWO})
    edits = [dated("a.md", 2, "two"), dated("a.md", 1, "one")]
    for _ in range(3):
        with pytest.raises(BusyError):
            apply(root, state, edits, UNATTENDED)
    waiting = outbox.pending(state)
    assert [(one.path, one.line, one.text) for one in waiting] == [
        ("a.md", 1, "- [ ] one"),
        ("a.md", 2, "- [ ] two"),
    ]
    assert waiting[0].wanted == ("- [x] one ✅ 2026-11-22",)
    assert timedelta(0) <= datetime.now(UTC) - waiting[0].since < timedelta(minutes=1)
    make_old(root / "a.md")
    assert list(apply(root, state, edits, UNATTENDED)) == edits
    assert (root / "a.md").read_bytes().count(b"[x]") == 2
    assert outbox.is_empty(state)


def test_at_the_prompt_a_refusal_leaves_nothing_that_waits(vault: MakeVault, state: Path) -> None:
    root = vault({"a.md": ONE})
    with pytest.raises(BusyError):
        apply(root, state, [dated("a.md", 1, "one")], RIGHT_NOW._replace(quiet=timedelta(hours=1)))
    assert outbox.is_empty(state)


def test_undo_drops_what_waits_if_it_was_asked_for_last(vault: MakeVault, state: Path) -> None:
    root = vault({"a.md": ONE, "b.md": TWO})
    apply(root, state, [dated("b.md", 1, "two")], AT_ONCE)
    asked(root, state, dated("a.md", 1, "one"))
    (root / "a.md").write_bytes(b"another\n")
    told: list[str] = []
    assert take_back(root, state, AT_ONCE, told.append) == ()
    assert told == ["this will not be written any more: a.md:1"]
    assert outbox.is_empty(state)
    assert (root / "b.md").read_bytes() != TWO
    take_back(root, state, AT_ONCE, told.append)
    assert (root / "b.md").read_bytes() == TWO
    assert len(told) == 1


def test_undo_of_a_later_command_leaves_what_waits(vault: MakeVault, state: Path) -> None:
    root = vault({"a.md": ONE, "b.md": TWO})
    asked(root, state, dated("a.md", 1, "one"), ago=60)
    (root / "a.md").write_bytes(b"another\n")
    apply(root, state, [dated("b.md", 1, "two")], AT_ONCE)
    assert len(take_back(root, state, AT_ONCE)) == 1
    assert len(outbox.pending(state)) == 1


def test_who_asks_for_the_same_line_again_replaces_what_was_given_up(
    vault: MakeVault, state: Path
) -> None:
    root = vault({"a.md": ONE})
    asked(root, state, dated("a.md", 1, "one"))
    (root / "a.md").write_bytes(b"")
    deliver(root, state, RIGHT_NOW)
    (root / "a.md").write_bytes(ONE)
    apply(root, state, [dated("a.md", 1, "one")], AT_ONCE)
    assert outbox.is_empty(state)


def test_what_was_done_and_only_not_crossed_out_is_not_done_again(
    vault: MakeVault, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = vault({"a.md": ONE})

    def failing(*args: object) -> None:
        raise OSError(5, "Input/output error")

    def tick_it() -> object:
        return apply(root, state, [dated("a.md", 1, "one")], AT_ONCE)

    def undo_it() -> object:
        return take_back(root, state, AT_ONCE)

    for do, then, by_hand in ((tick_it, ONE_DATED, ONE), (undo_it, ONE, ONE_DATED)):
        (root / "a.md").write_bytes(by_hand)
        with monkeypatch.context() as patch:
            patch.setattr(outbox, "remove", failing)
            do()
        assert (root / "a.md").read_bytes() == then
        assert not outbox.is_empty(state)
        (root / "a.md").write_bytes(by_hand)  # the person changed their mind
        assert deliver(root, state, RIGHT_NOW) == ()
        assert (root / "a.md").read_bytes() == by_hand


def test_a_torn_intent_is_no_intent(vault: MakeVault, state: Path) -> None:
    root = vault({"a.md": ONE})
    asked(root, state, dated("a.md", 1, "one"))
    box = state / "outbox.jsonl"
    box.write_bytes(box.read_bytes()[:-20])
    assert deliver(root, state, RIGHT_NOW) == ()
    assert (root / "a.md").read_bytes() == ONE


def test_nobody_delivers_while_another_writes(vault: MakeVault, state: Path) -> None:
    root = vault({"a.md": ONE})
    asked(root, state, dated("a.md", 1, "one"))
    with hold(state, "write"), pytest.raises(LockedError):
        deliver(root, state)


def test_text_that_is_no_utf8_waits_as_it_is(vault: MakeVault, state: Path) -> None:
    root = vault({"a.md": b"- [ ] \xff\xe2\x80\xa8\n"})
    text = "- [ ] \udcff\u2028"
    asked(root, state, Edit("a.md", 1, text, (text.replace("[ ]", "[x]") + " ✅",)))
    deliver(root, state, RIGHT_NOW)
    assert (root / "a.md").read_bytes() == "- [x] \udcff\u2028 ✅\n".encode(
        "utf-8", "surrogateescape"
    )


def test_a_refusal_that_cannot_be_forgotten_says_that_it_waits(
    vault: MakeVault, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = vault({"a.md": ONE})

    def failing(*args: object) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(outbox, "remove", failing)
    monkeypatch.setattr("mdtasks.write.journal.keep_copy", failing)
    with pytest.raises(RefusedError) as refused:
        apply(root, state, [dated("a.md", 1, "one")], AT_ONCE)
    assert "it waits" in refused.value.hint
    assert len(outbox.pending(state)) == 1
