"""Amounts of money: read as they are written, and never guessed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdtasks.read.fields import parse_body
from mdtasks.read.money import Pay, parse_pay
from mdtasks.settings import ReadSettings


@pytest.mark.parametrize(
    ("text", "amount", "currency", "hourly"),
    [
        ("12.50", "12.50", "", False),
        ("250 EUR", "250", "EUR", False),
        ("€250", "250", "EUR", False),
        ("1.200,50 kr", "1200.50", "kr", False),
        ("1,200.50 USD", "1200.50", "USD", False),
        ("$40/h", "40", "USD", True),
        ("95 EUR / h", "95", "EUR", True),
        ("95 eur per hour", "95", "EUR", True),
        ("1.200", "1200", "", False),
        ("1.2", "1.2", "", False),
        ("0.125", "0.125", "", False),
        ("1'200.50 CHF", "1200.50", "CHF", False),
        ("1 200 kr", "1200", "kr", False),
        ("1\u00a0200\u202f000,5 SEK", "1200000.5", "SEK", False),
        ("1.200.000 EUR", "1200000", "EUR", False),
        ("US$ 40", "40", "USD", False),
        ("$40 CAD", "40", "CAD", False),
        ("300 zł", "300", "PLN", False),
    ],
)
def test_an_amount_is_read_as_it_is_written(
    text: str, amount: str, currency: str, hourly: bool
) -> None:
    assert parse_pay(text) == Pay(Decimal(amount), currency, hourly)


@pytest.mark.parametrize(
    "text",
    ["", "much", "EUR", "-5 EUR", "1.2.3", "1.20.300 EUR", "1,200.50.3", "€40 USD", "5 EUR a day",
     "12..5", "1.200,500,1", "1 20 kr", "12 34", "9" * 16, "٣", "5 EUR/hx"],
)  # fmt: skip
def test_what_is_no_amount_is_not_guessed(text: str) -> None:
    assert parse_pay(text) is None


@given(
    st.integers(0, 10**11 - 1),
    st.integers(0, 99),
    st.sampled_from([(",", "."), (".", ","), ("'", "."), ("\u00a0", ",")]),
    st.sampled_from(["EUR", "SEK", "kr", "USD"]),
    st.booleans(),
)
def test_every_way_to_group_gives_the_same_amount(
    whole: int, cents: int, marks: tuple[str, str], currency: str, hourly: bool
) -> None:
    group, point = marks
    text = f"{whole:,}".replace(",", group) + f"{point}{cents:02} {currency}"
    wanted = Pay(Decimal(f"{whole}.{cents:02}"), currency, hourly)
    assert parse_pay(text + ("/h" if hourly else "")) == wanted


@given(st.text("0123456789.,' €$kr/hEURn", max_size=24))
def test_no_text_breaks_the_reading_and_no_amount_is_below_zero(text: str) -> None:
    pay = parse_pay(text)
    assert pay is None or (pay.amount >= 0 and pay.amount.is_finite())


@pytest.mark.parametrize(
    ("body", "pay", "text"),
    [
        ("Bill 💰 250 EUR for it", "250 EUR", "Bill for it"),
        ("Bill 💰€250 ✅ 2026-11-20", "€250", "Bill"),
        ("Bill 💰 1.200,50 kr 📅 2026-11-20", "1.200,50 kr", "Bill"),
        ("Bill 💰 $40/h", "$40/h", "Bill"),
        ("Bill 💰 40 EUR/h and more", "40 EUR/h", "Bill and more"),
        ("Bill 💰 1 200 kr", "1 200 kr", "Bill"),
        ("Bill 💰 12 300 letters", "12", "Bill 300 letters"),
        ("Bill 💰 12.50 for the work", "12.50", "Bill for the work"),
        ("Bill 💰 CHF 40", "CHF 40", "Bill"),
        ("Bill 💰 TAX 2026", None, "Bill 💰 TAX 2026"),
        ("Bill 💰 much", None, "Bill 💰 much"),
        ("Bill 💰 40 krona", "40", "Bill krona"),
        ("Bill [pay:: 1.200,50 kr]", "1.200,50 kr", "Bill"),
    ],
)
def test_the_pay_is_taken_off_the_line(body: str, pay: str | None, text: str) -> None:
    said = parse_body(body, ReadSettings())
    found = said.field("pay")
    assert (found.value if found else None, said.text) == (pay, text)
