"""What happened to a SKU in between: moves, figures of its slots and events of its items, slots and orders,
merged into one time line. A reading query like those in sync/views.py.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Select, func, literal, or_, select

from entrepot import catalog
from entrepot.db import Tx, tables
from entrepot.kernel.ids import latest
from entrepot.ledger import views as ledger_views
from entrepot.ledger.views import Moved
from entrepot.sync.views import SlotView, slots_of_sku

_event, _figure, _line, _order = tables.event, tables.slot_figure, tables.order_line, tables.orders

NEWEST, ORDERS = 200, 500


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """`kind`: move, figure or event. `what` for people; `about` the item, slot or stream; `actor` '' for a
    figure.

    `cause` is a move's cause, else the correlation that ties together what one delivery or command brought
    about.
    """

    id: str
    at: datetime
    kind: str
    what: str
    about: str
    cause: str
    actor: str = ""
    body: Mapping[str, Any] = {}


def happened(
    tx: Tx, sku: catalog.Sku, *, since: datetime, until: datetime | None = None, limit: int = NEWEST
) -> list[Entry]:
    """The newest things that happened to a SKU after `since` and not after `until`, oldest first (the hub's
    time)."""
    until = until or tx.now
    items = [item_id for item_id, _pieces in sku.recipe]
    slots = {one.id: one for one in slots_of_sku(tx, sku.id)}
    moved = ledger_views.moves(tx, items, since=since, until=until, limit=limit)
    figures = tx.rows(_changed(list(slots), since, until).limit(limit))
    streams = [f"item:{id}" for id in items] + [f"slot:{id}" for id in slots]
    told = tx.rows(_told(sku.id, streams, since, until).limit(limit))
    entries = [
        *map(_move, moved),
        *(_shown(row, slots[row.slot_id]) for row in figures),
        *map(_event_entry, told),
    ]
    return sorted(entries, key=lambda one: (one.at, one.id))[-limit:]


def _changed(slot_ids: Sequence[str], since: datetime, until: datetime) -> Select[Any]:
    """Figures of these slots that differ from the one before them, newest first: every reading notes one."""
    before = func.lag(_figure.c.quantity).over(
        partition_by=(_figure.c.slot_id, _figure.c.figure), order_by=(_figure.c.at, _figure.c.id)
    )
    every = (
        select(*_figure.c, before.label("before"))
        .where(_figure.c.slot_id.in_(slot_ids), _figure.c.at <= until)
        .subquery()
    )
    news = or_(every.c.before.is_(None), every.c.before != every.c.quantity)
    return select(every).where(news, every.c.at > since).order_by(every.c.at.desc(), every.c.id.desc())


def _told(sku_id: str, streams: Sequence[str], since: datetime, until: datetime) -> Select[Any]:
    """Events of these streams and of the newest orders by then that have a line of the SKU, newest first.
    What becomes of a popular SKU's older orders is seen by its moves."""
    its = (_line.c.sku_id == sku_id) & (_line.c.order_id <= latest(until))
    newest = select(_line.c.order_id).where(its).order_by(_line.c.order_id.desc()).limit(ORDERS).subquery()
    orders = select(literal("order:") + newest.c.order_id)
    mine = or_(_event.c.stream.in_(streams), _event.c.stream.in_(orders))
    span = (_event.c.at > since, _event.c.at <= until)
    return select(_event).where(mine, *span).order_by(_event.c.at.desc(), _event.c.id.desc())


def _move(one: Moved) -> Entry:
    reason = f" ({one.reason})" if one.reason else ""
    return Entry(
        id=one.id,
        at=one.booked_at,
        kind="move",
        what=f"{one.quantity} from {one.source} to {one.target}{reason}",
        about=one.item,
        cause=one.cause,
        actor=one.actor,
    )


def _shown(row: Any, slot: SlotView) -> Entry:
    where = f"{slot.channel} {slot.item}" + (f" at {slot.location}" if slot.location else "")
    what = f"{row.figure} {row.quantity}"
    return Entry(id=row.id, at=row.at, kind="figure", what=what, about=where, cause=row.cause)


def _event_entry(row: Any) -> Entry:
    return Entry(
        id=row.id,
        at=row.at,
        kind="event",
        what=row.kind,
        about=row.stream,
        cause=row.correlation,
        actor=row.actor,
        body=row.body,
    )
