"""`mdtasks check` looks only at notes that changed, and finds what it would find in all of them."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mdtasks.app.check import check as look
from mdtasks.app.refresh import opened
from mdtasks.app.session import open_session
from tests.conftest import MakeVault
from tests.running import NOW, Ran, mdtasks, still

DUE = "📅 2026-12-01"
NOTES = {
    "a.md": f"- [ ] pay {DUE} the rent\n- [ ] b 🔁 every other day\n- [x] c 🆔 c\n  - [ ] d\n",
    "b.md": "- [ ] wait ⛔ nobody\n- [ ] one ^x\n- [ ] two ^x\n- [ ] long ⏱ 3h\n",
    "c.md": f"- [ ] 09:00 - 09:00 e {DUE}\n- [ ] f ⏳ 2026-11-24 📅 2026-11-23\n- [ ] g ⛔ c\n",
}


def check(root: Path, now: str = NOW) -> list[Ran]:
    """Return all that the command says: what is wrong, advice, and what it would mend."""
    return [
        mdtasks(root, "check", *more, now=now) for more in (["--all"], ["--json"], ["--fix"], [])
    ]


def anew(root: Path, now: str = NOW) -> list[Ran]:
    """Return the same from an index that has just been made."""
    mdtasks(root, "index", "--rebuild", now=now)
    return check(root, now)


def kept(root: Path, changed: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return what the index keeps by note, after some of it was changed there."""
    session = open_session(str(root), NOW, lambda _: None)
    with opened(session) as (store, _):
        value = json.loads(store.get("findings") or b"{}")
        if changed is not None:
            value["notes"] |= changed
            store.put("findings", json.dumps(value).encode())
    found = value["notes"]
    assert isinstance(found, dict)
    return found


def test_a_note_that_is_as_it_was_is_not_looked_at_again(vault: MakeVault) -> None:
    root = vault(NOTES)
    check(root)
    digest, since, until, *_ = kept(root)["b.md"]
    kept(root, {"b.md": [digest, since, until, [[1, "as it was kept", ""]], [], [], [], []]})
    # It has no dates; what day it is does not matter.
    for now in (NOW, "2027-11-23"):
        lines = mdtasks(root, "check", "--faults", now=now).lines
        assert [line for line in lines if "b.md" in line and "as it was kept" in line]
        assert not [line for line in lines if "block id" in line]


@pytest.mark.parametrize(
    "changes",
    [
        {"a.md": "- [ ] pay the rent\n"},
        {"b.md": "\n" + NOTES["b.md"]},
        {"c.md": None},
        {"d.md": "- [ ] h 📅 2026-02-30\n- [ ] i 🆔 nobody\n"},
        {"a.md": None, "moved.md": NOTES["a.md"]},
        {"a.md": "no task any more\n", "b.md": NOTES["a.md"]},
        {"mdtasks.toml": '[read]\nfields = "trailing"\n'},
        {"mdtasks.toml": '[read]\ndialects = ["dataview"]\n'},
    ],
)
def test_after_a_change_the_same_is_found_as_in_a_new_index(
    vault: MakeVault, changes: dict[str, str | None]
) -> None:
    root = vault({**NOTES, ".obsidian/community-plugins.json": '["obsidian-tasks-plugin"]'})
    before = check(root)
    for path, text in changes.items():
        if text is None:
            (root / path).unlink()
        else:
            (root / path).write_text(text, encoding="utf-8")
    after = check(root)
    assert after != before
    assert after == anew(root)


def test_what_is_found_is_that_of_the_day(vault: MakeVault) -> None:
    dates = [f"2026-11-{day}" for day in range(21, 28)]
    pairs = [(one, other) for one in dates for other in dates]
    root = vault(
        {f"{n}.md": f"- [ ] open ⏳ {a} 📅 {b}\n" for n, (a, b) in enumerate(pairs)}
        | {f"{n} start.md": f"- [ ] open 🛫 {a} ⏳ {b}\n" for n, (a, b) in enumerate(pairs)}
        | {f"{a} done.md": f"- [x] done ✅ {a}\n" for a in dates}
        | {f"{a} off.md": f"- [-] off ❌ {a}\n" for a in dates}
        | {
            f"{n} family.md": f"- [ ] a 📅 {a}\n  - [ ] b 📅 {b}\n"
            for n, (a, b) in enumerate(pairs)
        }
    )
    session = open_session(str(root), NOW, lambda _: None)
    days = [session._replace(now=session.now + timedelta(days=n)) for n in range(-5, 8)]
    still(root)
    with opened(session) as (store, _):
        found = [look(day, store) for day in days]
        assert len({str(each) for each in found}) > 7
        for day, before in zip(reversed(days), reversed(found), strict=True):
            assert look(day, store) == before
            store.put("findings", b"{}")
            assert look(day, store) == before


def test_nothing_is_kept_of_a_note_that_is_gone(vault: MakeVault) -> None:
    root = vault(NOTES)
    check(root)
    assert sorted(kept(root)) == ["a.md", "b.md", "c.md"]
    (root / "a.md").unlink()
    check(root)
    assert sorted(kept(root)) == ["b.md", "c.md"]


def test_of_many_notes_what_is_kept_is_what_was_found(vault: MakeVault) -> None:
    root = vault({f"{n:03}/{name}": text for n in range(50) for name, text in NOTES.items()})
    first = check(root)
    assert len(kept(root)) == 150
    assert check(root) == first


def test_names_and_lines_that_are_not_utf_8_are_kept_as_they_are(vault: MakeVault) -> None:
    root = vault({"a.md": b"- [ ] \xff ` \xf0\x9f\x93\x85 2026-02-30\n"})
    os.rename(root / "a.md", os.fsencode(root) + b"/\xff.md")  # noqa: PTH104 (bytes)
    first = check(root)
    assert [(ran.out, ran.err) for ran in first] == [(ran.out, ran.err) for ran in check(root)]
    assert len(kept(root)) == 1
