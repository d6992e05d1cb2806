"""Vaults that were made to hurt a calendar, each from its number: the same one in every run.

Rule: bytes of notes in, then the real way through: read, born, planned, published.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from mdtasks.index.identity import births
from mdtasks.model import Plan, Task
from mdtasks.plan.schedule import plan_days
from mdtasks.read.note import read_note
from mdtasks.render import ics
from mdtasks.render.ledger import Mark
from mdtasks.settings import FeedSettings, Hours, PlanSettings, ReadSettings

COUNT = 300
BERLIN = ZoneInfo("Europe/Berlin")

# What breaks lines, folds, escapes, encodings, parsers and screens.
PIECES: tuple[bytes, ...] = (
    b"\x00", b"\x01\x02\x03", b"\x07\x1b[2J", b"\x0b", b"\x0c", b"\x1c\x1d\x1e", b"\x7f", b"\t",
    *(text.encode() for text in (
        "\x80\x85\x9b31m", "\u2028", "\u2029", "\ufeff", "\ufffe\uffff", "\u202e", "\u2066x\u2069",
        "\u200b\u200d", "ابج שלום", "e\u0301\u0301\u0301", "ﬀ İı", "日本語" * 9, "𝕄𝕕",
        "👨‍👩‍👧‍👦" * 7,
        "🏳️‍🌈🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        "ä" * 38, "x" * 73 + "ü", "x" * 74 + "€", "z" * 75,
    )),
    b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", b"\xf0\x9f\x98", b"\x80" * 40,
    b";", b",", b"\\", b"\\n", b"\\N", b"\\;", b"\\\\,", b":", b'"', b"'", b"^n^'", b"%0D%0A", b"%",
    b"=", b"=0D=0A", b"&amp;<b>&#10;", b"${x} `x` $(x)", b"a,b;c:d\\e",
    b"BEGIN:VEVENT", b"END:VEVENT", b"END:VCALENDAR", b"\\nEND:VEVENT\\nBEGIN:VEVENT",
    b"\rBEGIN:VEVENT\rRRULE:FREQ=SECONDLY\r", b"METHOD:CANCEL", b"ATTACH:file:///etc/passwd",
    b"X-MDTASKS-FP:0", b"DTSTART;TZID=Mars/Olympus:20261123T090000", b"UID:other@mdtasks",
    b" " * 150, b" x " * 30, b"[[Note|alias]]", b"[a](javascript:alert(1))", b"http://a.b/;c,d?e#f",
    "“due tomorrow”, was due today".encode(), b"due Fri, no free 45m by Sat",
)  # fmt: skip
FIELDS = (
    "📅 2026-11-22", "📅 2026-11-23", "📅 2026-11-25", "📅 2026-12-31", "📅 9999-12-31",
    "⏳ 2026-11-24", "⏳ 2026-11-23 09:30", "⏳ 2026-11-24 13:00", "🛫 2026-11-24",
    "🔺", "⏫", "🔼", "⏱ 5m", "⏱ 45m", "⏱ 3h", "⏱ 40h", "👤 Ann",
    "🔁 every day", "🔁 every week on Monday", "🆔 id1", "⛔ id1", "^block",
)  # fmt: skip
LAST_FIELD = " 📅 2026-11-24".encode()
WORDS = ("call Bo", "write", "pay the rent", "Ünïcödé", "x")


@dataclass(frozen=True)
class Vault:
    """Notes by their paths; a name like those of the folder that a vault is."""

    number: int
    name: str
    notes: dict[str, bytes]
    settings: FeedSettings

    def tasks(self) -> list[Task]:
        found: list[Task] = []
        for path, data in self.notes.items():
            tasks = read_note(path, data, ReadSettings()).tasks
            uids = births(path, [(task.text, "") for task in tasks], str(self.number))
            above = {t.source.line: uid for t, uid in zip(tasks, uids, strict=True)}
            found += [
                task._replace(uid=uid, parent=above.get(task.parent_line or 0))
                for task, uid in zip(tasks, uids, strict=True)
            ]
        return found

    def publish(
        self, now: datetime, last: Plan | None, published: bytes | None
    ) -> tuple[Plan, bytes]:
        """Return the plan that follows on `last`, and the feed that follows on `published`."""
        tasks = self.tasks()
        opened = [task for task in tasks if task.is_open]
        plan = plan_days(opened, Hours(), PlanSettings(days=4), (), now, BERLIN, last)
        data = ics.feed(
            plan,
            {task.uid: task for task in tasks},
            self.settings,
            vault_name=self.name,
            vault_root=f"/home/{self.name}",
            now=now,
            published=published,
            marks={t.uid: Mark(t.uid, t.uid, "", "", t.source.path, t.text) for t in tasks},
            vault_id=str(self.number),
        )
        return plan, data


def vault(number: int) -> Vault:
    """Return the vault of this number."""
    random = Random(number)
    notes = dict(_note(random) for _ in range(random.randint(1, 2)))
    settings = FeedSettings(
        name=_text(random).decode("utf-8", "surrogateescape") or "plan",
        color=random.choice(("steelblue", "#ff0080", "no colour")),
        link=random.choice(("obsidian", "file", "vscode", "none")),
        alarms=random.choice(((), (timedelta(minutes=5),), (timedelta(0), timedelta(days=1)))),
    )
    return Vault(number, _name(random), notes, settings)


def _note(random: Random) -> tuple[str, bytes]:
    end = random.choice((b"\n", b"\n", b"\r\n"))
    rows = [b"# " + _text(random), b""]
    for _ in range(random.randint(2, 4)):
        rows.append(b"- [ ] " + _line(random))
        if random.random() < 0.3:
            rows += (b"  - [%c] " % random.choice(b" x") + _line(random) for _ in range(2))
    if random.random() < 0.05:
        rows.append(
            b"- [ ] "
            + _line(random)
            + b" y" * random.choice((500, 500, 500, 500, 500, 500, 500, 32_000))
            + LAST_FIELD
        )
    return f"{_name(random)}.md", end.join([*rows, b""])


def _line(random: Random) -> bytes:
    fields = random.sample(FIELDS, random.randint(1, 3))
    tags = [b"#" + random.choice(PIECES).strip() for _ in range(random.randint(0, 2))]
    text = _text(random).replace(b"\r", b" ") if random.random() < 0.7 else _text(random)
    return b" ".join([text, *tags, *(field.encode() for field in fields)])


def _text(random: Random) -> bytes:
    pieces: Iterable[bytes] = random.choices(PIECES, k=random.randint(1, 4))
    return random.choice((b"", b" ")).join([random.choice(WORDS).encode(), *pieces])


def _name(random: Random) -> str:
    """Return what a file or a folder may be called on Linux."""
    name = _text(random).replace(b"\0", b"").replace(b"/", b"\xff")
    return name[:200].decode("utf-8", "surrogateescape")
