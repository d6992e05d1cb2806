"""A real browser: Chromium, as the system has it, without a window.

Rule: one browser for all tests of a file, and for each test a person of its own, without history.
What a page reports as an error, and what its policy forbids, fails the test.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.node import node_modules

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_MISSING = (
    "the page is tested in a browser: install Chromium (`apt install chromium`, "
    "`brew install --cask chromium`), so that `chromium` can be run"
)


def chromium() -> str:
    """Return the path of the browser; it is installed where we may do so."""
    if found := _found():
        return found
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        for words in (["update", "-qq"], ["install", "-y", "-qq", "chromium"]):
            subprocess.run(["apt-get", *words], check=False, capture_output=True)
    return _found() or pytest.fail(_MISSING)


def _found() -> str | None:
    named = next(filter(None, map(shutil.which, _NAMES)), None)
    return named or (str(_MAC) if _MAC.exists() else None)


@contextmanager
def browsing() -> Iterator[Browser]:
    """Start the browser; it has a new profile and ends with the block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=[*_FLAGS])
        yield browser
        browser.close()


def axe() -> str:
    """Return the script of axe-core, which finds what people with impairments stumble over."""
    return (node_modules() / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


class Person:
    """Looks at pages. `troubles` is what the pages complained of."""

    def __init__(self, browser: Browser) -> None:
        self.troubles: list[str] = []
        self._browser = browser
        self._contexts: list[BrowserContext] = []

    def opens(self, address: str, width: int = 1200, height: int = 900, **options: Any) -> Page:
        """Open a page; `options` are those of a browser's context."""
        size: Any = {"width": width, "height": height}
        context = self._browser.new_context(viewport=size, **options)
        context.set_default_timeout(60_000)
        self._contexts.append(context)
        page = context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.goto(address)
        return page

    def leaves(self) -> None:
        """Close all pages: they say that a server has gone."""
        while self._contexts:
            self._contexts.pop().close()

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.troubles.append(message.text)
