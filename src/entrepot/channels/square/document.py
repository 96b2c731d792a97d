"""Square's documents on disk: orders, counts, locations, catalogue objects, refunds, payments and events.

An object is known by the fields that only it has (OpenAPI description of 2026-09-16). What is asked of Square
carries an `idempotency_key`: a request is a wish and tells nothing.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from entrepot.channels.kit.documents import Around, Part, Raw, Testimony, delivery, incomplete, passages
from entrepot.channels.kit.numbers import exact, text
from entrepot.channels.kit.times import utc
from entrepot.channels.square.catalogue import listing, location
from entrepot.channels.square.hooks import READERS, read_events
from entrepot.channels.square.sale import sale
from entrepot.channels.square.tenders import refund_seen
from entrepot.contract import DocumentKind, Hint, Kind, Passage, StockSeen
from entrepot.kernel.money import exponent

_ORDER_NEEDS = ("id", "location_id", "created_at", "updated_at", "total_money|net_amounts")

NAMES: tuple[tuple[tuple[str, ...], str], ...] = (
    (("idempotency_key",), "a request to Square"),
    (("location_ids", "query"), "a request to Square"),
    (("notification_url", "event_types"), "a webhook's subscription"),
    (("access_token",), "an access token"),
    (("arrival_date", "destination"), "a payout"),
    (("gan",), "a gift card"),
    (("gift_card_gan",), "an activity of a gift card"),
    (("from_state", "to_state"), "an adjustment of stock"),
    (("order_id", "version", "location_id"), "an order's entry in a search"),
    (("deleted_object_ids",), "deleted catalogue objects"),
    (("limits",), "the limits of the catalogue"),
)
"""Fields that tell an object → its name, for those that the hub has no use for."""


def read_document(document: Any, kind: DocumentKind | None, settings: Mapping[str, str]) -> list[Passage]:
    """Whatever stands in it. An order alone does not know its refunds, nor a catalogue the stores."""
    return passages(document, _look, kind)


def _look(row: Raw, around: Around) -> Part | str | None:
    known = next((name for fields, name in NAMES if all(field in row for field in fields)), None)
    if known:
        return known
    if "event_id" in row and "data" in row:
        return _event(row)
    if "location_id" in row and any(field in row for field in ("line_items", "net_amounts", "returns")):
        return Part(DocumentKind.ORDER, lambda: [sale(dict(row))], _ORDER_NEEDS)
    if "catalog_object_id" in row and "state" in row and "quantity" in row:
        return _count(row)
    if "merchant_id" in row and ("timezone" in row or "capabilities" in row):
        return Part(DocumentKind.LOCATION, lambda: [location(dict(row))], ("id",))
    if "payment_id" in row and "amount_money" in row and "status" in row:
        return Part(DocumentKind.RETURN, lambda: list(_refund(row)), ("id", "amount_money.currency"))
    if "amount_money" in row and ("source_type" in row or "card_details" in row):
        return "a payment without an order" if not row.get("order_id") else _payment(row)
    return _object(row) if "type" in row and "id" in row else None


def _event(row: Raw) -> Part | str:
    topic = text(row.get("type"))
    if topic not in READERS:
        return f"an event {topic[:60]}"
    return Part(DocumentKind.WEBHOOK, lambda: read_events(delivery(row, {}), {}))


def _count(row: Raw) -> Part | str:
    """A count of what is for sale; those of other states, and physical counts, are not our figure."""
    if row.get("state") != "IN_STOCK":
        return f"a count of the state {text(row.get('state'))[:40]}"
    if "occurred_at" in row:
        return "a physical count of stock"
    return Part(DocumentKind.STOCK, lambda: [_figure(row)], ("location_id", "calculated_at"))


def _figure(row: Raw) -> StockSeen:
    return StockSeen(
        item=text(row["catalog_object_id"]),
        location=text(row["location_id"]),
        quantity=exact(row["quantity"]),
        at=utc(row["calculated_at"]),
    )


def _payment(row: Raw) -> Part:
    """What a payment tells: which order to read."""
    return Part(DocumentKind.ORDER, lambda: [Hint(Kind.ORDER, text(row["order_id"]))])


def _refund(row: Raw) -> Iterator[Testimony]:
    """The money, and the order to read: the return that it belongs to leads to its sale."""
    currency = text(row["amount_money"]["currency"])
    exponent(currency)
    yield refund_seen(dict(row), currency)
    if row.get("order_id"):
        yield Hint(Kind.ORDER, text(row["order_id"]))


def _object(row: Raw) -> Part | str | None:
    """A catalogue object: an item has the variations that are sold in it."""
    if "item_data" not in row:
        kinds = [name.removesuffix("_data") for name in row if name.endswith("_data")]
        return f"a catalogue object {kinds[0]}" if kinds and "version" in row else None
    if not text(row.get("id")) or text(row.get("id")).startswith("#"):
        return "a catalogue object that is to be made"
    return Part(DocumentKind.LISTING, lambda: list(_variations(row)))


def _variations(item: Raw) -> Iterator[Testimony]:
    """The item's variations. Those with a figure have it in stores that the catalogue names only where an
    item is not sold in all of them: else they are a hint to read the listings with the stores."""
    variations = item["item_data"].get("variations") or ()
    if not variations:
        raise incomplete("item_data.variations")
    for one in variations:
        named = [thing for thing in (item, one) if not thing.get("present_at_all_locations", True)]
        stores = sorted({store for thing in named for store in thing.get("present_at_location_ids") or ()})
        if not named and _counted(one["item_variation_data"]):
            yield Hint(Kind.LISTING, text(one["id"]))
        else:
            yield listing(dict(item), one, stores)


def _counted(kind: Raw) -> bool:
    """Whether the stock of a variation is counted in some store."""
    overrides = kind.get("location_overrides") or ()
    return bool(kind.get("track_inventory")) or any(one.get("track_inventory") for one in overrides)
