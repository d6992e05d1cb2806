"""Busy calendars from the settings to the plan: what a person sees, and what others never see."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from mdtasks.app.fetching import State, lines
from mdtasks.app.session import open_session
from tests.calendars import body, calendar, meeting, serving
from tests.conftest import MakeVault
from tests.running import NOW, call, mdtasks
from tests.test_startup import loaded_by

NOTE = "- [ ] Write [due:: 2026-11-23] [estimate:: 1h] 🔺\n"
STAND_UP = calendar(meeting("20261123T090000", "20261123T100000"))


def settings(where: str, more: str = "") -> str:
    return f'timezone = "Europe/Berlin"\n[[busy]]\nname = "work"\n{where}\n{more}\n'


@pytest.fixture
def filed(vault: MakeVault) -> Path:
    """Return a vault whose busy calendar is a file beside its notes."""
    root = vault({"a.md": NOTE, "mdtasks.toml": settings('file = "work.ics"')})
    (root / "work.ics").write_bytes(STAND_UP)
    return root


def cached(name: str) -> Path:
    (folder,) = Path(os.environ["XDG_CACHE_HOME"]).glob("mdtasks/*/busy")
    return folder / name


def aged(seconds: float) -> None:
    """Make the copies as old as that."""
    path = cached("copies.json")
    known = {name: State(*state) for name, state in json.loads(path.read_bytes()).items()}
    old = {
        name: one._replace(fetched=one.fetched - seconds, tried=one.tried - seconds)
        for name, one in known.items()
    }
    path.write_text(json.dumps(old))


def test_plan_shows_a_meeting_and_plans_around_it(filed: Path) -> None:
    blocks = mdtasks(filed, "plan", "--days", "1", "--json").json["blocks"]
    shown = [(b["start"][11:16], b["end"][11:16], b["kind"], b["title"]) for b in blocks]
    assert shown == [
        ("09:00", "10:00", "busy", "Stand-up (work)"),
        ("10:00", "11:00", "focus", "Write"),
    ]
    assert blocks[0]["tasks"] == []


def test_today_shows_a_meeting_in_time_order(filed: Path) -> None:
    shown = mdtasks(filed, "today").lines
    (row,) = (n for n, line in enumerate(shown) if "Stand-up (work)" in line)
    assert shown[row].startswith(" 09:00–10:00  Stand-up (work)")
    assert "10:00–11:00" in shown[row + 1]
    assert "1h in 1 block" in shown[0]


def test_a_day_of_meetings_alone_still_names_open_tasks(vault: MakeVault) -> None:
    root = vault({"a.md": "- [ ] Some day\n", "mdtasks.toml": settings('file = "work.ics"')})
    (root / "work.ics").write_bytes(STAND_UP)
    assert any("Some day" in line for line in mdtasks(root, "today").lines)


def test_feed_and_daily_note_hold_no_meetings(vault: MakeVault) -> None:
    toml = settings('file = "work.ics"', "[daily]\nwrite = true")
    root = vault({"a.md": NOTE, "mdtasks.toml": toml})
    (root / "work.ics").write_bytes(STAND_UP)
    assert mdtasks(root, "sync").code == 0
    feed = mdtasks(root, "calendar").out
    assert b"SUMMARY:Write" in feed
    assert b"Stand-up" not in feed
    daily = (root / "2026-11-23.md").read_text("utf-8")
    assert "Write" in daily
    assert "Stand-up" not in daily


def test_meetings_are_no_moves(filed: Path) -> None:
    assert mdtasks(filed, "plan", "--json").json["moves"] == 0
    (filed / "work.ics").write_bytes(calendar(meeting("20261124T090000", "20261124T100000")))
    assert mdtasks(filed, "plan", "--json").json["moves"] <= 1


def test_a_calendar_that_changes_is_planned_around_at_once(filed: Path) -> None:
    mdtasks(filed, "plan")
    (filed / "work.ics").write_bytes(calendar(meeting("20261123T100000", "20261123T120000")))
    blocks = mdtasks(filed, "plan", "--days", "1", "--json").json["blocks"]
    assert [b["start"][11:16] for b in blocks if b["kind"] == "busy"] == ["10:00"]


def test_days_of_a_longer_plan_than_usual_have_their_meetings(filed: Path) -> None:
    (filed / "work.ics").write_bytes(calendar(meeting("20270601T090000", "20270601T100000")))
    blocks = mdtasks(filed, "plan", "--days", "300", "--json").json["blocks"]
    assert "2027-06-01T09:00:00+02:00" in [b["start"] for b in blocks if b["kind"] == "busy"]


def test_a_whole_day_counts_where_it_is_wanted(vault: MakeVault) -> None:
    fair = calendar("UID:1\nSUMMARY:Fair\nDTSTART;VALUE=DATE:20261123")
    root = vault({"a.md": NOTE, "mdtasks.toml": settings('file = "work.ics"\nall_day = true')})
    (root / "work.ics").write_bytes(fair)
    lines = mdtasks(root, "today").lines
    assert any(line.split() == ["▶all", "day", "Fair", "(work)", "24h"] for line in lines)


def test_a_file_that_is_not_there_is_told_and_the_plan_goes_on(filed: Path) -> None:
    (filed / "work.ics").unlink()
    ran = mdtasks(filed, "plan", "--json")
    assert ran.code == 0
    assert ran.said == ["mdtasks: work: work.ics is not there"]


def test_foreign_text_reaches_no_terminal_as_it_is(filed: Path) -> None:
    evil = meeting("20261123T090000", "20261123T100000", "a\x1b[31m\u202eb\\nc")
    (filed / "work.ics").write_bytes(calendar(evil))
    out = mdtasks(filed, "plan").out.decode()
    assert "a [31mb c (work)" in out
    assert "\x1b" not in out


# From an address


def test_sync_fetches_and_plan_keeps_the_time_free(vault: MakeVault) -> None:
    with serving(body(STAND_UP, headers={"ETag": '"1"'})) as server:
        root = vault({"a.md": NOTE, "mdtasks.toml": settings(f'url = "{server.url}/me.ics"')})
        assert mdtasks(root, "plan").said == [
            "mdtasks: work: not fetched yet; `mdtasks sync` does it"
        ]
        ran = mdtasks(root, "sync")
        assert (ran.code, ran.err) == (0, b"")
        kinds = [b["kind"] for b in mdtasks(root, "plan", "--json").json["blocks"]]
        assert kinds[0] == "busy"
        server.answer = body(b"", 304)
        assert mdtasks(root, "plan", "--apply").code == 0
        assert server.asked[-1][1]["If-None-Match"] == '"1"'
        assert mdtasks(root, "plan", "--json").json["blocks"][0]["kind"] == "busy"


def test_unreachable_is_a_warning_with_the_age_of_the_copy(vault: MakeVault) -> None:
    with serving(body(STAND_UP)) as server:
        root = vault({"a.md": NOTE, "mdtasks.toml": settings(f'url = "{server.url}/me.ics"')})
        mdtasks(root, "sync")
    aged(3 * 3600)
    ran = mdtasks(root, "sync")
    assert ran.code == 0
    assert ran.said == [
        "mdtasks: work: not reachable (connection refused); using the copy of 3 h ago"
    ]
    assert mdtasks(root, "plan", "--json").json["blocks"][0]["title"] == "Stand-up (work)"
    assert mdtasks(root, "plan").said == []
    aged(25 * 3600)
    (said,) = mdtasks(root, "today").said
    assert said.endswith("using the copy of 1 day ago")


def test_to_a_watcher_growing_older_is_no_news(vault: MakeVault) -> None:
    with serving(body(STAND_UP)) as server:
        root = vault({"a.md": NOTE, "mdtasks.toml": settings(f'url = "{server.url}/me.ics"')})
        mdtasks(root, "sync")
    mdtasks(root, "sync")
    session = open_session(str(root), NOW, lambda line: None)
    before = [*lines(session, aged=False)]
    aged(3 * 3600)
    assert before == [*lines(session, aged=False)] != []


def test_what_is_no_calendar_leaves_the_last_good_copy(vault: MakeVault) -> None:
    with serving(body(STAND_UP)) as server:
        root = vault({"a.md": NOTE, "mdtasks.toml": settings(f'url = "{server.url}/me.ics"')})
        mdtasks(root, "sync")
        server.answer = body(b"<html>log in</html>")
        (said,) = mdtasks(root, "sync").said
        assert "what came is no whole calendar" in said
    assert mdtasks(root, "plan", "--json").json["blocks"][0]["title"] == "Stand-up (work)"


def test_no_message_shows_an_address(vault: MakeVault) -> None:
    url = "http://me:secret@127.0.0.1:9/hidden/me.ics"
    root = vault({"a.md": NOTE, "mdtasks.toml": settings(f'url = "{url}"')})
    runs = [mdtasks(root, *words) for words in (["sync"], ["doctor"], ["doctor", "--json"])]
    said = b"".join(part for ran in runs for part in (ran.out, ran.err))
    assert b"not reachable" in said
    assert not [word for word in (b"secret", b"hidden") if word in said]


def test_an_address_that_is_left_out_leaves_no_copy(vault: MakeVault) -> None:
    with serving(body(STAND_UP)) as server:
        root = vault({"mdtasks.toml": settings(f'url = "{server.url}/a.ics"'), "a.md": NOTE})
        mdtasks(root, "sync")
        (root / "mdtasks.toml").write_text(settings(f'url = "{server.url}/b.ics"'))
        mdtasks(root, "sync")
    assert len([*cached("").glob("*.ics")]) == 1


# What costs nothing


def test_today_beside_busy_calendars_loads_nothing_heavy(filed: Path) -> None:
    mdtasks(filed, "today")
    loaded = loaded_by(filed, "today")
    packages = {name.partition(".")[0] for name in loaded}
    assert packages & {"icalendar", "recurring_ical_events", "dateutil", "http"} == set()
    heavy = {"urllib.request", "ssl", "mdtasks.busy.events", "mdtasks.busy.fetch", "hashlib"}
    assert loaded & heavy == set()


def test_reading_commands_never_touch_the_network(vault: MakeVault) -> None:
    with serving(body(STAND_UP)) as server:
        root = vault({"a.md": NOTE, "mdtasks.toml": settings(f'url = "{server.url}/me.ics"')})
        for words in (["today"], ["plan"], ["list"], ["show", "a.md:1"], ["done", "a.md:1"]):
            assert mdtasks(root, *words).code == 0
        assert server.asked == []


def test_an_old_copy_is_fetched_by_a_child_that_nobody_waits_for(
    vault: MakeVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(body(STAND_UP)) as server:
        root = vault({"a.md": NOTE, "mdtasks.toml": settings(f'url = "{server.url}/me.ics"')})
        monkeypatch.setenv("MDTASKS_SETTLE", "")
        assert call("--vault", str(root), "plan").code == 0
        deadline = time.monotonic() + 60
        while not cached("copies.json").exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert len(server.asked) == 1
        assert call("--vault", str(root), "plan").err == b""


def test_doctor_has_a_section_a_calendar(filed: Path) -> None:
    lines = mdtasks(filed, "doctor").lines
    at = lines.index("✓ Busy calendar work")
    assert lines[at + 1] == "  work.ics: as of just now, 1 busy time ahead"
    (filed / "work.ics").unlink()
    lines = mdtasks(filed, "doctor").lines
    at = lines.index("! Busy calendar work")
    assert lines[at + 1 : at + 3] == [
        "  work.ics: no copy, 0 busy times ahead",
        "  → work.ics is not there",
    ]
    (calendar_of_work,) = mdtasks(filed, "doctor", "--json").json["busy"]
    assert calendar_of_work == {
        "name": "work",
        "source": "work.ics",
        "age": None,
        "busy": 0,
        "warnings": ["work.ics is not there"],
    }
