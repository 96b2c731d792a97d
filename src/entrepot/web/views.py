"""Reading queries of the live page that belong to no single room: slots by name, stock by location, connections."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import func, select

from entrepot import sync
from entrepot.connections import Flow, Level
from entrepot.db import Tx, chunks, tables
from entrepot.places import ON_HAND, Kind

_slot, _listing, _effect = tables.slot, tables.listing, tables.slot_effect
_balance, _place, _location = tables.balance, tables.place, tables.location
_inbox, _watermark, _connection = tables.inbox, tables.watermark, tables.connection


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A slot with the names that people know it by. `place` is the channel's location by name, '' if it has one
    figure for all; `believed` and `in_sync` are derived; `written` says whether its connection writes stock."""

    slot: sync.Slot
    channel: str
    place: str
    title: str
    believed: int | None
    in_sync: bool
    contradicted: bool
    written: bool
    wanted_at: datetime | None


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """Pieces of one item at one location."""

    location: str
    on_hand: int = 0
    available: int = 0
    promised: int = 0


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A connection without its settings. `read_at`: kind of reading → when the last whole one ended."""

    name: str
    platform: str
    state: str
    why: str
    flows: dict[str, str]
    read_at: dict[str, datetime]


def pulse(tx: Tx) -> tuple[Any, ...]:
    """A value that changes when something is committed that the page shows: a few look-ups at the end of an index."""
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


def slots(tx: Tx) -> list[Shown]:
    """Every slot, by SKU, channel and place."""
    outside = tables.external_location
    here = (outside.c.connection_id == _slot.c.connection_id) & (outside.c.external_id == _slot.c.location)
    rows = tx.rows(
        select(_slot, _listing.c.sku_id, _listing.c.title, _connection.c.name.label("channel"),
               _connection.c.flows, outside.c.name.label("place"))
        .join(_listing, _listing.c.id == _slot.c.listing_id)
        .join(_connection, _connection.c.id == _slot.c.connection_id)
        .outerjoin(outside, here)
        .order_by(_connection.c.name, outside.c.name, _slot.c.id)
    )  # fmt: skip
    effects: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
    for row in tx.rows(select(_effect).order_by(_effect.c.at)):
        effects[row.slot_id].append((row.at, row.delta))
    return [_shown(row, effects[row.id]) for row in rows]


def stock(tx: Tx, item_ids: Iterable[str]) -> dict[str, list[Held]]:
    """item id → what each location holds, by location code."""
    found: dict[str, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    for some in chunks(sorted(item_ids)):
        statement = (
            select(_balance.c.item_id, _location.c.code, _place.c.kind, func.sum(_balance.c.quantity).label("n"))
            .join(_place, _place.c.id == _balance.c.place_id)
            .join(_location, _location.c.id == _place.c.location_id)
            .where(_balance.c.item_id.in_(some), _place.c.kind.in_(sorted(ON_HAND)))
            .group_by(_balance.c.item_id, _location.c.code, _place.c.kind)
            .order_by(_location.c.code)
        )
        for row in tx.rows(statement):
            found[row.item_id][row.code][row.kind] += int(row.n)
    return {item: [_held(code, kinds) for code, kinds in here.items()] for item, here in found.items()}


def sku_ids(tx: Tx, limit: int, first: Sequence[str]) -> tuple[list[str], int]:
    """At most `limit` ids of SKUs: these first, then by code; and how many SKUs there are."""
    sku = tables.sku
    by_code = [row.id for row in tx.rows(select(sku.c.id).order_by(sku.c.code).limit(limit))]
    shown = list(dict.fromkeys([*first, *by_code]))[:limit]
    return shown, int(tx.rows(select(func.count()).select_from(sku))[0][0])


def accounts(tx: Tx) -> list[Account]:
    """The connections by name, without opening what is sealed."""
    marks: dict[str, dict[str, datetime]] = defaultdict(dict)
    for row in tx.rows(select(_watermark)):
        marks[row.connection_id][row.kind] = row.done_at
    columns = (_connection.c.id, _connection.c.name, _connection.c.platform, _connection.c.state,
               _connection.c.why, _connection.c.flows)  # fmt: skip
    return [
        Account(name=row.name, platform=row.platform, state=row.state, why=row.why, flows=row.flows,
                read_at=marks[row.id])
        for row in tx.rows(select(*columns).order_by(_connection.c.name))
    ]  # fmt: skip


def oldest_delivery(tx: Tx) -> datetime | None:
    """When the oldest delivery came in that nobody has booked yet."""
    found: datetime | None = tx.rows(select(func.min(_inbox.c.received_at)).where(_inbox.c.state == "new"))[0][0]
    return found


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
        contradicted=sync.contradicted(slot),
        written=row.flows.get(Flow.STOCK_OUT) == Level.ON,
        wanted_at=row.wanted_at,
    )


def _held(code: str, kinds: dict[str, int]) -> Held:
    return Held(
        location=code,
        on_hand=sum(kinds.values()),
        available=kinds.get(Kind.SHELF, 0),
        promised=kinds.get(Kind.PROMISED, 0),
    )
