"""What WooCommerce posts, and what the hub makes of it."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from entrepot.channels.kit.json import encode
from entrepot.channels.kit.webhook import delivery_key, verify
from entrepot.channels.woocommerce import channel
from entrepot.contract import Delivery, Gone, Hint, Kind, ListingSeen, OrderSeen, Response, Seen, StockSeen
from entrepot.kernel import Cause, ChannelError, VirtualClock
from tests.channels.woocommerce.world import HOOKS, SECRET, World, delivery, raw_order

FOUR, AT = Decimal(4), datetime(2026, 3, 1, 10, 0, 5, tzinfo=UTC)
PRODUCT = {
    "id": 11,
    "name": "Cup",
    "type": "simple",
    "status": "publish",
    "sku": "CUP",
    "date_modified_gmt": "2026-03-01T10:00:05",
    "manage_stock": True,
    "stock_quantity": 4,
}


def heard(topic: str, body: object) -> list[Seen]:
    return channel.read_events(delivery(topic, encode(body)), {})


def test_the_ping_of_a_new_webhook_is_answered() -> None:
    ping = Delivery(headers={}, body=b"webhook_id=7", url=HOOKS, received_at=VirtualClock().now())
    assert channel.door(ping, {}) == Response(status=200)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"webhook_id=7&x=1", {}),
        (b"webhook_id=x", {}),
        (b"", {}),
        (b"webhook_id=7", {"x-wc-webhook-signature": "forged"}),
        (b"webhook_id=7", {"x-wc-webhook-topic": "order.created"}),
    ],
)
def test_nothing_else_is_answered_as_a_ping(body: bytes, headers: dict[str, str]) -> None:
    posted = Delivery(headers=headers, body=body, url=HOOKS, received_at=VirtualClock().now())
    assert channel.door(posted, {}) is None


@pytest.mark.parametrize("event", ["created", "updated", "restored"])
def test_an_order_comes_whole(event: str) -> None:
    (seen,) = heard(f"order.{event}", raw_order())
    assert isinstance(seen, OrderSeen)
    assert seen.external_id == "900"


@pytest.mark.parametrize(
    ("topic", "body", "expected"),
    [
        ("order.deleted", {"id": 900}, [Gone(Kind.ORDER, "900")]),
        ("order.updated", raw_order(status="trash"), [Gone(Kind.ORDER, "900")]),
        ("order.updated", raw_order(refunds=[{"id": 1, "total": "-1.00"}]), [Hint(Kind.ORDER, "900")]),
        (
            "order.updated",
            {"code": "woocommerce_rest_cannot_view", "data": {"status": 401}},
            [Hint(Kind.ORDER)],
        ),
        (
            "product.updated",
            {**PRODUCT, "type": "variable"},
            [StockSeen(item="11", location="", quantity=FOUR, at=AT)],
        ),
        (
            "product.updated",
            {**PRODUCT, "type": "variable", "manage_stock": False},
            [Hint(Kind.LISTING, "11")],
        ),
        ("product.updated", {**PRODUCT, "manage_stock": False}, [Hint(Kind.LISTING, "11")]),
        ("product.deleted", {"id": 11}, [Gone(Kind.LISTING, "11")]),
        ("customer.created", {"id": 5}, []),
        ("action.woocommerce_add_to_cart", {"action": "woocommerce_add_to_cart", "arg": 1}, []),
        ("order.exploded", {"id": 5}, []),
        ("", {"id": 5}, []),
    ],
)
def test_what_a_topic_says(topic: str, body: object, expected: list[Seen]) -> None:
    assert heard(topic, body) == expected


def test_a_product_brings_its_listing_and_its_figure() -> None:
    listing, figure = heard("product.updated", PRODUCT)
    assert isinstance(listing, ListingSeen)
    assert isinstance(figure, StockSeen)
    assert [listing.item, figure.item, figure.quantity] == ["11", "11", 4]
    assert figure.at.isoformat() == "2026-03-01T10:00:05+00:00"


@pytest.mark.parametrize(("managed", "pool", "slot"), [(True, "", "10/11"), ("parent", "10", "10")])
def test_a_variation_is_named_after_its_parent(managed: bool | str, pool: str, slot: str) -> None:
    row = {**PRODUCT, "type": "variation", "parent_id": 10, "manage_stock": managed}
    listing, figure = heard("product.updated", row)
    assert isinstance(listing, ListingSeen)
    assert isinstance(figure, StockSeen)
    assert (listing.item, listing.shared_pool, figure.item) == ("10/11", pool, slot)


@pytest.mark.parametrize("body", [b"<html>", b'{"id": 1', b'{"id": NaN}', b"\xff"])
def test_a_body_that_is_not_json_is_nonsense(body: bytes) -> None:
    with pytest.raises(ChannelError) as error:
        channel.read_events(delivery("order.created", body), {})
    assert error.value.cause is Cause.NONSENSE


def test_an_order_is_heard_about_as_it_is_read() -> None:
    world = World(tax_percent="21", shipping="4.95")
    world.stock("CUP", 5)
    world.subscribe()
    id = world.buy(cup=2)
    told = [seen for seen in world.post() if isinstance(seen, OrderSeen)]
    assert [seen.version for seen in told] == [world.order(id).version] * 2


def test_two_deliveries_in_one_second_share_their_id_but_not_our_key() -> None:
    world = World()
    world.stock("CUP", 5)
    world.subscribe()
    world.buy(cup=1)
    world.buy(cup=1)
    world.wait(2)
    created = [
        posted
        for posted in world.shop.due(world.now)
        if posted.headers["x-wc-webhook-topic"] == "order.created"
    ]
    assert len({posted.headers["x-wc-webhook-delivery-id"] for posted in created}) == 1
    arrived = [
        Delivery(headers=row.headers, body=row.body, url=row.url, received_at=world.now) for row in created
    ]
    assert len({delivery_key(channel.ABOUT, row) for row in arrived}) == 2


@pytest.mark.parametrize(
    ("changed", "secret", "accepted"),
    [
        ({}, SECRET, True),
        ({}, "another", False),
        ({}, "", False),
        ({"x-wc-webhook-signature": ""}, SECRET, False),
    ],
)
def test_a_delivery_is_believed_for_its_signature_alone(
    changed: dict[str, str], secret: str, accepted: bool
) -> None:
    world = World()
    world.stock("CUP", 5)
    world.subscribe()
    world.buy(cup=1)
    world.wait(2)
    posted = world.shop.due(world.now)[0]
    arrived = Delivery(
        headers={**posted.headers, **changed}, body=posted.body, url=HOOKS, received_at=world.now
    )
    assert verify(channel.ABOUT.signature, arrived, {"webhook_secret": secret}) is accepted
