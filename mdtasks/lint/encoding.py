"""Lines of a note that are not UTF-8, for `mdtasks check`.

Rule: one problem a note, at its first such task. Bytes that are no UTF-8 come as lone surrogates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from mdtasks.model import Problem, Task

_NO_TEXT = re.compile("[\udc80-\udcff]")


def not_utf8(tasks: Iterable[Task]) -> list[Problem]:
    """Return the problem of a note with these tasks, if it has one."""
    for source in (task.source for task in tasks):
        if not source.text.isascii() and _NO_TEXT.search(source.text):
            message = "this line is not UTF-8, so not all of it can be read"
            return [Problem(source.path, source.line, message, "save the note as UTF-8")]
    return []
