"""Which names are notes, by the name alone.

Rule: one answer for whoever reads, writes or watches. Paths are vault-relative, "/" between
their parts.
"""

from __future__ import annotations

import re

SUFFIXES = (".md", ".markdown")

# Swap, backup and lock files (.a.md.swp, a.md~, #a.md#, 4913) fail on the suffix or the first
# dot already; the copies that sync services make on a conflict look like notes.
# Syncthing: a.sync-conflict-20261122-090000-ABCDEFG.md; Dropbox, Nextcloud and Obsidian Sync:
# a (conflicted copy 2026-11-22).md, a (Ann's conflicted copy 2026-11-22).md.
_CONFLICT = re.compile(r"\.sync-conflict-|\([^()]*conflicted copy[^()]*\)", re.IGNORECASE)
# What such a name has more than its note's.
_COPY_MARK = re.compile(
    r"\.sync-conflict-[0-9]+-[0-9]+(?:-[A-Z0-9]+)?"
    r"|(?<! ) *\([^()]*conflicted copy[^()]*\)(?=[^/]*\Z)",
    re.IGNORECASE,
)


def is_note(path: str) -> bool:
    """Whether the name, folders included, may be a note's."""
    *folders, name = path.split("/")
    return (
        name.lower().endswith(SUFFIXES)
        and not any(part.startswith(".") for part in (*folders, name))
        and not is_conflict(name)
    )


def is_conflict(name: str) -> bool:
    """Whether a sync service made the file, to keep both sides of a conflict."""
    return _CONFLICT.search(name) is not None


def origin(path: str) -> str:
    """Return the path of the note that a conflict's file is a copy of."""
    return _COPY_MARK.sub("", path)
