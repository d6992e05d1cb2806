"""`mdtasks service`: shown first, never over another file, and taken away only as it was written.

systemctl and launchctl are small programs here, which write down how they were called.
"""

from __future__ import annotations

import os
import plistlib
import subprocess
import sys
from pathlib import Path

import pytest

from mdtasks.app import service as use
from mdtasks.app.session import Session, open_session
from mdtasks.errors import MdtasksError, RefusedError
from tests.conftest import MakeVault
from tests.running import Ran, call, environ, on_terminal, process

UNIT = "mdtasks-home.service"
RUNS = "UnitFileState=enabled\nActiveState=active\nMainPID=71"
RESTS = "UnitFileState=\nActiveState=inactive\nMainPID=0"


@pytest.fixture
def root(vault: MakeVault) -> Path:
    return vault({"mdtasks.toml": 'vault_id = "home"\n', "a.md": "- [ ] Write\n"})


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder


def program(folder: Path, name: str, says: str = "", code: int = 0, complains: str = "") -> Path:
    """Make a program that writes down its words, one call a line; return where."""
    calls = folder / f"{name}.calls"
    path = folder / name
    path.write_text(
        f"#!/bin/sh\necho \"$*\" >> '{calls}'\nprintf '%s\\n' '{complains}' >&2\n"
        f"printf '%s\\n' '{says}'\nexit {code}\n"
    )
    path.chmod(0o755)
    return calls


@pytest.fixture
def systemctl(bin_folder: Path) -> Path:
    return program(bin_folder, "systemctl", RESTS)


def unit_path() -> Path:
    return Path(os.environ["XDG_CONFIG_HOME"]) / "systemd" / "user" / UNIT


def mdtasks(root: Path, *args: str) -> Ran:
    return call("--vault", str(root), "service", *args)


def test_install_shows_file_and_commands_then_does_them(root: Path, systemctl: Path) -> None:
    ran = mdtasks(root, "install", "--yes")
    assert (ran.code, ran.err) == (0, b"")
    data = unit_path().read_text()
    assert ran.lines[0] == str(unit_path())
    assert [line.strip() for line in data.splitlines()] == [
        line.strip() for line in ran.lines[1 : 1 + len(data.splitlines())]
    ]
    commands = [line[2:] for line in ran.lines if line.startswith("$ ")]
    assert commands == [
        "systemctl --user daemon-reload",
        f"systemctl --user enable --now {UNIT}",
    ]
    assert systemctl.read_text().splitlines() == [c.removeprefix("systemctl ") for c in commands]
    assert f"--vault {root} watch\n" in data


def test_what_is_installed_runs_from_any_folder(root: Path, systemctl: Path) -> None:
    """As the system starts it: no words of a shell, another folder, the variables of the file."""
    mdtasks(root, "install", "--yes", "--serve")
    lines = dict(line.partition("=")[::2] for line in unit_path().read_text().splitlines())
    words = lines["ExecStart"].split()
    assert words[0] == sys.executable
    assert words[-3:] == [str(root), "watch", "--serve"]
    variables = [
        line.removeprefix("Environment=").strip('"')
        for line in unit_path().read_text().splitlines()
        if line.startswith("Environment=")
    ]
    known = {word.partition("=")[0]: word.partition("=")[2] for word in variables}
    assert known["XDG_STATE_HOME"] == os.environ["XDG_STATE_HOME"]
    done = subprocess.run(
        [*words[: words.index("watch")], "list"],
        cwd="/",
        env={"HOME": os.environ["HOME"], **known},
        capture_output=True,
        check=True,
        text=True,
    )
    assert "Write" in done.stdout


def test_a_dry_run_does_nothing(root: Path, systemctl: Path) -> None:
    ran = mdtasks(root, "install", "--dry-run")
    assert ran.code == 0
    assert f"$ systemctl --user enable --now {UNIT}" in ran.lines
    assert not unit_path().exists()
    assert not systemctl.exists()


def test_where_nobody_can_be_asked_nothing_is_done(root: Path, systemctl: Path) -> None:
    ran = mdtasks(root, "install")
    assert (ran.code, ran.said[-1]) == (2, "hint: add --yes")
    assert not unit_path().exists()


def test_on_a_terminal_it_asks(root: Path, systemctl: Path) -> None:
    environment = {**environ(), "PATH": os.environ["PATH"]}
    ran = on_terminal(root, "service", "install", variables=environment, typed=b"n\n")
    assert b"Do this? [y/N]" in ran.out
    assert not unit_path().exists()
    on_terminal(root, "service", "install", variables=environment, typed=b"y\n")
    assert unit_path().exists()


def test_another_file_of_the_name_is_never_overwritten(root: Path, systemctl: Path) -> None:
    unit_path().parent.mkdir(parents=True)
    unit_path().write_text("[Service]\nExecStart=/bin/mine\n")
    for args in (("install", "--yes"), ("remove", "--yes")):
        ran = mdtasks(root, *args)
        assert ran.code == 1
        assert str(unit_path()) in ran.said[0]
        assert ran.said[1].startswith("hint: ")
    assert unit_path().read_text() == "[Service]\nExecStart=/bin/mine\n"
    assert not systemctl.exists()


def test_a_link_in_its_place_stays_one(root: Path, systemctl: Path) -> None:
    unit_path().parent.mkdir(parents=True)
    unit_path().symlink_to("elsewhere")
    ran = mdtasks(root, "install", "--yes")
    assert (ran.code, "link" in ran.said[0]) == (1, True)
    assert unit_path().is_symlink()


def test_installed_with_other_words_it_is_to_be_removed_first(root: Path, systemctl: Path) -> None:
    mdtasks(root, "install", "--yes")
    ran = mdtasks(root, "install", "--serve", "--yes")
    assert ran.code == 1
    assert "remove" in ran.said[1]
    assert mdtasks(root, "remove", "--yes").code == 0
    assert mdtasks(root, "install", "--serve", "--yes").code == 0


def test_installed_and_running_there_is_nothing_to_do(
    root: Path, systemctl: Path, bin_folder: Path
) -> None:
    mdtasks(root, "install", "--yes")
    calls = program(bin_folder, "systemctl", RUNS)
    calls.unlink()
    assert mdtasks(root, "install").lines == [f"{UNIT} is installed already, and runs"]
    assert "enable" not in calls.read_text()


def test_installed_but_stopped_it_is_started_again(root: Path, systemctl: Path) -> None:
    mdtasks(root, "install", "--yes")
    before = unit_path().read_bytes()
    ran = mdtasks(root, "install", "--yes")
    assert ran.lines[0] == f"{unit_path()}, which is there already"
    assert systemctl.read_text().count("enable --now") == 2
    assert unit_path().read_bytes() == before


def test_remove_stops_it_and_takes_the_file_away(root: Path, systemctl: Path) -> None:
    mdtasks(root, "install", "--yes")
    systemctl.unlink()
    ran = mdtasks(root, "remove", "--yes")
    assert ran.lines[-1] == f"{UNIT} is removed"
    assert systemctl.read_text().splitlines() == [
        f"--user disable --now {UNIT}",
        "--user daemon-reload",
    ]
    assert list(unit_path().parent.iterdir()) == []
    assert mdtasks(root, "remove").lines == [f"{UNIT} is not installed"]


def test_a_file_that_was_changed_stays_and_is_told(root: Path, systemctl: Path) -> None:
    mdtasks(root, "install", "--yes")
    changed = unit_path().read_bytes().replace(b"RestartSec=30", b"RestartSec=5")
    unit_path().write_bytes(changed)
    ran = mdtasks(root, "remove", "--yes")
    assert ran.code == 1
    assert f"systemctl --user disable --now {UNIT}" in ran.said[1]
    assert unit_path().read_bytes() == changed
    assert "disable" not in systemctl.read_text()
    assert "changed since mdtasks wrote it" in mdtasks(root, "status").lines[0]


def test_a_system_that_refuses_is_quoted(root: Path, bin_folder: Path) -> None:
    program(bin_folder, "systemctl", code=1, complains="Failed to connect to bus")
    ran = mdtasks(root, "install", "--yes")
    assert ran.code == 1
    assert ran.said[0] == (
        "mdtasks: `systemctl --user daemon-reload` failed: Failed to connect to bus"
    )
    ran = mdtasks(root, "status")
    assert ran.code == 0
    assert ran.said[0] == (
        "mdtasks: systemd does not answer here, so nobody knows whether it runs the watcher"
    )
    assert ran.said[1].startswith("mdtasks: what it said: `systemctl --user show ")
    assert ran.said[1].endswith("failed: Failed to connect to bus")
    assert ran.lines[0].endswith("installed")


def test_without_systemd_nothing_is_written(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    ran = mdtasks(root, "install", "--yes")
    assert (ran.code, "no systemd" in ran.said[0]) == (1, True)
    assert not unit_path().exists()
    assert "there is no systemd on this computer" in mdtasks(root, "status").said[0]


def test_status_says_what_systemd_says(root: Path, bin_folder: Path) -> None:
    program(bin_folder, "systemctl", RUNS)
    said = mdtasks(root, "status", "--json").json["service"]
    assert said == {
        "kind": "systemd",
        "name": UNIT,
        "file": str(unit_path()),
        "installed": False,
        "changed": False,
        "enabled": True,
        "running": True,
        "pid": 71,
        "problem": "",
        "watched": False,
        "log": f"journalctl --user -u {UNIT}",
    }
    assert mdtasks(root, "status").lines[2] == "running  yes, process 71"


def test_status_knows_a_watcher_that_was_started_by_hand(root: Path, systemctl: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "mdtasks", "--vault", str(root), "watch"],
        env=environ(),
        stderr=subprocess.PIPE,
    ) as watcher:
        assert watcher.stderr is not None
        watcher.stderr.readline()
        ran = process(root, "service", "status", "--json")
        watcher.terminate()
        watcher.communicate()
    assert ran.json["service"]["watched"]
    assert not mdtasks(root, "status", "--json").json["service"]["watched"]


# macOS


def session_of(root: Path) -> Session:
    return open_session(str(root), None, lambda line: None)


def test_on_macos_an_agent_is_written_started_and_removed(root: Path, bin_folder: Path) -> None:
    calls = program(bin_folder, "launchctl", "\tstate = running\n\tpid = 90\n")
    one = use.service(session_of(root), platform="darwin")
    use.install(one)
    path = Path.home() / "Library" / "LaunchAgents" / "mdtasks.home.plist"
    said = plistlib.loads(path.read_bytes())
    assert said["ProgramArguments"][-2:] == [str(root), "watch"]
    assert said["StandardErrorPath"] == str(Path.home() / "Library/Logs/mdtasks.home.log")
    assert use.standing(one) == use.Standing(True, False, True, True, 90)
    data = use.check_ours(one)
    assert data == path.read_bytes()
    assert use.remove(one, data) == ""
    assert not path.exists()
    domain = f"gui/{os.getuid()}"
    assert calls.read_text().splitlines() == [
        f"bootstrap {domain} {path}",
        f"print {domain}/mdtasks.home",
        f"bootout {domain}/mdtasks.home",
    ]


def test_an_agent_that_launchd_does_not_know_is_off(root: Path, bin_folder: Path) -> None:
    program(bin_folder, "launchctl", code=113, complains="Could not find service")
    one = use.service(session_of(root), platform="darwin")
    assert use.standing(one) == use.Standing(False, False, False, False)
    with pytest.raises(MdtasksError, match="Could not find service"):
        use.install(one)


@pytest.mark.parametrize("platform", ["win32", "sunos5"])
def test_elsewhere_it_says_that_there_is_none(root: Path, platform: str) -> None:
    with pytest.raises(RefusedError, match="installs no service on this system"):
        use.service(session_of(root), platform=platform)


def test_a_folder_whose_name_is_no_text_is_refused(tmp_path: Path) -> None:
    odd = tmp_path / os.fsdecode(b"n\xfftes")
    odd.mkdir()
    (odd / "mdtasks.toml").write_text('vault_id = "home"\n')
    ran = call("--vault", str(odd), "service", "install", "--dry-run")
    assert (ran.code, ran.said[1]) == (1, "hint: rename the folder")
