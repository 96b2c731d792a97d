"""Placing an order with a seller inside the hub: it becomes a testimony like a channel's, and goes the same
road."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import msgspec

from entrepot import catalog, connections, customers
from entrepot.connections import Connection
from entrepot.contract import (
    AddressSeen,
    ChargeSeen,
    Commercial,
    CustomerSeen,
    DiscountSeen,
    LineSeen,
    OrderSeen,
    Payment,
    TaxSeen,
    Version,
)
from entrepot.db import Event, Tx, events
from entrepot.kernel import Money, Refusal, pieces
from entrepot.orders import rows
from entrepot.orders.draft import Testimony
from entrepot.orders.holding import PlacedLine, taken_from, use
from entrepot.orders.intake import take
from entrepot.orders.model import Line, Order
from entrepot.orders.shortage import too_few

FIRST = "00000001"
"""The key of an order's first version; each change counts one more. The digest is that of what was placed, in
every version."""


class IfShort(StrEnum):
    """What is to become of an order that there are too few goods for."""

    REFUSE = "refuse"
    ACCEPT = "accept"


class Placing(msgspec.Struct, frozen=True, kw_only=True):
    """An order as somebody wants it placed. `digest` tells two contents of one reference apart; people are
    compared by themselves, so that no digest of them is kept."""

    reference: str
    number: str
    digest: str
    currency: str
    total: Money
    tax_inclusive: bool
    lines: tuple[PlacedLine, ...]
    charges: tuple[ChargeSeen, ...]
    discounts: tuple[DiscountSeen, ...]
    taxes: tuple[TaxSeen, ...]
    payment: Payment
    placed_at: datetime
    location: str
    customer: CustomerSeen | None
    ship_to: AddressSeen | None
    bill_to: AddressSeen | None


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """`new` is False for one that was there. `short`: pieces by line that wait for goods."""

    order: Order
    lines: Mapping[str, Line]
    short: Mapping[str, int]
    new: bool


def place(tx: Tx, seller: Connection, placing: Placing, if_short: IfShort) -> Placed:
    """Books an order whole or not at all: whoever catches its Refusal must undo the transaction.

    The same reference with the same content is the order that is there. Refusal `reference_reused`,
    `sku_unknown`, `quantity`, `location_unknown`, one of the holds', or `not_enough`, naming each line that
    lacks goods.
    """
    held = rows.held(tx, seller.id, [placing.reference]).get(placing.reference)
    if held is not None:
        _check_same(tx, held, placing)
        return _placed(tx, held, new=False)
    _check_locations(tx, seller, placing)
    wanted = _wanted_pieces(tx, placing)
    holds = taken_from(tx, seller, placing.lines, wanted)
    seen = _seen(placing, tx.now)
    take(tx, seller, [Testimony(order=seen, as_of=tx.now, asked_at=tx.now, holds=holds)])
    use(tx, holds)
    made = _placed(tx, rows.held(tx, seller.id, [placing.reference])[placing.reference], new=True)
    if made.short and if_short is IfShort.REFUSE:
        raise too_few(tx, list(made.lines.values()), made.short)
    body = {"order": made.order.id, "lines": len(made.lines), "short": sum(made.short.values())}
    events.append(tx, [Event(stream=f"order:{made.order.id}", kind="OrderPlaced", body=body)])
    return made


def _placed(tx: Tx, order: Order, *, new: bool) -> Placed:
    lines = rows.lines(tx, [order.id]).get(order.id, {})
    short = rows.short_lines(tx, [one.id for one in lines.values()])
    return Placed(order=order, lines=lines, short=short, new=new)


def _check_same(tx: Tx, held: Order, placing: Placing) -> None:
    """Refusal `reference_reused` if the order that is there was placed with another content."""
    if held.digest == placing.digest and _same_people(tx, held, placing):
        return
    raise Refusal(
        "reference_reused",
        f"{placing.reference!r} is an order of something else",
        remedy="Give each order a reference of its own",
        field="reference",
    )


def _same_people(tx: Tx, held: Order, placing: Placing) -> bool:
    """Whether an order names the same people; nobody can tell of those that were forgotten."""
    named = (placing.customer, placing.ship_to, placing.bill_to)
    if not held.person_id:
        return not any(named)
    try:
        known = customers.show(tx, held.person_id)
    except Refusal:
        return True
    return named == (
        known.customer if known.customer != customers.NOBODY else None,
        known.ship_to,
        known.bill_to,
    )


def _check_locations(tx: Tx, seller: Connection, placing: Placing) -> None:
    known = connections.locations(tx, seller.id)
    wanted = [("location", placing.location)]
    wanted += [(f"lines[{n}].location", one.location) for n, one in enumerate(placing.lines)]
    for field, code in wanted:
        if code and not known.get(code):
            raise Refusal(
                "location_unknown",
                f"{seller.name} sells from no location {code!r}; from: {', '.join(sorted(known))}",
                field=field,
            )


def _wanted_pieces(tx: Tx, placing: Placing) -> list[int]:
    """How many pieces each line is about; Refusal `sku_unknown` or `quantity` with the line."""
    known = {sku.code: sku for sku in catalog.skus(tx, codes={one.sku for one in placing.lines})}
    found = []
    for number, one in enumerate(placing.lines):
        sku = known.get(one.sku)
        if sku is None:
            raise Refusal(
                "sku_unknown",
                f"there is no SKU {one.sku!r}",
                remedy="Add it first: entrepot sku add",
                field=f"lines[{number}].sku",
            )
        try:
            found.append(pieces(one.quantity, sku.scale))
        except Refusal as refusal:
            field = f"lines[{number}].quantity"
            raise Refusal("quantity", refusal.why, remedy=refusal.remedy, field=field) from None
    return found


def _seen(placing: Placing, now: datetime) -> OrderSeen:
    """The order as a channel would tell of it."""
    return OrderSeen(
        external_id=placing.reference,
        number=placing.number or placing.reference,
        version=Version(FIRST, placing.digest),
        placed_at=placing.placed_at,
        changed_at=now,
        commercial=Commercial.OPEN,
        payment=placing.payment,
        currency=placing.currency,
        total=placing.total,
        tax_inclusive=placing.tax_inclusive,
        lines=tuple(_line(f"{number + 1}", one) for number, one in enumerate(placing.lines)),
        charges=placing.charges,
        discounts=placing.discounts,
        taxes=placing.taxes,
        paid_at=now if placing.payment is Payment.PAID else None,
        customer=placing.customer,
        ship_to=placing.ship_to,
        bill_to=placing.bill_to,
        location=placing.location,
    )


def _line(id: str, one: PlacedLine) -> LineSeen:
    return LineSeen(
        external_id=id,
        item="",
        sku=one.sku,
        title=one.title or one.sku,
        ordered=one.quantity,
        amount=one.amount,
        unit_price=one.unit_price,
        discount=one.discount,
        location=one.location,
    )
