"""Webhooks: what they say, who may say it, how often, and how to subscribe."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from entrepot.channels.kit.json import decode
from entrepot.channels.kit.webhook import delivery_key, verify
from entrepot.channels.square import channel
from entrepot.contract import Delivery, Gone, Hint, Kind, StockSeen
from entrepot.kernel import Cause, ChannelError
from tests.channels.square.world import HOOKS, OLD_TOWN, RECORDED, RIVERSIDE, World, event, recorded_here


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        ("order.created", {"id": "O1"}, [Hint(Kind.ORDER, "O1")]),
        ("order.updated", {"id": "O1"}, [Hint(Kind.ORDER, "O1")]),
        ("order.fulfillment.updated", {"id": "O1"}, [Hint(Kind.ORDER, "O1")]),
        ("payment.updated", {"object": {"payment": {"order_id": "O1"}}}, [Hint(Kind.ORDER, "O1")]),
        ("payment.created", {"object": {"payment": {}}}, []),
        ("refund.created", {"object": {"refund": {"order_id": "B1"}}}, [Hint(Kind.ORDER, "B1")]),
        ("catalog.version.updated", {"object": {}}, [Hint(Kind.LISTING)]),
        ("location.updated", {"id": "L1"}, [Hint(Kind.LOCATION, "L1")]),
        ("oauth.authorization.revoked", {}, [Gone(Kind.CONNECTION, "M1")]),
        ("inventory.count.updated", {"object": {"inventory_counts": []}}, []),
        ("gift_card.created", {"id": "G1"}, []),
    ],
)
def test_an_event_names_what_changed(kind: str, data: dict[str, Any], expected: list[object]) -> None:
    body = {"type": kind, "merchant_id": "M1", "event_id": "E1", "data": data}
    assert channel.read_events(event(body), {}) == expected


def test_only_stock_on_hand_is_a_figure() -> None:
    count = {
        "catalog_object_id": "CUP",
        "location_id": "LOC1",
        "quantity": "-1.5",
        "calculated_at": "2026-01-01T00:00:00Z",
    }
    counts = [count | {"state": state} for state in ("IN_STOCK", "WASTE", "SOLD")]
    body = {"type": "inventory.count.updated", "data": {"object": {"inventory_counts": counts}}}
    (seen,) = channel.read_events(event(body), {})
    assert isinstance(seen, StockSeen)
    assert (seen.item, seen.location, str(seen.quantity)) == ("CUP", "LOC1", "-1.5")


@pytest.mark.parametrize(
    "body",
    [[], {}, {"type": 7}, {"type": "order.created"}, {"type": "payment.created", "data": {"object": 7}}],
)
def test_an_event_of_no_known_shape_is_nonsense(body: Any) -> None:
    with pytest.raises(ChannelError) as nonsense:
        channel.read_events(event(body), {})
    assert nonsense.value.cause is Cause.NONSENSE


def test_a_till_sale_is_told_by_its_payment_and_its_counts_only() -> None:
    world = World()
    world.subscribe()
    cup = world.good("CUP", LOC1=5)
    world.post()
    id = world.sell(cup=2)
    heard = world.post()
    assert set(heard) == {
        Hint(Kind.ORDER, id),
        StockSeen(item=cup, location=OLD_TOWN, quantity=heard[-1].quantity, at=heard[-1].at),  # type: ignore[union-attr]
    }
    assert len(heard) == 3


def test_an_online_order_is_told_at_once() -> None:
    world = World()
    world.subscribe()
    world.good("CUP", LOC1=5)
    world.post()
    id = world.square.order_online({"CUP": 1}, world.now, paid=False)
    assert world.post() == [Hint(Kind.ORDER, id)]


def test_a_refused_event_comes_again_with_growing_gaps_and_is_dropped_after_a_day() -> None:
    world = World()
    world.subscribe()
    world.good("CUP", LOC1=5)
    world.post()
    world.square.set_stock("CUP", 1, world.now, location=RIVERSIDE)
    heard_at = [world.now for _ in range(2 * 24 * 60) if world.post(seconds=60, status=500)]
    gaps = [later - earlier for earlier, later in pairwise(heard_at)]
    assert gaps == sorted(gaps)
    assert len(heard_at) == 11
    assert heard_at[-1] - heard_at[0] < timedelta(hours=24)


def test_a_repeated_event_has_the_same_key() -> None:
    world = World()
    world.subscribe()
    world.good("CUP")
    keys = []
    for _ in range(2):
        world.wait(61)
        (posted,) = world.square.due(world.now)
        delivery = Delivery(headers=posted.headers, body=posted.body, url=posted.url, received_at=world.now)
        keys.append(delivery_key(channel.ABOUT, delivery))
        world.square.answered(posted.id, None, world.now)
    assert keys[0] == keys[1]


def test_three_weeks_without_an_answer_switch_the_webhook_off_and_subscribing_revives_it() -> None:
    world = World()
    world.subscribe()
    for _ in range(23):
        world.good("CUP", LOC1=1)
        world.post(seconds=86400, status=None)
    world.good("CUP", LOC1=2)
    assert world.post(seconds=86400, status=200) == []
    again = channel.subscribe(world.api, HOOKS)
    assert again.revived == channel.ABOUT.topics
    assert again.settings["signature_key"] == world.settings["signature_key"]
    world.good("CUP", LOC1=3)
    assert world.post() != []


def test_subscribing_twice_makes_one_subscription() -> None:
    world = World()
    first, second = channel.subscribe(world.api, HOOKS), channel.subscribe(world.api, HOOKS)
    assert first == second
    assert (first.active, first.revived) == (channel.ABOUT.topics, ())
    assert len(world.ask("GET", "/v2/webhooks/subscriptions?include_disabled=true")[1]["subscriptions"]) == 1


def test_a_subscription_with_too_few_topics_is_put_right() -> None:
    world = World()
    poor = {"notification_url": HOOKS, "event_types": ["payment.created"], "name": "by hand"}
    world.ask("POST", "/v2/webhooks/subscriptions", {"subscription": poor})
    assert channel.subscribe(world.api, HOOKS).active == channel.ABOUT.topics


def test_unsubscribing_deletes_ours_and_forgives_that_it_is_gone() -> None:
    world = World()
    world.subscribe()
    channel.unsubscribe(world.api)
    channel.unsubscribe(world.api)
    channel.unsubscribe(world.door(subscription_id=""))
    assert world.ask("GET", "/v2/webhooks/subscriptions?include_disabled=true")[1] == {}


@recorded_here
def test_the_vendors_signature_vectors_hold() -> None:
    for vector in decode((RECORDED / "signature_vectors.json").read_bytes()):
        header = {channel.ABOUT.signature.header: vector["signature"]}
        body, url = vector["body"].encode(), vector["notification_url"]
        delivery = Delivery(headers=header, body=body, url=url, received_at=World().now)
        secret = {"signature_key": vector["signature_key"]}
        assert verify(channel.ABOUT.signature, delivery, secret) is vector["valid"]


@pytest.mark.parametrize("kept", [{}, {"signature_key": ""}, {"signature_key": "another"}])
def test_without_the_right_key_nothing_is_believed(kept: dict[str, str]) -> None:
    world = World()
    world.subscribe()
    world.good("CUP")
    world.wait(2)
    (posted,) = world.square.due(world.now)
    delivery = Delivery(headers=posted.headers, body=posted.body, url=posted.url, received_at=world.now)
    assert verify(channel.ABOUT.signature, delivery, world.settings)
    assert not verify(channel.ABOUT.signature, delivery, kept)
