"""Listings: kept as the channel shows them, linked by themselves or by a person, unlinked by nothing."""

import pytest
from sqlalchemy import select

from entrepot import catalog
from entrepot.catalog import Listing, see_listings
from entrepot.contract import ListingSeen
from entrepot.db import Tx, tables
from entrepot.kernel import Refusal


def seen(item: str, sku: str = "", title: str = "", **more: object) -> ListingSeen:
    return ListingSeen(item=item, sku=sku, title=title, **more)  # type: ignore[arg-type]


def see(tx: Tx, *listings: ListingSeen, connection: str = "c1") -> dict[str, Listing]:
    return see_listings(tx, connection, listings)


def told(tx: Tx) -> list[tuple[str, str, str]]:
    """(connection, item, key) of the listings that were said to be linked, in order."""
    event = tables.event
    rows = tx.rows(select(event).where(event.c.kind == "ListingLinked").order_by(event.c.id))
    return [(row.body["connection"], row.body["item"], row.stream) for row in rows]


def codes(tx: Tx, listings: dict[str, Listing]) -> dict[str, str]:
    """item → code of the SKU it is linked to."""
    by_id = {sku.id: sku.code for sku in catalog.skus(tx, ids=[one.sku_id for one in listings.values()])}
    return {item: by_id.get(one.sku_id, "") for item, one in listings.items()}


def test_a_listing_whose_text_is_a_code_of_ours_is_linked_by_itself(tx: Tx) -> None:
    catalog.add_skus(tx, {"A-1": "", "Caf\u00e9": "", "007": ""})
    found = see(
        tx, seen("1", "A-1"), seen("2", " Cafe\u0301 "), seen("3", "7"), seen("4", ""), seen("5", "\n")
    )
    assert codes(tx, found) == {"1": "A-1", "2": "Caf\u00e9", "3": "", "4": "", "5": ""}
    assert told(tx) == [
        ("c1", "1", f"listing:{found['1'].id}"),
        ("c1", "2", f"listing:{found['2'].id}"),
    ]


def test_a_listing_is_kept_as_the_channel_shows_it(tx: Tx) -> None:
    see(tx, seen("1", "A-1", "Apples", gtin="4006381333931", active=False, shared_pool="p1"))
    assert catalog.listings(tx, "c1", ["1"])["1"] == Listing(
        id=catalog.listings(tx, "c1", ["1"])["1"].id,
        connection_id="c1",
        item="1",
        sku_text="A-1",
        title="Apples",
        gtin="4006381333931",
        active=False,
        shared_pool="p1",
    )


def test_the_same_listing_again_is_no_news(tx: Tx) -> None:
    catalog.add_skus(tx, {"A-1": ""})
    first = see(tx, seen("1", "A-1"))
    assert see(tx, seen("1", "A-1")) == first
    assert len(told(tx)) == 1


def test_of_one_listing_seen_twice_the_last_counts(tx: Tx) -> None:
    found = see(tx, seen("1", "A-1", "Old"), seen("1", "A-1", "New"))
    assert found["1"].title == "New"
    assert len(tx.rows(select(tables.listing))) == 1


def test_a_link_is_not_undone_by_a_changed_text(tx: Tx) -> None:
    catalog.add_skus(tx, {"A-1": "", "B-1": ""})
    see(tx, seen("1", "A-1"))
    assert codes(tx, see(tx, seen("1", "B-1"))) == {"1": "A-1"}
    assert codes(tx, see(tx, seen("1", ""))) == {"1": "A-1"}
    assert catalog.listings(tx, "c1", ["1"])["1"].sku_text == ""


def test_an_unlinked_listing_is_linked_when_its_text_becomes_a_code(tx: Tx) -> None:
    catalog.add_skus(tx, {"A-1": ""})
    assert codes(tx, see(tx, seen("1", "typo"))) == {"1": ""}
    assert codes(tx, see(tx, seen("1", "A-1"))) == {"1": "A-1"}
    assert len(told(tx)) == 1


def test_connections_have_listings_of_their_own(tx: Tx) -> None:
    one, other = see(tx, seen("1")), see(tx, seen("1"), connection="c2")
    assert one["1"].id != other["1"].id
    assert catalog.listings(tx, "c2", ["1", "2"]) == other


def test_a_person_links_a_listing_and_what_waits_for_it_is_told(tx: Tx) -> None:
    catalog.add_skus(tx, {"A-1": "", "B-1": ""})
    see(tx, seen("1", "theirs"))
    linked = catalog.link(tx, "c1", "1", " A-1 ")
    assert codes(tx, {"1": linked}) == {"1": "A-1"}
    assert told(tx) == [("c1", "1", f"listing:{linked.id}")]
    assert codes(tx, {"1": catalog.link(tx, "c1", "1", "B-1")}) == {"1": "B-1"}
    assert codes(tx, see(tx, seen("1", "A-1"))) == {"1": "B-1"}


@pytest.mark.parametrize(
    ("item", "sku", "code"),
    [("2", "A-1", "listing_unknown"), ("1", "none", "sku_unknown"), ("1", "", "sku_code")],
)
def test_only_a_known_listing_is_linked_to_a_known_sku(tx: Tx, item: str, sku: str, code: str) -> None:
    catalog.add_skus(tx, {"A-1": ""})
    see(tx, seen("1"))
    with pytest.raises(Refusal) as refused:
        catalog.link(tx, "c1", item, sku)
    assert refused.value.code == code


def test_a_new_sku_links_every_listing_that_waited_for_it(tx: Tx) -> None:
    see(tx, seen("1", "A-1"), seen("2", "B-1"))
    see(tx, seen("9", "A-1"), connection="c2")
    catalog.add_skus(tx, {"A-1": ""})
    assert catalog.link_by_code(tx, ["A-1"]) == 2
    assert catalog.link_by_code(tx, ["A-1"]) == 0
    assert codes(tx, catalog.listings(tx, "c1", ["1", "2"])) == {"1": "A-1", "2": ""}
    assert [(connection, item) for connection, item, _stream in told(tx)] == [("c1", "1"), ("c2", "9")]


def test_the_event_of_a_link_carries_what_the_healing_needs(tx: Tx) -> None:
    sku = catalog.add_skus(tx, {"A-1": ""})["A-1"]
    see(tx, seen("1", "A-1"))
    (row,) = tx.rows(select(tables.event))
    assert row.body == {"connection": "c1", "item": "1", "sku": sku.id}


def test_no_listings_and_no_codes_do_nothing(tx: Tx) -> None:
    assert see(tx) == {}
    assert catalog.link_by_code(tx, []) == 0
