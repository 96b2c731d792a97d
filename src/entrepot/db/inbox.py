"""The inbox: deliveries as they came, sealed, each once. One is done, waits, or is a dead letter."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import and_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from entrepot.contract import Delivery
from entrepot.db import keys, tables
from entrepot.db.jobs import ATTEMPTS, backoff_s
from entrepot.db.tx import Tx, chunks
from entrepot.kernel.seal import open_under


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A stored delivery."""

    id: str
    connection_id: str
    attempts: int
    delivery: Delivery


def put(tx: Tx, *, connection_id: str, key: str, delivery: Delivery) -> bool:
    """Stores a delivery; False if one with this key is already here."""
    seal = f"inbox:{delivery.received_at:%Y-%m-%d}"
    found = keys.find(tx, [seal]) or keys.make(tx, [seal])
    id = tx.ids.new()
    upsert = postgresql.insert if tx.database == "postgresql" else sqlite.insert
    stored = tx.run(
        upsert(tables.inbox)
        .values(
            id=id,
            connection_id=connection_id,
            key=key,
            seal=seal,
            sealed=tx.keyring.seal_under(found[seal], msgspec.msgpack.encode(delivery), f"inbox:{id}"),
            state="new",
            attempts=0,
            received_at=delivery.received_at,
            run_at=tx.now,
            why="",
        )
        .on_conflict_do_nothing()
    )
    return stored.rowcount == 1


def take(tx: Tx, limit: int) -> list[Letter]:
    """The next due deliveries, oldest first, without those whose key was forgotten."""
    table = tables.inbox
    legible = table.c.seal.in_(select(tables.seal_key.c.name))
    due = and_(table.c.state == "new", table.c.run_at <= tx.now, legible)
    rows = tx.rows(select(table).where(due).order_by(table.c.id).limit(limit))
    return _letters(tx, rows)


def done(tx: Tx, ids: Sequence[str]) -> None:
    """Marks deliveries as booked."""
    for some in chunks(ids):
        tx.run(
            update(tables.inbox)
            .where(tables.inbox.c.id.in_(some))
            .values(state="done", done_at=tx.now, why="")
        )


def fail(tx: Tx, letter: Letter, why: str, *, hopeless: bool = False) -> None:
    """Counts an attempt; after the last one, or at once where waiting cannot help, it is a dead letter."""
    attempts = letter.attempts + 1
    dead = hopeless or attempts >= ATTEMPTS
    tx.run(
        update(tables.inbox)
        .where(tables.inbox.c.id == letter.id)
        .values(
            attempts=attempts,
            state="dead" if dead else "new",
            run_at=tx.now + timedelta(seconds=backoff_s(attempts)),
            why=why[:500],
        )
    )


def show(tx: Tx, id: str) -> Letter | None:
    """One delivery, opened; None if it is not here or its key was forgotten."""
    found = _letters(tx, tx.rows(select(tables.inbox).where(tables.inbox.c.id == id)))
    return found[0] if found else None


def replace(tx: Tx, letter: Letter, delivery: Delivery) -> None:
    """Puts an edited content in the place of a dead letter's and makes it wait again."""
    row = tx.row(select(tables.inbox.c.seal).where(tables.inbox.c.id == letter.id))
    assert row is not None
    key = keys.find(tx, [row.seal])[row.seal]
    tx.run(
        update(tables.inbox)
        .where(tables.inbox.c.id == letter.id)
        .values(sealed=tx.keyring.seal_under(key, msgspec.msgpack.encode(delivery), f"inbox:{letter.id}"))
    )


def _letters(tx: Tx, rows: Sequence[Any]) -> list[Letter]:
    found = keys.find(tx, sorted({row.seal for row in rows}))
    return [
        Letter(
            id=row.id,
            connection_id=row.connection_id,
            attempts=row.attempts,
            delivery=msgspec.msgpack.decode(
                open_under(found[row.seal], row.sealed, f"inbox:{row.id}"), type=Delivery
            ),
        )
        for row in rows
        if row.seal in found
    ]
