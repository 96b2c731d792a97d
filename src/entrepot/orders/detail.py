"""One order as a screen and a program show it: lines with their claims, money, parcels, exceptions, time
line.

Nothing personal is in it: `person_id` names who ordered, for those who may see people. Money, parcels and
what was paid are the last testimony's; counts, claims and exceptions are the hub's own.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select

from entrepot.contract import LineSeen, OrderSeen, Payment
from entrepot.db import Tx, tables, told
from entrepot.db.events import Told
from entrepot.kernel import Money
from entrepot.ledger import State
from entrepot.orders import rows, views
from entrepot.orders.model import Kind
from entrepot.orders.views import OrderView

_order, _line, _sku = tables.orders, tables.order_line, tables.sku
_exception = tables.exception
_reservation, _location, _item = tables.reservation, tables.location, tables.item

NEWEST = 200


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """A reservation of a line. `location` is '' for one that waits for goods."""

    id: str
    item: str
    location: str
    quantity: int
    state: State
    changed_at: datetime


class OrderLine(msgspec.Struct, frozen=True, kw_only=True):
    """Counts are pieces of the SKU. `sku` is our code, '' while nobody has said which it is; `sku_text`
    what the channel calls it. `unit_price` is exact decimal text, '' if the channel shows none. `amount`
    is charged for the line after discounts."""

    id: str
    external_id: str
    item: str
    sku: str
    sku_text: str
    title: str
    ordered: int
    cancelled: int
    shipped: int
    returned: int
    handed_over: bool
    unit_price: str
    amount: Money
    discount: Money | None
    tax: Money | None
    claims: tuple[Claim, ...]


class Amount(msgspec.Struct, frozen=True, kw_only=True):
    """Money beside the lines. `what`: charge, discount or tax; `kind` of a charge; `rate` of a tax."""

    what: str
    title: str
    amount: Money
    kind: str = ""
    rate: str = ""


class Paid(msgspec.Struct, frozen=True, kw_only=True):
    """A payment as its channel told of it."""

    external_id: str
    method: str
    amount: Money
    state: Payment
    at: datetime | None


class Refunded(msgspec.Struct, frozen=True, kw_only=True):
    """Money given back. `lines`: (our line's id, units as text), () for a gesture without goods."""

    external_id: str
    amount: Money
    reason: str
    lines: tuple[tuple[str, str], ...]
    at: datetime | None


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """What left, as its channel told of it."""

    external_id: str
    carrier: str
    tracking: str
    location: str
    at: datetime | None


class OrderException(msgspec.Struct, frozen=True, kw_only=True):
    """An exception of the order; `line_id` '' for one of the whole order; `closed_at` None while it is
    open."""

    id: str
    kind: Kind
    line_id: str
    detail: str
    opened_at: datetime
    closed_at: datetime | None


class OrderDetail(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the hub knows of one order but its people. `exceptions` and `events`: the newest 200."""

    order: OrderView
    person_id: str
    tax_inclusive: bool
    settled: Money | None
    lines: tuple[OrderLine, ...]
    amounts: tuple[Amount, ...]
    payments: tuple[Paid, ...]
    refunds: tuple[Refunded, ...]
    parcels: tuple[Parcel, ...]
    exceptions: tuple[OrderException, ...]
    events: tuple[Told, ...]


def detail(tx: Tx, id: str) -> OrderDetail | None:
    """One order by our id; None if there is none."""
    row = tx.row(select(_order.c.seen, _order.c.person_id, _order.c.currency).where(_order.c.id == id))
    if row is None:
        return None
    seen = rows.testimony(row.seen)
    lines = _lines(tx, id, seen, row.currency)
    ours = {one.external_id: one.id for one in lines}
    return OrderDetail(
        order=views.views(tx, [id])[0],
        person_id=row.person_id or "",
        tax_inclusive=seen.tax_inclusive,
        settled=seen.settled,
        lines=lines,
        amounts=_amounts(seen),
        payments=tuple(
            Paid(external_id=one.external_id, method=one.method, amount=one.amount, state=one.state,
                 at=one.at)
            for one in seen.payments
        ),
        refunds=_refunds(seen, ours),
        parcels=tuple(
            Parcel(external_id=one.external_id, carrier=one.carrier, tracking=one.tracking,
                   location=one.location, at=one.at)
            for one in seen.shipments
        ),
        exceptions=_exceptions(tx, id),
        events=_told(tx, id),
    )  # fmt: skip


def _told(tx: Tx, id: str) -> tuple[Told, ...]:
    """The newest events of an order, the oldest first."""
    return tuple(reversed(told.events(tx, stream=f"order:{id}", limit=NEWEST).rows))


def _lines(tx: Tx, id: str, seen: OrderSeen, currency: str) -> tuple[OrderLine, ...]:
    statement = select(_line, _sku.c.code).outerjoin(_sku, _sku.c.id == _line.c.sku_id)
    found = tx.rows(statement.where(_line.c.order_id == id).order_by(_line.c.id))
    claims = _claims(tx, id)
    said = {one.external_id: one for one in seen.lines}
    return tuple(
        _order_line(row, said.get(row.external_id), currency, claims.get(row.id, ())) for row in found
    )


def _order_line(row: Any, said: LineSeen | None, currency: str, claims: Sequence[Claim]) -> OrderLine:
    price = said.unit_price if said else None
    return OrderLine(
        id=row.id,
        external_id=row.external_id,
        item=row.item,
        sku=row.code or "",
        sku_text=row.sku_text,
        title=row.title,
        ordered=row.ordered,
        cancelled=row.cancelled,
        shipped=row.shipped,
        returned=row.returned,
        handed_over=row.handed_over,
        unit_price=f"{price:f}" if price is not None else "",
        amount=Money(row.amount, currency),
        discount=said.discount if said else None,
        tax=said.tax if said else None,
        claims=tuple(claims),
    )


def _claims(tx: Tx, order_id: str) -> dict[str, list[Claim]]:
    """line id → its reservations, ended ones too, oldest first."""
    held = _reservation.c
    mine = select(_line.c.id).where(_line.c.order_id == order_id)
    statement = (
        select(_reservation, _item.c.code.label("item"), _location.c.code.label("location"))
        .join(_item, _item.c.id == held.item_id)
        .outerjoin(_location, _location.c.id == held.location_id)
        .where(held.line_id.in_(mine))
        .order_by(held.id)
    )
    found: dict[str, list[Claim]] = defaultdict(list)
    for row in tx.rows(statement):
        claim = Claim(id=row.id, item=row.item, location=row.location or "", quantity=row.quantity,
                      state=State(row.state), changed_at=row.changed_at)  # fmt: skip
        found[row.line_id].append(claim)
    return found


def _amounts(seen: OrderSeen) -> tuple[Amount, ...]:
    return (
        *(Amount(what="charge", kind=one.kind, title=one.title, amount=one.amount) for one in seen.charges),
        *(Amount(what="discount", title=one.title, amount=one.amount) for one in seen.discounts),
        *(Amount(what="tax", title=one.title, amount=one.amount, rate=one.rate) for one in seen.taxes),
    )


def _refunds(seen: OrderSeen, ours: Mapping[str, str]) -> tuple[Refunded, ...]:
    return tuple(
        Refunded(
            external_id=one.external_id,
            amount=one.amount,
            reason=one.reason,
            lines=tuple((ours.get(part.line, ""), f"{part.quantity:f}") for part in one.lines),
            at=one.at,
        )
        for one in seen.refunds
    )


def _exceptions(tx: Tx, order_id: str) -> tuple[OrderException, ...]:
    mine = select(_exception).where(_exception.c.order_id == order_id)
    return tuple(
        OrderException(id=row.id, kind=Kind(row.kind), line_id=row.line_id, detail=row.detail,
                       opened_at=row.opened_at, closed_at=row.closed_at)
        for row in tx.rows(mine.order_by(_exception.c.id.desc()).limit(NEWEST))
    )  # fmt: skip


def person_of(tx: Tx, id: str) -> str:
    """The id of who ordered, '' if nobody is named or there is no such order."""
    row = tx.row(select(_order.c.person_id).where(_order.c.id == id))
    return (row.person_id or "") if row else ""
