"""The papers that the emulated Square writes: priced orders, payments, refunds, returns. Pure.

Shapes of the OpenAPI description; which fields a return order lacks (`total_money`) and what its refunds
name (the sale as `transaction_id`) as in recorded sandbox answers of 2026-07.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from entrepot.channels.kit.numbers import exact
from entrepot.channels.square.emulator_catalogue import Article, Shop, Tax
from entrepot.channels.square.emulator_wire import Wrong, quantity, stamp

Json = dict[str, Any]

AMOUNTS = {
    "total_money": "total_money",
    "tax_money": "total_tax_money",
    "discount_money": "total_discount_money",
    "tip_money": "total_tip_money",
    "service_charge_money": "total_service_charge_money",
}
TAX_UID = "tax-1"


def rounded(number: Decimal) -> int:
    """Half away from zero, to whole minor units."""
    return int(number.quantize(Decimal(1), ROUND_HALF_UP))


def article_line(uid: str, article: Article, units: Decimal, currency: str) -> Json:
    """A line for goods from the catalogue; still to be priced."""
    return {
        "uid": uid,
        "catalog_object_id": article.variation,
        "catalog_version": int(article.updated_at.timestamp() * 1000),
        "quantity": quantity(units),
        "name": article.title,
        "variation_name": "Regular",
        "base_price_money": {"amount": article.price, "currency": currency},
        "item_type": "ITEM",
    }


def asked_line(uid: str, asked: Mapping[str, Any], shop: Shop) -> Json:
    """A line as a request wants it: goods by variation, or an amount with a name."""
    units = exact(str(asked.get("quantity", "")))
    if units <= 0:
        raise Wrong("INVALID_VALUE", "a quantity must be positive", field="order.line_items.quantity")
    if asked.get("catalog_object_id"):
        return article_line(uid, shop.variation(asked["catalog_object_id"]), units, shop.currency)
    price = asked.get("base_price_money")
    if not price:
        raise Wrong("MISSING_REQUIRED_PARAMETER", "a price or a variation", field="order.line_items")
    kind = "ITEM" if asked.get("name") else "CUSTOM_AMOUNT"
    named = {"name": asked["name"]} if asked.get("name") else {}
    return {
        "uid": uid,
        "quantity": quantity(units),
        "base_price_money": dict(price),
        "item_type": kind,
    } | named


def _priced_line(line: Json, tax: Tax | None, currency: str) -> Json:
    gross = rounded(Decimal(line["base_price_money"]["amount"]) * exact(line["quantity"]))
    percent = Decimal(tax.percent) if tax else Decimal(0)
    additive = tax is None or tax.kind == "ADDITIVE"
    taxed = rounded(gross * percent / (100 if additive else 100 + percent))
    amounts = {
        "gross_sales_money": gross,
        "variation_total_price_money": gross,
        "total_tax_money": taxed,
        "total_discount_money": 0,
        "total_service_charge_money": 0,
        "total_money": gross + taxed if additive else gross,
    }
    money = {name: {"amount": amount, "currency": currency} for name, amount in amounts.items()}
    applied = {"uid": f"{line['uid']}-tax", "tax_uid": TAX_UID, "applied_money": money["total_tax_money"]}
    return line | money | ({"applied_taxes": [applied]} if tax else {})


def priced(order: Json, shop: Shop) -> Json:
    """The order with all its amounts worked out: lines, charges, tips, tax, what is still due."""
    currency = shop.currency
    lines = [_priced_line(line, shop.tax, currency) for line in order.get("line_items", ())]
    services = sum(charge["total_money"]["amount"] for charge in order.get("service_charges", ()))
    tips = sum(tender.get("tip_money", {}).get("amount", 0) for tender in order.get("tenders", ()))
    taxed = sum(line["total_tax_money"]["amount"] for line in lines)
    total = sum(line["total_money"]["amount"] for line in lines) + services + tips
    amounts = {
        "total_money": total,
        "total_tax_money": taxed,
        "total_discount_money": 0,
        "total_tip_money": tips,
        "total_service_charge_money": services,
        "net_amount_due_money": total - _captured(order),
    }
    money = {name: {"amount": amount, "currency": currency} for name, amount in amounts.items()}
    net = {name: money[source] for name, source in AMOUNTS.items()}
    taxes = [_tax(shop.tax, money["total_tax_money"])] if shop.tax else []
    return order | money | {"line_items": lines, "net_amounts": net} | ({"taxes": taxes} if taxes else {})


def _captured(order: Json) -> int:
    return sum(tender["amount_money"]["amount"] for tender in order.get("tenders", ()))


def _tax(tax: Tax, applied: Json) -> Json:
    return {
        "uid": TAX_UID,
        "name": tax.name,
        "percentage": tax.percent,
        "type": tax.kind,
        "scope": "ORDER",
        "applied_money": applied,
    }


def tender(payment: Json, order_id: str) -> Json:
    """What a payment looks like from its order."""
    told: Json = {
        "id": payment["id"],
        "location_id": payment["location_id"],
        "transaction_id": order_id,
        "created_at": payment["created_at"],
        "amount_money": payment["total_money"],
        "type": payment["source_type"],
        "payment_id": payment["id"],
    }
    told |= {"tip_money": payment["tip_money"]} if payment.get("tip_money") else {}
    if payment["source_type"] == "CARD":
        return told | {"card_details": {"status": "CAPTURED", "entry_method": "EMV"}}
    cash = payment["cash_details"]
    given = {"buyer_tendered_money": cash["buyer_supplied_money"]}
    return told | {"cash_details": given | {"change_back_money": cash["change_back_money"]}}


def payment(id: str, order: Json, *, amount: int, tip: int, method: str, at: datetime, now: datetime) -> Json:
    """A completed payment of `amount` and a tip, taken at `at` and known to Square since `now`."""
    currency = order["total_money"]["currency"]
    told: Json = {
        "id": id,
        "created_at": stamp(at),
        "updated_at": stamp(now),
        "amount_money": {"amount": amount, "currency": currency},
        "total_money": {"amount": amount + tip, "currency": currency},
        "status": "COMPLETED",
        "source_type": method,
        "location_id": order["location_id"],
        "order_id": order["id"],
        "receipt_number": id[-4:],
        "version_token": f"token-{id}-1",
    }
    told |= {"tip_money": {"amount": tip, "currency": currency}} if tip else {}
    told |= _paid_with(method, told["total_money"])
    offline = {"is_offline_payment": True, "offline_payment_details": {"client_created_at": stamp(at)}}
    return told | (offline if at < now else {})


def _paid_with(method: str, total: Json) -> Json:
    """What a payment says of the card, or of the cash, which is always given to the penny."""
    if method == "CARD":
        card = {"card_brand": "VISA", "last_4": "1111"}
        return {"card_details": {"status": "CAPTURED", "card": card, "entry_method": "EMV"}}
    return {"cash_details": {"buyer_supplied_money": total, "change_back_money": total | {"amount": 0}}}


def refund(id: str, paid: Json, *, amount: int, return_id: str, reason: str, now: datetime) -> Json:
    """A PaymentRefund; its order is the return, not the sale."""
    return {
        "id": id,
        "status": "COMPLETED",
        "amount_money": {"amount": amount, "currency": paid["total_money"]["currency"]},
        "payment_id": paid["id"],
        "order_id": return_id,
        "created_at": stamp(now),
        "updated_at": stamp(now),
        "location_id": paid["location_id"],
        "reason": reason,
        "destination_type": paid["source_type"],
    }


def returned_line(uid: str, line: Json, units: Decimal, before: Decimal) -> Json:
    """A return line of `units`, after `before` of them came back earlier: all parts add up to the line."""
    ordered, currency = exact(line["quantity"]), line["total_money"]["currency"]

    def share(name: str) -> Json:
        whole = line[name]["amount"]
        amount = rounded(whole * (before + units) / ordered) - rounded(whole * before / ordered)
        return {"amount": amount, "currency": currency}

    return {
        "uid": uid,
        "source_line_item_uid": line["uid"],
        "name": line.get("name", ""),
        "quantity": quantity(units),
        "item_type": line["item_type"],
        "base_price_money": line["base_price_money"],
        "gross_return_money": share("gross_sales_money"),
        "total_tax_money": share("total_tax_money"),
        "total_discount_money": share("total_discount_money"),
        "total_money": share("total_money"),
    } | {name: line[name] for name in ("catalog_object_id", "variation_name") if name in line}


def custom_return(uid: str, amount: int, currency: str) -> Json:
    """A return line of an amount without goods, as RefundPayment makes it."""
    names = ("base_price_money", "gross_return_money", "total_money")
    money = {name: {"amount": amount, "currency": currency} for name in names}
    return {"uid": uid, "quantity": "1", "item_type": "CUSTOM_AMOUNT"} | money


def return_order(id: str, sale: Json, lines: Iterable[Json], now: datetime) -> Json:
    """The order that a return is: no lines and no total of its own."""
    parts, currency, at = list(lines), sale["total_money"]["currency"], stamp(now)
    total = sum(line["total_money"]["amount"] for line in parts)
    taxed = sum(line.get("total_tax_money", {}).get("amount", 0) for line in parts)
    amounts = dict.fromkeys(AMOUNTS, 0) | {"total_money": total, "tax_money": taxed}
    back = {name: {"amount": amount, "currency": currency} for name, amount in amounts.items()}
    net = {name: {"amount": -amount, "currency": currency} for name, amount in amounts.items()}
    entry = {
        "uid": f"{id}-R",
        "source_order_id": sale["id"],
        "return_line_items": parts,
        "return_amounts": back,
    }
    return {
        "id": id,
        "location_id": sale["location_id"],
        "created_at": at,
        "updated_at": at,
        "closed_at": at,
        "state": "COMPLETED",
        "returns": [entry],
        "return_amounts": back,
        "net_amounts": net,
        "source": {},
    }


def refund_of_order(made: Json, sale_id: str) -> Json:
    """What a refund looks like from the return order: `transaction_id` is the sale."""
    return {
        "id": made["id"].rsplit("_", maxsplit=1)[-1],
        "location_id": made["location_id"],
        "transaction_id": sale_id,
        "tender_id": made["payment_id"],
        "created_at": made["created_at"],
        "reason": made["reason"],
        "amount_money": made["amount_money"],
        "status": "APPROVED",
    }
