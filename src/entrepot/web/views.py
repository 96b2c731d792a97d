"""Reading queries of the live page that belong to no single room: slots by name, its pulse."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Select, func, select, union_all

from entrepot import sync
from entrepot.connections import Flow, Level
from entrepot.db import Tx, chunks, tables

_slot, _listing, _effect = tables.slot, tables.listing, tables.slot_effect
MANY, REFUSED_MAX = 100, 1_000
_inbox, _watermark, _connection = tables.inbox, tables.watermark, tables.connection


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A slot with the names that people know it by.

    `place` is the channel's location by name, '' if one figure serves all; `believed` and `in_sync` are
    derived; `written` says whether stock flows out to its connection.
    """

    slot: sync.Slot
    channel: str
    place: str
    title: str
    believed: int | None
    in_sync: bool
    written: bool
    wanted_at: datetime | None


YOUNG = timedelta(seconds=60)
"""A slot whose wanted figure changed less than this ago is settling; later it is out of sync."""


def state(shown: Shown, now: datetime) -> str:
    """One word: 'refused', 'not offered', 'in sync', 'observed only', 'settling', 'out of sync'."""
    slot = shown.slot
    if slot.trouble:
        return "refused"
    if slot.wanted is None:
        return "not offered"
    if shown.in_sync:
        return "in sync"
    if not shown.written:
        return "observed only"
    young = shown.wanted_at is not None and now - shown.wanted_at < YOUNG
    return "settling" if young or slot.flight else "out of sync"


def pulse(tx: Tx) -> tuple[Any, ...]:
    """A value that changes when what the page shows does: a few look-ups at the end of an index."""
    waiting = select(func.count()).where(_inbox.c.state == "new")
    dead = select(func.count()).where(_inbox.c.state == "dead")
    statement = select(
        select(func.max(tables.event.c.id)).scalar_subquery(),
        select(func.max(tables.slot_figure.c.id)).scalar_subquery(),
        select(func.max(_inbox.c.id)).scalar_subquery(),
        select(func.max(_watermark.c.done_at)).scalar_subquery(),
        waiting.scalar_subquery(),
        dead.scalar_subquery(),
    )
    return tuple(tx.rows(statement)[0])


def waiting_for_people(tx: Tx) -> int:
    """Open exceptions and dead letters, counted up to MANY: the number beside the way to them."""
    exception, box, job = tables.exception, tables.inbox, tables.job
    every = union_all(
        select(exception.c.id).where(exception.c.closed_at.is_(None)).limit(MANY).subquery().select(),
        select(box.c.id).where(box.c.state == "dead").limit(MANY).subquery().select(),
        select(job.c.id).where(job.c.state == "dead").limit(MANY).subquery().select(),
    ).subquery()
    return int(tx.rows(select(func.count()).select_from(select(every).limit(MANY).subquery()))[0][0])


def slots(tx: Tx, sku_ids: Iterable[str]) -> list[Shown]:
    """Every slot of these SKUs, by channel and place."""
    return [
        one for some in chunks(sku_ids) for one in _slots(tx, _every().where(_listing.c.sku_id.in_(some)))
    ]


def refused(tx: Tx, limit: int, connection_id: str = "") -> list[Shown]:
    """Slots that their channel refuses (one channel, or any), the last that we wanted something of first: of
    the first thousand, where a whole channel refuses everything."""
    some = select(_slot.c.id).where(_slot.c.trouble != "")
    if connection_id:
        some = some.where(_slot.c.connection_id == connection_id)
    ids = [row.id for row in tx.rows(some.order_by(_slot.c.id).limit(REFUSED_MAX))]
    mine = _every().where(_slot.c.id.in_(ids)).order_by(_slot.c.wanted_at.desc())
    return _slots(tx, mine.limit(limit)) if ids else []


def _every() -> Select[Any]:
    outside = tables.external_location
    here = (outside.c.connection_id == _slot.c.connection_id) & (outside.c.external_id == _slot.c.location)
    return (
        select(_slot, _listing.c.sku_id, _listing.c.title, _connection.c.name.label("channel"),
               _connection.c.flows, outside.c.name.label("place"))
        .join(_listing, _listing.c.id == _slot.c.listing_id)
        .join(_connection, _connection.c.id == _slot.c.connection_id)
        .outerjoin(outside, here)
    )  # fmt: skip


def _slots(tx: Tx, statement: Select[Any]) -> list[Shown]:
    rows = tx.rows(statement.order_by(_connection.c.name, tables.external_location.c.name, _slot.c.id))
    effects: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
    for some in chunks(row.id for row in rows):
        for row in tx.rows(select(_effect).where(_effect.c.slot_id.in_(some)).order_by(_effect.c.at)):
            effects[row.slot_id].append((row.at, row.delta))
    return [_shown(row, effects[row.id]) for row in rows]


def _shown(row: Any, effects: Iterable[tuple[datetime, int]]) -> Shown:
    names = [name for name in sync.Slot.__struct_fields__ if name not in ("sku_id", "effects")]
    slot = sync.Slot(
        **{name: row._mapping[name] for name in names},  # noqa: SLF001 - the public name of a row's columns
        sku_id=row.sku_id or "",
        effects=tuple(effects),
    )
    return Shown(
        slot=slot,
        channel=row.channel,
        place=row.place or slot.location,
        title=row.title,
        believed=sync.believed(slot),
        in_sync=sync.in_sync(slot),
        written=row.flows.get(Flow.STOCK_OUT) == Level.ON,
        wanted_at=row.wanted_at,
    )


def names_of_connections(tx: Tx) -> list[str]:
    """Every connection's name, in order."""
    return [row.name for row in tx.rows(select(_connection.c.name).order_by(_connection.c.name))]


def ids_of_skus(tx: Tx, codes: Iterable[str]) -> dict[str, str]:
    """SKU id → code."""
    sku = tables.sku
    return {
        row.id: row.code
        for some in chunks(codes)
        for row in tx.rows(select(sku.c.id, sku.c.code).where(sku.c.code.in_(some)))
    }


def numbers_of_orders(tx: Tx, ids: Iterable[str]) -> dict[str, str]:
    """Order id → its number."""
    order = tables.orders
    return {
        row.id: row.number
        for some in chunks(ids)
        for row in tx.rows(select(order.c.id, order.c.number).where(order.c.id.in_(some)))
    }


def accepted(tx: Tx, order_id: str) -> dict[str, str]:
    """Exceptions of an order of which somebody said that they may stay so → why."""
    table = tables.exception
    mine = select(table.c.id, table.c.accepted_why).where(
        table.c.order_id == order_id, table.c.accepted_by != ""
    )
    return {row.id: row.accepted_why for row in tx.rows(mine)}


def exceptions_of(tx: Tx, order_ids: Iterable[str]) -> list[str]:
    """The open exceptions of these orders, by id."""
    table = tables.exception
    return [
        row.id
        for some in chunks(order_ids)
        for row in tx.rows(select(table.c.id).where(table.c.order_id.in_(some), table.c.closed_at.is_(None)))
    ]
