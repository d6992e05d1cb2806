"""Where cache, data and state lie: where platformdirs, which knows every system, puts them."""

from __future__ import annotations

from pathlib import Path

import platformdirs
import pytest

from mdtasks.config import places
from mdtasks.settings import Config

UNSET = ("", "   ", "relative/path")


@pytest.mark.parametrize("value", [None, *UNSET, "/srv/mine", " /srv/spaces ", "/srv/slash/"])
def test_our_folders_are_those_of_platformdirs(
    value: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for kind in ("CACHE", "DATA", "STATE"):
        if value is None:
            monkeypatch.delenv(f"XDG_{kind}_HOME", raising=False)
        else:
            monkeypatch.setenv(f"XDG_{kind}_HOME", value)
    found = places(tmp_path / "Notes", Config(vault_id="notes"))
    assert found.cache.parents[1] == platformdirs.user_cache_path("mdtasks", appauthor=False)
    assert found.state.parents[0] == platformdirs.user_state_path("mdtasks", appauthor=False)
    assert found.feed.parents[1] == platformdirs.user_data_path("mdtasks", appauthor=False)
