"""Which fields of a line the Obsidian Tasks plugin does not see, though they count here.

Rule: the second reading, as the plugin reads, is only made where it could come out otherwise.
"""

from __future__ import annotations

from mdtasks.read.fields import FIELDS, JS_SPACES, MAX_ROUNDS, Body, Field, parse_body
from mdtasks.settings import ReadSettings

OURS = frozenset(rule.name for rule in FIELDS if rule.ours)
_MOMENTS = frozenset(rule.name for rule in FIELDS if rule.moment)
_DATE_LENGTH = len("2026-11-22")


def unseen(text: str, body: Body, settings: ReadSettings) -> tuple[Field, ...]:
    """Return the fields of a body that count here and not in the plugin, from the left."""
    if settings.fields != "anywhere" or not _may_differ(text, body):
        return ()
    theirs = parse_body(text, settings._replace(fields="trailing"))
    seen = {field.name for field in theirs.found}
    return tuple(f for f in body.found if f.counts and f.name not in OURS and f.name not in seen)


def has_time(field: Field) -> bool:
    """Whether a time stands behind the date, which the plugin reads nowhere."""
    return field.name in _MOMENTS and len(field.value) > _DATE_LENGTH


def _may_differ(text: str, body: Body) -> bool:
    """Whether anything but the plugin's own fields stands behind the first of them."""
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
