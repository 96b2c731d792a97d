"""The only statements that write orders, lines and exceptions; and the look-ups that intake needs."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import bindparam, insert, select, update

from entrepot.contract import OrderSeen
from entrepot.db import Tx, chunks, tables
from entrepot.orders.model import Fulfilment, Kind, Line, Order, status, where

_LINE_COUNTS = (
    "ordered", "cancelled", "shipped", "returned", "taken", "unsellable", "shelved", "kept", "amount",
    "handed_over", "item", "sku_text", "title",
)  # fmt: skip


def held(tx: Tx, connection_id: str, external_ids: Iterable[str]) -> dict[str, Order]:
    """The orders we hold of these, by the channel's id, locked in key order."""
    table = tables.orders
    return {
        row.external_id: order(row)
        for some in chunks(sorted(external_ids))
        for row in tx.rows(
            tx.locked(
                select(table)
                .where(table.c.connection_id == connection_id, table.c.external_id.in_(some))
                .order_by(table.c.external_id)
            )
        )
    }


def one(tx: Tx, name: str) -> Order | None:
    """An order by our id or as CONNECTION/EXTERNAL, locked."""
    table, account = tables.orders, tables.connection
    connection, slash, external_id = name.partition("/")
    here = table.c.id == name
    if slash:
        mine = select(account.c.id).where(account.c.name == connection).scalar_subquery()
        here = (table.c.connection_id == mine) & (table.c.external_id == external_id)
    found = tx.rows(tx.locked(select(table).where(here), of=table))
    return order(found[0]) if found else None


def lines(tx: Tx, order_ids: Iterable[str]) -> dict[str, dict[str, Line]]:
    """order id → the channel's line id → line."""
    table = tables.order_line
    found: dict[str, dict[str, Line]] = {}
    for some in chunks(order_ids):
        for row in tx.rows(select(table).where(table.c.order_id.in_(some)).order_by(table.c.id)):
            found.setdefault(row.order_id, {})[row.external_id] = line(row)
    return found


def insert_orders(tx: Tx, orders: Sequence[Order]) -> None:
    """In key order, so that two processes that hear of the same orders wait for each other."""
    tx.write(
        insert(tables.orders),
        [_order_row(one) for one in sorted(orders, key=lambda one: one.seen.external_id)],
    )


def update_orders(tx: Tx, orders: Sequence[Order]) -> None:
    names = ("version_key", "digest", "as_of", "version", "commercial", "payment", "fulfilment", "status",
             "total", "currency", "person_id", "seen", "changed_at", "number")  # fmt: skip
    tx.write(
        update(tables.orders)
        .where(tables.orders.c.id == bindparam("this"))
        .values({name: bindparam(f"new_{name}") for name in names}),
        [
            {"this": one.id}
            | {f"new_{name}": value for name, value in _order_row(one).items() if name in names}
            for one in orders
        ],
    )


def insert_lines(tx: Tx, lines: Sequence[Line]) -> None:
    tx.write(
        insert(tables.order_line),
        [msgspec.structs.asdict(one) | {"sku_id": one.sku_id or None} for one in lines],
    )


def update_lines(tx: Tx, lines: Sequence[Line]) -> None:
    names = (*_LINE_COUNTS, "sku_id")
    tx.write(
        update(tables.order_line)
        .where(tables.order_line.c.id == bindparam("this"))
        .values({name: bindparam(f"new_{name}") for name in names}),
        [
            {"this": one.id} | {f"new_{name}": getattr(one, name) or _empty(name) for name in names}
            for one in lines
        ],
    )


def waiting_for(
    tx: Tx, kinds: Sequence[Kind], *, items: Iterable[str] | None, connection_id: str
) -> set[str]:
    """Channel ids of orders with an open exception of these kinds; with `items`, on a line of one of them."""
    exception, line_, order_ = tables.exception, tables.order_line, tables.orders
    statement = (
        select(order_.c.external_id)
        .join(exception, exception.c.order_id == order_.c.id)
        .where(
            order_.c.connection_id == connection_id,
            exception.c.closed_at.is_(None),
            exception.c.kind.in_(kinds),
        )
        .distinct()
    )
    if items is None:
        return {row.external_id for row in tx.rows(statement)}
    on_line = statement.join(line_, line_.c.id == exception.c.line_id)
    return {
        row.external_id for some in chunks(items) for row in tx.rows(on_line.where(line_.c.item.in_(some)))
    }


def sold(tx: Tx, sku_id: str) -> bool:
    """Whether any order has a line of this SKU."""
    return (
        tx.row(select(tables.order_line.c.id).where(tables.order_line.c.sku_id == sku_id).limit(1))
        is not None
    )


def waiting_for_text(tx: Tx, kind: Kind, *, connection_id: str) -> list[str]:
    """Channel ids of orders with an open exception of this kind on a line whose text is the code of a SKU."""
    exception, line_, order_, sku = tables.exception, tables.order_line, tables.orders, tables.sku
    statement = (
        select(order_.c.external_id)
        .join(exception, exception.c.order_id == order_.c.id)
        .join(line_, line_.c.id == exception.c.line_id)
        .join(sku, sku.c.code == line_.c.sku_text)
        .where(
            order_.c.connection_id == connection_id,
            exception.c.closed_at.is_(None),
            exception.c.kind == kind,
            line_.c.sku_id.is_(None),
        )
        .distinct()
    )
    return [row.external_id for row in tx.rows(statement)]


def owners(tx: Tx, line_ids: Iterable[str]) -> dict[str, tuple[str, str, str]]:
    """line id → (order id, connection id, the location the channel asked for)."""
    line_, order_ = tables.order_line, tables.orders
    statement = select(
        line_.c.id, line_.c.external_id, line_.c.order_id, order_.c.connection_id, order_.c.seen
    ).join(order_, order_.c.id == line_.c.order_id)
    return {
        row.id: (row.order_id, row.connection_id, _place(testimony(row.seen), row.external_id))
        for some in chunks(line_ids)
        for row in tx.rows(statement.where(line_.c.id.in_(some)))
    }


def _place(order: OrderSeen, line: str) -> str:
    said = (one for one in order.lines if one.external_id == line)
    return next((where(one, order) for one in said), order.location)


def short_lines(tx: Tx, line_ids: Iterable[str]) -> dict[str, int]:
    """line id → pieces that still wait for goods."""
    table = tables.reservation
    found: dict[str, int] = {}
    for some in chunks(line_ids):
        for row in tx.rows(
            select(table.c.line_id, table.c.quantity).where(
                table.c.line_id.in_(some), table.c.state == "short"
            )
        ):
            found[row.line_id] = found.get(row.line_id, 0) + row.quantity
    return found


def testimony(packed: bytes) -> OrderSeen:
    return msgspec.msgpack.decode(packed, type=OrderSeen)


def pack(seen: OrderSeen) -> bytes:
    """The testimony without people and raw text, as it is kept."""
    bare = msgspec.structs.replace(seen, customer=None, ship_to=None, bill_to=None, raw=b"")
    return msgspec.msgpack.encode(bare)


def order(row: Any) -> Order:
    return Order(
        id=row.id,
        connection_id=row.connection_id,
        version_key=row.version_key,
        digest=row.digest,
        as_of=row.as_of,
        version=row.version,
        person_id=row.person_id or "",
        received_at=row.received_at,
        seen=testimony(row.seen),
        fulfilment=Fulfilment(row.fulfilment),
    )


def line(row: Any) -> Line:
    values = {name: getattr(row, name) for name in Line.__struct_fields__}
    return Line(**values | {"sku_id": row.sku_id or ""})


def _empty(name: str) -> Any:
    return {"item": "", "sku_text": "", "title": "", "sku_id": None, "handed_over": False}.get(name, 0)


def _order_row(one: Order) -> dict[str, Any]:
    seen = one.seen
    return {
        "id": one.id,
        "connection_id": one.connection_id,
        "external_id": seen.external_id,
        "number": seen.number,
        "version_key": one.version_key,
        "digest": one.digest,
        "as_of": one.as_of,
        "version": one.version,
        "commercial": seen.commercial,
        "payment": seen.payment,
        "fulfilment": one.fulfilment,
        "status": status(seen.commercial, seen.payment, one.fulfilment),
        "currency": seen.currency,
        "total": seen.total.minor,
        "person_id": one.person_id or None,
        "seen": pack(seen),
        "placed_at": seen.placed_at,
        "changed_at": seen.changed_at,
        "received_at": one.received_at,
    }
