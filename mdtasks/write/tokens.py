"""Who may read what is served: the subscribers of a vault, and the secrets that they show.

Rule: lies in the state folder, for the person's eyes alone. A secret leaves here once, when it
is made; kept is its SHA-256. A list that cannot be read lets nobody in, and is not written over.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from mdtasks.errors import MdtasksError, RefusedError, UnknownKeyError
from mdtasks.write.files import explain, put
from mdtasks.write.locks import hold

_FILE = "subscribers.json"
# Rises with the shape.
_FORMAT = 1
_SECRET_BYTES = 32
_LEDGERS = "lenses"


class Subscriber(NamedTuple):
    """Who shows a token. `digest` is the SHA-256 of it, `key` what their names of events are made
    with; `revoked` is "" while the token counts."""

    name: str
    lens: str
    made: str
    digest: str
    key: str
    revoked: str = ""

    @property
    def is_active(self) -> bool:
        return not self.revoked


def load(state: Path) -> tuple[Subscriber, ...]:
    """Return the subscribers in the order of their making; none where there is no list.

    Raises MdtasksError where there is one that cannot be read.
    """
    path = state / _FILE
    try:
        found = json.loads(path.read_bytes())
        if found["format"] != _FORMAT:
            raise ValueError(found["format"])
        return tuple(Subscriber(**each) for each in found["subscribers"])
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise MdtasksError(f"{path}: cannot be read: {explain(error)[0]}") from error
    except (ValueError, KeyError, TypeError):
        raise MdtasksError(
            f"{path}: this is no list of subscribers that this version of mdtasks knows",
            "move it away; then nobody can read the feed until you give out new tokens",
        ) from None


def issue(state: Path, name: str, lens: str, now: datetime) -> tuple[Subscriber, str]:
    """Return a new subscriber and the token, which is told nowhere else.

    Raises RefusedError for a name that has one, and as `load` does.
    """
    token = secrets.token_urlsafe(_SECRET_BYTES)
    key = secrets.token_hex(_SECRET_BYTES)
    made = Subscriber(name, lens, now.isoformat(timespec="seconds"), digest_of(token), key)
    with _held(state):
        known = load(state)
        if any(each.is_active and each.name == name for each in known):
            raise RefusedError(
                f"{name} has a token already; nothing was changed",
                f"take another name, or first run `mdtasks feed token revoke {name}`",
            )
        _save(state, (*known, made))
    return made, token


def revoke(state: Path, name: str, now: datetime) -> Subscriber:
    """Let a token count no more. Raises UnknownKeyError where none of the name counts."""
    with _held(state):
        known = load(state)
        found = next((each for each in known if each.is_active and each.name == name), None)
        if found is None:
            names = ", ".join(each.name for each in known if each.is_active)
            raise UnknownKeyError(
                f"{name}: nobody of this name has a token",
                f"these have one: {names}" if names else "run `mdtasks feed token list`",
            )
        # Nothing is left to be told apart under the key.
        gone = found._replace(revoked=now.isoformat(timespec="seconds"), key="")
        _save(state, [gone if each is found else each for each in known])
        with suppress(OSError):
            ledger_of(state, found).unlink()
    return gone


def find(subscribers: Sequence[Subscriber], token: str) -> Subscriber | None:
    """Return who shows this token. How long it takes says nothing of the tokens that there are."""
    digest = digest_of(token)
    found = None
    for each in subscribers:
        if hmac.compare_digest(each.digest, digest):
            found = each
    return found


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def stamp(state: Path) -> tuple[int, int, int] | None:
    """Return what differs when the list was written anew; None where there is none."""
    try:
        stat = (state / _FILE).stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


def ledger_of(state: Path, subscriber: Subscriber) -> Path:
    """Return the file of what a subscriber was handed last, stamps and all."""
    return state / _LEDGERS / f"{subscriber.digest[:32]}.ics"


def put_ledger(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        put(path, data)
    except OSError as error:
        reason, hint = explain(error)
        raise MdtasksError(f"{path}: cannot be written: {reason}", hint) from error


@contextmanager
def _held(state: Path) -> Iterator[None]:
    """Let nobody else change the list. Raises MdtasksError for what the system says of files."""
    try:
        with hold(state, "tokens"):
            yield
    except OSError as error:
        reason, hint = explain(error)
        raise MdtasksError(f"{state / _FILE}: cannot be written: {reason}", hint) from error


def _save(state: Path, subscribers: Sequence[Subscriber]) -> None:
    kept = {"format": _FORMAT, "subscribers": [each._asdict() for each in subscribers]}
    put(state / _FILE, json.dumps(kept, indent=1).encode())
