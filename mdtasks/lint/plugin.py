"""Which fields of a line the Obsidian Tasks plugin does not see, though they count here.

Rule: only where the plugin is in use, and as it is set. The second reading, as it reads, is only
made where it could come out otherwise.
"""

from __future__ import annotations

from mdtasks.read.fields import FIELDS, JS_SPACES, MAX_ROUNDS, Body, Field, parse_body
from mdtasks.settings import ReadSettings

OURS = frozenset(rule.name for rule in FIELDS if rule.ours)
_MOMENTS = frozenset(rule.name for rule in FIELDS if rule.moment)
_DATE_LENGTH = len("2026-11-22")


def unseen(text: str, body: Body, settings: ReadSettings) -> tuple[Field, ...]:
    """Return the fields in the plugin's dialect that count here and not there, from the left."""
    return tuple(f for f in _missed(text, body, settings) if f.dialect == settings.plugin)


def foreign(text: str, body: Body, settings: ReadSettings) -> tuple[Field, ...]:
    """Return the fields in the one of the plugin's two dialects that it is not set to read."""
    other = {"emoji": "dataview", "dataview": "emoji"}.get(settings.plugin)
    return tuple(f for f in _missed(text, body, settings) if f.dialect == other)


def as_plugin(settings: ReadSettings) -> ReadSettings:
    """Return the settings by which the plugin reads: of two dialects one, at the end of a line."""
    return settings._replace(fields="trailing", dialects=(settings.plugin,))


def _missed(text: str, body: Body, settings: ReadSettings) -> list[Field]:
    if not settings.plugin or settings.fields != "anywhere":
        return []
    if not _may_differ(text, body, settings.plugin):
        return []
    seen = {field.name for field in parse_body(text, as_plugin(settings)).found}
    return [f for f in body.found if f.counts and f.name not in OURS and f.name not in seen]


def has_time(field: Field) -> bool:
    """Whether a time stands behind the date, which the plugin reads nowhere."""
    return field.name in _MOMENTS and len(field.value) > _DATE_LENGTH


def _may_differ(text: str, body: Body, plugin: str) -> bool:
    """Whether anything but the plugin's own fields stands behind the first of them."""
    if any(field.dialect != plugin for field in body.found):
        return True
    if len(body.found) >= MAX_ROUNDS:
        return True
    end = len(text) if body.block_id_start is None else body.block_id_start
    all_theirs = True
    for field in reversed(body.found):
        all_theirs = all_theirs and not text[field.end : end].strip(JS_SPACES)
        if field.name in OURS:
            all_theirs = False
        elif not all_theirs or has_time(field):
            return True
        end = field.start
    return False
