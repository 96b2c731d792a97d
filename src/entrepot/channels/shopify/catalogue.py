"""Shopify's locations, and what it sells: one listing per inventory item.

The inventory item is what stock is kept of and what carries the SKU; a variant shows it to buyers. Several
variants may show one item since 2026; its first one gives the listing its name.
"""

from collections.abc import Iterator
from typing import Any

from entrepot.channels.kit.graphql import next_cursor, nodes
from entrepot.channels.kit.numbers import integer, text
from entrepot.channels.shopify import queries
from entrepot.channels.shopify.api import ask, pages
from entrepot.channels.shopify.bulk import PARENT, bulk
from entrepot.channels.shopify.shapes import number, when
from entrepot.contract import Api, ListingSeen, LocationSeen

PAGED_MAX = 5_000
"""A larger catalogue is asked for in bulk: pages end at 25,000 objects, and their points are better spent."""

SOLD = frozenset({"ACTIVE", "UNLISTED"})


def read_locations(api: Api) -> Iterator[LocationSeen]:
    """Every location, closed ones too: their old orders can still be read."""
    for told in pages(api, queries.LOCATIONS, "locations"):
        yield from (location(place) for place in nodes(told.data["locations"]))


def location(place: dict[str, Any]) -> LocationSeen:
    """One location as GraphQL tells it."""
    return LocationSeen(
        external_id=number(place["id"]),
        name=text(place.get("name")),
        active=bool(place.get("isActive")),
        country=text((place.get("address") or {}).get("countryCode")),
    )


def read_listings(api: Api) -> Iterator[ListingSeen]:
    """Every item that a variant shows, page by page or, of a large catalogue, in bulk (BUSY until it is
    there)."""
    count = ask(api, queries.VARIANTS_COUNT).data["productVariantsCount"] or {}
    if integer(count.get("count", 0)) > PAGED_MAX:
        yield from _in_bulk(bulk(api, queries.ALL_ITEMS))
        return
    for told in pages(api, queries.ITEMS, "inventoryItems"):
        for item in nodes(told.data["inventoryItems"]):
            levels = list(levels_of(api, item))
            for variant in nodes(item.get("variants"))[:1]:
                yield listing(item, variant, levels)


def listing(item: dict[str, Any], variant: dict[str, Any], levels: list[dict[str, Any]]) -> ListingSeen:
    """One item. It has a figure in each location where it is stocked, and none if it is not tracked."""
    places = (
        [number((level.get("location") or {}).get("id")) for level in levels] if item.get("tracked") else []
    )
    return ListingSeen(
        item=number(item["id"]),
        sku=text(item.get("sku")),
        title=text(variant.get("displayName")),
        gtin=text(variant.get("barcode")),
        active=(variant.get("product") or {}).get("status") in SOLD,
        locations=tuple(filter(None, places)),
        changed_at=when(item.get("updatedAt")),
    )


def levels_of(api: Api, item: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The inventory levels of an item, those after the first page too."""
    connection = item.get("inventoryLevels") or {}
    yield from nodes(connection)
    after = next_cursor(connection)
    while after is not None:
        told = ask(api, queries.LEVELS_OF_ITEM, {"id": item["id"], "after": after})
        connection = (told.data["inventoryItem"] or {}).get("inventoryLevels") or {}
        yield from nodes(connection)
        after = next_cursor(connection)


def _in_bulk(lines: list[dict[str, Any]]) -> Iterator[ListingSeen]:
    """The rows of a bulk answer put together again: a variant has a name, a level a location."""
    variants: dict[str, dict[str, Any]] = {}
    levels: dict[str, list[dict[str, Any]]] = {}
    for row in lines:
        if PARENT in row and "displayName" in row:
            variants.setdefault(row[PARENT], row)
        elif PARENT in row:
            levels.setdefault(row[PARENT], []).append(row)
    for item in lines:
        if PARENT not in item and item["id"] in variants:
            yield listing(item, variants[item["id"]], levels.get(item["id"], []))
