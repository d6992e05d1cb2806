"""Front matter as most notes have it, read without YAML's machinery.

    tags: [home, garden]
    created: 2026-11-22
    aliases:
      - Shed

Rule: what is read here reads the same as YAML; anything else is left to front_matter.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mdtasks.read.front_matter import FrontMatter

# Words without any mark of YAML; a colon stands only before a letter or digit. YAML 1.1 tells
# nothing apart here: `yes`, `12` and `2026-11-22` are taken as they are written.
_WORDS = r"\w(?:[\w ./@+-]|:(?=\w))*"
_ITEM = r"\w[\w ./@+-]*"
_LINE = re.compile(
    r"(?P<key>[A-Za-z][\w-]*):(?: +(?:"
    rf"(?P<words>{_WORDS})"
    r'|"(?P<quoted>[\w ./@+#:,()-]*)" *'
    rf"|\[ *(?P<several>(?:{_ITEM}(?:, *{_ITEM})*)?)\] *"
    r")| *)"
    rf"| *- +(?P<item>{_WORDS})"
)

# YAML allows 1,024 characters for a key, and front_matter.py 64 KiB for the whole.
_LONGEST_LINE, _MOST_LINES = 512, 100


def parse_plain(lines: Sequence[str]) -> FrontMatter | None:
    """Return what `parse_front_matter` would; None where a line is not of the plain kind."""
    if len(lines) > _MOST_LINES:
        return None
    values: dict[str, list[str]] = {}
    key, indent = "", -1  # of the list whose items may stand here, once it has one
    for line in lines:
        match = _LINE.fullmatch(line) if len(line) <= _LONGEST_LINE else None
        if match is None:
            if line:
                return None
            continue
        name, words, quoted, several, item = match.groups()
        if name is None:
            dash = line.index("-")
            if not key or indent not in (-1, dash):
                return None
            indent = dash
        else:
            is_open = words is None and quoted is None and several is None
            key, indent = (name.lower() if is_open else ""), -1
        found = several.split(",") if several else [item or words or quoted or ""]
        if found := [each.strip() for each in found if each.strip()]:
            values.setdefault(name.lower() if name else key, []).extend(found)
    return {name: tuple(found) for name, found in values.items()}
