"""Orders are placed with sellers inside the hub: whole or not at all, once per reference, to the cent."""

from typing import Any

import pytest
from sqlalchemy import select

from entrepot import customers
from entrepot.db import tables
from entrepot.kernel import Refusal
from tests.selling.counter import Counter

PEOPLE: dict[str, Any] = {
    "customer": {"name": "Ada Byron", "email": "ada@example.com"},
    "ship_to": {"city": "London", "country": "GB"},
}


def test_an_order_reserves_its_goods_and_tells_its_total(counter: Counter) -> None:
    placed = counter.place(("CUP", "2", "3.50"), ("POT", "1", "19.90"), payment="paid")
    assert (placed["total"], placed["status"], placed["new"]) == ("26.90", "accepted", True)
    cups = placed["lines"][0]
    assert (cups["pieces"], cups["short"]) == (2, 0)
    assert counter.claims(cups["line"]) == ["CUP reserved 2 main"]
    assert counter.lies("CUP") == {"main shelf": 8, "main promised": 2, "shop shelf": 4}


def test_an_order_that_is_not_paid_holds_its_goods_until_it_is(counter: Counter) -> None:
    placed = counter.place(("CUP", "2", "3.50"))
    assert placed["status"] == "awaiting payment"
    assert counter.claims(placed["lines"][0]["line"]) == ["CUP held 2 main"]
    counter.tell("order.pay", order=placed["order"], state="paid")
    assert counter.claims(placed["lines"][0]["line"]) == ["CUP reserved 2 main"]


def test_a_set_reserves_what_it_is_made_of(counter: Counter) -> None:
    placed = counter.place(("TEASET", "2", "30"), payment="paid")
    assert counter.claims(placed["lines"][0]["line"]) == ["CUP reserved 4 main", "POT reserved 2 main"]


def test_too_few_goods_refuse_the_whole_order_and_say_which_line_lacks_how_many(counter: Counter) -> None:
    wish = counter.wish(("CUP", "2", "1"), ("POT", "4", "1"), ("LID", "6", "1"))
    assert counter.refused("order.place", **wish) == ("not_enough", "lines[1].quantity")


def test_the_refusal_says_where_there_are_more(counter: Counter) -> None:
    with pytest.raises(Refusal, match=r"line 1 .CUP. lacks 3 pieces; there are more at: shop 4"):
        counter.place(("CUP", "13", "1"), location="main")


def test_goods_of_two_locations_make_one_line(counter: Counter) -> None:
    placed = counter.place(("CUP", "13", "1"), payment="paid")
    assert counter.claims(placed["lines"][0]["line"]) == ["CUP reserved 10 main", "CUP reserved 3 shop"]


def test_a_line_is_short_in_sight_if_its_seller_takes_orders_for_what_is_not_there(counter: Counter) -> None:
    placed = counter.place(("POT", "5", "1"), seller="wholesale", payment="paid")
    assert placed["lines"][0]["short"] == 2
    assert counter.claims(placed["lines"][0]["line"]) == ["POT reserved 3 main", "POT short 2"]
    exception = tables.exception
    assert [row.kind for row in counter.rows(select(exception.c.kind))] == ["short"]
    counter.tell("stock.receive", sku="POT", location="main", quantity="2", reference="new")
    assert counter.claims(placed["lines"][0]["line"]) == ["POT reserved 2 main", "POT reserved 3 main"]


@pytest.mark.parametrize(
    ("seller", "if_short", "short"), [("field", "accept", 2), ("wholesale", "refuse", None)]
)
def test_an_order_may_say_itself_what_becomes_of_it(
    counter: Counter, seller: str, if_short: str, short: int | None
) -> None:
    wish = counter.wish(("POT", "5", "1"), seller=seller, if_short=if_short)
    if short is None:
        assert counter.refused("order.place", **wish) == ("not_enough", "lines[0].quantity")
    else:
        assert counter.tell("order.place", **wish)["lines"][0]["short"] == short


def test_the_same_reference_with_the_same_content_is_the_order_that_is_there(counter: Counter) -> None:
    wish = counter.wish(("CUP", "2", "3.50"), **PEOPLE)
    first = counter.tell("order.place", **wish)
    counter.tell("order.pay", order=first["order"], state="paid")
    again = counter.tell("order.place", **wish)
    assert (again["order"], again["new"], again["payment"]) == (first["order"], False, "paid")
    assert counter.lies("CUP")["main promised"] == 2


@pytest.mark.parametrize(
    "other",
    [
        {"total": "7.00"},
        {"number": "N2"},
        {"ship_to": {"city": "Paris"}},
        {"customer": None, "ship_to": None},
    ],
)
def test_the_same_reference_with_another_content_is_refused(counter: Counter, other: dict[str, Any]) -> None:
    wish = counter.wish(("CUP", "2", "3.50"), **PEOPLE)
    counter.tell("order.place", **wish)
    assert counter.refused("order.place", **(wish | other)) == ("reference_reused", "reference")


def test_two_sellers_may_use_one_reference(counter: Counter) -> None:
    wish = counter.wish(("CUP", "1", "3.50"))
    one = counter.tell("order.place", **wish)
    other = counter.tell("order.place", **(wish | {"seller": "wholesale"}))
    assert one["order"] != other["order"]


def test_people_are_sealed_in_their_room_and_nowhere_else(counter: Counter) -> None:
    placed = counter.place(("CUP", "1", "3.50"), **PEOPLE)
    order = tables.orders
    row = counter.rows(select(order).where(order.c.id == placed["order"]))[0]
    assert b"Ada" not in row.seen
    assert counter.read(lambda tx: customers.show(tx, row.person_id)).customer.name == "Ada Byron"


def test_an_order_of_the_past_is_taken_and_its_goods_left_then(counter: Counter) -> None:
    placed = counter.place(("CUP", "1", "3.50"), placed_at="2025-11-01T10:00:00+01:00")
    order = tables.orders
    row = counter.rows(select(order.c.placed_at).where(order.c.id == placed["order"]))[0]
    assert row.placed_at.isoformat() == "2025-11-01T09:00:00+00:00"


def test_events_tell_of_the_order(counter: Counter) -> None:
    placed = counter.place(("CUP", "1", "3.50"))
    assert counter.told(f"order:{placed['order']}") == ["OrderReceived", "OrderPlaced"]


def test_a_seller_is_not_called_not_timed_and_not_opened(counter: Counter) -> None:
    counter.place(("CUP", "1", "3.50"))
    counter.hub.timetable()
    job = tables.job
    assert [row.kind for row in counter.rows(select(job.c.kind))] == []
    assert counter.hub.accounts() == []
    assert counter.refused("connection.flow", connection="field", flow="stock_out", level="on") == (
        "own_seller",
        "connection",
    )


MONEY = [
    ("a price of the line", {"lines": [{"sku": "CUP", "quantity": "3", "price": "10.00"}]}, "10.00"),
    ("a unit price with more digits",
     {"lines": [{"sku": "CUP", "quantity": "4", "unit_price": "0.125"}]}, "0.50"),
    ("both, a fraction of a cent apart",
     {"lines": [{"sku": "CUP", "quantity": "3", "unit_price": "0.333", "price": "1.00"}]}, "1.00"),
    ("a discount of the line",
     {"lines": [{"sku": "CUP", "quantity": "3", "price": "10.00", "discount": "1.50"}]}, "8.50"),
    ("shipping, discounted", {"charges": [{"amount": "4.90", "discount": "0.90"}]}, "11.00"),
    ("tax beside it", {"tax_inclusive": False, "taxes": [{"amount": "1.33", "rate": "0.19"}]}, "8.33"),
    ("tax inside it", {"taxes": [{"amount": "1.12", "rate": "0.19"}]}, "7.00"),
    ("a discount on all", {"discounts": [{"amount": "0.01", "title": "one cent"}]}, "6.99"),
    ("a total that is right", {"total": "7.00"}, "7.00"),
    ("yen", {"currency": "JPY", "lines": [{"sku": "CUP", "quantity": "2", "unit_price": "350"}]}, "700"),
    ("dinars",
     {"currency": "BHD", "lines": [{"sku": "CUP", "quantity": "2", "unit_price": "1.005"}]}, "2.010"),
]  # fmt: skip


@pytest.mark.parametrize(("more", "total"), [row[1:] for row in MONEY], ids=[row[0] for row in MONEY])
def test_totals_are_worked_out_to_the_cent(counter: Counter, more: dict[str, Any], total: str) -> None:
    assert counter.place(("CUP", "2", "3.50"), **more)["total"] == total


def test_a_discount_on_all_lines_is_shared_in_proportion(counter: Counter) -> None:
    placed = counter.place(("CUP", "1", "10"), ("POT", "1", "20"), discounts=[{"amount": "1.00"}])
    line = tables.order_line
    amounts = counter.rows(
        select(line.c.amount).where(line.c.order_id == placed["order"]).order_by(line.c.id)
    )
    assert [row.amount for row in amounts] == [967, 1933]
