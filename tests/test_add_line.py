"""The line that `add` writes: its fields, its dialect, and what it refuses to write."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from mdtasks.errors import RefusedError, UsageError
from mdtasks.settings import ReadSettings
from mdtasks.write.compose import compose, plain
from mdtasks.write.wording import understand

NOW = datetime(2026, 11, 23, 8, 30)
READ = ReadSettings()
ALL = "mow tomorrow by fri 17:00 10m !high every week"


def line(text: str, dialect: str = "emoji", read: ReadSettings = READ) -> str:
    return compose(understand(text, NOW, read), " ", dialect, None, read)


def test_fields_stand_in_the_plugins_order_behind_what_it_does_not_know() -> None:
    assert line(ALL) == ("[ ] mow 📅 2026-11-27 17:00 ⏱ 10m ⏫ 🔁 every week ⏳ 2026-11-24")
    assert line("mow fri 9am 10m !low") == "[ ] mow ⏳ 2026-11-27 09:00 ⏱ 10m 🔽"


def test_dataview_has_its_own_words() -> None:
    assert line(ALL, "dataview") == (
        "[ ] mow  [due:: 2026-11-27 17:00]  [estimate:: 10m]  [priority:: high]  "
        "[repeat:: every week]  [scheduled:: 2026-11-24]"
    )


def test_a_range_of_times_is_written_with_its_end() -> None:
    assert line("mow fri 9-10:30am") == "[ ] mow ⏳ 2026-11-27 09:00-10:30"


def test_fields_come_before_a_block_id_and_after_those_that_were_typed() -> None:
    assert line("mow 🔺 tomorrow ^abc") == "[ ] mow 🔺 ⏳ 2026-11-24 ^abc"


def test_where_no_time_may_follow_a_date_it_stands_at_the_start() -> None:
    read = READ._replace(fields="trailing")
    assert line("mow fri 9am", read=read) == "[ ] 09:00 mow ⏳ 2026-11-27"


def test_where_no_line_can_say_it_nothing_is_written() -> None:
    read = READ._replace(fields="trailing")
    with pytest.raises(RefusedError, match="due Fri 27 Nov 2026 17:00"):
        line("mow due fri 17:00", read=read)


def test_other_dialects_say_what_they_can() -> None:
    read = READ._replace(dialects=("noteplan",))
    assert line("mow tomorrow !high 10m", "noteplan", read) == "[ ] !! mow (10m) >2026-11-24"
    with pytest.raises(RefusedError, match="every week"):
        line("mow every week", "noteplan", read)
    read = READ._replace(dialects=("todotxt",))
    assert line("mow !high due fri", "todotxt", read) == "[ ] (B) mow due:2026-11-27"


def test_a_global_filter_is_added_once() -> None:
    read = READ._replace(global_filter="#task")
    assert line("mow tomorrow", read=read) == "[ ] mow #task ⏳ 2026-11-24"
    assert line("mow #task tomorrow", read=read) == "[ ] mow #task ⏳ 2026-11-24"


def test_the_day_of_creation_is_left_out_where_it_cannot_be_said() -> None:
    words = understand("mow", NOW, READ)
    assert compose(words, " ", "emoji", date(2026, 11, 23), READ) == "[ ] mow ➕ 2026-11-23"
    read = READ._replace(dialects=("noteplan",))
    assert compose(words, " ", "noteplan", date(2026, 11, 23), read) == "[ ] mow"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- [ ] mow", ("mow", " ")),
        ("* [/] mow", ("mow", "/")),
        ("1. [ ] mow", ("mow", " ")),
        ("[ ] mow", ("mow", " ")),
        ("- mow", ("- mow", " ")),
        ("[x]mow", ("[x]mow", " ")),
        ("- [ ] - [ ] mow", ("- [ ] mow", " ")),
        ("a\nb\r\nc\td\u2028e", ("a b c d e", " ")),
        ("\u00a0mow\u3000", ("mow", " ")),
        ("%%a%% `%%`", ("%%a%% `%%`", " ")),
    ],
)
def test_a_text_becomes_one_line_without_a_box(text: str, said: tuple[str, str]) -> None:
    assert tuple(plain(text)) == said


@pytest.mark.parametrize(
    "text",
    ["", " ", "\n", "- [ ] ", "a\x1b[31m", "a\x00", "a\x85\x9b", "a\udc80", "a %% b", "x" * 5000],
)
def test_a_text_that_no_line_should_hold_is_refused(text: str) -> None:
    with pytest.raises((UsageError, RefusedError)):
        compose(understand(plain(text).text, NOW, READ), " ", "emoji", None, READ)
