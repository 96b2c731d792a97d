"""GraphQL's objects in documents: known by their ids, which name the kind, and read under REST's names.

Our own questions ask for these names themselves (queries.py); others asked under the schema's. Source: schema
of 2026-07.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from entrepot.channels.kit.documents import Around, Part, Testimony, incomplete
from entrepot.channels.kit.graphql import nodes
from entrepot.channels.kit.numbers import exact, text
from entrepot.channels.kit.times import http_date, utc
from entrepot.channels.shopify.catalogue import listing, location
from entrepot.channels.shopify.sale import order_seen
from entrepot.channels.shopify.shapes import Raw, number
from entrepot.contract import DocumentKind, Hint, Kind, StockSeen

_GID = re.compile(r"gid://shopify/(\w+)/\d{1,20}")
_HUMP = re.compile(r"(?<=[a-z0-9])([A-Z])")

RENAMED = {
    "displayFinancialStatus": "financial_status",
    "currencyCode": "currency",
    "presentmentCurrencyCode": "presentment_currency",
    "originalUnitPriceSet": "price_set",
    "originalPriceSet": "price_set",
    "allocatedAmountSet": "amount_set",
    "fulfillmentLineItems": "line_items",
    "retailLocation": "location",
    "parentTransaction": "parent",
    "isGiftCard": "gift_card",
    "countryCodeV2": "country_code",
    "pageInfo": "pageInfo",
}
"""Fields whose name in REST is not merely spelled with underscores."""

ORDER_NEEDS = ("id", "updatedAt", "createdAt", "currencyCode", "totalPriceSet")
OUR_ORDER_NEEDS = ("id", "updated_at", "created_at", "currency", "total_price_set")


def kind_of(row: Raw) -> str:
    """'Order' of an object whose id is a global one; '' for any other."""
    found = _GID.match(row["id"]) if isinstance(row.get("id"), str) else None
    return found[1] if found else ""


def look(row: Raw, around: Around) -> Part | str | None:
    """An order, item, location or level that says more than its id."""
    if around.name == "variables":
        return "what a question asks for"
    match kind_of(row):
        case "Order" if "lineItems" in row or "line_items" in row:
            needs = ORDER_NEEDS if "lineItems" in row else OUR_ORDER_NEEDS
            return Part(DocumentKind.ORDER, lambda: [order_seen(_whole(rest_named(row)))], needs)
        case "InventoryItem" if "variants" in row and "inventoryLevels" in row:
            return Part(DocumentKind.LISTING, lambda: list(_item(row)))
        case "ProductVariant" if "sku" in row or "inventoryItem" in row:
            return Part(DocumentKind.LISTING, lambda: [_variant(row)], ("inventoryItem.id",))
        case "Location" if "isActive" in row:
            return Part(DocumentKind.LOCATION, lambda: [location(dict(row))])
        case kind if "quantities" in row and (kind == "InventoryLevel" or "location" in row):
            return Part(DocumentKind.STOCK, lambda: list(_figures(row, around.above)))
        case _:
            return None


def rest_named(value: Any) -> Any:
    """The value with REST's names; connections with `edges` have `nodes` then."""
    if isinstance(value, list):
        return [rest_named(one) for one in value]
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("edges"), list):
        inner = [one.get("node") for one in value["edges"] if isinstance(one, dict)]
        return {"nodes": rest_named(inner), "pageInfo": value.get("pageInfo")}
    return {_name(name, value): one if name == "pageInfo" else rest_named(one) for name, one in value.items()}


def _name(name: str, row: Raw) -> str:
    """'lineItems' → 'line_items'; the currency of an amount stands beside it, an order's does not."""
    if name == "currencyCode" and "amount" in row:
        return "currency_code"
    return RENAMED.get(name) or _HUMP.sub(r"_\1", name).lower()


def _whole(order: Any, at: str = "") -> Any:
    """The order, if the document has all of it: a list that goes on elsewhere is refused."""
    if isinstance(order, list):
        return [_whole(one, at) for one in order]
    if not isinstance(order, dict):
        return order
    if (order.get("pageInfo") or {}).get("hasNextPage"):
        raise incomplete(f"{at} after the first page")
    return {name: _whole(one, name if name != "nodes" else at) for name, one in order.items()}


def _item(item: Raw) -> Iterator[Testimony]:
    """An inventory item under the first variant that shows it."""
    levels = nodes(item["inventoryLevels"])
    if ((item["inventoryLevels"] or {}).get("pageInfo") or {}).get("hasNextPage"):
        raise incomplete("inventoryLevels after the first page")
    for variant in nodes(item["variants"])[:1]:
        yield listing(dict(item), variant, levels)


def _variant(row: Raw) -> Hint:
    return Hint(Kind.LISTING, number(row["inventoryItem"]["id"]))


def _figures(level: Raw, above: Sequence[Raw]) -> Iterator[Testimony]:
    """`available` of a level; its item may be named around it or in its own id."""
    place = number((level.get("location") or {}).get("id"))
    item = _item_of(level, above)
    if not item or not place:
        raise incomplete("location.id" if item else "item.id")
    for one in level["quantities"]:
        if one.get("name") == "available":
            at = utc(one["updatedAt"]) if one.get("updatedAt") else _answered_at(above)
            if at is None:
                raise incomplete("quantities.updatedAt")
            yield StockSeen(item=item, location=place, quantity=exact(one["quantity"]), at=at)


def _item_of(level: Raw, above: Sequence[Raw]) -> str:
    """The item of a level: its own word, its id's, or that of the item around it."""
    named = number((level.get("item") or {}).get("id"))
    asked = parse_qs(urlsplit(text(level.get("id"))).query).get("inventory_item_id", [""])[0]
    around = [number(row["id"]) for row in above if kind_of(row) == "InventoryItem"]
    return named or asked or next(reversed(around), "")


def _answered_at(above: Sequence[Raw]) -> datetime | None:
    """When the recorded answer around an object was given."""
    for row in reversed(above):
        headers = row.get("headers")
        if isinstance(headers, dict) and headers.get("date"):
            return http_date(text(headers["date"]))
    return None
