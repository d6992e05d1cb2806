"""A real vault beside its model: edits go to both, commands to the vault, and what is then on
disk must be what the model says, byte for byte.

Rule: mdtasks sees files only. What a command may have done is told by the hidden numbers of the
lines that it was asked for; any other byte that differs is a failure.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import product
from pathlib import Path

from mdtasks.app.session import Session, open_session
from tests import vault_runs
from tests.running import Ran, still
from tests.ticking import temp_files
from tests.vault_model import Change, Model, Row, cancelled, postponed, started
from tests.vault_person import EDITS, Choose, Person
from tests.vault_runs import KILLED
from tests.vault_story import Asked, Changes, Shown, Story, Target, Wishes, no_wish, parts

BEGIN = datetime(2026, 11, 23, 8, 30)
DROPPED = b"this will not be written any more"
REWORDED = b"; now it is `"
# What somebody saves while a command runs.
SAVES = (Person.write_above, Person.reword, Person.add, Person.delete, Person.move_within)


@dataclass
class World:
    """One vault, one person, one mdtasks."""

    home: Path
    choose: Choose
    done_date: bool = True
    model: Model = field(default_factory=Model)
    now: datetime = BEGIN
    shown: dict[str, Shown] = field(default_factory=dict)
    doubtful: set[str] = field(default_factory=set)
    away: set[int] = field(default_factory=set)
    asked: dict[str, Asked] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    tally: Counter[str] = field(default_factory=Counter)
    story: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.root.mkdir(parents=True)
        settings = 'vault_id = "home"\ntimezone = "Europe/Berlin"\n[write]\ndone_date = '
        (self.root / "mdtasks.toml").write_text(settings + str(self.done_date).lower() + "\n")
        places = self.session().places
        for folder in (places.cache.parent, places.state):
            shutil.rmtree(folder, ignore_errors=True)
        person = self.person()
        for path in ("Inbox.md", "Home/House.md", "Work/Post.md"):
            self.model.notes[path] = [person.task() for _ in range(4)]
        self.model.with_bom.add("Work/Post.md")
        for path in self.model.notes:
            self.save(path, self.model.bytes_of(path))

    def end(self) -> None:
        """Whoever writes in a folder clears up in it, whatever died there."""
        self.refresh()
        for folder in sorted({temp.parent for temp in temp_files(self.root)}):
            note = (folder / "Last.md").relative_to(self.root).as_posix()
            row = self.person().task()
            self.model.notes[note] = [row]
            self.save(note, self.model.bytes_of(note))
            assert self.change("done", [Target(f"{note}:1", row.number)]).code == 0, self.story
        assert not temp_files(self.root), self.story

    @property
    def root(self) -> Path:
        return self.home / "vault"

    @property
    def state(self) -> Path:
        return self.session().places.state

    @property
    def today(self) -> date:
        return self.now.date()

    def person(self) -> Person:
        return Person(self.model, self.choose, self.today, set(), self.away)

    def session(self) -> Session:
        return open_session(
            str(self.root), self.now.isoformat(timespec="minutes"), lambda line: None
        )

    # What a person does

    def edit(self, act: Callable[[Person], None]) -> None:
        before = {path: self.model.bytes_of(path) for path in self.model.notes}
        person = self.person()
        act(person)
        self.story.append(act.__name__)
        # Where lines read alike, or did, an edit of one leaves open which it was.
        self.doubtful |= {words for words in person.touched if self.model.said[words] > 1}
        after = {path: self.model.bytes_of(path) for path in self.model.notes}
        for path in before.keys() - after.keys():
            (self.root / path).unlink()
        for path, data in after.items():
            if before.get(path) != data:
                self.save(path, data)
        still(self.root)

    def edits(self, how_many: int) -> None:
        for _ in range(how_many):
            self.edit(self.choose([act for act, share in EDITS.items() for _ in range(share)]))

    def save(self, path: str, data: bytes) -> None:
        """Save a note, as one editor or another does."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if self.choose(("truncate", "rename")) == "truncate":
            file.write_bytes(data)
        else:
            new = file.with_name(f".{file.name}.swp")
            new.write_bytes(data)
            new.replace(file)

    def wait(self, pause: timedelta) -> None:
        self.now += pause
        self.story.append(f"wait {pause}")
        since = self.today - timedelta(days=6)
        self.shown = {uid: one for uid, one in self.shown.items() if one.day >= since}

    def forget_index(self) -> None:
        shutil.rmtree(self.session().places.cache.parent, ignore_errors=True)
        self.story.append("index away")
        # Only the published feed remembers who was renamed: a person looks again.
        self.shown = {}

    def on_disk(self) -> dict[str, bytes]:
        found = self.root.rglob("*.md")
        return {p.relative_to(self.root).as_posix(): p.read_bytes() for p in found}

    # What mdtasks is asked for

    def look(self) -> None:
        """Look at a list: all tasks are there, each where the model says."""
        ran = self._run(["list", "--all", "--json"])
        assert ran.code == 0, ran.said
        tasks = {(task["path"], task["line"]): task for task in ran.json["tasks"]}
        rows = {(path, line): row for path, line, row in self.model.rows() if row.symbol}
        assert tasks.keys() == rows.keys(), self.story
        assert len({task["uid"] for task in tasks.values()}) == len(tasks)
        for place, row in rows.items():
            task = tasks[place]
            assert (task["text"], task["symbol"]) == (row.words, row.symbol)
            uid = task["uid"]
            self._count_uid(uid, row)
            if not row.is_open:
                self.shown.pop(uid, None)
                continue
            self.shown[uid] = Shown(row.number, row.words, row.text, task["key"], uid, self.today)
        self.doubtful.clear()
        self.away.clear()

    def _count_uid(self, uid: str, row: Row) -> None:
        before = self.shown.get(uid)
        if before and before.number != row.number:
            self.tally["uid of another"] += 1

    def refresh(self) -> None:
        assert self._run(["index"]).code == 0

    def keys(self) -> list[Target]:
        return [Target(one.key, one.number, one) for one in self.shown.values()]

    def places(self) -> list[Target]:
        return [Target(f"{p}:{n}", row.number) for p, n, row in self.model.rows() if row.symbol]

    def change(
        self, name: str, targets: Sequence[Target], kill_at: int = 0, meddle: str = ""
    ) -> Ran:
        """Give a command for lines; it does what was meant, or is refused."""
        day = self.today + timedelta(days=2)
        if any(len([*self._meant(self.model, target)]) > 1 for target in targets):
            kill_at = 0  # of a run that dies before it writes nobody could tell what it meant
        words = [name, *(target.word for target in targets), *[str(day)] * (name == "postpone")]

        def wishes(model: Model, stack: Sequence[str]) -> Iterator[Changes]:
            options = [[*self._meant(model, target)] for target in targets]
            for rows in product(*options):
                changes = {r.number: self._wanted(name, r, day) for r in rows if r}
                yield tuple(change for change in changes.values() if change)

        self.tally["ticks"] += 1
        for target in targets:
            self.story.append(f"{target.word}: {target.shown} {self.model.find(target.number)}")
        kinds = [self._kind(target) for target in targets]
        ran = self._run(words, wishes, kill_at, meddle)
        if not (kill_at or meddle or self.waiting) and len(targets) == 1 and targets[0].shown:
            result = "kept" if ran.code == 0 else "refused"
            self.tally[f"{result} {kinds[0]}"] += 1
        for target in targets:
            if target.shown and REWORDED in ran.err:
                self.shown.pop(target.shown.uid, None)
        return ran

    def _meant(self, model: Model, target: Target) -> Iterator[Row | None]:
        """Yield the rows that may be meant: the one; of those that read alike, where an edit
        left open which is which, any of them."""
        found = model.find(target.number)
        yield found[2] if found else None
        words = target.shown.words if target.shown else ""
        if words in self.doubtful or (target.shown and not found):
            yield from (
                r for _, _, r in model.rows() if r.words == words and r.number != target.number
            )
            yield None

    def _kind(self, target: Target) -> str:
        """What a person has done to a line since it was shown."""
        found = self.model.find(target.number)
        if target.shown is None or found is None:
            return "gone"
        row = found[2]
        if row.number in self.away:
            return "away"
        if row.words != target.shown.words:
            return "reworded"
        if self.model.said[row.words] > 1:
            return "twin"
        return "unique" if row.is_open else "closed"

    def _wanted(self, name: str, row: Row, day: date) -> Change | None:
        if name == "done":
            return self.model.completed(row, self.today, self.done_date) if row.is_open else None
        if name == "cancel":
            return cancelled(row, self.today) if row.is_open else None
        if name == "start":
            return started(row) if row.symbol == " " else None
        change = postponed(row, day) if row.is_open else None
        return change if change and change.before[0].text != change.after[0].text else None

    def undo(self, kill_at: int = 0) -> Ran:
        def wishes(model: Model, stack: Sequence[str]) -> Iterator[Changes]:
            last = self.asked[stack[-1]].changes if stack else ()
            yield tuple(change.back for change in last)

        return self._run(["undo"], wishes, kill_at)

    # What came of it

    def _run(
        self, words: Sequence[str], wishes: Wishes = no_wish, kill_at: int = 0, meddle: str = ""
    ) -> Ran:
        """Run a command; take into the model what it did, which must be one of what it may."""
        self.story.append(f"{' '.join(words)} {kill_at or ''} {meddle}".strip())
        self.tally["runs"] += 1
        still(self.root)
        place = ("--vault", str(self.root), "--now", self.now.isoformat(timespec="minutes"))

        def save() -> None:
            # A command for several notes may have written one by now: then nobody saves. We know
            # only its old lines, and those over ours are for the second look, which no run here
            # waits for.
            disk = self.on_disk()
            if all(disk.get(path) == self.model.bytes_of(path) for path in self.model.notes):
                self.edit(self.choose(SAVES))

        ran = vault_runs.run((*place, *words), kill_at, meddle, save)
        self.story.append(f"-> {ran.code} {' / '.join(ran.said)}")
        disk, began = self.on_disk(), self._began(words[0] == "undo")
        found = [
            story
            for story in self._stories(ran, wishes, began)
            if disk == {path: story.model.bytes_of(path) for path in story.model.notes}
        ]
        if found:
            self._take(ran, min(found, key=self._doubts), words[0] == "undo")
            return ran
        wanted = {path: self.model.bytes_of(path) for path in self.model.notes}
        odd = {p for p in {*disk, *wanted} if disk.get(p) != wanted.get(p)}
        raise AssertionError((self.story[-40:], [(p, disk.get(p), wanted.get(p)) for p in odd]))

    def _doubts(self, story: Story) -> tuple[bool, int]:
        """Return what speaks against a story, where the notes cannot tell: what is written and
        taken back leaves them as they were. An undo that waits says of what it is, and what is
        delivered seldom waits on."""
        undone = vault_runs.undone(self.state, self.asked)
        waits, kept = vault_runs.intents(self.state), vault_runs.remembered(self.state)
        waiting = sum(name in waits and name not in kept for name, _ in story.delivered)
        return bool(undone) and self._stack(story.delivered)[-1:] != undone, waiting

    def _began(self, is_undo: bool) -> bool:
        """Whether a run has come so far that others know what it was asked for."""
        waits, kept = vault_runs.intents(self.state), vault_runs.remembered(self.state)
        undone = is_undo and bool({*self.written} - {*kept})
        return undone or bool({*waits, *kept} - self.asked.keys())

    def _stories(self, ran: Ran, wishes: Wishes, began: bool) -> Iterator[Story]:
        """Yield what may have happened: of what waited, any part, and then what was asked for:
        all of it, or nothing where it was refused, or some notes of it by a run that died."""
        waiting = [(name, one) for name in self.waiting for one in self.asked[name].left]
        for delivered in parts(waiting):
            model = self.model.copy()
            if not all(model.change(change) for _, change in delivered):
                continue
            for wish in wishes(model, self._stack(delivered)):
                refused = ran.code != 0 or DROPPED in ran.err
                for part in parts(wish) if ran == KILLED and began else [() if refused else wish]:
                    told = model.copy()
                    if all(told.change(change) for change in part):
                        yield Story(told, delivered, wish, part)

    def _stack(self, delivered: Sequence[tuple[str, Change]]) -> list[str]:
        """Return what can be taken back once that is delivered, the last one at the end.

        Of what a run that died had written, the next one cannot tell that it is while the note
        has another name: then it waits on.
        """
        stack = [*self.written]
        waits, kept = vault_runs.intents(self.state), vault_runs.remembered(self.state)
        for name in self.waiting:
            one = self.asked[name]
            if not one.left and name in waits and name not in kept:
                continue
            if all((name, change) in delivered for change in one.left):
                if one.undoes in stack:
                    stack.remove(one.undoes)
                elif not one.undoes and name not in stack:
                    stack.append(name)
        return stack

    def _take(self, ran: Ran, story: Story, is_undo: bool) -> None:
        stack = self._stack(story.delivered)
        waits, kept = vault_runs.intents(self.state), vault_runs.remembered(self.state)
        for name, change in story.delivered:
            one = self.asked[name]
            one.left = tuple(each for each in one.left if each != change)
        new = {*waits, *kept} - self.asked.keys()
        assert len(new) <= 1, self.story
        left = tuple(change for change in story.wish if change not in story.part)
        for name in new:
            self.asked[name] = Asked(story.wish, left, stack[-1] if is_undo else "")
        if story.part and not new:  # nothing knows of it any more: an undo that is through
            assert is_undo, self.story
            assert not left, self.story
            assert stack[-1] not in kept, self.story
        for name in self.waiting:
            if name not in waits:
                self._require_through(name, story, ran, kept, is_undo)
        assert not any(self.asked[name].left for name in kept), self.story
        self._require_tidy(ran, story.model)
        self.model, self.waiting, self.written = story.model, waits, kept

    def _require_through(
        self, name: str, story: Story, ran: Ran, kept: Sequence[str], is_undo: bool
    ) -> None:
        """What waited and waits no more is written; or somebody else made it so, or dropped it."""
        one = self.asked[name]
        if not one.left:
            assert name in kept or is_undo or one.undoes, self.story
            return
        again = {row.number for change in story.wish for row in change.before}
        for change in one.left:
            row = change.before[0]
            found = story.model.find(row.number)
            by_hand = found and found[2].symbol == change.after[-1].symbol
            dropped = is_undo and (DROPPED in ran.err or ran == KILLED)
            assert dropped or by_hand or row.number in again, self.story

    def _require_tidy(self, ran: Ran, after: Model) -> None:
        """Whoever has written in a folder leaves no temp file there, of nobody."""
        if ran.code:
            return
        for path, rows in after.notes.items():
            if self.model.notes.get(path) != rows:
                folder = (self.root / path).parent
                assert not [temp for temp in temp_files(folder) if temp.parent == folder], (
                    self.story
                )
