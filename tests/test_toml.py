"""The keys of mdtasks.toml: values, faults with their lines, the file of `init`."""

from __future__ import annotations

import re
from datetime import time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdtasks.config import load
from mdtasks.errors import ConfigError
from mdtasks.model import Status
from mdtasks.settings import (
    DEFAULT_STATUSES,
    WORKDAY,
    Config,
    PlanSettings,
    Span,
    StatusRule,
)
from mdtasks.toml.document import line_of, parse
from mdtasks.toml.keys import KEYS
from mdtasks.toml.starter import starter
from tests.shaped import config, refusal

NIGHT = Span(time(22), time(2))


# The starter file


def test_the_starter_file_sets_the_vault_id_and_nothing_else() -> None:
    assert config(starter("notes-1a2b3c4d")) == Config(vault_id="notes-1a2b3c4d")


def test_every_line_of_the_starter_file_taken_in_says_the_default() -> None:
    text = re.sub(r"(?m)^#(?=\S)", "", starter("v"))
    assert config(text) == Config(vault_id="v")


def test_the_starter_file_shows_every_key() -> None:
    text = starter("v")
    for key in KEYS:
        table, _, name = key.name.rpartition(".")
        shown = rf"(?m)^(#?{name} = |\[{key.name}\]$|# \[\[{key.name}\]\]$)"
        assert re.search(shown, text), key.name
        assert f"# {key.words}\n" in text
        assert not table or f"\n[{table}]\n" in text


def test_every_setting_has_a_key() -> None:
    def leaves(value: object, at: str = "") -> set[str]:
        names = getattr(value, "_fields", None)
        if names is None or at in ("hours.", "read.statuses."):
            return {at.removesuffix(".")}
        return set[str]().union(*(leaves(getattr(value, n), f"{at}{n}.") for n in names))

    # What the plugin reads is Obsidian's to say.
    assert leaves(Config()) - {"read.plugin"} == {".".join(key.place) for key in KEYS}


# Values


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[plan]\nmin_block = 30", PlanSettings()._replace(min_block=timedelta(minutes=30))),
        ('[plan]\nmax_block = "1h30m"', PlanSettings()),
        ('[plan]\nfreeze = "2h"', PlanSettings()._replace(freeze=timedelta(hours=2))),
        ("[plan]\nbuffer = 0", PlanSettings()._replace(buffer=timedelta(0))),
        ("plan.days = 3", PlanSettings()._replace(days=3)),
        ("plan = { days = 3 }", PlanSettings()._replace(days=3)),
    ],
)
def test_durations_are_minutes_or_words(text: str, expected: PlanSettings) -> None:
    assert config(text).plan == expected


def test_hours_cover_days_and_ranges_and_the_later_line_wins() -> None:
    week = config('[hours]\nmon-wed = ["08:00-12:00"]\ntue = []\n').hours.week
    morning = (Span(time(8), time(12)),)
    assert week == (morning, (), morning, WORKDAY, WORKDAY, (), ())


def test_a_range_of_days_may_go_over_the_weekend() -> None:
    week = config('[hours]\nsat-mon = ["22:00-02:00"]').hours.week
    assert week == ((NIGHT,), WORKDAY, WORKDAY, WORKDAY, WORKDAY, (NIGHT,), (NIGHT,))


def test_spans_are_sorted_and_may_end_at_midnight() -> None:
    friday = config('[hours]\nfri = ["20:00-24:00", "9:00 – 11:00"]').hours.week[4]
    assert friday == (Span(time(9), time(11)), Span(time(20), time(0)))


def test_a_whole_day_is_a_span() -> None:
    assert config('[hours]\nsun = ["00:00-24:00"]').hours.week[6] == (Span(time(0), time(0)),)


@pytest.mark.parametrize(
    "spans",
    ["09:00-09:00", "24:00-02:00", "09:00-24:01", "09:60-10:00", "9-12", "09:00", "٠9:00-10:00"],
)
def test_a_span_that_is_none_is_refused(tmp_path: Path, spans: str) -> None:
    message, hint = refusal(tmp_path, f'[hours]\nmon = ["{spans}"]')
    assert message == f'mdtasks.toml:2: `mon` in [hours] is ["{spans}"]'
    assert hint.startswith("wanted: spans between 00:00 and 24:00")


@pytest.mark.parametrize("other", ["11:59-13:00", "09:00-10:00", "23:00-09:01"])
def test_spans_of_a_day_must_not_overlap(tmp_path: Path, other: str) -> None:
    text = f'[hours]\nmon = ["09:00-12:00", "{other}", "22:00-03:00"]'
    assert refusal(tmp_path, text)[1] == "wanted: spans that do not overlap"


def test_statuses_are_laid_over_the_default_ones() -> None:
    text = """
        [statuses]
        "h" = "on_hold"
        "/" = { type = "IN_PROGRESS", name = "Doing", next = "h" }
        "?" = { type = "DONE" }
    """
    assert config(text).read.statuses == {
        **DEFAULT_STATUSES,
        "h": StatusRule(Status.ON_HOLD, "On hold", "x"),
        "/": StatusRule(Status.IN_PROGRESS, "Doing", "h"),
        "?": StatusRule(Status.DONE, "Done", " "),
    }


@pytest.mark.parametrize("symbol", [" ", "x", "-"])
def test_a_symbol_that_mdtasks_writes_keeps_its_type(tmp_path: Path, symbol: str) -> None:
    message, hint = refusal(tmp_path, f'[statuses]\n"{symbol}" = "ON_HOLD"')
    assert message == f"mdtasks.toml:2: `{symbol}` in [statuses] cannot be ON_HOLD"
    assert hint.startswith(f"mdtasks itself writes [{symbol}] for ")


@pytest.mark.parametrize(
    ("said", "folder"),
    [('""', None), ('"."', ""), ('"/Daily/"', "Daily"), ('"./a//b"', "a/b")],
)
def test_the_folder_of_the_daily_section(said: str, folder: str | None) -> None:
    assert config(f"[daily]\nfolder = {said}").daily.folder == folder


def test_what_is_said_twice_in_a_list_counts_once() -> None:
    alarms = config('[feed]\nalarms = [10, "10m", "1h"]').feed.alarms
    assert alarms == (timedelta(minutes=10), timedelta(hours=1))


@pytest.mark.parametrize(
    ("text", "found", "wanted"),
    [
        ("[plan]\ndays = true", "`days` in [plan] is true", "a whole number from 1 to 60"),
        ("[plan]\ndays = 0", "`days` in [plan] is 0", "a whole number from 1 to 60"),
        ("[plan]\nstep = 7", "`step` in [plan] is 7", "minutes that divide the hour: 1, 2"),
        ("[plan]\nstep = 0", "`step` in [plan] is 0", "minutes that divide the hour"),
        ('[plan]\nfreeze = "soon"', '`freeze` in [plan] is "soon"', "minutes from 0 to 1440"),
        ("[plan]\nfreeze = -1", "`freeze` in [plan] is -1", "minutes from 0 to 1440"),
        ("[plan]\nfreeze = 1.5", "`freeze` in [plan] is 1.5", "minutes from 0 to 1440"),
        ("[plan]\nmax_block = 20", "`max_block` in [plan] is 20", "at least 25, which is"),
        ("plan.max_block = 29\nplan.step = 30", "`max_block` in [plan] is 29", "at least 30"),
        ("[daily]\nwrite = 1", "`write` in [daily] is 1", "true or false"),
        ("[daily]\nheading = ' '", '`heading` in [daily] is " "', "text that is not empty"),
        ('[daily]\nfolder = "../x"', '`folder` in [daily] is "../x"', "a folder inside"),
        ("[display]\nclock = 13", "`clock` in [display] is 13", "one of 24, 12"),
        ("[read]\ndialects = []", "`dialects` in [read] is []", 'at least one of "emoji"'),
        ("[read]\ndialects = 'emoji'", '`dialects` in [read] is "emoji"', "a list"),
        ('[read]\nignore = ["!"]', '`ignore` in [read] is ["!"]', "patterns of .gitignore"),
        ('[read]\nglobal_filter = "a\\nb"', '`global_filter` in [read] is "a\\nb"', "text of one"),
        ('[feed]\noutput = "~/.profile"', '`output` in [feed] is "~/.profile"', "a path that"),
        ('[feed]\ncolor = "blu"', '`color` in [feed] is "blu"', "a colour by its CSS name"),
        ('[statuses]\n"h" = "HOLD"', '`h` in [statuses] is "HOLD"', "one of TODO, IN_PROGRESS"),
        ('[statuses]\n"h" = 5', "`h` in [statuses] is 5", "one of TODO"),
        ("hours = []", "`hours` is []", "a [table]"),
        ("plan = 2026-11-22", "`plan` is 2026-11-22", "a [table]"),
        ("timezone = 'Europe'", '`timezone` is "Europe"', "a zone of the IANA database"),
        ("timezone = '../etc'", '`timezone` is "../etc"', "a zone of the IANA database"),
        ('vault_id = "../x"', '`vault_id` is "../x"', "1 to 64 of"),
        ('vault_id = "."', '`vault_id` is "."', "1 to 64 of"),
    ],
)
def test_a_wrong_value_says_what_was_found_and_what_is_wanted(
    tmp_path: Path, text: str, found: str, wanted: str
) -> None:
    message, hint = refusal(tmp_path, text)
    assert re.fullmatch(rf"mdtasks\.toml:[12]: {re.escape(found)}", message)
    assert hint.startswith(f"wanted: {wanted}")


@pytest.mark.parametrize("fmt", ["YYYY-[W]WW", "MM-DD", "YYYY", "dddd", ""])
def test_a_date_format_must_name_one_day(tmp_path: Path, fmt: str) -> None:
    _, hint = refusal(tmp_path, f'[read.daily_notes]\nformat = "{fmt}"')
    assert hint.startswith("wanted: ")


def test_a_long_value_is_cut_in_the_message(tmp_path: Path) -> None:
    message, _ = refusal(tmp_path, f'timezone = "{"x" * 500}"')
    assert len(message) < 100


# Unknown keys


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("\n[plan]\n\ndaily_laod = 5", "4: unknown key `daily_laod` in [plan]", "`daily_load`?"),
        ("[paln]", "1: unknown key `paln`", "did you mean `plan`?"),
        ("daily_load = 5", "1: unknown key `daily_load`", "it belongs in [plan]"),
        ("[feed]\ntimezone = ''", "2: unknown key `timezone` in [feed]", "it belongs above the"),
        ("[feed]\nmin_blck = 5", "2: unknown key `min_blck` in [feed]", "`min_block` in [plan]?"),
        ('"plan.days" = 5', "1: unknown key `plan.days`", "did you mean"),
        ("[hours]\nmon-fry = []", "2: unknown key `mon-fry` in [hours]", "`mon-fri`?"),
        ("[hours]\nmon- = []", "2: unknown key `mon-` in [hours]", "did you mean"),
        ("[statuses.h]\ntyp = ''", "2: unknown key `typ` in [statuses.h]", "`type`?"),
        ("zzz.port = 1", "1: unknown key `zzz`", "known here: vault_id, timezone, read,"),
        ('[statuses]\n"hh" = "DONE"', "2: `hh` in [statuses] is no symbol", "the symbol in a"),
        ("[statuses.h]\nname = 'a'", "1: `h` in [statuses] has no `type`", "such as { type"),
    ],
)
def test_an_unknown_key_names_its_line_and_the_nearest_known_one(
    tmp_path: Path, text: str, message: str, hint: str
) -> None:
    said, then = refusal(tmp_path, text)
    assert said == f"mdtasks.toml:{message}"
    assert hint in then


# The file


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[plan]\ndays = ", "2:8"),
        ("a = 1\na = 2", "2:6"),
        ('[plan]\nx = """\n\n', "2:8"),
        ("[plan", "1:6"),
        ("x = 2026-02-30", "1:5"),
    ],
)
def test_what_is_not_toml_names_line_and_column(tmp_path: Path, text: str, place: str) -> None:
    assert refusal(tmp_path, text)[0].startswith(f"mdtasks.toml:{place}: this is not TOML: ")


@pytest.mark.parametrize("text", ["x = " + "[" * 9000, "x = " + "1" * 5000])
def test_toml_that_no_parser_bears_is_refused(tmp_path: Path, text: str) -> None:
    assert refusal(tmp_path, text)[0].startswith("mdtasks.toml: ")


def test_a_file_that_is_not_utf8_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "mdtasks.toml").write_bytes(b"# a\n# caf\xe9\n")
    with pytest.raises(ConfigError, match=r"mdtasks\.toml:2: this is not UTF-8"):
        load(tmp_path)


def test_a_byte_order_mark_and_windows_line_endings_are_read(tmp_path: Path) -> None:
    (tmp_path / "mdtasks.toml").write_bytes(b"\xef\xbb\xbf[plan]\r\ndays = 3\r\n")
    assert load(tmp_path).config.plan.days == 3


def test_a_folder_in_the_place_of_the_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "mdtasks.toml").mkdir()
    with pytest.raises(ConfigError, match=r"mdtasks\.toml: Is a directory"):
        load(tmp_path)


# Lines

TANGLE = '''\
# plan.days = 1
a = """
[plan]
days = 2
"""
twins = [{ n = 1 }, { n = 2 }]
"plan".'days' = [
    3, # ]
    "]",
]
[hours]   # days = 4
mon-fri = []
[x."y.z"]
"a b" = { c = { d = 1 } }
[[list]]
n = 1
[[list]]
n = 2
[list.more]
n = 3
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("a",), 2),
        (("plan", "days"), 7),
        (("plan",), 7),
        (("hours",), 11),
        (("hours", "mon-fri"), 12),
        (("hours", "tue"), 11),
        (("x",), 13),
        (("x", "y.z", "a b"), 14),
        (("x", "y.z", "a b", "c", "d"), 14),
        (("list",), 15),
        (("list", 0, "n"), 16),
        (("list", 1), 17),
        (("list", 1, "n"), 18),
        (("list", 1, "m"), 17),
        (("list", 1, "more", "n"), 20),
        (("twins", 1, "n"), 6),
        (("nowhere",), 1),
    ],
)
def test_the_line_of_a_key_is_found_however_it_is_written(
    path: tuple[str | int, ...], line: int
) -> None:
    assert line_of(TANGLE, path) == line
    assert line_of(TANGLE.replace("\n", "\r\n"), path) == line


@given(
    st.lists(
        st.sampled_from(
            ["# k0 = 1", "", 'k{} = """\nk0 = 1\n"""', "k{} = 1", "[t{}]", "t{}.k = [\n1,\n]"]
        ),
        max_size=8,
    )
)
def test_every_key_of_a_document_has_a_line_that_names_it(statements: list[str]) -> None:
    text = "\n".join(statement.format(n) for n, statement in enumerate(statements))
    _, table = parse("mdtasks.toml", text.encode())

    def check(found: dict[str, object], at: tuple[str, ...]) -> None:
        for name, value in found.items():
            line = text.split("\n")[line_of(text, (*at, name)) - 1]
            assert name in line
            assert not line.startswith("#")
            if isinstance(value, dict):
                check(value, (*at, name))

    check(table, ())
