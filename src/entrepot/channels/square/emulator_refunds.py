"""What the emulated Square gives back: refunds of an amount through the API, itemised returns at the till.

Source: refunds and exchanges guide, read 2026-09: both make a return order; only the itemised one names
goods.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from entrepot.channels.kit.numbers import exact, integer
from entrepot.channels.kit.times import utc
from entrepot.channels.square import emulator_papers as papers
from entrepot.channels.square.emulator_hooks import Hooks
from entrepot.channels.square.emulator_orders import Book
from entrepot.channels.square.emulator_stock import Inventory
from entrepot.channels.square.emulator_wire import Wrong, missing, moment, page, stamp

YEAR = timedelta(days=365)

Json = dict[str, Any]


class Desk:
    """Where money and goods go back, over the same book and inventory as the sales."""

    def __init__(self, book: Book, inventory: Inventory, hooks: Hooks) -> None:
        self._book, self._inventory, self._hooks = book, inventory, hooks

    def payment(self, id: str) -> Json:
        """A Payment; 404 if there is none."""
        if id not in self._book.payments:
            raise missing("Payment", id)
        return self._book.payments[id]

    def refund(self, id: str) -> Json:
        """A PaymentRefund; 404 if there is none."""
        if id not in self._book.refunds:
            raise missing("Refund", id)
        return self._book.refunds[id]

    def give_back(self, body: Json, now: datetime) -> Json:
        """RefundPayment: an amount, no goods."""
        paid, asked = self.payment(str(body.get("payment_id"))), body.get("amount_money") or {}
        amount = integer(asked.get("amount", 0))
        left = paid["total_money"]["amount"] - paid.get("refunded_money", {}).get("amount", 0)
        if not 0 < amount <= left:
            raise Wrong("REFUND_AMOUNT_INVALID", f"between 1 and {left}", field="amount_money.amount")
        sale, uid = self._book.order(paid["order_id"]), "return-1"
        line = papers.custom_return(uid, amount, asked["currency"])
        made = self._refunded(sale, [line], now, versioned=True, reason=str(body.get("reason") or ""))
        return {"refund": made[0]}

    def take_back(
        self, sale: Json, units: Mapping[str, Decimal], now: datetime, *, restock: bool
    ) -> list[Json]:
        """An itemised return of {line uid: units} at the counter, restocked if the seller says so."""
        before, lines = self._book.units(sale), {line["uid"]: line for line in sale["line_items"]}
        parts = [
            papers.returned_line(f"return-{n}", lines[uid], count, before.get(uid, Decimal(0)))
            for n, (uid, count) in enumerate(units.items(), 1)
            if count > 0
        ]
        if not parts:
            return []
        made = self._refunded(sale, parts, now, versioned="version" in sale, reason="Returned Goods")
        for part in parts:
            if "catalog_object_id" in part:
                self._back(part, sale, now, restock=restock)
        return made

    def _back(self, part: Json, sale: Json, now: datetime, *, restock: bool) -> None:
        slot, units = (part["catalog_object_id"], sale["location_id"]), exact(part["quantity"])
        self._inventory.adjust(
            slot, "SOLD", "RETURNED_BY_CUSTOMER", units, occurred_at=now, now=now, transaction=sale["id"]
        )
        if restock:
            self._inventory.adjust(slot, "RETURNED_BY_CUSTOMER", "IN_STOCK", units, occurred_at=now, now=now)

    def _refunded(
        self, sale: Json, parts: list[Json], now: datetime, *, versioned: bool, reason: str
    ) -> list[Json]:
        """The return order and one refund per payment that is needed for it, in the order of the tenders."""
        back = papers.return_order(self._book.id("RETURN"), sale, parts, now)
        back |= {"version": 1} if versioned else {}
        owed, made = back["return_amounts"]["total_money"]["amount"], []
        for tender in sale.get("tenders", ()):
            paid = self._book.payments[tender["payment_id"]]
            share = min(owed, paid["total_money"]["amount"] - paid.get("refunded_money", {}).get("amount", 0))
            if share > 0:
                made.append(self._paid_back(paid, share, now, return_id=back["id"], reason=reason))
                owed -= share
        back["refunds"] = [papers.refund_of_order(one, sale["id"]) for one in made]
        self._book.orders[back["id"]] = back
        self._book.touch(sale, now)
        for one in made:
            for kind in ("refund.created", "refund.updated"):
                self._hooks.tell(kind, one["id"], {"refund": one}, now)
            paid = self._book.payments[one["payment_id"]]
            self._hooks.tell("payment.updated", paid["id"], {"payment": paid}, now)
        return made

    def _paid_back(self, paid: Json, amount: int, now: datetime, *, return_id: str, reason: str) -> Json:
        id = f"{paid['id']}_{self._book.id('REFUND')}"
        made = papers.refund(id, paid, amount=amount, return_id=return_id, reason=reason, now=now)
        self._book.refunds[id] = made
        known = paid.get("refunded_money", {}).get("amount", 0)
        paid |= {
            "refund_ids": [*paid.get("refund_ids", ()), id],
            "refunded_money": {"amount": known + amount, "currency": made["amount_money"]["currency"]},
            "updated_at": stamp(now),
        }
        return made

    def payments(self, query: Mapping[str, str], now: datetime) -> Json:
        """ListPayments, newest first unless asked otherwise."""
        return _listed(self._book.payments, "payments", query, now)

    def refunds(self, query: Mapping[str, str], now: datetime) -> Json:
        """ListPaymentRefunds, newest first unless asked otherwise."""
        return _listed(self._book.refunds, "refunds", query, now)


def _listed(known: Mapping[str, Json], name: str, query: Mapping[str, str], now: datetime) -> Json:
    """Rows by when they were made: a year back unless asked otherwise, both ends inclusive, 100 a page."""
    begin = moment(query["begin_time"], "begin_time") if "begin_time" in query else now - YEAR
    end = moment(query["end_time"], "end_time") if "end_time" in query else now
    rows = [
        one
        for one in known.values()
        if begin <= utc(one["created_at"]) <= end
        and query.get("location_id", one["location_id"]) == one["location_id"]
    ]
    rows.sort(key=lambda one: (one["created_at"], one["id"]), reverse=query.get("sort_order") != "ASC")
    return page(rows, query.get("cursor"), query.get("limit"), default=100, most=100).json(name)
