"""Sealed columns come under the newest of the hub's keys, a part of a table at a time."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Column, bindparam, func, select, update

from entrepot.db.tx import Tx
from entrepot.kernel.seal import ID_LENGTH


def reseal(
    tx: Tx, key: Column[str], sealed: Column[Any], where: Callable[[str], str], *, after: str, limit: int
) -> tuple[int, str]:
    """Seals anew what stands behind `after`, at most `limit` rows: how many were under an older key, and the
    key to go on behind, '' at the end. `where`: what the value of a row is sealed for."""
    newest = tx.keyring.newest.encode()
    part = select(key.label("key"), sealed.label("sealed")).where(key > after, sealed.is_not(None))
    rows = tx.rows(tx.locked(part.order_by(key).limit(limit)))
    stale = [row for row in rows if row.sealed and not row.sealed.startswith(newest)]
    tx.write(
        update(key.table)
        .where(key == bindparam("this"), sealed == bindparam("old"))
        .values({sealed.name: bindparam("new")}),
        [
            {"this": row.key, "old": row.sealed, "new": tx.keyring.reseal(row.sealed, where(row.key))}
            for row in stale
        ],
    )
    return len(stale), rows[-1].key if len(rows) == limit else ""


def sealed_under(tx: Tx, sealed: Column[Any]) -> dict[str, int]:
    """Name of a key → how many values of the column are sealed under it."""
    name = func.substr(sealed, 1, ID_LENGTH).label("name")
    found = select(name, func.count().label("values")).where(func.length(sealed) > 0).group_by(name)
    return {bytes(row.name).decode("ascii", "replace"): row.values for row in tx.rows(found)}
