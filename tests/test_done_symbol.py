"""Which symbol `done` writes: what the vault's statuses say comes next, where that means done."""

from __future__ import annotations

import pytest

from tests.conftest import MakeVault
from tests.running import mdtasks

STATUSES = """
[statuses]
"!" = { type = "TODO", name = "Important", next = "D" }
"D" = { type = "DONE", name = "Delivered" }
" " = { type = "TODO", name = "Todo", next = "/" }
"""


@pytest.mark.parametrize(("before", "after"), [("!", "D"), (" ", "x"), ("/", "x"), ("?", "x")])
def test_done_writes_what_comes_next_if_that_is_done(
    vault: MakeVault, before: str, after: str
) -> None:
    root = vault({"mdtasks.toml": STATUSES, "a.md": f"- [{before}] call\n"})
    assert mdtasks(root, "done", "a.md:1").code == 0
    assert (root / "a.md").read_text("utf-8") == f"- [{after}] call ✅ 2026-11-23\n"
