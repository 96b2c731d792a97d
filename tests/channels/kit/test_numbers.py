"""Numbers out of JSON: exact, or refused by name."""

from decimal import Decimal

import pytest

from entrepot.channels.kit.numbers import exact, integer, money, rounded_money, text
from entrepot.kernel import Money, Refusal


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("12.50", "12.50"),
        (" 7 ", "7"),
        ("-3", "-3"),
        ("+3.", "3"),
        (".5", "0.5"),
        ("1.0E-5", "0.000010"),
        ("16.666666666666668", "16.666666666666668"),
        (12, "12"),
        (Decimal("0.10"), "0.10"),
    ],
)
def test_a_plain_number_is_read_exactly(value: object, expected: str) -> None:
    assert exact(value) == Decimal(expected)


@pytest.mark.parametrize(
    "value",
    [
        1.5, True, False, None, "", " ", "1,5", "1,234.50", "1_000", "１２", "12 EUR", "NaN", "Infinity",
        "0x10", "--1", "1e", "1e9999", "1e-9999", "1e999999999999999999999", "9" * 61, [], {}, 10**40,
        Decimal("NaN"), Decimal("1e-999"),
    ],
)  # fmt: skip
def test_what_is_no_plain_number_is_refused(value: object) -> None:
    with pytest.raises(Refusal) as refused:
        exact(value)
    assert refused.value.code == "money_malformed"


@pytest.mark.parametrize(
    ("value", "currency", "minor"),
    [
        ("12.5", "EUR", 1250),
        ("-0.01", "EUR", -1),
        ("1.350000", "EUR", 135),
        ("1000", "JPY", 1000),
        ("0.001", "KWD", 1),
        (Decimal("19.99"), "USD", 1999),
        (0, "USD", 0),
    ],
)
def test_money_is_exact(value: object, currency: str, minor: int) -> None:
    assert money(value, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("value", "currency", "code"),
    [
        ("12.505", "EUR", "money_digits"),
        ("0.5", "JPY", "money_digits"),
        ("0.010000000000000000000000000000000000001", "EUR", "money_digits"),
        ("1", "XXX", "currency_unknown"),
        ("10000000000000000", "EUR", "money_malformed"),
        ("", "EUR", "money_malformed"),
    ],
)
def test_money_that_is_not_exact_is_refused(value: object, currency: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        money(value, currency)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("value", "currency", "minor"),
    [
        ("1.345", "EUR", 135),
        ("1.344999", "EUR", 134),
        ("-1.345", "EUR", -135),
        ("2.5", "JPY", 3),
        ("0.00499999999999999999999999999999999999", "EUR", 0),
        ("7", "EUR", 700),
    ],
)
def test_rounded_money_rounds_half_away_from_zero(value: object, currency: str, minor: int) -> None:
    assert rounded_money(value, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("value", "expected"), [("12", 12), (15, 15), ("-4", -4), ("3.0000", 3), (Decimal("1E+2"), 100)]
)
def test_an_integer_may_be_written_as_text(value: object, expected: int) -> None:
    assert integer(value) == expected


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("12.5", "not_whole"),
        (Decimal("0.0001"), "not_whole"),
        ("1.0000000000000000000000000000000000001", "not_whole"),
        ("", "money_malformed"),
        (None, "money_malformed"),
        (True, "money_malformed"),
    ],
)
def test_what_is_no_integer_is_refused(value: object, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        integer(value)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Grün ", "Grün "),
        ("", ""),
        (None, ""),
        (False, ""),
        ([], ""),
        ({}, ""),
        (0, "0"),
        (12, "12"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0.10"), "0.10"),
    ],
)
def test_text_takes_what_plugins_make_of_a_text(value: object, expected: str) -> None:
    assert text(value) == expected


@pytest.mark.parametrize("value", [True, ["a"], {"a": 1}, 1.5])
def test_a_structure_is_no_text(value: object) -> None:
    with pytest.raises(Refusal) as refused:
        text(value)
    assert refused.value.code == "text_malformed"
