"""An order as the emulated Shopify's webhooks tell it: REST's names, numbers for ids, small letters for
words.

Field names of the vendor's REST order (2022-10 and later). What only GraphQL tells is left out, as Shopify
does: fulfillment orders, and which inventory item a variant shows.
"""

import re
from decimal import Decimal
from typing import Any

from entrepot.channels.shopify.emulator_wire import Json, number
from entrepot.kernel.money import exponent

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
    "lineItem", "transactions", "additionalFees", "displayName", "restocked", "totalRefundedSet",
    "totalTipReceivedSet",
})  # fmt: skip
WORDS = frozenset({"displayFinancialStatus", "status", "kind", "restockType", "cancelReason"})
PLAIN: Json = {
    "confirmed": True,
    "note": None,
    "note_attributes": [],
    "tags": "",
    "buyer_accepts_marketing": False,
}
"""What every order of the emulated shop has."""

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def rest_order(order: Json) -> Json:
    """The whole order."""
    told: Json = rest(order)
    told["discount_codes"] = [{"code": code} for code in order["discountCodes"]]
    told["location_id"] = _id(order["retailLocation"])
    number = int(order["name"].lstrip("#"))
    told |= {"order_number": number, "number": number - 1000, "admin_graphql_api_id": order["id"]}
    told["total_tip_received"] = told_money(order["totalTipReceivedSet"]["shopMoney"])["amount"]
    told["current_total_price"] = told["current_total_price_set"]["shop_money"]["amount"]
    told["fulfillment_status"] = "fulfilled" if order["displayFulfillmentStatus"] == "FULFILLED" else None
    gateways = (one["gateway"] for one in order["transactions"])
    told["payment_gateway_names"] = list(dict.fromkeys(gateways))
    return told | PLAIN | {"contact_email": order["email"], "token": f"token-{number}"}


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
        return told_money(row)
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
    if "countryCodeV2" in row:
        del told["id"]  # an order's addresses have none
    if "refundLineItems" in row:
        del told["updated_at"]
        told |= _refund(row)
    return told


def _refund(row: Json) -> Json:
    """Its transactions, and the return by its number only."""
    back = {"id": _id(row["return"]), "admin_graphql_api_id": row["return"]["id"]} if row["return"] else None
    return {"transactions": [_transaction(one) for one in row["transactions"]], "return": back}


def told_money(row: Json) -> Json:
    """An amount with all the digits of its currency: 12.00, where GraphQL writes 12.0."""
    digits = Decimal(1).scaleb(-exponent(row["currencyCode"]))
    return {"amount": f"{Decimal(row['amount']).quantize(digits):f}", "currency_code": row["currencyCode"]}


def _line(row: Json) -> Json:
    """A refund's line names it beside itself; a fulfillment's is the line, with the units that were sent."""
    if "restockType" in row:
        amounts = {name: Decimal(_shops(row[f"{name}Set"])) for name in ("subtotal", "totalTax")}
        return {
            "line_item_id": _id(row["lineItem"]),
            "subtotal": amounts["subtotal"],
            "total_tax": amounts["totalTax"],
        }
    return {**rest(row["lineItem"]), "quantity": row["quantity"]}


def _transaction(row: Json) -> Json:
    money = told_money(row["amountSet"]["presentmentMoney"])
    told = {name: value for name, value in rest(row).items() if name not in {"amount_set", "price_set"}}
    return told | {"amount": money["amount"], "currency": money["currency_code"]}


def _shops(bag: Json) -> str:
    return str(told_money(bag["shopMoney"])["amount"])


def _name(key: str) -> str:
    return RENAMED.get(key) or _HUMP.sub("_", key).lower()


def _id(row: Json | None) -> int | None:
    return int(number(row["id"])) if row else None
