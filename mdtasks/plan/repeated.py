"""What repeats: finished work, grouped by likeness, and what its time is worth.

Texts are alike whose words are, whatever the numbers, dates, months and tags in them. To compare
each with each would take hours in a large vault: only texts that share the beginning of one of
their rarest words are, and past a number of pairs only equal ones count.

Rule: pure and without chance: equal tasks give equal groups, in whatever order they come.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from mdtasks.plan.earned import worth
from mdtasks.read.money import Pay

_NOTHING = timedelta(0)
# From this part of the working time on, a group is marked.
MUCH = Decimal("0.1")

# How alike the words of two texts must be, of 100.
_ALIKE = 90
# The beginnings of so many of a text's rarest words are looked up; with how many texts each is
# compared; how many pairs are compared in all.
_RARE, _STEM, _MOST_ALIKE, _MOST_PAIRS = 2, 4, 40, 400_000

_TAG = re.compile(r"(?:^|(?<=\s))#[^\s#]+")
_LINK = re.compile(r"\[\[(?:[^\[\]|]*\|)?([^\[\]|]*)\]\]|\[([^\[\]]*)\]\([^()\s]*\)")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_NUMBER = re.compile(r"(?<![^\s#№])[#№]?[0-9]+(?:[.,:/-][0-9]+)*(?![^\s,.!?])")
_DATED_WORDS = """
january february march april may june july august september october november december jan feb
mar apr jun jul aug sep sept oct nov dec januar februar märz mai juni juli oktober dezember
mär okt dez januari februari mars maj augusti monday tuesday wednesday thursday friday
saturday sunday mon tue tues wed thu thur thurs fri sat sun montag dienstag mittwoch
donnerstag freitag samstag sonntag måndag tisdag onsdag torsdag fredag lördag söndag today
tomorrow yesterday am pm st nd rd th
"""
_SMALL_WORDS = """
a an the to for of in on at with and or my our
"""

_DATED, _SMALL = frozenset(_DATED_WORDS.split()), frozenset(_SMALL_WORDS.split())


class Work(NamedTuple):
    """A task that was done on a day, and how long it took; `is_logged` if that was measured."""

    uid: str
    path: str
    line: int
    text: str
    day: date
    time: timedelta
    is_logged: bool
    repeats: bool = False


class Group(NamedTuple):
    """Work that is alike, earliest first, called by the words that it has most often. `part` is
    that of the working time, None where there was none."""

    name: str
    works: tuple[Work, ...]
    part: Decimal | None = None

    @property
    def last(self) -> Work:
        return self.works[-1]

    @property
    def times(self) -> int:
        return len(self.works)

    @property
    def time(self) -> timedelta:
        return sum((work.time for work in self.works), _NOTHING)

    @property
    def is_much(self) -> bool:
        return self.part is not None and self.part > MUCH


class Audit(NamedTuple):
    """Groups by their time, the working time of the days, and what an hour is worth, if that is
    set."""

    first: date
    last: date
    working: timedelta
    hourly: Pay | None
    groups: tuple[Group, ...]

    def cost(self, group: Group) -> Decimal | None:
        """Return what the time of a group is worth."""
        if self.hourly is None:
            return None
        return worth(self.hourly._replace(hourly=True), group.time)


@lru_cache(maxsize=100_000)
def words(text: str) -> str:
    """Return what is compared: the words in lower case, without what differs each time."""
    bare = _LINK.sub(lambda m: m[1] or m[2] or "", text) if "[" in text else text
    bare = (_TAG.sub(" ", bare) if "#" in bare else bare).casefold()
    found = [word for word in _WORD.findall(bare) if word not in _DATED]
    said = [word for word in found if word not in _SMALL] or found
    return " ".join(said) or " ".join(bare.split()) or text.casefold()


def shown(text: str) -> str:
    """Return a text on one line, without tags."""
    bare = " ".join(_TAG.sub(" ", text).split()) if "#" in text else ""
    return bare or " ".join(text.split())


def _name(text: str) -> str:
    """Return a text as the name of a group: without the numbers too, that differ each time."""
    bare = " ".join(_NUMBER.sub(" ", shown(text)).split())
    return bare if any(map(str.isalpha, bare)) else shown(text)


def repeated(works: Iterable[Work], working: timedelta) -> list[Group]:
    """Return the groups of work that repeats, the most time first: done more than once, or of a
    task that comes back. `working` is the working time of these days."""
    found = sorted(works, key=_order)
    alike = clusters(work.text for work in found)
    by_cluster: defaultdict[str, list[Work]] = defaultdict(list)
    for work in found:
        by_cluster[alike[words(work.text)]].append(work)
    groups = [
        _group(some, working)
        for some in by_cluster.values()
        if len(some) > 1 or any(work.repeats for work in some)
    ]
    return sorted(groups, key=lambda group: (-group.time, -group.times, group.name))


def _order(work: Work) -> tuple[date, str, int, str]:
    return work.day, work.path, work.line, work.uid


def _group(works: Sequence[Work], working: timedelta) -> Group:
    names = Counter(_name(work.text) for work in works)
    name = min(names, key=lambda each: (-names[each], each))
    group = Group(name, tuple(works))
    if not working:
        return group
    seconds = Decimal(group.time // timedelta(seconds=1))
    return group._replace(part=seconds / Decimal(working // timedelta(seconds=1)))


def clusters(texts: Iterable[str]) -> Mapping[str, str]:
    """Return for the words of each text those of the text that leads its group.

    The most frequent leads; what is alike to several goes to the most alike.
    """
    counts = Counter(map(words, texts))
    order = sorted(counts, key=lambda said: (-counts[said], said))
    common = Counter(stem for said in order for stem in _stems(said))
    leaders: defaultdict[str, list[str]] = defaultdict(list)
    found: dict[str, str] = {}
    left = _MOST_PAIRS
    for said in order:
        rare = sorted(_stems(said), key=lambda stem: (common[stem], stem))[:_RARE]
        near = dict.fromkeys(other for stem in rare for other in leaders[stem][:_MOST_ALIKE])
        left -= len(near)
        leader = _most_alike(said, [*near]) if near and left > 0 else None
        found[said] = leader or said
        for stem in rare if leader is None else ():
            leaders[stem].append(said)
    return found


def _stems(said: str) -> set[str]:
    return {word[:_STEM] for word in said.split(" ")}


def _most_alike(said: str, others: Sequence[str]) -> str | None:
    from rapidfuzz import fuzz, process

    best = process.extractOne(said, others, scorer=fuzz.token_sort_ratio, score_cutoff=_ALIKE)
    return best[0] if best else None


def is_alike(one: str, other: str) -> bool:
    """Whether two texts would be in one group."""
    from rapidfuzz import fuzz

    said, wanted = words(one), words(other)
    return said == wanted or fuzz.token_sort_ratio(said, wanted) >= _ALIKE
