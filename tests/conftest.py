"""What several test files share: a vault of small real files, and folders of our own for caches."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from importlib import import_module
from itertools import count
from pathlib import Path
from random import SystemRandom

import pytest
from hypothesis import settings

from mdtasks.index.store import Store
from tests.stores import VAULT

MakeVault = Callable[[Mapping[str, str | bytes]], Path]

# On a busy machine an example may take any time: timings are for the benchmarks.
settings.register_profile("any time", deadline=None)
settings.load_profile("any time")

# A shell that runs us in the background has Ctrl-C ignored, by us and by all that we start.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def _new_homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give folders to be made. To number thousands, pytest would list all there are each time."""
    return map(tmp_path_factory.mktemp("homes").joinpath, map(str, count()))


@pytest.fixture(autouse=True)
def _own_folders(_new_homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the user's own cache, state, data or configuration."""
    home = next(_new_homes)
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for name in ("CACHE", "STATE", "DATA", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    for name in ("MDTASKS_VAULT", "MDTASKS_NOW", "NO_COLOR", "EDITOR"):
        monkeypatch.delenv(name, raising=False)
    # No child looks at the notes again behind a test's back.
    monkeypatch.setenv("MDTASKS_SETTLE", "0")


def pytest_configure(config: pytest.Config) -> None:
    """Let what the tests start keep its bytecode, if only in a folder of the tests.

    Where no bytecode is written, each of a thousand processes compiles all that it imports.
    """
    if sys.dont_write_bytecode and config.pluginmanager.hasplugin("cacheprovider"):
        os.environ["PYTHONPYCACHEPREFIX"] = str(config.cache.mkdir("bytecode"))
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Let each of the processes of a whole run compile a share of the tests, for all of them.

    Else all compile the same file at the same time, one after another.
    """
    name = os.environ.get("PYTEST_XDIST_WORKER", "")
    if name and not session.config.getoption("file_or_dir"):
        number, many = int(name.removeprefix("gw")), int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
        for path in sorted(Path(__file__).parent.glob("test_*.py"))[number::many]:
            with suppress(Exception):  # pytest itself says why one cannot be imported
                import_module(path.stem)


def pytest_addoption(parser: pytest.Parser) -> None:
    help_ = "rewrite golden files, transcripts and pictures to what the code gives now"
    parser.addoption("--update", action="store_true", help=help_)
    help_ = "how many random documents the fast reading is compared on"
    parser.addoption("--fuzz", type=int, default=20_000, metavar="N", help=help_)
    seed = SystemRandom().randrange(10**9)
    help_ = "which random documents; without it, new ones in every run"
    parser.addoption("--fuzz-seed", type=int, default=seed, metavar="S", help=help_)
    help_ = "how many lines are ticked in vaults that people edit"
    parser.addoption("--ticks", type=int, default=150, metavar="N", help=help_)
    help_ = "which random edits and ticks; without it, new ones in every run"
    parser.addoption("--ticks-seed", type=int, default=seed, metavar="S", help=help_)
    help_ = "how long editors and ticks race for the same note, each pair of them"
    parser.addoption("--race-seconds", type=float, default=3.0, metavar="N", help=help_)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say with which seeds this run can be repeated, and what tests have told."""
    names = ("--fuzz", "--fuzz-seed", "--ticks", "--ticks-seed")
    terminalreporter.write_line(" ".join(f"{name} {config.getoption(name)}" for name in names))
    for report in terminalreporter.getreports("passed"):
        for name, text in report.user_properties:
            terminalreporter.write_line(f"{name}: {text}")


@pytest.fixture
def fuzz_documents(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--fuzz"))


@pytest.fixture
def fuzz_seed(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--fuzz-seed"))


@pytest.fixture
def ticks(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--ticks"))


@pytest.fixture
def ticks_seed(request: pytest.FixtureRequest) -> int:
    return int(request.config.getoption("--ticks-seed"))


@pytest.fixture
def race_seconds(request: pytest.FixtureRequest) -> float:
    return float(request.config.getoption("--race-seconds"))


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    """Whether to rewrite what is kept instead of comparing with it."""
    return bool(request.config.getoption("--update"))


@pytest.fixture
def short_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the planner search a fifth as long: for rules, none of which hangs on that."""
    from mdtasks.plan import search

    monkeypatch.setattr(search, "EFFORT", search.EFFORT // 5)


@pytest.fixture
def vault(tmp_path: Path) -> MakeVault:
    """Return a function that writes notes and returns the vault's folder."""

    def make(notes: Mapping[str, str | bytes]) -> Path:
        root = tmp_path / "vault"
        root.mkdir(exist_ok=True)
        for name, content in notes.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return root

    return make


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "index.db"


@pytest.fixture
def store(place: Path) -> Iterator[Store]:
    with Store.open(place, VAULT) as opened:
        yield opened
