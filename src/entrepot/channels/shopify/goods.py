"""What became of the units of a Shopify order: sent, removed, refunded, put back. Pure.

`quantity` of a line never falls; "the number of units ordered, including refunded and removed units", while
`currentQuantity` is without them (schema of 2026-07). Units leave a line through refunds, also those that an
order edit or a cancellation removed: such a refund gives no money. Its lines say by `restock_type` what
became of the goods: cancel (never left, back on sale), return (came back, on sale), no_restock (neither).
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

import msgspec

from entrepot.channels.kit.numbers import exact, text
from entrepot.channels.shopify.shapes import Raw, amount, number, ref, rows, shop_amount, word
from entrepot.kernel import Money

SENT = frozenset({"success"})
UNDER_WAY = frozenset({"pending", "open"})
NOT_SENT = frozenset({"cancelled", "error", "failure"})

PUT_BACK = frozenset({"cancel", "return", "legacy_restock"})
CAME_BACK = frozenset({"return", "legacy_restock"})
RESTOCKS = PUT_BACK | {"no_restock"}

LIVE = frozenset({"open", "in_progress", "scheduled", "on_hold", "incomplete", "closed"})
"""States of a fulfillment order that stands; a cancelled one was moved or emptied."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Units of one line in one refund. `subtotal` includes tax iff the order's prices do; `given`: money was
    given for them; `tied`: the refund belongs to a return, so that the goods did come back."""

    line: str
    units: Decimal
    restock: str
    place: str
    subtotal: Money
    tax: Money
    shop_subtotal: Money | None
    shop_tax: Money | None
    given: bool
    tied: bool


class Fate(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a line's units."""

    cancelled: Decimal
    shipped: Decimal
    returned: Decimal
    put_back: Decimal  # on sale again where they had been taken from


def parts(order: Raw, currency: str) -> list[Part]:
    """Every line of every refund, in their order."""
    found: list[Part] = []
    for refund in rows(order.get("refunds")):
        paid = bool(money_back(refund, currency).minor)
        tied, lines = bool(refund.get("return")), rows(refund.get("refund_line_items"))
        found += [_part(row, currency, given=paid, tied=tied) for row in lines]
    return found


def _part(row: Raw, currency: str, *, given: bool, tied: bool) -> Part:
    return Part(
        line=ref(row, "line_item"),
        units=exact(row["quantity"]),
        restock=word(row.get("restock_type")),
        place=ref(row, "location"),
        subtotal=amount(row, "subtotal", currency),
        tax=amount(row, "total_tax", currency),
        shop_subtotal=shop_amount(row, "subtotal"),
        shop_tax=shop_amount(row, "total_tax"),
        given=given,
        tied=tied,
    )


def money_back(refund: Raw, currency: str) -> Money:
    """What a refund gave the buyer: its transactions that succeeded. REST names their amount and currency
    plainly."""
    total = Money(0, currency)
    for one in rows(refund.get("transactions")):
        if word(one.get("kind")) == "refund" and word(one.get("status")) == "success":
            total = total + amount(one, "amount", text(one.get("currency")) or currency)
    return total


def fate(line: Raw, order: Raw, removed: Sequence[Part]) -> Fate:
    """What became of one line. `removed`: the parts of all refunds.

    What is still to be sent stands in the fulfillment orders, and what is neither sent nor to be sent was
    cancelled. REST does not show them: there a refund without goods counts for units that have not left as
    long as there are any. Refunded without goods after they had left, units stay with the buyer.
    """
    id, ordered = number(line["id"]), exact(line["quantity"])
    mine = [part for part in removed if part.line == id]
    shipped = min(sent(order, id, SENT), ordered)
    free = ordered - shipped - min(sent(order, id, UNDER_WAY), ordered - shipped)
    returned = min(_units(part for part in mine if part.restock in CAME_BACK or part.tied), shipped)
    waiting = _waiting(order, id)
    if order.get("cancelled_at"):
        cancelled = ordered - shipped
    elif waiting is not None:
        cancelled = min(max(free - waiting, Decimal(0)), free)
    else:
        current = line.get("current_quantity")
        gone = Decimal(0) if current is None else ordered - exact(current)
        cancelled = min(max(gone, _units(mine)) - returned, free)
    place = _place(locations(order, id))
    back = _units(p for p in mine if p.restock in PUT_BACK and p.place in {"", place or p.place})
    return Fate(cancelled=cancelled, shipped=shipped, returned=returned, put_back=min(back, ordered))


def _waiting(order: Raw, line: str) -> Decimal | None:
    """Units of a line that fulfillment orders still have to send; None where none of them knows the line."""
    found = [
        exact(row["remaining_quantity"])
        for one in rows(order.get("fulfillment_orders"))
        if word(one.get("status")) in LIVE
        for row in rows(one.get("line_items"))
        if ref(row, "line_item") == line
    ]
    return sum(found, Decimal(0)) if found else None


def sent(order: Raw, line: str, states: frozenset[str]) -> Decimal:
    """Units of a line in fulfillments of these states."""
    found = (
        exact(row["quantity"])
        for one in rows(order.get("fulfillments"))
        if word(one.get("status")) in states
        for row in rows(one.get("line_items"))
        if (ref(row, "line_item") or number(row.get("id"))) == line
    )
    return sum(found, Decimal(0))


def locations(order: Raw, line: str) -> set[str]:
    """The locations that Shopify takes a line from: of its standing fulfillment orders, else of any."""
    found: dict[bool, set[str]] = {True: set(), False: set()}
    for one in rows(order.get("fulfillment_orders")):
        place = ref(one.get("assigned_location") or {}, "location")
        if place and line in {ref(row, "line_item") for row in rows(one.get("line_items"))}:
            found[word(one.get("status")) in LIVE].add(place)
    return found[True] or found[False]


def place_of(order: Raw, line: str) -> str:
    """The one location that a line is taken from: its fulfillment orders', else the till's; '' if several."""
    found = locations(order, line)
    return _place(found) if found else ref(order, "location")


def _place(found: set[str]) -> str:
    return next(iter(found)) if len(found) == 1 else ""


def handed_over(order: Raw, line: Raw, done: Fate) -> str:
    """The store whose till handed the line over the counter, '' if it is or was sent."""
    store, id = ref(order, "location"), number(line["id"])
    if word(order.get("source_name")) != "pos" or not store or not done.shipped:
        return ""
    here = [one for one in rows(order.get("fulfillments")) if ref(one, "location") in {"", store}]
    everything = sent({**order, "fulfillments": here}, id, SENT) + done.cancelled
    return store if everything >= exact(line["quantity"]) else ""


def _units(parts: Iterable[Part]) -> Decimal:
    return sum((part.units for part in parts), Decimal(0))
