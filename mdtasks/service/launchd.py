"""A job as an agent of launchd's, for the session of one person on macOS.

Rule: pure.
"""

from __future__ import annotations

import re

from mdtasks.service.job import SEAL, Job, sealed

_HEAD = b"<!DOCTYPE"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# launchd knows no exit codes: what fails for good is tried again, but seldom.
_SECONDS_BETWEEN = 60


def label(vault_id: str) -> str:
    return f"mdtasks.{vault_id}"


def agent(job: Job, log: str) -> bytes:
    """Return the agent that runs the job, and starts it anew when it fails.

    Raises ValueError for a text with control characters, which no property list holds.
    """
    import plistlib

    texts = [*job.words, log, *(value for _, value in job.variables)]
    if any(_CONTROL.search(text) for text in texts):
        raise ValueError("a control character")

    said: dict[str, object] = {
        "Label": label(job.vault_id),
        "ProgramArguments": list(job.words),
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": _SECONDS_BETWEEN,
        "ProcessType": "Background",
        "StandardOutPath": log,
        "StandardErrorPath": log,
    }
    if job.variables:
        said["EnvironmentVariables"] = dict(job.variables)
    words = (
        f"<!-- {SEAL}. `mdtasks service remove` takes this file away, unless it was changed. -->"
    )
    data = plistlib.dumps(said, sort_keys=False)
    return sealed(data.replace(_HEAD, words.encode() + b"\n" + _HEAD, 1))
