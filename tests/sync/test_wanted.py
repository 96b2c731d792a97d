"""Which write a slot needs, by the way its platform writes; and what a slot should show."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from entrepot.catalog import Sku
from entrepot.contract import StockWanted, Write
from entrepot.sync import offer
from entrepot.sync.push import wanted
from tests.sync.test_believed import NOON, slot

NOW = NOON + timedelta(hours=1)


def wish(**more: Any) -> StockWanted:
    plain: dict[str, Any] = {"key": "new", "item": "i", "location": "", "at": NOW}
    return StockWanted(**(plain | more))


SENT: dict[str, Any] = {"flight": "old", "flight_delta": 2, "sent": 7, "sent_at": NOON}
UNKNOWN: dict[str, Any] = {"base": None, "base_at": None}
ANEW = {"quantity": 8, "delta": 3}
AGAIN = {"key": "old", "quantity": 7, "delta": 2, "at": NOON}
FROM_FIVE = {"quantity": 8, "delta": 3, "expected": 5}


@pytest.mark.parametrize(
    ("write", "held", "expected"),
    [
        (Write.ABSOLUTE, {"wanted": None}, None),
        (Write.ABSOLUTE, {"wanted": 5}, None),
        (Write.ABSOLUTE, {"wanted": 8}, ANEW),
        (Write.ABSOLUTE, UNKNOWN | {"wanted": 8}, {"quantity": 8, "delta": 8}),
        (Write.ABSOLUTE, SENT | {"wanted": 8}, ANEW),
        (Write.ABSOLUTE, SENT | {"wanted": 5}, {"quantity": 5, "delta": 0}),
        (Write.DELTA, {"wanted": None}, None),
        (Write.DELTA, {"wanted": 5}, None),
        (Write.DELTA, {"wanted": 8}, FROM_FIVE),
        (Write.DELTA, {"wanted": 0}, {"quantity": 0, "delta": -5, "expected": 5}),
        (Write.DELTA, UNKNOWN | {"wanted": 8}, None),
        (Write.DELTA, SENT | {"wanted": 8}, AGAIN),
        (Write.DELTA, SENT | {"wanted": 5}, AGAIN),
        (Write.DELTA, SENT | UNKNOWN | {"wanted": 8}, AGAIN),
        (Write.COMPARE_AND_SET, {"wanted": 8}, FROM_FIVE),
        (Write.COMPARE_AND_SET, UNKNOWN | {"wanted": 8}, None),
    ],
)
def test_what_a_slot_needs(write: Write, held: dict[str, Any], expected: dict[str, Any] | None) -> None:
    found = wanted(slot(**held), write, "new", NOW)
    assert found == (None if expected is None else wish(**expected))


def test_a_write_in_flight_wants_nothing_more_of_a_slot_that_nobody_wants() -> None:
    assert wanted(slot(**SENT | {"wanted": None}), Write.DELTA, "new", NOW) is None


def sku(*recipe: tuple[str, int], scale: int = 1) -> Sku:
    return Sku(id="s", code="S", title="", scale=scale, recipe=recipe)


SHELVES = {
    ("tea", "a"): 7,
    ("tea", "b"): 4,
    ("cup", "a"): 9,
    ("gram", "a"): 2999,
    ("none", "a"): 0,
    ("odd", "a"): -3,
}


@pytest.mark.parametrize(
    ("what", "locations", "units"),
    [
        (sku(("tea", 1)), ["a"], 7),
        (sku(("tea", 1)), ["a", "b"], 11),
        (sku(("tea", 1)), ["nowhere"], 0),
        (sku(("tea", 1)), [], 0),
        (sku(("tea", 2)), ["a", "b"], 5),  # a pair may come from two places
        (sku(("tea", 1), ("cup", 4)), ["a", "b"], 2),  # the scarcest item decides
        (sku(("tea", 1), ("none", 1)), ["a"], 0),
        (sku(("odd", 1)), ["a"], 0),
        (sku(("gram", 1), scale=1000), ["a"], 2),
        (sku(("gram", 250), scale=1), ["a"], 11),  # a bag of 250 g
    ],
)
def test_a_slot_is_offered_what_its_places_can_supply_together(
    what: Sku, locations: list[str], units: int
) -> None:
    assert offer(what, locations, SHELVES) == units


def test_the_time_of_a_write_that_is_repeated_is_the_first_one() -> None:
    found = wanted(slot(**SENT), Write.DELTA, "new", NOW)
    assert found is not None
    assert found.at == datetime.fromisoformat("2026-03-02T12:00:00+00:00")
