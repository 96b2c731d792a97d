"""Documents on disk: found however they are wrapped, named when they are of no use, refused when they say too
little. On our own payloads; those of others: test_payloads.py."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from entrepot import channels
from entrepot.channels.kit.json import decode
from entrepot.contract import DocumentKind, Hint, Kind, OrderSeen, Passage, StockSeen
from entrepot.kernel import Refusal

OURS = {
    "shopify": "till_sale_with_a_return",
    "square": "till_sale_with_everything",
    "woocommerce": "order_with_prices_including_tax",
}
LACKING = {"shopify": "updated_at", "square": "created_at", "woocommerce": "date_created_gmt"}


def read(name: str, document: Any, kind: DocumentKind | None = None) -> list[Passage]:
    found: list[Passage] = channels.load(name).read_document(document, kind, {})
    return found


def payload(name: str) -> dict[str, Any]:
    path = Path(channels.__path__[0]) / name / "samples" / f"{OURS[name]}.json"
    found: dict[str, Any] = decode(path.read_bytes())["payload"]
    return found


@pytest.fixture(params=sorted(OURS))
def name(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.mark.parametrize(
    ("wrap", "at"),
    [
        (lambda order: order, ""),
        (lambda order: {"order": order}, "order"),
        (lambda order: {"orders": [order]}, "orders[0]"),
        (lambda order: [order], "[0]"),
        (lambda order: {"data": order}, "data"),
        (
            lambda order: {"conversation": [{"response": {"status": 200, "body": {"orders": [order]}}}]},
            "conversation[0].response.body.orders[0]",
        ),
    ],
    ids=["bare", "object", "list in an object", "list", "envelope", "conversation"],
)
def test_an_order_is_found_however_it_is_wrapped(name: str, wrap: Callable[[Any], Any], at: str) -> None:
    found = read(name, wrap(payload(name)))
    assert [(one.at, one.kind, one.code) for one in found] == [(at, DocumentKind.ORDER, "")]
    assert [type(seen) for seen in found[0].seen] == [OrderSeen]


def test_a_document_is_read_as_what_it_is_said_to_be(name: str) -> None:
    assert read(name, payload(name), DocumentKind.ORDER) == read(name, payload(name))
    with pytest.raises(Refusal, match="there is no stock in it; it seems to be: order") as refused:
        read(name, payload(name), DocumentKind.STOCK)
    assert refused.value.code == "document_unknown"


def test_an_order_that_says_too_little_names_what_it_lacks(name: str) -> None:
    order, field = payload(name), LACKING[name]
    del order[field]
    [found] = read(name, [order])
    assert (found.code, found.field, found.seen) == ("document_incomplete", f"[0].{field}", ())
    assert found.why == f"it does not say {field}"


def test_one_bad_order_of_a_list_does_not_hide_the_others(name: str) -> None:
    good, bad = payload(name), payload(name) | {LACKING[name]: [7]}
    found = read(name, [bad, good, bad])
    assert [bool(one.seen) for one in found] == [False, True, False]
    assert found[0].code == "time_malformed"


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (None, "it is null"),
        ([], "it is a list without objects"),
        ({}, "it is an empty object"),
        ("order", "it is a text"),
        (7, "it is a number"),
        (True, "it is a yes or no"),
        ({"a": 1, "b": {}}, "it is an object with the fields a, b"),
        ([{"a": 1}], "it is a list of objects with the fields a"),
        ({"data": {"orderClose": {"userErrors": []}}}, "it is an object with the fields orderClose"),
    ],
)
def test_what_is_nothing_for_the_hub_is_described(name: str, document: Any, why: str) -> None:
    with pytest.raises(Refusal) as refused:
        read(name, document)
    assert (refused.value.code, refused.value.why) == (
        "document_unknown",
        f"there is nothing for the hub in it; {why}",
    )


def test_a_webhook_of_shopify_is_a_hint_and_one_of_woocommerce_the_order_itself() -> None:
    [hinted] = read("shopify", payload("shopify") | {"id": 900}, DocumentKind.WEBHOOK)
    [told] = read("woocommerce", payload("woocommerce"), DocumentKind.WEBHOOK)
    assert isinstance(hinted.seen[0], Hint)
    assert isinstance(told.seen[0], OrderSeen)


def test_an_event_of_square_names_an_order() -> None:
    event = {"event_id": "e", "type": "order.updated", "data": {"id": "ORDER1", "object": {}}}
    [found] = read("square", event)
    assert (found.kind, found.seen) == (DocumentKind.WEBHOOK, (Hint(Kind.ORDER, "ORDER1"),))


LEVEL = {
    "id": "gid://shopify/InventoryLevel/5?inventory_item_id=77",
    "location": {"id": "gid://shopify/Location/9"},
    "quantities": [{"name": "available", "quantity": 4, "updatedAt": "2026-03-01T10:00:00Z"}],
}


def test_a_level_of_graphql_names_its_item_in_its_own_id() -> None:
    [found] = read("shopify", {"data": {"inventoryLevel": LEVEL}})
    [seen] = found.seen
    assert isinstance(seen, StockSeen)
    assert [seen.item, seen.location, f"{seen.quantity:f}", f"{seen.at:%H:%M}"] == ["77", "9", "4", "10:00"]


@pytest.mark.parametrize(
    ("level", "field"),
    [
        (LEVEL | {"location": None}, "location.id"),
        (LEVEL | {"id": "gid://shopify/InventoryLevel/5"}, "item.id"),
        (LEVEL | {"quantities": [{"name": "available", "quantity": 4}]}, "quantities.updatedAt"),
    ],
)
def test_a_level_that_says_too_little_is_no_figure(level: dict[str, Any], field: str) -> None:
    [found] = read("shopify", [level])
    assert (found.code, found.field) == ("document_incomplete", f"[0].{field}")


GIVEN = ["21.00 EUR", "21.00 EUR", "paid"]


def test_an_order_of_graphql_is_read_under_the_schemas_own_names() -> None:
    amount = {"shopMoney": {"amount": "21.0", "currencyCode": "EUR"}}
    amount |= {"presentmentMoney": amount["shopMoney"]}
    line = {"id": "gid://shopify/LineItem/2", "name": "Cup", "sku": "CUP", "quantity": 2}
    half = {side: {"amount": "10.5", "currencyCode": "EUR"} for side in ("shopMoney", "presentmentMoney")}
    order = {
        "id": "gid://shopify/Order/1",
        "name": "#1001",
        "createdAt": "2026-03-01T10:00:00Z",
        "updatedAt": "2026-03-01T10:05:00Z",
        "currencyCode": "EUR",
        "displayFinancialStatus": "PAID",
        "totalPriceSet": amount,
        "totalRefundedSet": {side: {"amount": "0.0", "currencyCode": "EUR"} for side in amount},
        "lineItems": {"edges": [{"node": line | {"originalUnitPriceSet": half}}]},
    }
    [found] = read("shopify", {"data": {"order": order}})
    [seen] = found.seen
    assert isinstance(seen, OrderSeen)
    assert (str(seen.total), str(seen.lines[0].amount), seen.payment.value) == (
        "21.00 EUR",
        "21.00 EUR",
        "paid",
    )
    cut = order | {"lineItems": {"nodes": [], "pageInfo": {"hasNextPage": True, "endCursor": "x"}}}
    [found] = read("shopify", {"data": {"order": cut}})
    assert (found.code, found.why) == (
        "document_incomplete",
        "it does not say line_items after the first page",
    )


def test_a_refund_alone_tells_of_goods_and_names_the_order_to_be_read() -> None:
    refund = {"id": 5, "amount": "10.00", "refunded_by": 1, "line_items": [], "date_created_gmt": None}
    links = {"up": [{"href": "https://shop.example/wp-json/wc/v3/orders/723"}]}
    [found] = read("woocommerce", refund | {"_links": links})
    assert [getattr(seen, "order", None) for seen in found.seen] == ["723"]
    money = {"amount": 500, "currency": "EUR"}
    back = {"id": "R", "payment_id": "P", "status": "COMPLETED", "amount_money": money, "order_id": "BACK"}
    [found] = read("square", {"refund": back})
    assert [str(getattr(found.seen[0], "amount", "")), found.seen[1]] == [
        "5.00 EUR",
        Hint(Kind.ORDER, "BACK"),
    ]
