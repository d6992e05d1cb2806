"""Network file systems, where the kernel tells of our own machine's changes alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mdtasks.app.mounts import network_kind


@pytest.mark.parametrize(
    ("kind", "found"), [("nfs4", "nfs4"), ("fuse.sshfs", "fuse.sshfs"), ("ext4", "")]
)
def test_a_network_file_system_is_known_by_its_mount(tmp_path: Path, kind: str, found: str) -> None:
    device = tmp_path.stat().st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    table = tmp_path / "mountinfo"
    table.write_text(
        "24 1 0:99 / /else rw,relatime shared:2 - nfs4 host:/ rw\n"
        f"25 1 {number} / /my\\040notes rw,relatime shared:1 master:2 - {kind} what rw\n"
    )
    assert network_kind(tmp_path, table) == found
    assert network_kind(tmp_path, tmp_path / "missing") == ""
