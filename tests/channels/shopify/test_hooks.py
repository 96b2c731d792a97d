"""Webhooks: what they say, who may say it, how often, and how to subscribe."""

import base64
import hmac
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from entrepot.channels.kit.json import decode
from entrepot.channels.kit.webhook import delivery_key, verify
from entrepot.channels.shopify import channel
from entrepot.channels.shopify.hooks import made
from entrepot.contract import Delivery, Gone, Hint, Kind, StockSeen
from entrepot.kernel import Cause, ChannelError
from tests.channels.shopify.world import HOOKS, Replies, World, event

LEVEL = {
    "inventory_item_id": 7,
    "location_id": 71,
    "available": -2,
    "updated_at": "2026-01-01T01:00:00+01:00",
}


@pytest.mark.parametrize(
    ("topic", "body", "expected"),
    [
        ("orders/create", {"id": 1}, [Hint(Kind.ORDER, "1")]),
        ("orders/updated", {"id": 820982911946154508}, [Hint(Kind.ORDER, "820982911946154508")]),
        ("orders/cancelled", {"id": 1}, [Hint(Kind.ORDER, "1")]),
        ("orders/edited", {"order_edit": {"id": 9, "order_id": 1}}, [Hint(Kind.ORDER, "1")]),
        ("orders/delete", {"id": 1}, [Gone(Kind.ORDER, "1")]),
        ("refunds/create", {"id": 9, "order_id": 1}, [Hint(Kind.ORDER, "1")]),
        ("inventory_levels/update", {**LEVEL, "available": None}, [Hint(Kind.LISTING, "7")]),
        ("inventory_levels/connect", LEVEL, [Hint(Kind.LISTING)]),
        ("inventory_levels/disconnect", LEVEL, [Hint(Kind.LISTING)]),
        ("products/update", {"id": 3}, [Hint(Kind.LISTING)]),
        ("products/delete", {"id": 3}, [Hint(Kind.LISTING)]),
        ("locations/deactivate", {"id": 71}, [Hint(Kind.LOCATION, "71")]),
        ("app/uninstalled", {"id": 5, "myshopify_domain": "s.myshopify.com"},
         [Gone(Kind.CONNECTION, "s.myshopify.com")]),
        ("carts/update", {"id": "c"}, []),
        ("", {"id": 1}, []),
    ],
)  # fmt: skip
def test_a_delivery_names_what_changed(topic: str, body: Any, expected: list[object]) -> None:
    assert channel.read_events(event(topic, body), {}) == expected


def test_a_level_is_a_figure_in_utc() -> None:
    (seen,) = channel.read_events(event("inventory_levels/update", LEVEL), {})
    assert isinstance(seen, StockSeen)
    assert (seen.item, seen.location, str(seen.quantity)) == ("7", "71", "-2")
    assert seen.at.isoformat() == "2026-01-01T00:00:00+00:00"


@pytest.mark.parametrize("topic", channel.ABOUT.topics)
@pytest.mark.parametrize("body", [[], "x", None, {}, {"id": "one"}, {"order_edit": 7}, {"order_id": {}}])
def test_a_delivery_of_no_known_shape_is_nonsense(topic: str, body: Any) -> None:
    catalogue = topic.startswith(("products/", "inventory_levels/connect", "inventory_levels/disconnect"))
    if catalogue:
        assert channel.read_events(event(topic, body), {}) == [Hint(Kind.LISTING)]
        return
    with pytest.raises(ChannelError) as nonsense:
        channel.read_events(event(topic, body), {})
    assert nonsense.value.cause is Cause.NONSENSE


def test_an_order_is_told_with_the_figures_it_changed() -> None:
    world = World()
    cup = world.good("CUP", here=5)
    world.subscribe()
    id = world.buy(cup=2)
    figure = StockSeen(item=cup, location=world.here, quantity=Decimal(3), at=world.now)
    assert world.post() == [figure, Hint(Kind.ORDER, id)]
    world.shop.refund(id, {"CUP": 1}, world.now, restock=False)
    assert world.post() == [Hint(Kind.ORDER, id), Hint(Kind.ORDER, id)]
    world.shop.erase(id, world.now)
    assert world.post()[-1] == Gone(Kind.ORDER, id)
    world.shop.uninstall(world.now)
    assert world.post() == [Gone(Kind.CONNECTION, "emulated.myshopify.com")]


def test_the_whole_order_is_posted_in_rests_names() -> None:
    world = World(presentment="EUR", rate="0.9")
    world.good("CUP", here=5)
    world.subscribe()
    id = world.buy(cup=2)
    world.wait(2)
    posted = [one for one in world.shop.due(world.now) if one.headers["x-shopify-topic"] == "orders/create"]
    body = decode(posted[0].body)
    assert {
        name: body[name] for name in ("id", "financial_status", "currency", "source_name", "location_id")
    } == {
        "id": int(id),
        "financial_status": "paid",
        "currency": "USD",
        "source_name": "web",
        "location_id": None,
    }
    assert body["total_price_set"]["presentment_money"] == {"amount": "18.00", "currency_code": "EUR"}
    assert (body["line_items"][0]["quantity"], body["line_items"][0]["price"]) == (2, "10.00")
    assert b"fulfillment_orders" not in posted[0].body


def test_a_refused_delivery_comes_eight_times_more_in_four_hours_and_then_the_subscription_is_gone() -> None:
    world = World()
    world.good("CUP", here=5)
    world.subscribe()
    world.shop.set_stock("CUP", 4, world.now)
    heard_at = [world.now for _ in range(5 * 60) if world.post(seconds=60, status=500)]
    gaps = [later - earlier for earlier, later in pairwise(heard_at)]
    assert gaps == sorted(gaps)
    assert len(heard_at) == 9
    assert timedelta(hours=3, minutes=55) < heard_at[-1] - heard_at[0] <= timedelta(hours=4, minutes=10)
    world.shop.set_stock("CUP", 3, world.now)
    assert world.post(status=200) == []
    again = channel.subscribe(world.api, HOOKS)
    assert again.revived == ("inventory_levels/update",)
    world.shop.set_stock("CUP", 2, world.now)
    assert len(world.post()) == 1


def test_a_repeated_delivery_has_the_same_key_and_the_first_body() -> None:
    world = World()
    world.good("CUP", here=5)
    world.subscribe()
    world.shop.set_stock("CUP", 4, world.now)
    met = []
    for _ in range(2):
        world.wait(60)
        (posted,) = world.shop.due(world.now)
        delivery = Delivery(headers=posted.headers, body=posted.body, url=posted.url, received_at=world.now)
        met.append((delivery_key(channel.ABOUT, delivery), delivery.body))
        world.shop.set_stock("CUP", 9, world.now) if not met[1:] else None
        world.shop.answered(posted.id, None, world.now)
        world.shop.due(world.now + timedelta(seconds=1))
    assert met[0] == met[1]


def test_the_same_event_for_two_topics_has_two_keys() -> None:
    world = World()
    world.good("CUP", here=5)
    world.subscribe()
    id = world.buy(cup=1)
    world.post()
    world.shop.cancel(id, world.now)
    world.wait(2)
    deliveries = [
        Delivery(headers=one.headers, body=one.body, url=one.url, received_at=world.now)
        for one in world.shop.due(world.now)
    ]
    assert len({delivery_key(channel.ABOUT, one) for one in deliveries}) == len(deliveries) == 3


@pytest.mark.parametrize(
    "broken",
    [
        {"client_secret": ""},
        {"client_secret": "another"},
        {"header": ""},
        {"header": "bm90IGl0"},
        {"body": b'{"id": 2}'},
        {"body": b'{"id":1} '},
    ],
    ids=["no secret", "wrong secret", "no signature", "wrong signature", "other body", "written anew"],
)
def test_only_what_the_apps_secret_signed_is_believed(broken: dict[str, Any]) -> None:
    secret, body = "hush", b'{"id":1}'
    signed = base64.b64encode(hmac.digest(secret.encode(), body, "sha256")).decode()
    given = broken.get("header", signed)
    headers = {"x-shopify-hmac-sha256": given} if given else {}
    good = Delivery(headers={"x-shopify-hmac-sha256": signed}, body=body, url=HOOKS, received_at=World().now)
    bad = msgspec.structs.replace(good, headers=headers, body=broken.get("body", body))
    settings = {"client_secret": broken.get("client_secret", secret)}
    assert verify(channel.ABOUT.signature, good, {"client_secret": secret})
    assert not verify(channel.ABOUT.signature, bad, settings)


def test_subscribing_twice_makes_one_subscription_per_topic() -> None:
    world = World()
    first = channel.subscribe(world.api, HOOKS)
    world.settings |= first.settings
    second = channel.subscribe(world.api, HOOKS)
    assert first == second
    assert (first.active, first.revived) == (channel.ABOUT.topics, ())
    assert len(made(first.settings)) == 18


def test_anothers_subscriptions_stay() -> None:
    world = World()
    channel.subscribe(world.api, "https://other.example/hooks")
    world.subscribe()
    channel.unsubscribe(world.api)
    channel.unsubscribe(world.api)
    channel.unsubscribe(world.door(hooks=""))
    world.good("CUP", here=5)
    world.wait(2)
    assert {one.url for one in world.shop.due(world.now)} == {"https://other.example/hooks"}


def test_a_topic_that_shopify_refuses_is_named() -> None:
    empty = {"data": {"webhookSubscriptions": {"nodes": [], "pageInfo": {"hasNextPage": False}}}}
    error = {"field": ["topic"], "message": "You do not have permission"}
    refused = {"data": {"webhookSubscriptionCreate": {"webhookSubscription": None, "userErrors": [error]}}}
    with pytest.raises(ChannelError) as denied:
        channel.subscribe(Replies(empty, refused), HOOKS)
    assert (denied.value.cause, "orders/create" in denied.value.why) == (Cause.REFUSED, True)
