"""Amounts of money as people write them: "250 EUR", "€250", "1.200,50 kr", "$40/h".

Rule: exact. Amounts are decimal; what can be read in two ways that differ is not guessed, but for
a single point or comma: with three digits behind it, it parts thousands.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

# Signs of one currency. "kr" is that of several, and stays what it is.
_SIGNS = {
    "€": "EUR", "£": "GBP", "¥": "JPY", "$": "USD", "US$": "USD", "C$": "CAD", "CA$": "CAD",
    "A$": "AUD", "AU$": "AUD", "NZ$": "NZD", "₹": "INR", "₩": "KRW", "₺": "TRY", "₴": "UAH",
    "₪": "ILS", "ZŁ": "PLN", "KČ": "CZK", "KR": "kr",
}  # fmt: skip
_SIGN = r"[A-Z]{0,2}\$|[€£¥₹₩₺₴₪]"
_WORD = r"[A-Z]{3}|kr|zł|Kč"
_PAY = re.compile(
    rf"(?P<before>{_SIGN}|{_WORD})?\s*(?P<number>[0-9][0-9.,'’\s]*)(?P<after>{_SIGN}|{_WORD})?"
    r"(?P<hourly>\s*(?:/|\b(?:per|an)\b)\s*(?:h|hr|hour))?",
    re.IGNORECASE,
)
_GROUPED = re.compile(r"([0-9]{1,3})((?:([.,'])[0-9]{3})(?:\3[0-9]{3})*)([.,][0-9]+)?")
# Decimal sums are exact up to 28 digits.
_MOST_DIGITS = 15


class Pay(NamedTuple):
    """What is paid: an amount of a currency ("" where none is written), or so much an hour."""

    amount: Decimal
    currency: str = ""
    hourly: bool = False


@lru_cache(maxsize=4096)
def parse_pay(text: str) -> Pay | None:
    """Return what a text says is paid, None where it is no amount."""
    match = _PAY.fullmatch(text.strip())
    amount = _number(match["number"].strip()) if match else None
    if match is None or amount is None:
        return None
    named = {_currency(match[side]) for side in ("before", "after") if match[side]}
    if match["before"] == "$" and match["after"]:  # $40 CAD
        named = {_currency(match["after"])}
    if len(named) > 1:
        return None
    return Pay(amount, named.pop() if named else "", match["hourly"] is not None)


def _currency(written: str) -> str:
    return _SIGNS.get(written.upper(), written.upper())


def _number(text: str) -> Decimal | None:
    """Return the number in "1200", "12.5", "1.200,50", "1,200.50", "1'200", "1 200"."""
    if len(re.findall("[0-9]", text)) > _MOST_DIGITS:
        return None
    text = re.sub(r"(?<=[0-9])[\s’](?=[0-9]{3}(?![0-9]))", "'", text)
    if match := re.fullmatch(
        r"([0-9]{1,3})((?:([.,'])[0-9]{3})(?:\3[0-9]{3})*)([.,][0-9]+)?", text
    ):
        whole, groups, mark, rest = match.groups()
        is_small = whole == "0" and mark != "'" and not rest and groups.count(mark) == 1
        if not is_small and not (rest and rest[0] == mark):
            return Decimal(whole + groups.replace(mark, "") + (rest or "").replace(",", "."))
    if re.fullmatch(r"[0-9]+(?:[.,][0-9]+)?", text):
        return Decimal(text.replace(",", "."))
    return None
