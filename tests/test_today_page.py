"""How the day's page looks on terminals of any width."""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from mdtasks.app.refresh import opened
from mdtasks.app.session import Session, open_session
from mdtasks.app.today import today
from mdtasks.model import Rolled, Task, Today, Unplaced
from mdtasks.render import terminal
from mdtasks.render.pen import Pen
from mdtasks.render.terminal import Show
from tests.running import still

SAMPLE = Path(__file__).parents[1] / "sample-vault"
WIDTHS = [20, 30, 40, 60, 80, 120]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> tuple[Today, dict[str, Task], Session]:
    """Return the sample vault's day, with something in each of its parts."""
    root = tmp_path_factory.mktemp("page") / "sample"
    shutil.copytree(SAMPLE, root)
    still(root)
    patch = pytest.MonkeyPatch()
    with patch.context() as own:
        for name in ("CACHE", "STATE", "DATA", "CONFIG"):
            own.setenv(f"XDG_{name}_HOME", str(root.parent / name.lower()))
        session = open_session(str(root), "2026-11-23T09:30", lambda line: None)
        with opened(session) as (store, _):
            value, tasks = today(session, store, session.today)
    uids = [uid for block in value.blocks for uid in block.tasks]
    value = value._replace(
        overdue=7,
        unplaced=tuple(Unplaced(uid, "no free 1h30m by Sun, at most 4h a day") for uid in uids[:7]),
        rolled=tuple(Rolled(uid, 4, date(2026, 11, 16)) for uid in uids),
        decide=tuple(uids[:3]),
    )
    return value, tasks, session


def lines(page: tuple[Today, dict[str, Task], Session], width: int) -> list[str]:
    value, tasks, session = page
    show = Show(Pen(tty=True, width=width), session.today)
    return list(terminal.today(value, tasks, show, session.now))


def columns(line: str) -> int:
    wide = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line)
    return wide - sum(unicodedata.combining(letter) > 0 for letter in line)


@pytest.mark.parametrize("width", WIDTHS)
def test_no_line_is_wider_than_the_terminal(
    page: tuple[Today, dict[str, Task], Session], width: int
) -> None:
    shown = lines(page, width)
    assert set(heads(shown)) >= {"Small tasks", "Does not fit"}
    assert [line for line in shown if columns(line) > width] == []


def heads(shown: list[str]) -> Iterator[str]:
    return (line for line in shown if line and not line.startswith(" "))


@pytest.mark.parametrize("width", WIDTHS[1:])
def test_every_task_keeps_its_key_from_thirty_columns_on(
    page: tuple[Today, dict[str, Task], Session], width: int
) -> None:
    value, tasks, _ = page
    words = set(" ".join(lines(page, width)).split())
    named = [task.key for task in value.micro]
    named += [tasks[block.tasks[0]].key for block in value.blocks if len(block.tasks) == 1]
    assert [key for key in named if key not in words] == []


def test_in_a_pipe_nothing_is_cut(page: tuple[Today, dict[str, Task], Session]) -> None:
    value, tasks, _ = page
    shown = "\n".join(lines(page, 0))
    assert all(block.title in shown and block.reason in shown for block in value.blocks)
    assert all(tasks[task.uid].text in shown for task in value.micro)


def test_the_first_that_is_asked_about_has_its_commands(
    page: tuple[Today, dict[str, Task], Session],
) -> None:
    value, tasks, _ = page
    shown = lines(page, 0)
    at = shown.index("Decide: split, postpone, hand over or drop")
    asked = [tasks[uid] for uid in value.decide]
    for line, task in zip(shown[at + 1 :], asked, strict=False):
        assert line.split("  ")[1] == task.text
        assert line.endswith(f"{task.key}  planned 4 times")
    commands = [line.split("  ")[2] for line in shown[at + 4 : at + 8]]
    key = asked[0].key
    assert commands == [
        f"mdtasks split {key}",
        f'mdtasks postpone {key} "next week"',
        f"mdtasks hand {key} NAME",
        f"mdtasks cancel {key}",
    ]


def test_what_was_planned_once_says_nothing(
    page: tuple[Today, dict[str, Task], Session],
) -> None:
    value, tasks, session = page
    once = tuple(each._replace(times=1) for each in value.rolled)
    calm = value._replace(rolled=once, decide=())
    shown = terminal.today(calm, tasks, Show(Pen(), session.today), session.now)
    assert not [line for line in shown if "planned" in line or "Decide" in line]
