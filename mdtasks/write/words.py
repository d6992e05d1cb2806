"""The words of a text, and those among them that must not be taken for anything else.

Rule: pure. What is quoted, in code or a link stays as it is; tags and fields are what they are.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from mdtasks.read.fields import Body

# Bounded, so that a text of nothing but openers takes no longer than any other.
_HIDDEN = re.compile(
    r"(?<!\S)(?P<q>['\"])(?=\S).{0,200}?(?<=\S)(?P=q)(?=[\s,.;:!?)]|$)"
    r"|(?<!\S)[“‘].{0,200}?[”’](?=[\s,.;:!?)]|$)"
    r"|(?<!`)(?P<b>`{1,9})[^`].{0,200}?(?P=b)|!?\[\[.{0,200}?\]\]"
    r"|!?\[[^\]]{0,200}\]\([^)]{0,2000}\)|<[^<>\s]*>"
)
_CLEAR = re.compile(r"#\S+|@\w\S*|\+[^\W\d_]\S*|\^[A-Za-z0-9-]+")


class Word(NamedTuple):
    """`kind` is "word"; "fixed" for what is quoted or a link; "clear" for tags and fields, beyond
    which the end of the text may lie."""

    text: str
    start: int
    end: int
    kind: str

    @property
    def lower(self) -> str:
        return self.text.lower()


def words_of(text: str, body: Body) -> list[Word]:
    """Return the words; what is quoted, a link or a field is one, with all that touches it."""
    spans = [(m.start(), m.end(), "fixed") for m in _HIDDEN.finditer(text)]
    spans += [(field.start, field.end, "clear") for field in body.found]
    if body.block_id_start is not None:
        spans.append((body.block_id_start + 1, len(text.rstrip()), "clear"))
    words: list[Word] = []
    position = 0
    for match in re.finditer(r"\S+", text):
        start, end = match.span()
        if start < position:
            continue
        kind = "clear" if _CLEAR.fullmatch(match[0]) else "word"
        while over := next((s for s in spans if s[0] < end and s[1] > start), None):
            spans.remove(over)
            whole = re.compile(r"\S*").match(text, max(over[1], start))
            kind, end = over[2], max(end, whole.end() if whole else over[1])
        words.append(Word(text[start:end].strip(), start, end, kind))
        position = end
    return words
