"""What cannot be an order is refused with a word for programs and the path of what is wrong, and leaves
nothing behind. Strange texts that are texts all the same are kept as they came."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from entrepot import customers
from entrepot.app import perform
from entrepot.db import tables
from entrepot.kernel import Refusal
from tests.selling.counter import WHO, Counter

LINE = {"sku": "CUP", "quantity": "1", "unit_price": "1"}


def of_line(**other: Any) -> dict[str, Any]:
    return {"lines": [LINE, LINE | other]}


QUANTITIES = [
    "0", "-1", "NaN", "Infinity", "-Infinity", "", " ", "1e9999", "1e30", "1" * 20, "1" * 4000, "0.5",
    "1,5", "1 000", "１２", "0x10", "one", "+-1", "١",
]  # fmt: skip
PRICES = [
    ("NaN", "money_malformed"),
    ("-1", "money_malformed"),
    ("1e400", "money_malformed"),
    ("1,50", "money_malformed"),
    ("0.005", "price_uneven"),
    ("9" * 20, "price_uneven"),
    ("$1", "money_malformed"),
]
SKUS = [
    ("", "sku_code"),
    (" ", "sku_code"),
    ("CUP\u200b", "sku_code"),
    ("\u202eCUP", "sku_code"),
    ("C\nUP", "sku_code"),
    ("X" * 101, "sku_code"),
    ("cup", "sku_unknown"),
    ("ＣＵＰ", "sku_unknown"),
    ("' OR 1=1 --", "sku_unknown"),
]
WHOLE: list[tuple[dict[str, Any], tuple[str, str]]] = [
    ({"seller": "nobody"}, ("connection_unknown", "connection")),
    ({"seller": ""}, ("connection_unknown", "connection")),
    ({"reference": ""}, ("reference", "reference")),
    ({"reference": " R"}, ("reference", "reference")),
    ({"reference": "R\tR"}, ("reference", "reference")),
    ({"reference": "R\u200b"}, ("reference", "reference")),
    ({"reference": "R" * 101}, ("reference", "reference")),
    ({"number": "\u202e1"}, ("reference", "number")),
    ({"lines": []}, ("lines", "lines")),
    ({"lines": [LINE] * 10_000}, ("lines", "lines")),
    ({"lines": None}, ("arguments", "lines")),
    ({"lines": "CUP"}, ("arguments", "lines")),
    ({"lines": [LINE, 7]}, ("arguments", "lines[1]")),
    ({"lines": [LINE | {"quantity": 1}]}, ("arguments", "lines[0].quantity")),
    ({"lines": [LINE | {"quantity": True}]}, ("arguments", "lines[0].quantity")),
    ({"lines": [LINE | {"surprise": 1}]}, ("arguments", "lines[0]")),
    ({"surprise": 1}, ("arguments", "surprise")),
    ({"currency": "EURO"}, ("currency_unknown", "currency")),
    ({"currency": "eur"}, ("currency_unknown", "currency")),
    ({"total": "2.01"}, ("total_disagrees", "total")),
    ({"total": "-2"}, ("money_malformed", "total")),
    ({"total": "2.001"}, ("money_digits", "total")),
    ({"currency": "JPY", "total": "2.5"}, ("money_digits", "total")),
    ({"currency": "BHD", "total": "2.0005"}, ("money_digits", "total")),
    ({"payment": "refunded"}, ("word", "payment")),
    ({"payment": "PAID"}, ("word", "payment")),
    ({"if_short": "maybe"}, ("word", "if_short")),
    ({"placed_at": "2026-03-02T12:00:00"}, ("placed_at", "placed_at")),
    ({"placed_at": "2099-01-01T00:00:00Z"}, ("placed_at", "placed_at")),
    ({"placed_at": "0001-01-01T00:00:00Z"}, ("placed_at", "placed_at")),
    ({"placed_at": "yesterday"}, ("arguments", "placed_at")),
    ({"location": "moon"}, ("location_unknown", "location")),
    ({"charges": [{"amount": "-1"}]}, ("money_malformed", "charges[0].amount")),
    ({"charges": [{"amount": "1", "kind": "bribe"}]}, ("word", "charges[0].kind")),
    ({"charges": [{"amount": "1", "discount": "2"}]}, ("discount", "charges[0].discount")),
    ({"discounts": [{"amount": "2.01"}]}, ("discount", "discounts[0].amount")),
    ({"taxes": [{"amount": "1", "rate": "19"}]}, ("rate", "taxes[0].rate")),
    ({"taxes": [{"amount": "NaN"}]}, ("money_malformed", "taxes[0].amount")),
    ({"customer": {"name": "x" * 501}}, ("text", "customer.name")),
    ({"customer": {"name": "a\0b"}}, ("text", "customer.name")),
    ({"customer": {"name": "\ud800"}}, ("text", "customer.name")),
    ({"ship_to": {"country": "Germany"}}, ("country", "ship_to.country")),
    ({"ship_to": {"street": ["x"] * 6}}, ("text", "ship_to.street")),
    ({"bill_to": {"street": ["ok", "x" * 501]}}, ("text", "bill_to.street[1]")),
]


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_what_is_no_quantity_is_refused(counter: Counter, quantity: str) -> None:
    wish = counter.wish() | of_line(quantity=quantity)
    assert counter.refused("order.place", **wish) == ("quantity", "lines[1].quantity")


@pytest.mark.parametrize(("price", "code"), PRICES)
def test_what_is_no_price_is_refused(counter: Counter, price: str, code: str) -> None:
    wish = counter.wish() | of_line(unit_price=price)
    assert counter.refused("order.place", **wish) == (code, "lines[1].unit_price")


@pytest.mark.parametrize(("sku", "code"), SKUS)
def test_what_is_no_sku_is_refused(counter: Counter, sku: str, code: str) -> None:
    wish = counter.wish() | of_line(sku=sku)
    assert counter.refused("order.place", **wish) == (code, "lines[1].sku")


@pytest.mark.parametrize(
    ("other", "refusal"),
    [
        ({"unit_price": ""}, ("price_missing", "lines[1]")),
        ({"price": "5"}, ("price_disagrees", "lines[1].price")),
        ({"discount": "1.01"}, ("discount", "lines[1].discount")),
        ({"discount": "-1"}, ("money_malformed", "lines[1].discount")),
        ({"location": "moon"}, ("location_unknown", "lines[1].location")),
        ({"title": "x" * 501}, ("text", "lines[1].title")),
        ({"holds": ["none"]}, ("hold_unknown", "lines[1].holds")),
        ({"title": "a\0b"}, ("text", "lines[1].title")),
    ],
)
def test_what_is_wrong_with_a_line_is_named(
    counter: Counter, other: dict[str, Any], refusal: tuple[str, str]
) -> None:
    assert counter.refused("order.place", **(counter.wish() | of_line(**other))) == refusal


@pytest.mark.parametrize(("other", "refusal"), WHOLE, ids=[str(n) for n in range(len(WHOLE))])
def test_what_is_wrong_with_an_order_is_named(
    counter: Counter, other: dict[str, Any], refusal: tuple[str, str]
) -> None:
    wish = counter.wish() | {"lines": [LINE | {"price": "1.00", "unit_price": ""}] * 2} | other
    assert counter.refused("order.place", **wish) == refusal


SELLER = {"name": "portal", "currency": "EUR"}


@pytest.mark.parametrize(
    ("other", "refusal"),
    [
        ({"name": "Portal"}, ("name", "name")),
        ({"name": ""}, ("name", "name")),
        ({"name": "a" * 41}, ("name", "name")),
        ({"name": "field"}, ("name_taken", "name")),
        ({"currency": "eur"}, ("currency_unknown", "currency")),
        ({"currency": ""}, ("currency_unknown", "currency")),
        ({"locations": ["main", "moon"]}, ("location_unknown", "locations[1]")),
        ({"reserve": "perhaps"}, ("word", "reserve")),
    ],
)
def test_what_cannot_be_a_seller_is_refused(
    counter: Counter, other: dict[str, Any], refusal: tuple[str, str]
) -> None:
    assert counter.refused("seller.add", **(SELLER | other)) == refusal


def test_a_wrong_total_names_both_figures(counter: Counter) -> None:
    with pytest.raises(Refusal, match=r"said to be 8.00 EUR, the parts add up to 7.00 EUR"):
        counter.place(("CUP", "2", "3.50"), total="8.00")


@pytest.mark.parametrize("quantity", ["1", "1.0", "1e0", "+1", " 1 ", "0001", "1."])
def test_a_quantity_may_be_spelled_in_several_ways(counter: Counter, quantity: str) -> None:
    assert counter.place(("CUP", quantity, "1"))["lines"][0]["pieces"] == 1


def test_the_same_sku_twice_is_two_lines(counter: Counter) -> None:
    assert [line["pieces"] for line in counter.place(("CUP", "1", "1"), ("CUP", "2", "1"))["lines"]] == [1, 2]


def test_five_thousand_lines_are_one_order(counter: Counter) -> None:
    counter.tell("stock.receive", sku="CUP", location="main", quantity="5000", reference="many")
    placed = counter.place(*[("CUP", "1", "0.01")] * 5_000)
    assert (placed["total"], len(placed["lines"])) == ("50.00", 5_000)


STRANGE = [
    "Ω≈ç√∫",
    "السلام عليكم",
    "\u202etest",
    "👩\u200d👩\u200d👧",
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "'; DROP TABLE orders;--",
    "ﷺ",
    "Å",
    "１２３",
    "%00",
    "../../etc/passwd",
    "{{7*7}}",
]


@pytest.mark.parametrize("text", STRANGE)
def test_a_strange_text_is_kept_as_it_came(counter: Counter, text: str) -> None:
    wish = counter.wish() | {"lines": [LINE | {"title": text}], "customer": {"name": text}}
    placed = counter.tell("order.place", **wish)
    line, order = tables.order_line, tables.orders
    row = counter.rows(
        select(line.c.title, order.c.person_id)
        .join(order, order.c.id == line.c.order_id)
        .where(order.c.id == placed["order"])
    )[0]
    assert row.title == text
    assert counter.read(lambda tx: customers.show(tx, row.person_id)).customer.name == text
    assert counter.tell("order.place", **wish)["new"] is False


NAUGHTY = Path(__file__).parent.parent / "corpora/blns.json"
"""The big list of naughty strings (github minimaxir/big-list-of-naughty-strings, MIT, see LICENSE-blns)."""


def test_every_naughty_string_is_kept_as_it_came(counter: Counter) -> None:
    texts = json.loads(NAUGHTY.read_text())
    wanted = [LINE | {"title": text} for text in texts]
    placed = counter.place(seller="wholesale", lines=wanted)
    line = tables.order_line
    rows = counter.rows(select(line.c.title).where(line.c.order_id == placed["order"]).order_by(line.c.id))
    assert [row.title for row in rows] == [text.strip() or "CUP" for text in texts]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
COMMANDS = [
    "order.place", "order.cancel", "order.ship", "order.hand_over", "order.pay", "order.source",
    "order.give_up", "order.refetch", "hold.make", "hold.extend", "hold.release", "stock.move",
    "stock.set_aside", "stock.put_back", "transfer.send", "transfer.arrive", "seller.add",
    "exception.accept", "exception.reopen",
]  # fmt: skip
FIELDS = [
    "order", "reason", "lines", "version", "sku", "quantity", "until", "reference", "location", "hold",
    "seller", "source", "target", "state", "exception", "why", "line", "transfer", "name", "currency",
]  # fmt: skip


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(st.sampled_from(COMMANDS), st.dictionaries(st.sampled_from(FIELDS), ANYTHING, max_size=8))
def test_whatever_is_given_is_done_or_refused_and_never_breaks(
    counter: Counter, command: str, arguments: dict[str, Any]
) -> None:
    try:
        perform(counter.hub, command, arguments, who=WHO, source="test")
    except Refusal as refusal:
        assert refusal.code  # noqa: PT017


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(
    st.text(min_size=1, max_size=12),
    st.decimals(allow_nan=True, allow_infinity=True),
    st.decimals(allow_nan=True),
    st.sampled_from(["EUR", "JPY", "BHD", "", "XXX"]),
)
def test_whatever_text_stands_in_an_order_it_is_placed_or_refused(
    counter: Counter, text: str, quantity: Decimal, price: Decimal, currency: str
) -> None:
    wish = {
        "seller": "field",
        "reference": text,
        "currency": currency,
        "lines": [{"sku": "CUP", "title": text, "quantity": f"{quantity}", "unit_price": f"{price}"}],
        "customer": {"name": text, "email": text},
    }
    try:
        perform(counter.hub, "order.place", wish, who=WHO, source="test")
    except Refusal as refusal:
        assert refusal.code  # noqa: PT017
