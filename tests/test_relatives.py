"""What a plan hangs on is loaded, and nothing of the lists: the same plan comes of it."""

from __future__ import annotations

import pytest

from mdtasks.app.opening import opened_to_read
from mdtasks.app.planning import current_plan, open_tasks, trial_plan
from mdtasks.app.relatives import contenders
from mdtasks.app.session import open_session
from mdtasks.plan import wanted
from mdtasks.read.note import read_note
from tests.conftest import MakeVault
from tests.running import NOW

TOML = 'timezone = "Europe/Berlin"\n[plan]\ndays = 3\n'
LISTS = "".join(f"- [ ] some day {n}\n" for n in range(200))
PILE = "".join(f"- [ ] pile {n} ⏱ 1h 📅 2026-11-{n % 20 + 1:02}\n" for n in range(60))
WORK = """\
- [ ] Ship it ⏱ 1h ⏫ 📅 2026-11-24 ⛔ proof
- [ ] Release 📅 2026-11-24 ⛔ legal
    - [ ] Notes ⏱ 30m
    - [ ] Tell all ⏱ 20m
- [ ] Party 🆔 legal
    - [ ] Balloons
    - [ ] Cake ⛔ flour
- [ ] Mill 🆔 flour 👤 Bo
- [ ] Read the proof 🆔 proof
    - [ ] First half
        - [ ] Chapter one ⏱ 45m ⏫
- [ ] Water the ferns 🔁 every week ⏱ 20m
"""


@pytest.mark.usefixtures("short_search")
@pytest.mark.parametrize(
    "text", ["report ⏱ 2h 📅 2026-11-25", "tell Bo ⏱ 1h ⛔ legal", "huge ⏱ 40h 🔺 📅 2026-11-24"]
)
def test_the_plan_of_what_matters_is_the_plan_of_all(
    vault: MakeVault, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(wanted, "CONTENDERS", 20)
    root = vault({"Work.md": WORK, "Pile.md": PILE, "Lists.md": LISTS, "mdtasks.toml": TOML})
    session = open_session(str(root), NOW, lambda line: None)
    with opened_to_read(session) as store:
        plan = current_plan(session, store)
        note = read_note("a.md", f"- [ ] {text}\n".encode(), session.config.read)
        newcomer = note.tasks[0]._replace(uid="new")
        everything, some = open_tasks(session, store), contenders(store, plan, newcomer)
        assert len(everything) == 272
        assert len(some) < 40
        ours, all_of_it = (
            trial_plan(session, store, [*tasks, newcomer], plan, 3) for tasks in (some, everything)
        )
    assert ours.blocks == all_of_it.blocks
    assert ours.moved == all_of_it.moved
    left_out = [each for each in all_of_it.unplaced if each not in ours.unplaced]
    assert {each.reason for each in left_out} == {wanted.CROWDED_OUT}
    assert {each.task for each in ours.unplaced} <= {each.task for each in all_of_it.unplaced}
