"""The first step in a vault: its configuration, to read and change."""

from __future__ import annotations

import os
from pathlib import Path

from mdtasks import config as configuration
from mdtasks.errors import RefusedError, VaultNotFoundError


def write_starter(vault: str | None) -> Path:
    """Write a commented mdtasks.toml; return its path. A folder that is no vault becomes one.

    Raises RefusedError if there is one already.
    """
    from mdtasks.toml.starter import starter
    from mdtasks.write.publish import publish

    try:
        root = configuration.find_vault(vault, os.environ, Path.cwd())
    except VaultNotFoundError:
        root = Path.cwd()
    path = root / configuration.FILE
    if path.exists() or path.is_symlink():
        raise RefusedError(f"{path}: it is there already; nothing was written", "edit it instead")
    publish(path, starter(configuration.default_vault_id(root)).encode())
    return path
