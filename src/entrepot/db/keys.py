"""Keys of their own: one per person, one per day of deliveries. To delete one is to forget the text."""

from collections.abc import Sequence

from sqlalchemy import delete, insert, select, text

from entrepot.db import resealing, tables
from entrepot.db.tx import Tx, chunks


def make(tx: Tx, names: Sequence[str]) -> dict[str, bytes]:
    """New keys under these names, kept sealed under the hub's key."""
    keys = {name: tx.keyring.new_key() for name in names}
    tx.write(
        insert(tables.seal_key),
        [
            {"name": name, "sealed": tx.keyring.seal(key, f"seal_key:{name}"), "created_at": tx.now}
            for name, key in keys.items()
        ],
    )
    return keys


def find(tx: Tx, names: Sequence[str]) -> dict[str, bytes]:
    """The keys that still exist."""
    table = tables.seal_key
    return {
        row.name: tx.keyring.open(row.sealed, f"seal_key:{row.name}")
        for some in chunks(names)
        for row in tx.rows(select(table.c.name, table.c.sealed).where(table.c.name.in_(some)))
    }


def reseal(tx: Tx, *, after: str, limit: int) -> tuple[int, str]:
    """Seals the next keys under the hub's newest; see `db.resealing`."""
    table = tables.seal_key
    return resealing.reseal(
        tx, table.c.name, table.c.sealed, lambda name: f"seal_key:{name}", after=after, limit=limit
    )


def forget(tx: Tx, names: Sequence[str]) -> int:
    """Deletes keys; what they sealed can never be read again. How many there were. SQLite writes zeros over
    them in its file."""
    if tx.database == "sqlite":
        tx.run(text("PRAGMA secure_delete = ON"))
    return sum(
        tx.run(delete(tables.seal_key).where(tables.seal_key.c.name.in_(some))).rowcount
        for some in chunks(names)
    )
