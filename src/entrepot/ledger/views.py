"""Reading queries for screens and programs: what lies where, now or at a booked moment, what moved it, who
waits.

Quantities are pieces. Nothing here locks or writes; each is one statement per 5,000 items.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Select, func, select, union_all

from entrepot.db import Tx, chunks, tables
from entrepot.ledger.model import OPEN, State
from entrepot.ledger.rows import UNDONE
from entrepot.places import ON_HAND, Kind

_balance, _move, _posting = tables.balance, tables.move, tables.posting
_item, _place, _location, _reservation = tables.item, tables.place, tables.location, tables.reservation
_line = tables.order_line

NEWEST = 200


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """One item at one location, its lots together. `on_hand` = available + promised + unavailable + back.

    `unavailable`: reason → pieces, only reasons with some.
    """

    item_id: str
    item: str
    location_id: str
    location: str
    on_hand: int
    available: int
    promised: int
    unavailable: dict[str, int]
    back: int


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """A booked move. `source` and `target` are spelled 'main shelf', 'main unavailable (damaged)',
    'supplier'."""

    id: str
    item_id: str
    item: str
    lot: str
    quantity: int
    source: str
    target: str
    cause: str
    reason: str
    actor: str
    happened_at: datetime
    booked_at: datetime


class Promise(msgspec.Struct, frozen=True, kw_only=True):
    """A reservation. `location` is '' for one that waits for goods, `order_id` for one that no order made."""

    id: str
    line_id: str
    order_id: str
    item_id: str
    item: str
    location: str
    lot: str
    quantity: int
    state: State
    created_at: datetime
    changed_at: datetime


def figures(tx: Tx, item_ids: Iterable[str], *, at: datetime | None = None) -> list[Figures]:
    """What lies where: by item, then location. With `at` as it was booked then, which is not always how it
    was: a till may tell later what happened before (see `happened_at` of the moves)."""
    found: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for some in chunks(sorted(set(item_ids))):
        for row in tx.rows(_now(some) if at is None else _then(some, at)):
            found[row.item, row.location].append(row)
    return [_figures(found[key]) for key in sorted(found)]


def moves(
    tx: Tx,
    item_ids: Iterable[str],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = NEWEST,
) -> list[Moved]:
    """The newest moves of these items that were booked after `since` and not after `until`, oldest first."""
    statement = every_move().order_by(_move.c.booked_at.desc(), _move.c.id.desc()).limit(limit)
    if since is not None:
        statement = statement.where(_move.c.booked_at > since)
    if until is not None:
        statement = statement.where(_move.c.booked_at <= until)
    found = [
        moved(row)
        for some in chunks(sorted(set(item_ids)))
        for row in tx.rows(statement.where(_move.c.item_id.in_(some)))
    ]
    return sorted(found, key=lambda one: (one.booked_at, one.id))[-limit:]


def every_move() -> Select[Any]:
    """Every move with its posting and the names of its places, in no order."""
    source, target = _place.alias("source"), _place.alias("target")
    here, there = _location.alias("here"), _location.alias("there")
    return (
        select(_move, _item.c.code, _posting.c.reason, _posting.c.actor,
               source.c.kind.label("source_kind"), source.c.reason.label("source_reason"),
               target.c.kind.label("target_kind"), target.c.reason.label("target_reason"),
               here.c.code.label("source_code"), there.c.code.label("target_code"))
        .join(_posting, _posting.c.cause == _move.c.cause)
        .join(_item, _item.c.id == _move.c.item_id)
        .join(source, source.c.id == _move.c.source_id)
        .join(target, target.c.id == _move.c.target_id)
        .outerjoin(here, here.c.id == source.c.location_id)
        .outerjoin(there, there.c.id == target.c.location_id)
    )  # fmt: skip


def promises(
    tx: Tx, item_ids: Iterable[str], *, states: Collection[State] = OPEN, limit: int = NEWEST
) -> list[Promise]:
    """The oldest reservations of these items in those states, as they stand now: their past is not kept, only
    the moves they made."""
    statement = every_promise().where(_reservation.c.state.in_(sorted(states)))
    if OPEN.issuperset(states):
        statement = statement.where(UNDONE)
    statement = statement.order_by(_reservation.c.id).limit(limit)
    found = [
        promise(row)
        for some in chunks(sorted(set(item_ids)))
        for row in tx.rows(statement.where(_reservation.c.item_id.in_(some)))
    ]
    return sorted(found, key=lambda one: one.id)[:limit]


def every_promise() -> Select[Any]:
    """Every reservation with its item, location and order, in no order."""
    return (
        select(_reservation, _item.c.code.label("item"), _location.c.code.label("location"), _line.c.order_id)
        .join(_item, _item.c.id == _reservation.c.item_id)
        .outerjoin(_location, _location.c.id == _reservation.c.location_id)
        .outerjoin(_line, _line.c.id == _reservation.c.line_id)
    )


def item_codes(tx: Tx, item_ids: Iterable[str]) -> dict[str, str]:
    """Item id → the code people know it by."""
    return {
        row.id: row.code
        for some in chunks(sorted(set(item_ids)))
        for row in tx.rows(select(_item.c.id, _item.c.code).where(_item.c.id.in_(some)))
    }


def _now(item_ids: Sequence[str]) -> Select[Any]:
    lying = select(_balance.c.item_id, _balance.c.place_id, _balance.c.quantity)
    return _summed(lying.where(_balance.c.item_id.in_(item_ids)).subquery())


def _then(item_ids: Sequence[str], at: datetime) -> Select[Any]:
    mine = (_move.c.item_id.in_(item_ids), _move.c.booked_at <= at)
    came = select(_move.c.item_id, _move.c.target_id.label("place_id"), _move.c.quantity).where(*mine)
    went = select(_move.c.item_id, _move.c.source_id, -_move.c.quantity).where(*mine)
    return _summed(union_all(came, went).subquery())


def _summed(lying: Any) -> Select[Any]:
    """(item, location, kind, reason) → pieces, of rows (item_id, place_id, quantity)."""
    names = (
        lying.c.item_id,
        _item.c.code,
        _place.c.location_id,
        _location.c.code,
        _place.c.kind,
        _place.c.reason,
    )
    return (
        select(
            lying.c.item_id,
            _item.c.code.label("item"),
            _place.c.location_id,
            _location.c.code.label("location"),
            _place.c.kind,
            _place.c.reason,
            func.sum(lying.c.quantity).label("pieces"),
        )
        .join(_item, _item.c.id == lying.c.item_id)
        .join(_place, _place.c.id == lying.c.place_id)
        .join(_location, _location.c.id == _place.c.location_id)
        .where(_place.c.kind.in_(ON_HAND))
        .group_by(*names)
    )


def _figures(rows: Sequence[Any]) -> Figures:
    """The rows of one item at one location."""

    def of(kind: Kind) -> int:
        return sum(int(row.pieces) for row in rows if row.kind == kind)

    aside = {row.reason: int(row.pieces) for row in rows if row.kind == Kind.UNAVAILABLE and row.pieces}
    return Figures(
        item_id=rows[0].item_id,
        item=rows[0].item,
        location_id=rows[0].location_id,
        location=rows[0].location,
        on_hand=sum(int(row.pieces) for row in rows),
        available=of(Kind.SHELF),
        promised=of(Kind.PROMISED),
        unavailable=dict(sorted(aside.items())),
        back=of(Kind.BACK),
    )


def moved(row: Any) -> Moved:
    """A row of `every_move`."""
    return Moved(
        id=row.id,
        item_id=row.item_id,
        item=row.code,
        lot=row.lot,
        quantity=row.quantity,
        source=_spelled(row.source_code, row.source_kind, row.source_reason),
        target=_spelled(row.target_code, row.target_kind, row.target_reason),
        cause=row.cause,
        reason=row.reason,
        actor=row.actor,
        happened_at=row.happened_at,
        booked_at=row.booked_at,
    )


def _spelled(location: str | None, kind: str, reason: str) -> str:
    place = f"{location} {kind}" if location else kind
    return f"{place} ({reason})" if reason else place


def promise(row: Any) -> Promise:
    """A row of `every_promise`."""
    return Promise(
        id=row.id,
        line_id=row.line_id,
        order_id=row.order_id or "",
        item_id=row.item_id,
        item=row.item,
        location=row.location or "",
        lot=row.lot,
        quantity=row.quantity,
        state=State(row.state),
        created_at=row.created_at,
        changed_at=row.changed_at,
    )
