"""The box in the line of a task that is to change.

Rule: pure. A task without a box on its line is no fault of the person's, but ours.
"""

from __future__ import annotations

from mdtasks.model import Task
from mdtasks.read.fields import Checkbox, split_line


def box_of(task: Task) -> Checkbox:
    """Return where the box of a task's line is. Raises ValueError for a line without one."""
    box = split_line(task.source.text)
    if box is None:
        raise ValueError(f"no box in the line of a task: {task.source.text!r}")
    return box
