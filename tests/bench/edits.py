"""Edits such as people make, several a save, with the share of each and the reason for it.

Rule: the same seed gives the same edits. The mix is an assumption, written down before anything
was tuned on it: no public vault records who is who. It leans to what is hard. Ticks and new
tasks are more than half of what planners see, and are a quarter here; a matcher has nothing to do
for them.

What is by hand, in shares of about a hundred (`HAND`):

- 30 are what happens to every task: it is ticked (18), gets a date (8), another nesting (2) or a
  brief (2). Series leave their ticked line behind and get the next one above it.
- 22 change its words: 13 reword it, 9 fix or make a typo. A rewording changes one word to three,
  by another, by one more, by a detail, by none, or to another place. It leaves half of the
  words, or one of two: what leaves less is another task, and stands under `exchange`.
- 8 change a priority, a tag, an estimate. Whoever rewords may do so in the same save.
- 12 are new tasks: anything (9), the next of a numbered list (1), what was deleted a while ago or
  a line alike it (2), which is a task of its own. 3.5 delete one.
- 13 move one, with what is nested below it: in its note (6), to another (5), changed on the way
  (2): lists are groomed, daily notes are carried over.
- 3 cut one, and paste it anywhere some saves later, half of them on another day, some changed.
- 4.5 make twins, or near ones: a line duplicated and then, in the same save or in one after it,
  one of both edited (1.5), duplicated and left (0.5), copied to another note (1), two at once
  (0.5), twins that change places (1).
- 1 is typed over by another task, which may keep the fields: nobody's uid.

What takes a whole note or many tasks along (`BULK`) is 4 in a hundred, but would be a third of the
tasks that change, and is easy: it is counted apart. Notes and folders are renamed, notes split and
merged, gone for some saves (as with git or a sync), sorted, cleared of what is ticked, archived, a
checklist unticked. On each new day the open tasks of the daily note go into the new one.

A save holds 1 edit (45 %), 2-3 (35 %), 4-8 (16 %) or 9-40 (4 %: nobody looked for a while). Most of
its edits are in one to three notes. 60 edits make a day, so that what vanished in a week is a
heap of dozens.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random

from tests.bench.notebook import (
    FIELDS,
    TEMPLATE,
    Line,
    Lines,
    Vault,
    depth,
    end_of,
    gaps,
    mistyped,
    reworded,
    spots,
    task_at,
    tasks,
)

EDITS_A_DAY = 60
_BRIEFS = ("ask Dora about it", "room 4", "it is in the blue folder", "")


def batch(vault: Vault) -> int:
    """Make the edits of one save; return how many."""
    random = vault.random
    low, high = random.choices(((1, 1), (2, 3), (4, 8), (9, 40)), (45, 35, 16, 4))[0]
    edits = random.randint(low, high)
    vault.touched, vault.copied = {}, {}
    vault.look_at(random.choice((1, 1, 2, 3)) + edits // 4)
    if random.random() < edits / EDITS_A_DAY:
        new_day(vault)
    come_back(vault)
    for _ in range(edits):
        choice = random.choices([*EDITS], [*EDITS.values()])[0]
        choice(vault)
    return edits


def changed(random: Random, line: Line) -> Line:
    """Change words or fields, as one does on the way."""
    kind = random.random()
    if kind < 0.6:
        change = mistyped if kind < 0.3 else reworded
        line = replace(line, text=change(random, line.text))
    if kind > 0.5:
        line = replace(line, fields=_fields(random, line))
    return line


def _fields(random: Random, line: Line) -> tuple[str, ...]:
    """Add a field, or drop or replace one."""
    if line.fields and random.random() < 0.5:
        return line.fields[1:] + ((random.choice(FIELDS),) if random.random() < 0.5 else ())
    return *line.fields, random.choice(FIELDS)


# One task


def reword(vault: Vault) -> None:
    lines, at = vault.spot()
    line = task_at(lines, at)
    fields = _fields(vault.random, line) if vault.random.random() < 0.15 else line.fields
    vault.put("reword", lines, at, text=reworded(vault.random, line.text), fields=fields)


def mistype(vault: Vault) -> None:
    lines, at = vault.spot()
    vault.put("mistype", lines, at, text=mistyped(vault.random, task_at(lines, at).text))


def date_it(vault: Vault) -> None:
    vault.put("date", *vault.spot(), due=vault.day())


def field(vault: Vault) -> None:
    lines, at = vault.spot()
    vault.put("field", lines, at, fields=_fields(vault.random, task_at(lines, at)))


def nest(vault: Vault) -> None:
    lines, at = vault.spot()
    deepest = depth(lines[at - 1]) + 1 if at else 0
    vault.put("nest", lines, at, indent=vault.random.randint(0, min(2, deepest)))


def brief(vault: Vault) -> None:
    vault.put("brief", *vault.spot(), brief=vault.random.choice(_BRIEFS))


def tick(vault: Vault) -> None:
    lines, at = vault.spot()
    line = task_at(lines, at)
    vault.put("tick", lines, at, symbol="x")
    if line.rule and line.symbol == " ":
        due = line.due + timedelta(days=7) if line.due else None
        lines.insert(at, replace(line, number=next(vault.numbers), due=due))


# To another place


def reorder(vault: Vault) -> None:
    lines, at = vault.spot()
    vault.insert("reorder", lines, vault.taken(lines, at))


def move(vault: Vault) -> None:
    block = vault.taken(*vault.spot())
    vault.insert("move", vault.notes[vault.any_note()], block)


def move_and_change(vault: Vault) -> None:
    lines, at = vault.spot()
    first, *others = vault.taken(lines, at)
    assert isinstance(first, Line)
    to = lines if vault.random.random() < 0.5 else vault.notes[vault.any_note()]
    vault.insert("move+change", to, [changed(vault.random, first), *others])


def cut(vault: Vault) -> None:
    random = vault.random
    saves = random.randint(1, 4) if random.random() < 0.5 else random.randint(5, 60)
    vault.clipboard.append((saves, vault.taken(*vault.spot())))


def come_back(vault: Vault) -> None:
    """Paste what was cut, and let notes return that were away."""
    random = vault.random
    vault.clipboard = [(saves - 1, block) for saves, block in vault.clipboard]
    for saves, (first, *others) in vault.clipboard:
        if not saves:
            assert isinstance(first, Line)
            first = changed(random, first) if random.random() < 0.1 else first
            path = vault.note() if random.random() < 0.5 else vault.any_note()
            vault.insert("paste", vault.notes[path], [first, *others])
    vault.clipboard = [each for each in vault.clipboard if each[0]]
    for _, path, lines in (each for each in vault.away if each[0] == 1):
        vault.notes[path] = lines
        vault.touch("bulk", lines)
    vault.away = [(saves - 1, *each) for saves, *each in vault.away if saves > 1]  # type: ignore[misc]


# Tasks that come and go


def add(vault: Vault) -> None:
    vault.insert("add", vault.notes[vault.note()], [vault.line()])


def add_next(vault: Vault) -> None:
    """Add the next of a numbered list."""
    lines, at = vault.spot()
    words = task_at(lines, at).text.split()
    number = int(words.pop()) if words[-1].isdecimal() else vault.random.randint(2, 9)
    lines.insert(end_of(lines, at), vault.line(" ".join((*words, str(number + 1)))))


def add_alike(vault: Vault) -> None:
    """Add a task that says nearly what another one does."""
    lines = vault.notes[vault.note()]
    text = reworded(vault.random, task_at(*vault.spot()).text)
    vault.insert("add", lines, [vault.line(text)])


def drop(vault: Vault) -> None:
    vault.taken(*vault.spot())


def exchange(vault: Vault) -> None:
    """Type another task over one, or over its words alone."""
    lines, at = vault.spot()
    new, old = vault.line(), task_at(lines, at)
    lines[at] = (
        replace(new, indent=old.indent)
        if vault.random.random() < 0.5
        else replace(old, number=new.number, text=new.text)
    )


# Twins


def duplicate(vault: Vault) -> None:
    lines, at = vault.spot()
    end = end_of(lines, at)
    lines[end:end] = vault.fresh(lines[at:end])


def duplicate_and_edit(vault: Vault) -> None:
    """The copy is edited at once, or a while after it, as any line with a twin above it."""
    lines, at = vault.spot()
    near = [one for one in spots(lines)[1:] if str(lines[one]) == str(lines[one - 1])]
    if near and vault.random.random() < 0.5:
        at = vault.random.choice(near)
        line = changed(vault.random, task_at(lines, at))
        vault.put("edit a twin", lines, at, text=line.text, fields=line.fields)
        return
    (copy,) = vault.fresh(lines[at : at + 1])
    assert isinstance(copy, Line)
    if vault.random.random() < 0.5:
        copy = changed(vault.random, copy)
    lines.insert(end_of(lines, at), copy)


def copy_elsewhere(vault: Vault) -> None:
    lines, at = vault.spot()
    block = vault.fresh(lines[at : end_of(lines, at)])
    vault.insert("copy", vault.notes[vault.any_note()], block)


def paste_twins(vault: Vault) -> None:
    lines = vault.notes[vault.note()]
    line = vault.line()
    at = vault.random.choice(gaps(lines))
    lines[at:at] = [line, *vault.fresh([line])]


def swap_twins(vault: Vault) -> None:
    """Let two tasks of the same line change places, where there are such."""
    lines = vault.notes[vault.note()]
    places: dict[str, list[int]] = {}
    for at in spots(lines):
        places.setdefault(str(lines[at]), []).append(at)
    twins = [some for some in places.values() if len(some) > 1]
    if twins:
        one, other = vault.random.sample(vault.random.choice(twins), 2)
        first, second = task_at(lines, one), task_at(lines, other)
        lines[one] = replace(second, indent=first.indent)
        lines[other] = replace(first, indent=second.indent)
        vault.touch("swap twins", [lines[one], lines[other]])


# A note


def rename_note(vault: Vault) -> None:
    path = vault.note()
    lines = vault.notes.pop(path)
    folder = path.rpartition("/")[0] if vault.random.random() < 0.7 else "Elsewhere"
    vault.notes[f"{folder}/Renamed {next(vault.numbers)}.md"] = lines
    vault.touch("bulk", lines)


def rename_folder(vault: Vault) -> None:
    folder = vault.note().partition("/")[0]
    name = f"Folder {next(vault.numbers)}"
    for path in [path for path in vault.notes if path.startswith(f"{folder}/")]:
        lines = vault.notes.pop(path)
        vault.notes[f"{name}/{path.partition('/')[2]}"] = lines
        vault.touch("bulk", lines)


def split_note(vault: Vault) -> None:
    path = vault.note()
    lines = vault.notes[path]
    middle = vault.random.choice(gaps(lines))
    lines[:], rest = lines[:middle], lines[middle:]
    vault.notes[f"{path.removesuffix('.md')} {next(vault.numbers)}.md"] = rest
    vault.touch("bulk", rest)


def merge_notes(vault: Vault) -> None:
    path = vault.note()
    lines = vault.notes.pop(path)
    if vault.notes:
        vault.notes[vault.any_note()] += lines
        vault.touch("bulk", lines)


def send_away(vault: Vault) -> None:
    path = vault.note()
    vault.away.append((vault.random.randint(1, 12), path, vault.notes.pop(path)))


def sort_note(vault: Vault) -> None:
    lines = vault.notes[vault.note()]
    lines.sort(key=lambda line: (isinstance(line, str), str(line)))
    vault.touch("bulk", lines)


def tidy(vault: Vault) -> None:
    """Delete what is ticked."""
    _sweep(vault.notes[vault.note()])


def archive(vault: Vault) -> None:
    """Move what is ticked to the end of a note of its own."""
    swept = _sweep(vault.notes[vault.note()])
    vault.notes.setdefault("Archive.md", []).extend(swept)
    vault.touch("bulk", swept)


def _sweep(lines: Lines) -> Lines:
    swept: Lines = []
    kept: Lines = []
    while lines:
        end = end_of(lines, 0)
        block, lines[:end] = lines[:end], []
        done = all(line.symbol == "x" for line in tasks(block)) and depth(block[0]) >= 0
        (swept if done else kept).extend(block)
    lines[:] = kept
    return swept


def reset(vault: Vault) -> None:
    """Untick a checklist, to go through it again."""
    lines = vault.notes[vault.note()]
    lines[:] = [replace(each, symbol=" ") if isinstance(each, Line) else each for each in lines]
    vault.touch("bulk", lines)


def new_day(vault: Vault) -> None:
    """Begin a daily note, and carry over what is open in the last one."""
    yesterday = vault.notes.get(vault.daily, [])
    vault.today += timedelta(days=1)
    open_ones = [
        line for line in tasks(yesterday) if line.symbol == " " and line.text not in TEMPLATE
    ]
    carried: Lines = [replace(line, indent=0) for line in open_ones]
    yesterday[:] = [line for line in yesterday if line not in open_ones]
    vault.notes[vault.daily] = vault.template() + carried
    vault.touch("bulk", carried)


HAND: dict[Callable[[Vault], None], float] = {
    tick: 18, date_it: 8, nest: 2, brief: 2, reword: 13, mistype: 9, field: 8,
    add: 9, add_next: 1, add_alike: 2, drop: 3.5, reorder: 6, move: 5, move_and_change: 2, cut: 3,
    duplicate_and_edit: 1.5, duplicate: 0.5, copy_elsewhere: 1, paste_twins: 0.5, swap_twins: 1,
    exchange: 1,
}  # fmt: skip
BULK: dict[Callable[[Vault], None], float] = {
    rename_note: 0.6, rename_folder: 0.03, split_note: 0.3, merge_notes: 0.3, send_away: 0.2,
    sort_note: 0.4, tidy: 1, archive: 0.6, reset: 0.2,
}  # fmt: skip
EDITS = HAND | BULK
