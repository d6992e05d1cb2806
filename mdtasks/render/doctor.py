"""What `mdtasks doctor` found out -> lines for a person, and the shape of its JSON.

Rule: each section judges its own facts: a mark, the facts, and a line of advice where something
is to be done. Paths and texts are anybody's: all go through the pen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from mdtasks.render.checkup import BusyCalendar, Dialect, Place, Report
from mdtasks.render.pen import Pen, counted

# So many lines in a dialect that is not read are no accident.
_MANY = 3
_SHOWN = 5  # of a list; JSON has all
_LONGEST_VALUE = 60

_MARKS = {"good": ("✓", "green"), "off": ("·", "dim"), "bad": ("!", "yellow bold")}
_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"))


class Section(NamedTuple):
    """`verdict` is good, off (nothing to judge) or bad; `advice` what to do, the first line a
    sentence, further ones to copy."""

    name: str
    verdict: str
    facts: tuple[str, ...]
    advice: tuple[str, ...] = ()


def lines(report: Report, pen: Pen) -> Iterator[str]:
    """Yield the report as a person reads it."""
    yield pen.write(report.system.program, "dim")
    for section in sections(report):
        mark, style = _MARKS[section.verdict]
        yield f"{pen.write(mark, style)} {pen.write(section.name, 'bold')}"
        for fact in section.facts:
            yield f"  {pen.write(fact)}"
        for number, line in enumerate(section.advice):
            yield f"    {pen.write(line)}" if number else f"  {pen.write(f'→ {line}', 'yellow')}"


def sections(report: Report) -> list[Section]:
    found = [one for judge in _JUDGES if (one := judge(report))]
    return [*found, *map(_busy_calendar, report.busy), *map(_place, report.places)]


# The sections, in their order


def _vault(report: Report) -> Section:
    v = report.vault
    facts = [
        v.root,
        f"{counted(v.notes, 'note')}, {counted(v.tasks, 'task')}, {v.open} of them open",
    ]
    if v.ignored:
        facts.append(f"{counted(v.ignored, 'note')} left out by `read.ignore`")
    if v.links:
        facts.append(f"links are not followed: {_listed(v.links)}")
    facts += _cut([f"{path}: {why}" for path, why in v.unread])
    advice: tuple[str, ...] = ()
    if v.gone:
        advice = (
            "the notes are gone: mount the disk or restore the folder; if it is empty on purpose, "
            "run `mdtasks index --accept-empty`",
        )
    elif not v.notes:
        advice = ("there are no notes here: name your folder of notes with --vault DIR",)
    elif v.unread:
        advice = ("make these files and folders readable for you; until then they are as before",)
    elif v.ended:
        what = "it repeats" if v.ended == 1 else "they repeat"
        facts.append(f"{counted(v.ended, 'task')} ticked in an editor, though {what}")
        advice = ("have the next ones written: `mdtasks check --fix`, see `mdtasks check`",)
    elif not v.tasks and report.settings.global_filter:
        line = f"no line with a box holds the global filter {report.settings.global_filter}"
        advice = (f"{line}; change `read.global_filter`",)
    return Section("Vault", "bad" if advice else "good", tuple(facts), advice)


def _configuration(report: Report) -> Section:
    settings = report.settings
    said = [s for s in settings.every if s.source != "default"]
    facts = [settings.file or "no mdtasks.toml, and none is needed"]
    facts += (f"{s.key}{_short(s.value)}  ({s.source})" for s in said)
    advice = tuple(_cut(list(settings.notices)))
    if advice:
        advice = ("mend these, or say it in mdtasks.toml:", *advice)
    return Section("Configuration", "bad" if advice else "good", tuple(facts), advice)


def _dialects(report: Report) -> Section:
    facts = [
        f"{d.name}: {'in use' if d.used else 'not in use'}, {_evidence(d)}"
        for d in report.dialects
        if d.used or d.lines
    ]
    missing = [d.name for d in report.dialects if not d.used and d.lines >= _MANY]
    advice: tuple[str, ...] = ()
    if missing:
        every = [f'"{d.name}"' for d in report.dialects if d.used or d.name in missing]
        sentence = f"to have {_and(missing)} read too, write into mdtasks.toml, under [read]:"
        advice = (sentence, f"dialects = [{', '.join(every)}]")
    return Section("Dialects", "bad" if advice else "good", tuple(facts), advice)


def _evidence(dialect: Dialect) -> str:
    if dialect.example is None:
        return "no line"
    thing = "note" if dialect.name == "tasknotes" else "line"
    return f"{counted(dialect.lines, thing)}, such as {_example(dialect)}"


def _index(report: Report) -> Section:
    index = report.cache
    facts = [f"{index.path}, {_size(index.size)}"]
    if index.trouble:
        return Section("Index", "bad", tuple(facts), (index.trouble,))
    gone = f", {index.gone} gone" if index.gone else ""
    news = (
        "as fresh as the notes" if index.was_fresh else f"{counted(index.read, 'note')} read{gone}"
    )
    facts.append(f"{news}; looking took {index.seconds:.2f} s")
    return Section("Index", "good", tuple(facts))


def _watcher(report: Report) -> Section:
    running, heartbeat = report.watcher
    if not running:
        fact = "not running; `mdtasks watch` keeps calendar and daily note up to date"
        return Section("Watcher", "off", (fact,))
    alive = "busy" if heartbeat is None else f"alive {heartbeat:.0f} s ago"
    return Section("Watcher", "good", (f"running, {alive}",))


def _outbox(report: Report) -> Section | None:
    if not report.outbox:
        return None
    facts = [
        line
        for w in report.outbox
        for line in (
            f"{w.path}:{w.line}: {w.text}",
            f"  → {' / '.join(w.wanted) or '(removed)'}",
            f"  since {w.since}: {w.why}",
        )
    ]
    advice = "they are tried again with the next change, and by `mdtasks watch`"
    return Section("Changes that wait", "bad", tuple(facts), (advice,))


def _conflicts(report: Report) -> Section:
    if not report.conflicts:
        return Section("Sync conflicts", "good", ("none",))
    facts = [
        f"{path}, of {note}" if note else f"{path}, whose note is gone"
        for path, note in report.conflicts
    ]
    advice = "they are not read: take over what you need into the note, then delete them"
    return Section("Sync conflicts", "bad", tuple(_cut(facts)), (advice,))


def _passed_over(report: Report) -> Section | None:
    facts, advice = [], []
    if report.too_big:
        facts += _cut([f"{path}: larger than 10 MB" for path in report.too_big])
        advice.append("split large notes into several")
    if report.absent:
        facts += _cut([f"{path}: in iCloud, and not on this computer" for path in report.absent])
        advice.append("download the notes from iCloud to have them read")
    return Section("Passed over", "bad", tuple(facts), ("; ".join(advice),)) if facts else None


def _feed(report: Report) -> Section:
    feed = report.feed
    if feed.age is None:
        return Section("Calendar", "off", (f"{feed.path}: not written yet; `mdtasks sync` does",))
    facts = (feed.path, f"{counted(feed.events, 'event')}, {_size(feed.size)}, {_ago(feed.age)}")
    if not feed.whole:
        return Section("Calendar", "bad", facts, ("it is no whole calendar: run `mdtasks sync`",))
    return Section("Calendar", "good", facts)


def _busy_calendar(calendar: BusyCalendar) -> Section:
    name, source, age, busy, warnings = calendar
    copy = "no copy" if age is None else f"as of {_ago(age)}"
    facts = (f"{source}: {copy}, {counted(busy, 'busy time')} ahead",)
    return Section(f"Busy calendar {name}", "bad" if warnings else "good", facts, warnings)


def _place(place: Place) -> Section:
    name, kind, to, lens, worked, failed, why, hint = place
    shown = "" if lens == "full" else f", {lens}"
    facts = [f"{'a file' if kind == 'file' else kind}: {to}{shown}"]
    if worked is not None:
        facts.append(f"last carried there {_ago(worked)}")
    title = f"Publish {name}"
    if failed is None:
        if worked is None:
            facts.append("nothing was carried there yet; `mdtasks publish` does")
        return Section(title, "off" if worked is None else "good", tuple(facts))
    facts.append(f"failed {_ago(failed)}: {why}")
    if worked is not None and worked <= failed:
        return Section(title, "good", tuple(facts))
    return Section(title, "bad", tuple(facts), (hint or f"try it: `mdtasks publish {name}`",))


def _daily(report: Report) -> Section | None:
    daily = report.daily
    if daily is None:
        return None
    if not daily.on:
        return Section("Daily note", "off", ("no plan is written there; see `daily.write`",))
    state = "it is there" if daily.exists else "it will be made"
    return Section("Daily note", "good", (f"the plan is written into {daily.path}; {state}",))


def _copies(report: Report) -> Section:
    copies, facts = report.copies, []
    if copies.last_change is not None:
        facts.append(f"the last change can be undone; it was made {_ago(copies.last_change)}")
    if copies.oldest is not None:
        what = counted(copies.number, "copy of a note", "copies of notes")
        facts.append(f"{what} as before a change in {copies.folder}, from {_ago(copies.oldest)} on")
    return Section("Undo", "off", tuple(facts or ["nothing was changed in the last 24 hours"]))


def _system(report: Report) -> Section:
    system, advice = report.system, []
    source = {"default": "that of the system", "environment": "$TZ"}.get(system.zone_source)
    facts = [f"time zone {system.zone}, {source or f'set in {system.zone_source}'}"]
    folders = counted(system.folders, "folder")
    if system.watches is not None:
        folders += f" to watch, and the system allows {system.watches}"
        if system.folders >= system.watches:
            advice.append("raise fs.inotify.max_user_watches to have every change seen at once")
    facts.append(folders)
    if system.network:
        facts.append(f"the vault lies on {system.network}")
        advice.append("others' changes are seen every 2 seconds there, and only by comparing")
    return Section("System", "bad" if advice else "good", tuple(facts), tuple(advice[:1]))


_JUDGES: Sequence[Callable[[Report], Section | None]] = (
    _vault,
    _configuration,
    _dialects,
    _index,
    _watcher,
    _outbox,
    _conflicts,
    _passed_over,
    _feed,
    _daily,
    _copies,
    _system,
)


# Words


def _cut(lines: list[str]) -> list[str]:
    more = len(lines) - _SHOWN
    return lines if more <= 0 else [*lines[:_SHOWN], f"and {more} more"]


def _listed(paths: Sequence[str]) -> str:
    return ", ".join(_cut([*paths]))


def _and(names: Sequence[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _short(value: str) -> str:
    if len(value) > _LONGEST_VALUE:
        value = f"{value[: _LONGEST_VALUE - 1]}…"
    return f" = {value}" if value else ""


def _example(dialect: Dialect) -> str | None:
    """Return where the first line stands, of TaskNotes the first note."""
    if dialect.example is None:
        return None
    source = dialect.example
    return source.path if dialect.name == "tasknotes" else f"{source.path}:{source.line}"


def _size(size: int) -> str:
    if size < 1000:
        return f"{size} bytes"
    return f"{size / 1000:.0f} KB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


def _ago(seconds: float) -> str:
    for length, unit in _UNITS:
        if seconds >= length:
            return f"{counted(int(seconds // length), unit)} ago"
    return "just now"


# JSON


def shape(report: Report) -> dict[str, object]:
    """Return the plain values of the JSON. Keys are only ever added."""
    r = report
    return {
        **{name: value for name, value in _plain(r.vault).items() if name != "root"},
        "unread": [_plain(unread) for unread in r.vault.unread],
        "settings": {setting.key: setting.source for setting in r.settings.every},
        "notices": list(r.settings.notices),
        "dialects": {d.name: _dialect(d) for d in r.dialects},
        "index": {**_plain(r.cache), "fresh": r.cache.was_fresh},
        "watcher": _plain(r.watcher),
        "outbox": [_plain(waiting) for waiting in r.outbox],
        "conflicts": [conflict.path for conflict in r.conflicts],
        "too_big": list(r.too_big),
        "absent": list(r.absent),
        "feed": _plain(r.feed),
        "busy": [_plain(calendar) for calendar in r.busy],
        "publish": [_plain(place) for place in r.places],
        "daily": _plain(r.daily) if r.daily else None,
        "copies": _plain(r.copies),
        "system": _plain(r.system),
        "advice": [section.advice[0] for section in sections(r) if section.advice],
    }


def _plain(facts: NamedTuple) -> dict[str, object]:
    return {
        name: round(value, 3) if isinstance(value, float) else value
        for name, value in facts._asdict().items()
    }


def _dialect(dialect: Dialect) -> dict[str, object]:
    return {"used": dialect.used, "lines": dialect.lines, "example": _example(dialect)}
