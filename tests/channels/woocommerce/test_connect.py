"""Connecting a shop: webhooks that stay alive, and problems in words."""

import re
from typing import Any

import pytest

from entrepot.channels.woocommerce import channel
from entrepot.contract import CAPABILITIES, Subscribed
from entrepot.kernel import Cause, ChannelError, Refusal
from tests.channels.woocommerce.world import HOOKS, World

TOPICS = ("order.created", "order.updated", "order.deleted", "order.restored", "product.updated")


def test_subscribing_makes_one_webhook_per_topic_and_is_idempotent() -> None:
    world = World()
    assert channel.subscribe(world.api, HOOKS) == Subscribed(active=TOPICS)
    assert channel.subscribe(world.api, HOOKS) == Subscribed(active=TOPICS)
    assert sorted(hook.topic for hook in world.shop.hooks.table.values()) == sorted(TOPICS)


def test_webhooks_of_others_are_left_alone() -> None:
    world = World()
    world.api.post(
        "/webhooks", {"name": "ERP", "topic": "order.created", "delivery_url": "https://erp.example"}
    )
    channel.subscribe(world.api, HOOKS)
    channel.unsubscribe(world.api)
    assert [hook.name for hook in world.shop.hooks.table.values()] == ["ERP"]


def test_a_webhook_that_switched_itself_off_is_found_and_revived() -> None:
    world = World()
    world.stock("CUP", 50)
    world.subscribe()
    for _ in range(7):
        world.buy("pending", cup=1)
        world.post(status=500)
    assert [hook.status for hook in world.shop.hooks.table.values() if hook.topic == "order.created"] == [
        "disabled"
    ]
    world.buy("pending", cup=1)
    assert world.post() == []
    assert channel.subscribe(world.api, HOOKS).revived == ("order.created",)
    world.buy("pending", cup=1)
    assert len(world.post()) == 1


def test_without_a_secret_nothing_is_subscribed() -> None:
    world = World()
    with pytest.raises(Refusal):
        channel.subscribe(world.door_to_shop(webhook_secret=""), HOOKS)
    assert world.shop.hooks.table == {}


def test_a_shop_that_is_ready_has_no_problems() -> None:
    probed = channel.probe(World().api)
    assert probed.problems == ()
    assert (probed.account, probed.facts["version"], probed.facts["currency"]) == (
        "https://shop.example",
        "10.7.0",
        "EUR",
    )


@pytest.mark.parametrize(
    ("shop", "changed", "word"),
    [
        ({}, {"secret": "cs_wrong"}, "refused the key"),
        ({}, {"key": "ck_wrong"}, "refused the key"),
        ({}, {"store": "https://shop.example/blog"}, ""),
        ({"permissions": "read"}, {}, "may only read"),
        ({"currency": "JPY"}, {}, "calculates with 2 decimals, but JPY has 0"),
        ({}, {"store": "http://shop.example"}, "not https"),
    ],
)
def test_a_problem_is_a_sentence_with_what_to_do(
    shop: dict[str, Any], changed: dict[str, Any], word: str
) -> None:
    world = World(**shop)
    problems = " ".join(channel.probe(world.door_to_shop(**changed)).problems)
    assert (word in problems) if word else not problems


def test_an_address_without_the_api_is_named_as_such() -> None:
    world = World()
    world.settings["store"] = "https://shop.example"
    broken = world.door_to_shop()
    broken._base = "https://shop.example/nowhere"
    assert "no WooCommerce REST API" in channel.probe(broken).problems[0]


@pytest.mark.parametrize("place", ["header", "query"])
def test_keys_travel_in_the_header_or_in_the_query(place: str) -> None:
    world = World()
    assert channel.probe(world.door_to_shop(credentials_in=place)).problems == ()


def test_a_shop_without_tls_takes_only_signed_calls() -> None:
    world = World(tls=False, address="http://shop.example")
    assert channel.probe(world.api).problems == ()
    with pytest.raises(ChannelError) as denied:
        world.door_to_shop(credentials_in="header").get("/orders")
    assert denied.value.cause is Cause.DENIED


def test_what_the_adapter_cannot_do_has_a_reason() -> None:
    silent = [
        name for name in CAPABILITIES if not hasattr(channel, name) and not channel.ABOUT.lacks.get(name)
    ]
    both = [name for name in channel.ABOUT.lacks if hasattr(channel, name)]
    assert (silent, both, set(channel.ABOUT.lacks) - set(CAPABILITIES)) == ([], [], set())


@pytest.mark.parametrize(
    ("name", "value", "fits"),
    [
        ("store", "https://shop.example", True),
        ("store", "https://shop.example/blog", True),
        ("store", "http://127.0.0.1:8081", True),
        ("store", "https://shop.example/", False),
        ("store", "shop.example", False),
        ("store", "https://shop.example?x=1", False),
        ("credentials_in", "oauth1", True),
        ("credentials_in", "body", False),
    ],
)
def test_a_setting_has_a_form(name: str, value: str, fits: bool) -> None:
    (setting,) = [setting for setting in channel.ABOUT.settings if setting.name == name]
    assert bool(re.fullmatch(setting.pattern, value)) is fits
