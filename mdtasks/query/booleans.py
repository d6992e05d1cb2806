"""`(not done) AND NOT (due today OR has tags)` -> one test, by recursive descent.

Rule: this module knows the operators; what a filter is, the caller says. Operators are in
capitals and bind as in the Obsidian Tasks plugin: NOT, XOR, AND, OR. The plugin wants each
filter in (), [], {} or ""; here that is needed only to change the order, or, with "", to
search for a text that holds an operator.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from mdtasks.errors import QueryError
from mdtasks.model import Task
from mdtasks.query.terms import Context, Filter

DEEPEST = 20
_BRACKETS = {"(": ")", "[": "]", "{": "}"}
_OPERATOR = r"\s(?:AND|OR|XOR)(?=[\s(\[{\"]|$)"
_LOOSEST_FIRST = ("OR", "AND", "XOR")
_HINT = '(not done) AND (due today); "description includes AND" for a text as it is'


def parse_boolean(text: str, read: Callable[[str], Filter]) -> Filter:
    """Return the test that the whole line asks for.

    `read` makes a test from the words of one filter; it and this raise QueryError.
    """
    reader = _Reader(text.strip(), read)
    test = reader.expression("", 0)
    if rest := reader.rest():
        raise QueryError(f'"{rest}" stands where AND, OR or XOR should', _HINT)
    return test


class _Reader:
    """A place in the text. `closer` is the bracket that ends the expression being read."""

    def __init__(self, text: str, read: Callable[[str], Filter]) -> None:
        self.text, self.read, self.at = text, read, 0

    def rest(self) -> str:
        return self.text[self.at :].strip()

    def expression(self, closer: str, depth: int, level: int = 0) -> Filter:
        if level == len(_LOOSEST_FIRST):
            return self.negation(closer, depth)
        operator = _LOOSEST_FIRST[level]
        tests = [self.expression(closer, depth, level + 1)]
        while self.take(operator):
            tests.append(self.expression(closer, depth, level + 1))
        return tests[0] if len(tests) == 1 else _joined(operator, tests)

    def negation(self, closer: str, depth: int) -> Filter:
        negative = False
        while self.take("NOT"):
            negative = not negative
        part = self.operand(closer, depth)
        if not negative:
            return part
        return Filter(lambda task, context: not part.test(task, context), "not:", (part,))

    def operand(self, closer: str, depth: int) -> Filter:
        self.at = len(self.text) - len(self.text[self.at :].lstrip())
        opener = self.text[self.at : self.at + 1]
        if opener not in _BRACKETS:
            words = self.until_quote() if opener == '"' else self.words(closer)
            if not words:
                raise QueryError("a filter is missing", _HINT)
            return self.read(words)
        if depth == DEEPEST:
            raise QueryError(f"brackets are nested more than {DEEPEST} deep")
        self.at += 1
        test = self.expression(_BRACKETS[opener], depth + 1)
        if not self.rest().startswith(_BRACKETS[opener]):
            raise QueryError(f'"{opener}" is not closed', _HINT)
        self.at = self.text.index(_BRACKETS[opener], self.at) + 1
        return test

    def take(self, operator: str) -> bool:
        match = re.compile(rf"\s*{operator}(?=[\s(\[{{\"]|$)").match(self.text, self.at)
        if match:
            self.at = match.end()
        return match is not None

    def until_quote(self) -> str:
        end = self.text.find('"', self.at + 1)
        if end < 0:
            raise QueryError("a quote is not closed", _HINT)
        words, self.at = self.text[self.at + 1 : end], end + 1
        return words

    def words(self, closer: str) -> str:
        """Return the text up to an operator or the closing bracket; pairs within belong to it."""
        opener = next((o for o, c in _BRACKETS.items() if c == closer), "")
        pattern = _OPERATOR + (f"|[{re.escape(opener + closer)}]" if closer else "")
        start, open_pairs = self.at, 0
        for match in re.compile(pattern).finditer(self.text, start):
            if match[0] == opener:
                open_pairs += 1
            elif match[0] == closer and open_pairs:
                open_pairs -= 1
            elif not open_pairs:
                self.at = match.start()
                break
        else:
            self.at = len(self.text)
        return self.text[start : self.at].strip()


def _joined(operator: str, parts: Sequence[Filter]) -> Filter:
    tests = [part.test for part in parts]

    def conjunction(task: Task, context: Context) -> bool:
        return all(test(task, context) for test in tests)

    def disjunction(task: Task, context: Context) -> bool:
        return any(test(task, context) for test in tests)

    def odd(task: Task, context: Context) -> bool:
        return sum(test(task, context) for test in tests) % 2 == 1

    test, words = {
        "AND": (conjunction, "all of:"),
        "OR": (disjunction, "at least one of:"),
        "XOR": (odd, "one of, not both:" if len(parts) == 2 else "one, three, five … of:"),
    }[operator]
    return Filter(test, words, tuple(parts))
