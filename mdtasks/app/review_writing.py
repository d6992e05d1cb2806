"""The note of a week that is looked back on: made, or its section brought up to date.

Rule: only lines that are as we wrote them are replaced. Where a person wrote into the section,
or a tick is not carried out, all of it stays as it is, and that is said.
"""

from __future__ import annotations

from collections.abc import Sequence

from mdtasks import vault
from mdtasks.app.review import review
from mdtasks.app.review_note import carry_note, letters_of
from mdtasks.app.session import Session
from mdtasks.errors import RefusedError
from mdtasks.index.store import Store
from mdtasks.model import Problem
from mdtasks.plan.reviewed import Review, Week
from mdtasks.read.note import SECTION_END, SECTION_START
from mdtasks.read.review_section import boxes, carried
from mdtasks.read.section import Fault, Section, find_section
from mdtasks.render import review_markdown
from mdtasks.write import decided
from mdtasks.write.decided import Group, Written
from mdtasks.write.locks import hold


def write_review(session: Session, store: Store, week: Week) -> tuple[str, bool]:
    """Return the path of the week's note, and whether it was written.

    Raises RefusedError where a person's words or ticks are in the way, ChangedUnderUsError,
    LockedError.
    """
    folder = session.config.review.folder
    path = f"{folder}/{week.number}.md" if folder else f"{week.number}.md"
    state = session.places.state
    with hold(state, "reviews"):
        if path in decided.recent(decided.load(state), session.today):
            carry_note(session, store, path, attended=True)
        return path, _write(session, path, review(session, store, week))


def _write(session: Session, path: str, value: Review) -> bool:
    from mdtasks.write.safely import write_note

    state = session.places.state
    record = decided.load(state)
    old = record.get(path)
    before = vault.read(session.root, path) if (session.root / path).exists() else None
    if isinstance(before, Problem):
        raise RefusedError(f"{path}: {before.message}; nothing was written", before.hint)
    section = find_section(before or b"")
    if isinstance(section, Fault):
        raise RefusedError(f"{path}:{section.row + 1}: {section.why}; nothing was written")
    if section:
        _require_ours(path, section, old)
    groups = _groups(value, old if section else None)
    lines = _lines(value, groups, section.texts if section else ())
    if section and section.texts == lines:
        after = before or b""
    else:
        after = _spliced(before, section, lines, value.week.number)
    if _section_of(after) != lines:
        raise RefusedError(f"{path}: this note has no place for a section; nothing was written")
    others = decided.recent(record, session.today)
    new = {**others, path: Written(session.today, lines, groups)}
    if after == before:
        decided.save(state, new)
        return False
    # Both are known until it is certain which of them stands there: the boxes of a task that is
    # in both are the same, and those of no other count.
    shown = section.texts if section else ()
    together = Written(session.today, shown, _together(old, groups), lines)
    decided.save(state, {**others, path: together})
    write_note(session.root, state, path, before, after, tell=session.notify)
    decided.save(state, new)
    return True


def _require_ours(path: str, section: Section, old: Written | None) -> None:
    """Raise RefusedError where the section is not as we wrote it."""
    row = section.begin + 1
    ours = old.shown if old else ()
    if section.texts == ours or (old and old.coming and section.texts == old.coming):
        return
    differs = (at for at, (a, b) in enumerate(zip(section.texts, ours, strict=False)) if a != b)
    at = next(differs, min(len(section.texts), len(ours)))
    raise RefusedError(
        f"{path}:{row + at + 1}: this line is not as it was written, so the section stays as it "
        "is; nothing was written",
        "move what is yours out of the section, and untick what is not carried out; or remove the "
        "section with both its markers, and it is written anew",
    )


def _together(old: Written | None, groups: Sequence[Group]) -> tuple[Group, ...]:
    new = {group.uid for group in groups}
    return (*groups, *(each for each in (old.groups if old else ()) if each.uid not in new))


def _groups(value: Review, old: Written | None) -> tuple[Group, ...]:
    """Return what is decided, and then what is to be: moved on most, then overdue."""
    rolled = {each.task: each for each in value.rolled}
    kept = [group for group in (old.groups if old else ()) if group.state == "done"]
    uids = dict.fromkeys((*rolled, *value.overdue))
    asked = [value.tasks[uid] for uid in uids if uid not in {group.uid for group in kept}]
    return (
        *kept,
        *(
            Group(
                task.uid,
                task.source.path,
                review_markdown.title(task, rolled.get(task.uid)),
                task.source.text,
            )
            for task in asked
        ),
    )


def _lines(value: Review, groups: Sequence[Group], stood: Sequence[str]) -> tuple[str, ...]:
    """Return the lines of the section; what was carried out stays as it stood."""
    asked = review_markdown.asked([(letters_of(group.uid), group.title) for group in groups])
    lines = [*review_markdown.figures(value), *asked]
    done = {(letters_of(each.uid), each.choice): each for each in groups if each.state == "done"}
    before = {(box.letters, box.choice): stood[box.row] for box in boxes(stood)}
    for box in boxes(lines):
        what = box.letters, box.choice
        if group := done.get(what):
            lines[box.row] = carried(before.get(what, lines[box.row]), group.day)
    return tuple(lines)


def _spliced(
    before: bytes | None, section: Section | None, lines: Sequence[str], number: str
) -> bytes:
    """Return the note with these lines in its section, which is added at its end if need be."""
    eol = b"\r\n" if before and b"\r\n" in before else b"\n"
    encoded = [line.encode("utf-8", "surrogateescape") + eol for line in lines]
    if section:
        rows = (before or b"").splitlines(keepends=True)
        return b"".join([*rows[: section.begin + 1], *encoded, *rows[section.end :]])
    head = before or f"# Week {number}\n".encode()
    gap = (b"" if head.endswith((b"\n", b"\r")) else eol) + eol
    marks = (SECTION_START.encode() + eol, SECTION_END.encode() + eol)
    return b"".join([head, gap, marks[0], *encoded, marks[1]])


def _section_of(data: bytes) -> tuple[str, ...]:
    section = find_section(data)
    return section.texts if isinstance(section, Section) else ()
