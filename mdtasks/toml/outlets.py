"""The places to which the plan is carried: `[[publish]]`.

Rule: an address may be as good as a password: no message shows it. A password itself is never
written here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from mdtasks.settings import Outlet
from mdtasks.toml import values
from mdtasks.toml.faults import FaultError, KeyPath, named, shown
from mdtasks.toml.hosts import is_loopback
from mdtasks.toml.values import Reader

_KINDS = ("file", "webdav", "caldav")
_URL = (
    r"(https?)://((?:[^\s/?#]*@)?)(\[[0-9a-f:.]+\]|[^\s/?#@:\[\]]+)(?::[0-9]+)?(/[^\s?#]*)?(\?\S*)?"
)


def publish(value: object) -> tuple[Outlet, ...]:
    return named("publish", value, _FIELDS, _outlet, "place")


def _outlet(path: KeyPath, said: Mapping[str, Any]) -> Outlet:
    kinds = [kind for kind in _KINDS if kind in said]
    if len(kinds) != 1:
        message = f"{shown(path)} has {'several' if kinds else 'none'} of {', '.join(_KINDS)}"
        raise FaultError(path, message, "say where the plan is to go, by one of the three")
    (kind,) = kinds
    _check_login(path, said, kind)
    to, host = (said[kind], "") if kind == "file" else _address((*path, kind), kind, said[kind])
    return Outlet(
        name=said.get("name", host or PurePosixPath(to.replace("\\", "/")).stem),
        kind=kind,
        to=to,
        lens=said.get("lens", "full"),
        user=said.get("user", ""),
        password_command=said.get("password_command", ()),
        password_env=said.get("password_env", ""),
    )


def _check_login(path: KeyPath, said: Mapping[str, Any], kind: str) -> None:
    passwords = [key for key in ("password_command", "password_env") if key in said]
    if kind == "file" and ("user" in said or passwords):
        raise FaultError(path, f"{shown(path)} is a file with a login", "a file needs none")
    if len(passwords) > 1:
        message = f"{shown(path)} has both `password_command` and `password_env`"
        raise FaultError(path, message, "say where the password is, by one of the two")
    if bool(passwords) != ("user" in said):
        missing = "`password_command` or `password_env`" if "user" in said else "`user`"
        raise FaultError(path, f"{shown(path)} has no {missing}", "a login needs both")


def _address(path: KeyPath, kind: str, said: object) -> tuple[str, str]:
    """Return an address and its host, without a word of it in what is raised."""
    url = said.strip() if isinstance(said, str) else ""
    # Compiled only here: every `mdtasks today` reads the table of keys.
    match = re.fullmatch(_URL, url, re.IGNORECASE)
    if not match or not url.isprintable() or not values.line(url):
        hint = 'wanted: an address that begins with "https://"'
        raise FaultError(path, f"{shown(path)} is no address", hint)
    scheme, login, host, place, query = match.groups(default="")
    host = host.lower()
    if login:
        hint = "write `user`, and `password_command` or `password_env`"
        raise FaultError(path, f"{shown(path)} has a login in it", hint)
    if scheme.lower() == "http" and not is_loopback(host.strip("[]")):
        hint = 'wanted: "https://"; only on this computer may it go without'
        raise FaultError(path, f"{shown(path)} is not encrypted", hint)
    if kind == "caldav" and query:
        raise FaultError(path, f"{shown(path)} is no calendar", "wanted: an address without `?`")
    if kind == "webdav" and not place.endswith(".ics"):
        hint = 'wanted: the address of a file, which ends in ".ics"'
        raise FaultError(path, f"{shown(path)} is no calendar file", hint)
    url = f"{scheme.lower()}{url[len(scheme) :]}"
    return url if kind == "webdav" or url.endswith("/") else f"{url}/", host


def _unseen(value: object) -> object:
    """Return the value as it is: a reader that refuses it would have it shown."""
    return value


def _file(value: object) -> str:
    if path := values.calendar_file(value):
        return path
    raise ValueError('a path that ends in ".ics"')


def _lens(value: object) -> str:
    # Imported here: a vault without such a place pays nothing for it.
    from mdtasks.render.lens import KINDS, parse_lens

    text = values.words(value)
    if parse_lens(text):
        return text
    raise ValueError(f"one of {', '.join(KINDS)}")


def _user(value: object) -> str:
    text = values.words(value)
    # RFC 7617 section 2: what is behind the first colon is the password.
    if ":" in text:
        raise ValueError("a name without a colon")
    return text


def _command(value: object) -> tuple[str, ...]:
    hint = 'a program and its words, such as ["pass", "show", "cloud"]'
    if not isinstance(value, list) or not value:
        raise ValueError(hint)
    return tuple(map(values.line, value))


def _variable(value: object) -> str:
    text = values.words(value)
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", text):
        return text
    raise ValueError("the name of a variable of the environment")


_FIELDS: Mapping[str, Reader] = {
    "name": values.words,
    "file": _file,
    "webdav": _unseen,
    "caldav": _unseen,
    "lens": _lens,
    "user": _user,
    "password_command": _command,
    "password_env": _variable,
}
