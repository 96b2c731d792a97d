"""The only statements that write transfers. What is on its way lies in the other location's transit place."""

from enum import StrEnum

import msgspec
from sqlalchemy import bindparam, select
from sqlalchemy import insert as insert_into
from sqlalchemy import update as update_in

from entrepot.db import Tx, tables

_transfer, _line = tables.transfer, tables.transfer_line


class TransferState(StrEnum):
    IN_TRANSIT = "in_transit"
    PARTLY_RECEIVED = "partly_received"
    RECEIVED = "received"


class TransferLine(msgspec.Struct, frozen=True, kw_only=True):
    """Pieces of an item: `arrived` may be more than was `sent`, `lost` is what will not come."""

    sku_id: str
    item_id: str
    sent: int
    lot: str = ""
    arrived: int = 0
    lost: int = 0

    @property
    def on_its_way(self) -> int:
        return max(self.sent - self.arrived - self.lost, 0)


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    reference: str
    source_id: str
    target_id: str
    state: TransferState
    lines: tuple[TransferLine, ...]


def named(tx: Tx, reference: str) -> Transfer | None:
    """The transfer of that reference."""
    row = tx.row(select(_transfer.c.id).where(_transfer.c.reference == reference))
    return held(tx, row.id) if row else None


def held(tx: Tx, id: str) -> Transfer | None:
    """A transfer with its lines, locked."""
    found = tx.rows(tx.locked(select(_transfer).where(_transfer.c.id == id)))
    if not found:
        return None
    mine = select(_line).where(_line.c.transfer_id == id).order_by(_line.c.item_id, _line.c.lot)
    names = TransferLine.__struct_fields__
    return Transfer(
        id=id,
        reference=found[0].reference,
        source_id=found[0].source_id,
        target_id=found[0].target_id,
        state=TransferState(found[0].state),
        lines=tuple(TransferLine(**{name: getattr(row, name) for name in names}) for row in tx.rows(mine)),
    )


def insert(tx: Tx, one: Transfer) -> None:
    tx.run(
        insert_into(_transfer).values(
            id=one.id,
            reference=one.reference,
            source_id=one.source_id,
            target_id=one.target_id,
            state=one.state,
            actor=tx.actor,
            sent_at=tx.now,
            changed_at=tx.now,
        )
    )
    tx.write(
        insert_into(_line), [{"transfer_id": one.id} | msgspec.structs.asdict(line) for line in one.lines]
    )


def update(tx: Tx, one: Transfer) -> None:
    """Writes the state, and what arrived and was lost."""
    tx.run(update_in(_transfer).where(_transfer.c.id == one.id).values(state=one.state, changed_at=tx.now))
    mine = (
        (_line.c.transfer_id == one.id)
        & (_line.c.item_id == bindparam("item"))
        & (_line.c.lot == bindparam("of_lot"))
    )
    tx.write(
        update_in(_line).where(mine).values(arrived=bindparam("new_arrived"), lost=bindparam("new_lost")),
        [
            {"item": line.item_id, "of_lot": line.lot, "new_arrived": line.arrived, "new_lost": line.lost}
            for line in one.lines
        ],
    )
