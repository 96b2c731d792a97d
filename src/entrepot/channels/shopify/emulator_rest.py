"""An order as the emulated Shopify's webhooks tell it: REST's names, numbers for ids, small letters for
words.

Field names of the vendor's REST order (2022-10 and later). What only GraphQL tells is left out, as Shopify
does: fulfillment orders, and which inventory item a variant shows.
"""

import re
from typing import Any

from entrepot.channels.shopify.emulator_wire import Json, number

RENAMED = {
    "originalUnitPriceSet": "price_set",
    "originalPriceSet": "price_set",
    "priceSet": "price_set",
    "discountedPriceSet": "discounted_price_set",
    "allocatedAmountSet": "amount_set",
    "isGiftCard": "gift_card",
    "isRemoved": "is_removed",
    "lineItems": "line_items",
    "fulfillmentLineItems": "line_items",
    "currencyCode": "currency",
    "presentmentCurrencyCode": "presentment_currency",
    "displayFinancialStatus": "financial_status",
    "countryCodeV2": "country_code",
}
HIDDEN = frozenset({
    "fulfillmentOrders", "legacyResourceId", "displayFulfillmentStatus", "closed", "retailLocation",
    "discountCodes", "variant", "location", "assignedLocation", "trackingInfo", "parentTransaction",
    "lineItem", "transactions",
})  # fmt: skip
WORDS = frozenset({"displayFinancialStatus", "status", "kind", "restockType", "cancelReason"})
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def rest_order(order: Json) -> Json:
    """The whole order."""
    told: Json = rest(order)
    told["discount_codes"] = [{"code": code} for code in order["discountCodes"]]
    told["location_id"] = _id(order["retailLocation"])
    told["order_number"] = int(order["name"].lstrip("#"))
    return told


def rest(value: Any, name: str = "") -> Any:
    """Any part of it."""
    if isinstance(value, list):
        return [rest(one, name) for one in value]
    if isinstance(value, dict):
        return _object(value)
    if name == "id":
        return int(number(value))
    return value.lower() if name in WORDS and isinstance(value, str) else value


def _object(row: Json) -> Json:
    if set(row) == {"amount", "currencyCode"}:
        return {"amount": row["amount"], "currency_code": row["currencyCode"]}
    told = {
        _name(key): rest(value, key) for key, value in row.items() if key[:1] != " " and key not in HIDDEN
    }
    for name in ("price_set", "total_price_set", "total_tax_set", "subtotal_set", "amount_set"):
        if name in told:
            told[name.removesuffix("_set")] = told[name]["shop_money"]["amount"]
    if "variant" in row:
        told |= {"variant_id": _id(row["variant"]), "variant_inventory_management": "shopify"}
    if "lineItem" in row:
        told |= _line(row)
    if "location" in row:
        told["location_id"] = _id(row["location"])
    if "trackingInfo" in row:
        numbers = [one["number"] for one in row["trackingInfo"]]
        told |= {"tracking_numbers": numbers, "tracking_company": "Emulated Post" if numbers else None}
    if "refundLineItems" in row:
        told["transactions"] = [_transaction(one) for one in row["transactions"]]
    return told


def _line(row: Json) -> Json:
    """A refund's line names it beside itself; a fulfillment's is the line, with the units that were sent."""
    if "restockType" in row:
        return {"line_item_id": _id(row["lineItem"])}
    return {**rest(row["lineItem"]), "quantity": row["quantity"]}


def _transaction(row: Json) -> Json:
    money = row["amountSet"]["presentmentMoney"]
    return {**rest(row), "amount": money["amount"], "currency": money["currencyCode"]}


def _name(key: str) -> str:
    return RENAMED.get(key) or _HUMP.sub("_", key).lower()


def _id(row: Json | None) -> int | None:
    return int(number(row["id"])) if row else None
