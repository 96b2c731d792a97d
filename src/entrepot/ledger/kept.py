"""Holds and transfers in pages, for screens and programs. Quantities are pieces."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Select, select

from entrepot.db import Tx, chunks, tables
from entrepot.db.paging import LIMIT, By, Page, page, plain_text
from entrepot.kernel import Refusal
from entrepot.ledger.hold_rows import HoldState
from entrepot.ledger.transfer_rows import TransferState

_hold, _transfer, _line = tables.hold, tables.transfer, tables.transfer_line
_sku, _connection, _location = tables.sku, tables.connection, tables.location

HOLDS = By("holds", (_hold.c.id,))
TRANSFERS = By("transfers", (_transfer.c.id,))


class HoldView(msgspec.Struct, frozen=True, kw_only=True):
    """`asked` pieces of a SKU, of which `quantity` are still held, until `ends_at`. `seller`: whose orders
    alone may use them, '' for any."""

    id: str
    reference: str
    sku: str
    seller: str
    asked: int
    quantity: int
    state: HoldState
    ends_at: datetime
    actor: str
    created_at: datetime


class TransferLineView(msgspec.Struct, frozen=True, kw_only=True):
    """`arrived` may be more than was `sent`; `lost` was not found when the last of it was counted."""

    sku: str
    lot: str
    sent: int
    arrived: int
    lost: int


class TransferView(msgspec.Struct, frozen=True, kw_only=True):
    """Goods between two locations."""

    id: str
    reference: str
    source: str
    target: str
    state: TransferState
    lines: tuple[TransferLineView, ...]
    actor: str
    sent_at: datetime
    changed_at: datetime


def holds(tx: Tx, *, sku: str = "", state: str = "", after: str = "", limit: int = LIMIT) -> Page[HoldView]:
    """Holds, those that were made last first."""
    statement = _every_hold()
    if sku:
        ours = select(_sku.c.id).where(_sku.c.code == plain_text(sku, "sku")).scalar_subquery()
        statement = statement.where(_hold.c.sku_id == ours)
    if state:
        if state not in list(HoldState):
            raise Refusal("state", f"{state!r} is none of {', '.join(HoldState)}", field="state")
        statement = statement.where(_hold.c.state == state)
    found = page(tx, statement, HOLDS, after=after, limit=limit)
    return found.of([_held(row) for row in found.rows])


def hold(tx: Tx, id: str) -> HoldView | None:
    """One hold; None if there is none."""
    row = tx.row(_every_hold().where(_hold.c.id == id))
    return _held(row) if row else None


def transfers(tx: Tx, *, after: str = "", limit: int = LIMIT) -> Page[TransferView]:
    """Transfers, those that were sent last first."""
    found = page(tx, _every_transfer(), TRANSFERS, after=after, limit=limit)
    return found.of(_sent(tx, found.rows))


def transfer(tx: Tx, id: str) -> TransferView | None:
    """One transfer; None if there is none."""
    return next(iter(_sent(tx, tx.rows(_every_transfer().where(_transfer.c.id == id)))), None)


def _every_hold() -> Select[Any]:
    return (
        select(_hold, _sku.c.code, _connection.c.name)
        .join(_sku, _sku.c.id == _hold.c.sku_id)
        .outerjoin(_connection, _connection.c.id == _hold.c.connection_id)
    )


def _every_transfer() -> Select[Any]:
    here, there = _location.alias("here"), _location.alias("there")
    return (
        select(_transfer, here.c.code.label("source"), there.c.code.label("target"))
        .join(here, here.c.id == _transfer.c.source_id)
        .join(there, there.c.id == _transfer.c.target_id)
    )


def _held(row: Any) -> HoldView:
    return HoldView(
        id=row.id,
        reference=row.reference,
        sku=row.code,
        seller=row.name or "",
        asked=row.asked,
        quantity=row.quantity,
        state=HoldState(row.state),
        ends_at=row.ends_at,
        actor=row.actor,
        created_at=row.created_at,
    )


def _sent(tx: Tx, rows: Sequence[Any]) -> list[TransferView]:
    lines = _lines(tx, [row.id for row in rows])
    return [
        TransferView(
            id=row.id,
            reference=row.reference,
            source=row.source,
            target=row.target,
            state=TransferState(row.state),
            lines=tuple(lines[row.id]),
            actor=row.actor,
            sent_at=row.sent_at,
            changed_at=row.changed_at,
        )
        for row in rows
    ]


def _lines(tx: Tx, ids: Iterable[str]) -> dict[str, list[TransferLineView]]:
    found: dict[str, list[TransferLineView]] = defaultdict(list)
    statement = select(_line, _sku.c.code).join(_sku, _sku.c.id == _line.c.sku_id)
    for some in chunks(ids):
        mine = statement.where(_line.c.transfer_id.in_(some)).order_by(_sku.c.code, _line.c.lot)
        for row in tx.rows(mine):
            line = TransferLineView(
                sku=row.code, lot=row.lot, sent=row.sent, arrived=row.arrived, lost=row.lost
            )
            found[row.transfer_id].append(line)
    return found
