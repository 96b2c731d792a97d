"""Locations with their places, sourcing networks, and reasons for goods to be unavailable."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from entrepot import places
from entrepot.db import InlineStore, Tx, tables
from entrepot.kernel import Refusal
from entrepot.places import BOUNDED, ON_HAND, Kind
from tests.db.stores import inline, writing


@pytest.fixture
def store() -> Iterator[InlineStore]:
    store = inline()
    store.run(places.seed)
    yield store
    store.close()


@pytest.fixture
def tx(store: InlineStore) -> Iterator[Tx]:
    with writing(store) as tx:
        yield tx


def refusal(act: object) -> str:
    assert callable(act)
    with pytest.raises(Refusal) as refused:
        act()
    return refused.value.code


def test_a_new_location_has_its_four_places(tx: Tx) -> None:
    location = places.add_location(tx, "main", "Main warehouse")
    here = places.load(tx)
    assert here.location("main") == location
    assert (location.name, location.authority) == ("Main warehouse", "hub")
    kinds = sorted(place.kind for place in here.by_id.values() if place.location_id == location.id)
    assert kinds == ["back", "promised", "shelf", "transit"]


def test_a_location_without_a_name_is_called_by_its_code(tx: Tx) -> None:
    assert places.add_location(tx, "main").name == "main"


def test_a_mirrored_location_says_so(tx: Tx) -> None:
    places.add_location(tx, "fba", authority="mirrored")
    assert places.load(tx).location("fba").authority == "mirrored"


@pytest.mark.parametrize("code", ["a", "1", "main", "north-2.b_c", "x" * 40])
def test_codes_of_small_letters_and_digits_are_taken(tx: Tx, code: str) -> None:
    assert places.add_location(tx, code).code == code


@pytest.mark.parametrize(
    "code", ["", " ", "Main", "two words", "ä", "-x", ".x", "_x", "x" * 41, "a/b", "a\n", "a:b", "１"]
)
def test_other_codes_are_refused(tx: Tx, code: str) -> None:
    assert refusal(lambda: places.add_location(tx, code)) == "location_code"


def test_a_code_is_given_once(tx: Tx) -> None:
    places.add_location(tx, "main")
    assert refusal(lambda: places.add_location(tx, "main")) == "location_exists"


def test_an_unknown_location_is_refused_with_the_known_ones(tx: Tx) -> None:
    places.add_location(tx, "shop")
    places.add_location(tx, "main")
    with pytest.raises(Refusal, match="known: main, shop") as refused:
        places.load(tx).location("mian")
    assert (refused.value.code, refused.value.field) == ("location_unknown", "location")


def test_the_outer_places_are_made_once(tx: Tx) -> None:
    assert places.seeded(tx)
    places.seed(tx)
    outer = select(tables.place.c.kind).where(tables.place.c.location_id.is_(None))
    assert sorted(row.kind for row in tx.rows(outer)) == ["gone", "lost", "mirror", "supplier"]


def test_an_empty_store_is_not_seeded() -> None:
    store = inline()
    assert not store.read(places.seeded)


def test_the_outer_places_have_no_bound_and_those_of_a_location_have_one(tx: Tx) -> None:
    location = places.add_location(tx, "main")
    here = places.load(tx)
    bounded = {place.kind: place.bounded for place in here.by_id.values()}
    assert bounded == {
        "shelf": True, "promised": True, "transit": True, "back": True,
        "supplier": False, "gone": False, "lost": False, "mirror": False,
    }  # fmt: skip
    assert here.outer(Kind.GONE).location_id == ""
    assert here.at(location.id, Kind.SHELF).bounded


def test_on_hand_is_what_lies_in_the_house() -> None:
    assert sorted(ON_HAND) == ["back", "promised", "shelf", "unavailable"]
    assert sorted(BOUNDED) == ["back", "promised", "shelf", "transit", "unavailable"]


def test_a_reason_to_be_unavailable_gets_its_place_once(tx: Tx) -> None:
    location = places.add_location(tx, "main")
    before = places.load(tx)
    assert not before.has(location.id, Kind.UNAVAILABLE, "broken")
    after = places.ensure(tx, before, location.id, Kind.UNAVAILABLE, reason="broken")
    place = after.at(location.id, Kind.UNAVAILABLE, "broken")
    assert place.bounded
    again = places.ensure(tx, after, location.id, Kind.UNAVAILABLE, reason="broken")
    assert again.at(location.id, Kind.UNAVAILABLE, "broken") == place
    assert not again.has(location.id, Kind.UNAVAILABLE, "lost in the post")


def test_a_place_that_was_never_made_is_our_bug(tx: Tx) -> None:
    location = places.add_location(tx, "main")
    with pytest.raises(AssertionError, match="no place unavailable broken"):
        places.load(tx).at(location.id, Kind.UNAVAILABLE, "broken")


def test_a_network_keeps_its_locations_in_their_order(tx: Tx) -> None:
    ids = [places.add_location(tx, code).id for code in ("main", "shop", "attic")]
    web = places.add_network(tx, "web", [ids[2], ids[0]])
    till = places.add_network(tx, "till", [ids[1], ids[0], ids[2]])
    nothing = places.add_network(tx, "nothing", [])
    assert places.networks(tx) == {web: (ids[2], ids[0]), till: (ids[1], ids[0], ids[2]), nothing: ()}
    assert places.network_id(tx, "web") == web
    assert places.network_id(tx, "none") is None


def test_a_location_that_is_named_twice_is_asked_once(tx: Tx) -> None:
    one, other = (places.add_location(tx, code).id for code in ("main", "shop"))
    web = places.add_network(tx, "web", [one, other, one])
    assert places.networks(tx)[web] == (one, other)


def test_a_network_code_is_given_once(tx: Tx) -> None:
    places.add_network(tx, "web", [])
    assert refusal(lambda: places.add_network(tx, "web", [])) == "network_exists"


def test_without_locations_the_refusal_says_so(tx: Tx) -> None:
    with pytest.raises(Refusal, match="known: none yet"):
        places.load(tx).location("main")
