"""A command that was cut short and is given again: what was asked for is done once."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from mdtasks.app.session import open_session
from mdtasks.model import Edit
from mdtasks.write import outbox
from mdtasks.write.safely import apply, deliver
from tests.faults import killed_at
from tests.running import NOW, mdtasks
from tests.test_kill import start_over
from tests.ticking import AT_ONCE, ONE, RIGHT_NOW, dated, temp_files, tick

SERIES = "- [ ] Water the ferns 🔁 every week 📅 2026-11-23\n"
NEXT = "- [ ] Water the ferns 🔁 every week 📅 2026-11-30\n"
DONE = "- [x] Water the ferns 🔁 every week 📅 2026-11-23 ✅ 2026-11-23\n"


@pytest.fixture(autouse=True)
def _fast_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.mark.parametrize("by", ["a.md:1", "./a.md:1", "key"])
def test_a_series_that_a_killed_run_ticked_is_not_ticked_twice(tmp_path: Path, by: str) -> None:
    root = tmp_path / "vault"
    start_over(root, tmp_path / "state", {"a.md": SERIES.encode()})
    state = open_session(str(root), NOW, print).places.state
    codes = set()
    for number in count(1):
        start_over(root, state, {"a.md": SERIES.encode()})
        [task] = mdtasks(root, "list", "--json").json["tasks"]
        word = task["key"] if by == "key" else by
        killed = killed_at(number, lambda word=word: mdtasks(root, "done", word))  # type: ignore[misc]
        if outbox.is_empty(state):
            if killed:
                continue
            break
        codes.add(mdtasks(root, "done", word).code)
        assert (root / "a.md").read_text() == NEXT + DONE
    assert codes == ({0} if by == "key" else {4})
    # Who means the line that stands there now says it again.


def test_a_line_above_and_one_of_another_note_are_what_they_were(tmp_path: Path) -> None:
    root = tmp_path / "vault"
    notes = {"a.md": f"- [ ] first\n{SERIES}- [ ] last\n".encode(), "b.md": b"- [ ] other\n"}
    start_over(root, tmp_path / "state", notes)
    state = open_session(str(root), NOW, print).places.state

    def done(*places: str) -> int:
        start_over(root, state, notes)
        number = next(
            n
            for n in count(1)
            if killed_at(n, lambda: mdtasks(root, "done", "a.md:2")) and not outbox.is_empty(state)
        )
        assert number
        return mdtasks(root, "done", *places).code

    assert done("a.md:1", "b.md:1") == 0
    assert done("a.md:3") == 4
    assert "- [ ] last" in (root / "a.md").read_text()
    assert mdtasks(root, "done", "a.md:4").code == 0
    assert "- [x] last" in (root / "a.md").read_text()


@pytest.mark.parametrize("save", ["truncate", "rename"])
@pytest.mark.parametrize("edit", [tick, dated], ids=["in place", "exchange"])
def test_what_a_person_opens_again_after_a_kill_at_any_call_stays_open(
    tmp_path: Path, edit: Callable[[str, int, str], Edit], save: str
) -> None:
    root, state = tmp_path / "vault", tmp_path / "state"
    met = 0
    for number in count(1):
        start_over(root, state, {"a.md": ONE})
        asked = [edit("a.md", 1, "one")]
        killed = killed_at(number, lambda asked=asked: apply(root, state, asked, AT_ONCE))  # type: ignore[misc]
        if not killed:
            break
        if (root / "a.md").read_bytes() == ONE:
            continue
        met += 1
        if save == "rename":
            (root / "new").write_bytes(ONE)
            (root / "new").replace(root / "a.md")
        else:
            (root / "a.md").write_bytes(ONE)
        deliver(root, state, RIGHT_NOW)
        assert (root / "a.md").read_bytes() == ONE, number
        assert temp_files(root) == []
    assert met > 5
