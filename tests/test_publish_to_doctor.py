"""`mdtasks doctor` tells to where the plan is carried, when that last worked, and what failed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import MakeVault
from tests.dav import PASSWORD, USER, free_port
from tests.running import mdtasks

FILE = '[[publish]]\nname = "cloud"\nfile = "{}"\n'
WEB = '[[publish]]\nname = "web"\nwebdav = "http://127.0.0.1:{}/secret-folder/plan.ics"\n'
LOGIN = f'user = "{USER}"\npassword_env = "PLAN_PASSWORD"\n'


def place(root: Path, name: str) -> list[str]:
    """Return the lines of a place, its mark and name first."""
    lines = mdtasks(root, "doctor").lines
    start = next(n for n, line in enumerate(lines) if line[2:] == f"Publish {name}")
    rest = (n for n in range(start + 1, len(lines)) if not lines[n].startswith("  "))
    return lines[start : next(rest, len(lines))]


def test_a_place_is_told_before_and_after_it_was_carried_to(
    vault: MakeVault, tmp_path: Path
) -> None:
    file = tmp_path / "plan.ics"
    root = vault({"a.md": "- [ ] a\n", "mdtasks.toml": FILE.format(file)})
    assert place(root, "cloud") == [
        "· Publish cloud",
        f"  a file: {file}",
        "  nothing was carried there yet; `mdtasks publish` does",
    ]
    mdtasks(root, "publish", "--dry-run")
    assert place(root, "cloud")[0].startswith("·")
    assert mdtasks(root, "publish").code == 0
    assert place(root, "cloud")[0::2] == ["✓ Publish cloud", "  last carried there just now"]


def test_what_failed_last_is_told_with_what_to_do_until_it_works(
    vault: MakeVault, tmp_path: Path
) -> None:
    file = tmp_path / "plan.ics"
    file.write_text("BEGIN:VCALENDAR\nEND:VCALENDAR\n", "utf-8")
    root = vault({"a.md": "- [ ] a\n", "mdtasks.toml": FILE.format(file)})
    assert mdtasks(root, "publish").code == 1
    why = f"{file}: another calendar is there; it stays as it is"
    assert place(root, "cloud") == [
        "! Publish cloud",
        f"  a file: {file}",
        f"  failed just now: {why}",
        "  → name another file, or write over it with --force",
    ]
    assert mdtasks(root, "publish", "--force").code == 0
    assert place(root, "cloud") == [
        "✓ Publish cloud",
        f"  a file: {file}",
        "  last carried there just now",
        f"  failed just now: {why}",
    ]


def test_neither_address_nor_password_is_told(
    vault: MakeVault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAN_PASSWORD", PASSWORD)
    settings = WEB.format(free_port()) + LOGIN
    root = vault({"a.md": "- [ ] a\n", "mdtasks.toml": settings})
    assert mdtasks(root, "publish").code == 1
    assert place(root, "web")[1:3] == [
        "  webdav: 127.0.0.1",
        "  failed just now: 127.0.0.1: connection refused",
    ]
    ran = mdtasks(root, "doctor", "--json")
    (told,) = ran.json["publish"]
    assert (told["name"], told["to"], told["worked"]) == ("web", "127.0.0.1", None)
    said = (ran.out + mdtasks(root, "doctor").out).decode()
    assert not any(secret in said for secret in (PASSWORD, "secret-folder", json.dumps(USER)))
