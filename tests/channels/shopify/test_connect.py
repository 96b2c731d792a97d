"""Connecting a shop: by token, by consent, and what a first look finds wrong."""

import re
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from entrepot.channels import load
from entrepot.channels.kit import oauth
from entrepot.channels.shopify import channel, connect
from entrepot.contract import CAPABILITIES
from entrepot.kernel import Cause, ChannelError
from tests.channels.shopify.world import World

CLIENT = {"client_id": "0123456789abcdef0123456789abcdef"}
BACK = "https://hub.example/connect/shopify"


def test_the_adapter_is_found_and_every_function_is_there_or_excused() -> None:
    assert load("shopify") is channel
    there = {name for name in CAPABILITIES if hasattr(channel, name)}
    assert there | set(channel.ABOUT.lacks) == set(CAPABILITIES)
    assert there & set(channel.ABOUT.lacks) == set()


@pytest.mark.parametrize(
    ("address", "fits"),
    [
        ("https://my-shop.myshopify.com", True),
        ("http://127.0.0.1:8081", True),
        ("https://my-shop.example", False),
        ("https://evil.example/x.myshopify.com", False),
        ("https://-shop.myshopify.com", False),
        ("http://my-shop.myshopify.com", False),
    ],
)
def test_only_an_address_of_shopify_is_called(address: str, fits: bool) -> None:
    (store,) = [one for one in channel.ABOUT.settings if one.name == "store"]
    assert bool(re.fullmatch(store.pattern, address)) is fits


def test_a_shop_that_is_ready_has_no_problems() -> None:
    probed = channel.probe(World().api)
    assert (probed.account, probed.problems) == ("emulated.myshopify.com", ())
    assert probed.facts == {
        "name": "Emulated Shop",
        "currency": "USD",
        "plan": "Basic",
        "api_version": "2026-07",
    }


def test_another_version_that_answers_is_noticed() -> None:
    world = World()
    world.shop.retire("2026-07")
    probed = channel.probe(world.api)
    assert probed.facts["api_version"] == "2026-10"
    (problem,) = probed.problems
    assert problem.startswith("Shopify answers with API version 2026-10 in place of 2026-07")


def test_missing_scopes_are_named_and_write_includes_read() -> None:
    world = World(scopes=("read_orders", "read_products", "write_inventory"))
    (problem,) = channel.probe(world.api).problems
    named = "The app lacks read_locations, read_merchant_managed_fulfillment_orders, read_returns"
    assert problem == f"{named}: add the access scopes and install it again."


def test_a_refused_token_is_a_problem_with_a_remedy() -> None:
    (problem,) = channel.probe(World().door(token="shpat_stranger_0123456789")).problems
    assert problem.startswith("Shopify refused the access token")


def test_a_merchant_connects_by_consent_and_the_token_is_renewed_before_it_ends() -> None:
    world = World()
    world.settings |= CLIENT
    url = oauth.authorize_url(channel.ABOUT, world.settings, redirect_uri=BACK, state="s-1")
    status, headers, _ = world.call("GET", unquote(url.removeprefix(world.settings["store"])))
    back = parse_qsl(urlsplit(headers["location"]).query)
    assert (status, dict(back)["state"]) == (302, "s-1")
    assert connect.callback_valid(back, world.settings["client_secret"])
    assert connect.shop_of(back) == "https://emulated.myshopify.com"

    door = world.door(about=oauth.token_door(channel.ABOUT), token="")
    granted = oauth.exchange(door, channel.ABOUT, code=dict(back)["code"])
    world.settings |= granted.settings()
    assert channel.probe(world.api).problems == ()
    assert oauth.due(world.settings, world.now) is False

    world.wait(3600)
    assert oauth.due(world.settings, world.now) is True
    with pytest.raises(ChannelError) as ended:
        list(channel.read_locations(world.api))
    assert ended.value.cause is Cause.DENIED
    door = world.door(about=oauth.token_door(channel.ABOUT), token="")
    world.settings |= oauth.refresh(door, channel.ABOUT).settings()
    assert len(list(channel.read_locations(world.api))) == 2


def test_a_code_works_once_and_a_refresh_token_that_was_replaced_no_more() -> None:
    world = World()
    world.settings |= CLIENT
    door = world.door(about=oauth.token_door(channel.ABOUT), refresh_token="shprt_unknown")
    with pytest.raises(ChannelError) as unknown:
        oauth.exchange(door, channel.ABOUT, code="unknown")
    with pytest.raises(ChannelError) as replaced:
        oauth.refresh(door, channel.ABOUT)
    assert [one.value.cause for one in (unknown, replaced)] == [Cause.DENIED, Cause.DENIED]
    assert "shprt" not in str(replaced.value)


@pytest.mark.parametrize(
    "changed",
    [
        {"hmac": ""},
        {"shop": "other.myshopify.com"},
        {"code": "forged"},
        {"more": "1"},
    ],
)
def test_a_callback_that_was_tampered_with_is_refused(changed: dict[str, str]) -> None:
    world = World()
    world.settings |= CLIENT
    path = f"/admin/oauth/authorize?client_id={CLIENT['client_id']}&redirect_uri={BACK}&state=s"
    back = dict(parse_qsl(urlsplit(world.call("GET", path)[1]["location"]).query))
    assert connect.callback_valid(list(back.items()), "shpss_emulated_0123456789abcdef")
    assert not connect.callback_valid(list((back | changed).items()), "shpss_emulated_0123456789abcdef")
    assert not connect.callback_valid(list(back.items()), "")


@pytest.mark.parametrize(
    ("store", "said"),
    [
        ("https://emulated.myshopify.com", ""),
        ("http://127.0.0.1:8081", ""),  # an emulated shop has no address of its own
        ("https://other.myshopify.com", "The consent was given by another shop"),
        ("", "The consent was given by another shop"),
    ],
)
def test_a_person_comes_back_from_the_shop_that_is_to_be_connected(store: str, said: str) -> None:
    world = World()
    path = f"/admin/oauth/authorize?client_id={CLIENT['client_id']}&redirect_uri={BACK}&state=s"
    back = parse_qsl(urlsplit(world.call("GET", path)[1]["location"]).query)
    held = world.settings | {"store": store}
    assert channel.check_return(back, held).startswith(said) if said else not channel.check_return(back, held)
    assert "signature" in channel.check_return(back, held | {"client_secret": "another"})
    assert "signature" in channel.check_return(back[1:], held)


@pytest.mark.parametrize("shop", ["evil.example", "x.myshopify.com.evil.example", "", "a.myshopify.com/../"])
def test_a_callback_for_no_shop_of_shopify_names_none(shop: str) -> None:
    assert connect.shop_of([("shop", shop)]) == ""


def test_the_version_we_speak_ends_a_year_after_it_began() -> None:
    assert (channel.ABOUT.api_version, channel.ABOUT.end_of_life) == ("2026-07", "2027-07-01")
