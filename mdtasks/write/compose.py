"""What a person's words mean -> the line of a new task, and the proof that it says so.

Rule: pure. A line that does not read back as meant is refused. The estimate stands before the
other fields, and so does what has a time: the Obsidian Tasks plugin reads from the end, and stops
at what it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, time
from typing import Any, NamedTuple

from mdtasks.dates import format_duration
from mdtasks.errors import RefusedError, UsageError
from mdtasks.model import Priority, Source, Status, Task
from mdtasks.read import dialects
from mdtasks.read.blocks import BOX
from mdtasks.read.fields import FIELDS, JS_SPACES, code_spans, parse_body
from mdtasks.read.line import Values, read_line
from mdtasks.read.syntax import PRIORITIES
from mdtasks.settings import ReadSettings
from mdtasks.write.pin import Times, pin
from mdtasks.write.wording import Wording

_ENDS_OF_LINES = re.compile("[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_OWN_BOX = re.compile(r"(?:(?:[-*+]|[0-9]{1,9}[.)])[ \t]+)?\[(.)\](?:[ \t]+(?=\S)|$)")
_RULES = {rule.name: rule for rule in FIELDS}
_EMOJIS = {word: emoji for emoji, word in PRIORITIES.items()}
_ASIDE = frozenset(("dialect",))
_LONGEST = 4096  # characters; what is longer was pasted by mistake
# What stands first: the plugin does not know it, or not with a time.
_ORDER = ("estimate", "priority", "recurrence", "created", "start", "scheduled", "due")


class Said(NamedTuple):
    """A text of one line, and the symbol of the box that was typed with it."""

    text: str
    symbol: str = " "


def plain(text: str) -> Said:
    """Return the text on one line, without a box in front of it.

    Raises UsageError for one that is empty or holds what no line of a note should.
    """
    line = _ENDS_OF_LINES.sub(" ", text).strip(JS_SPACES)
    symbol = " "
    if match := _OWN_BOX.match(line):
        symbol, line = match[1], line[match.end() :]
    if not line:
        raise UsageError("there is nothing to add", 'say what, such as "call dentist"')
    if found := _CONTROL.search(line) or _CONTROL.match(symbol):
        code = f"U+{ord(found[0]):04X}"
        raise UsageError(
            f"this text holds a control character, {code}", "leave it out; text of one line is fine"
        )
    if len(line) > _LONGEST:
        raise UsageError("this text is too long for one line", "put the rest below it in the note")
    if _comment_marks(line) % 2:
        hint = "write `%%` in a pair, or between backticks"
        raise UsageError("a single %% would hide all that follows in the note", hint)
    return Said(line, symbol)


def _comment_marks(line: str) -> int:
    inside = [line[start:end] for start, end in code_spans(line)]
    return line.count("%%") - sum(text.count("%%") for text in inside)


def compose(
    words: Wording, symbol: str, dialect: str, created: date | None, read: ReadSettings
) -> str:
    """Return the line from its box on, in the dialect where that has words for it.

    Raises RefusedError where no line says what is meant.
    """
    text = words.text
    if read.global_filter and read.global_filter not in text:
        text = _inserted(text, f" {read.global_filter}", read)
    box = f"[{symbol}] "
    if not BOX.match(box + text):
        raise RefusedError(f"this is no text of a task: {text}", "add a word to it")
    for wanted in dict.fromkeys((created, None)):
        meant = _meant(words, box + text, wanted, read)
        for line in _lines(words, box, text, dialect, wanted, read):
            if _said(line, read) == meant:
                return line
    raise RefusedError(
        f"no line can say this here: {words.in_words(date.min)}; nothing was written",
        "say it in other words, or in the note by hand",
    )


def _meant(words: Wording, bare: str, created: date | None, read: ReadSettings) -> Values:
    meant = _said(bare, read)
    own = {**words._asdict(), "created": created}
    del own["text"]
    return meant | {name: value for name, value in own.items() if value is not None}


def _said(line: str, read: ReadSettings) -> Values:
    values = read_line(f"- {line}", read)
    said = {name: v for name, v in values.items() if name not in _ASIDE and v is not None}
    return said | {"text": " ".join(said["text"].split())}


def _lines(
    words: Wording, box: str, text: str, dialect: str, created: date | None, read: ReadSettings
) -> Iterator[str]:
    """Yield lines that may say it, the best first."""
    for one in dict.fromkeys((dialect, *(d for d in dialects.WRITERS if d in read.dialects))):
        yield box + _with_fields(text, _fields(words, created), one, read)
        if words.begins and words.scheduled:
            without = words._replace(scheduled=None, begins=None, ends=None)
            line = box + _with_fields(text, _fields(without, created), one, read)
            task = Task(Source("", 1, f"- {line}"), Status.TODO, " ", words.text)
            try:
                edit = pin(task, Times(words.scheduled, words.begins, words.ends), read)
            except RefusedError:
                continue
            yield edit.after[0].removeprefix("- ")


def _fields(words: Wording, created: date | None) -> dict[str, Any]:
    """Return what the fields say, in their order; a tuple is a day and its times."""
    values = words._asdict() | {"created": created}
    said = {name: values[name] for name in _ORDER if values[name] is not None}
    for name, times in (("due", (words.due_time, None)), ("scheduled", (words.begins, words.ends))):
        if name in said and times[0]:
            rest = {other: value for other, value in said.items() if other != name}
            said = {name: (said[name], *times), **rest}
    return said


def _with_fields(text: str, said: dict[str, Any], dialect: str, read: ReadSettings) -> str:
    write = _IN_DIALECT.get(dialect, _in_marks)
    for name, value in said.items():
        text = write(text, name, value, dialect, read)
    return text


def _in_emoji(text: str, name: str, value: Any, _: str, read: ReadSettings) -> str:
    if isinstance(value, Priority):
        field = _EMOJIS[value.value]
    else:
        field = f"{_RULES[name].emojis[0]} {_written(value)}"
    return _inserted(text, f" {field}", read)


def _in_dataview(text: str, name: str, value: Any, _: str, read: ReadSettings) -> str:
    return _inserted(text, f"  [{_RULES[name].keys[0]}:: {_written(value)}]", read)


def _in_marks(text: str, name: str, value: Any, dialect: str, read: ReadSettings) -> str:
    """Write as NotePlan or todo.txt has it; what they have no word for is left out."""
    if name == "estimate":
        return _inserted(text, f" ({_written(value)})", read)
    if name == "priority":
        return f"{mark} {text}" if (mark := _priority_mark(value, dialect)) else text
    return _inserted(text, dialects.added(name, dialect, value) or "", read)


def _priority_mark(value: Priority, dialect: str) -> str:
    marks: dict[str, dict[str, str]] = {
        "noteplan": {"medium": "!", "high": "!!", "highest": "!!!"},
        "todotxt": {"highest": "(A)", "high": "(B)", "medium": "(C)", "low": "(D)"},
    }
    return marks.get(dialect, {}).get(value.value, "")


_IN_DIALECT = {"emoji": _in_emoji, "dataview": _in_dataview}


def _written(value: Any) -> str:
    if isinstance(value, tuple):
        day, *clocks = value
        times = "-".join(f"{clock:%H:%M}" for clock in clocks if isinstance(clock, time))
        return f"{day} {times}"
    if isinstance(value, date | str):
        return str(value)
    return format_duration(value)


def _inserted(text: str, field: str, read: ReadSettings) -> str:
    """Return the text with a field at its end, before a block id."""
    at = len(text[: parse_body(text, read).block_id_start].rstrip(JS_SPACES))
    return text[:at] + field + text[at:]
