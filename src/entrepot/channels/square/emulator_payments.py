"""Payments that an application takes through the emulated Square's API.

Source: CreatePayment, OpenAPI description of 2026-09-16, read 2026-11: a payment for an order must be the
whole of what is due; one without an order gets an order of its own. Payments that are only approved, and
other sources than cards and cash, are not here.
"""

from datetime import datetime
from typing import Any

from entrepot.channels.kit.numbers import integer
from entrepot.channels.square.emulator_catalogue import Shop
from entrepot.channels.square.emulator_orders import Book
from entrepot.channels.square.emulator_wire import Json, Wrong

DECLINED = "cnon:card-nonce-declined"
"""The sandbox's card that no bank honours (guide on sandbox payments, read 2026-11)."""


class Cashier:
    """Takes payments over the same book as the tills."""

    def __init__(self, shop: Shop, book: Book) -> None:
        self._shop, self._book = shop, book

    def take(self, body: Json, now: datetime) -> Json:
        """CreatePayment."""
        source = str(body.get("source_id") or "")
        if not source:
            raise Wrong("MISSING_REQUIRED_PARAMETER", "Missing required parameter.", field="source_id")
        if source in {"EXTERNAL", "WALLET", "BANK_ACCOUNT"} or body.get("autocomplete") is False:
            raise Wrong("NOT_IMPLEMENTED", "the emulator takes cards and cash, at once", status=501)
        if source == "CASH" and not (body.get("cash_details") or {}).get("buyer_supplied_money"):
            raise Wrong("MISSING_REQUIRED_PARAMETER", "Missing required parameter.", field="cash_details")
        amount, tip = self._money(body, "amount_money"), self._money(body, "tip_money")
        order = self._book.order(str(body["order_id"])) if body.get("order_id") else None
        due = order["net_amount_due_money"]["amount"] if order else amount
        if amount != due or (order and order["state"] != "OPEN"):
            told = f"The payment total does not match the {due} that the order still wants."
            raise Wrong("PAYMENT_AMOUNT_MISMATCH", told, field="amount_money")
        if source == DECLINED:
            told = "Authorization error: 'GENERIC_DECLINE'"
            raise Wrong("GENERIC_DECLINE", told, status=402, category="PAYMENT_METHOD_ERROR")
        method = "CASH" if source == "CASH" else "CARD"
        paid = self._book.pay(order or self._opened(body, amount, now), now, method=method, tip=tip)
        paid |= {name: body[name] for name in ("note", "reference_id", "customer_id") if body.get(name)}
        return {"payment": paid}

    def _opened(self, body: Json, amount: int, now: datetime) -> Json:
        """The order of a payment that came without one."""
        line = {"quantity": "1", "base_price_money": {"amount": amount, "currency": self._shop.currency}}
        place = body.get("location_id") or self._shop.main
        return self._book.open({"location_id": place, "line_items": [line]}, now) | {"version": 1}

    def _money(self, body: Json, name: str) -> int:
        """Minor units of the account's currency; 0 where a tip is left out."""
        money: Any = body.get(name)
        if money is None and name == "tip_money":
            return 0
        if not isinstance(money, dict) or "amount" not in money:
            raise Wrong("MISSING_REQUIRED_PARAMETER", "Missing required parameter.", field=name)
        if money.get("currency") != self._shop.currency:
            told = f"The account trades in {self._shop.currency}."
            raise Wrong("CURRENCY_MISMATCH", told, field=f"{name}.currency")
        return integer(money["amount"])
