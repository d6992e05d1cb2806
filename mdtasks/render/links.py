"""Addresses in what people see: of a note, and those that the text of a task names.

Rule: a text from a note is hostile; an address is one of a few kinds, or it is just text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote

from mdtasks.settings import FeedSettings

NoteLink = Callable[[str], str]  # path of a note, or its name -> address, "" for none

# Each part is bounded, so that no text can make the search slow. Addresses end before a quote, a
# bracket or a space; what closes the sentence around one is no part of it.
_PIECE = re.compile(
    r"\[\[(?P<note>[^\[\]|\n]{1,200})(?:\|(?P<alias>[^\[\]\n]{1,200}))?\]\]"
    r"|\[(?P<words>[^\[\]\n]{1,200})\]\((?P<target>https?://[^\s()<>\"']{1,1000})\)"
    r"|(?P<address>https?://[^\s<>\"']{1,1000}?)(?=[.,;:!?)\]]*(?:[\s<>\"']|$))"
    r"|(?<!\S)(?P<tag>#[^\s#]{1,100})"
)


class Piece(NamedTuple):
    """A part of a text. `href` is "" where it leads nowhere; `kind` is text, link or tag."""

    text: str
    href: str = ""
    kind: str = "text"


# A feed has hundreds of events, and a watcher writes it again and again.
@lru_cache(maxsize=4096)
def note_address(settings: FeedSettings, vault_name: str, vault_root: str, path: str) -> str:
    """Return the address that opens a note in the program that is set, "" if none is wanted: pure
    ASCII.

    `path` may be a name without folder and ending, as links in notes have them. A name that is
    not UTF-8 gets `?` there: Obsidian opens no such note anyway.
    """
    absolute = quote(f"{vault_root}/{path}".lstrip("/"), safe="/:", errors="replace")
    match settings.link:
        case "obsidian":
            vault, file = (quote(t, safe="", errors="replace") for t in (vault_name, path))
            return f"obsidian://open?vault={vault}&file={file}"
        case "file":
            return f"file:///{absolute}"
        case "vscode":
            return f"vscode://file/{absolute}"
        case _:
            return ""


def pieces(text: str, note: NoteLink) -> tuple[Piece, ...]:
    """Return the text in parts: what it links to as links, its tags as tags."""
    return tuple(_pieces(text, note))


def _pieces(text: str, note: NoteLink) -> Iterator[Piece]:
    end = 0
    for match in _PIECE.finditer(text):
        if match.start() > end:
            yield Piece(text[end : match.start()])
        yield _piece(match, note)
        end = match.end()
    if end < len(text):
        yield Piece(text[end:])


def _piece(match: re.Match[str], note: NoteLink) -> Piece:
    name, alias, words, target, address, tag = match.group(
        "note", "alias", "words", "target", "address", "tag"
    )
    if name:
        href = note(name.strip())
        return Piece((alias or name).strip(), href, "link" if href else "text")
    if tag:
        return Piece(tag, kind="tag")
    return Piece(words or address, target or address, "link")
