"""The only statements that write exceptions."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import bindparam, insert, select, update

from entrepot.db import Tx, chunks, tables
from entrepot.orders.model import Kind

DETAIL_MAX = 500

Key = tuple[str, str, str]
"""Order, line or '', kind."""

_exception = tables.exception


class Exceptional(msgspec.Struct, frozen=True, kw_only=True):
    """One exception. `accepted_by` is '' unless somebody said that it may stay so."""

    id: str
    order_id: str
    line_id: str
    kind: Kind
    detail: str
    open: bool
    accepted_by: str


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """`open`: key → (exception id, detail). `accepted`: keys with the very detail that may stay so."""

    open: Mapping[Key, tuple[str, str]]
    accepted: frozenset[tuple[Key, str]]


def one(tx: Tx, id: str) -> Exceptional | None:
    """An exception, locked."""
    found = tx.rows(tx.locked(select(_exception).where(_exception.c.id == id)))
    return _read(found[0]) if found else None


def standing(tx: Tx, order_ids: Iterable[str]) -> Standing:
    """What is open of these orders, and what somebody has accepted."""
    opened: dict[Key, tuple[str, str]] = {}
    accepted: set[tuple[Key, str]] = set()
    kept = _exception.c.closed_at.is_(None) | (_exception.c.accepted_by != "")
    for some in chunks(order_ids):
        for row in tx.rows(select(_exception).where(_exception.c.order_id.in_(some), kept)):
            key = (row.order_id, row.line_id, row.kind)
            if row.closed_at is None:
                opened[key] = (row.id, row.detail)
            else:
                accepted.add((key, row.detail))
    return Standing(open=opened, accepted=frozenset(accepted))


def open_new(tx: Tx, found: Mapping[Key, str]) -> None:
    """Opens exceptions: (order, line or '', kind) → detail."""
    tx.write(
        insert(_exception),
        [
            {"id": tx.ids.new(), "order_id": order_id, "line_id": line_id, "kind": kind,
             "detail": cut(detail), "opened_at": tx.now, "accepted_by": "", "accepted_why": ""}
            for (order_id, line_id, kind), detail in found.items()
        ],
    )  # fmt: skip


def detail_anew(tx: Tx, details: Mapping[str, str]) -> None:
    """What open exceptions name is another thing by now: id → detail."""
    tx.write(
        update(_exception).where(_exception.c.id == bindparam("this")).values(detail=bindparam("new_detail")),
        [{"this": id, "new_detail": cut(detail)} for id, detail in details.items()],
    )


def close(tx: Tx, ids: Sequence[str]) -> None:
    """Closes exceptions: what they named is no longer so."""
    for some in chunks(ids):
        tx.run(update(_exception).where(_exception.c.id.in_(some)).values(closed_at=tx.now))


def accept(tx: Tx, id: str, why: str) -> None:
    """What an exception names stays so."""
    values = {"closed_at": tx.now, "accepted_by": tx.actor, "accepted_why": why}
    tx.run(update(_exception).where(_exception.c.id == id).values(**values))


def reopen(tx: Tx, id: str) -> None:
    values = {"closed_at": None, "accepted_by": "", "accepted_why": ""}
    tx.run(update(_exception).where(_exception.c.id == id).values(**values))


def cut(detail: str) -> str:
    """A detail as it is kept."""
    return detail[:DETAIL_MAX]


def _read(row: Any) -> Exceptional:
    return Exceptional(
        id=row.id,
        order_id=row.order_id,
        line_id=row.line_id,
        kind=Kind(row.kind),
        detail=row.detail,
        open=row.closed_at is None,
        accepted_by=row.accepted_by,
    )
