"""Evernote exports, made of their parts."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from xml.sax.saxutils import escape

KITCHEN = Path(__file__).parent / "enex" / "Kitchen.enex"

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE en-export SYSTEM "http://xml.evernote.com/pub/evernote-export4.dtd">
<en-export export-date="20261122T090000Z" application="Evernote" version="10.105.4">
"""


def export(path: Path, *notes: str) -> Path:
    path.write_text(f"{_HEAD}{''.join(notes)}</en-export>\n", "utf-8")
    return path


def note(title: str, body: str = "<div>x</div>", more: str = "", created: str = "") -> str:
    """Return a note; `more` are elements that stand before its text."""
    created = created or "20260101T080000Z"
    return (
        f"<note><title>{escape(title)}</title><created>{created}</created>{more}"
        f"<content><![CDATA[<en-note>{body}</en-note>]]></content></note>\n"
    )


def with_files(title: str, body: str, *files: tuple[str, str, bytes]) -> str:
    """Return a note with attachments: name, mime type, bytes."""
    resources = "".join(
        f'<resource><data encoding="base64">\n{b64encode(data).decode()}\n</data>'
        f"<mime>{mime}</mime><resource-attributes><file-name>{name}</file-name>"
        "</resource-attributes></resource>"
        for name, mime, data in files
    )
    return note(title, body).replace("</note>", f"{resources}</note>")


def todo(title: str, **values: str) -> str:
    """Return one of Evernote's tasks."""
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in values.items())
    return f"<task><title>{escape(title)}</title>{inner}</task>"
