"""A job as a unit of systemd's, for the session of one person.

Rule: pure. The quoting is that of systemd.syntax(7) and systemd.service(5), "Command lines".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mdtasks.service.job import SEAL, Job, sealed

# What systemd does with no word: all else stands in quotes.
_PLAIN = re.compile(r"[A-Za-z0-9_@+=:,./-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# systemd refuses a program whose path has one of these, however it is written.
_NO_PROGRAM = re.compile(r"[\x00-\x1f\x7f\"'\\$]")

_UNIT = """\
# {seal}. `mdtasks service remove` takes this file away, unless it was changed.
[Unit]
Description=mdtasks watches the notes of {vault_id}

[Service]
ExecStart={command}
{variables}Restart=on-failure
RestartSec=30
# A wrong setting, or another watcher: to try again would change nothing.
RestartPreventExitStatus=2 5

[Install]
WantedBy=default.target
"""


def unit_name(vault_id: str) -> str:
    return f"mdtasks-{vault_id}.service"


def unit(job: Job) -> bytes:
    """Return the unit that runs the job, and starts it anew when it fails."""
    said = "".join(f"Environment={quoted(f'{name}={value}')}\n" for name, value in job.variables)
    text = _UNIT.format(
        seal=SEAL, vault_id=job.vault_id, command=_command(job.words), variables=said
    )
    return sealed(text.encode())


def _command(words: Sequence[str]) -> str:
    program, *rest = words
    if _NO_PROGRAM.search(program):
        program, rest = "/bin/sh", ["-c", 'exec "$0" "$@"', *words]
    # A dollar is a variable's in all words but the program.
    return " ".join([quoted(program), *(quoted(word).replace("$", "$$") for word in rest)])


def quoted(word: str) -> str:
    """Return a word as systemd reads it back."""
    if _PLAIN.fullmatch(word):
        return word
    inner = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return '"' + _CONTROL.sub(_escaped, inner) + '"'


def _escaped(found: re.Match[str]) -> str:
    return f"\\x{ord(found[0]):02x}"
