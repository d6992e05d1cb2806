"""What goes wrong at the prompt: no vault, no notes, bad settings, bad notes, no permission."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from mdtasks.app import refresh
from mdtasks.config import load, places
from mdtasks.index.store import delete
from mdtasks.write.locks import hold
from tests.conftest import MakeVault
from tests.running import Ran, call, command, environ, mdtasks, still

PLANNED = "- [ ] alpha ⏱ 1h 📅 2026-11-24\n- [ ] beta 📅 2026-11-23\n"
READING = [["today"], ["list"], ["plan"], ["check"], ["calendar"], ["sync"], ["index"]]


def texts(root: Path) -> set[str]:
    ran = mdtasks(root, "list", "--json")
    assert ran.code == 0
    return {task["text"] for task in ran.json["tasks"]}


def bytes_at(root: Path) -> tuple[bytes, bytes]:
    """Return what the feed and the index hold."""
    where = places(root, load(root).config)
    return where.feed.read_bytes(), where.cache.read_bytes()


# --- no vault, no notes ---


@pytest.mark.parametrize("args", [*READING, ["done", "abc"], ["undo"]], ids=repr)
def test_without_a_vault_every_command_says_where_to_go(
    args: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = call(*args)
    assert (ran.code, ran.out) == (2, b"")
    assert ran.said[0].startswith("mdtasks: there is no vault here")
    assert ran.said[1] == "hint: go to your notes, or name them with --vault DIR or $MDTASKS_VAULT"


def test_a_vault_that_is_not_there_is_missing(tmp_path: Path) -> None:
    ran = call("--vault", str(tmp_path / "none"), "today")
    assert (ran.code, ran.out) == (3, b"")
    assert ran.said[0] == f"mdtasks: --vault names no folder: {tmp_path / 'none'}"


@pytest.mark.parametrize("args", READING, ids=repr)
def test_a_vault_that_never_had_notes_is_fine(vault: MakeVault, args: list[str]) -> None:
    ran = mdtasks(vault({}), *args)
    assert ran.code == 0


@pytest.fixture
def emptied(vault: MakeVault, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A vault with index and feed whose notes are gone."""
    monkeypatch.setattr(refresh, "EMPTY_PATIENCE", refresh.EMPTY_PATIENCE / 20)
    root = vault({"a.md": PLANNED})
    assert mdtasks(root, "sync").code == 0
    (root / "a.md").unlink()
    return root


@pytest.mark.parametrize("args", [*READING, ["index", "--rebuild"], ["done", "a.md:1"]], ids=repr)
def test_a_vault_that_lost_its_notes_stops_and_keeps_index_and_feed(
    emptied: Path, args: list[str]
) -> None:
    before = bytes_at(emptied)
    ran = mdtasks(emptied, *args)
    assert (ran.code, ran.out) == (3, b"")
    assert ran.said[0] == (
        f"mdtasks: {emptied}: the notes are gone; index and calendar are kept as they were"
    )
    assert "mdtasks index --accept-empty" in ran.said[1]
    assert bytes_at(emptied) == before


def test_a_vault_that_is_gone_altogether_keeps_its_feed(emptied: Path) -> None:
    before = bytes_at(emptied)[0]
    feed = places(emptied, load(emptied).config).feed
    emptied.rmdir()
    assert mdtasks(emptied, "sync").code == 3
    assert feed.read_bytes() == before


def test_without_an_index_the_feed_tells_that_there_were_notes(emptied: Path) -> None:
    found = places(emptied, load(emptied).config)
    delete(found.cache)
    before = found.feed.read_bytes()
    assert mdtasks(emptied, "sync").code == 3
    assert found.feed.read_bytes() == before
    assert mdtasks(emptied, "index", "--accept-empty").code == 0
    assert mdtasks(emptied, "sync").code == 0
    assert b"BEGIN:VEVENT" not in found.feed.read_bytes()


def test_an_empty_vault_is_accepted_when_asked_for(emptied: Path) -> None:
    assert mdtasks(emptied, "index", "--accept-empty").code == 0
    assert mdtasks(emptied, "today").code == 0
    assert mdtasks(emptied, "sync").code == 0
    assert b"alpha" not in bytes_at(emptied)[0]


def test_notes_that_come_back_are_taken_without_a_word(emptied: Path) -> None:
    assert mdtasks(emptied, "today").code == 3
    (emptied / "a.md").write_text(PLANNED)
    ran = mdtasks(emptied, "today")
    assert (ran.code, ran.err) == (0, b"")
    assert "alpha" in ran.out.decode()


# --- settings ---


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("x = = 3\n", "mdtasks.toml:1:5: this is not TOML"),
        ("\n[plan]\ndayz = 3\n", "mdtasks.toml:3: unknown key `dayz` in [plan]"),
        ('\n[plan]\ndays = "3"\n', 'mdtasks.toml:3: `days` in [plan] is "3"'),
        ('timezone = "Europe/Nowhere"\n', "mdtasks.toml:1: `timezone`"),
        ('[hours]\nmon = ["9-5"]\n', "mdtasks.toml:2: `mon` in [hours]"),
        ('[add]\nnote = "../x.md"\n', "mdtasks.toml:2: `note` in [add]"),
    ],
)
def test_broken_settings_name_file_line_and_key(vault: MakeVault, toml: str, said: str) -> None:
    ran = mdtasks(vault({"a.md": PLANNED, "mdtasks.toml": toml}), "today")
    assert (ran.code, ran.out) == (2, b"")
    assert ran.said[0].startswith(f"mdtasks: {said}")
    assert ran.said[1].startswith("hint: ")


def test_a_note_outside_the_vault_is_told_to_be_a_note_of_it(vault: MakeVault) -> None:
    ran = mdtasks(vault({"mdtasks.toml": '[add]\nnote = "../../x.md"\n'}), "today")
    assert ran.said[1] == 'hint: wanted: a note of the vault, such as "Inbox.md"'


def test_an_unknown_key_names_the_nearest_known_one(vault: MakeVault) -> None:
    root = vault({"mdtasks.toml": "[plan]\ndaily_laod = 3\n"})
    assert mdtasks(root, "today").said[1] == "hint: did you mean `daily_load`?"


def test_a_pattern_that_git_would_not_take_is_a_fault_of_the_settings(vault: MakeVault) -> None:
    root = vault({"mdtasks.toml": '[read]\nignore = ["!"]\n'})
    assert mdtasks(root, "today").code == 2


def test_settings_of_obsidian_that_are_broken_are_a_notice(vault: MakeVault) -> None:
    ran = mdtasks(vault({"a.md": PLANNED, ".obsidian/daily-notes.json": "{"}), "list")
    assert (ran.code, len(ran.lines)) == (0, 2)
    assert ran.said[0].startswith("mdtasks: .obsidian/daily-notes.json is not used: ")


def test_changed_settings_count_at_once(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] one #task\n- [ ] two\n"})
    assert texts(root) == {"one #task", "two"}
    (root / "mdtasks.toml").write_text('[read]\nglobal_filter = "#task"\n')
    assert len(texts(root)) == 1


# --- the call ---


@pytest.mark.parametrize("now", ["9999-12-31T09:00", "9999-12-31", "0001-01-01", "1899-12-31"])
@pytest.mark.parametrize("words", [["today"], ["list"], ["audit"], ["done", "a.md:1"]], ids=str)
def test_a_year_at_the_end_of_the_calendar_is_a_wrong_call(
    vault: MakeVault, now: str, words: list[str]
) -> None:
    ran = mdtasks(vault({"a.md": PLANNED}), *words, now=now)
    assert (ran.code, ran.out) == (2, b"")
    assert ran.said == [
        f"mdtasks: --now {now}: the year {int(now[:4])} is out of reach",
        "hint: write one from 1900 to 8999",
    ]


@pytest.mark.parametrize("now", ["1900-01-01", "8999-12-31T23:59"])
@pytest.mark.parametrize(
    "words",
    [
        ["today"],
        ["plan", "--days", "366"],
        ["audit"],
        ["earnings"],
        ["log", "show"],
        ["review"],
        ["postpone", "a.md:1", "in a year"],
        ["check"],
    ],
    ids=str,
)
def test_in_the_first_and_last_year_commands_run(
    vault: MakeVault, now: str, words: list[str]
) -> None:
    assert mdtasks(vault({"a.md": "- [ ] one\n"}), *words, now=now).code == 0


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("todya", "did you mean `mdtasks today`?"),
        ("Today", "did you mean `mdtasks today`?"),
        ("dnoe", "did you mean `mdtasks done`?"),
        ("xyzzy", "see `mdtasks --help`"),
    ],
)
def test_an_unknown_command_names_the_nearest_known_one(word: str, hint: str) -> None:
    ran = call(word)
    assert (ran.code, ran.out) == (2, b"")
    assert ran.said == [f"mdtasks: there is no command {word}", f"hint: {hint}"]


# --- queries ---


def test_an_unknown_filter_shows_the_known_ones(vault: MakeVault) -> None:
    ran = mdtasks(vault({"a.md": PLANNED}), "list", "not done; shiny; limit 3")
    assert (ran.code, ran.out) == (2, b"")
    assert 'no filter is written "shiny"' in ran.said[0]
    assert ran.said[1] == 'hint: perhaps "description includes shiny"; known:'
    assert "      [not] done" in ran.said
    assert any(line.startswith("      sort by ") for line in ran.said)


# --- notes ---


def test_an_impossible_date_is_named_and_the_run_goes_on(vault: MakeVault) -> None:
    root = vault({"Sub/a.md": "# A\n\n- [ ] pay 📅 2026-02-30\n- [ ] go\n"})
    assert texts(root) == {"pay", "go"}
    assert mdtasks(root, "today").code == 0
    ran = mdtasks(root, "check")
    assert ran.code == 1
    assert ran.lines[0].startswith("Sub/a.md:3: ")
    assert "2026-02-30" in ran.lines[0]
    assert ran.lines[1].startswith("  hint: ")


NOTES = {
    "no utf-8": (b"\xff\xfe\n- [ ] bad \xff\n", {"bad \udcff"}),
    "NULs": (b"\0\0\n- [ ] nul \0 in it\n- [ ] after\n", {"nul \0 in it", "after"}),
    "UTF-8 with a BOM": (b"\xef\xbb\xbf- [ ] first\n", {"first"}),
    "old Mac endings": (b"- [ ] first\r- [ ] second\r", {"first", "second"}),
    "a long line": (b"- [ ] " + b"x" * 70_000 + b"\n- [ ] after\n", {"after"}),
    "many brackets": (b"- [ ] " + b"[" * 20_000 + b"\n- [ ] after\n", {"[" * 20_000, "after"}),
    "many quotes": (b"> " * 30_000 + b"- [ ] deep\n\n- [ ] after\n", set()),
    "broken front matter": (b"---\na: [\n---\n- [ ] after\n", {"after"}),
    "nothing": (b"", set()),
}


@pytest.mark.parametrize(("data", "expected"), NOTES.values(), ids=NOTES.keys())
def test_a_strange_note_is_read_as_far_as_it_goes(
    vault: MakeVault, data: bytes, expected: set[str]
) -> None:
    root = vault({"a.md": data, "other.md": "- [ ] other\n"})
    # JSON has no bytes that are not UTF-8.
    shown = {text.encode("utf-8", "replace").decode().replace("?", "\ufffd") for text in expected}
    assert texts(root) == {*shown, "other"}
    assert mdtasks(root, "today").code == 0


def test_a_note_of_more_than_10_mb_is_named_and_not_read(vault: MakeVault) -> None:
    root = vault({"a.md": b"- [ ] big\n" + b"x" * 10 * 2**20, "other.md": "- [ ] other\n"})
    assert texts(root) == {"other"}
    ran = mdtasks(root, "check")
    assert ran.lines == ["a.md:1: the note is larger than 10 MB", "  hint: split it into several"]


def test_every_problem_has_a_hint(vault: MakeVault) -> None:
    root = vault({f"{name}.md": data for name, (data, _) in NOTES.items()})
    found = mdtasks(root, "check", "--json").json["problems"]
    assert len(found) > 2
    assert [problem for problem in found if not problem["hint"]] == []


def test_only_files_are_notes(vault: MakeVault) -> None:
    root = vault({"folder.md/in.md": "- [ ] in a folder\n", "a.md": "- [ ] one\n"})
    (root / "broken.md").symlink_to(root / "nowhere")
    (root / "loop.md").symlink_to(root / "loop.md")
    (root / "up").symlink_to(root)
    os.mkfifo(root / "pipe.md")
    ran = mdtasks(root, "list")
    assert len(ran.lines) == 2
    assert ran.said == ["mdtasks: pipe.md: is a pipe, a socket or a device, and not read"]
    assert texts(root) == {"in a folder", "one"}


# --- permissions; also for root, who loses the capability to pass them ---


@pytest.mark.parametrize("locked", ["Sub/a.md", "Sub/"])
def test_what_cannot_be_read_is_named_and_is_read_once_it_can(
    vault: MakeVault, locked: str
) -> None:
    root = vault({"Sub/a.md": "- [ ] secret\n", "other.md": "- [ ] other\n"})
    still(root)
    (root / locked).chmod(0)
    ran = like_anybody(root, "list")
    (root / locked).chmod(0o755)
    assert (ran.code, len(ran.lines)) == (0, 1)
    assert ran.said == [f"mdtasks: {locked}: cannot be read: Permission denied"]
    assert texts(root) == {"secret", "other"}


@pytest.mark.parametrize("locked", ["Sub/a.md", "Sub/"])
def test_what_cannot_be_read_any_more_keeps_its_tasks(vault: MakeVault, locked: str) -> None:
    root = vault({"Sub/a.md": "- [ ] secret\n", "other.md": "- [ ] other\n"})
    assert texts(root) == {"secret", "other"}
    (root / "Sub" / "a.md").write_text("- [ ] changed meanwhile\n")
    (root / locked).chmod(0)
    ran = like_anybody(root, "list")
    (root / locked).chmod(0o755)
    assert (ran.code, len(ran.lines)) == (0, 2)
    assert ran.said == [f"mdtasks: {locked}: cannot be read: Permission denied"]
    assert texts(root) == {"changed meanwhile", "other"}


@pytest.mark.parametrize(
    ("variable", "args"),
    [
        ("XDG_CACHE_HOME", ["list"]),
        ("XDG_DATA_HOME", ["sync"]),
        ("XDG_STATE_HOME", ["done", "a.md:1"]),
    ],
)
def test_a_folder_of_ours_that_is_read_only_is_named(
    vault: MakeVault,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    args: list[str],
) -> None:
    root = vault({"a.md": PLANNED})
    folder = tmp_path / "read only"
    folder.mkdir(mode=0o500)
    monkeypatch.setenv(variable, str(folder))
    ran = like_anybody(root, *args)
    assert (ran.code, ran.out) == (1, b"")
    assert "Permission denied" in ran.said[0]
    assert ran.said[1].startswith("hint: ")
    assert (root / "a.md").read_text() == PLANNED


@pytest.mark.parametrize("place", ["/dev/null/blocks.ics", "/proc/blocks.ics"])
def test_a_calendar_that_cannot_be_written_is_named(vault: MakeVault, place: str) -> None:
    ran = mdtasks(vault({"a.md": PLANNED}), "calendar", "--output", place)
    assert (ran.code, ran.out) == (1, b"")
    assert ran.said[0].startswith(f"mdtasks: {place}: cannot be written: ")


# --- the index ---


@pytest.mark.parametrize("damage", ["text", "empty", "torn", "zeros", "noise"])
def test_a_damaged_index_is_made_anew_without_a_word(vault: MakeVault, damage: str) -> None:
    root = vault({f"{number}.md": PLANNED * 9 for number in range(20)})
    before = mdtasks(root, "list", "--json")
    index = places(root, load(root).config).cache
    data = index.read_bytes()
    damaged = {
        "text": b"not a database at all " * 300,
        "empty": b"",
        "torn": data[: len(data) // 2],
        "zeros": data[:4096] + bytes(len(data) - 4096),
        "noise": data[:4096] + b"\x99" * (len(data) - 4096),
    }
    index.write_bytes(damaged[damage])
    assert mdtasks(root, "list", "--json") == before


def test_a_damaged_index_can_be_rebuilt(vault: MakeVault) -> None:
    root = vault({"a.md": PLANNED})
    assert mdtasks(root, "index").code == 0
    index = places(root, load(root).config).cache
    data = index.read_bytes()
    index.write_bytes(data[:4096] + b"\x99" * (len(data) - 4096))
    assert mdtasks(root, "index", "--rebuild").code == 0
    assert texts(root) == {"alpha", "beta"}


def test_vaults_of_the_same_name_share_nothing(vault: MakeVault, tmp_path: Path) -> None:
    one, other = vault({"a.md": "- [ ] one\n"}), tmp_path / "other" / "vault"
    shutil.copytree(one, other)
    (other / "a.md").write_text("- [ ] other\n")
    for root, text in ((one, "one"), (other, "other"), (one, "one")):
        assert texts(root) == {text}
        assert mdtasks(root, "index", "--json").json["fresh"] is True
    feeds = {mdtasks(root, "sync").out for root in (one, other)}
    assert len(feeds) == 2


def test_a_second_watcher_ends_at_once(vault: MakeVault) -> None:
    root = vault({"a.md": PLANNED})
    with hold(places(root, load(root).config).state, "watch"):
        ran = mdtasks(root, "watch")
    assert (ran.code, ran.out) == (5, b"")
    assert ran.said[0].startswith("mdtasks: another mdtasks holds the lock")


def like_anybody(root: Path, *args: str) -> Ran:
    """Run a command as somebody whom permissions hold, also where the tests run as root."""
    done = subprocess.run(
        command(root, *args),
        capture_output=True,
        check=False,
        env=environ(),
        preexec_fn=_drop_the_rights_of_root,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def _drop_the_rights_of_root() -> None:
    # prctl(2) and linux/capability.h: without these two root meets permissions like anybody.
    drop, dac_override, dac_read_search = 24, 1, 2
    libc = ctypes.CDLL(None)
    for capability in (dac_override, dac_read_search):
        libc.prctl(drop, capability, 0, 0, 0)


def test_a_full_disk_behind_stdout_is_said_in_one_line(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] one\n"})
    for words in (["list"], ["today"], ["list", "--json"]):
        with Path("/dev/full").open("wb") as full:
            ran = subprocess.run(
                command(root, *words),
                stdout=full,
                stderr=subprocess.PIPE,
                check=False,
                env=environ(),
            )
        assert ran.returncode == 1
        assert ran.stderr == (
            b"mdtasks: the output could not be written: No space left on device\n"
        )
