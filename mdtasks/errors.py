"""Every failure that a person can meet: a message, a hint, an exit code.

Rule: an error says where, what, and what to do next. Code that finds a fault in a note
makes a `Problem` (model.py) instead, and the run goes on.
"""

from __future__ import annotations


class MdtasksError(Exception):
    """A command cannot go on. Shown as `mdtasks: message` and `hint: hint`."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(MdtasksError):
    """The call itself is wrong: an option, a date, a query."""

    exit_code = 2


class VaultNotFoundError(UsageError):
    """No vault was named and none lies on the way up from here."""


class ConfigError(UsageError):
    """`mdtasks.toml` (or the user's own configuration) cannot be read as it stands."""


class QueryError(UsageError):
    """A line of a query is no filter that is known."""


class UnknownKeyError(MdtasksError):
    """No task has this key."""


class AmbiguousKeyError(MdtasksError):
    """Several tasks have this key; the hint lists them."""


class RefusedError(MdtasksError):
    """A write that is not safe, or not wanted; nothing was written."""


class VaultEmptyError(MdtasksError):
    """The vault that had tasks is missing or empty; index and feed are kept."""

    exit_code = 3


class ChangedUnderUsError(MdtasksError):
    """The line or the file is not what was read; nothing was written."""

    exit_code = 4


class BrokenFeedError(MdtasksError):
    """The calendar that was made is none; nothing was published."""

    def __init__(self, fault: str) -> None:
        super().__init__(
            f"the new calendar does not parse back, so the last good one is kept: {fault}",
            "this is a fault of mdtasks: please report it with this line",
        )


class LockedError(MdtasksError):
    """Another mdtasks holds the lock."""

    exit_code = 5
