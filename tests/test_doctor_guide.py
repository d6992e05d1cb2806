"""The manual's transcript of `mdtasks doctor` is what it prints, and its JSON is documented."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from tests.running import call

VAULT = Path(__file__).parents[1] / "sample-vault"
PAGE = VAULT / "Guide" / "When something is wrong.md"
TRANSCRIPT = re.compile(r"```text\n\$ mdtasks doctor\n(.*?)```", re.DOTALL)
COPY = "Errands.sync-conflict-20261122-190000-K7XQ2PA.md"

# What differs from one computer to the next.
VARIES = (
    (r"Python [0-9.]+\S*, \w+", "Python 3, Linux"),
    (r"sample-vault-[0-9a-f]{8}", "sample-vault-0"),
    (r"[0-9.]+ (?:KB|MB)\b", "0 KB"),
    (r"[0-9.]+ s\b", "0 s"),
    (r", and the system allows [0-9]+", ""),
    (r" to watch\b", ""),
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a home with the sample vault, and a copy that a sync service made in it."""
    for kind, folder in (("CACHE", "cache"), ("STATE", "local/state"), ("DATA", "local/share")):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / f".{folder}"))
    monkeypatch.setenv("MDTASKS_NOW", "2026-11-23T08:30")
    shutil.copytree(VAULT, tmp_path / "sample-vault")
    (tmp_path / "sample-vault" / COPY).write_text("- [ ] Buy stamps\n")
    monkeypatch.chdir(tmp_path / "sample-vault")
    return tmp_path


def alike(text: str) -> str:
    for pattern, stand_in in VARIES:
        text = re.sub(pattern, stand_in, text)
    return text


def test_the_transcript_of_doctor_is_what_it_prints(home: Path, update: bool) -> None:
    ran = call("doctor")
    assert (ran.code, ran.said) == (0, [])
    shown = ran.out.decode().replace(str(home), "~")
    page = PAGE.read_text("utf-8")
    (kept,) = TRANSCRIPT.findall(page)
    if update and alike(kept) != alike(shown):
        PAGE.write_text(page.replace(f"doctor\n{kept}```", f"doctor\n{shown}```"), "utf-8")
    (kept,) = TRANSCRIPT.findall(PAGE.read_text("utf-8"))
    assert alike(kept) == alike(shown)


@pytest.mark.usefixtures("home")
def test_every_key_of_doctors_json_is_documented() -> None:
    text = (VAULT / "Guide" / "JSON and scripts.md").read_text("utf-8")
    documented = set(re.findall(r"`([a-z_]+)`", text))
    assert set(json.loads(call("doctor", "--json").out)) - documented == set()
