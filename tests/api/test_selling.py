"""A program sells: it holds goods, places an order with a seller inside the hub, and brings it to its end;
goods move between places; exceptions are mended."""

from typing import Any

import pytest

from tests.api.programs import Program
from tests.web.shop import Shop

ORDER = {
    "seller": "field",
    "reference": "visit-118",
    "lines": [{"sku": "CUP", "quantity": "2", "unit_price": "18.00"}],
    "payment": "paid",
    "total": "36.00",
    "customer": {"name": "Ada Example", "email": "ada@example.org"},
}


@pytest.fixture
def seller(api: Program) -> Program:
    made = api.post("/sellers", {"name": "field", "currency": "EUR", "locations": ["main"]})
    assert made == {"seller": "field", "currency": "EUR", "locations": ["main"], "reserve": "refuse"}
    return api


def available(api: Program) -> dict[str, int]:
    return {one["location"]: one["available"] for one in api.get("/stock/CUP")["items"]}


def test_an_order_is_placed_paid_shipped(seller: Program) -> None:
    placed = seller.ask("POST", "/orders", json=ORDER, headers={"idempotency-key": "o1"})
    order = placed.json()["order"]
    assert [placed.status_code, placed.headers["location"]] == [201, f"/api/v1/orders/{order}"]
    assert available(seller) == {"corner": 2, "main": 8}
    shown = seller.get(f"/orders/{order}")
    assert (shown["order"]["channel"], shown["order"]["status"], shown["order"]["total"]) == (
        "field", "accepted", {"minor": 3600, "currency": "EUR"}
    )  # fmt: skip
    assert seller.get(f"/orders/{order}/people")["customer"]["name"] == "Ada Example"
    assert "Ada" not in seller.ask("GET", f"/orders/{order}").text
    shipped = seller.post(f"/orders/{order}/shipments", {"carrier": "post", "tracking": "RR1"})
    assert (shipped["status"], shipped["version"]) == ("shipped", 2)
    assert seller.get("/orders", status="shipped")["rows"][0]["id"] == order
    parcels = seller.get(f"/orders/{order}")["parcels"]
    assert [(one["carrier"], one["tracking"]) for one in parcels] == [("post", "RR1")]


def test_the_same_reference_is_the_same_order(seller: Program) -> None:
    first, second = seller.post("/orders", ORDER), seller.post("/orders", ORDER)
    assert (first["new"], second["new"], second["order"]) == (True, False, first["order"])
    other = ORDER | {"total": "", "lines": [{"sku": "CUP", "quantity": "1", "unit_price": "18.00"}]}
    assert seller.refused("POST", "/orders", json=other) == (409, "reference_reused", "reference")
    assert available(seller) == {"corner": 2, "main": 8}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"total": "35.00"}, (422, "total_disagrees", "total")),
        ({"seller": "none"}, (422, "connection_unknown", "connection")),
        ({"lines": []}, (422, "lines", "lines")),
        ({"lines": [{"sku": "CUP", "quantity": "NaN", "unit_price": "1"}]},
         (422, "quantity", "lines[0].quantity")),
        ({"lines": [{"sku": "CUP", "quantity": "1"}]}, (422, "price_missing", "lines[0].unit_price")),
        ({"lines": [{"sku": "CUP", "quantity": 1, "unit_price": "1"}]},
         (422, "arguments", "lines[0].quantity")),
        ({"colour": "red"}, (422, "arguments", "colour")),
    ],
)  # fmt: skip
def test_an_order_that_cannot_be_is_refused_as_a_whole(
    seller: Program, changed: dict[str, Any], said: tuple[int, str, str]
) -> None:
    assert seller.refused("POST", "/orders", json=ORDER | {"reference": "other"} | changed)[:2] == said[:2]
    assert seller.get("/orders")["rows"] == []


def test_more_than_there_is_is_refused_or_short(shop: Shop, seller: Program) -> None:
    many = ORDER | {"lines": [{"sku": "CUP", "quantity": "11", "unit_price": "1.00"}], "total": "11.00"}
    assert seller.refused("POST", "/orders", json=many)[:2] == (422, "not_enough")
    placed = seller.post("/orders", many | {"if_short": "accept"})
    assert placed["lines"][0]["short"] == 1
    shop.settle()
    [problem] = seller.get("/exceptions", kind="short")["rows"]
    remedies = seller.get(f"/exceptions/{problem['id']}/remedies")["rows"]
    assert remedies[0]["command"] == "order.source"
    line = placed["lines"][0]["line"]
    where = f"/orders/{placed['order']}/lines/{line}"
    assert seller.refused("POST", f"{where}/sources", json={"location": "none"}) == (
        422, "location_unknown", "location"
    )  # fmt: skip
    given_up = seller.post(f"{where}/surrenders", {"reason": "no longer made"})
    assert given_up["version"] == 2


def test_an_order_is_cancelled_as_it_was_seen(seller: Program) -> None:
    order = seller.post("/orders", ORDER)["order"]
    path = f"/orders/{order}/cancellations"
    assert seller.refused("POST", path, json={"reason": "x", "version": 7}) == (409, "version", "version")
    gone = seller.post(path, {"reason": "the customer called", "version": 1})
    assert (gone["status"], gone["version"]) == ("cancelled", 2)
    assert available(seller) == {"corner": 2, "main": 10}
    assert seller.refused("POST", "/orders/none/cancellations", json={"reason": "x"}) == (
        404, "not_found", "order"
    )  # fmt: skip


def test_goods_are_held_and_used_by_an_order(shop: Shop, seller: Program) -> None:
    wish = {"sku": "CUP", "quantity": "3", "seller": "field", "until": "2026-03-02T18:00:00Z",
            "reference": "cart-5"}  # fmt: skip
    answer = seller.ask("POST", "/holds", json=wish)
    hold = answer.json()["hold"]
    assert [answer.status_code, answer.headers["location"]] == [201, f"/api/v1/holds/{hold}"]
    assert available(seller) == {"corner": 2, "main": 7}
    used = ORDER | {"lines": [{"sku": "CUP", "quantity": "2", "unit_price": "18.00", "holds": [hold]}]}
    seller.post("/orders", used)
    assert available(seller) == {"corner": 2, "main": 7}
    shown = seller.get(f"/holds/{hold}")
    assert (shown["quantity"], shown["state"], shown["seller"]) == (1, "held", "field")
    assert seller.post(f"/holds/{hold}/extensions", {"until": "2026-03-03T18:00:00Z"})["until"] == (
        "2026-03-03T18:00:00Z"
    )
    assert seller.post(f"/holds/{hold}/releases", {})["quantity"] == 0
    assert [one["id"] for one in seller.get("/holds", sku="CUP")["rows"]] == [hold]
    assert seller.get("/holds", state="held")["rows"] == []


def test_goods_move_between_locations(api: Program) -> None:
    moved = {"sku": "CUP", "quantity": "3", "source": "main", "target": "corner", "reference": "van-3"}
    assert api.post("/moves", moved)["booked"] is True
    assert available(api) == {"corner": 5, "main": 7}
    sent = {"source": "main", "target": "corner", "reference": "van-4",
            "lines": [{"sku": "CUP", "quantity": "4"}]}  # fmt: skip
    transfer = api.post("/transfers", sent)["transfer"]
    assert available(api) == {"corner": 5, "main": 3}
    arrived = {"location": "corner", "reference": "1", "lines": [{"sku": "CUP", "quantity": "3"}]}
    assert api.post(f"/transfers/{transfer}/arrivals", arrived)["state"] == "received"
    shown = api.get(f"/transfers/{transfer}")
    assert shown["lines"] == [{"sku": "CUP", "lot": "", "sent": 4, "arrived": 3, "lost": 1}]
    assert api.get("/transfers")["rows"] == [shown]
    assert available(api) == {"corner": 8, "main": 3}


def test_goods_are_set_aside_and_put_back(api: Program) -> None:
    said = {"sku": "CUP", "location": "main", "reason": "damaged"}
    api.post("/set-asides", said | {"quantity": "2", "reference": "d1"})
    [main] = [one for one in api.get("/stock/CUP")["items"] if one["location"] == "main"]
    assert (main["available"], main["on_hand"], main["unavailable"]) == (8, 10, {"damaged": 2})
    api.post("/put-backs", said | {"quantity": "1", "reference": "d2"})
    assert available(api) == {"corner": 2, "main": 9}


def test_an_exception_says_how_it_is_mended(shop: Shop, api: Program) -> None:
    shop.order("web-shop", "18", {"404": ("NO-SUCH", 1)}, "10.00")
    [problem] = api.get("/exceptions", kind="unmapped_sku")["rows"]
    where = f"/exceptions/{problem['id']}"
    said = api.refused("POST", f"{where}/acceptances", json={"why": "so be it"})
    assert said == (422, "not_acceptable", "exception")
    remedies = {one["command"]: one["arguments"] for one in api.get(f"{where}/remedies")["rows"]}
    assert remedies["sku.add"] == {"sku": "NO-SUCH"}
    assert remedies["order.refetch"] == {"order": problem["order_id"]}
    asked = api.post(f"/orders/{problem['order_id']}/readings", {})
    assert asked == {"order": problem["order_id"], "number": "18", "asked": "web-shop"}
    assert api.refused("POST", "/exceptions/none/reopenings", json={"why": "x"}) == (
        404, "not_found", "exception"
    )  # fmt: skip
