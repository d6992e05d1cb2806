"""The YAML block at the top of a note: where it ends, and the few values that tasks inherit.

Rule: it is of hostile origin. No aliases, at most 64 KiB, plain text and lists of text only
(a date stays text); any failure is the note's problem and no more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yaml import Event
    from yaml._yaml import Mark as CMark
    from yaml.error import Mark

MAX_LENGTH = 64 * 1024

# Nobody nests that deep, and libyaml takes a quarter of a minute for 60,000 open brackets.
MAX_DEPTH = 64

# YAML 1.1 ends a line at these, a note does not.
_NO_LINE_ENDS = str.maketrans(dict.fromkeys("\x85\u2028\u2029", " "))

FrontMatter = Mapping[str, tuple[str, ...]]


_OPENING = re.compile(r"---[ \t]*(?=\n)")
_CLOSING = re.compile(r"\n---[ \t]*()(?:\n|\Z)")


class FrontMatterError(ValueError):
    """The block is no YAML that we read. `line` counts from 1 within the note."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


def end_of_front_matter(lines: Sequence[str]) -> int:
    """Return the index of the first line behind the front matter, 0 where there is none."""
    if lines[0].rstrip(" \t") != "---":
        return 0
    for index in range(1, len(lines)):
        if lines[index].rstrip(" \t") == "---":
            return index + 1
    return 0


def split_front_matter(text: str) -> tuple[list[str], str]:
    """Return the lines of the front matter, with its marks, and the text behind it.

    Lines end at \\n only.
    """
    opening = _OPENING.match(text)
    closing = _CLOSING.search(text, opening.end()) if opening else None
    if closing is None:
        return [], text
    return text[: closing.start(1)].split("\n"), text[closing.end() :]


def parse_front_matter(lines: Sequence[str]) -> FrontMatter:
    """Return the top-level keys, lower case, with their values; a single value is a list of one.

    `lines` are those between the marks. What is nested deeper is passed over.
    Raises FrontMatterError.
    """
    import yaml

    text = "\n".join(lines).translate(_NO_LINE_ENDS).encode("utf-8", "replace").decode()
    if len(text) > MAX_LENGTH:
        raise FrontMatterError("front matter over 64 KiB is not read", 1)
    # Events, not nodes: they come one by one, so nothing nests and nothing is expanded.
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        return _top_level(yaml.parse(text, Loader=loader))
    except yaml.MarkedYAMLError as error:
        raise FrontMatterError(str(error.problem), _line(error.problem_mark)) from None
    except yaml.YAMLError as error:
        raise FrontMatterError(str(error).partition("\n")[0], 1) from None


def _line(mark: Mark | CMark | None) -> int:
    """Return the note's line; YAML counts from 0, behind the opening mark."""
    return mark.line + 2 if mark else 1


def _top_level(events: Iterable[Event]) -> FrontMatter:
    import yaml

    values: dict[str, list[str]] = {}
    depth = 0
    key: str | None = None  # of the value that comes next or is being read
    plain_list = False
    for event in events:
        match event:
            case yaml.AliasEvent():
                raise FrontMatterError("aliases are not read", _line(event.start_mark))
            case yaml.CollectionStartEvent():
                depth += 1
                if depth > MAX_DEPTH:
                    raise FrontMatterError("nested too deep", _line(event.start_mark))
                if depth == 2:
                    key = key or ""  # a list as a key: nobody's
                    plain_list = isinstance(event, yaml.SequenceStartEvent)
            case yaml.CollectionEndEvent():
                depth -= 1
                if depth == 1:
                    key = None
            case yaml.ScalarEvent() if depth == 1 and key is None:
                key = event.value.strip().lower()
            case yaml.ScalarEvent() if key is not None and (
                depth == 1 or (plain_list and depth == 2)
            ):
                if event.value.strip():
                    values.setdefault(key, []).append(event.value.strip())
                key = None if depth == 1 else key
    return {name: tuple(found) for name, found in values.items()}


def tags_of(values: FrontMatter) -> tuple[str, ...]:
    """Return the tags of a note's front matter, each once, with their `#`."""
    words = (word for tag in values.get("tags", ()) for word in re.split(r"[,\s]+", tag))
    return tuple(dict.fromkeys(f"#{bare}" for word in words if (bare := word.lstrip("#"))))
