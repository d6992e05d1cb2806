"""The configuration in the guide, run by the programs it is for: vdirsyncer subscribes to what is
served, and khal shows the plan.

Rule: real programs with a home of their own; the configuration is taken from the page.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import MakeVault
from tests.running import environ, mdtasks, still
from tests.serving import Server, calendar, new_token, wait_until

PAGE = Path(__file__).parents[1] / "sample-vault" / "Guide" / "Calendar apps.md"
NOTE = (
    "- [ ] 10:00 Write [scheduled:: 2026-11-23] [estimate:: 1h]\n"
    "- [ ] 14:00 Dentist; bring, the card ☂ [scheduled:: 2026-11-24] [estimate:: 30m]\n"
    "- [ ] 09:00 Report [scheduled:: 2026-11-25] [estimate:: 1h]\n"
)
SETTINGS = 'vault_id = "home"\ntimezone = "Europe/Berlin"\n'


class Desk:
    """A person's vdirsyncer and khal, for one address."""

    def __init__(self, home: Path, address: str) -> None:
        self.home = home
        text = PAGE.read_text("utf-8")
        (vdirsyncer,) = re.findall(r"```ini vdirsyncer\.conf\n(.*?)```", text, re.DOTALL)
        (khal,) = re.findall(r"```ini khal\.conf\n(.*?)```", text, re.DOTALL)
        for place, words in ((".config/vdirsyncer", vdirsyncer), (".config/khal", khal)):
            (home / place).mkdir(parents=True)
            url = re.sub(r'url = ".*"', f'url = "{address}"', words)
            (home / place / "config").write_text(url, "utf-8")
        self._run("vdirsyncer", "discover", typed="y\n" * 5)

    def _run(self, name: str, *words: str, typed: str = "") -> str:
        program = Path(sys.executable).parent / name
        assert program.exists(), f"{name} is missing; install the extra `test`"
        variables = {k: v for k, v in environ().items() if not k.startswith("XDG_")}
        done = subprocess.run(
            [str(program), *words],
            input=typed,
            capture_output=True,
            check=False,
            text=True,
            env={**variables, "HOME": str(self.home), "TZ": "Europe/Berlin", "LC_ALL": "C.UTF-8"},
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def sync(self) -> None:
        self._run("vdirsyncer", "sync")

    def shown(self) -> list[str]:
        """Return day, times and title of each event, as khal shows them."""
        form = ("--day-format", "", "--format", "{start-date} {start-time}-{end-time} {title}")
        return self._run("khal", "list", *form, "2026-11-23", "8d").splitlines()


@pytest.fixture
def root(vault: MakeVault) -> Path:
    return vault({"a.md": NOTE, "mdtasks.toml": SETTINGS})


@pytest.fixture
def served(root: Path) -> Iterator[tuple[Server, str]]:
    path = calendar(new_token(root, "desk"))
    still(root)
    server = Server(root)
    wait_until(lambda: server.shows(path, "Report"))
    yield server, path
    server.stop()


@pytest.fixture
def desk(tmp_path: Path, served: tuple[Server, str]) -> Desk:
    server, path = served
    return Desk(tmp_path / "desk", f"http://127.0.0.1:{server.port}{path}")


def planned(root: Path) -> list[str]:
    """Return what khal should show, from what mdtasks says itself."""
    blocks = mdtasks(root, "plan", "--days", "7", "--json").json["blocks"]
    return sorted(
        f"{b['start'][:10]} {b['start'][11:16]}-{b['end'][11:16]} {b['title']}"
        for b in blocks
        if b["kind"] in ("fixed", "focus", "micro")
    )


def test_khal_shows_the_plan_through_changes_and_a_deletion(
    root: Path, served: tuple[Server, str], desk: Desk
) -> None:
    server, path = served
    desk.sync()
    before = sorted(desk.shown())
    assert len(before) == 3
    assert before == planned(root)
    for old, new, sign in (
        ("14:00 Dentist", "16:30 Dentist", "T153000Z"),
        ("Report", "Report for Kim", "Report for Kim"),
    ):
        save(root, old, new)
        wait_until(lambda sign=sign: server.shows(path, sign))  # type: ignore[misc]
        desk.sync()
        now = sorted(desk.shown())
        assert now == planned(root) != before
        before = now
    save(root, "- [ ] 16:30", "- [x] 16:30")
    wait_until(lambda: not server.shows(path, "Dentist"))
    desk.sync()
    assert sorted(desk.shown()) == planned(root)
    assert len(desk.shown()) == 2


def save(root: Path, old: str, new: str) -> None:
    text = (root / "a.md").read_text("utf-8")
    assert old in text
    (root / "a.md").write_text(text.replace(old, new), "utf-8")
    os.utime(root / "a.md", (0, len(new)))
