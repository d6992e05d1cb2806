"""An Evernote export, read note by note: what each holds, and which cannot be read.

Rule: the file is of hostile origin and of any size, so no more of it is held than one note; its
attachments go to a spool that the caller opens. No entity is expanded, nothing is fetched. The
elements are those of http://xml.evernote.com/pub/evernote-export4.dtd.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable, Iterator, Mapping
from hashlib import md5
from typing import IO, TYPE_CHECKING, NamedTuple
from xml.etree.ElementTree import ParseError

from mdtasks.errors import RefusedError

if TYPE_CHECKING:
    from defusedxml.ElementTree import DefusedXMLParser

OpenSpool = Callable[[], IO[bytes]]

CHUNK = 1 << 16
# A longer note is none that mdtasks reads; Evernote itself takes half of it.
_LONGEST_TEXT = 10 * 1024 * 1024
_LONGEST_VALUE = 64 * 1024
_OPENING = b"<en-export>"
_NOTE = b"<note>"


class Attachment(NamedTuple):
    """A file of a note: `size` bytes of its spool from `start` on. `digest` is the MD5 by which
    the text refers to it, `fault` why the bytes cannot be had."""

    digest: str
    start: int
    size: int
    mime: str
    name: str
    fault: str = ""


class Todo(NamedTuple):
    """One of Evernote's tasks, as it is written: `values` by element, reminders each by theirs."""

    values: Mapping[str, str]
    reminders: tuple[Mapping[str, str], ...] = ()

    def value(self, name: str) -> str:
        return self.values.get(name, "")


class Exported(NamedTuple):
    """A note of the export; `number` counts from 1, 0 is what breaks between two;
    `line` is where it begins in the file.

    `values` are its elements and attributes by name. With a `fault` it could not be read whole,
    and nothing else but its number, line and title is to be relied on.
    """

    number: int
    line: int
    title: str
    values: Mapping[str, str]
    tags: tuple[str, ...]
    content: str
    todos: tuple[Todo, ...]
    attachments: tuple[Attachment, ...]
    spool: IO[bytes] | None
    fault: str = ""


def notes(file: IO[bytes], spool: OpenSpool | None = None) -> Iterator[Exported]:
    """Yield the notes; what breaks one off does not keep the next from being read.

    Without `spool` attachments are passed over. What a note has spooled is closed when the next
    one is asked for. Raises RefusedError for a file that is no export, or one with entities.
    """
    from defusedxml.common import DefusedXmlException

    number, start, line = 0, 0, 1
    prefix = b""
    while True:
        reading = _Reading(spool, number, line, is_whole=not prefix)
        try:
            yield from reading.read(file, prefix)
            return
        except DefusedXmlException as error:
            raise RefusedError(
                "this file declares entities, as an attack would; nothing was imported",
                "export the notebook from Evernote anew",
            ) from error
        except ParseError as error:
            if not reading.gatherer.is_export:
                raise RefusedError(
                    "this is no Evernote export; nothing was imported",
                    "in Evernote choose the notebook, then Export, then the ENEX format",
                ) from error
            yield from reading.gatherer.broken_off(_message(error), reading.line)
            number = reading.gatherer.number
            at = start - len(prefix) + max(reading.parser.parser.ErrorByteIndex, 0)
            found = _next_note(file, start, max(at, start + 1), line)
        if found is None:
            return
        start, line = found
        prefix = _OPENING


def _message(error: ParseError) -> str:
    return f"it is no well-formed XML: {str(error).partition(':')[0]}"


def _next_note(file: IO[bytes], start: int, at: int, line: int) -> tuple[int, int] | None:
    """Return offset and line of the first note from `at` on; `line` is that of `start`."""
    file.seek(start)
    held, offset = b"", start
    while chunk := file.read(CHUNK):
        held += chunk
        found = held.find(_NOTE, max(at - offset, 0))
        if found >= 0:
            file.seek(offset + found)
            return offset + found, line + held.count(b"\n", 0, found)
        done = max(len(held) - len(_NOTE), 0)
        line += held.count(b"\n", 0, done)
        held, offset = held[done:], offset + done
    return None


class _Reading:
    """One run of the parser, from the beginning of the file or from a note on."""

    def __init__(self, spool: OpenSpool | None, number: int, line: int, is_whole: bool) -> None:
        from defusedxml.ElementTree import DefusedXMLParser

        self.first_line = line
        self.gatherer = _Gatherer(spool, number, lambda: self.line, is_export=not is_whole)
        self.parser: DefusedXMLParser = DefusedXMLParser(target=self.gatherer)
        self.parser.parser.buffer_size = CHUNK  # else each line of an attachment is a call

    @property
    def line(self) -> int:
        return self.first_line + int(self.parser.parser.CurrentLineNumber) - 1

    def read(self, file: IO[bytes], prefix: bytes) -> Iterator[Exported]:
        if prefix:
            self.parser.feed(prefix)
        while chunk := file.read(CHUNK):
            try:
                self.parser.feed(chunk)
            finally:
                yield from self.gatherer.taken()
        self.parser.close()


class _Gatherer:
    """What the parser tells of, gathered into notes."""

    def __init__(
        self, spool: OpenSpool | None, number: int, line: Callable[[], int], is_export: bool
    ) -> None:
        self.is_export = is_export
        self.number = number
        self._open_spool, self._line = spool, line
        self._inside: list[str] = []
        self._depth = 0  # of the note
        self._done: list[Exported] = []
        self._note: _Note | None = None

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if not self._inside:
            if tag != "en-export":
                raise ParseError("the root is another")
            self.is_export = True
        self._inside.append(tag)
        if tag == "note":
            # At any depth: what was not closed before must not swallow it.
            if self._note:
                self._note.fault = "it is no well-formed XML: the next note begins inside of it"
                self._done.append(self._note.whole())
            self.number += 1
            self._depth = len(self._inside)
            self._note = _Note(self.number, self._line(), self._open_spool)
        elif self._note:
            self._note.begin(self._where())

    def data(self, text: str) -> None:
        if self._note:
            self._note.add(text)

    def end(self, tag: str) -> None:
        if self._note:
            if len(self._inside) == self._depth:
                self._done.append(self._note.whole())
                self._note = None
            else:
                self._note.finish(self._where())
        self._inside.pop()

    def close(self) -> None:
        pass

    def taken(self) -> Iterator[Exported]:
        done, self._done = self._done, []
        for note in done:
            yield note
            if note.spool:
                note.spool.close()

    def broken_off(self, why: str, line: int) -> Iterator[Exported]:
        """Yield the note that the parser could not go on in; between two notes its number is 0."""
        self._note = self._note or _Note(0, line, None)
        self._note.fault = why
        self._done.append(self._note.whole())
        self._note = None
        yield from self.taken()

    def _where(self) -> str:
        return "/".join(self._inside[self._depth : self._depth + 4])


class _Note:
    """A note while it is read."""

    def __init__(self, number: int, line: int, spool: OpenSpool | None) -> None:
        self.number, self.line, self.fault = number, line, ""
        self._values: dict[str, str] = {}
        self._tags: list[str] = []
        self._todos: list[Todo] = []
        self._todo: dict[str, str] = {}
        self._reminders: list[dict[str, str]] = []
        self._attachments: list[Attachment] = []
        self._resource: dict[str, str] = {}
        self._open_spool, self._spool = spool, None if spool is None else _Spool(spool)
        self._text: list[str] = []
        self._length, self._longest = 0, 0
        self._is_data = False

    def begin(self, where: str) -> None:
        self._text, self._length = [], 0
        self._longest = _LONGEST_TEXT if where == "content" else _LONGEST_VALUE
        if where in ("resource/recognition", "resource/alternate-data/data"):
            self._longest = 0  # what Evernote has read in a picture
        elif where == "resource/data":
            self._is_data = True
            if self._spool:
                self._spool.begin()
        elif where == "task":
            self._todo, self._reminders = {}, []
        elif where == "task/reminder":
            self._reminders.append({})
        elif where == "resource":
            self._resource = {}

    def add(self, text: str) -> None:
        if self._is_data:
            if self._spool:
                self._spool.add(text)
        elif self._longest:
            self._length += len(text)
            if self._length <= self._longest:
                self._text.append(text)
            elif not self.fault:
                self.fault = f"a part of it is longer than {self._longest // 1024} KB"

    def finish(self, where: str) -> None:
        text = "".join(self._text)
        kind, _, name = where.partition("/")
        if where == "resource/data":
            self._is_data = False
        elif where == "tag":
            self._tags.append(text.strip())
        elif where == "task":
            self._todos.append(Todo(self._todo, tuple(self._reminders)))
        elif where == "resource":
            self._keep_attachment()
        elif kind == "resource":
            self._resource[name.rpartition("/")[2]] = text.strip()
        elif name.startswith("reminder/") and self._reminders:
            self._reminders[-1][name.removeprefix("reminder/")] = text.strip()
        elif kind == "task":
            self._todo[name] = text.strip()
        elif where == "content":
            self._values["content"] = text
        else:
            self._values[where.rpartition("/")[2]] = text.strip()
        self._text, self._longest = [], 0

    def _keep_attachment(self) -> None:
        if self._spool:
            mime, name = self._resource.get("mime", ""), self._resource.get("file-name", "")
            self._attachments.append(self._spool.end(mime, name))

    def whole(self) -> Exported:
        return Exported(
            number=self.number,
            line=self.line,
            title=self._values.get("title", ""),
            values=self._values,
            tags=tuple(filter(None, self._tags)),
            content=self._values.get("content", ""),
            todos=tuple(self._todos),
            attachments=tuple(self._attachments),
            spool=self._spool.file if self._spool else None,
            fault=self.fault,
        )


class _Spool:
    """Where the attachments of one note wait, one behind the other; opened with the first."""

    def __init__(self, opened: OpenSpool) -> None:
        self._opened = opened
        self.file: IO[bytes] | None = None
        self.begin()

    def begin(self) -> None:
        self._start = self.file.tell() if self.file else 0
        self._size, self._rest, self._fault = 0, "", ""
        self._digest = md5(usedforsecurity=False)

    def add(self, text: str) -> None:
        """Take more of the base64, which may be broken anywhere, between lines or within them."""
        text = self._rest + "".join(text.split())
        cut = len(text) // 4 * 4
        # What stands behind the padding is no part of it, so the padding waits for the end.
        if "=" in text:
            cut = min(cut, text.index("=") // 4 * 4)
        self._rest = text[cut:]
        if len(self._rest) > CHUNK:
            self._rest, self._fault = "", "its data is no base64"
        self._put(text[:cut])

    def _put(self, text: str) -> None:
        if self._fault or not text:
            return
        try:
            data = binascii.a2b_base64(text, strict_mode=True)
        except ValueError:
            self._fault = "its data is no base64"
            return
        if self.file is None:
            self.file = self._opened()
        self.file.write(data)
        self._digest.update(data)
        self._size += len(data)

    def end(self, mime: str, name: str) -> Attachment:
        rest, self._rest = self._rest, ""
        self._put(rest)
        digest, fault = self._digest.hexdigest(), self._fault
        attachment = Attachment(digest, self._start, self._size, mime, name, fault)
        self.begin()
        return attachment
