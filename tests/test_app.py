"""The use cases behind the commands: the plan is kept, feed and day's note lie still."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from mdtasks.app.session import Session, open_session
from mdtasks.config import load, places
from mdtasks.index.store import delete
from mdtasks.plan import schedule
from tests.conftest import MakeVault
from tests.running import call, mdtasks, still

PLANNED = """\
- [ ] Write the report ⏱ 2h ⏫ 📅 2026-11-24
- [ ] Read the draft ⏱ 1h 📅 2026-11-25
- [ ] Call the bank 📅 2026-11-23
- [x] Buy stamps ✅ 2026-11-23
"""
WRITES_DAILY = '[daily]\nwrite = true\nfolder = "Daily"\n'
DAY = "Daily/2026-11-23.md"


@pytest.fixture
def root(vault: MakeVault) -> Path:
    return vault({"Work.md": PLANNED, "mdtasks.toml": 'timezone = "Europe/Berlin"\n'})


@pytest.fixture
def daily(vault: MakeVault) -> Path:
    return vault({"Work.md": PLANNED, "mdtasks.toml": WRITES_DAILY})


@pytest.fixture
def plans(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows by one each time a plan is made."""
    made: list[str] = []
    plan_days = schedule.plan_days

    def counted(*args: object) -> object:
        made.append("plan")
        return plan_days(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(schedule, "plan_days", counted)
    return made


def session_of(root: Path, now: str | None = None) -> Session:
    return open_session(str(root), now, lambda line: None)


def kept(root: Path, name: str) -> bytes | None:
    """Return what the index keeps by this name."""
    with session_of(root).store() as store:
        return store.get(name)


def feed_of(root: Path) -> Path:
    return places(root, load(root).config).feed


def state_of(path: Path) -> tuple[bytes, int, int]:
    stat = path.stat()
    return path.read_bytes(), stat.st_mtime_ns, stat.st_ino


# --- the plan is kept ---


@pytest.mark.parametrize(
    "args", [["today"], ["plan"], ["calendar"], ["sync"], ["show", "Work.md:1"]]
)
def test_a_second_look_makes_no_new_plan(root: Path, plans: list[str], args: list[str]) -> None:
    first = mdtasks(root, *args)
    assert plans == ["plan"]
    assert mdtasks(root, *args, now="2026-11-23T08:47").out == first.out
    assert plans == ["plan"]


def test_all_commands_show_the_one_plan(root: Path, plans: list[str]) -> None:
    blocks = mdtasks(root, "plan", "--json").json["blocks"]
    today = mdtasks(root, "today", "--json").json["blocks"]
    assert today == [block for block in blocks if block["start"].startswith("2026-11-23")]
    assert mdtasks(root, "calendar").out.count(b"BUSYSTATUS:BUSY") == len(blocks)
    assert plans == ["plan"]


@pytest.mark.parametrize(
    "change",
    [
        lambda root: mdtasks(root, "done", "Work.md:1"),
        lambda root: (root / "Work.md").write_text(PLANNED.replace("2h", "3h")),
        lambda root: (root / "Work.md").write_text(PLANNED + "- [ ] More ⏱ 1h 📅 2026-11-24\n"),
        lambda root: (root / "mdtasks.toml").write_text("[plan]\nbuffer = 15\n"),
        lambda root: (root / "mdtasks.toml").write_text('timezone = "Asia/Tokyo"\n'),
    ],
    ids=["a tick", "an estimate", "a new task", "a setting", "the time zone"],
)
def test_what_a_plan_is_made_of_makes_a_new_one(
    root: Path, plans: list[str], change: Callable[[Path], object]
) -> None:
    mdtasks(root, "today")
    change(root)
    mdtasks(root, "today")
    assert plans == ["plan", "plan"]


def test_text_that_is_no_task_makes_no_new_plan(root: Path, plans: list[str]) -> None:
    mdtasks(root, "today")
    (root / "Work.md").write_text(f"{PLANNED}\nJust a thought.\n")
    (root / "Other.md").write_text("# Nothing to do\n")
    mdtasks(root, "today")
    assert plans == ["plan"]


def test_a_new_day_makes_a_new_plan(root: Path, plans: list[str]) -> None:
    mdtasks(root, "today")
    mdtasks(root, "today", now="2026-11-24T08:30")
    assert plans == ["plan", "plan"]


def test_a_block_that_ended_with_its_task_open_makes_one_new_plan(
    root: Path, plans: list[str]
) -> None:
    before = mdtasks(root, "today", "--json").json["blocks"]
    late = "2026-11-23T16:00"
    after = mdtasks(root, "today", "--json", now=late).json["blocks"]
    assert before != after
    assert plans == ["plan", "plan"]
    assert mdtasks(root, "today", "--json", now=late).json["blocks"] == after
    assert plans == ["plan", "plan"]


def test_a_trial_leaves_the_plan_of_the_real_day_alone(root: Path, plans: list[str]) -> None:
    still(root)
    assert call("--vault", str(root), "today").code == 0
    real = kept(root, "plan")
    assert real
    assert mdtasks(root, "today", now="2031-01-06T08:00").code == 0
    assert mdtasks(root, "plan", "--days", "3", now="2031-01-06").code == 0
    assert kept(root, "plan") == real
    before = len(plans)
    assert call("--vault", str(root), "today").code == 0
    assert len(plans) == before


def test_a_look_at_more_days_leaves_the_plan_alone(root: Path, plans: list[str]) -> None:
    before = mdtasks(root, "plan").out
    assert len(mdtasks(root, "plan", "--days", "30", "--json").json["blocks"]) > 0
    assert mdtasks(root, "today", "--date", "2026-12-24").code == 0
    assert mdtasks(root, "plan").out == before


# --- the feed ---


def test_sync_writes_the_feed_once(root: Path) -> None:
    ran = mdtasks(root, "sync")
    assert ran.lines == [str(feed_of(root))]
    before = state_of(feed_of(root))
    for now in ("2026-11-23T08:30", "2026-11-23T08:44"):
        assert mdtasks(root, "sync", now=now).out == ran.out
        assert state_of(feed_of(root)) == before


def test_the_calendar_has_the_same_bytes_whenever_it_is_made(root: Path) -> None:
    first = mdtasks(root, "calendar")
    assert (first.code, first.err) == (0, b"")
    assert first.out.startswith(b"BEGIN:VCALENDAR\r\n")
    assert mdtasks(root, "calendar", now="2026-11-23T08:45").out == first.out


def test_the_calendar_survives_the_loss_of_the_index(root: Path) -> None:
    mdtasks(root, "sync")
    feed = feed_of(root).read_bytes()
    delete(places(root, load(root).config).cache)
    before = state_of(feed_of(root))
    assert mdtasks(root, "calendar", now="2026-11-23T08:45").out == feed
    assert mdtasks(root, "sync", now="2026-11-23T08:45").code == 0
    assert state_of(feed_of(root)) == before


def test_the_calendar_of_the_sample_vault_survives_the_loss_of_the_index(tmp_path: Path) -> None:
    root = tmp_path / "sample"
    shutil.copytree(Path(__file__).parents[1] / "sample-vault", root)
    assert mdtasks(root, "sync").code == 0
    before = state_of(feed_of(root))
    assert mdtasks(root, "index", "--rebuild").code == 0
    assert mdtasks(root, "sync").code == 0
    assert state_of(feed_of(root)) == before


def test_output_names_the_file_of_the_calendar(root: Path, tmp_path: Path) -> None:
    target = tmp_path / "new folder" / "blocks.ics"
    ran = mdtasks(root, "calendar", "--output", str(target))
    assert (ran.code, ran.out, ran.err) == (0, b"", b"")
    assert target.read_bytes() == mdtasks(root, "calendar").out
    assert not feed_of(root).exists()
    before = state_of(target)
    mdtasks(root, "calendar", "--output", str(target), now="2026-11-23T08:45")
    assert state_of(target) == before


def test_a_feed_of_the_vaults_own_is_told_by_sync(root: Path, tmp_path: Path) -> None:
    with (root / "mdtasks.toml").open("a") as settings:
        settings.write(f'[feed]\noutput = "{tmp_path / "my.ics"}"\n')
    assert mdtasks(root, "sync").lines == [str(tmp_path / "my.ics")]
    assert (tmp_path / "my.ics").read_bytes() == mdtasks(root, "calendar").out


def test_ticking_a_task_takes_its_block_to_come_out_of_the_feed(root: Path) -> None:
    mdtasks(root, "sync")
    assert b"Write the report" in feed_of(root).read_bytes()
    mdtasks(root, "done", "Work.md:1")
    mdtasks(root, "sync")
    assert b"Write the report" not in feed_of(root).read_bytes()


def test_plan_apply_publishes_like_sync(daily: Path) -> None:
    assert mdtasks(daily, "plan", "--apply").code == 0
    assert feed_of(daily).read_bytes() == mdtasks(daily, "calendar").out
    before = state_of(feed_of(daily)), state_of(daily / DAY)
    assert call("--vault", str(daily), "--now", "2026-11-23T08:30", "sync").code == 0
    assert (state_of(feed_of(daily)), state_of(daily / DAY)) == before


# --- the day's note ---


def section(root: Path) -> list[str]:
    """Return the lines between the markers."""
    text = (root / DAY).read_text()
    found = re.search(r"<!-- mdtasks:start -->\n(.*)<!-- mdtasks:end -->", text, re.DOTALL)
    assert found
    return found[1].splitlines()


def test_without_the_setting_no_note_is_written(root: Path) -> None:
    mdtasks(root, "sync")
    assert sorted(path.name for path in root.iterdir()) == ["Work.md", "mdtasks.toml"]


def test_sync_makes_the_day_s_note_with_its_blocks(daily: Path) -> None:
    ran = mdtasks(daily, "sync")
    assert (ran.code, ran.err) == (0, b"")
    blocks = mdtasks(daily, "today", "--json").json["blocks"]
    times = [f"{block['start'][11:16]} - {block['end'][11:16]}" for block in blocks]
    shown = [re.sub(r"^- (\[ \] )?", "", line)[:13] for line in section(daily) if line[:2] == "- "]
    assert shown[: len(times)] == times
    assert any("[x] Buy stamps" in line for line in section(daily))


def test_the_section_goes_where_the_daily_notes_are(vault: MakeVault) -> None:
    settings = "[daily]\nwrite = true\n"
    before = {"Journal/2026-11-20.md": "- [x] Bread\n", "2025-11-20.md": "- [x] Milk\n"}
    root = vault({"Work.md": PLANNED, "mdtasks.toml": settings, **before})
    mdtasks(root, "sync")
    assert (root / "Journal" / "2026-11-23.md").exists()
    assert not (root / "2026-11-23.md").exists()


def test_thirty_syncs_count_the_same_tasks_and_change_no_byte(daily: Path) -> None:
    tasks = mdtasks(daily, "index", "--json").json["tasks"]
    mdtasks(daily, "sync")
    before = (daily / DAY).read_bytes()
    for minute in range(30):
        ran = mdtasks(daily, "sync", "--json", now=f"2026-11-23T08:{minute:02}")
        assert (ran.code, ran.json["tasks"]) == (0, tasks)
    assert (daily / DAY).read_bytes() == before


def test_the_section_follows_the_plan_and_leaves_the_rest(daily: Path) -> None:
    around = b"\xef\xbb\xbf# Monday\r\n\r\nslept \xff well\r\n- [ ] mine\r\n"
    (daily / "Daily").mkdir()
    (daily / DAY).write_bytes(around)
    assert mdtasks(daily, "sync").code == 0
    first = (daily / DAY).read_bytes()
    assert first.startswith(around)
    assert mdtasks(daily, "done", "Work.md:1").code == 0
    (daily / DAY).write_bytes(b"%b\r\nafterwards\r\n" % (daily / DAY).read_bytes())
    ran = mdtasks(daily, "sync")
    assert (ran.code, ran.err) == (0, b"")
    second = (daily / DAY).read_bytes()
    assert second != first
    assert second.startswith(around)
    assert second.endswith(b"\r\nafterwards\r\n")
    assert b"[x] Write the report" in second
    assert "mine" in mdtasks(daily, "list").out.decode()


def test_a_tick_in_the_section_reaches_the_task_and_the_feed(daily: Path) -> None:
    mdtasks(daily, "sync")
    text = (daily / DAY).read_text()
    (daily / DAY).write_text(re.sub(r"- \[ \](.* Write the report)", r"- [x]\1", text, count=1))
    ran = mdtasks(daily, "sync")
    assert ran.code == 0
    (line,) = ran.said
    assert line.startswith("mdtasks: from the daily note: Work.md:")
    assert "- [x] Write the report" in (daily / "Work.md").read_text()
    assert b"Write the report" not in feed_of(daily).read_bytes()


def test_a_line_that_a_person_added_in_the_section_is_never_lost(daily: Path) -> None:
    mdtasks(daily, "sync")
    text = (daily / DAY).read_text()
    added = text.replace("<!-- mdtasks:end -->", "- [ ] buy milk\n<!-- mdtasks:end -->")
    (daily / DAY).write_text(added)
    mdtasks(daily, "done", "Work.md:1")
    assert mdtasks(daily, "sync").code == 0
    assert "- [ ] buy milk" in (daily / DAY).read_text()


def test_a_note_that_is_being_written_waits_for_the_next_sync(daily: Path) -> None:
    (daily / "Daily").mkdir()
    (daily / DAY).write_text("# Monday\n")
    still(daily)
    (daily / DAY).chmod(0o444)
    ran = mdtasks(daily, "sync")
    assert ran.code == 1
    assert ran.said[0] == f"mdtasks: {DAY}: this note is write-protected; nothing was written"
    assert (daily / DAY).read_text() == "# Monday\n"
    assert feed_of(daily).exists()


@pytest.mark.parametrize("is_published", [True, False])
def test_without_the_index_the_published_plan_moves_as_little_as_the_kept_one(
    vault: MakeVault, is_published: bool
) -> None:
    before_work = "2026-11-23T04:00"
    root = vault({"a.md": "- [ ] Ask ⏱ 1h 🔼\n", "b.md": "- [ ] Bake ⏱ 1h 🔼\n"})
    assert mdtasks(root, "sync" if is_published else "plan", now=before_work).code == 0
    # Bake would now come first in a fresh plan, and is not worth a move.
    (root / "b.md").write_text("- [ ] Bake ⏱ 1h 🔼 📅 2027-01-05\n", encoding="utf-8")
    delete(places(root, load(root).config).cache)
    plan = mdtasks(root, "plan", "--json", now=before_work).json
    first = next(block["title"] for block in plan["blocks"] if block["kind"] == "focus")
    assert first == ("Ask" if is_published else "Bake")
