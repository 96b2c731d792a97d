"""Commands that move goods: done once per reference, with every refusal by its code."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from entrepot.db import tables
from tests.app.desk import Desk
from tests.db.stores import NOON


def receipt(**more: Any) -> dict[str, Any]:
    return {"sku": "A-1", "location": "main", "quantity": "5", "reference": "r1"} | more


def test_goods_are_received_once_per_reference(desk: Desk) -> None:
    answer = {"sku": "A-1", "location": "main", "received": 5, "booked": True}
    assert desk.tell("stock.receive", **receipt()) == answer
    assert desk.tell("stock.receive", **receipt()) == answer | {"booked": False}
    assert desk.tell("stock.receive", **receipt(reference="r2")) == answer
    assert desk.shelf("A-1", "main") == 10


def test_a_receipt_keeps_its_cost_its_lot_and_who_booked_it(desk: Desk) -> None:
    desk.tell("stock.receive", **receipt(cost="1.25", currency="EUR", lot="L1"))
    (move,) = desk.store.read(lambda tx: tx.rows(select(tables.move)))
    (posting,) = desk.store.read(lambda tx: tx.rows(select(tables.posting)))
    assert (move.cost_minor, move.cost_currency, move.lot, move.quantity) == (125, "EUR", "L1", 5)
    assert (posting.actor, posting.source, posting.reason) == ("cli:anna", "test", "received")


@pytest.mark.parametrize(
    ("quantity", "pieces"), [("1", 1000), ("0.5", 500), ("1.234", 1234), ("2.0", 2000), (" 3 ", 3000)]
)
def test_a_good_sold_by_the_kilogram_is_counted_in_grams(desk: Desk, quantity: str, pieces: int) -> None:
    desk.tell("stock.receive", **receipt(sku="KG", quantity=quantity))
    assert desk.shelf("KG", "main") == pieces


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"sku": "none"}, "sku_unknown"),
        ({"sku": ""}, "sku_code"),
        ({"location": "none"}, "location_unknown"),
        ({"quantity": "0"}, "quantity"),
        ({"quantity": "-1"}, "quantity"),
        ({"quantity": ""}, "quantity"),
        ({"quantity": "five"}, "quantity"),
        ({"quantity": "1,5"}, "quantity"),
        ({"quantity": "1_0"}, "quantity"),
        ({"quantity": "NaN"}, "quantity"),
        ({"quantity": "0.5"}, "not_whole"),
        ({"quantity": "1e13"}, "not_whole"),
        ({"sku": "KG", "quantity": "0.0005"}, "not_whole"),
        ({"sku": "BOX"}, "bundle"),
        ({"cost": "1.25"}, "cost"),
        ({"currency": "EUR"}, "cost"),
        ({"cost": "1.255", "currency": "EUR"}, "money_digits"),
        ({"cost": "cheap", "currency": "EUR"}, "money_malformed"),
        ({"cost": "1", "currency": "XXX"}, "currency_unknown"),
        ({"quantity": 5}, "arguments"),
        ({"extra": "x"}, "arguments"),
    ],
)
def test_a_wrong_receipt_is_refused(desk: Desk, more: dict[str, Any], code: str) -> None:
    desk.tell("sku.recipe", sku="BOX", parts={"A-1": 2})
    assert desk.refused("stock.receive", **receipt(**more)) == code


def test_the_same_reference_with_another_content_is_refused(desk: Desk) -> None:
    desk.tell("stock.receive", **receipt())
    for more in ({"quantity": "6"}, {"location": "shop"}, {"sku": "KG"}, {"lot": "L1"}):
        assert desk.refused("stock.receive", **receipt(**more)) == "cause_reused"


def adjustment(quantity: str, **more: Any) -> dict[str, Any]:
    return receipt(quantity=quantity, reason="broken", reference="a1") | more


def test_stock_is_adjusted_up_and_down_once_per_reference(desk: Desk) -> None:
    answer = {"sku": "A-1", "location": "main", "adjusted": 7, "booked": True}
    assert desk.tell("stock.adjust", **adjustment("7")) == answer
    assert desk.tell("stock.adjust", **adjustment("7")) == answer | {"booked": False}
    assert desk.tell("stock.adjust", **adjustment("-3", reference="a2"))["adjusted"] == -3
    assert desk.shelf("A-1", "main") == 4


@pytest.mark.parametrize(
    ("quantity", "more", "code"),
    [
        ("0", {}, "adjustment"),
        ("1", {"reason": " "}, "adjustment"),
        ("-1", {}, "not_enough"),
        ("1.5", {}, "not_whole"),
        ("x", {}, "quantity"),
        ("1", {"sku": "none"}, "sku_unknown"),
        ("1", {"location": "none"}, "location_unknown"),
        ("1", {"sku": "BOX"}, "bundle"),
    ],
)
def test_a_wrong_adjustment_is_refused(desk: Desk, quantity: str, more: dict[str, Any], code: str) -> None:
    desk.tell("sku.recipe", sku="BOX", parts={"A-1": 2})
    assert desk.refused("stock.adjust", **adjustment(quantity, **more)) == code


def count(quantity: str, **more: Any) -> dict[str, Any]:
    return receipt(quantity=quantity, reference="c1") | more


def test_a_count_sets_right_what_differs_once_per_reference(desk: Desk) -> None:
    answer = {"sku": "A-1", "location": "main", "counted": 7, "differed": True}
    assert desk.tell("stock.count", **count("7")) == answer
    assert desk.tell("stock.count", **count("7")) == answer | {"differed": False}
    assert desk.tell("stock.count", **count("7", reference="c2")) == answer | {"differed": False}
    assert desk.tell("stock.count", **count("0", reference="c3"))["differed"] is True
    assert desk.shelf("A-1", "main") == 0


def test_a_count_of_an_earlier_moment_leaves_what_came_later(desk: Desk) -> None:
    desk.tell("stock.receive", **receipt())
    desk.clock.sleep(3600)
    desk.tell("stock.receive", **receipt(reference="r2"))
    then = (NOON + timedelta(minutes=30)).isoformat()
    desk.tell("stock.count", **count("4", as_of=then))
    assert desk.shelf("A-1", "main") == 9


@pytest.mark.parametrize(
    ("quantity", "more", "code"),
    [
        ("-1", {}, "quantity"),
        ("x", {}, "quantity"),
        ("0.5", {}, "not_whole"),
        ("1", {"sku": "none"}, "sku_unknown"),
        ("1", {"sku": "BOX"}, "bundle"),
        ("1", {"location": "none"}, "location_unknown"),
        ("1", {"as_of": "2026-03-02T12:00:00"}, "as_of"),
        ("1", {"as_of": "2026-03-02T13:00:00Z"}, "as_of"),
        ("1", {"as_of": "yesterday"}, "arguments"),
    ],
)
def test_a_wrong_count_is_refused(desk: Desk, quantity: str, more: dict[str, Any], code: str) -> None:
    desk.tell("sku.recipe", sku="BOX", parts={"A-1": 2})
    assert desk.refused("stock.count", **count(quantity, **more)) == code


def test_moved_stock_wakes_those_who_wait_and_show_it(desk: Desk) -> None:
    desk.tell("stock.receive", **receipt())
    jobs = desk.store.read(lambda tx: tx.rows(select(tables.job.c.kind).order_by(tables.job.c.id)))
    assert [job.kind for job in jobs] == ["refill", "offer"]
