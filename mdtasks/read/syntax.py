"""How the fields of the emoji dialect and of Dataview are written: one table, and its patterns.

Rule: patterns only; fields.py reads with them.
"""

from __future__ import annotations

import re
from bisect import bisect
from dataclasses import dataclass
from functools import lru_cache

DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
CLOCK = r"[0-9]{1,2}:[0-9]{2}"
ID = r"[A-Za-z0-9_-]+"
DURATION = (
    r"(?:[0-9]+(?:[.,][0-9]+)? ?h(?:ours?|rs?)?(?: ?[0-9]+ ?m(?:in(?:ute)?s?)?)?"
    r"|[0-9]+(?:[.,][0-9]+)? ?m(?:in(?:ute)?s?)?|[0-9]+)"
)
_SIGN = r"(?:[A-Z]{0,2}\$|[€£¥₹₩₺₴₪])"
_CURRENCY = rf"(?:[A-Z]{{3}}|{_SIGN}|kr|zł|Kč)(?![^\W\d_])"
# In front of a number, three capitals are any word, unless they are a currency.
_CODE = (
    "(?:AUD|BRL|CAD|CHF|CNY|CZK|DKK|EUR|GBP|HKD|HUF|ILS|INR|ISK|JPY|KRW|MXN|NOK|NZD|PLN|RON"
    "|SEK|SGD|THB|TRY|UAH|USD|ZAR|kr)"
)
_CENTS = "(?:[.,][0-9]{1,2})?(?![.,]?[0-9])"
MONEY = (
    rf"(?:(?:{_CODE}|{_SIGN}) ?)?"
    rf"(?:[0-9]{{1,3}}(?:[ \u00a0\u202f][0-9]{{3}}){{1,4}}{_CENTS}(?= ?{_CURRENCY})"
    rf"|[0-9]{{1,3}}(?:[.,'’][0-9]{{3}}){{1,4}}{_CENTS}"
    rf"|[0-9]+(?:[.,][0-9]+)?)(?: ?{_CURRENCY})?(?: ?/ ?h(?:r|our)?(?![^\W\d_]))?"
)

# Words up to a space or the end never give back a space that the pattern behind them could take:
# else a run of spaces is tried in every way to share it out.
_RULE = "[a-zA-Z0-9,!]+(?: +[a-zA-Z0-9,!]+)*+"
_PLAIN = r"[^\[\]() ]+(?: +[^\[\]() ]+)*+"
_NAME = rf"(?:\[\[[^\[\]]+\]\]|{_PLAIN})"

PRIORITY_WORDS = "(?:highest|high|medium|lowest|low)"
PRIORITIES = {"🔺": "highest", "⏫": "high", "🔼": "medium", "🔽": "low", "⏬": "lowest"}


@dataclass(frozen=True, slots=True)
class FieldRule:
    """How a field is written. `value` is a pattern; `ours` means the plugin does not know it."""

    name: str
    emojis: tuple[str, ...]
    keys: tuple[str, ...]
    value: str
    key_value: str = ""  # where Dataview's value differs from the emoji's
    moment: bool = False  # a time may follow the date (not for the plugin)
    ours: bool = False


# In the order in which the plugin tries them.
FIELDS: tuple[FieldRule, ...] = (
    FieldRule("priority", tuple(PRIORITIES), ("priority",), "", PRIORITY_WORDS),
    FieldRule("done", ("✅",), ("completion",), DATE),
    FieldRule("cancelled", ("❌",), ("cancelled",), DATE),
    FieldRule("due", ("📅", "📆", "🗓"), ("due",), DATE, moment=True),
    FieldRule("scheduled", ("⏳", "⌛"), ("scheduled",), DATE, moment=True),
    FieldRule("start", ("🛫",), ("start",), DATE),
    FieldRule("created", ("➕",), ("created",), DATE),
    FieldRule("recurrence", ("🔁",), ("repeat",), _RULE),
    FieldRule("on_completion", ("🏁",), ("onCompletion",), "[a-zA-Z]+"),
    FieldRule("id", ("🆔",), ("id",), ID),
    FieldRule("depends_on", ("⛔",), ("dependsOn",), f"{ID}(?: *, *{ID})*"),
    FieldRule("estimate", ("⏱",), ("estimate", "duration"), DURATION, ours=True),
    FieldRule("pay", ("💰",), ("pay",), MONEY, _PLAIN, ours=True),
    FieldRule(
        "assignee", ("👤",), ("assignee",), r"(?:\[\[[^\[\]]+\]\]|@?[^\W_][\w'’-]*)",
        _NAME, ours=True,
    ),
    FieldRule("handed", (), ("handed",), "", DATE, ours=True),
    FieldRule("rework", (), ("rework",), "", "[0-9]{1,3}", ours=True),
    FieldRule("project", (), ("project",), "", _NAME, ours=True),
    FieldRule("goal", (), ("goal",), "", _NAME, ours=True),
    FieldRule("begins", (), ("startTime",), "", CLOCK, ours=True),
    FieldRule("ends", (), ("endTime",), "", CLOCK, ours=True),
    FieldRule("date", (), ("date",), "", DATE, ours=True),
)  # fmt: skip

EMOJIS = "".join(sorted(emoji for rule in FIELDS for emoji in rule.emojis))
# Two ranges that hold them. A search leaps to the next of these much sooner than of the emojis
# themselves; and one range for all would hold most of Unicode, and take long to compile.
_BEYOND = bisect(EMOJIS, "\uffff")
NEAR_EMOJIS = f"{EMOJIS[0]}-{EMOJIS[_BEYOND - 1]}{EMOJIS[_BEYOND]}-{EMOJIS[-1]}"
# Where a field starts. The class of characters in front only makes it fast.
ANCHOR = re.compile(rf"[\[({NEAR_EMOJIS}](?:(?<=[{EMOJIS}])|(?<=[\[(]) *([A-Za-z]+)::)")

# As the plugin has it; only for what stands at the end, for it looks through all that follows.
_CLOSED_BRACKET = r"(?:(?=[^\]]+\])\[|(?=[^)]+\))\()"
_BRACKET = r"[\[(]"
_CLOCK = rf"(?:(?:[Tt]| +){CLOCK}(?: *[-–—] *{CLOCK})?)?"


@dataclass(frozen=True, slots=True)
class Entry:
    """What begins with an emoji or a Dataview key. `trailing` is None for what only we know."""

    name: str
    dialect: str
    order: int
    anywhere: re.Pattern[str]
    trailing: re.Pattern[str] | None


_PLACES = {start: n for n, rule in enumerate(FIELDS) for start in (*rule.emojis, *rule.keys)}


@lru_cache(maxsize=256)
def entry_of(start: str) -> Entry | None:
    """Return what begins with an emoji or a Dataview key, None where nothing does.

    Its patterns are compiled only now: most vaults use few, and all of them take their time.
    """
    place = _PLACES.get(start)
    if place is None:
        return None
    rule = FIELDS[place]
    timed = rule.value + _CLOCK if rule.moment else rule.value
    if start in rule.emojis:
        flags = re.IGNORECASE if rule.name in {"recurrence", "on_completion"} else re.NOFLAG
        behind = r"(?![0-9])" if rule.value else ""
        anywhere = re.compile(_emoji_pattern(rule, timed) + behind, flags)
        trailing = None if rule.ours else re.compile(_emoji_pattern(rule, rule.value), flags)
        return Entry(rule.name, "emoji", 2 * place, anywhere, trailing)
    anywhere = re.compile(_key_pattern(rule, _BRACKET, rule.key_value or timed))
    pattern = _key_pattern(rule, _CLOSED_BRACKET, rule.key_value or rule.value)
    trailing = None if rule.ours else re.compile(pattern)
    return Entry(rule.name, "dataview", 2 * place, anywhere, trailing)


def _emoji_pattern(rule: FieldRule, value: str) -> str:
    if not rule.value:  # the emoji is the value
        return f"(?P<value>{'|'.join(rule.emojis)})\ufe0f?"
    return f"(?:{'|'.join(rule.emojis)})\ufe0f? *+(?P<value>{value})"


def _key_pattern(rule: FieldRule, bracket: str, value: str) -> str:
    return rf"{bracket} *(?:{'|'.join(rule.keys)}):: *+(?P<value>{value}) *[)\]](?: *,)?"
