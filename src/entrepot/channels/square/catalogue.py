"""Square's locations and catalogue. Source: Locations and Catalog API, OpenAPI description of 2026-09-16."""

from collections.abc import Iterator
from typing import Any

from entrepot.channels.kit.numbers import text
from entrepot.channels.kit.pages import cursor_pages
from entrepot.channels.kit.times import utc
from entrepot.contract import Api, ListingSeen, LocationSeen
from entrepot.kernel import Cause, ChannelError


def locations(api: Api) -> list[dict[str, Any]]:
    """Every location as Square tells it, inactive ones too. The list has no pages."""
    answer = api.get("/v2/locations").json
    if not isinstance(answer, dict):
        raise ChannelError(Cause.NONSENSE, "the list of locations is no JSON object")
    return answer.get("locations") or []


def read_locations(api: Api) -> Iterator[LocationSeen]:
    """Every store, inactive ones too: their old orders can still be read."""
    yield from (location(place) for place in locations(api))


def location(place: dict[str, Any]) -> LocationSeen:
    """One store as Square tells it."""
    return LocationSeen(
        external_id=place["id"],
        name=text(place.get("name")),
        active=place.get("status") == "ACTIVE",
        country=text(place.get("country")),
    )


def read_listings(api: Api) -> Iterator[ListingSeen]:
    """Every variation that is not deleted. `item` is the variation's id, the address of its stock."""
    stores = [place["id"] for place in locations(api) if place.get("status") == "ACTIVE"]
    for page in cursor_pages(api, "/v2/catalog/search", {"object_types": ["ITEM"], "limit": 1000}):
        for item in page.json.get("objects") or ():
            for variation in item["item_data"].get("variations") or ():
                yield listing(item, variation, stores)


def listing(item: dict[str, Any], variation: dict[str, Any], stores: list[str]) -> ListingSeen:
    """One variation of an item. It has a figure in each store where both are present and its stock is
    tracked.

    A variation that is not stockable has none: its count is estimated from another one's and cannot be
    written.
    """
    family, kind = item["item_data"], variation["item_variation_data"]
    tracked = [
        store
        for store in stores
        if _present(item, store) and _present(variation, store) and _tracked(kind, store)
    ]
    return ListingSeen(
        item=variation["id"],
        sku=text(kind.get("sku")),
        title=" – ".join(filter(None, (text(family.get("name")), text(kind.get("name"))))),
        gtin=text(kind.get("upc")),
        active=not family.get("is_archived") and kind.get("sellable") is not False,
        locations=() if kind.get("stockable") is False else tuple(tracked),
        changed_at=utc(variation["updated_at"]) if variation.get("updated_at") else None,
    )


def _present(thing: dict[str, Any], store: str) -> bool:
    """Whether a catalogue object is offered in a store; unset means everywhere."""
    if thing.get("present_at_all_locations", True):
        return store not in (thing.get("absent_at_location_ids") or ())
    return store in (thing.get("present_at_location_ids") or ())


def _tracked(kind: dict[str, Any], store: str) -> bool:
    """Whether stock is counted in a store: the store's own word, else the variation's, else no."""
    for override in kind.get("location_overrides") or ():
        if override.get("location_id") == store and override.get("track_inventory") is not None:
            return bool(override["track_inventory"])
    return bool(kind.get("track_inventory"))
