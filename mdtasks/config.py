"""Where the vault is, what is set for it, and where its cache, state and feed lie.

Rule: the only reader of configuration, ours and Obsidian's. What is merely odd becomes a notice,
a line for the person; what is wrong in our own file is a ConfigError. A vault without
mdtasks.toml pays nothing for TOML.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mdtasks.errors import ConfigError, VaultEmptyError, VaultNotFoundError
from mdtasks.settings import Config, DailyNotes

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

FILE = "mdtasks.toml"
_OBSIDIAN = ".obsidian"
_DAILY_NOTES = f"{_OBSIDIAN}/daily-notes.json"
_DAILY_NOTES_LIMIT = 64 * 1024  # it holds three lines

LOCALTIME = Path("/etc/localtime")

Notices = tuple[str, ...]


# The vault


def find_vault(
    option: str | None, environ: Mapping[str, str], cwd: Path, user_config: Path | None = None
) -> Path:
    """Return the vault's folder, resolved: the option, else $MDTASKS_VAULT, else the nearest
    folder upward that is one, else the `vault` of the user's own configuration.

    Raises VaultEmptyError if the named folder is not there, VaultNotFoundError if none is named.
    """
    if option is not None:
        return _named(cwd, option, "--vault")
    if named := environ.get("MDTASKS_VAULT"):
        return _named(cwd, named, "$MDTASKS_VAULT")
    for folder in (cwd, *cwd.parents):
        if _is_vault(folder):
            return folder.resolve()
    config = user_config or _user_config()
    if named := _vault_of_user(config):
        return _named(config.parent, named, f"`vault` in {config}")
    raise VaultNotFoundError(
        f"there is no vault here: no {FILE} and no {_OBSIDIAN}/ in this folder or above it",
        "go to your notes, or name them with --vault DIR or $MDTASKS_VAULT",
    )


def _named(base: Path, name: str, by: str) -> Path:
    folder = _below(base, name)
    try:
        found = bool(name) and folder.is_dir()
    except PermissionError:
        found = False
    if not found:
        raise VaultEmptyError(f"{by} names no folder: {name}", "check the name, or mount the disk")
    return folder.resolve()


def _below(base: Path, name: str) -> Path:
    """Return the path that a person named: absolute, from home (~), or relative to `base`."""
    return base / os.path.expanduser(name)  # noqa: PTH111 (Path's raises where ~x is nobody)


def _is_vault(folder: Path) -> bool:
    try:
        return (folder / FILE).is_file() or (folder / _OBSIDIAN).is_dir()
    except PermissionError:
        return False


def _user_config() -> Path:
    from platformdirs import user_config_path

    return user_config_path("mdtasks", appauthor=False) / "config.toml"


def _vault_of_user(path: Path) -> str:
    """Return the `vault` of the user's own configuration, "" if it has none."""
    data = _bytes(path, str(path))
    if data is None:
        return ""
    from mdtasks.toml.document import line_of, parse

    text, table = parse(str(path), data)
    for key in table:
        if key != "vault":
            place = f"{path}:{line_of(text, (key,))}"
            raise ConfigError(f"{place}: unknown key `{key}`", "known here: vault")
    vault = table.get("vault", "")
    if not isinstance(vault, str):
        raise ConfigError(
            f"{path}:{line_of(text, ('vault',))}: `vault` is no text", "wanted: a path"
        )
    return vault


def _bytes(path: Path, name: str) -> bytes | None:
    """Return what the file holds, None if there is no file."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(f"{name}: {error.strerror}", "make it a file that you may read") from None


# The settings


class Loaded(NamedTuple):
    """The settings of a vault, `vault_id` always set, and what the person should be told."""

    config: Config
    notices: Notices = ()


def load(vault: Path) -> Loaded:
    """Return the defaults, then what Obsidian knows, then what mdtasks.toml says.

    Raises ConfigError that names file, line and key.
    """
    config, notices = _with_obsidian(Config(vault_id=default_vault_id(vault)), vault)
    data = _bytes(vault / FILE, FILE)
    return Loaded(config if data is None else _with_toml(config, data), notices)


def _with_toml(config: Config, data: bytes) -> Config:
    from mdtasks.toml.document import line_of, parse
    from mdtasks.toml.keys import FaultError, read_config

    text, table = parse(FILE, data)
    try:
        return read_config(table, config)
    except FaultError as fault:
        line = line_of(text, fault.path)
        raise ConfigError(f"{FILE}:{line}: {fault.message}", fault.hint) from None


def _with_obsidian(config: Config, vault: Path) -> tuple[Config, Notices]:
    """Return `config` with the folder and format of Obsidian's daily notes, where it has them."""
    path = vault / _DAILY_NOTES
    try:
        if not path.is_file():
            return config, ()
        with path.open("rb") as file:
            daily = _daily_notes(file.read(_DAILY_NOTES_LIMIT))
    except (OSError, ValueError, RecursionError) as error:
        return config, (f"{_DAILY_NOTES} is not used: {error}",)
    return config._replace(read=config.read._replace(daily_notes=daily)), ()


def _daily_notes(data: bytes) -> DailyNotes:
    """Raises ValueError, RecursionError: the file may be anybody's."""
    import json

    from mdtasks.toml.values import date_format, folder

    said = json.loads(data)
    if not isinstance(said, dict):
        raise ValueError("it holds no object")
    # Obsidian keeps "" for what was left at its default.
    return DailyNotes(
        folder(said.get("folder") or ""), date_format(said.get("format") or DailyNotes().format)
    )


def default_vault_id(vault: Path) -> str:
    """Return the folder's name as a slug and 8 hex digits of its resolved path."""
    from hashlib import blake2b
    from unicodedata import normalize

    path = vault.resolve()
    letters = normalize("NFKD", path.name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", letters)[:40].strip("-") or "vault"
    return f"{slug}-{blake2b(os.fsencode(path), digest_size=4).hexdigest()}"


def config_digest(config: Config) -> bytes:
    """Return a digest of the settings that a plan depends on, equal in every run.

    What [read] changes shows in the tasks; the system's time zone is not in it.
    """
    from hashlib import blake2b

    settings = (config.timezone, config.hours, config.plan)
    return blake2b(repr(settings).encode(), digest_size=16).digest()


# What lies outside the vault


class Places(NamedTuple):
    """The index file, the folder of locks and outbox, the calendar file. None is made here."""

    cache: Path
    state: Path
    feed: Path


def places(vault: Path, config: Config) -> Places:
    """Return the places of a vault, each of its own: by its path, the feed by its `vault_id`."""
    from platformdirs import user_cache_path, user_data_path, user_state_path

    own = default_vault_id(vault)
    feed = user_data_path("mdtasks", appauthor=False) / config.vault_id / "calendar.ics"
    if config.feed.output:
        feed = _below(vault, config.feed.output)
    return Places(
        cache=user_cache_path("mdtasks", appauthor=False) / own / "index.sqlite",
        state=user_state_path("mdtasks", appauthor=False) / own,
        feed=feed,
    )


# The time zone


def timezone(config: Config, environ: Mapping[str, str]) -> tuple[ZoneInfo, Notices]:
    """Return the zone that is set, else $TZ, else the system's; UTC if nobody knows it."""
    from mdtasks.toml.values import zone

    name = config.timezone or _environ_zone(environ) or _system_zone()
    if found := zone(name):
        return found, ()
    from zoneinfo import ZoneInfo

    notice = f'the time zone "{name}" is not known, so UTC is used; set `timezone` in {FILE}'
    return ZoneInfo("UTC"), (notice,)


def _environ_zone(environ: Mapping[str, str]) -> str:
    """Return the zone's name in $TZ: Europe/Berlin, also as :Europe/Berlin or as a path."""
    name = environ.get("TZ", "").removeprefix(":").rpartition("/zoneinfo/")[2]
    return "" if name == "/etc/localtime" else name


def _system_zone() -> str:
    # Most systems name it by this link, see localtime(5), and tzlocal is slow to import.
    with suppress(OSError):
        _, found, name = str(LOCALTIME.readlink()).rpartition("/zoneinfo/")
        if found:
            return name
    import time

    import tzlocal

    with suppress(LookupError, OSError):  # its sources contradict each other, or are unreadable
        if name := tzlocal.get_localzone_name():
            return name
    return str(LOCALTIME) if time.timezone or time.daylight else "UTC"
