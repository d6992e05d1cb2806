"""Evernote's markup (ENML) -> Markdown.

A line of Evernote (a `div`) is a line here, with two spaces at its end where another follows: so
every program shows it as one. Lists keep their depth, check boxes become `- [ ]`, blocks that
Evernote marks by style (`--en-codeblock:true`) the blocks that they are.

Rule: pure. No text is ever dropped: what is nested too deep, or is of no known kind, stays as text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from mdtasks.evernote.enml import (
    DEEPEST,
    LINES,
    PARAGRAPHS,
    SILENT,
    code_text,
    marks_of,
    parsed,
    tag_of,
)
from mdtasks.evernote.inline import Run, escaped, line_of, opened, safe_link, target
from mdtasks.evernote.tables import grid_of, rows_of

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


class Around(NamedTuple):
    """What a text refers to: `link` takes an address and its words and gives the address to write,
    `media` the digest of an attachment and gives its link, `group` an id and gives lines."""

    link: Callable[[str, str], str]
    media: Callable[[str], str]
    group: Callable[[str], Sequence[str]]


class Block(NamedTuple):
    """`kind` is "line" (of a paragraph), "item" (of a list with bullets), "todo" (such an item
    that is a check box of its own), "gap", "other"."""

    kind: str
    lines: tuple[str, ...] = ()


class _Todo(NamedTuple):
    checked: bool


_Sign = str  # "break" ends a line, also an empty one; "end" one that is not empty
_Event = Run | Block | _Todo | _Sign


_HEADING = re.compile(r"h([1-6])")


def to_markdown(content: str, around: Around) -> list[str]:
    """Return the lines of a note's text. Raises EnmlError."""
    return joined(blocks(parsed(content), around))


def blocks(element: Element, around: Around, depth: int = 0) -> list[Block]:
    """Return what is in an element, in its order."""
    out: list[Block] = []
    runs: list[Run] = []
    todo: _Todo | None = None

    def end() -> bool:
        nonlocal todo
        line = line_of(runs)
        runs.clear()
        if todo is not None:
            out.append(Block("todo", (f"- [{'x' if todo.checked else ' '}] {line}".rstrip(),)))
        elif line:
            out.append(Block("line", (opened(line),)))
        was_there = bool(line) or todo is not None
        todo = None
        return was_there

    for event in _flow(element, around, frozenset(), "", depth):
        if isinstance(event, Run):
            runs.append(event)
            continue
        was_there = end()
        if isinstance(event, _Todo):
            todo = event
        elif isinstance(event, Block):
            out.append(event)
        elif event == "break" and not was_there:
            out.append(Block("gap"))
    end()
    return out


def joined(parts: Iterable[Block], tight: bool = False) -> list[str]:
    """Return the lines of blocks, apart where Markdown needs it; `tight` is in an item of a list,
    where a list may follow the words at once."""
    out: list[str] = []
    last, gap = "", False
    for part in parts:
        if part.kind == "gap":
            gap = bool(out)
            continue
        kind = "item" if part.kind == "todo" else part.kind
        if out and last == kind == "line" and not gap:
            out[-1] += "  "
        elif out and not (kind == "item" and last in ("item", "line" if tight else "") and not gap):
            out.append("")
        out += part.lines
        last, gap = kind, False
    return out


def _flow(
    element: Element, around: Around, marks: frozenset[str], link: str, depth: int
) -> Iterator[_Event]:
    """Yield the text of an element, what it holds of other blocks, and where lines end."""
    if depth > DEEPEST:
        yield Run("".join(element.itertext()), marks, link)
        return
    if element.text:
        yield Run(element.text, marks, link)
    for child in element:
        yield from _child(child, around, marks, link, depth + 1)
        if child.tail:
            yield Run(child.tail, marks, link)


def _child(
    child: Element, around: Around, marks: frozenset[str], link: str, depth: int
) -> Iterator[_Event]:
    tag = tag_of(child)
    if tag in SILENT:
        return
    style = child.get("style", "")
    if tag == "br":
        yield "break"
    elif tag == "en-todo":
        yield _Todo(child.get("checked", "").lower() in ("true", "checked"))
    elif tag == "en-media":
        yield Run(around.media(child.get("hash", "").lower()), ready=True)
    elif tag == "img":
        yield from _picture(child)
    elif tag in LINES:
        yield from _lines(child, tag, style, around, marks | marks_of(tag, style), link, depth)
    elif (block := _BLOCKS.get(tag)) or _HEADING.fullmatch(tag):
        yield from (block or _heading)(child, around, depth)
    else:
        if tag == "a":
            words = "".join(child.itertext()).strip()
            way = around.link(child.get("href", ""), words)
            link = safe_link(way) or _within(way) or link
        yield from _flow(child, around, marks | marks_of(tag, style), link, depth)


def _within(link: str) -> str:
    """Return a link to another note of the vault, which has no scheme."""
    return link if link and ":" not in link.partition("/")[0] else ""


def _lines(
    child: Element,
    tag: str,
    style: str,
    around: Around,
    marks: frozenset[str],
    link: str,
    depth: int,
) -> Iterator[_Event]:
    for name, write in _BY_STYLE.items():
        if re.search(rf"{name}:\s*true", style):
            yield from write(child, around, depth)
            return
    yield Block("gap") if tag in PARAGRAPHS else "end"
    yield from _flow(child, around, marks, link, depth)
    yield Block("gap") if tag in PARAGRAPHS else "end"


def _picture(child: Element) -> Iterator[_Event]:
    source, words = child.get("src", ""), child.get("alt", "")
    if source.startswith(("http:", "https:", "data:image/")):
        yield Run(f"![{escaped(words)}]({target(source)})", ready=True)
    else:
        yield Run(words)


def _heading(child: Element, around: Around, depth: int) -> Iterator[_Event]:
    level = int(tag_of(child)[1])
    parts = blocks(child, around, depth)
    words = [line for part in parts if part.kind == "line" for line in part.lines]
    if text := " ".join(words):
        # What closes a heading is no part of it.
        text = f"{text[:-1]}\\#" if text.endswith("#") else text
        yield Block("other", (f"{'#' * level} {text}",))
    yield from (part for part in parts if part.kind not in ("line", "gap"))


def _rule(child: Element, around: Around, depth: int) -> Iterator[_Event]:
    yield Block("other", ("---",))


def _quote(child: Element, around: Around, depth: int) -> Iterator[_Event]:
    if lines := joined(blocks(child, around, depth)):
        yield Block("other", tuple(f"> {line}" if line else ">" for line in lines))


def _callout(child: Element, around: Around, depth: int) -> Iterator[_Event]:
    emoji = re.search(r"--en-emoji:\s*([^;]{1,20})", child.get("style", ""))
    mark = Block("line", (escaped(emoji[1].strip()),)) if emoji else Block("gap")
    if lines := joined([mark, *blocks(child, around, depth)]):
        yield Block("other", tuple(f"> {line}" if line else ">" for line in lines))


def _code(child: Element, around: Around, depth: int) -> Iterator[_Event]:
    style = child.get("style", "")
    language = re.search(r"--en-syntaxLanguage:\s*([A-Za-z0-9+#.-]{1,20})", style)
    name = language[1] if language else "mermaid" if "-en-mermaidblock" in style else ""
    yield fenced(code_text(child), name)


def _formula(child: Element, around: Around, depth: int) -> Iterator[_Event]:
    lines = [line for line in code_text(child).split("\n") if line.strip()]
    yield Block("other", ("$$", *lines, "$$"))


def fenced(text: str, name: str) -> Block:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return Block("other", (f"{fence}{name}", *text.split("\n"), fence))


def _list(child: Element, around: Around, depth: int) -> Iterator[_Event]:
    lines = list_lines(child, around, depth)
    if lines:
        yield Block("other" if tag_of(child) == "ol" else "item", tuple(lines))


def list_lines(element: Element, around: Around, depth: int) -> list[str]:
    """Return the items of a list. Evernote puts a list below an item beside it or into it."""
    ordered = tag_of(element) == "ol"
    start = element.get("start", "1")
    number = int(start) if re.fullmatch(r"[0-9]{1,8}", start) else 1
    is_todo = "--en-todo:true" in element.get("style", "").replace(" ", "")
    out: list[str] = []
    indent = 0
    for child in element:
        tag = tag_of(child)
        if tag in ("ul", "ol") and depth <= DEEPEST:
            lines = list_lines(child, around, depth + 1)
            out += [" " * indent + line if line else "" for line in lines]
            continue
        if tag in SILENT:
            continue
        bullet = f"{number}. " if ordered else "- "
        out += _item(child, bullet, is_todo, around, depth + 1)
        indent = len(bullet)
        number += 1
    return out


def _item(child: Element, bullet: str, is_todo: bool, around: Around, depth: int) -> list[str]:
    parts = blocks(child, around, depth)
    while parts and parts[0].kind == "gap":
        parts.pop(0)
    own = ""
    if is_todo:
        style = child.get("style", "").replace(" ", "")
        own = f"[{'x' if '--en-checked:true' in style else ' '}] "
    elif parts and parts[0].kind == "todo":
        parts[0] = Block("line", (parts[0].lines[0][2:],))
    if own and parts and parts[0].kind not in ("line", "todo"):
        parts.insert(0, Block("line", ("",)))
    lines = joined(parts, tight=True) or [""]
    indent = " " * len(bullet)
    first = f"{bullet}{own}{lines[0]}"
    rest = [f"{indent}{line}" if line else "" for line in lines[1:]]
    return [first if lines[0].endswith("  ") else first.rstrip(), *rest]


def _table(child: Element, around: Around, depth: int) -> Iterator[_Event]:
    cells = [cell for row in rows_of(child) for cell in row]
    # A page clipped from the web lays out with tables: then they are only lines.
    if len(cells) <= 1 or any(tag_of(inner) == "table" for cell in cells for inner in cell.iter()):
        for cell in cells:
            yield Block("gap")
            yield from blocks(cell, around, depth + 1)
        yield Block("gap")
        return
    rows = grid_of(child, lambda cell: _cell(cell, around, depth))
    width = max(len(row) for row in rows)
    filled = [[*row, *[""] * (width - len(row))] for row in rows]
    lines = [f"| {' | '.join(row)} |" for row in filled]
    lines.insert(1, f"| {' | '.join(['---'] * width)} |")
    yield Block("other", tuple(lines))


def _cell(cell: Element, around: Around, depth: int) -> str:
    lines = [line.strip() for line in joined(blocks(cell, around, depth + 1), tight=True)]
    kept = [line for line in lines if line and not line.startswith("```")]
    words = (re.sub(r"\A- (?:(\[.\])|)", _bullet, line) for line in kept)
    return re.sub(r"\|", r"\\|", "<br>".join(words))


def _bullet(found: re.Match[str]) -> str:
    return found[1] or "• "


def _secret(child: Element, around: Around, depth: int) -> Iterator[_Event]:
    hint = " ".join(child.get("hint", "").split())
    words = "This part is encrypted, and only Evernote can open it."
    told = f"{words} Its hint: {escaped(hint)}" if hint else words
    yield Block("other", (f"> {told}",))
    yield fenced("".join("".join(child.itertext()).split()), "evernote-crypt")


def _group(child: Element, around: Around, depth: int) -> Iterator[_Event]:
    found = re.search(r"--en-id:\s*([^;\s]+)", child.get("style", ""))
    if lines := around.group(found[1] if found else ""):
        yield Block("item", tuple(lines))


_Write = Callable[["Element", Around, int], Iterator[_Event]]
_BLOCKS: dict[str, _Write] = {
    "hr": _rule,
    "blockquote": _quote,
    "pre": _code,
    "ul": _list,
    "ol": _list,
    "table": _table,
    "en-crypt": _secret,
}
_BY_STYLE: dict[str, _Write] = {
    "-en-codeblock": _code,
    "-en-mermaidblock": _code,
    "-en-formulablock": _formula,
    "-en-task-group": _group,
    "-en-callout": _callout,
}
