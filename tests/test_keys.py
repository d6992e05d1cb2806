"""A key means the task for which it was shown, and no other that begins alike by chance."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from mdtasks.index.identity import births
from tests.conftest import MakeVault
from tests.running import mdtasks, still


def namesakes() -> tuple[str, str, str]:
    """Return two texts of tasks in a.md whose uids begin alike, and how."""
    seen: dict[str, str] = {}
    for number in count():
        text = f"{number} thing"
        (uid,) = births("a.md", [(text, "")], "home")
        if uid[:3] in seen:
            return seen[uid[:3]], text, uid[:3]
        seen[uid[:3]] = text
    raise AssertionError


ONE, OTHER, KEY = namesakes()
REST = "- [ ] Something else entirely\n"


@pytest.fixture
def root(vault: MakeVault) -> Path:
    return vault({"mdtasks.toml": 'vault_id = "home"\n', "a.md": f"- [ ] {ONE}\n{REST}"})


def save(root: Path, text: str) -> None:
    (root / "a.md").write_text(text)
    still(root)


def test_the_key_of_a_task_that_is_gone_ticks_no_other(root: Path) -> None:
    keys = [task["key"] for task in mdtasks(root, "list", "--json").json["tasks"]]
    assert keys[0] == KEY
    save(root, REST)
    mdtasks(root, "index")
    save(root, f"{REST}- [ ] {OTHER}\n")
    ran = mdtasks(root, "done", KEY)
    assert ran.code == 1
    assert f"{KEY} was `{ONE}`, which is gone" in ran.said[0]
    assert "[x]" not in (root / "a.md").read_text()


def test_a_key_that_is_shown_is_not_that_of_a_task_that_was_there_a_while_ago(root: Path) -> None:
    mdtasks(root, "list")
    save(root, REST)
    mdtasks(root, "index")
    save(root, f"{REST}- [ ] {OTHER}\n")
    [_, other] = mdtasks(root, "list", "--json").json["tasks"]
    assert len(other["key"]) > len(KEY)
    assert mdtasks(root, "done", other["key"]).code == 0
    assert f"- [x] {OTHER}" in (root / "a.md").read_text()
