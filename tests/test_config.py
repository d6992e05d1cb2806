"""The files of settings, the way to the vault, and the places outside it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from mdtasks.config import default_vault_id, find_vault, load, places, planning_settings, timezone
from mdtasks.errors import ConfigError, VaultEmptyError, VaultNotFoundError
from mdtasks.settings import Config
from mdtasks.toml.keys import read_config
from mdtasks.toml.starter import starter


def settings(text: str) -> Config:
    """What `text` makes of the defaults."""
    return read_config(tomllib.loads(text), Config())


# Loading


def test_a_vault_without_configuration_has_the_defaults_and_a_vault_id(tmp_path: Path) -> None:
    loaded = load(tmp_path)
    assert loaded.config == Config(vault_id=default_vault_id(tmp_path))
    assert loaded.notices == ()


def test_a_vault_without_configuration_does_not_load_toml(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from mdtasks.config import load;"
        "load(Path(sys.argv[1]));"
        "print({'tomllib', 'difflib', 'tzlocal', 'platformdirs'} & {*sys.modules})"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "set()\n"


# Finding the vault


@pytest.fixture
def nobody(tmp_path: Path) -> Path:
    """A user's configuration that is not there."""
    return tmp_path / "none" / "config.toml"


def test_the_option_goes_before_the_environment_and_that_before_the_folder(
    tmp_path: Path, nobody: Path
) -> None:
    a, b, here = (tmp_path / name for name in ("a", "b", "here"))
    for folder in (a, b, here / ".obsidian"):
        folder.mkdir(parents=True)
    environ = {"MDTASKS_VAULT": str(b)}
    assert find_vault(str(a), environ, here, nobody) == a
    assert find_vault("../a", environ, here, nobody) == a
    assert find_vault(None, environ, here, nobody) == b
    assert find_vault(None, {"MDTASKS_VAULT": ""}, here, nobody) == here


@pytest.mark.parametrize("mark", ["mdtasks.toml", ".obsidian/app.json"])
def test_the_nearest_folder_upward_is_the_vault(tmp_path: Path, mark: str, nobody: Path) -> None:
    deep = tmp_path / "vault" / "a" / "b"
    deep.mkdir(parents=True)
    (tmp_path / ".obsidian").mkdir()
    (tmp_path / "vault" / mark).parent.mkdir(exist_ok=True)
    (tmp_path / "vault" / mark).touch()
    assert find_vault(None, {}, deep, nobody) == tmp_path / "vault"


def test_a_file_named_obsidian_makes_no_vault(tmp_path: Path, nobody: Path) -> None:
    (tmp_path / ".obsidian").touch()
    with pytest.raises(VaultNotFoundError) as caught:
        find_vault(None, {}, tmp_path, nobody)
    assert "--vault" in caught.value.hint
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("name", ["gone", "file.md", "", "a\0b"])
def test_a_named_vault_that_is_no_folder_is_missing(
    tmp_path: Path, name: str, nobody: Path
) -> None:
    (tmp_path / "file.md").touch()
    (tmp_path / ".obsidian").mkdir()
    with pytest.raises(VaultEmptyError) as caught:
        find_vault(name, {}, tmp_path, nobody)
    assert caught.value.exit_code == 3
    assert caught.value.hint


def test_a_vault_behind_a_link_is_the_folder_itself(tmp_path: Path, nobody: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert find_vault("link", {}, tmp_path, nobody) == tmp_path / "real"


def test_the_users_own_configuration_names_the_vault_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path))
    config = tmp_path / "config" / "mdtasks" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('vault = "~/notes"')
    (tmp_path / "notes").mkdir()
    assert find_vault(None, {}, tmp_path) == tmp_path / "notes"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# mine\nvalut = ''", ":2: unknown key `valut`"),
        ("vault = 5", ":1: `vault` is no text"),
        ("vault", ":1:6: this is not TOML"),
    ],
)
def test_a_fault_in_the_users_own_configuration_names_it(
    tmp_path: Path, text: str, message: str
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(text)
    with pytest.raises(ConfigError) as caught:
        find_vault(None, {}, tmp_path, config)
    assert caught.value.message.startswith(f"{config}{message}")


# Places


def test_the_default_vault_id_is_the_folders_name_and_its_place(tmp_path: Path) -> None:
    one, other = tmp_path / "a" / "Mes Notes d'été", tmp_path / "b" / "Mes Notes d'été"
    for folder in (one, other):
        folder.mkdir(parents=True)
    assert re.fullmatch(r"mes-notes-d-ete-[0-9a-f]{8}", default_vault_id(one))
    assert default_vault_id(one) != default_vault_id(other)
    assert default_vault_id(one / ".." / one.name) == default_vault_id(one)


@pytest.mark.parametrize("name", ["заметки", "...", "a" * 200, os.fsdecode(b"\xff\xfe")])
def test_every_folder_has_a_vault_id_that_may_be_set(tmp_path: Path, name: str) -> None:
    vault_id = default_vault_id(tmp_path / name)
    assert settings(f'vault_id = "{vault_id}"').vault_id == vault_id


def test_places_lie_outside_the_vault_and_are_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in ("CACHE", "STATE", "DATA"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind))
    vault = tmp_path / "notes"
    vault.mkdir()
    own = default_vault_id(vault)
    found = places(vault, Config()._replace(vault_id="mine"))
    assert found.cache == tmp_path / "CACHE" / "mdtasks" / own / "index.sqlite"
    assert found.state == tmp_path / "STATE" / "mdtasks" / own
    assert found.feed == tmp_path / "DATA" / "mdtasks" / "mine" / "calendar.ics"
    assert [path.name for path in tmp_path.iterdir()] == ["notes"]


@pytest.mark.parametrize(
    ("output", "feed"),
    [
        ("out/a.ics", "notes/out/a.ics"),
        ("../a.ics", "notes/../a.ics"),
        ("~/a.ics", "home/a.ics"),
        ("/srv/a.ics", "/srv/a.ics"),
    ],
)
def test_the_feed_goes_where_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str, feed: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    config = settings(f'[feed]\noutput = "{output}"')
    assert places(tmp_path / "notes", config).feed == tmp_path / feed


# The zone


@pytest.mark.parametrize(
    ("configured", "tz", "expected"),
    [
        ("Asia/Tokyo", "Europe/Berlin", "Asia/Tokyo"),
        ("", "Europe/Berlin", "Europe/Berlin"),
        ("", ":Europe/Berlin", "Europe/Berlin"),
        ("", "/usr/share/zoneinfo/America/Argentina/Salta", "America/Argentina/Salta"),
    ],
)
def test_the_zone_is_that_of_the_configuration_then_of_tz(
    configured: str, tz: str, expected: str
) -> None:
    zone, notices = timezone(Config()._replace(timezone=configured), {"TZ": tz})
    assert (zone.key, notices) == (expected, ())


def test_a_zone_that_nobody_knows_is_utc_with_a_notice() -> None:
    zone, (notice,) = timezone(Config(), {"TZ": "CET-1CEST,M3.5.0,M10.5.0/3"})
    assert zone.key == "UTC"
    assert "CET-1CEST" in notice
    assert "`timezone`" in notice


@pytest.mark.parametrize(
    "link", ["/usr/share/zoneinfo/Asia/Tokyo", "../var/db/timezone/zoneinfo/Asia/Tokyo"]
)
@pytest.mark.parametrize("tz", ["", ":/etc/localtime"])
def test_the_zone_of_the_system_is_the_one_that_it_links_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, link: str, tz: str
) -> None:
    (tmp_path / "localtime").symlink_to(link)
    monkeypatch.setattr("mdtasks.config.LOCALTIME", tmp_path / "localtime")
    zone, notices = timezone(Config(), {"TZ": tz})
    assert (zone.key, notices) == ("Asia/Tokyo", ())


def test_a_system_without_that_link_is_asked_by_tzlocal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "localtime").touch()
    monkeypatch.setattr("mdtasks.config.LOCALTIME", tmp_path / "localtime")
    monkeypatch.setattr("tzlocal.get_localzone_name", lambda: "Asia/Tokyo")
    assert timezone(Config(), {})[0].key == "Asia/Tokyo"


def test_the_digest_follows_what_a_plan_depends_on_and_nothing_else() -> None:
    base = planning_settings(Config())
    assert planning_settings(settings(re.sub(r"(?m)^#(?=\S)", "", starter("v")))) == base
    assert planning_settings(settings("[display]\nclock = 12")) == base
    for change in (
        "[plan]\nstep = 10",
        "[hours]\nsun = []\nmon = []",
        'timezone = "UTC"',
        '[statuses]\n"h" = "ON_HOLD"',
    ):
        assert planning_settings(settings(change)) != base
