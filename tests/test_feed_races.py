"""Several processes publish the same feed: no number is given twice, and nobody's event is lost."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from mdtasks.app import publish
from mdtasks.app.planning import current_blocks
from mdtasks.config import load, places
from mdtasks.model import Plan
from mdtasks.write.locks import is_held
from tests.conftest import MakeVault
from tests.ics_rules import broken_history, broken_rules, events
from tests.running import environ, mdtasks

# Syncs, and waits for a line on stdin between making the feed and publishing it.
SLOW = """
import sys
from pathlib import Path
from mdtasks.app import publish
from tests.running import mdtasks
made = publish._made
def slowly(*args):
    data = made(*args)
    print("made", file=sys.__stdout__, flush=True)
    sys.stdin.readline()
    return data
publish._made = slowly
sys.exit(mdtasks(Path(sys.argv[1]), "sync").code)
"""
# Rewords the task of a note of its own and syncs, again and again.
WRITER = """
import sys
from pathlib import Path
from mdtasks.write.publish import publish
from tests.running import mdtasks
root, name = Path(sys.argv[1]), sys.argv[2]
print("ready", flush=True)
sys.stdin.readline()
for number in range(8):
    text = f"- [ ] Write the report of {name}, draft {number} ⏱ 1h 🔼\\n"
    publish(root / f"{name}.md", text.encode())
    ran = mdtasks(root, "sync")
    assert ran.code == 0, ran.err
"""


@pytest.fixture
def root(vault: MakeVault) -> Path:
    notes = {
        name: f"- [ ] Write the report of {name[0]}, draft ⏱ 1h 🔼\n" for name in ("A.md", "B.md")
    }
    return vault({**notes, "mdtasks.toml": 'vault_id = "raced"\n'})


def feed_of(root: Path) -> Path:
    return places(root, load(root).config).feed


def reworded(root: Path, words: str) -> bytes:
    """Return the feed after a sync of what was reworded."""
    (root / "A.md").write_text(f"- [ ] Write the report of A, {words} ⏱ 1h 🔼\n")
    ran = mdtasks(root, "sync")
    assert ran.code == 0, ran.err
    return feed_of(root).read_bytes()


@contextmanager
def started(script: str, *args: str) -> Iterator[subprocess.Popen[str]]:
    """Start a process that says a line when it is ready, and end it, come what may."""
    pipe = subprocess.PIPE
    command = [sys.executable, "-c", script, *args]
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environ()) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline()
            yield child
        finally:
            child.kill()


def test_who_was_overtaken_goes_on_from_what_the_other_published(root: Path) -> None:
    first = reworded(root, "first draft")
    (root / "A.md").write_text("- [ ] Write the report of A, early draft ⏱ 1h 🔼\n")
    with started(SLOW, str(root)) as overtaken:
        second, third = reworded(root, "second draft"), reworded(root, "third draft")
        overtaken.communicate("\n" * 9, timeout=60)
        assert overtaken.returncode == 0
    last = feed_of(root).read_bytes()
    assert [*broken_history([first, second, third, last])] == []
    assert b"third draft" in last


def test_who_is_overtaken_again_and_again_makes_the_feed_under_the_lock(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, locked = [reworded(root, "first draft")], []
    made, state = publish._made, places(root, load(root).config).state

    def overtaken(*args: object) -> publish._Made:
        locked.append(is_held(state, "write"))
        if not locked[-1]:
            with monkeypatch.context() as another:
                another.setattr(publish, "_made", made)
                seen.append(reworded(root, f"draft {len(locked)}"))
        return made(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(publish, "_made", overtaken)
    (root / "B.md").write_text("- [ ] Write the report of B, new ⏱ 1h 🔼\n")
    assert mdtasks(root, "sync").code == 0
    assert locked == [False, False, False, True]
    seen.append(feed_of(root).read_bytes())
    assert [*broken_history(seen)] == []
    assert b"draft 3" in seen[-1]
    assert b"of B\\, new" in seen[-1]


def test_two_that_write_at_the_same_time_lose_nothing(root: Path) -> None:
    seen = [reworded(root, "draft")]
    with started(WRITER, str(root), "A") as one, started(WRITER, str(root), "B") as other:
        for writer in (one, other):
            assert writer.stdin is not None
            writer.stdin.write("go\n")
            writer.stdin.flush()
        while one.poll() is None or other.poll() is None:
            with suppress(subprocess.TimeoutExpired):
                one.wait(0.01)
                other.wait(0.01)
            if (data := feed_of(root).read_bytes()) != seen[-1]:
                seen.append(data)
        assert (one.returncode, other.returncode) == (0, 0)
    assert mdtasks(root, "sync").code == 0
    seen.append(feed_of(root).read_bytes())
    assert len(seen) > 6
    assert [*broken_history(seen)] == []
    blocks = [{event.get("UID") for event in events(data)} for data in seen]
    assert blocks == [blocks[0]] * len(seen)
    assert len(blocks[0]) == 2
    assert seen[-1].count(b"draft 7") >= 2
    assert [broken_rules(data) for data in seen] == [[]] * len(seen)


def test_the_plan_is_not_made_under_the_lock(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state, locked = places(root, load(root).config).state, []

    def watched(*args: object) -> Plan:
        locked.append(is_held(state, "write"))
        return current_blocks(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(publish, "current_blocks", watched)
    assert mdtasks(root, "sync").code == 0
    assert locked == [False]
