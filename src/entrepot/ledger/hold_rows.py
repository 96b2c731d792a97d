"""The only statements that write holds. What a hold binds are reservations: their line is the hold."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import bindparam, select
from sqlalchemy import insert as insert_into
from sqlalchemy import update as update_in

from entrepot.db import Tx, chunks, tables

_hold = tables.hold


class HoldState(StrEnum):
    """HELD as long as it holds a piece; the others say how it lost the last one."""

    HELD = "held"
    USED = "used"
    RELEASED = "released"
    EXPIRED = "expired"


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """`asked` pieces of a SKU, of which `quantity` are still held, until `ends_at`."""

    id: str
    reference: str
    sku_id: str
    connection_id: str
    location_ids: tuple[str, ...]
    asked: int
    quantity: int
    state: HoldState
    ends_at: datetime


def named(tx: Tx, reference: str) -> Hold | None:
    """The hold of that reference, locked."""
    found = tx.rows(tx.locked(select(_hold).where(_hold.c.reference == reference)))
    return _read(found[0]) if found else None


def held(tx: Tx, ids: Sequence[str]) -> dict[str, Hold]:
    """These holds by id, locked in key order."""
    return {
        row.id: _read(row)
        for some in chunks(sorted(set(ids)))
        for row in tx.rows(tx.locked(select(_hold).where(_hold.c.id.in_(some)).order_by(_hold.c.id)))
    }


def holding(tx: Tx, sku_id: str) -> bool:
    """Whether anything of a SKU is held now."""
    mine = (_hold.c.sku_id == sku_id) & (_hold.c.state == HoldState.HELD)
    return tx.row(select(_hold.c.id).where(mine).limit(1)) is not None


def insert(tx: Tx, one: Hold) -> None:
    row = {"id": one.id, "reference": one.reference, "sku_id": one.sku_id, "actor": tx.actor,
           "connection_id": one.connection_id or None, "location_ids": " ".join(one.location_ids),
           "asked": one.asked, "created_at": tx.now}  # fmt: skip
    tx.write(insert_into(_hold), [row | _changing(tx, one)])


def update(tx: Tx, ones: Sequence[Hold]) -> None:
    """Writes what changes of a hold: pieces, state, end."""
    names = ("quantity", "state", "ends_at", "changed_at")
    tx.write(
        update_in(_hold)
        .where(_hold.c.id == bindparam("this"))
        .values({name: bindparam(f"new_{name}") for name in names}),
        [{"this": one.id} | {f"new_{name}": _changing(tx, one)[name] for name in names} for one in ones],
    )


def _changing(tx: Tx, one: Hold) -> dict[str, Any]:
    return {"quantity": one.quantity, "state": one.state, "ends_at": one.ends_at, "changed_at": tx.now}


def _read(row: Any) -> Hold:
    return Hold(
        id=row.id,
        reference=row.reference,
        sku_id=row.sku_id,
        connection_id=row.connection_id or "",
        location_ids=tuple(row.location_ids.split()),
        asked=row.asked,
        quantity=row.quantity,
        state=HoldState(row.state),
        ends_at=row.ends_at,
    )
