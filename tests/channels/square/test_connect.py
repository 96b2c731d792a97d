"""Connecting an account: what it is, its stores and its catalogue."""

from typing import Any

import pytest

from entrepot.channels.kit.oauth import authorize_url
from entrepot.channels.square import channel
from entrepot.channels.square.catalogue import listing
from entrepot.channels.square.emulator_wire import stamp
from entrepot.contract import CAPABILITIES
from tests.channels.square.world import HOOKS, World

STORES = ["L1", "L2", "L3"]


def read(variation: dict[str, Any], item: dict[str, Any] | None = None) -> tuple[str, ...]:
    head = {"id": "V", "updated_at": "2026-01-01T00:00:00Z"}
    data = {"name": "Blue", "sku": "CUP-B", "track_inventory": True, **variation.pop("data", {})}
    family = {"item_data": {"name": "Cup"}, **(item or {})}
    return listing(family, {**head, **variation, "item_variation_data": data}, STORES).locations


def test_every_capability_is_there_or_excused() -> None:
    there = {name for name in CAPABILITIES if hasattr(channel, name)}
    assert there | set(channel.ABOUT.lacks) == set(CAPABILITIES)
    assert there & set(channel.ABOUT.lacks) == set()


def test_probing_says_whose_account_it_is() -> None:
    probed = channel.probe(World().api)
    assert (probed.account, probed.problems) == ("MLEMULATED0001", ())
    assert probed.facts == {
        "business": "Emulated Stores",
        "country": "US",
        "currency": "USD",
        "locations": "3",
    }


def test_what_consent_asks_for_and_how_it_is_renewed() -> None:
    flow = channel.ABOUT.oauth
    assert flow is not None
    url = authorize_url(
        channel.ABOUT,
        {"base_url": "https://connect.squareup.com", "client_id": "sq0idp-1"},
        redirect_uri="https://hub.example/connect/tills",
        state="s",
    )
    assert url == (
        "https://connect.squareup.com/oauth2/authorize?client_id=sq0idp-1"
        "&scope=MERCHANT_PROFILE_READ%20ITEMS_READ%20INVENTORY_READ%20INVENTORY_WRITE%20ORDERS_READ"
        "%20PAYMENTS_READ"
        "&redirect_uri=https%3A%2F%2Fhub.example%2Fconnect%2Ftills&state=s&response_type=code&session=false"
    )
    assert (flow.names_return, flow.early_s) == (True, 1_987_200.0)


def test_an_account_by_consent_subscribes_nothing_and_says_what_a_person_must_do() -> None:
    world = World()
    granted = world.door(refresh_token="EQAAE-1")
    assert channel.subscribe(granted, HOOKS).active == ()
    channel.unsubscribe(world.door(refresh_token="EQAAE-1", subscription_id="wbhk_1"))
    assert not any("webhooks" in one for one in world.notebook.calls)
    (problem,) = channel.probe(granted).problems
    assert problem.startswith("Webhooks of an account that was connected by consent are subscribed by hand")
    known = world.door(refresh_token="EQAAE-1", subscription_id="wbhk_1")
    assert (channel.probe(known).problems, len(channel.subscribe(known, HOOKS).active)) == ((), 12)


def test_a_clock_that_is_ahead_is_a_problem_with_a_remedy() -> None:
    (problem,) = channel._problems({}, ["USD"], 7.4)
    assert problem == (
        "This machine's clock is ahead of Square's, which refuses changes from the future: let it follow a "
        "time server."
    )


@pytest.mark.parametrize(
    ("merchant", "currencies", "words"),
    [
        ({"status": "INACTIVE"}, ["USD"], "deactivated"),
        ({}, [], "No location"),
        ({}, ["CAD", "USD"], "CAD and USD"),
    ],
)
def test_what_stands_in_the_way_is_said(merchant: dict[str, Any], currencies: list[str], words: str) -> None:
    (problem,) = channel._problems(merchant, currencies, 0.0)
    assert words in problem


def test_stores_and_goods_are_read() -> None:
    world = World()
    cup = world.good("CUP", LOC1=1)
    (seen,) = channel.read_listings(world.api)
    assert [(place.external_id, place.name) for place in channel.read_locations(world.api)] == [
        ("LOC1", "Old Town"),
        ("LOC2", "Riverside"),
        ("LOC3", "Station"),
    ]
    assert (seen.item, seen.sku, seen.title) == (cup, "CUP", "Cup – Regular")
    assert (seen.active, seen.locations) == (True, ("LOC1", "LOC2", "LOC3"))
    assert seen.changed_at == world.now


def test_a_catalogue_is_read_to_its_last_page() -> None:
    world = World()
    for n in range(1100):
        world.good(f"G{n}")
    assert len({seen.item for seen in channel.read_listings(world.api)}) == 1100
    assert world.notebook.calls.count("POST /v2/catalog/search") == 2


@pytest.mark.parametrize(
    ("variation", "item", "expected"),
    [
        ({}, {}, ("L1", "L2", "L3")),
        ({"present_at_all_locations": True, "absent_at_location_ids": ["L2"]}, {}, ("L1", "L3")),
        ({"present_at_all_locations": False, "present_at_location_ids": ["L2"]}, {}, ("L2",)),
        ({}, {"present_at_all_locations": False, "present_at_location_ids": ["L3"]}, ("L3",)),
        ({"data": {"track_inventory": False}}, {}, ()),
        ({"data": {"track_inventory": None}}, {}, ()),
        (
            {"data": {"location_overrides": [{"location_id": "L1", "track_inventory": False}]}},
            {},
            ("L2", "L3"),
        ),
        (
            {
                "data": {
                    "track_inventory": False,
                    "location_overrides": [{"location_id": "L1", "track_inventory": True}],
                }
            },
            {},
            ("L1",),
        ),
        (
            {"data": {"location_overrides": [{"location_id": "L1", "price_money": {}}]}},
            {},
            ("L1", "L2", "L3"),
        ),
        ({"data": {"stockable": False}}, {}, ()),
    ],
    ids=[
        "everywhere",
        "absent at one",
        "present at one",
        "item present at one",
        "not tracked",
        "tracking unset",
        "one store does not track",
        "one store tracks",
        "an override of the price only",
        "counted on another variation",
    ],
)
def test_a_variation_has_a_figure_where_it_is_present_and_tracked(
    variation: dict[str, Any], item: dict[str, Any], expected: tuple[str, ...]
) -> None:
    assert read(variation, item) == expected


def test_times_are_written_as_square_writes_them() -> None:
    assert stamp(World().now) == "2026-01-01T00:00:00.000Z"
