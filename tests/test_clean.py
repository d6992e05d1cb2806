"""Text from notes, made safe for where it goes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given

from mdtasks.render.clean import for_calendar, for_terminal
from tests.feeds import (
    HOSTILE,
)

# --- clean text ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "piped", "shown"),
    [
        ("a\tb\n", "a\tb\n", "a\tb\n"),
        ("\x1b[31m\r", "^[[31m^M", "^[[31m^M"),
        ("\x7f\x00", "^?^@", "^?^@"),
        ("\x85\x9b", "\\u0085\\u009b", "\\u0085\\u009b"),
        ("caf\udce9", "caf\\xe9", "caf\\xe9"),
        ("\ud83d", "\\ud83d", "\\ud83d"),
        ("\u202eabc\u2066", "\u202eabc\u2066", "\\u202eabc\\u2066"),
        ("👨‍👩‍👧‍👦 é", "👨‍👩‍👧‍👦 é", "👨‍👩‍👧‍👦 é"),
    ],
)
def test_terminal_shows_what_it_must_not_obey(text: str, piped: str, shown: str) -> None:
    assert for_terminal(text, tty=False) == piped
    assert for_terminal(text, tty=True) == shown


@given(HOSTILE)
def test_no_control_character_gets_out(text: str) -> None:
    for clean in (for_terminal(text, True), for_terminal(text, False), for_calendar(text)):
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", clean)
        clean.encode("utf-8")
