"""How much a task matters today: the Obsidian Tasks plugin's urgency, and the default order.

Rule: no clock; "today" is an argument. The figures are the plugin's (version 8.3.0,
src/Task/Urgency.ts), so that both show the same order.
"""

from __future__ import annotations

from datetime import date

from mdtasks.model import Priority, Status, Task

Order = tuple[int, float, date, int, str, int]

PRIORITY_URGENCY = {
    Priority.HIGHEST: 9.0,
    Priority.HIGH: 6.0,
    Priority.MEDIUM: 3.9,
    Priority.NONE: 1.95,
    Priority.LOW: 0.0,
    Priority.LOWEST: -1.8,
}
PRIORITY_RANK = {priority: rank for rank, priority in enumerate(Priority)}
STATUS_RANK = {
    Status.IN_PROGRESS: 0,
    Status.TODO: 1,
    Status.ON_HOLD: 2,
    Status.DONE: 3,
    Status.CANCELLED: 4,
    Status.NON_TASK: 5,
}


def urgency(task: Task, today: date) -> float:
    """Return the sum of what due date, scheduled date, start date and priority contribute."""
    due = 12.0 * _due_share((today - task.due).days) if task.due else 0.0
    scheduled = 5.0 if task.scheduled and task.scheduled <= today else 0.0
    start = -3.0 if task.start and task.start > today else 0.0
    return due + scheduled + start + PRIORITY_URGENCY[task.priority]


def _due_share(days_overdue: int) -> float:
    if days_overdue >= 7:
        return 1.0
    if days_overdue >= -14:
        return (days_overdue + 14.0) * 0.8 / 21.0 + 0.2
    return 0.2


def default_order(task: Task, today: date) -> Order:
    """Return a sort key: status, most urgent, soonest due, most important, then by place."""
    return (
        STATUS_RANK[task.status],
        -urgency(task, today),
        task.due or date.max,
        PRIORITY_RANK[task.priority],
        task.source.path,
        task.source.line,
    )
