"""`check --fix` mends what is certain, shows it first, and can be undone."""

from __future__ import annotations

import os
import pty
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mdtasks.app.check import carry_out, check
from mdtasks.app.refresh import opened
from mdtasks.app.session import open_session
from mdtasks.errors import ChangedUnderUsError
from mdtasks.lint.plugin import OURS, has_time, unseen
from mdtasks.model import Source, Status, Task
from mdtasks.read.fields import JS_SPACES, Field, parse_body, split_line
from mdtasks.read.line import Values, read_line
from mdtasks.settings import ReadSettings
from mdtasks.write.mend import mend
from tests.conftest import MakeVault
from tests.running import NOW, _shown, command, environ, mdtasks, process, still

ANYWHERE = ReadSettings(plugin="emoji")
DATAVIEW = ReadSettings(plugin="dataview")
TRAILING = ReadSettings(fields="trailing", dialects=("emoji",), plugin="emoji")
PLUGIN = {".obsidian/community-plugins.json": '["obsidian-tasks-plugin"]'}
DUE = "📅 2026-12-01"


def mended(line: str, read: ReadSettings = ANYWHERE) -> str | None:
    """Return the line as it is mended; None where it is left as it is."""
    found = mend(Task(Source("a.md", 1, line), Status.TODO, " ", ""), read)
    if found is None:
        return None
    assert (found.edit.path, found.edit.line, found.edit.before) == ("a.md", 1, line)
    assert found.reasons
    (after,) = found.edit.after
    return after


# --- what is certain ---


@pytest.mark.parametrize(
    ("line", "after"),
    [
        # fields to where the plugin sees them
        (f"- [ ] pay {DUE} the rent", f"- [ ] pay the rent {DUE}"),
        (f"- [ ] {DUE} pay", f"- [ ] pay {DUE}"),
        (f"\t> 1. [x]  {DUE} \tpay  ", f"\t> 1. [x]  pay {DUE}  "),
        (f"- [ ] pay {DUE} the rent ^b1", f"- [ ] pay the rent {DUE} ^b1"),
        (f"- [ ] pay {DUE} the rent #x 🔼", f"- [ ] pay the rent #x {DUE} 🔼"),
        (f"- [ ] pay {DUE} the rent\t🔼", f"- [ ] pay the rent {DUE}\t🔼"),
        (f"- [ ] pay {DUE} ⏱ 15m", f"- [ ] pay ⏱ 15m {DUE}"),
        (f"- [ ] pay 🔼 it {DUE} now", f"- [ ] pay it now 🔼 {DUE}"),
        (f"- [ ] water 🔁 every day, {DUE} (all)", f"- [ ] water (all) 🔁 every day, {DUE}"),
        (
            f"- [ ] call {DUE} ⏳ 2026-11-30 09:00",
            f"- [ ] call ⏳ 2026-11-30 09:00 {DUE}",
        ),
        # dates whose order is beyond doubt
        ("- [ ] a 📅 2026/12/5", "- [ ] a 📅 2026-12-05"),
        ("- [ ] a ⏳2026.1.05 #x", "- [ ] a ⏳2026-01-05 #x"),
        ("- [ ] a [due:: 2026/12/05]", "- [ ] a [due:: 2026-12-05]"),
        ("- [ ] 交税 📅 2026年12月5日", "- [ ] 交税 📅 2026-12-05"),
        # rules in words that are none
        ("- [ ] a 🔁 every other day", "- [ ] a 🔁 every 2 days"),
        (f"- [ ] a 🔁 weekly {DUE}", f"- [ ] a 🔁 every week {DUE}"),
        ("- [ ] a [repeat:: every quarter]", "- [ ] a [repeat:: every 3 months]"),
        ("- [ ] a 🔁 every December 25th", "- [ ] a 🔁 every December on the 25th"),
        # twice the same
        (f"- [ ] a {DUE} {DUE}", f"- [ ] a {DUE}"),
        ("- [x] a ✅ 2026-11-01 ✅ 2026-11-01 ^b", "- [x] a ✅ 2026-11-01 ^b"),
        # all at once
        (
            f"- [ ] a 🔁 every other day {DUE} {DUE} (b)",
            f"- [ ] a (b) 🔁 every 2 days {DUE}",
        ),
    ],
)
def test_what_is_certain_is_mended_and_all_else_kept(line: str, after: str) -> None:
    assert mended(line) == after
    assert mended(after) is None


def test_fields_are_moved_that_the_plugin_reads_as_it_is_set() -> None:
    line = "- [ ] pay [due:: 2026-12-01] it [id:: a]"
    assert mended(line, DATAVIEW) == "- [ ] pay it [due:: 2026-12-01] [id:: a]"
    assert mended(line, ANYWHERE) is None
    assert mended(f"- [ ] pay {DUE} the rent", DATAVIEW) is None


def test_where_the_plugin_is_not_in_use_no_field_is_moved() -> None:
    assert mended(f"- [ ] pay {DUE} the rent", ReadSettings()) is None


@pytest.mark.parametrize("status", [Status.DONE, Status.CANCELLED, Status.NON_TASK])
@pytest.mark.parametrize("text", [f"pay {DUE} the rent", "a 📅 2026/12/5", f"a {DUE} {DUE}"])
def test_what_is_closed_is_left_as_it_was(status: Status, text: str) -> None:
    line = f"- [x] {text}"
    assert mend(Task(Source("a.md", 1, line), status, "x", ""), ANYWHERE) is None


@pytest.mark.parametrize(
    "line",
    [
        f"- [ ] pay the rent {DUE}",
        "- [ ] pay the rent",
        # the text would be another
        f"- [ ] pay by {DUE} at the counter",
        f"- [ ] Termin am {DUE} beim Arzt",
        f"- [ ] pay ({DUE}) the rent",
        f"- [ ] pay [the rent {DUE} now] soon",
        f"- [ ] **pay {DUE}** the rent",
        f"- [ ] ~~{DUE} pay~~ the rent",
        "- [ ] pay (due:: 2026-12-01), then rest",
        # dates are not guessed
        "- [ ] a 📅 2026-02-30",
        "- [ ] a 📅 2026/13/05",
        "- [ ] a 📅 12/05/2026",
        "- [ ] a 📅 24.12.2026",
        "- [ ] a 📅 tomorrow",
        f"- [ ] a {DUE} 📅 2026/12/02",
        f"- [ ] a {DUE} 📅 2026-12-02",
        f"- [ ] a {DUE} [due:: 2026-12-01]",
        # words of several meanings
        "- [ ] a 🔁 biweekly",
        "- [ ] a 🔁 bimonthly",
        "- [ ] a 🔁 every second Tuesday",
        "- [ ] a 🔁 every weekend",
        "- [ ] a 🔁 every so often",
        f"- [ ] water 🔁 every day the plants (all) {DUE} now",
        # the plugin reads no times
        "- [ ] call ⏳ 2026-11-30 09:00",
    ],
)
def test_what_is_not_certain_is_left(line: str) -> None:
    assert mended(line) is None


def test_a_line_of_a_thousand_fields_is_left_to_its_author() -> None:
    assert mended("- [ ] a" + f" {DUE}" * 1000) is None


def test_where_text_behind_a_field_is_text_nothing_is_moved() -> None:
    assert mended(f"- [ ] pay {DUE} the rent", TRAILING) is None


# --- on random lines ---

PIECES = st.sampled_from(
    [
        *(DUE, "📅 2026-12-02", "📅2026-11-23", "📅 2026-02-30", "📅 2026/12/5", "📅 tomorrow"),
        *("⏳ 2026-11-30", "⏳ 2026-11-30 09:00", "🛫 2026-11-01", "➕ 2026-10-01"),
        *(
            "✅ 2026-11-01",
            "❌ 2026-11-01",
            "🔺",
            "🔼",
            "⏬\ufe0f",
            "🔁 every week",
            "🔁 every other day",
        ),
        *(
            "🔁 weekly the",
            "🏁 keep",
            "🏁 no",
            "🆔 a1",
            "⛔ b,c",
            "⏱ 1h",
            "💰 12 EUR",
            "👤 [[Sam]]",
        ),
        *("[due:: 2026-12-01]", "(due:: 2026-12-03),", "[estimate:: 30m]", "[priority:: high]"),
        *("[repeat:: every quarter]", "(scheduled:: 2026-11-30 10:00)", "[project:: [[P]]]"),
        *("text", "more,", "by", "(open", "close)", "**bold**", "~~", "`code 📅 2026-12-01`", "`"),
        *("[[Note 📅]]", "[a](b)", "#tag", "#x/y", "09:00", "(30 min)", "%%", "日本語", "\udcff"),
        *("\ufeff", "\u2028", "^b1", "^", "[", "]", "::", "📅", "2026-12-01"),
    ]
)
GAPS = st.sampled_from([" ", " ", " ", "  ", "\t", ""])
BODIES = st.lists(st.tuples(PIECES, GAPS), min_size=1, max_size=9).map(
    lambda pairs: "".join(piece + gap for piece, gap in pairs)
)
LINES = BODIES.map(lambda body: f"- [ ] a{' ' if body[0] != ' ' else ''}{body}")


def values(line: str) -> Values:
    return read_line(line, ANYWHERE)


def fields(line: str, read: ReadSettings = ANYWHERE) -> tuple[Field, ...]:
    box = split_line(line)
    assert box
    return tuple(field for field in parse_body(line[box.body :], read).found if field.counts)


def said(line: str, read: ReadSettings) -> dict[str, str]:
    return {field.name: field.value for field in fields(line, read)}


@settings(max_examples=600, deadline=None)
@given(LINES)
def test_a_mended_line_reads_the_same_and_the_plugin_sees_all_of_it(line: str) -> None:
    after = mended(line)
    if after is None:
        return
    before, now = values(line), values(after)
    new = {name for name in {*before, *now} if before.get(name) != now.get(name)}
    # Only what nobody could read before is another now: a date, a rule, an estimate behind which a
    # date stood; and it leaves the text.
    assert new <= {"text", "recurrence", "due", "scheduled", "start", "dialect", "estimate"}
    for name in new - {"text", "dialect"}:
        assert name not in before or name == "recurrence"
    # Where a line says one thing in both dialects, the other one may be what counts behind.
    own = {field.name for field in fields(after) if field.dialect == "emoji"}
    moved = [field.name for field in unseen_of(line) if field.name in own]
    if new <= {"recurrence"} and moved:
        theirs = said(after, TRAILING)
        if not unseen_of(after):
            assert {name: theirs.get(name) for name in moved} == {
                name: said(after, ANYWHERE)[name] for name in moved
            }


def unseen_of(line: str) -> list[Field]:
    box = split_line(line)
    assert box
    text = line[box.body :]
    return [f for f in unseen(text, parse_body(text, ANYWHERE), ANYWHERE) if not has_time(f)]


@settings(max_examples=600, deadline=None)
@given(LINES)
def test_only_moved_fields_and_white_space_are_elsewhere(line: str) -> None:
    found = mend(Task(Source("a.md", 1, line), Status.TODO, " ", ""), ANYWHERE)
    if found is None or not all(reason.startswith("the plugin") for reason in found.reasons):
        return
    (after,) = found.edit.after
    assert sorted(bare(line)) == sorted(bare(after))
    loose = unseen_of(line)
    assert unseen_of(after) == []
    assert bare(without(line, loose)) == bare(without(after, named(after, loose)))
    head = line.index("]") + 2
    assert after[:head] == line[:head]


def bare(text: str) -> str:
    return "".join(char for char in text if char not in JS_SPACES)


def without(line: str, gone: list[Field]) -> str:
    box = split_line(line)
    assert box
    body, position, kept = line[box.body :], 0, ""
    for field in gone:
        kept += body[position : field.start]
        position = field.end
    return line[: box.body] + kept + body[position:]


def named(line: str, those: list[Field]) -> list[Field]:
    names = {field.name for field in those}
    return [field for field in fields(line) if field.name in names]


@settings(max_examples=600, deadline=None)
@given(LINES)
def test_mending_twice_changes_nothing(line: str) -> None:
    after = mended(line)
    assert after is None or mended(after) is None


@settings(max_examples=600, deadline=None)
@given(BODIES)
def test_the_short_way_misses_nothing_that_the_plugin_does_not_see(text: str) -> None:
    body = parse_body(text, ANYWHERE)
    theirs = {field.name for field in parse_body(text, TRAILING).found}
    counting = [field for field in body.found if field.counts and field.dialect == "emoji"]
    ours = [field for field in counting if field.name not in OURS]
    missed = [field.name for field in ours if field.name not in theirs]
    assert [field.name for field in unseen(text, body, ANYWHERE)] == missed


# --- the command ---

NOTE = f"# A\r\n- [ ] pay {DUE} the rent\r\n\t- [ ] b 🔁 every other day\r\n- [ ] c {DUE} \udcff d"
NOTE_BYTES = NOTE.encode("utf-8", "surrogateescape")
MENDED = (
    f"# A\r\n- [ ] pay the rent {DUE}\r\n\t- [ ] b 🔁 every 2 days\r\n- [ ] c \udcff d {DUE}"
).encode("utf-8", "surrogateescape")


@pytest.fixture
def faulty(vault: MakeVault) -> Path:
    return vault(
        {**PLUGIN, "a.md": NOTE_BYTES, "Sub/b.md": f"- [ ] x {DUE} y\n- [ ] d 📅 2026-02-30\n"}
    )


def test_without_a_terminal_the_diff_is_all(faulty: Path) -> None:
    ran = process(faulty, "check", "--fix")
    assert ran.code == 1
    assert ran.lines[:5] == [
        "--- Sub/b.md",
        "+++ Sub/b.md",
        "@@ -1 +1 @@ the plugin sees: due",
        f"-- [ ] x {DUE} y",
        f"+- [ ] x y {DUE}",
    ]
    assert "-\t- [ ] b 🔁 every other day" in ran.lines
    assert "nothing was changed; --yes" in ran.said[0]
    assert (faulty / "a.md").read_bytes() == NOTE_BYTES


def test_yes_mends_all_of_it_and_undo_takes_all_of_it_back(faulty: Path) -> None:
    ran = mdtasks(faulty, "check", "--fix", "--yes")
    assert (faulty / "a.md").read_bytes() == MENDED
    assert (faulty / "Sub/b.md").read_text().startswith(f"- [ ] x y {DUE}\n- [ ] d")
    assert ran.code == 1, "the impossible date is left"
    assert ran.said[0] == "mdtasks: 4 lines mended; `mdtasks undo` takes all of it back"
    assert mdtasks(faulty, "undo").code == 0
    assert (faulty / "a.md").read_bytes() == NOTE_BYTES
    assert (faulty / "Sub/b.md").read_text().startswith(f"- [ ] x {DUE} y\n")


def test_exit_is_0_when_nothing_is_left(vault: MakeVault) -> None:
    root = vault({**PLUGIN, "a.md": f"- [ ] pay {DUE} the rent\n"})
    assert mdtasks(root, "check", "--fix", "--yes").code == 0
    again = mdtasks(root, "check", "--fix", "--yes")
    assert (again.code, again.out) == (0, b"")
    assert again.said == ["mdtasks: nothing can be mended with certainty"]


def test_json_offers_and_tells_what_was_changed(faulty: Path) -> None:
    offer = mdtasks(faulty, "check", "--fix", "--faults", "--json").json
    assert [edit["line"] for edit in offer["offered"]] == [1, 2, 3, 4]
    assert (len(offer["problems"]), offer["changed"]) == (6, [])
    done = mdtasks(faulty, "check", "--fix", "--faults", "--json", "--yes").json
    assert done["changed"] == offer["offered"]
    assert [problem["message"] for problem in done["problems"]] == [
        "due 2026-02-30: there is no such day",
        "this line is not UTF-8, so not all of it can be read",
    ]


def test_yes_alone_is_a_wrong_call(faulty: Path) -> None:
    assert mdtasks(faulty, "check", "--yes").code == 2


@pytest.mark.parametrize(("answer", "expected"), [("y\n", MENDED), ("\n", NOTE_BYTES)])
def test_on_a_terminal_it_asks_first(faulty: Path, answer: str, expected: bytes) -> None:
    still(faulty)
    ran = answering(faulty, answer)
    assert b"carry out 4 changes? [y/N] " in ran
    assert (faulty / "a.md").read_bytes() == expected


def answering(root: Path, answer: str) -> bytes:
    """Run `check --fix` on a terminal on which the answer is typed; return what it shows."""
    ours, theirs = pty.openpty()
    os.write(ours, answer.encode())
    with subprocess.Popen(
        command(root, "check", "--fix"), stdin=theirs, stdout=theirs, stderr=theirs, env=environ()
    ):
        os.close(theirs)
        shown = b"".join(_shown(ours))
        os.close(ours)
    return shown


def test_a_line_that_changed_since_is_refused_and_none_is_written(faulty: Path) -> None:
    still(faulty)
    session = open_session(str(faulty), NOW, lambda _: None)
    with opened(session) as (store, _):
        found = check(session, store)
        (faulty / "a.md").write_bytes(NOTE_BYTES.replace(b"rent", b"rents"))
        still(faulty)
        with pytest.raises(ChangedUnderUsError) as refused:
            carry_out(session, store, found.mended)
    assert refused.value.exit_code == 4
    assert (faulty / "Sub/b.md").read_text().startswith(f"- [ ] x {DUE} y\n")


def test_the_count_of_what_can_be_mended_is_told(faulty: Path) -> None:
    ran = mdtasks(faulty, "check")
    assert ran.said == ["mdtasks: 4 lines can be mended for you: mdtasks check --fix"]
