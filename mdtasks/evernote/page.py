"""A note of an export -> the bytes of a note, and what these bytes tell the next import.

Two lines of the front matter are the ledger: `evernote-id`, which note it is, and
`evernote-import`, two digests: of what Evernote had, and of what was written. So it is known
which of both sides has changed since.

Rule: pure. Equal exports give equal bytes.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import unquote

from mdtasks.evernote.enex import Attachment, Exported
from mdtasks.evernote.inline import escaped, path_target
from mdtasks.evernote.markdown import Around, to_markdown
from mdtasks.evernote.todos import Manner, by_group, parse_moment, reminder_lines

# Attachments lie in a folder of this name.
RESOURCES = "_resources"
_LINK = re.compile(rf"\]\((?:<([^<>\n]*?)|([^<>\s]*?))\b{RESOURCES}/".encode())

# The ledger stands within so many bytes of a note: what is above it is short.
HEAD = 8192
_ID = re.compile(rb"^evernote-id: ([0-9A-Za-z-]{8,64})\r?$", re.MULTILINE)
_CREATED = re.compile(rb"^created: ([0-9TZ:-]+)\r?$", re.MULTILINE)
_LEDGER = re.compile(rb"^evernote-import: ([0-9a-f]{16})-([0-9a-f]{16})\n", re.MULTILINE)
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_NOT_IN_TAGS = re.compile(r"[^\w/-]+")
_LONGEST_TITLE = 1000
_WAYS_TO_NOTES = re.compile(r"evernote:|https?://(?:www|app)\.(?:evernote|yinxiang)\.com/")
_GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


class Ledger(NamedTuple):
    """What an import wrote into a note; `is_untouched` while every byte is still that."""

    source: str
    is_untouched: bool


class Places(NamedTuple):
    """Where things are, seen from the note: the link to an attachment, and to another note by its
    id or its title, "" where there is none such."""

    attachment: Callable[[Attachment], str]
    note: Callable[[str, str], str]


def identity(title: str, created: str, guid: str, twin: int) -> str:
    """Return the id of a note; `twin` counts those that are the same in all of it, from 0."""
    if _GUID.fullmatch(guid):
        return guid.lower()
    key = f"{created}\n{title}\n{twin or ''}"
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def id_in(head: bytes) -> tuple[str, str] | None:
    """Return the id of the note that begins so, and when it was created in Evernote."""
    found = _ID.search(head) if head.startswith(b"---") else None
    if found is None:
        return None
    created = _CREATED.search(head)
    return found[1].decode("ascii"), created[1].decode("ascii") if created else ""


def as_written(created: str) -> str:
    """Return the moment as the front matter has it, "" for one that is none."""
    moment = parse_moment(created)
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else ""


def ledger_in(data: bytes) -> Ledger | None:
    found = _LEDGER.search(data, 0, HEAD)
    if found is None:
        return None
    bare = data[: found.start()] + data[found.end() :]
    return Ledger(found[1].decode("ascii"), _digest(bare) == found[2].decode("ascii"))


def resources_in(data: bytes, here: str) -> Iterator[str]:
    """Yield the folders of the vault in which the attachments of a note in `here` lie."""
    for pair in dict.fromkeys(_LINK.findall(data)):
        link = unquote(b"".join(pair).decode("utf-8", "replace"))
        path = posixpath.normpath(posixpath.join(here, link, RESOURCES))
        if not path.startswith(("../", "/")):
            yield path


def source_of(note: Exported) -> str:
    """Return the digest of all that a note holds in Evernote."""
    values = {name: value for name, value in note.values.items() if name not in _VIEWED}
    todos = [(*sorted(t.values.items()), *map(sorted, map(dict.items, map(dict, t.reminders))))
             for t in note.todos]  # fmt: skip
    files = [(one.digest, one.name, one.mime) for one in note.attachments]
    said = json.dumps([sorted(values.items()), note.tags, todos, files])
    return _digest(said.encode("ascii"))


# These change when a note is looked at, or exported.
_VIEWED = {"subject-date", "application-data"}


def page_of(note: Exported, note_id: str, places: Places, manner: Manner) -> bytes:
    """Return the note as Markdown. Raises EnmlError."""
    body = _body(note, places, manner)
    front = _front(note, note_id)
    bare = _text([*front, "---", "", *body])
    ledger = f"evernote-import: {source_of(note)}-{_digest(bare)}"
    at = 1 + next(n for n, line in enumerate(front) if line.startswith("evernote-id: "))
    return _text([*front[:at], ledger, *front[at:], "---", "", *body])


def _text(lines: Sequence[str]) -> bytes:
    return ("\n".join(lines).rstrip("\n") + "\n").encode("utf-8", "replace")


def _front(note: Exported, note_id: str) -> list[str]:
    values = note.values
    lines = ["---", f"title: {quoted(note.title[:_LONGEST_TITLE] or 'Untitled')}"]
    lines += [
        f"{name}: {_moment(values[name])}" for name in ("created", "updated") if name in values
    ]
    lines.append(f"evernote-id: {note_id}")
    for name in ("source-url", "author"):
        if value := values.get(name):
            lines.append(f"{name}: {quoted(value)}")
    if tags := [*dict.fromkeys(filter(None, map(_tag, note.tags)))]:
        lines += ["tags:", *(f"  - {quoted(tag)}" for tag in tags)]
    return lines


def _moment(text: str) -> str:
    return as_written(text) or quoted(text)


def _tag(text: str) -> str:
    return _NOT_IN_TAGS.sub("-", text.strip().lstrip("#")).strip("-")


def quoted(text: str) -> str:
    """Return YAML that says the text, on one line."""
    said = json.dumps(text, ensure_ascii=False)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", said)


def _body(note: Exported, places: Places, manner: Manner) -> list[str]:
    attached = {one.digest: one for one in note.attachments}
    groups = by_group(note.todos, manner)
    used: set[str] = set()

    def media(digest: str) -> str:
        used.add(digest)
        one = attached.get(digest)
        return _link(one, places) if one else "(an attachment that is not in the export)"

    around = Around(
        link=lambda href, words: _way(href, words, places),
        media=media,
        group=lambda name: groups.pop(name, ()),
    )
    body = to_markdown(note.content, around) if note.content.strip() else []
    parts = [reminder_lines(note, manner), body, [line for ls in groups.values() for line in ls]]
    rest = [one for one in note.attachments if one.digest not in used]
    parts += [[_link(one, places)] for one in rest]
    return _apart(parts)


def _apart(parts: Sequence[Sequence[str]]) -> list[str]:
    out: list[str] = []
    for part in filter(None, parts):
        out += ["", *part] if out else part
    return out


def _link(one: Attachment, places: Places) -> str:
    name = one.name or one.mime or "attachment"
    if one.fault:
        return f"({escaped(name)}: this attachment could not be read from the export)"
    mark = "!" if one.mime.lower().startswith("image/") else ""
    words = re.sub(r"(?<!\\)[\[\]]", r"\\\g<0>", escaped(" ".join(name.split())))
    return f"{mark}[{words}]({path_target(places.attachment(one))})"


def _way(href: str, words: str, places: Places) -> str:
    """Return where a link leads: what led to a note in Evernote leads to the note here."""
    if not _WAYS_TO_NOTES.match(href):
        return href
    found = _GUID.findall(href)
    path = places.note(found[-1].lower() if found else "", words)
    return path_target(path) if path else href


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()[:16]
