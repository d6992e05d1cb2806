"""Whether the system can tell of every change in a folder.

Rule: asks the system, never the folder's files.
"""

from __future__ import annotations

import os
from pathlib import Path

# On these the kernel tells of our own machine's changes alone; "fuse.sshfs" and the like are all
# "fuse", and on a local one a comparison too many does no harm.
_NETWORK = frozenset(
    ("9p", "afs", "ceph", "cifs", "drvfs", "fuse", "nfs", "nfs4", "prl_fs", "smb3", "vboxsf")
)


def network_kind(folder: Path, mountinfo: Path = Path("/proc/self/mountinfo")) -> str:
    """Return the kind of network file system that a folder lies on, "" where there is none.

    The table is described in proc_pid_mountinfo(5); systems without it are taken for local.
    Raises OSError if there is no such folder.
    """
    device = folder.stat().st_dev
    try:
        table = mountinfo.read_text(errors="replace")
    except OSError:
        return ""
    number = f"{os.major(device)}:{os.minor(device)}"
    for line in table.splitlines():
        mount, _, source = line.partition(" - ")
        if mount.split()[2] == number:
            kind = source.split()[0]
            return kind if kind.partition(".")[0] in _NETWORK else ""
    return ""
