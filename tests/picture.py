"""The picture in the README: `mdtasks today` as an SVG of a terminal.

Rule: made from real output, and again by `python -m pytest tests/test_guide.py --update`. It asks
no other server for anything: rich would fetch its font.
"""

from __future__ import annotations

import io
import re
from xml.etree import ElementTree

_FONT_FACE = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
_INDENTED = re.compile(r'x="([0-9.]+)"([^>]*) textLength="([0-9.]+)"([^>]*)>((?:&#160;)+)')
_COLUMN = 12.2  # how wide rich draws one, in its own units
_SVG = "{http://www.w3.org/2000/svg}"


def picture(output: str, title: str) -> str:
    """Return an SVG of coloured output, as wide as its longest line."""
    from rich.console import Console
    from rich.text import Text

    text = Text.from_ansi(output)
    width = max(line.cell_len for line in text.split())
    console = Console(record=True, width=width, file=io.StringIO())
    console.print(text)
    svg = console.export_svg(title=title, unique_id="today")
    return _INDENTED.sub(_indent, _FONT_FACE.sub("", svg))


def _indent(match: re.Match[str]) -> str:
    """Return the text further right instead of behind spaces: some programs drop those."""
    x, between, length, after, spaces = match.groups()
    width = len(spaces) // len("&#160;") * _COLUMN
    return f'x="{float(x) + width:g}"{between} textLength="{float(length) - width:g}"{after}>'


def words_in(svg: str) -> list[str]:
    """Return the words of the terminal in an SVG by `picture`, its title aside."""
    texts = ElementTree.fromstring(svg).iter(f"{_SVG}text")
    return [word for text in texts if "clip-path" in text.attrib for word in _words(text)]


def _words(text: ElementTree.Element) -> list[str]:
    return (text.text or "").split()
