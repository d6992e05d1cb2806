"""How much speaks for it that a task that vanished is one that appeared, be it changed or moved.

What speaks for and against is added up: how alike the texts are, whether the neighbours are the
same, what the fields say, how far it went and how long ago. Nobody has seen what happened between
two readings, so what is likely is judged over all pairs at once: first those of which each is by
far the other's likeliest; they make room for the others, and tell who the neighbours of these are
now. Where two stay as likely, neither is it.

Rule: pure. The weights are in parts of a text that is the same, and are tuned with
`tests.bench.identity` on seeds from 100 on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from mdtasks.index.trace import Match, Trace
from mdtasks.index.wording import STEM, Said, alike_in, begins_otherwise, said_by

# What must be reached: in the same note, in another, and days later (which in the same note is
# that much more). The heap of a week always holds something alike.
IN_PLACE, ELSEWHERE, ELSEWHERE_LATER, LATER = 0.53, 0.70, 0.87, 0.36
# Less alike than this is another task, though it stands at the same place: most words differ.
# Where one word of a line is another one, and nothing else of it or beside it, little is enough.
LEAST_ALIKE, LEAST_OF_STAYED = 0.45, 0.20
SAME_TEXT = 0.05
# A closed line stays as it is; and a line that is the same elsewhere is the same if it says enough.
CLOSED_LINE, SAME_LINE = 0.10, 0.05
# All of a line but a word stayed; each further word that is another, so many of them; one at the
# beginning, which tells what is to be done, and not that word alone.
STAYED, OTHER_WORD, MOST_OTHERS, OTHER_BEGINNING = 0.20, 0.02, 4, 0.10
# Each neighbour that is the same; elsewhere only one that went there too: a copy has them as well.
NEIGHBOUR = 0.11
# Each field that differs, or that went along, up to three.
OTHER_FIELD, SAME_FIELD, MOST_FIELDS = 0.05, 0.08, 3
# A box that was ticked; one that was unticked, which nobody does on the way to another note.
TICKED, UNTICKED, UNTICKED_ELSEWHERE = 0.17, 0.15, 0.60
# Other numbers in the text are another of a numbered list, and a number where there was none may
# be; other dates are another of a series, of which the ticked line stays what it was.
OTHER_NUMBER, NEW_NUMBER, SAME_DATE, TICKED_OF_SERIES = 0.42, 0.10, 0.42, 0.25
# A word or two are alike by chance, and even the same after days if the fields are not.
SHORT, SHORT_LATER, SHORT_WEIGHT = 0.08, 0.22, 9
# By how much the likeliest must lead.
LEAD = 0.01

# How many pairs of texts are compared; past that only equal ones count. And how many tasks may
# share a word before it says nothing about them.
MOST_PAIRS = 60_000
COMMON_WORD = 40
# Words of a text that are looked up, the rarest first.
RARE_WORDS = 4

Home = Callable[[Trace], str]
Names = Collection[tuple[str, str]]
# To look for such texts takes a while, and is seldom needed.
Common = Callable[[], Collection[str]]


class _Pair(NamedTuple):
    """What speaks for a pair whatever the others are; `moved` are neighbours, before and now,
    that are others unless they are the same task."""

    evidence: float
    old: Trace
    new: Trace
    moved: tuple[tuple[str, str], ...]


def likely(
    old: Sequence[Trace],
    new: Sequence[Trace],
    home: Home,
    went: Names,
    common: Common = frozenset,
) -> Iterator[Match]:
    """Yield who lives on in whom. `home` names the note that a task vanished from; `went` are
    paths and texts of what went from its note just now; `common` gives texts that come with
    templates, of which one that is elsewhere is another one: it is asked if something is."""
    pairs = [*_pairs(old, new, home, went)]
    if any(home(pair.old) != pair.new.path for pair in pairs):
        texts = common()
        pairs = [
            pair
            for pair in pairs
            if not (pair.old.text in texts or pair.new.text in texts)
            or home(pair.old) == pair.new.path
        ]
    heirs: set[tuple[str, str]] = set()
    while pairs:
        found = [*_clear(pairs, heirs)]
        if not found:
            return
        yield from found
        heirs |= {(each.vanished.text, each.appeared.text) for each in found}
        gone = {each.vanished.uid for each in found}, {each.appeared.uid for each in found}
        pairs = [p for p in pairs if p.old.uid not in gone[0] and p.new.uid not in gone[1]]


def _clear(pairs: Iterable[_Pair], heirs: Names) -> Iterator[Match]:
    """Yield those of which each is the likeliest for the other, and nobody else comes near. Of
    twins the one for which less speaks elsewhere, else the first."""
    judged = [
        (pair.evidence + NEIGHBOUR * sum(each in heirs for each in pair.moved), pair)
        for pair in pairs
    ]
    judged.sort(key=lambda each: (-each[0], each[1].old.order, each[1].new.order))
    judged = [each for each in judged if each[0] > 0]
    of_old, of_new = _ranked(judged)
    rivals = {
        (pair.old.uid, pair.new.uid): (
            _next(of_old[pair.old.uid], pair.new),
            _next(of_new[pair.new.uid], pair.old),
        )
        for _, pair in judged
    }
    judged.sort(key=lambda each: (-each[0], rivals[each[1].old.uid, each[1].new.uid]))
    of_old, of_new = _ranked(judged)
    for evidence, (_, old, new, _) in judged:
        is_best = of_old[old.uid][0][1] is new and of_new[new.uid][0][1] is old
        if is_best and evidence - max(rivals[old.uid, new.uid]) >= LEAD:
            yield Match(old, new, likely=old.name != new.name)


Ranked = dict[str, list[tuple[float, Trace]]]


def _ranked(judged: Iterable[tuple[float, _Pair]]) -> tuple[Ranked, Ranked]:
    """Return for each that vanished, and for each that appeared, who it may be."""
    of_old: Ranked = defaultdict(list)
    of_new: Ranked = defaultdict(list)
    for evidence, (_, old, new, _) in judged:
        of_old[old.uid].append((evidence, new))
        of_new[new.uid].append((evidence, old))
    return of_old, of_new


def _next(ranked: Iterable[tuple[float, Trace]], first: Trace) -> float:
    """Return the evidence for the likeliest that is no twin of the first."""
    kind = first.path, first.source or first.name
    others = (each for each, trace in ranked if (trace.path, trace.source or trace.name) != kind)
    return next(others, 0.0)


# Which pairs there are


def _pairs(old: Sequence[Trace], new: Sequence[Trace], home: Home, went: Names) -> Iterator[_Pair]:
    here = [(a, b) for a, b in _at_home(old, new, home) if a.text != b.text]
    known = {(id(a), id(b)) for a, b in here}
    there = [
        (a, b) for a, b in _elsewhere(old, new) if a.text != b.text and (id(a), id(b)) not in known
    ]
    said: dict[int, Said] = {}
    for some in (_same_text(old, new), here, there):
        for one, other in some:
            for each in (one, other):
                if id(each) not in said:
                    said[id(each)] = said_by(each)
            if one.may_be(other):
                pair = _judged(one, other, said, home(one) == other.path, went)
                if pair:
                    yield pair


Candidates = Iterable[tuple[Trace, Trace]]


def _same_text(old: Sequence[Trace], new: Sequence[Trace]) -> Candidates:
    return _within(_grouped(old, lambda t: t.text), _grouped(new, lambda t: t.text))


def _at_home(old: Sequence[Trace], new: Sequence[Trace], home: Home) -> Candidates:
    return _within(_grouped(old, home), _grouped(new, lambda t: t.path))


def _grouped(traces: Iterable[Trace], key: Home) -> dict[str, list[Trace]]:
    groups: defaultdict[str, list[Trace]] = defaultdict(list)
    for trace in traces:
        groups[key(trace)].append(trace)
    return groups


def _within(old: dict[str, list[Trace]], new: dict[str, list[Trace]]) -> Candidates:
    """Yield the pairs of equal keys, from the smallest group on, as many as are compared."""
    left = MOST_PAIRS
    for count, key in sorted((len(old[key]) * len(new[key]), key) for key in old.keys() & new):
        left -= count
        if left < 0:
            return
        yield from ((one, other) for one in old[key] for other in new[key])


def _elsewhere(old: Sequence[Trace], new: Sequence[Trace]) -> list[tuple[Trace, Trace]]:
    """Return pairs that share one of their rarest words."""
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for number, one in enumerate(old):
        for stem in _stems(one.text):
            holders[stem].append(number)
    pairs: list[tuple[Trace, Trace]] = []
    for other in new:
        known = sorted((len(holders[stem]), stem) for stem in _stems(other.text) if stem in holders)
        rare = [stem for count, stem in known[:RARE_WORDS] if count <= COMMON_WORD]
        pairs += [(old[n], other) for n in sorted({n for stem in rare for n in holders[stem]})]
        if len(pairs) > MOST_PAIRS:
            return []
    return pairs


def _stems(text: str) -> set[str]:
    return {word[:STEM] for word in text.casefold().split()}


# What speaks for a pair


def _judged(
    old: Trace, new: Trace, said: dict[int, Said], at_home: bool, went: Names
) -> _Pair | None:
    one, other = said[id(old)], said[id(new)]
    alike, same = alike_in(one, other, at_home) if old.text != new.text else (1 + SAME_TEXT, None)
    if alike < LEAST_OF_STAYED:
        return None
    near, moved = _neighbours(old, new, at_home, went)
    most = max(len(one.words), len(other.words))
    others = 0 if same is None else most - same
    stayed = at_home and near == 2 and others <= 1 and _stayed(old, new, one, other)
    if alike < LEAST_ALIKE and not stayed:
        return None
    evidence = (
        alike
        + NEIGHBOUR * near
        + CLOSED_LINE * (not old.is_open and _is_same_line(old, new))
        + _of_fields(old, one, other, at_home)
        + _of_ticks(old, new, at_home)
        + _of_dates(old, new)
        + _of_numbers(one, other)
        - OTHER_BEGINNING * begins_otherwise(one.words, other.words, most - others)
    )
    if at_home:
        evidence += STAYED * stayed - OTHER_WORD * min(MOST_OTHERS, max(0, others - 1))
        evidence -= IN_PLACE + LATER * old.is_past
    else:
        evidence += _of_place(old, new, one, other)
    return _Pair(evidence, old, new, moved)


def _is_same_line(old: Trace, new: Trace) -> bool:
    return old.source.strip() == new.source.strip()


def _stayed(old: Trace, new: Trace, one: Said, other: Said) -> bool:
    """Whether a line is the same, its words apart, as when it was last read."""
    is_same = one.fields == other.fields and old.is_open == new.is_open
    return is_same and bool(old.source) and not old.is_past


def _neighbours(
    old: Trace, new: Trace, at_home: bool, went: Names
) -> tuple[int, tuple[tuple[str, str], ...]]:
    near, moved = 0, []
    for was, now in ((old.before, new.before), (old.after, new.after)):
        if was == now:
            # Before the first one and after the last there is the end of the note. A task whose
            # line is not known has no neighbours that are.
            near += bool(was or old.source) if at_home else (old.path, was) in went
        elif was and now and at_home:
            moved.append((was, now))
    return near, tuple(moved)


def _of_fields(old: Trace, one: Said, other: Said, at_home: bool) -> float:
    if not old.source:
        return 0
    same = 0 if at_home else min(MOST_FIELDS, len(one.fields & other.fields))
    return SAME_FIELD * same - OTHER_FIELD * min(MOST_FIELDS, len(one.fields ^ other.fields))


def _of_ticks(old: Trace, new: Trace, at_home: bool) -> float:
    if old.is_open == new.is_open or not old.source:
        return 0
    if old.is_open:
        return -TICKED
    return -UNTICKED if at_home else -UNTICKED_ELSEWHERE


def _of_dates(old: Trace, new: Trace) -> float:
    before, after = old.name[1], new.name[1]
    if before != after:
        return -SAME_DATE
    is_ticked = old.repeats and new.repeats and old.is_open and not new.is_open
    return SAME_DATE * bool(before) + TICKED_OF_SERIES * is_ticked


def _of_numbers(one: Said, other: Said) -> float:
    if one.numbers and other.numbers:
        return -OTHER_NUMBER * (one.numbers != other.numbers)
    return -NEW_NUMBER * bool(other.numbers)


def _of_place(old: Trace, new: Trace, one: Said, other: Said) -> float:
    """Return what it takes to be another note's, and what speaks for it there."""
    weight = min(one.weight, other.weight)
    says_enough = bool(one.fields) or weight >= SHORT_WEIGHT
    evidence = SAME_LINE * (says_enough and _is_same_line(old, new))
    if weight < SHORT_WEIGHT:
        evidence -= _of_short(old, new, one, other)
    return evidence - (ELSEWHERE_LATER if old.is_past else ELSEWHERE)


def _of_short(old: Trace, new: Trace, one: Said, other: Said) -> float:
    if old.text != new.text:
        return SHORT
    return SHORT_LATER if old.is_past and old.source and one.fields != other.fields else 0
