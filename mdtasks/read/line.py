"""One line with a box -> what it says of its task; note.py adds what the note says.

Rule: what a line does not say is absent here. Values that are impossible count as absent; the
line keeps them, and lint/problems.py names them.
"""

from __future__ import annotations

from mdtasks.read.fields import said_by
from mdtasks.read.meanings import ON_COMPLETION, Values, unlinked, values_of
from mdtasks.read.plain_line import pieces_of, read_plain
from mdtasks.read.times import OPENERS, closing_estimate, leading_times, spoken_times
from mdtasks.settings import UNNAMED_STATUS, ReadSettings

__all__ = ["ON_COMPLETION", "LineReader", "Values", "read_line", "unlinked"]


def read_line(line: str, settings: ReadSettings) -> Values:
    """Return, by the names of Task, what a line with a box says."""
    return LineReader(settings).read(line)


class LineReader:
    """Reads the lines of one note: what it takes of the settings is looked up once."""

    def __init__(self, settings: ReadSettings) -> None:
        self._settings = settings
        self._statuses = settings.statuses
        self._pieces = pieces_of(settings.fields, settings.dialects)
        self._without = settings.global_filter
        self._opens_with_times = "dayplanner" in settings.dialects
        self._speaks_of_times = "noteplan" in settings.dialects

    def read(self, line: str) -> Values:
        """Return, by the names of Task, what a line with a box says.

        Not yet a Task: what the note adds comes in before one is made, for a copy costs as much.
        """
        # As `split_line` has it, at a third of the price: quote and list marks hold no bracket.
        box = line.index("[") + 1
        symbol = line[box]
        body = line[box + 2 :].lstrip(" \t")
        plain = None if self._pieces is None else read_plain(body, self._pieces, self._without)
        text, row = plain or _in_full(body, self._settings)
        # What a field says goes before what the words say.
        if ")" in text:
            text, estimate = closing_estimate(text)
            if estimate:
                row.setdefault("estimate", estimate)
        begins = ends = None
        if self._opens_with_times and text[:1] in OPENERS:
            text, begins, ends = leading_times(text)
        if self._speaks_of_times and begins is None:
            text, begins, ends = spoken_times(text)
        if begins and "begins" not in row:
            row["begins"], row["ends"] = begins, ends
        row["status"] = self._statuses.get(symbol, UNNAMED_STATUS).type
        row["symbol"] = symbol
        row["text"] = text
        return row


def _in_full(body: str, settings: ReadSettings) -> tuple[str, Values]:
    """Return the text that is shown, and what the rest says."""
    text, tags, block_id, fields, dialect = said_by(body, settings)
    said = values_of(fields)
    if dialect:
        said["dialect"] = dialect
    if tags:
        said["tags"] = tags
    if block_id:
        said["block_id"] = block_id
    return text, said
