"""Reading queries of the live page that belong to no single room: slots by name, its pulse."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Select, func, select

from entrepot import sync
from entrepot.connections import Flow, Level
from entrepot.db import Tx, chunks, tables

_slot, _listing, _effect = tables.slot, tables.listing, tables.slot_effect
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


def slots(tx: Tx, sku_ids: Iterable[str]) -> list[Shown]:
    """Every slot of these SKUs, by channel and place."""
    return [
        one for some in chunks(sku_ids) for one in _slots(tx, _every().where(_listing.c.sku_id.in_(some)))
    ]


def refused(tx: Tx, limit: int) -> list[Shown]:
    """Slots that their channel refuses, the last that we wanted something of first."""
    return _slots(tx, _every().where(_slot.c.trouble != "").order_by(_slot.c.wanted_at.desc()).limit(limit))


def sku_ids(tx: Tx, limit: int, first: Sequence[str]) -> tuple[list[str], int]:
    """At most `limit` ids of SKUs: these first, then by code; and how many SKUs there are."""
    sku = tables.sku
    by_code = [row.id for row in tx.rows(select(sku.c.id).order_by(sku.c.code).limit(limit))]
    shown = list(dict.fromkeys([*first, *by_code]))[:limit]
    return shown, int(tx.rows(select(func.count()).select_from(sku))[0][0])


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
