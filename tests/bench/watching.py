"""What a watcher costs: `python -m tests.bench.watching VAULT` prints how long a save takes to
reach the feed, and what the watcher uses while nothing happens.

Rule: the vault is copied, the watcher is a process of its own, and its CPU time is the kernel's
account of it. Times on the clock count for an idle machine only.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from mdtasks.app.session import Session, open_session
from mdtasks.watch.loop import SETTLED
from mdtasks.write import heartbeat

NOTE = "Watched note.md"
# So many seconds into the whole plan somebody saves.
INTO = 0.3
WORDS = "Some words that fill the note, as people write them.\n" * 37  # 2 KB


def main() -> None:
    parser = ArgumentParser(prog="python -m tests.bench.watching", description=__doc__)
    parser.add_argument("vault", type=Path, help="copied first")
    parser.add_argument("--saves", type=int, default=11, metavar="N")
    parser.add_argument("--folders", type=int, default=10_000, metavar="N", help="for idling")
    parser.add_argument("--idle", type=float, default=60.0, metavar="SECONDS")
    parser.add_argument("--files", type=int, default=5_000, metavar="N", help="of a checkout")
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        for name in ("CACHE", "STATE", "DATA", "CONFIG"):
            os.environ[f"XDG_{name}_HOME"] = f"{folder}/{name}"
        root = Path(folder, "vault")
        shutil.copytree(options.vault, root)
        (root / NOTE).write_text(WORDS)
        with watcher(root) as (session, process):
            for row in saves(root, session, process, options.saves):
                print(row, flush=True)
            print(saves_meanwhile(root, session, options.saves), flush=True)
        for row in idling(Path(folder, "folders"), options.folders, options.idle):
            print(row, flush=True)
        print(checkout(Path(folder, "git"), options.files), flush=True)


@contextmanager
def watcher(root: Path) -> Iterator[tuple[Session, subprocess.Popen[bytes]]]:
    """Run a watcher; give it once it has nothing left to do."""
    words = [sys.executable, "-m", "mdtasks", "--vault", str(root), "watch"]
    session = open_session(str(root), None, lambda line: None)
    with (
        root.with_suffix(".said").open("wb") as said,
        subprocess.Popen(words, stderr=said) as process,
    ):
        try:
            wait(lambda: rests(session))
            yield session, process
        finally:
            process.terminate()


def rests(session: Session) -> bool:
    return heartbeat.age(session.places.state) is not None


def wait(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + 600
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def cpu(process: subprocess.Popen[bytes]) -> float:
    """Return the milliseconds of CPU that a process has used; field 14 and 15 of proc_pid_stat."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def memory(process: subprocess.Popen[bytes]) -> int:
    """Return the megabytes that a process has in memory."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) // 1024


Save = Callable[[Path, int], None]


def words_alone(note: Path, turn: int) -> None:
    note.write_text(f"{WORDS}{turn} words\n")


def another_task(note: Path, turn: int) -> None:
    note.write_text(f"{WORDS}- [ ] task {turn} ⏱ 30m 📅 {time.strftime('%F')}\n")


def saves(
    root: Path, session: Session, process: subprocess.Popen[bytes], count: int
) -> Iterator[str]:
    """Save a note so often; from then until the feed holds it, or the watcher rests again. What
    follows behind the feed is the whole plan, made once no more saves come."""
    rows: tuple[tuple[str, Save], ...] = (("words", words_alone), ("a task", another_task))
    for title, save in rows:
        waits, costs, behind = [], [], []
        for turn in range(count):
            wait(lambda: rests(session))
            used, began = cpu(process), time.monotonic()
            save(root / NOTE, turn)
            wait(lambda: not rests(session))
            if save is another_task:
                name = f"task {turn}\r".encode()
                wait(lambda: name in session.places.feed.read_bytes())  # noqa: B023 (it waits)
            else:
                wait(lambda: rests(session))
            waits.append((time.monotonic() - began) * 1000)
            costs.append(cpu(process) - used)
            wait(lambda: rests(session))
            behind.append(cpu(process) - used)
        told = f"{median(waits):.0f} ms ({min(waits):.0f} - {max(waits):.0f})"
        spent = f"CPU {median(costs):.0f} ms, until it rests {median(behind):.0f} ms"
        yield f"a save of {title}: {told}, {spent}"


def saves_meanwhile(root: Path, session: Session, count: int) -> str:
    """Save a note so often while the whole plan is made that follows on another save."""
    waits = []
    for turn in range(count, 3 * count, 2):
        wait(lambda: rests(session))
        _until_published(root, session, turn)
        time.sleep(SETTLED + INTO)
        waits.append(_until_published(root, session, turn + 1))
    told = f"{median(waits):.0f} ms ({min(waits):.0f} - {max(waits):.0f})"
    return f"a save of a task, while the whole plan of one before is made: {told}"


def _until_published(root: Path, session: Session, turn: int) -> float:
    """Save another task; return after how many milliseconds it is in the feed."""
    began = time.monotonic()
    another_task(root / NOTE, turn)
    wait(lambda: f"task {turn}\r".encode() in session.places.feed.read_bytes())
    return (time.monotonic() - began) * 1000


def idling(root: Path, folders: int, seconds: float) -> Iterator[str]:
    for number in range(folders):
        (root / f"{number // 100}/{number % 100}").mkdir(parents=True)
    (root / "a.md").write_text("- [ ] idle\n")
    began = time.monotonic()
    with watcher(root) as (_, process):
        took = (time.monotonic() - began) * 1000
        yield f"{folders} folders: start {took:.0f} ms, CPU {cpu(process):.0f} ms"
        used = cpu(process)
        time.sleep(seconds)
        minute = (cpu(process) - used) * 60 / seconds
        yield f"idle: CPU {minute:.0f} ms a minute, {memory(process)} MB"


def checkout(root: Path, files: int) -> str:
    """Check out so many notes under a watcher, and go back."""
    (root / "notes").mkdir(parents=True)

    def git(*words: str) -> None:
        who = ("-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "gc.auto=0")
        subprocess.run(["git", "-C", root, *who, *words], check=True, capture_output=True)

    git("init", "-b", "none")
    git("commit", "--allow-empty", "-m", "none")
    git("checkout", "-b", "all")
    for number in range(files):
        (root / f"notes/{number}.md").write_text(f"- [ ] task {number}\n")
    git("add", ".")
    git("commit", "-m", "all")
    (root / "a.md").write_text("- [ ] stays\n")
    told = []
    with watcher(root) as (session, _):
        for branch, count in (("none", 1), ("all", files + 1)):
            began = time.monotonic()
            git("checkout", branch)
            took = time.monotonic() - began
            wait(lambda: tasks(session) == count and rests(session))  # noqa: B023 (it waits)
            told.append(f"{took * 1000:.0f} ms, known after {time.monotonic() - began:.1f} s")
    syncs = root.with_suffix(".said").read_text().count("notes") - 1
    return f"checkout of {files} notes away and back ({'; '.join(told)}): {syncs} syncs"


def tasks(session: Session) -> int:
    with session.store() as store:
        return store.counts().tasks


if __name__ == "__main__":
    main()
