"""Reading queries about stock slots: are we in sync, which slots are not and why, what a slot showed when,
and what happened in between. Figures are sold units. Nothing here locks or writes.

A pair is a slot that wants something. The whole-hub counts are three statements whatever the number of slots:
what the rules in sync/believed.py say of one slot is said here once more in SQL, and a test holds the two
together.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import BigInteger, ColumnElement, Select, and_, case, func, select, type_coerce

from entrepot.connections import Flow, Level
from entrepot.db import Tx, chunks, tables
from entrepot.sync import rows
from entrepot.sync.believed import GRAIN, Slot, believed, contradicted, in_sync

_slot, _listing, _sku, _connection = tables.slot, tables.listing, tables.sku, tables.connection
_effect, _figure, _job = tables.slot_effect, tables.slot_figure, tables.job

SHOWN = 20


class SlotView(msgspec.Struct, frozen=True, kw_only=True):
    """One slot. `why` says what keeps it from being in sync, '' if nothing does.

    At a past moment only the four figures are known: `believed` and `in_sync` are None, because the channel's
    own sales of that time are not kept beside them.
    """

    id: str
    channel: str
    item: str
    location: str
    sku: str
    wanted: int | None
    wanted_at: datetime | None
    sent: int | None
    sent_at: datetime | None
    acknowledged: int | None
    acknowledged_at: datetime | None
    observed: int | None
    observed_at: datetime | None
    believed: int | None = None
    in_sync: bool | None = None
    why: str = ""


class ChannelSync(msgspec.Struct, frozen=True, kw_only=True):
    """One connection's pairs. `oldest_lag_s`: for how long the oldest pair that is not in sync has needed
    something."""

    connection_id: str
    pairs: int
    in_sync: int
    refused: int
    in_flight: int
    oldest_lag_s: float


class Waiting(msgspec.Struct, frozen=True):
    """What waits in a queue: whether something is due, and when the next thing will be (None: nothing)."""

    due: bool
    next_at: datetime | None


def channels_in_sync(tx: Tx) -> list[ChannelSync]:
    """How far every connection that has pairs is in sync, in three statements."""
    judged = _judged().subquery()
    statement = select(
        judged.c.connection_id,
        func.count().label("pairs"),
        func.sum(judged.c.right).label("right"),
        func.sum(case((judged.c.trouble != "", 1), else_=0)).label("refused"),
        func.sum(case((judged.c.flight != "", 1), else_=0)).label("in_flight"),
        func.min(case((judged.c.right == 0, judged.c.since))).label("oldest"),
    ).group_by(judged.c.connection_id)
    return [
        ChannelSync(
            connection_id=row.connection_id,
            pairs=row.pairs,
            in_sync=int(row.right),
            refused=int(row.refused),
            in_flight=int(row.in_flight),
            oldest_lag_s=_seconds(tx.now - row.oldest) if row.oldest else 0.0,
        )
        for row in tx.rows(statement)
    ]


def astray(tx: Tx, connection_ids: Sequence[str], limit: int = SHOWN) -> list[SlotView]:
    """Pairs of these connections that are not in sync, those that have waited longest first."""
    judged = _judged().where(_slot.c.connection_id.in_(connection_ids)).subquery()
    worst = select(judged.c.id).where(judged.c.right == 0).order_by(judged.c.since, judged.c.id).limit(limit)
    return slots_by_id(tx, [row.id for row in tx.rows(worst)])


def slots_by_id(tx: Tx, ids: Sequence[str]) -> list[SlotView]:
    """These slots as they are now, in this order; those that are not here are left out."""
    found = {one.id: one for one in _views(tx, _slot.c.id.in_(ids))}
    return [found[id] for id in ids if id in found]


def slots_of_sku(tx: Tx, sku_id: str) -> list[SlotView]:
    """Every slot of a SKU as it is now, by channel, item and location."""
    return _views(tx, _listing.c.sku_id == sku_id)


def slots_at(tx: Tx, sku_id: str, at: datetime) -> list[SlotView]:
    """The same slots with the last figures that were noted until `at` (the hub's time)."""
    before: dict[tuple[str, str], Any] = {}
    mine = (
        select(_slot.c.id)
        .join(_listing, _listing.c.id == _slot.c.listing_id)
        .where(_listing.c.sku_id == sku_id)
    )
    last = (
        select(_figure.c.slot_id, _figure.c.figure, func.max(_figure.c.id).label("id"))
        .where(_figure.c.slot_id.in_(mine), _figure.c.at <= at)
        .group_by(_figure.c.slot_id, _figure.c.figure)
        .subquery()
    )
    for row in tx.rows(select(_figure).join(last, last.c.id == _figure.c.id)):
        before[row.slot_id, row.figure] = row
    return [_back_then(one, before) for one in slots_of_sku(tx, sku_id)]


def waiting(tx: Tx, queues: Iterable[str]) -> dict[str, Waiting]:
    """What waits in these queues; 'inbox' are deliveries. A queue without work is not in it."""
    box, found = tables.inbox, {}
    names = sorted(set(queues))
    statement = _waiting(tx, _job.c.run_at, _job.c.queue).where(
        _job.c.state == "ready", _job.c.queue.in_(names)
    )
    for row in tx.rows(statement.group_by(_job.c.queue)):
        found[row.queue] = Waiting(bool(row.due), row.next_at)
    if "inbox" in names:
        row = tx.rows(_waiting(tx, box.c.run_at).where(box.c.state == "new"))[0]
        found["inbox"] = Waiting(bool(row.due), row.next_at)
    return found


def _waiting(tx: Tx, run_at: Any, *columns: Any) -> Select[Any]:
    due = func.max(case((run_at <= tx.now, 1), else_=0)).label("due")
    return select(*columns, due, func.min(case((run_at > tx.now, run_at))).label("next_at"))


def _judged() -> Select[Any]:
    """Every pair with `right` (1 if in sync) and `since` (when it began to need what it lacks).

    A slot that needs a write has a job since then; one that is only observed, or refused, has wanted its
    figure since it was worked out; one that only a reading contradicts, since that reading.
    """
    grain = GRAIN // timedelta(microseconds=1)
    begins = _us(_slot.c.base_at) + grain
    counts = _us(_effect.c.at) >= begins
    until_read = and_(counts, _effect.c.at <= _slot.c.observed_at)
    changes = (
        select(
            _effect.c.slot_id,
            func.sum(case((counts, _effect.c.delta), else_=0)).label("by_now"),
            func.sum(case((until_read, _effect.c.delta), else_=0)).label("by_reading"),
        )
        .join(_slot, _slot.c.id == _effect.c.slot_id)
        .group_by(_effect.c.slot_id)
        .subquery()
    )
    jobs = (
        select(_job.c.key, func.min(_job.c.created_at).label("since"))
        .where(_job.c.kind == "push_stock")
        .group_by(_job.c.key)
        .subquery()
    )
    known = and_(_slot.c.base.is_not(None), _slot.c.base_at.is_not(None))
    shows = and_(known, _slot.c.base + func.coalesce(changes.c.by_now, 0) == _slot.c.wanted)
    silent = and_(_slot.c.flight == "", _slot.c.trouble == "")
    read_later = and_(_slot.c.observed.is_not(None), known, _us(_slot.c.observed_at) > begins)
    other = and_(read_later, _slot.c.base + func.coalesce(changes.c.by_reading, 0) != _slot.c.observed)
    right = and_(shows, silent, case((other, 1), else_=0) == 0)
    since = func.coalesce(
        jobs.c.since, case((and_(shows, silent), _slot.c.observed_at), else_=_slot.c.wanted_at)
    )
    return (
        select(_slot.c.id, _slot.c.connection_id, _slot.c.trouble, _slot.c.flight,
               case((right, 1), else_=0).label("right"), since.label("since"))
        .outerjoin(changes, changes.c.slot_id == _slot.c.id)
        .outerjoin(jobs, jobs.c.key == _slot.c.id)
        .where(_slot.c.wanted.is_not(None))
    )  # fmt: skip


def _us(moment: Any) -> ColumnElement[int]:
    """An instant as the whole microseconds it is stored as."""
    return type_coerce(moment, BigInteger)


def _views(tx: Tx, mine: ColumnElement[bool]) -> list[SlotView]:
    statement = (
        select(_slot, _listing.c.sku_id, _sku.c.code, _connection.c.name, _connection.c.flows)
        .join(_listing, _listing.c.id == _slot.c.listing_id)
        .join(_connection, _connection.c.id == _slot.c.connection_id)
        .outerjoin(_sku, _sku.c.id == _listing.c.sku_id)
        .where(mine)
        .order_by(_connection.c.name, _slot.c.item, _slot.c.location)
    )
    found = tx.rows(statement)
    effects: dict[str, list[tuple[datetime, int]]] = {}
    for some in chunks([row.id for row in found]):
        for row in tx.rows(select(_effect).where(_effect.c.slot_id.in_(some))):
            effects.setdefault(row.slot_id, []).append((row.at, row.delta))
    return [_view(row, rows.slot(row, effects.get(row.id, ()))) for row in found]


def _view(row: Any, slot: Slot) -> SlotView:
    return SlotView(
        id=slot.id,
        channel=row.name,
        item=slot.item,
        location=slot.location,
        sku=row.code or "",
        wanted=slot.wanted,
        wanted_at=row.wanted_at,
        sent=slot.sent,
        sent_at=slot.sent_at,
        acknowledged=slot.acknowledged,
        acknowledged_at=row.acknowledged_at,
        observed=slot.observed,
        observed_at=slot.observed_at,
        believed=believed(slot),
        in_sync=in_sync(slot),
        why=_why(slot, Level(row.flows.get(Flow.STOCK_OUT, Level.OFF))),
    )


def _why(slot: Slot, level: Level) -> str:
    """What keeps a slot from being in sync, the first that holds."""
    if slot.wanted is None:
        return "nothing is wanted of it: map its SKU and its location"
    if in_sync(slot):
        return ""
    if slot.trouble:
        return f"the channel refuses it: {slot.trouble}"
    if slot.flight:
        return "a write is on its way"
    if level is not Level.ON:
        return f"nothing is written: stock_out is {level}"
    if contradicted(slot) and believed(slot) == slot.wanted:
        return f"the channel showed {slot.observed}"
    return "never read or written" if believed(slot) is None else "to be written"


def _back_then(one: SlotView, before: dict[tuple[str, str], Any]) -> SlotView:
    changes: dict[str, Any] = {"believed": None, "in_sync": None, "why": ""}
    for name in ("wanted", "sent", "acknowledged", "observed"):
        row = before.get((one.id, name))
        changes |= {name: row.quantity if row else None, f"{name}_at": row.at if row else None}
    return msgspec.structs.replace(one, **changes)


def _seconds(span: timedelta) -> float:
    return round(max(span.total_seconds(), 0.0), 3)
