"""Which task that vanished is which task that appeared, over one batch of changes.

The rules go from the certain to the likely: an id that the person wrote; the same text in the
same note, by its neighbours, else in order; the same text elsewhere, where a note that went with
most of its tasks counts as the same note; at last a text that is alike.

Rule: pure. Equal tasks give equal matches, in whatever order they come. Nobody is matched twice,
and where two are as likely, neither is: a uid that is lost harms less than one that lies.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

# What a text that is alike must reach, in the same note and in another.
ALIKE, ALIKE_ELSEWHERE = 0.60, 0.85
# Of all that vanished in days, something is always alike.
ALIKE_LATER = 0.90
# What a neighbour that is the same adds, so that of several the right one is the likeliest.
NEIGHBOUR = 0.10
# Below this they must have a word in common: sentences are half alike by their letters alone.
MUCH_ALIKE = 0.75
# Shorter texts are alike by chance.
LONG_ENOUGH = 12
# Nobody types four letters by chance at the same place: one text goes on where the other ends.
TYPED_ON = 4

# How many pairs of texts are compared in a batch; past that only exact rules count. And how
# many tasks may share a word before it says nothing about them.
MOST_PAIRS = 200_000
COMMON_WORD = 40
# Words of a text that are looked up, the rarest first.
RARE_WORDS = 4
# A word is told by so many letters: its end is where it changes, or is mistyped.
STEM = 4


class Trace(NamedTuple):
    """What a task is known by. `name` is its text and, in a series, its date; `before` and
    `after` are the texts of its neighbours in the note. `is_past` means that it vanished before
    this batch, `is_fleeting` that its line goes when it is done; `seen_done` is the day on which it
    was first seen ticked; `is_gone` that its note went too."""

    uid: str
    path: str
    line: int
    name: tuple[str, str]
    source: str = ""
    before: str = ""
    after: str = ""
    explicit: str = ""
    is_open: bool = True
    repeats: bool = False
    is_fleeting: bool = False
    is_past: bool = False
    seen_done: str = ""
    is_gone: bool = False

    @property
    def text(self) -> str:
        return self.name[0]

    @property
    def order(self) -> tuple[str, int, str]:
        return self.path, self.line, self.uid


class Match(NamedTuple):
    """`appeared` is the task `vanished`. It is `likely` where not even its text is the same."""

    vanished: Trace
    appeared: Trace
    likely: bool = False


Key = Callable[[Trace], Hashable]


def match(vanished: Iterable[Trace], appeared: Iterable[Trace]) -> list[Match]:
    """Return the pairs, by the order of those that vanished."""
    rest = _Rest(vanished, appeared)
    rest.pair(lambda t: t.explicit or None)
    _in_place(rest, lambda t: t.path)
    if rest.is_open:
        _elsewhere(rest)
    if rest.is_open:
        home = _renamed(rest)
        _in_place(rest, home)
        _alike(rest, home)
    return sorted(rest.found, key=lambda pair: pair.vanished.order)


def in_place(vanished: Iterable[Trace], appeared: Iterable[Trace]) -> list[Match]:
    """Return the pairs among tasks of the same note and name: twins, told by their neighbours."""
    rest = _Rest(vanished, appeared)
    _in_place(rest, lambda t: t.path)
    return rest.found


class _Rest:
    """Those that are not matched yet, in order, and the pairs so far."""

    def __init__(self, vanished: Iterable[Trace], appeared: Iterable[Trace]) -> None:
        self.old = sorted(vanished, key=lambda t: t.order)
        self.new = sorted(appeared, key=lambda t: t.order)
        self.found: list[Match] = []

    @property
    def is_open(self) -> bool:
        return bool(self.old and self.new)

    def pair(self, old_key: Key, new_key: Key | None = None, in_order: bool = False) -> None:
        """Match those of equal keys, None apart: the only one of each side, or with `in_order`
        as many as there are."""
        if not self.is_open:
            return
        old, new = _by_key(self.old, old_key), _by_key(self.new, new_key or old_key)
        pairs = []
        for key in old.keys() & new.keys():
            some, others = old[key], new[key]
            if in_order:
                pairs += [Match(*pair) for pair in _in_order(some, others)]
            elif len(some) == len(others) == 1 and _may_be(some[0], others[0]):
                pairs.append(Match(some[0], others[0]))
        self.take(pairs)

    def take(self, pairs: Sequence[Match]) -> None:
        if pairs:
            old, new = ({id(each) for each in side} for side in list(zip(*pairs, strict=True))[:2])
            self.old = [each for each in self.old if id(each) not in old]
            self.new = [each for each in self.new if id(each) not in new]
            self.found += pairs


def _by_key(traces: Sequence[Trace], key: Key) -> dict[Hashable, list[Trace]]:
    groups: defaultdict[Hashable, list[Trace]] = defaultdict(list)
    for trace in traces:
        value = key(trace)
        if value is not None:
            groups[value].append(trace)
    return groups


def _in_order(old: Sequence[Trace], new: Sequence[Trace]) -> Iterator[tuple[Trace, Trace]]:
    """Yield pairs that may be the same, and never cross."""
    others = iter(new)
    for one in old:
        other = next((each for each in others if _may_be(one, each)), None)
        if other is None:
            return
        yield one, other


def _may_be(old: Trace, new: Trace) -> bool:
    """Whether the dates of a series allow it: each of its occurrences is a task of its own.

    One that was put off is the same occurrence on another day; one that is ticked stays behind.
    """
    before, after = old.name[1], new.name[1]
    if before == after or not (before and after):
        return True
    return old.is_open == new.is_open and not old.is_past and not old.is_fleeting


# The same note


def _in_place(rest: _Rest, home: Key) -> None:
    """Match the same text in the same note; `home` names the note that a task vanished from."""
    homes = {home(old) for old in rest.old} & {new.path for new in rest.new}
    if not homes:
        return
    inner = _Rest(
        (old for old in rest.old if home(old) in homes),
        (new for new in rest.new if new.path in homes),
    )
    _ticked(inner, home)
    for key, in_order in _SAME_NOTE:
        inner.pair(
            lambda t, key=key: (home(t), key(t)),  # type: ignore[misc]
            lambda t, key=key: (t.path, key(t)),  # type: ignore[misc]
            in_order,
        )
    rest.take(inner.found)


_SAME_NOTE: tuple[tuple[Key, bool], ...] = (
    (lambda t: (t.name, t.before, t.after, t.source), True),
    (lambda t: (t.name, t.before, t.after), True),
    (lambda t: (t.name, t.before, t.source), False),
    (lambda t: (t.name, t.after, t.source), False),
    (lambda t: (t.name, t.before), False),
    (lambda t: (t.name, t.after), False),
    (lambda t: (t.name, t.source), True),
    (lambda t: t.name, True),
    (lambda t: t.text, True),
)


def _ticked(rest: _Rest, home: Key) -> None:
    """Match the open line of a series without dates with the line that was ticked: the open one
    next to it is the next occurrence, though it looks the same as ever."""
    old = _by_key(rest.old, lambda t: (home(t), t.name) if t.repeats and not t.name[1] else None)
    new = _by_key(rest.new, lambda t: (t.path, t.name) if t.repeats and not t.name[1] else None)
    pairs = []
    for key in old.keys() & new.keys():
        closed = [each for each in new[key] if not each.is_open]
        known = Counter(each.source for each in old[key] if not each.is_open)
        ticked = []
        for each in closed:
            if known[each.source]:
                known[each.source] -= 1
            else:
                ticked.append(each)
        opened = [each for each in old[key] if each.is_open]
        if sum(known.values()) == 0:
            pairs += [Match(*pair) for pair in zip(opened, ticked, strict=False)]
    rest.take(pairs)


# Another note


def _file(trace: Trace) -> str:
    return trace.path.rpartition("/")[2]


_ELSEWHERE: tuple[Key, ...] = (
    lambda t: (t.name, t.before, t.after, t.source, _file(t)),
    lambda t: (t.name, t.before, t.after, _file(t)),
    lambda t: (t.name, t.before, t.after, t.source),
    lambda t: (t.name, t.before, t.after),
    lambda t: (t.name, t.before, t.source),
    lambda t: (t.name, t.after, t.source),
    lambda t: (t.name, t.before),
    lambda t: (t.name, t.after),
    lambda t: (t.name, t.source),
    lambda t: (t.name, _file(t)),
    lambda t: t.name,
    lambda t: t.text,
)


def _elsewhere(rest: _Rest) -> None:
    for key in _ELSEWHERE:
        rest.pair(key)


def _renamed(rest: _Rest) -> Key:
    """Return what names the note of a task that vanished: where most of its note went, if the
    note is gone."""
    targets: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for old, new, _ in rest.found:
        if old.is_gone:
            targets[old.path][new.path] += 1
    moved = {}
    for path, counts in targets.items():
        (target, most), *others = counts.most_common(2)
        if not others or others[0][1] < most:
            moved[path] = target
    return lambda trace: moved.get(trace.path, trace.path)


# Texts that are alike

Pair = tuple[float, Trace, Trace]


def _alike(rest: _Rest, home: Key) -> None:
    if rest.is_open:
        rest.take(list(_best(_alike_in_place(rest, home))))
    if rest.is_open:
        rest.take(list(_best(_alike_elsewhere(rest))))


def _best(pairs: list[Pair]) -> Iterator[Match]:
    """Yield the best pairs first, as long as both are free. Of those that are as likely as
    another with the same task, none counts; but of twins the first does."""
    pairs.sort(key=lambda pair: (-pair[0], pair[1].order, pair[2].order))
    gone: set[str] = set()
    for _, group in groupby(pairs, key=lambda pair: pair[0]):
        equal = [pair for pair in group if gone.isdisjoint((pair[1].uid, pair[2].uid))]
        kinds: defaultdict[str, set[Hashable]] = defaultdict(set)
        for _, old, new in equal:
            kinds[old.uid].add((new.path, new.name))
            kinds[new.uid].add((old.path, old.name))
        for _, old, new in equal:
            if len(kinds[old.uid]) == len(kinds[new.uid]) == 1:
                if gone.isdisjoint((old.uid, new.uid)):
                    yield Match(old, new, likely=True)
                    gone |= {old.uid, new.uid}
            else:
                gone |= {old.uid, new.uid}


def _alike_in_place(rest: _Rest, home: Key) -> list[Pair]:
    old, new = _by_key(rest.old, home), _by_key(rest.new, lambda t: t.path)
    shared = sorted((len(old[key]) * len(new[key]), str(key)) for key in old.keys() & new.keys())
    pairs: list[Pair] = []
    left = MOST_PAIRS
    for count, key in shared:
        left -= count
        if left < 0:
            break
        pairs += _scored(old[key], new[key])
    return pairs


def _scored(old: Iterable[Trace], new: Sequence[Trace]) -> Iterator[Pair]:
    from rapidfuzz.fuzz import ratio

    folded = [(each, _folded(each.text)) for each in new]
    for one in old:
        text = _folded(one.text)
        least = ALIKE_LATER if one.is_past else ALIKE
        for other, said in folded:
            likeness = ratio(text, said, score_cutoff=100 * least) / 100
            near = (one.before == other.before != "") + (one.after == other.after != "")
            if not likeness and near and not one.is_past and _goes_on(text, said):
                likeness = ALIKE
            if not likeness or not _may_be(one, other):
                continue
            if likeness >= MUCH_ALIKE or not _stems(text).isdisjoint(_stems(said)):
                yield likeness + NEIGHBOUR * near, one, other


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _goes_on(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) >= TYPED_ON and longer.startswith(shorter)


def _alike_elsewhere(rest: _Rest) -> list[Pair]:
    """Return pairs of long texts that share one of their rarest words."""
    old = [each for each in rest.old if len(each.text) >= LONG_ENOUGH]
    new = [each for each in rest.new if len(each.text) >= LONG_ENOUGH]
    if not (old and new):
        return []
    from rapidfuzz.fuzz import ratio

    holders: defaultdict[str, list[int]] = defaultdict(list)
    texts = [_folded(each.text) for each in old]
    for number, text in enumerate(texts):
        for stem in _stems(text):
            holders[stem].append(number)
    pairs: list[Pair] = []
    left = MOST_PAIRS
    for other in new:
        said = _folded(other.text)
        for number in _candidates(said, holders):
            left -= 1
            if left < 0:
                return []
            least = ALIKE_LATER if old[number].is_past else ALIKE_ELSEWHERE
            likeness = ratio(texts[number], said, score_cutoff=100 * least) / 100
            if likeness and _may_be(old[number], other):
                pairs.append((likeness, old[number], other))
    return pairs


def _candidates(text: str, holders: dict[str, list[int]]) -> set[int]:
    known = sorted((len(holders[stem]), stem) for stem in _stems(text) if stem in holders)
    stems = [stem for count, stem in known[:RARE_WORDS] if count <= COMMON_WORD]
    return {number for stem in stems for number in holders[stem]}


def _stems(text: str) -> set[str]:
    """Return the beginnings of its words, short ones apart where there are others."""
    return {word[:STEM] for word in text.split() if len(word) >= STEM} or {*text.split()}
