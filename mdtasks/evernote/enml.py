"""The markup of Evernote's notes (ENML): XHTML with a few elements, and much said by style.

Rule: pure, and of hostile origin: no entity is expanded but HTML's names of characters.
"""

from __future__ import annotations

import re
from html.entities import html5
from typing import TYPE_CHECKING
from xml.etree.ElementTree import ParseError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


class EnmlError(ValueError):
    """The text of a note cannot be read."""


# Evernote's own notes stay far below it, and each level costs a few calls of ours.
DEEPEST = 60

_MARKS = {
    **dict.fromkeys(("b", "strong"), "bold"),
    **dict.fromkeys(("i", "em", "cite", "dfn", "var"), "italic"),
    **dict.fromkeys(("s", "strike", "del"), "strike"),
    **dict.fromkeys(("u", "ins"), "underline"),
    **dict.fromkeys(("code", "tt", "kbd", "samp"), "code"),
    "mark": "highlight",
    "sub": "sub",
    "sup": "sup",
}
_STYLES = (
    (re.compile(r"font-weight:\s*(?:bold|[6-9]00)"), "bold"),
    (re.compile(r"font-style:\s*(?:italic|oblique)"), "italic"),
    (re.compile(r"text-decoration[a-z-]*:[^;]*line-through"), "strike"),
    (re.compile(r"text-decoration[a-z-]*:[^;]*underline"), "underline"),
    (re.compile(r"-en-highlight:\s*(?!none|transparent)\w"), "highlight"),
)
_LONGEST_STYLE = 2000
# Of a stretch within a line alone: a page clipped from the web colours whole blocks.
_BACKGROUND = re.compile(
    r"background(?:-color)?:\s*(?!white|transparent|none|inherit|initial|unset|#fff(?:fff)?\b"
    r"|rgba?\(255,\s*255,\s*255|rgba\([^)]*,\s*0(?:\.0*)?\))[#\w]"
)
_INLINE = {"span", "font", "a"}
PARAGRAPHS = {"p", "address", "article", "section", "figure", "dl"}
SILENT = {"script", "style", "head", "title", "colgroup", "col"}
LINES = PARAGRAPHS | {"div", "center", "header", "footer", "main", "nav", "aside"}
LINES |= {"dd", "dt", "figcaption", "form", "fieldset", "caption"}
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{0,31});")
_XML_DECLARATION = re.compile(r"<\?xml[^>]*\?>")
_XML_NAMES = {"amp", "lt", "gt", "quot", "apos"}


def parsed(content: str) -> Element:
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    # ENML has the names of HTML's characters from a DTD that nobody should have to fetch.
    text = content.strip()
    if declaration := _XML_DECLARATION.match(text):
        text = text[declaration.end() :]
    text = _ENTITY.sub(_character, text.strip())
    try:
        root: Element = fromstring(text)
    except DefusedXmlException as error:
        raise EnmlError("its text declares entities, as an attack would") from error
    except ParseError as error:
        raise EnmlError(f"its text is no well-formed XML ({error})") from error
    return root


def _character(found: re.Match[str]) -> str:
    name = found[1]
    if name in _XML_NAMES:
        return found[0]
    text = html5.get(f"{name};")
    return f"&amp;{name};" if text is None else text.replace("&", "&amp;").replace("<", "&lt;")


def marks_of(tag: str, style: str) -> frozenset[str]:
    style = style[:_LONGEST_STYLE]
    found = {name for pattern, name in _STYLES if pattern.search(style)} if style else set()
    if tag in _MARKS:
        found.add(_MARKS[tag])
    if tag in _INLINE and _BACKGROUND.search(style):
        found.add("highlight")
    return frozenset(found)


def tag_of(element: Element) -> str:
    # A comment's tag is a function.
    return element.tag.lower() if isinstance(element.tag, str) else "script"


def code_text(element: Element) -> str:
    """Return the text of a block of code; each `div` in it is a line."""
    out = [""]

    def walk(inner: Element, depth: int) -> None:
        if depth > DEEPEST:
            out[-1] += "".join(inner.itertext())
            return
        out[-1] += inner.text or ""
        fresh = True
        for child in inner:
            tag = tag_of(child)
            if tag == "br":
                out.append("")
            elif tag in LINES:
                if out[-1] or not fresh:
                    out.append("")
                walk(child, depth + 1)
                # A `br` alone in its line has begun the next one already.
                if len(child) and tag_of(child[-1]) == "br" and not child[-1].tail and not out[-1]:
                    out.pop()
                fresh = False
            else:
                walk(child, depth + 1)
            if tail := child.tail or "":
                if tag in LINES and tail.strip():
                    out.append("")
                out[-1] += tail if tail.strip() or tag not in LINES else ""

    walk(element, 0)
    lines = "\n".join(out).replace("\u00a0", " ").replace("\t", "    ").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n")
