"""What leaves the emulated shop's orders again: edits, cancellations, refunds and returns.

Sources: schema of 2026-07 (`quantity` stays, `currentQuantity` falls; restock types), recorded refunds of 2026-06.
An edit or a cancellation that removes units makes a refund without money. Units that were sent come back through
a return, which the refund names.
"""

from collections.abc import Mapping
from datetime import datetime

from entrepot.channels.shopify.emulator_orders import Book, rounded
from entrepot.channels.shopify.emulator_wire import Json, gid, number, stamp
from decimal import Decimal


def left(line: Json) -> int:
    """Units of a line that were neither removed nor refunded."""
    return int(line["currentQuantity"])


def waiting(order: Json, line: Json) -> dict[str, int]:
    """Units of a line still to be sent, by fulfillment order."""
    return {
        one["id"]: part["remainingQuantity"]
        for one in order["fulfillmentOrders"]
        if one["status"] == "OPEN"
        for part in one["lineItems"]
        if part["lineItem"] is line
    }


def take_off(
    book: Book, order: Json, units: Mapping[str, int], now: datetime, *, restock: bool, money: bool
) -> Json | None:  # fmt: skip
    """Removes units by line id, first those that were not sent; the refund that it makes, None for nothing.

    `money`: what they cost is given back, as far as it was paid.
    """
    parts: list[Json] = []
    for line in order["lineItems"]:
        wanted = min(units.get(line["id"], 0), left(line))
        unsent = min(wanted, sum(waiting(order, line).values()))
        parts += _unsent(book, order, line, unsent, now, restock=restock)
        parts += _sent_back(book, order, line, wanted - unsent, now, restock=restock)
    return _refund(book, order, parts, now, money=money) if parts else None


def _unsent(book: Book, order: Json, line: Json, units: int, now: datetime, *, restock: bool) -> list[Json]:  # noqa: PLR0917
    parts = []
    for one in order["fulfillmentOrders"]:
        here = [part for part in one["lineItems"] if part["lineItem"] is line] if one["status"] == "OPEN" else []
        for part in here:
            count = min(units, part["remainingQuantity"])
            if count:
                units -= count
                part["remainingQuantity"] -= count
                back = count if restock else 0
                slot = line[" article"].item, one[" location"]
                book.shop.move(slot, now, available=back, committed=-count)
                kind = "CANCEL" if restock else "NO_RESTOCK"
                parts.append(_part(book, line, count, kind, one[" location"] if restock else ""))
        if not any(part["remainingQuantity"] for part in one["lineItems"]) and one["status"] == "OPEN":
            one["status"] = "CLOSED"
    return parts


def _sent_back(book: Book, order: Json, line: Json, units: int, now: datetime, *, restock: bool) -> list[Json]:  # noqa: PLR0917
    """Units come back to the location that sent them."""
    if not units:
        return []
    place = next(
        (
            number(one["location"]["id"])
            for one in order["fulfillments"]
            if any(part["lineItem"] is line for part in one["fulfillmentLineItems"])
        ),
        book.shop.main,
    )
    if restock:
        book.shop.move((line[" article"].item, place), now, available=units)
    part = _part(book, line, units, "RETURN" if restock else "NO_RESTOCK", place if restock else "")
    return [part | {" sent": True}]


def _part(book: Book, line: Json, units: int, kind: str, location: str) -> Json:  # noqa: PLR0917
    """A RefundLineItem: its share of the line, so that all shares add up to the line."""
    before, ordered = line["quantity"] - line["currentQuantity"], line["quantity"]
    line["currentQuantity"] -= units

    def share(whole: int) -> int:
        parts = (rounded(Decimal(whole * n) / ordered) for n in (before + units, before))
        return next(parts) - next(parts)

    net, tax = share(line[" net"]), share(line[" tax"])
    bag = book.shop.currencies.bag
    return {
        **book.draw("RefundLineItem"),
        "quantity": units,
        "restockType": kind,
        "restocked": kind != "NO_RESTOCK",
        "location": book.shop.location(location) if location else None,
        "lineItem": line,
        "subtotalSet": bag(net),
        "totalTaxSet": bag(tax),
        " value": net + (0 if book.terms.tax_included else tax),
    }


def _refund(book: Book, order: Json, parts: list[Json], now: datetime, *, money: bool) -> Json:
    value = sum(part[" value"] for part in parts)
    refund: Json = {
        **book.draw("Refund"),
        "createdAt": stamp(now),
        "updatedAt": stamp(now),
        "note": "emulated",
        "return": None,
        "refundLineItems": parts,
        "transactions": [],
        "totalRefundedSet": book.shop.currencies.bag(0),
        " value": value,
    }
    if any(part.get(" sent") for part in parts):
        refund["return"] = book.draw("Return") | {"name": f"{order['name']}-R1", "status": "CLOSED"}
    order["refunds"].append(refund)
    if money:
        give_back(book, order, refund, min(value, -book.owed(order)), now)
    return refund


def give_back(book: Book, order: Json, refund: Json, minor: int, now: datetime) -> None:  # noqa: PLR0917
    """Money for a refund, if there is any to give."""
    if minor <= 0:
        return
    paid = next((one for one in order["transactions"] if one["kind"] == "SALE"), None)
    given = book.transaction("REFUND", minor, now, parent=paid)
    order["transactions"].append(given)
    refund["transactions"].append(given)
    refund["totalRefundedSet"] = book.shop.currencies.bag(minor)


def gesture(book: Book, order: Json, minor: int, now: datetime) -> None:
    """Money without goods."""
    refund = _refund(book, order, [], now, money=False)
    refund[" value"] = minor
    give_back(book, order, refund, minor, now)


def refund_body(order: Json, refund: Json) -> Json:
    """What `refunds/create` carries, as far as anybody needs it."""
    return {
        "id": int(number(refund["id"])),
        "order_id": int(number(order["id"])),
        "created_at": refund["createdAt"],
        "note": refund["note"],
        "admin_graphql_api_id": gid("Refund", number(refund["id"])),
    }
