r"""The text of a query -> its instructions, each with the place that an error names.

`\` at the end of a line joins the next one to it, `#` begins a comment, `{{query.file.path}}`
stands for the note that holds the query, and `preset NAME` or `{{preset.NAME}}` for a query
that has a name.

Rule: what an instruction means is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from mdtasks.errors import QueryError
from mdtasks.query.terms import match_words
from mdtasks.query.texts import folder_of, root_of

MOST_PRESETS = 100  # used by one query, those within others included

# The plugin's own, but for one that is JavaScript.
PRESETS: Mapping[str, str] = MappingProxyType(
    {
        "this_file": "path includes {{query.file.path}}",
        "this_folder": "folder includes {{query.file.folder}}",
        "this_root": "root includes {{query.file.root}}",
        "hide_date_fields": "hide due date; hide scheduled date; hide start date; "
        "hide created date; hide done date; hide cancelled date",
        "hide_non_date_fields": "hide id; hide depends on; hide recurrence rule; "
        "hide on completion; hide priority",
        "hide_query_elements": "hide postpone button; hide edit button; hide backlinks",
        "hide_everything": "preset hide_date_fields; preset hide_non_date_fields; "
        "preset hide_query_elements",
    }
)
_PLACEHOLDER = re.compile(r"\{\{([^{}]*)\}\}")
_PROPERTY = re.compile(r"query\.file\.property\((['\"])(.*)\1\)")


class Line(NamedTuple):
    """`place` is what an error begins with: "query line 2", "Home.md:17"."""

    place: str
    text: str


class Reading(NamedTuple):
    """What the words of a query are read with. `note` is the path of the note that holds it,
    "" outside of notes, `properties` its front matter."""

    today: date
    week_start: int = 0
    presets: Mapping[str, str] = PRESETS
    note: str = ""
    properties: Mapping[str, tuple[str, ...]] = MappingProxyType({})


def lines_of(text: str, place: Callable[[int], str], semicolons: bool = True) -> Iterator[Line]:
    r"""Yield the lines, counted from 1; `;` ends one too, unless it is written `\;`."""
    rows = re.split(r"(?<!\\);|\r?\n", text) if semicolons else re.split(r"\r?\n", text)
    held: list[str] = []
    first = 1
    for number, row in enumerate(rows, 1):
        first = first if held else number
        goes_on = row.endswith("\\") and not row.endswith("\\\\")
        held.append(row.removesuffix("\\").strip())
        if not goes_on or number == len(rows):
            joined = " ".join(held).strip()
            yield Line(place(first), joined.replace("\\;", ";") if semicolons else joined)
            held = []


def instructions(lines: Iterable[Line], reading: Reading) -> Iterator[Line]:
    """Yield what is no comment, presets and placeholders filled in.

    Raises QueryError that names the place.
    """
    return _Filling(reading).lines(lines, ())


class _Filling:
    """What is filled in, and how many presets more may be: they can multiply."""

    def __init__(self, reading: Reading) -> None:
        self.reading, self.left = reading, MOST_PRESETS

    def lines(self, lines: Iterable[Line], within: tuple[str, ...]) -> Iterator[Line]:
        for line in lines:
            if not line.text or line.text.startswith("#"):
                continue
            try:
                yield from self.line(line, within)
            except QueryError as error:
                raise (
                    error if isinstance(error, PlacedError) else PlacedError(line, error)
                ) from None

    def line(self, line: Line, within: tuple[str, ...]) -> Iterator[Line]:
        used: list[str] = []
        text = _PLACEHOLDER.sub(lambda match: self.value(match[1].strip(), used, within), line.text)
        # What came in may be several lines; only presets hold what is to be filled in again.
        rows = [Line(line.place, row.strip()) for row in text.split("\n")]
        if used:
            yield from self.lines(rows, (*within, *used))
            return
        for row in rows:
            if match := match_words(r"preset (\S+)", row.text):
                yield from self.named(match[1], within)
            elif row.text and not row.text.startswith("#"):
                yield row

    def named(self, name: str, within: tuple[str, ...]) -> Iterator[Line]:
        text = self.preset(name, within)
        own = text == PRESETS.get(name)
        place = f"the preset {name}" if own else f"mdtasks.toml: `{name}` in [queries]"
        rows = lines_of(text, lambda number: f"{place}, line {number}")
        yield from self.lines(rows, (*within, name))

    def preset(self, name: str, within: tuple[str, ...]) -> str:
        presets = self.reading.presets
        if name not in presets:
            raise QueryError(
                f'there is no preset "{name}"',
                f"known: {', '.join(presets)}; name more under [queries] in mdtasks.toml",
            )
        if name in within:
            raise QueryError(f'the preset "{name}" leads back to itself')
        self.left -= 1
        if self.left < 0:
            raise QueryError(f"more than {MOST_PRESETS} presets are used")
        return presets[name]

    def value(self, name: str, used: list[str], within: tuple[str, ...]) -> str:
        """Return what stands for `{{name}}`; a preset's name is added to `used`."""
        if name.startswith("!"):  # a remark
            return ""
        if name.startswith("preset."):
            name = name.removeprefix("preset.")
            text = self.preset(name, within)
            used.append(name)
            return "\n".join(row.text for row in lines_of(text, str))
        if not self.reading.note:
            raise QueryError(
                f"{{{{{name}}}}} asks for the note that holds the query",
                "this query stands in none; `mdtasks list --from NOTE` runs those of a note",
            )
        if match := _PROPERTY.fullmatch(name):
            return "\n".join(self.reading.properties.get(match[2].lower(), ()))
        values = _of_note(self.reading.note)
        if name not in values:
            raise QueryError(f"{{{{{name}}}}} is unknown", f"known: {', '.join(values)}")
        return values[name]


class PlacedError(QueryError):
    """An error that names its place already."""

    def __init__(self, line: Line, error: QueryError) -> None:
        super().__init__(f"{line.place}: {error.message}", error.hint)


def _of_note(path: str) -> dict[str, str]:
    name = path.rpartition("/")[2]
    return {
        "query.file.path": path,
        "query.file.pathWithoutExtension": path.removesuffix(".md"),
        "query.file.root": root_of(path),
        "query.file.folder": folder_of(path),
        "query.file.filename": name,
        "query.file.filenameWithoutExtension": name.removesuffix(".md"),
    }
