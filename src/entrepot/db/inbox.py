"""The inbox: deliveries as they came, sealed, each once. One is done, waits, or is a dead letter."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import Select, and_, select, update

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
    (row,) = _rows(tx, connection_id, [(key, delivery)])
    stored = tx.run(
        tx.insert(tables.inbox).values(row).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    )
    return stored.rowcount == 1


def put_all(tx: Tx, *, connection_id: str, told: Sequence[tuple[str, Delivery]]) -> None:
    """Stores many deliveries under their keys at once; those that are here already stay as they are."""
    tx.write(tx.insert(tables.inbox).on_conflict_do_nothing(), _rows(tx, connection_id, told))


def _rows(tx: Tx, connection_id: str, told: Sequence[tuple[str, Delivery]]) -> list[dict[str, Any]]:
    """New rows, each sealed under the key of its day."""
    days = {f"inbox:{delivery.received_at:%Y-%m-%d}": None for _key, delivery in told}
    found = keys.find(tx, list(days))
    found |= keys.make(tx, [day for day in days if day not in found])
    rows = []
    for key, delivery in told:
        id, seal = tx.ids.new(), f"inbox:{delivery.received_at:%Y-%m-%d}"
        sealed = tx.keyring.seal_under(found[seal], msgspec.msgpack.encode(delivery), f"inbox:{id}")
        rows.append(
            {
                "id": id,
                "connection_id": connection_id,
                "key": key,
                "seal": seal,
                "sealed": sealed,
                "state": "new",
                "attempts": 0,
                "received_at": delivery.received_at,
                "run_at": tx.now,
                "why": "",
            }
        )
    return rows


def take(tx: Tx, limit: int) -> list[Letter]:
    """The next due deliveries, oldest first, without those whose key was forgotten."""
    return _letters(tx, tx.rows(_due(tx, limit)))


def claim(tx: Tx, limit: int) -> list[Letter]:
    """The same of the deliveries that no other transaction has claimed; they are ours until this one ends."""
    return _letters(tx, tx.rows(tx.locked(_due(tx, limit), skip_locked=True, of=tables.inbox)))


def _due(tx: Tx, limit: int) -> Select[Any]:
    table = tables.inbox
    legible = table.c.seal.in_(select(tables.seal_key.c.name))
    due = and_(table.c.state == "new", table.c.run_at <= tx.now, legible)
    return select(table).where(due).order_by(table.c.id).limit(limit)


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


def after(
    tx: Tx, connection_ids: Sequence[str], id: str, *, limit: int
) -> tuple[list[Letter], str, dict[str, str]]:
    """The next deliveries of these connections behind this id that can still be read; the id of the last that
    was looked at ('' if there were none); and the state of each."""
    table = tables.inbox
    behind = table.c.connection_id.in_(connection_ids) & (table.c.id > id)
    rows = tx.rows(select(table).where(behind).order_by(table.c.id).limit(limit))
    return _letters(tx, rows), rows[-1].id if rows else "", {row.id: row.state for row in rows}


def drop(tx: Tx, ids: Sequence[str]) -> None:
    """Forgets what deliveries said. That they came stays."""
    table = tables.inbox
    for some in chunks(ids):
        gone = {"sealed": b"", "seal": "", "state": "done", "done_at": tx.now, "why": "forgotten"}
        tx.run(update(table).where(table.c.id.in_(some)).values(gone))


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
