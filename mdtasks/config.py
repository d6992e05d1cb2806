"""Where the vault is, what is set for it, and where its cache, state and feed lie.

Rule: the only reader of configuration, ours and Obsidian's. What is merely odd becomes a notice,
a line for the person; what is wrong in our own file is a ConfigError. A vault without
mdtasks.toml pays nothing for TOML.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple
from zlib import crc32

from mdtasks.errors import ConfigError, VaultEmptyError, VaultNotFoundError
from mdtasks.settings import Config

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

FILE = "mdtasks.toml"
_OBSIDIAN = ".obsidian"
_ENABLED = f"{_OBSIDIAN}/community-plugins.json"
# By the names of `mdtasks.toml.obsidian`, which are the plugins' own.
_OF_OBSIDIAN = {name: f"{_OBSIDIAN}/{name}.json" for name in ("daily-notes", "templates")}
_TASKS = "obsidian-tasks-plugin"
_OF_PLUGINS = {
    plugin: f"{_OBSIDIAN}/plugins/{plugin}/data.json" for plugin in (_TASKS, "obsidian-day-planner")
}
_LONGEST_JSON = 256 * 1024  # a hundred statuses take 16 KB

# Vault-relative: when one of these changes, the settings may.
SETTINGS_FILES = frozenset((FILE, _ENABLED, *_OF_OBSIDIAN.values(), *_OF_PLUGINS.values()))

_XDG_DEFAULTS = {
    "cache": "~/.cache",
    "config": "~/.config",
    "data": "~/.local/share",
    "state": "~/.local/state",
}

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
    return _users_folder("config") / "config.toml"


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
    """The settings of a vault, `vault_id` always set, and what the person should be told.

    `sources`: key of mdtasks.toml -> the files that say it; any other has its default.
    """

    config: Config
    notices: Notices = ()
    sources: Mapping[str, Sequence[str]] = MappingProxyType({})


def load(vault: Path) -> Loaded:
    """Return the defaults, then what Obsidian knows, then what mdtasks.toml says.

    Raises ConfigError that names file, line and key.
    """
    loaded = _with_obsidian(Config(vault_id=default_vault_id(vault)), vault)
    data = _bytes(vault / FILE, FILE)
    return loaded if data is None else _with_toml(loaded, data)


def _with_toml(loaded: Loaded, data: bytes) -> Loaded:
    from mdtasks.toml.document import line_of, parse
    from mdtasks.toml.faults import FaultError
    from mdtasks.toml.keys import named, read_config

    text, table = parse(FILE, data)
    try:
        config = read_config(table, loaded.config)
    except FaultError as fault:
        line = line_of(text, fault.path)
        raise ConfigError(f"{FILE}:{line}: {fault.message}", fault.hint) from None
    # Statuses alone come from several files: each symbol from the last that names it.
    shared = {"statuses": (*loaded.sources.get("statuses", ()), FILE)}
    said = {name: shared.get(name, (FILE,)) for name in named(table)}
    return Loaded(config, loaded.notices, {**loaded.sources, **said})


def _with_obsidian(config: Config, vault: Path) -> Loaded:
    """Return `config` with what the files of Obsidian and of its enabled plugins say."""
    notices: list[str] = []
    sources: dict[str, Sequence[str]] = {}
    files = dict(_OF_OBSIDIAN)
    enabled = _json(vault, _ENABLED, list, notices) or ()
    files |= {plugin: path for plugin, path in _OF_PLUGINS.items() if plugin in enabled}
    for name, path in files.items():
        said = _json(vault, path, dict, notices)
        if name == _TASKS:
            # What it reads where nothing is said is its own default.
            dialect = "dataview" if said and said.get("taskFormat") == "dataview" else "emoji"
            config = config._replace(read=config.read._replace(plugin=dialect))
        if not said:
            continue
        from mdtasks.toml.obsidian import take

        taken = take(name, said, config)
        config = taken.config
        notices += (f"{path}: {notice}" for notice in taken.notices)
        sources |= dict.fromkeys(taken.keys, (path,))
    return Loaded(config, tuple(notices), sources)


def _json(vault: Path, name: str, kind: type, notices: list[str]) -> Any:
    """Return what a file of Obsidian's holds; None if it is not there or cannot be used.

    The files may be anybody's: they are read up to a limit and never waited for.
    """
    path = vault / name
    try:
        if not path.is_file():
            return None
        with path.open("rb") as file:
            data = file.read(_LONGEST_JSON + 1)
        if len(data) > _LONGEST_JSON:
            raise ValueError(f"it is larger than {_LONGEST_JSON // 1024} KB")
        import json

        found = json.loads(data)
        if not isinstance(found, kind):
            raise ValueError(f"it holds no {'list' if kind is list else 'object'}")
    except (OSError, ValueError, RecursionError) as error:
        # Behind a semicolon Python says what a programmer could do about it.
        why = error.strerror if isinstance(error, OSError) else str(error).partition(";")[0]
        notices.append(f"{name} is not used: {why}")
        return None
    return found


def default_vault_id(vault: Path) -> str:
    """Return the folder's name as a slug and 8 hex digits of its resolved path."""
    from unicodedata import normalize

    path = vault.resolve()
    letters = normalize("NFKD", path.name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", letters)[:40].strip("-") or "vault"
    # No stronger hash: hashlib alone would be a twentieth of `mdtasks today`.
    return f"{slug}-{crc32(os.fsencode(path)):08x}"


def planning_settings(config: Config) -> str:
    """Return the settings that a plan depends on, equal in every run.

    The system's time zone is not in it.
    """
    return repr(
        (
            config.timezone,
            config.hours,
            config.shape,
            config.display.week_start,
            config.plan,
            config.estimates,
            config.read,
        )
    )


# What lies outside the vault


class Places(NamedTuple):
    """The index file, the folder of locks and outbox, the calendar file. None is made here."""

    cache: Path
    state: Path
    feed: Path


def places(vault: Path, config: Config) -> Places:
    """Return the places of a vault, each of its own: by its path, the feed by its `vault_id`."""
    own = default_vault_id(vault)
    if config.feed.output:
        feed = _below(vault, config.feed.output)
    else:
        feed = _users_folder("data") / config.vault_id / "calendar.ics"
    return Places(
        cache=_users_folder("cache") / own / "index.sqlite",
        state=_users_folder("state") / own,
        feed=feed,
    )


def _users_folder(kind: str) -> Path:
    """Return the user's folder for our cache, config, data or state, as platformdirs has it."""
    if sys.platform == "linux":
        # The same by hand: platformdirs takes a tenth of `mdtasks today` to import.
        # https://specifications.freedesktop.org/basedir-spec: a relative path counts as unset.
        path = os.environ.get(f"XDG_{kind.upper()}_HOME", "")
        return Path(path if path.startswith("/") else _XDG_DEFAULTS[kind]).expanduser() / "mdtasks"
    import platformdirs

    path_of = getattr(platformdirs, f"user_{kind}_path")
    return Path(path_of("mdtasks", appauthor=False))


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


def zone_source(config: Config, environ: Mapping[str, str]) -> str:
    """Return who names the time zone; "default" is the system."""
    return FILE if config.timezone else "environment" if _environ_zone(environ) else "default"


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
