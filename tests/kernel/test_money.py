"""Money is parsed exactly from text or refused; it adds up, also when it is split."""

import operator
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.kernel import Money, Refusal
from entrepot.kernel.money import (
    _THREE,
    _TWO,
    _ZERO,
    EXPONENTS,
    allocate,
    decimal,
    exponent,
    parse,
    text,
    total,
    zero,
)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("12.50", "EUR", 1250),
        ("12.5", "EUR", 1250),
        ("12", "EUR", 1200),
        ("-3", "EUR", -300),
        ("+3", "EUR", 300),
        ("0", "EUR", 0),
        ("-0.00", "EUR", 0),
        (".5", "EUR", 50),
        ("5.", "EUR", 500),
        (" 7.25\n", "EUR", 725),
        ("007.10", "EUR", 710),
        ("1.5000", "EUR", 150),
        ("1.50e1", "EUR", 1500),
        ("1000", "JPY", 1000),
        ("1000.00", "JPY", 1000),
        ("1.234", "KWD", 1234),
        ("0.001", "KWD", 1),
        ("10000000000000", "EUR", 10**15),
        (Decimal("19.99"), "USD", 1999),
        (19, "USD", 1900),
    ],
)
def test_decimal_text_becomes_exact_minor_units(
    amount: str | Decimal | int, currency: str, minor: int
) -> None:
    assert parse(amount, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    "naughty",
    [
        "",
        " ",
        "abc",
        "12,50",
        "1,000.00",
        "1 000",
        "1_000",
        "1'000",
        "12.5.0",
        "--1",
        "+-1",
        "−3",  # the minus sign of typography
        "1e",
        "1e9999",
        "0x10",
        "NaN",
        "sNaN",
        "Infinity",
        "-inf",
        "yes",
        "None",
        "€5",
        "5 EUR",
        "１２",  # full width
        "١٢",  # Arabic
        "½",
        "1\x000",
        "1\u200b0",
        "1" * 400,
        "10000000000000.01",  # over MINOR_MAX
        Decimal("NaN"),
        Decimal("Infinity"),
        True,
        12.5,
        0.1,
        float("nan"),
    ],
)
def test_what_is_no_plain_decimal_number_is_refused(naughty: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse(naughty, "EUR")
    assert refused.value.code == "money_malformed"


@pytest.mark.parametrize(
    ("amount", "currency"),
    [("12.505", "EUR"), ("0.001", "EUR"), ("1.5", "JPY"), ("0.1", "JPY"), ("1.2345", "KWD"), ("1e-3", "USD")],
)
def test_more_digits_than_the_currency_has_are_refused(amount: str, currency: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse(amount, currency)
    assert refused.value.code == "money_digits"


@pytest.mark.parametrize("code", ["", "eur", "EURO", "XXX", "BTC", "978", "€"])
def test_a_currency_outside_the_standard_is_refused(code: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse("1", code)
    assert refused.value.code == "currency_unknown"


@pytest.mark.parametrize(("currency", "digits"), [("EUR", 2), ("USD", 2), ("JPY", 0), ("KRW", 0), ("KWD", 3)])
def test_a_currency_has_its_digits(currency: str, digits: int) -> None:
    assert exponent(currency) == digits


def test_every_currency_code_is_three_capitals_and_stands_in_one_list_only() -> None:
    lists = [*_TWO.split(), *_ZERO.split(), *_THREE.split()]
    assert sorted(lists) == sorted(EXPONENTS)
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in EXPONENTS)


@pytest.mark.parametrize(
    ("minor", "currency", "spelled"),
    [
        (1250, "EUR", "12.50"),
        (-5, "EUR", "-0.05"),
        (0, "EUR", "0.00"),
        (1000, "JPY", "1000"),
        (1, "KWD", "0.001"),
        (10**15, "USD", "10000000000000.00"),
    ],
)
def test_an_amount_is_spelled_with_the_digits_of_its_currency(
    minor: int, currency: str, spelled: str
) -> None:
    assert text(Money(minor, currency)) == spelled
    assert str(Money(minor, currency)) == f"{spelled} {currency}"


@given(st.integers(-(10**15), 10**15), st.sampled_from(sorted(EXPONENTS)))
def test_what_is_spelled_is_parsed_back(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    assert parse(text(money), currency) == money


def test_a_decimal_of_more_digits_than_are_kept_is_refused_and_not_rounded() -> None:
    with pytest.raises(Refusal) as refused:
        decimal("1." + 60 * "0" + "1")
    assert refused.value.code == "money_malformed"


def test_money_of_one_currency_adds_subtracts_and_turns() -> None:
    five, two = Money(500, "EUR"), Money(200, "EUR")
    assert five + two == Money(700, "EUR")
    assert two - five == Money(-300, "EUR")
    assert -five == Money(-500, "EUR")


@pytest.mark.parametrize("mix", [operator.add, operator.sub, lambda one, other: total([one, other], "EUR")])
def test_two_currencies_do_not_mix(mix: Callable[[Money, Money], Money]) -> None:
    with pytest.raises(Refusal) as refused:
        mix(Money(500, "EUR"), Money(200, "USD"))
    assert refused.value.code == "currency_mix"


def test_the_sum_of_nothing_is_nothing_in_the_named_currency() -> None:
    assert total([], "JPY") == Money(0, "JPY") == zero("JPY")
    assert total([Money(1, "EUR"), Money(-3, "EUR")], "EUR") == Money(-2, "EUR")


@pytest.mark.parametrize(
    ("minor", "weights", "parts"),
    [
        (100, [1, 1, 1], [34, 33, 33]),
        (101, [1, 1, 1], [34, 34, 33]),
        (-100, [1, 1, 1], [-34, -33, -33]),
        (5, [1, 2, 2], [1, 2, 2]),
        (1, [1, 1], [1, 0]),
        (1, [1, 2], [0, 1]),
        (10, [0, 3, 7], [0, 3, 7]),
        (10, [1, 1, 4], [2, 2, 6]),  # 1.67, 1.67, 6.67: equal remainders, the earlier first
        (0, [3, 4], [0, 0]),
        (999, [1], [999]),
        (10**15, [1, 2], [333333333333333, 666666666666667]),
    ],
)
def test_left_over_units_go_to_the_largest_remainders_the_earlier_of_equals_first(
    minor: int, weights: list[int], parts: list[int]
) -> None:
    assert allocate(Money(minor, "EUR"), weights) == [Money(part, "EUR") for part in parts]


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(0, 10**6), min_size=1).filter(any))
def test_the_parts_add_up_and_none_is_further_than_one_unit_from_its_share(
    minor: int, weights: list[int]
) -> None:
    parts = [part.minor for part in allocate(Money(minor, "EUR"), weights)]
    assert sum(parts) == minor
    assert all(
        abs(part * sum(weights) - minor * weight) < sum(weights)
        for part, weight in zip(parts, weights, strict=True)
    )


@pytest.mark.parametrize("weights", [[], [0], [0, 0], [-1, 2], [-1]])
def test_weights_of_nothing_or_less_are_refused(weights: list[int]) -> None:
    with pytest.raises(Refusal) as refused:
        allocate(Money(100, "EUR"), weights)
    assert refused.value.code == "weights"
