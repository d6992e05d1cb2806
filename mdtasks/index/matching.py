"""Which task that vanished is which task that appeared, over one batch of changes.

The rules go from the certain to the likely: an id that the person wrote; the same text in the
same note, by its neighbours, else in order; a note that went with its tasks counts as the same
note. What is left was reworded, or moved, or both: `likeness` weighs it.

Rule: pure. Equal tasks give equal matches, in whatever order they come. Nobody is matched twice,
and where two are as likely, neither is: a uid that is lost harms less than one that lies.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from enum import IntEnum

from mdtasks.index.likeness import Common, likely
from mdtasks.index.trace import Match, Trace

__all__ = ["Match", "Trace", "in_place", "match"]

Key = Callable[[Trace], Hashable]


class Twins(IntEnum):
    """Which tasks of one key are matched in order: none, as many as were there before, or any."""

    NONE, AS_MANY, ANY = range(3)


def match(
    vanished: Iterable[Trace], appeared: Iterable[Trace], common: Common = frozenset
) -> list[Match]:
    """Return the pairs, by the order of those that vanished; `common` as for `likely`."""
    rest = _Rest(vanished, appeared)
    rest.pair(lambda t: t.explicit or None)
    _in_place(rest, lambda t: t.path, _SAME_NOTE[:-1])
    # A line of a series that went elsewhere is not the next one, which stands in its place.
    rest.pair(lambda t: t.name if t.repeats and t.name[1] and not t.is_past else None)
    _in_place(rest, lambda t: t.path, _SAME_NOTE[-1:])
    if rest.is_open:
        _whole_notes(rest)
    if rest.is_open:
        home = _renamed(rest)
        _in_place(rest, home)
        rest.take([*likely(rest.old, rest.new, home, _went(rest), common)])
        _in_place(rest, home, _TWINS)
    return sorted(rest.found, key=lambda pair: pair.vanished.order)


def in_place(vanished: Iterable[Trace], appeared: Iterable[Trace]) -> list[Match]:
    """Return the pairs among tasks of the same note and name: twins, told by their neighbours.

    Where there are more on one side, one of them may be reworded: who that is is left open.
    """
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

    def pair(self, old_key: Key, new_key: Key | None = None, twins: Twins = Twins.NONE) -> None:
        """Match those of equal keys, None apart; `twins` are several of a key, and go in order."""
        self.take(self.pairs(old_key, new_key or old_key, twins))

    def pairs(self, old_key: Key, new_key: Key, twins: Twins) -> list[Match]:
        if not self.is_open:
            return []
        old, new = _by_key(self.old, old_key), _by_key(self.new, new_key)
        pairs = []
        for key in old.keys() & new.keys():
            some, others = old[key], new[key]
            counts = len(some), len(others)
            if twins is Twins.ANY or counts == (1, 1) or (twins and counts[0] == counts[1]):
                pairs += [Match(*pair) for pair in _in_order(some, others)]
        return pairs

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
        other = next((each for each in others if one.may_be(each)), None)
        if other is None:
            return
        yield one, other


# The same note


def _in_place(rest: _Rest, home: Key, rules: Rules | None = None) -> None:
    """Match the same text in the same note; `home` names the note that a task vanished from."""
    homes = {home(old) for old in rest.old} & {new.path for new in rest.new}
    if not homes:
        return
    inner = _Rest(
        (old for old in rest.old if home(old) in homes),
        (new for new in rest.new if new.path in homes),
    )
    _ticked(inner, home)
    for keys, twins in rules or _SAME_NOTE:
        pairs = [
            pair
            for key in keys
            for pair in inner.pairs(_within(home, key), _within(lambda t: t.path, key), twins)
        ]
        inner.take(_agreed(pairs) if len(keys) > 1 else pairs)
    rest.take(inner.found)


def _agreed(pairs: Sequence[Match]) -> list[Match]:
    """Return the pairs that no other contradicts."""
    told = {(id(pair.vanished), id(pair.appeared)): pair for pair in pairs}
    olds, news = Counter(old for old, _ in told), Counter(new for _, new in told)
    return [pair for (old, new), pair in told.items() if olds[old] == 1 == news[new]]


def _within(home: Key, key: Key) -> Key:
    def both(trace: Trace) -> Hashable:
        value = key(trace)
        return None if value is None else (home(trace), value)

    return both


# Several keys of one rule must not contradict each other: where the line between two twins moved,
# one neighbour says that they changed places, and the other that they did not.
Rules = tuple[tuple[tuple[Key, ...], Twins], ...]

_SAME_NOTE: Rules = (
    ((lambda t: (t.name, t.before, t.after, t.source),), Twins.AS_MANY),
    # What is closed stays as it is: else the open line of a series that is moved to where the
    # closed one stood would be taken for that.
    ((lambda t: None if t.is_open else (t.name, t.source),), Twins.NONE),
    ((lambda t: (t.name, t.before, t.after),), Twins.AS_MANY),
    ((lambda t: (t.name, t.before, t.after, t.source),), Twins.ANY),
    ((lambda t: (t.name, t.before, t.after),), Twins.ANY),
    ((lambda t: (t.name, t.before, t.source), lambda t: (t.name, t.after, t.source)), Twins.NONE),
    ((lambda t: (t.name, t.source),), Twins.NONE),
    ((lambda t: (t.name, t.before), lambda t: (t.name, t.after)), Twins.NONE),
    ((lambda t: (t.name, t.source),), Twins.AS_MANY),
    ((lambda t: t.name,), Twins.AS_MANY),
    ((lambda t: t.text,), Twins.AS_MANY),
)
# Twins that nothing tells apart, one of which is gone, or new.
_TWINS: Rules = tuple((keys, Twins.ANY) for keys, _ in _SAME_NOTE[-3:])


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
            # The next occurrence comes above it, so that what is below stays the same.
            ticked.sort(key=lambda t: all(t.after != each.after for each in opened))
            for one in ticked[: len(opened)]:
                same = next((each for each in opened if each.after == one.after), opened[0])
                opened.remove(same)
                pairs.append(Match(same, one))
    rest.take(pairs)


# Another note


def _file(trace: Trace) -> str:
    return trace.path.rpartition("/")[2]


_WHOLE_NOTES: tuple[Key, ...] = (
    lambda t: (t.name, t.before, t.after, t.source, _file(t)),
    lambda t: (t.name, t.before, t.after, _file(t)),
    lambda t: (t.name, t.before, t.after, t.source),
    lambda t: (t.name, t.before, t.after),
)


def _whole_notes(rest: _Rest) -> None:
    """Match what went with its note, and stands between the same neighbours."""
    gone = _Rest((old for old in rest.old if old.is_gone), rest.new)
    for key in _WHOLE_NOTES:
        gone.pair(key)
    rest.take(gone.found)


def _renamed(rest: _Rest) -> Callable[[Trace], str]:
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


def _went(rest: _Rest) -> set[tuple[str, str]]:
    """Return paths and texts of what is no longer in its note, and was when it was last read."""
    left = {(old.path, old.text) for old in rest.old if not old.is_past}
    return left | {(old.path, old.text) for old, new, _ in rest.found if old.path != new.path}
