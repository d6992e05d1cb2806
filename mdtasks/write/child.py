"""A child process that goes on when the command has ended.

Rule: it keeps no terminal, no pipe, no folder and no lock of those who started it, and nobody
waits for it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

# "0" turns children off: for tests and for those who count processes.
SWITCH = "MDTASKS_SETTLE"
_MOST_DESCRIPTORS = 65536


def is_off() -> bool:
    return os.environ.get(SWITCH) == "0" or not sys.executable


def start(module: str, words: Sequence[str], bare: bool = False) -> None:
    """Run a module of ours in a process of its own; `bare` where it needs no other package.

    Raises OSError.
    """
    # -P, -S: nothing of what lies in this folder, nothing of what else is installed.
    options = ["-S", "-P"] if bare else ["-P"]
    arguments = [sys.executable, *options, "-m", module, *words]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    if sys.platform == "win32":
        import subprocess

        flags = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
        nowhere = subprocess.DEVNULL
        subprocess.Popen(
            arguments,
            env=environment,
            creationflags=flags,
            stdin=nowhere,
            stdout=nowhere,
            stderr=nowhere,
        )
        return
    # Through a shell that ends at once, so that the child is init's, and no zombie of ours.
    through_shell = ["/bin/sh", "-c", '"$@" &', "sh", *arguments]
    try:
        # Without `subprocess`, which takes as long to import as the note to be written.
        shell = os.posix_spawn(
            through_shell[0],
            through_shell,
            environment,
            file_actions=[(os.POSIX_SPAWN_OPEN, n, os.devnull, os.O_RDWR, 0) for n in range(3)],
            setsid=True,
        )
    except NotImplementedError:  # a system whose posix_spawn makes no sessions
        _start_slowly(through_shell, environment)
    else:
        os.waitpid(shell, 0)


def _start_slowly(words: Sequence[str], environment: Mapping[str, str]) -> None:
    import subprocess

    nowhere = subprocess.DEVNULL
    subprocess.run(
        words,
        env=environment,
        stdin=nowhere,
        stdout=nowhere,
        stderr=nowhere,
        start_new_session=True,
        check=False,
    )


def detach() -> None:
    """Let go of what came from the parent; for the beginning of the child."""
    if sys.platform != "win32":
        # Whoever reads a pipe of our parent's waits until nobody can write to it any more.
        os.closerange(3, min(os.sysconf("SC_OPEN_MAX"), _MOST_DESCRIPTORS))
        os.chdir("/")
