"""Regular expressions as JavaScript writes them, matched in a time that grows with the text alone.

A pattern becomes a graph of single steps, and all ways through it are walked at once, after
Thompson (CACM 11:6, 1968); where a set of places leads with a character is kept. So no pattern
can keep anybody waiting, as one can with Python's `re`. What cannot be walked that way is
refused by its name: references to groups, and looking ahead or behind.

Rule: only whether a text matches is told, so which way is taken first does not matter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from mdtasks.errors import QueryError

LONGEST = 500  # steps that a pattern may come to, with what is repeated written out
DEEPEST = 50
MOST_TIMES = 200
_MOST_STATES = 1000  # of which it is kept where they lead
# Steps looked at beside what is kept: some seconds. Only a pattern made to cost much comes there.
_PATIENCE = 5_000_000

_IS = Callable[[str], bool]  # whether a character is meant

_LINE_ENDS = frozenset("\n\r\u2028\u2029")
_WORD = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")
_CLASSES: dict[str, _IS] = {
    "d": lambda c: "0" <= c <= "9",
    "w": _WORD.__contains__,
    "s": lambda c: (c.isspace() and c not in "\x1c\x1d\x1e\x1f\x85") or c == "\ufeff",
}
_CONTROLS = {"t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "0": "\0"}
_QUANTIFIER = re.compile(r"\{([0-9]{1,9})(,?)([0-9]{0,9})\}")
_CODE = re.compile(r"x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}|c([A-Za-z])")
_HINT = "what is read: . [abc] [^abc] \\d \\w \\s \\b ^ $ * + ? {2,5} (a|b) (?:a), and the flag i"


class Step(NamedTuple):
    """`kind` is "char", "split", "end", or where one must stand for this step: ^ $ b B."""

    kind: str
    to: tuple[int, ...] = ()
    is_meant: _IS | None = None


def compile_regex(written: str) -> Regex:
    """Return the expression written as /pattern/flags. Raises QueryError."""
    match = re.fullmatch(r"/(.+)/([a-zA-Z]*)", written.strip(), re.DOTALL)
    if match is None:
        raise QueryError(
            f'"{written}" is no regular expression', "write it between slashes: /^call|mail/i"
        )
    pattern, flags = match.groups()
    if unknown := set(flags) - set("gimsu"):
        raise QueryError(f'the flag "{min(unknown)}" is not read', "the flag i is for any case")
    parser = _Parser(pattern, ignore_case="i" in flags)
    return Regex(parser.whole(), written)


class Regex:
    """Steps, the first of them last, and the states that were met: sets of steps."""

    def __init__(self, steps: list[Step], written: str) -> None:
        self._steps, self._written, self._patience = steps, written, _PATIENCE
        self._first = len(steps) - 1
        self._asks_words = any(step.kind in "bB" for step in steps)
        self._states: dict[tuple[frozenset[int], str], _State] = {}

    def search(self, text: str) -> bool:
        """Return whether the text matches anywhere. Raises QueryError where it takes too long."""
        state = self._state({self._first}, "start")
        for character in text:
            following = state.moves.get(character) or self._move(state, character)
            if following is _FOUND:
                return True
            state = following
        return (state.moves.get(_END) or self._move(state, _END)) is _FOUND

    def _move(self, state: _State, character: str) -> _State:
        beside = "word" if self._asks_words and character in _WORD else "other"
        reached = self._reached(state, "end" if character == _END else beside)
        if 0 in reached:  # the step "end"
            following = _FOUND
        elif character == _END:
            following = _NOT_FOUND
        else:
            steps = (self._steps[n] for n in reached)
            to = {s.to[0] for s in steps if s.is_meant is not None and s.is_meant(character)}
            following = self._state(to | {self._first}, beside)
        state.moves[character] = following
        return following

    def _state(self, places: Iterable[int], before: str) -> _State:
        key = frozenset(places), before
        if (state := self._states.get(key)) is None:
            if len(self._states) >= _MOST_STATES:
                self._states.clear()
            state = self._states[key] = _State(*key)
        return state

    def _reached(self, state: _State, after: str) -> set[int]:
        """Return the steps to be had from a state without a character, before `after`."""
        reached: set[int] = set()
        ahead = list(state.places)
        while ahead:
            place = ahead.pop()
            if place in reached:
                continue
            reached.add(place)
            step = self._steps[place]
            if step.kind == "split" or _holds(step.kind, state.before, after):
                ahead += step.to
        self._patience -= len(reached)
        if self._patience < 0:
            raise QueryError(f"the regular expression {self._written} takes too long", _HINT)
        return reached


class _State:
    __slots__ = ("before", "moves", "places")

    def __init__(self, places: frozenset[int], before: str) -> None:
        self.places, self.before = places, before
        self.moves: dict[str, _State] = {}


_FOUND, _NOT_FOUND = _State(frozenset(), ""), _State(frozenset(), "")
_END = ""  # where a character would be


def _holds(kind: str, before: str, after: str) -> bool:
    match kind:
        case "^":
            return before == "start"
        case "$":
            return after == "end"
        case "b":
            return (before == "word") != (after == "word")
        case "B":
            return (before == "word") == (after == "word")
    return False


# Reading. A piece of a pattern is a function: the step that comes after it -> its own first step.
_Piece = Callable[[int], int]


class _Parser:
    """A place in the pattern, and the steps that there are so far; the first is "end"."""

    def __init__(self, pattern: str, ignore_case: bool) -> None:
        self.pattern, self.ignore_case, self.at = pattern, ignore_case, 0
        self.steps = [Step("end")]

    def whole(self) -> list[Step]:
        piece = self.either(0)
        if self.at < len(self.pattern):
            raise self.fault('a ")" stands alone; write \\) for the sign itself')
        self.add("split", (piece(0),))
        return self.steps

    def fault(self, message: str) -> QueryError:
        return QueryError(f"the regular expression /{self.pattern}/: {message}", _HINT)

    def add(self, kind: str, to: tuple[int, ...], is_meant: _IS | None = None) -> int:
        if len(self.steps) > LONGEST:
            raise self.fault(f"it is too large: more than {LONGEST} steps")
        self.steps.append(Step(kind, to, is_meant))
        return len(self.steps) - 1

    def take(self, text: str) -> bool:
        if found := self.pattern.startswith(text, self.at):
            self.at += len(text)
        return found

    def next(self) -> str:
        if self.at == len(self.pattern):
            raise self.fault("it ends too early")
        self.at += 1
        return self.pattern[self.at - 1]

    def either(self, depth: int) -> _Piece:
        if depth > DEEPEST:
            raise self.fault(f"brackets are nested more than {DEEPEST} deep")
        ways = [self.row(depth)]
        while self.take("|"):
            ways.append(self.row(depth))
        if len(ways) == 1:
            return ways[0]
        return lambda then: self.add("split", tuple(way(then) for way in ways))

    def row(self, depth: int) -> _Piece:
        pieces: list[_Piece] = []
        while self.at < len(self.pattern) and self.pattern[self.at] not in "|)":
            pieces.append(self.term(depth))

        def row(then: int) -> int:
            for piece in reversed(pieces):
                then = piece(then)
            return then

        return row

    def term(self, depth: int) -> _Piece:
        character = self.next()
        if character in "*+?" or (
            character == "{" and _QUANTIFIER.match(self.pattern, self.at - 1)
        ):
            raise self.fault(f'there is nothing for "{character}" to repeat')
        if character in "^$" or (character == "\\" and self.pattern[self.at : self.at + 1] in "bB"):
            kind = self.next() if character == "\\" else character
            return lambda then: self.add(kind, (then,))
        if character == "(":
            piece = self.group(depth)
        else:
            meant = self.one(character)
            piece = lambda then: self.add("char", (then,), meant)  # noqa: E731
        return self.repeated(piece)

    def group(self, depth: int) -> _Piece:
        if re.compile(r"\?<?[=!]").match(self.pattern, self.at):
            raise self.fault("looking ahead or behind, (?= (?! (?<= (?<!, is not read")
        if self.take("?") and not self.take(":"):
            if not (name := re.compile(r"<\w+>").match(self.pattern, self.at)):
                raise self.fault('"(?" begins nothing that is known')
            self.at = name.end()
        piece = self.either(depth + 1)
        if not self.take(")"):
            raise self.fault('"(" is not closed; write \\( for the sign itself')
        return piece

    def repeated(self, piece: _Piece) -> _Piece:
        low, high = 1, 1
        if self.take("*"):
            low, high = 0, -1
        elif self.take("+"):
            low, high = 1, -1
        elif self.take("?"):
            low, high = 0, 1
        elif match := _QUANTIFIER.match(self.pattern, self.at):
            self.at = match.end()
            low = int(match[1])
            high = int(match[3]) if match[3] else -1 if match[2] else low
        else:
            return piece
        self.take("?")  # as few as can be: whether it matches is the same
        if 0 <= high < low:
            raise self.fault(f"{{{low},{high}}} is the wrong way round")
        if max(low, high) > MOST_TIMES:
            raise self.fault(f"nothing is repeated more than {MOST_TIMES} times; use * or +")
        if self.at < len(self.pattern) and self.pattern[self.at] in "*+?":
            raise self.fault(f'there is nothing for "{self.pattern[self.at]}" to repeat')
        return lambda then: self.times(piece, low, high, then)

    def times(self, piece: _Piece, low: int, high: int, then: int) -> int:
        if high < 0:
            loop = self.add("split", ())
            self.steps[loop] = Step("split", (piece(loop), then))
            then = loop
        end = then
        for _ in range(high - low):
            then = self.add("split", (piece(then), end))
        for _ in range(low):
            if (before := piece(then)) == then:
                break  # nothing, any number of times
            then = before
        return then

    def one(self, character: str) -> _IS:
        """Return what one character of the text must be."""
        if character == ".":
            return lambda c: c not in _LINE_ENDS
        if character == "[":
            return self.set()
        if character != "\\":
            return self.any_case(character.__eq__)
        escaped = self.escaped(in_set=False)
        return escaped if callable(escaped) else self.any_case(escaped.__eq__)

    def set(self) -> _IS:
        negative = self.take("^")
        tests: list[_IS] = []
        while not self.take("]"):
            first = self.member()
            if callable(first):
                tests.append(first)
            elif (
                self.pattern[self.at : self.at + 1] == "-"
                and self.pattern[self.at + 1 :][:1] != "]"
            ):
                self.at += 1
                last = self.member()
                if callable(last):
                    tests += [first.__eq__, "-".__eq__, last]
                elif last < first:
                    raise self.fault(f"{first}-{last} is the wrong way round")
                else:
                    tests.append(_between(first, last))
            else:
                tests.append(first.__eq__)
        meant = self.any_case(lambda c: any(test(c) for test in tests))
        return (lambda c: not meant(c)) if negative else meant

    def member(self) -> str | _IS:
        character = self.next()
        return self.escaped(in_set=True) if character == "\\" else character

    def escaped(self, in_set: bool) -> str | _IS:
        r"""Return the character, or the kind of character, that \ and what follows mean."""
        if code := _CODE.match(self.pattern, self.at):
            self.at = code.end()
            return chr(ord(code[4]) % 32) if code[4] else _character(code[1] or code[2] or code[3])
        letter = self.next()
        if test := _CLASSES.get(letter.lower()):
            return test if letter.islower() else lambda c: not test(c)
        if letter == "b" and in_set:
            return "\b"
        if letter in "123456789k" and not in_set:
            raise self.fault(f"references to groups, such as \\{letter}, are not read")
        if letter in "pP":
            raise self.fault(f"\\{letter}{{…}} is not read")
        return _CONTROLS.get(letter, letter)

    def any_case(self, meant: Any) -> _IS:
        if not self.ignore_case:
            return lambda c: meant(c) is True
        return lambda c: any(meant(form) is True for form in (c, c.lower(), c.upper()))


def _between(first: str, last: str) -> _IS:
    # One character only: the upper case of ß has two.
    return lambda c: len(c) == 1 and first <= c <= last


def _character(code: str) -> str:
    number = int(code, 16)
    return chr(number) if number < 0x110000 else ""
