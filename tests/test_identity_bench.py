"""What the bench of identities counts as wrong, and what as undecided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.bench.identity import Run, Score
from tests.bench.notebook import Line, Lines, task_at

ABOVE, BELOW = Line(9001, "Move the lamp to the hall"), Line(9002, "Mend the roof in spring")
TASK = Line(9003, "Print the programme for chapter in two languages")


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    one = Run(tmp_path, 1, 1)
    with one.store:
        yield one


def judged(run: Run, *saves: Lines) -> Score:
    """Return what is counted once a note was saved like this, one time after the other."""
    for lines in saves:
        run.vault.notes["a.md"] = lines
        run.judge()
    return run.score


def test_a_series_that_was_ticked_and_deleted_looks_as_if_it_was_put_off(run: Run) -> None:
    series = replace(TASK, rule="every week", due=run.vault.today)
    later = replace(series, number=9004, due=run.vault.day())
    score = judged(run, [ABOVE, series, BELOW], [ABOVE, later, BELOW])
    assert (score.undecided.total(), score.wrong.total()) == (1, 0)


def test_another_task_at_the_place_of_one_is_wrong_however_much_it_is_like_it(run: Run) -> None:
    other = replace(TASK, number=9004, text=f"{TASK.text} again")
    score = judged(run, [ABOVE, TASK, BELOW], [ABOVE, other, BELOW])
    assert (score.undecided.total(), score.wrong.total()) == (0, 1)


def copied(run: Run, text: str) -> Lines:
    """Return a note with a copy of its task below it, which says something else."""
    (copy,) = run.vault.fresh([TASK])
    return [ABOVE, TASK, replace(task_at([copy], 0), text=text), BELOW]


def test_of_a_copy_and_its_reworded_original_nothing_says_which_was_first(run: Run) -> None:
    judged(run, [ABOVE, TASK, BELOW])
    lines = copied(run, f"{TASK.text}s")
    lines[1] = replace(TASK, text="Print programme for chapter")
    score = judged(run, lines)
    assert (score.undecided.total(), score.wrong.total(), score.lost.total()) == (1, 0, 0)


def test_a_copy_is_not_the_task_where_that_stayed_as_it_was(run: Run) -> None:
    judged(run, [ABOVE, TASK, BELOW])
    score = judged(run, copied(run, f"{TASK.text} again"))
    assert not score.undecided + score.wrong + score.lost
