"""What leaves the emulated shop's orders again: edits, cancellations, refunds and returns.

Sources: schema of 2026-07 (`quantity` stays, `currentQuantity` falls; restock types), recorded refunds of
2026-06. An edit that removes units makes a refund without money. Units that were sent come back through a
return, which the refund names.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from entrepot.channels.shopify.emulator_orders import Book, rounded
from entrepot.channels.shopify.emulator_wire import Json, gid, number, stamp


def left(line: Json) -> int:
    """Units of a line that were neither removed nor refunded."""
    return int(line["currentQuantity"])


class Desk:
    """Where units and money go back, over the shop's orders."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def take_off(
        self, order: Json, units: Mapping[str, int], now: datetime, *, restock: bool, money: bool,
        whole: bool = False,
    ) -> Json | None:  # fmt: skip
        """Removes units by line id, first those that were not sent; the refund that it makes, None for
        nothing.

        `money`: what they cost is given back, as far as it was paid; `whole`: so is everything else.
        """
        parts: list[Json] = []
        for line in order["lineItems"]:
            wanted = min(units.get(line["id"], 0), left(line))
            unsent = self._unsent(order, line, wanted, now, restock=restock)
            parts += unsent
            wanted -= sum(part["quantity"] for part in unsent)
            parts += self._sent_back(order, line, wanted, now, restock=restock) if wanted else []
        if not parts:
            return None
        value = self._book.worth(order) if whole else sum(part[" value"] for part in parts)
        return self._refund(order, parts, value, now, money=money)

    def _unsent(self, order: Json, line: Json, units: int, now: datetime, *, restock: bool) -> list[Json]:
        """Units out of the fulfillment orders that are still open."""
        taken = []
        for one in [one for one in order["fulfillmentOrders"] if one["status"] == "OPEN"]:
            for part in [part for part in one["lineItems"] if part["lineItem"] is line]:
                count = min(units, part["remainingQuantity"])
                if not count:
                    continue
                units -= count
                part["remainingQuantity"] -= count
                place = one[" location"] if restock else ""
                slot = line[" article"].item, one[" location"]
                self._book.shop.move(slot, now, available=count if restock else 0, committed=-count)
                taken.append(self._part(line, count, "CANCEL" if restock else "NO_RESTOCK", location=place))
            if not any(part["remainingQuantity"] for part in one["lineItems"]):
                one["status"] = "CLOSED"
        return taken

    def _sent_back(self, order: Json, line: Json, units: int, now: datetime, *, restock: bool) -> list[Json]:
        """Units come back to the location that sent them."""
        senders = [
            number(one["location"]["id"])
            for one in order["fulfillments"]
            if any(part["lineItem"] is line for part in one["fulfillmentLineItems"])
        ]
        if restock:
            self._book.shop.move((line[" article"].item, senders[0]), now, available=units)
        kind, place = ("RETURN", senders[0]) if restock else ("NO_RESTOCK", "")
        return [self._part(line, units, kind, location=place) | {" sent": True}]

    def _part(self, line: Json, units: int, kind: str, *, location: str) -> Json:
        """A RefundLineItem: its share of the line, so that all shares add up to the line."""
        net, tax = (_share(line, units, line[name]) for name in (" net", " tax"))
        line["currentQuantity"] -= units
        bag = self._book.shop.currencies.bag
        return {
            **self._book.draw("RefundLineItem"),
            "quantity": units,
            "restockType": kind,
            "restocked": kind != "NO_RESTOCK",
            "location": self._book.shop.location(location) if location else None,
            "lineItem": line,
            "subtotalSet": bag(net),
            "totalTaxSet": bag(tax),
            " value": net + (0 if self._book.terms.tax_included else tax),
        }

    def _refund(self, order: Json, parts: list[Json], value: int, now: datetime, *, money: bool) -> Json:
        refund: Json = {
            **self._book.draw("Refund"),
            "createdAt": stamp(now),
            "updatedAt": stamp(now),
            "note": "emulated",
            "return": None,
            "refundLineItems": parts,
            "transactions": [],
            "totalRefundedSet": self._book.shop.currencies.bag(0),
            " value": value,
        }
        if any(part.get(" sent") for part in parts):
            refund["return"] = self._book.draw("Return") | {"name": f"{order['name']}-R1", "status": "CLOSED"}
        order["refunds"].append(refund)
        if money:
            self._give(order, refund, min(value, -self._book.owed(order)), now)
        return refund

    def _give(self, order: Json, refund: Json, minor: int, now: datetime) -> None:
        """Money for a refund, if there is any to give."""
        if minor <= 0:
            return
        paid = next((one for one in order["transactions"] if one["kind"] == "SALE"), None)
        given = self._book.transaction("REFUND", minor, now, parent=paid)
        order["transactions"].append(given)
        refund["transactions"].append(given)
        refund["totalRefundedSet"] = self._book.shop.currencies.bag(minor)

    def settle(self, order: Json, now: datetime) -> None:
        """What is owed to the buyer after an edit is given back: money without goods."""
        owed = -self._book.owed(order)
        self._give(order, self._refund(order, [], 0, now, money=False), owed, now)

    def gesture(self, order: Json, minor: int, now: datetime) -> None:
        """Money without goods that nobody owed."""
        self._give(order, self._refund(order, [], minor, now, money=False), minor, now)


def _share(line: Json, units: int, amount: int) -> int:
    """What so many further units of a line are of an amount."""
    before, ordered = line["quantity"] - line["currentQuantity"], line["quantity"]
    upto, already = (rounded(Decimal(amount * n) / ordered) for n in (before + units, before))
    return upto - already


def refund_body(order: Json, refund: Json) -> Json:
    """What `refunds/create` carries, as far as anybody needs it."""
    return {
        "id": int(number(refund["id"])),
        "order_id": int(number(order["id"])),
        "created_at": refund["createdAt"],
        "note": refund["note"],
        "admin_graphql_api_id": gid("Refund", number(refund["id"])),
    }
