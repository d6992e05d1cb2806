"""Words with marks -> one line of Markdown that shows just these words.

Rule: pure. What is text in Evernote stays text: no character of it becomes a heading, a task, a
link or a tag of HTML. Where Markdown's marks would not hold (inside a word, beside another mark),
HTML's are written.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple


class Run(NamedTuple):
    """Text of one look; `ready` is Markdown already, as a picture is."""

    text: str
    marks: frozenset[str] = frozenset()
    link: str = ""
    ready: bool = False


# From the outside to the inside: Markdown's mark, which is "" where there is none, and HTML's.
_MARKS = {
    "bold": ("**", "b"),
    "italic": ("*", "i"),
    "strike": ("~~", "s"),
    "highlight": ("==", "mark"),
    "underline": ("", "u"),
    "sub": ("", "sub"),
    "sup": ("", "sup"),
}
_PUNCTUATION = re.escape(string.punctuation)
_ESCAPED = re.compile(
    rf"\\(?=[{_PUNCTUATION}]|\Z)|[*`]|(?<![^\W_])_|_(?![^\W_])"
    r"|~(?=~|\Z)|(?<=~)~|\A~|=(?==|\Z)|(?<==)=|\A=|%(?=%|\Z)|(?<=%)%|\A%"
    r"|\](?=\()|<(?=[A-Za-z/!?]|\Z)|&(?=#?\w+;)|!(?=\[)"
)
_IN_LINK = re.compile(rf"{_ESCAPED.pattern}|[\[\]]")
_URL = re.compile(r"https?://[^\s<>\"]+")
_BEHIND_URLS = ".,;:!?)'*_~]"
# What begins another kind of block, or is a whole line of it.
_OPENING = re.compile(
    r"[-+*](?=\s|\Z)|#(?=#{0,5}(?:\s|\Z))|>|\[(?=(?:[^\]\\]|\\.)+\]:)"
    r"|[-_=|:](?=[-_=|:\s]*\Z)|:(?=[-:| ]+\Z)"
)
_NUMBER = re.compile(r"([0-9]{1,9})([.)])(?=\s|\Z)")
_TARGET = re.compile(r"[\s<>()\\\[\]|`]")
_SCHEME = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.-]*):")
_SCHEMES = frozenset(["http", "https", "mailto", "tel", "sms", "ftp", "file", "evernote"])


def line_of(runs: Iterable[Run]) -> str:
    """Return one line, white space in it collapsed; it may begin like a block."""
    pieces: list[str] = []
    for link, group in groupby(_spaced(runs), key=lambda run: run.link):
        inner = _styled([*group], in_link=bool(link), before=pieces[-1][-1:] if pieces else "")
        text = inner.strip(" ")
        if not link or not text:
            _add(pieces, inner)
            continue
        lead = " " * (len(inner) - len(inner.lstrip(" ")))
        piece = f"<{link}>" if text == link and _is_plain(link) else f"[{text}]({target(link)})"
        _add(pieces, lead)
        _add(pieces, piece)
        _add(pieces, " " if inner.endswith(" ") else "")
    return "".join(pieces).strip(" ")


def opened(line: str) -> str:
    """Return a line that begins no other block than a paragraph."""
    line = _NUMBER.sub(r"\1\\\2", line, count=1) if _NUMBER.match(line) else line
    return f"\\{line}" if _OPENING.match(line) else line


def escaped(text: str) -> str:
    """Return text as Markdown that shows it; addresses in it stay whole."""
    out, position = "", 0
    for match in _URL.finditer(text):
        url = match[0].rstrip(_BEHIND_URLS)
        end = match.start() + len(url)
        out += _ESCAPED.sub(r"\\\g<0>", text[position : match.start()])
        out += url if _ESCAPED.sub("", match[0]) == match[0] else f"<{url}>"
        position = end
    return out + _ESCAPED.sub(r"\\\g<0>", text[position:])


def target(link: str) -> str:
    """Return an address as it stands in the brackets of a link."""
    return _TARGET.sub(lambda found: "".join(f"%{b:02X}" for b in found[0].encode()), link.strip())


def path_target(path: str) -> str:
    """Return the path of a file as it stands in the brackets of a link."""
    return target(re.sub("[%#?]", lambda found: f"%{ord(found[0]):02X}", path))


def safe_link(link: str) -> str:
    """Return the address, "" for one that would run something."""
    scheme = _SCHEME.match(link)
    return link.strip() if scheme and scheme[1].lower() in _SCHEMES else ""


def code_span(text: str) -> str:
    """Return text between backticks, more of them than it holds in a row."""
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _is_plain(link: str) -> bool:
    return re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]+:[^\s<>]+", link) is not None


def _spaced(runs: Iterable[Run]) -> Iterator[Run]:
    """Yield the runs with white space collapsed over all of them, and like neighbours joined."""
    out: list[Run] = []
    ends_in_space = True
    for run in runs:
        text = run.text
        if not run.ready:
            text = re.sub(r"\s+", " ", text.replace("\u00a0", " "))
            text = text.lstrip(" ") if ends_in_space else text
        if text:
            ends_in_space = text.endswith(" ")
            out.append(run._replace(text=text))
    for (marks, link, ready), group in groupby(out, key=lambda run: run[1:]):
        yield Run("".join(run.text for run in group), marks, link, ready)


def _styled(runs: Sequence[Run], in_link: bool, before: str) -> str:
    pieces: list[str] = []
    for number, run in enumerate(runs):
        if run.ready:
            _add(pieces, run.text)
            continue
        core = run.text.strip(" ")
        _add(pieces, " " * (run.text[:1] == " "))
        if not core:
            continue
        trail = " " * (run.text[-1:] == " ")
        follows = runs[number + 1].text[:1] if number + 1 < len(runs) else ""
        last = pieces[-1][-1:] if pieces else before
        text = code_span(core) if "code" in run.marks else _plain(core, in_link)
        marks = [name for name in _MARKS if name in run.marks]
        _add(pieces, _marked(text, marks, last, trail or follows))
        _add(pieces, trail)
    return "".join(pieces)


def _plain(core: str, in_link: bool) -> str:
    if not in_link:
        return escaped(core)
    return _IN_LINK.sub(r"\\\g<0>", core)


def _marked(text: str, marks: Sequence[str], before: str, after: str) -> str:
    own = [_MARKS[name][0] for name in marks if _MARKS[name][0]]
    is_alone = len({mark[:1] for mark in own}) == 1 and len(own) == len(marks)
    if own and not _holds(text, is_alone, before, after):
        for name in reversed(marks):
            text = f"<{_MARKS[name][1]}>{text}</{_MARKS[name][1]}>"
        return text
    for name in reversed(marks):
        mark, tag = _MARKS[name]
        text = f"{mark}{text}{mark}" if mark else f"<{tag}>{text}</{tag}>"
    return text


def _holds(text: str, is_alone: bool, before: str, after: str) -> bool:
    """Whether Markdown takes the marks for marks, by the rules for flanking of CommonMark 0.31,
    section 6.2, on the safe side of them."""
    if before and before in "*~=\\":
        return False
    first, last = (text[0], text[-1]) if is_alone else "**"
    opens = first.isalnum() or _is_outside(before)
    closes = last.isalnum() or _is_outside(after)
    return opens and closes


def _is_outside(character: str) -> bool:
    return not character or character == " " or character in string.punctuation


def _add(pieces: list[str], piece: str) -> None:
    """Add a piece of the line; a `!` before a link does not make a picture of it."""
    if piece.startswith("[") and pieces and pieces[-1].endswith("!"):
        ahead = pieces[-1][:-1]
        is_escaped = (len(ahead) - len(ahead.rstrip("\\"))) % 2
        pieces[-1] = pieces[-1] if is_escaped else f"{ahead}\\!"
    if piece:
        pieces.append(piece)
