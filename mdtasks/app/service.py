"""The watcher as a service of the system: what is installed, and what is to be done about it.

Rule: nothing is done here that was not shown before; a file that is not as we wrote it stays.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from mdtasks.app.session import Session
from mdtasks.errors import MdtasksError, RefusedError
from mdtasks.service.job import Job, is_ours
from mdtasks.write import service_file
from mdtasks.write.locks import is_held

Command = tuple[str, ...]

# Where notes, index and locks are looked for, and by which clock: all that a login shell may say
# and the system's own start does not know.
_VARIABLES = (
    *("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"),
    *("TZ", "SSL_CERT_FILE"),
)
_PATIENCE = 30.0


class Service(NamedTuple):
    """A file by which the system starts the watcher, the commands for it, where the log is."""

    kind: str
    name: str
    path: Path
    data: bytes
    start: tuple[Command, ...]
    stop: tuple[Command, ...]
    forget: tuple[Command, ...]  # once the file is gone
    ask: Command
    log: Command


class Standing(NamedTuple):
    """What the system says; None where it cannot be asked. `problem` says why."""

    installed: bool
    changed: bool
    enabled: bool | None = None
    running: bool | None = None
    pid: int | None = None
    problem: str = ""


def service(session: Session, serve: bool = False, platform: str = sys.platform) -> Service:
    """Return the service of this vault. Raises RefusedError where the system has none."""
    if platform not in _SYSTEMS:
        hint = "have the watcher started with your session: `mdtasks --vault DIR watch`"
        raise RefusedError("mdtasks installs no service on this system", hint)
    try:
        return _SYSTEMS[platform](_job(session, serve))
    except ValueError:  # UnicodeEncodeError is one
        message = "the path of the vault has signs that no service file can hold"
        raise RefusedError(message, "rename the folder") from None


def _job(session: Session, serve: bool) -> Job:
    known = ((name, os.environ.get(name, "")) for name in _VARIABLES)
    variables = [(name, value) for name, value in known if value]
    home = Path(__file__).parents[2]
    if home != Path(sysconfig.get_path("purelib")):  # it runs from a folder of sources
        variables.append(("PYTHONPATH", str(home)))
    # -P: no module is taken from the folder in which the system starts it.
    python = (sys.executable, "-P", "-m", "mdtasks")
    words = (*python, "--vault", str(session.root), "watch", *(["--serve"] if serve else []))
    return Job(session.config.vault_id, words, variables)


def _of_systemd(job: Job) -> Service:
    from mdtasks.service.systemd import unit, unit_name

    name = unit_name(job.vault_id)
    config = os.environ.get("XDG_CONFIG_HOME", "")
    folder = Path(config) if config.startswith("/") else Path.home() / ".config"
    control = ("systemctl", "--user")
    return Service(
        kind="systemd",
        name=name,
        path=folder / "systemd" / "user" / name,
        data=unit(job),
        start=((*control, "daemon-reload"), (*control, "enable", "--now", name)),
        stop=((*control, "disable", "--now", name),),
        forget=((*control, "daemon-reload"),),
        ask=(*control, "show", name, "--property=UnitFileState,ActiveState,MainPID"),
        log=("journalctl", "--user", "-u", name),
    )


def _of_launchd(job: Job) -> Service:
    from mdtasks.service.launchd import agent, label

    name = label(job.vault_id)
    path = Path.home() / "Library" / "LaunchAgents" / f"{name}.plist"
    log = Path.home() / "Library" / "Logs" / f"{name}.log"
    domain = f"gui/{os.getuid()}"
    return Service(
        kind="launchd",
        name=name,
        path=path,
        data=agent(job, str(log)),
        start=(("launchctl", "bootstrap", domain, str(path)),),
        stop=(("launchctl", "bootout", f"{domain}/{name}"),),
        forget=(),
        ask=("launchctl", "print", f"{domain}/{name}"),
        log=("tail", "-f", str(log)),
    )


_SYSTEMS: Mapping[str, Callable[[Job], Service]] = {"linux": _of_systemd, "darwin": _of_launchd}


def standing(one: Service) -> Standing:
    """Return what is there of the service, and whether it runs."""
    data = service_file.held(one.path)
    here = Standing(data is not None, data is not None and not is_ours(data))
    try:
        said = _said(one.ask)
    except MdtasksError as error:
        # launchctl knows nothing of what it does not run.
        if one.kind == "launchd" and shutil.which("launchctl"):
            return here._replace(enabled=False, running=False)
        return here._replace(problem=error.message)
    return _of_launchctl(here, said) if one.kind == "launchd" else _of_systemctl(here, said)


def unanswered(one: Service) -> str:
    """Return why it is not known whether the service runs, in words."""
    if not shutil.which(one.ask[0]):
        return f"there is no {one.kind} on this computer that could run the watcher"
    return f"{one.kind} does not answer here, so nobody knows whether it runs the watcher"


def _of_systemctl(here: Standing, said: str) -> Standing:
    found = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
    running = found.get("ActiveState") in ("active", "activating", "reloading")
    pid = int(found.get("MainPID", "0") or 0)
    return here._replace(
        enabled=found.get("UnitFileState") == "enabled", running=running, pid=pid or None
    )


def _of_launchctl(here: Standing, said: str) -> Standing:
    state = re.search(r"^\s*state = (.+)$", said, re.MULTILINE)
    pid = re.search(r"^\s*pid = (\d+)$", said, re.MULTILINE)
    running = state is not None and state[1].strip() == "running"
    return here._replace(enabled=True, running=running, pid=int(pid[1]) if pid else None)


def watches(session: Session) -> bool:
    """Whether a watcher runs for this vault, whoever started it."""
    return is_held(session.places.state, "watch")


def check_room(one: Service) -> bool:
    """Return whether the file is there as it should be. Raises RefusedError if another is."""
    data = service_file.held(one.path)
    if data is None or data == one.data:
        return data is not None
    if is_ours(data):
        message = f"{one.path}: installed with other words than these; nothing was written"
        raise RefusedError(message, "`mdtasks service remove` first, then install again")
    message = f"{one.path}: there is another file of this name; nothing was written"
    raise RefusedError(message, "look at it, and move it away if it is of no use")


def install(one: Service) -> None:
    """Write the file unless it is there, and have the system start the watcher."""
    _known(one)
    if not check_room(one):
        service_file.make(one.path, one.data)
    for words in one.start:
        _said(words)


def check_ours(one: Service) -> bytes | None:
    """Return what the file holds, None if there is none. Raises RefusedError if it was changed."""
    data = service_file.held(one.path)
    if data is not None and not is_ours(data):
        message = f"{one.path}: it is not as mdtasks wrote it, so it stays"
        ways = " and ".join(f"`{shlex.join(words)}`" for words in one.stop)
        raise RefusedError(message, f"stop it with {ways}, and delete the file yourself")
    return data


def remove(one: Service, data: bytes) -> str:
    """Stop the watcher and take its file away; return what could not be done, "" if nothing."""
    problem = ""
    try:
        for words in one.stop:
            _said(words)
    except MdtasksError as error:
        # Without its file it does not come back; that it was not running is no failure.
        problem = error.message
    service_file.take_away(one.path, data)
    if not problem:
        for words in one.forget:
            _said(words)
    return problem


def _known(one: Service) -> None:
    program = one.start[0][0]
    if not shutil.which(program):
        message = f"there is no {one.kind} on this computer: no `{program}`"
        raise RefusedError(message, "have `mdtasks watch` started with your session in another way")


def _said(words: Sequence[str]) -> str:
    """Return what a command prints. Raises MdtasksError where it fails."""
    shown = shlex.join(words)
    try:
        done = subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=_PATIENCE,
            text=True,
            errors="replace",
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        why = error.strerror if isinstance(error, OSError) else "it does not end"
        raise MdtasksError(f"`{shown}` failed: {why}", "try it yourself") from None
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        why = lines[0].strip() if lines else f"exit {done.returncode}"
        raise MdtasksError(f"`{shown}` failed: {why}", "run it yourself once more")
    return done.stdout
