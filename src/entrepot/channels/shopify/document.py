"""Shopify's documents on disk: REST and webhook bodies, and answers of GraphQL, ours and others'.

REST's objects are known by the fields that only they have (REST Admin API 2022-10); GraphQL's: graph.py. A
document tells less than an account: a product of REST does not say where it is stocked.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from entrepot.channels.kit.documents import Around, Part, Testimony, delivery, incomplete, passages
from entrepot.channels.kit.numbers import text
from entrepot.channels.shopify import amounts, goods, graph
from entrepot.channels.shopify.hooks import READERS, TOPIC_HEADER, read_events
from entrepot.channels.shopify.sale import order_seen
from entrepot.channels.shopify.shapes import Raw, number, ref, rows
from entrepot.contract import DocumentKind, Hint, Kind, ListingSeen, LocationSeen, Passage

ORDER_NEEDS = (
    "id", "updated_at", "created_at|processed_at", "currency|presentment_currency", "line_items",
    "total_price|total_price_set",
)  # fmt: skip

NAMES: tuple[tuple[tuple[str, ...], str], ...] = (
    (("invoice_url", "line_items"), "a draft order"),
    (("invoice_sent_at", "line_items"), "a draft order"),
    (("applied_discount",), "a draft order that is to be changed"),
    (("assigned_location_id", "request_status"), "a fulfillment order"),
    (("shipment_status", "order_id"), "a fulfillment"),
    (("fulfillment_id", "happened_at"), "an event of a fulfillment"),
    (("initial_value", "balance"), "a gift card"),
    (("allocation_method", "value_type"), "a price rule"),
    (("price_rule_id", "code"), "a discount code"),
    (("myshopify_domain", "plan_name"), "a shop"),
    (("topic", "format"), "a webhook's subscription"),
    (("kind", "gateway", "amount"), "a transaction"),
    (("remote_reference", "payment_method"), "a tender transaction"),
    (("evidence_due_by",), "a dispute"),
    (("summary", "amount", "date"), "a payout"),
    (("cause_cancel", "recommendation"), "a risk of an order"),
    (("rate_updated_at",), "a currency"),
    (("hmac", "params"), "a signature's example"),
)
"""Fields that tell an object → its name, for those that the hub has no use for."""

SOLD = frozenset({"active", "unlisted"})

TOPICS = {
    DocumentKind.ORDER: "orders/updated",
    DocumentKind.RETURN: "refunds/create",
    DocumentKind.LISTING: "products/update",
    DocumentKind.STOCK: "inventory_levels/update",
    DocumentKind.LOCATION: "locations/update",
}
"""The topic that brings such a body."""


def read_document(document: Any, kind: DocumentKind | None, settings: Mapping[str, str]) -> list[Passage]:
    """Whatever stands in it. As WEBHOOK each object of REST is read as a delivery: mostly as a hint."""
    return passages(document, _delivered if kind is DocumentKind.WEBHOOK else _look, kind)


def _look(row: Raw, around: Around) -> Part | str | None:
    known = next((name for fields, name in NAMES if all(field in row for field in fields)), None)
    if known or graph.kind_of(row) or "quantities" in row or around.name == "variables":
        return known or graph.look(row, around)
    if set(row) == {"errors"}:
        return "an error of Shopify"
    return _sold(row, around.name) or _kept(row, around.name)


def _delivered(row: Raw, around: Around) -> Part | str | None:
    if isinstance(row.get("order_edit"), dict):
        return _webhook(row, "orders/edited", ())
    found = _look(row, around)
    if not isinstance(found, Part) or graph.kind_of(row) or "quantities" in row:
        return found  # no webhook is shaped like an answer of GraphQL
    topic = TOPICS[found.kind]
    return _webhook(row, topic, found.needs if found.kind is DocumentKind.STOCK else ("id",))


def _webhook(row: Raw, topic: str, needs: tuple[str, ...]) -> Part:
    sent = delivery(row, {TOPIC_HEADER: topic})
    return Part(DocumentKind.WEBHOOK, lambda: read_events(sent, {}), needs)


def _sold(row: Raw, name: str) -> Part | str | None:
    """An order, or what was given back of one."""
    if row.get("id") is None:
        return _WISH if "line_items" in row or "refund_line_items" in row else None
    if "refund_line_items" in row:
        return Part(DocumentKind.RETURN, lambda: list(_refund(row)), ("order_id",))
    if name in {"order", "orders"} or ("line_items" in row and "financial_status" in row):
        return Part(DocumentKind.ORDER, lambda: [order_seen(row)], ORDER_NEEDS)
    return None


def _kept(row: Raw, name: str) -> Part | str | None:
    """Stock, products, locations."""
    if "inventory_item_id" in row and ("available" in row or "available_adjustment" in row):
        level = READERS["inventory_levels/update"]
        return Part(DocumentKind.STOCK, lambda: list(level(row)), ("location_id", "updated_at"))
    if row.get("id") is None:
        return None
    if name in {"variant", "variants"} or ("inventory_item_id" in row and "product_id" in row):
        return Part(DocumentKind.LISTING, lambda: [_variant(row, {})], ("inventory_item_id",))
    if name in {"product", "products"} or isinstance(row.get("variants"), list):
        return Part(DocumentKind.LISTING, lambda: _variants(row), ("variants",))
    if name in {"inventory_item", "inventory_items"}:
        return Part(DocumentKind.LISTING, lambda: [Hint(Kind.LISTING, number(row["id"]))])
    if name in {"location", "locations"} or ("legacy" in row and "active" in row):
        return Part(DocumentKind.LOCATION, lambda: [_location(row)], ("active",))
    return None


def _refund(row: Raw) -> Iterator[Testimony]:
    """The money and the goods, and the order to read."""
    told = [text(one.get("currency")) for one in rows(row.get("transactions"))]
    told += [
        text(((one.get("subtotal_set") or {}).get("presentment_money") or {}).get("currency_code"))
        for one in rows(row["refund_line_items"])
    ]
    currency = next(filter(None, told), "")
    if not currency:
        raise incomplete("transactions.currency")
    one = {"refunds": [row]}
    yield from amounts.refunds(one, goods.parts(one, currency), currency)
    yield Hint(Kind.ORDER, ref(row, "order"))


def _variants(product: Raw) -> list[Testimony]:
    found = rows(product["variants"])
    if any(row.get("inventory_item_id") is None for row in found):
        raise incomplete("variants.inventory_item_id")
    return [_variant(row, product) for row in found]


def _variant(row: Raw, product: Raw) -> ListingSeen | Hint:
    """A variant whose stock is not tracked shows no figure; of any other REST does not say where: a hint."""
    item = number(row["inventory_item_id"])
    if not product or "inventory_management" not in row or row["inventory_management"] is not None:
        return Hint(Kind.LISTING, item)
    names = (text(product.get("title")), text(row.get("title")))
    return ListingSeen(
        item=item,
        sku=text(row.get("sku")),
        title=" - ".join(filter(None, names)),
        gtin=text(row.get("barcode")),
        active=text(product.get("status")) in SOLD,
        locations=(),
    )


def _location(row: Raw) -> LocationSeen:
    return LocationSeen(
        external_id=number(row["id"]),
        name=text(row.get("name")),
        active=row.get("active") is True,
        country=text(row.get("country_code")),
    )


_WISH = "a request to Shopify"
