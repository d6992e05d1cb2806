"""What goes wrong inside, for whoever runs the server: on stderr, without any token.

Rule: a path is never written; what has the form of a token is cut out of everything else.
"""

from __future__ import annotations

import logging
import re

# 32 bytes in URL-safe base64.
_TOKEN = re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])")


class Cut(logging.Formatter):
    """Leaves tokens out, also of tracebacks."""

    def format(self, record: logging.LogRecord) -> str:
        return cut(super().format(record))


def cut(text: str) -> str:
    return _TOKEN.sub("…", text)


def to_stderr() -> None:
    """Have the server's faults told."""
    handler = logging.StreamHandler()
    handler.setFormatter(Cut("mdtasks: %(message)s"))
    for name in ("uvicorn", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(logging.ERROR)
        logger.propagate = False
