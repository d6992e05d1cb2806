"""Every regular expression that sees a note's text is linear, and so is the reading around them."""

from __future__ import annotations

import importlib
import itertools
import pkgutil
import re
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from functools import partial
from pathlib import Path

import pytest

import mdtasks
from mdtasks.dates import date_from_name, parse_day, parse_duration, parse_moment, parse_period
from mdtasks.errors import QueryError
from mdtasks.lint.problems import problems_of
from mdtasks.plan.recurrence import parse_rule, suggest
from mdtasks.query.language import parse
from mdtasks.read.boxes import outline
from mdtasks.read.fields import parse_body
from mdtasks.read.front_matter import FrontMatterError, parse_front_matter
from mdtasks.read.note import read_note
from mdtasks.read.syntax import FIELDS
from mdtasks.read.times import closing_estimate, leading_times, parse_date_and_times
from mdtasks.render import clean
from mdtasks.settings import ReadSettings
from tests.growth import Call, is_steep, repeated

ROOT = Path(__file__).parents[1] / "mdtasks"
SETTINGS = ReadSettings()
TRAILING = ReadSettings(fields="trailing")
TODAY = date(2026, 11, 23)

# What a pattern may hold that the text it meets may repeat.
COMMON = " \t#[](-`a0"

Pattern = re.Pattern[str] | re.Pattern[bytes]

# What is given to functions that keep patterns.
GIVEN = {"entry_of": [(start,) for rule in FIELDS for start in (*rule.emojis, *rule.keys)]}


def modules() -> Iterator[str]:
    for found in pkgutil.walk_packages(mdtasks.__path__, "mdtasks."):
        if not found.name.endswith("__main__"):
            yield found.name


def patterns_in(value: object) -> Iterator[Pattern]:
    """Yield the patterns of a table, however it is nested."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, (tuple, list, frozenset, set)):
        for each in value:
            yield from patterns_in(each)
    elif isinstance(value, dict):
        yield from patterns_in(tuple(value.values()))
    elif is_dataclass(value) and not isinstance(value, type):
        yield from patterns_in(tuple(getattr(value, each.name) for each in fields(value)))


def uses_in(source: str) -> dict[str, set[str]]:
    """Return which methods of each name a source calls."""
    found: dict[str, set[str]] = {}
    for name, use in re.findall(r"\b(\w+)\.(\w+)\(", source):
        found.setdefault(name, set()).add(use)
    return found


def patterns() -> dict[str, tuple[Pattern, frozenset[str]]]:
    """Return the patterns of all modules, those behind a cache too whose arguments are known, and
    how each is used: one that is never searched for may be slow at that."""
    sources = [path.read_text("utf-8") for path in ROOT.rglob("*.py")]
    everywhere = uses_in("\n".join(sources))
    found: dict[str, tuple[Pattern, frozenset[str]]] = {}
    for name in modules():
        module = importlib.import_module(name)
        here = uses_in(Path(str(module.__file__)).read_text("utf-8"))
        for key, value in vars(module).items():
            made = value
            if hasattr(value, "cache_info") and value.__module__ == name:
                takes = value.__wrapped__.__code__.co_argcount
                made = [value(*each) for each in GIVEN.get(key, () if takes else [()])]
            uses = (here if key.startswith("_") else everywhere).get(key) or {"match", "fullmatch"}
            for pattern in patterns_in(made):
                text = pattern.pattern
                shown = text if isinstance(text, str) else text.decode("latin-1")
                found[shown] = pattern, frozenset(uses)
    return found


PATTERNS = patterns()


def letters(pattern: str) -> str:
    """Return the characters that a pattern names, and those that are in every note."""
    named = re.sub(r"\\[a-zA-Z]|[?*+^$|\\{}().]|\w{3,}", " ", pattern)
    named = "".join(dict.fromkeys(c for c in named if not c.isalnum()))
    first = next(iter(re.findall(r"[a-zA-Z0-9]", pattern)), "")
    return "".join(dict.fromkeys(COMMON + named[:8] + first))


def calls(pattern: Pattern, uses: frozenset[str]) -> Iterator[Call]:
    """Yield the ways in which a pattern is used on a text."""
    searched = bool(uses - {"match", "fullmatch"})
    for name in ("search", "match", "fullmatch"):
        if name in uses or (name == "search" and searched):
            yield partial(_use, getattr(pattern, name), isinstance(pattern.pattern, bytes))


def _use(use: Callable[[str | bytes], object], of_bytes: bool, text: str) -> object:
    return use(text.encode() if of_bytes else text)


def starts(pattern: str) -> list[str]:
    """Return what a match may begin with: what comes behind it is tried only there."""
    emoji = re.search("[\u2190-\U0001faff]", pattern)
    keys = re.search(r"\(\?:([A-Za-z]+)(?:\|[A-Za-z]+)*\)::", pattern)
    if keys:
        return [f"[{keys[1]}:: ", f"({keys[1]}:: a"]
    return [emoji[0], f"{emoji[0]} a1"] if emoji else ["", "a0"]


@pytest.mark.parametrize("text", sorted(PATTERNS), ids=lambda text: ascii(text)[:40])
def test_a_pattern_takes_linear_work(text: str) -> None:
    alphabet = letters(text)
    pieces = [*alphabet, *map("".join, itertools.permutations(alphabet[:5], 2))]
    for call, piece, before in itertools.product(calls(*PATTERNS[text]), pieces, starts(text)):
        assert not is_steep(call, repeated(piece, before, "\n!])")), (piece, before)


def test_reading_never_asks_for_the_locale() -> None:
    assert not [text for text, (found, _) in PATTERNS.items() if found.flags & re.LOCALE]
    for path in [*(ROOT / "read").glob("*.py"), ROOT / "dates.py"]:
        source = path.read_text("utf-8")
        assert not re.findall(r"\blocale\b|strftime|strptime|%[aAbBcpxX]\b", source), path


PIECES = [
    *(" ", "\t", "\u3000", "a", "0", "#", "[", "]", "(", ")", "`", "*", "_", "<", "&", "!", "\\"),
    *("#a ", "#a", "](", "[[", "![](", "<a:", "- ", "``a", "a`", "%%a ", "^a ", "\udcff", ", "),
    *("📅", "📅 ", "⏫ ", "🔁 a ", "👤 a", "💰 1", "⏱ 1 ", "🆔 a", "⛔ a, ", "📅 2026-01-01 "),
    *("[due:: ", "(due:: ", "[due:: 2026-01-01) ", "[dependsOn:: a,", "[repeat:: a ", "[pay:: a "),
    *("[assignee:: a", "[assignee:: [[a ", "[a:: ", "[x] ", "09:00 ", "09:00-", "9am - ", "1h "),
    *("(1 ", "(1h) ", "(1h)", "1.", "#a 09:00 ", "at 3pm", "at 3pm-4pm "),
]  # fmt: skip


def line_of(text: str) -> object:
    return read_note("a.md", f"- [ ] {text}\n".encode("utf-8", "replace"), SETTINGS)


def uncached(call: Call) -> Call:
    """Return the work itself: what is remembered from one call to the next takes no time."""
    work: Call = getattr(call, "__wrapped__", call)
    return work


ON_LINES: dict[str, Call] = {
    "fields": lambda text: parse_body(text, SETTINGS),
    "fields, text behind": lambda text: parse_body(f"{text}x", SETTINGS),
    "fields at the end": lambda text: parse_body(text, TRAILING),
    "line": line_of,
    "times": leading_times,
    "estimate": closing_estimate,
    "estimate in the text": lambda text: closing_estimate(f"a (1h{text} (1h)"),
    "estimate, tags behind": lambda text: closing_estimate(f"a (1h) {text}!"),
    "moment": parse_date_and_times,
    "rule": uncached(parse_rule),
    "rule that is none": uncached(suggest),
    "terminal": partial(clean.for_terminal, tty=True),
    "calendar": clean.for_calendar,
    "duration": parse_duration,
    "day": partial(parse_day, today=TODAY),
    "period": partial(parse_period, today=TODAY),
    "moment of a flag": parse_moment,
    "name of a daily note": partial(date_from_name, fmt="YYYY-MM-DD dddd"),
}


@pytest.mark.parametrize("call", ON_LINES.values(), ids=list(ON_LINES))
def test_reading_a_line_takes_linear_work(call: Call) -> None:
    for piece in PIECES:
        assert not is_steep(call, repeated(piece)), piece


def check(text: str) -> object:
    (task,) = read_note("a.md", f"- [ ] x{text}\n".encode("utf-8", "replace"), SETTINGS).tasks
    return list(problems_of(task, SETTINGS))


def test_checking_a_line_takes_linear_work() -> None:
    for piece in PIECES:
        assert not is_steep(check, repeated(piece)), piece


BLOCKS = [
    *("a\n", "\n", "- [ ] a\n", "- [ ] a\n\n", "- [ ] a\n  b\n", "> - [ ] a\n", "-\n", "1. ", "> "),
    *("- a\n  ```\n", "```\n- [ ] a\n", "~~~\n", "<div>\n", "<a\n", "<!-- a\n", "<?", "<![CDATA["),
    *("%%\n", "%% - [ ] a\n", "`", "``a", "[a]: b\n", "[a]:\n[", "[a\n", "[", "]", "![](", "*"),
    *("_", "<", "&", "a|b\n-|-\n", "-|-\n", "|\n", "|a", "# a\n", "a\n===\n", "a\n---\n", "-\t"),
    *("    a\n", " ", "\u2028", "\v", "\r", "\r\n", "---\n", "***\n", "\0", "- [x] a %%\n", "#"),
    *("<!-- mdtasks:start -->\n\n- [ ] a\n\n<!-- mdtasks:end -->\n\n", "<!-- mdtasks:start -->\n"),
    *("[a]: b '\n", "\\[", ">\n> - [ ] a\n>\n\n", "- [ ] 1\n 2. a\n", "- - - - a\n", "- [ ] [ ] "),
]  # fmt: skip

AROUND: dict[str, Callable[[str], str]] = {
    "alone": lambda text: text,
    "between tasks": lambda text: f"- [ ] a\n\n{text}\n\n- [ ] b\n",
    "on a task's line": lambda text: f"- [ ] {text}\n- [ ] b\n",
    "below a task": lambda text: "- [ ] a\n  " + text.replace("\n", "\n  ") + "\n- [ ] b\n",
    "in a quote": lambda text: "> - [ ] a\n> " + text.replace("\n", "\n> ") + "\n- [ ] b\n",
    "in a comment": lambda text: f"%%\n{text}\n%%\n- [ ] b\n",
}


@pytest.mark.parametrize("around", AROUND.values(), ids=list(AROUND))
def test_reading_a_note_takes_linear_work(around: Callable[[str], str]) -> None:
    def read(text: str) -> object:
        return read_note("a.md", text.encode(), SETTINGS)

    for piece in BLOCKS:
        inner = repeated(piece)
        assert not is_steep(read, lambda size, inner=inner: around(inner(size))), piece  # type: ignore[misc]


@pytest.mark.parametrize("piece", ["\\", "`", "- [ ] a\n", "> ", "[", "%%\n", "<a", "|a"])
def test_finding_boxes_takes_linear_work(piece: str) -> None:
    assert not is_steep(outline, repeated(piece))


YAML = [
    *("[", "{", "[[]", "{a: ", "- ", "? ", "[a,", "a: [", "&a ", "!", "!!a ", '"', "'", "\\"),
    *("a: ", "a: b\n", "a:\n", "- a\n", "#", " ", "\t", "%a\n", "|\n", ">\n", "*a ", "a, "),
    "---\n",
]  # fmt: skip


def front_matter(text: str) -> object:
    try:
        return parse_front_matter(text.split("\n"))
    except FrontMatterError:
        return None


@pytest.mark.parametrize("before", ["", "a: ", "tags: [", 'tags: "'])
def test_reading_front_matter_takes_linear_work(before: str) -> None:
    for piece in YAML:
        assert not is_steep(front_matter, repeated(piece, before)), piece


def query(text: str) -> object:
    try:
        return parse(text, TODAY)
    except QueryError:
        return None


@pytest.mark.parametrize("before", ["", "due ", "description includes ", "(done) AND "])
def test_reading_a_query_takes_bounded_work(before: str) -> None:
    """A query is typed by its own reader, who waits: a thousand characters are answered at once."""
    for piece in (" ", "a", "a ", "(", "[", '"', "NOT ", "done AND ", "(done) OR ", "due on "):
        small = repeated(piece, before)
        assert not is_steep(query, lambda size, small=small: small(min(size, 1000))), piece  # type: ignore[misc]
