"""`mdtasks today` on a fresh index loads next to nothing: people run it dozens of times a day."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import MakeVault
from tests.running import NOW, call, environ, mdtasks

SAMPLE = Path(__file__).parents[1] / "sample-vault"
HEAVY = {"markdown_it", "mdurl", "icalendar", "watchdog", "dateutil", "yaml", "tzlocal", "asyncio"}
# What reads notes, makes plans, writes files: on a fresh index there is nothing of that to do.
IDLE = {
    "mdtasks.read.boxes",
    "mdtasks.read.fields",
    "mdtasks.read.note",
    "mdtasks.plan.schedule",
    "mdtasks.plan.search",
    "mdtasks.query.language",
    "mdtasks.render.ics",
    "mdtasks.render.daily",
    "mdtasks.write.safely",
    "mdtasks.watch",
}
LOADED = """
import atexit, sys
atexit.register(lambda: print(*sys.modules, sep="\\n", file=sys.stderr))
from mdtasks.cli import main
main()
"""


def loaded_by(root: Path, *args: str) -> set[str]:
    """Return the modules that a run of its own has loaded at its end, and their packages."""
    done = subprocess.run(
        [sys.executable, "-c", LOADED, "--vault", str(root), *args],
        capture_output=True,
        check=True,
        text=True,
        env={**environ(), "MDTASKS_NOW": NOW},
    )
    assert done.stdout
    return set(done.stderr.split())


@pytest.fixture(scope="module")
def plain() -> dict[str, str]:
    return {
        "a.md": "- [ ] Write the report [due:: 2026-11-24] [estimate:: 2h]\n- [ ] Call\n",
        "b.md": "- [x] Buy stamps [completion:: 2026-11-23]\n",
    }


def test_today_loads_no_heavy_package(vault: MakeVault, plain: dict[str, str]) -> None:
    root = vault(plain)
    assert mdtasks(root, "today").code == 0
    loaded = loaded_by(root, "today")
    assert {name.partition(".")[0] for name in loaded} & {*HEAVY, "rich", "pathspec"} == set()
    assert loaded & {*IDLE, "click", "tomllib", "difflib", "subprocess", "email"} == set()


def test_today_prints_the_same_beside_click_and_through_it(
    vault: MakeVault, plain: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = vault(plain)
    through = mdtasks(root, "today")
    monkeypatch.setenv("MDTASKS_NOW", NOW)
    beside = call("--vault", str(root), "today")
    assert (beside.code, beside.out, beside.err) == (0, through.out, through.err)
    monkeypatch.setenv("MDTASKS_VAULT", str(root))
    assert call("today").out == through.out


def test_today_in_the_sample_vault_loads_no_heavy_package(tmp_path: Path) -> None:
    root = tmp_path / "sample"
    shutil.copytree(SAMPLE, root)
    assert mdtasks(root, "today").code == 0
    loaded = loaded_by(root, "today")
    assert {name.partition(".")[0] for name in loaded} & HEAVY == set()
    # Of rich only the widths of letters.
    assert loaded & {*IDLE, "rich.console", "rich.progress", "rich.text"} == set()


def test_help_opens_nothing(vault: MakeVault, plain: dict[str, str]) -> None:
    loaded = loaded_by(vault(plain), "--help")
    assert {name for name in loaded if name.startswith("mdtasks.app")} == set()
    assert "sqlite3" not in loaded
