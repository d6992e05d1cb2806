"""Names of files for titles of any kind.

Rule: pure. A name that is given is one on Linux, macOS and Windows alike, and a note's if it
should be one; who has it already is not known here.
"""

from __future__ import annotations

import re
import unicodedata

from mdtasks.read.names import is_conflict

_APART = re.compile(r"[/\\:|]+")
# What Windows refuses, what means something in a link, and what cannot be seen.
_DROPPED = re.compile(
    '["*?<>#^\\[\\]\x00-\x08\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069'
    "\u061c\ufeff\ufffe\uffff]"
)
_RESERVED = re.compile(r"\A(?:CON|PRN|AUX|NUL|COM[0-9¹²³]|LPT[0-9¹²³])(?=\.|\Z)", re.IGNORECASE)
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,10}\Z")
_NOTE_SUFFIX = re.compile(r"(?:\.md|\.markdown)+\Z", re.IGNORECASE)
# 255 bytes are the most that file systems take; a number and a suffix must fit behind it.
_LONGEST = 200

# What the mime types of attachments without a name are called.
_SUFFIXES = {
    "image/jpeg": ".jpg",
    "image/svg+xml": ".svg",
    "audio/mpeg": ".mp3",
    "audio/x-m4a": ".m4a",
    "text/plain": ".txt",
    "application/msword": ".doc",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}


def stem(title: str, otherwise: str = "Untitled") -> str:
    """Return a name without suffix, at most 200 bytes of UTF-8, never empty."""
    text = unicodedata.normalize("NFC", title)
    text = " ".join(_DROPPED.sub("", _APART.sub("-", " ".join(text.split()))).split())
    if is_conflict(text):
        text = re.sub("(?i)conflicted copy", "conflicted-copy", text.replace(".sync-", " sync-"))
    text = _cut(text.lstrip(". ")).rstrip(". ")
    return _RESERVED.sub(lambda found: f"{found[0]}_", text, count=1) or otherwise


def note_stem(title: str) -> str:
    return stem(_NOTE_SUFFIX.sub("", title.strip()))


def file_name(name: str, mime: str) -> str:
    """Return the name of an attachment, with a suffix where one is known."""
    found = _SUFFIX.search(name.strip())
    suffix = found[0] if found else _suffix(mime)
    bare = name.strip()[: -len(suffix)] if found else name
    return stem(bare, "attachment") + suffix


def numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name} {number}"


def folded(path: str) -> str:
    """Return what is the same for paths that a file system may take for one."""
    return unicodedata.normalize("NFC", path).casefold()


def _suffix(mime: str) -> str:
    mime = mime.strip().lower()
    kind = re.fullmatch(r"[a-z]+/([a-z0-9]{1,5})", mime)
    return _SUFFIXES.get(mime, f".{kind[1]}" if kind else "")


def _cut(text: str) -> str:
    data = text.encode("utf-8", "replace")
    return data[:_LONGEST].decode("utf-8", "ignore")
