"""Orders and their exceptions in pages, narrowed as people and programs ask for them.

A page is found by an index in the order in which it is shown, whatever lies behind it; then its rows are
read by their ids, in the same few statements for every page.
"""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, func, select

from entrepot.contract import Commercial, Payment
from entrepot.db import Tx, tables
from entrepot.db.paging import LIMIT, By, Page, between, page, plain_text
from entrepot.kernel import Refusal
from entrepot.orders import views
from entrepot.orders.model import STATUSES, Fulfilment, Kind
from entrepot.orders.views import OrderView, Problem

_order, _line, _sku = tables.orders, tables.order_line, tables.sku
_exception, _connection = tables.exception, tables.connection

ANY = "any"

NEWEST = By("orders", (_order.c.id,))
PLACED = By("orders placed", (_order.c.placed_at, _order.c.id))
RECEIVED = By("orders received", (_order.c.received_at, _order.c.id))
NUMBERED = By("orders numbered", (_order.c.number, _order.c.id), down=False)
OF_SKU = By("orders of a sku", (_line.c.order_id,))
EXCEPTIONS = By("exceptions", (_exception.c.id,))
OF_EXCEPTION = By("orders of an exception", (_exception.c.order_id,))


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the orders of a list have in common; what is not said, is left open.

    `connection` is a name, `sku` a code, `number` the beginning of one, `external_id` a whole one.
    `exception`: an open one of this kind, or 'any'. `search`: the code of a SKU, else the beginning of a
    number.
    """

    connection: str = ""
    status: str = ""
    commercial: Commercial | None = None
    payment: Payment | None = None
    fulfilment: Fulfilment | None = None
    exception: str = ""
    sku: str = ""
    number: str = ""
    external_id: str = ""
    search: str = ""
    placed_from: datetime | None = None
    placed_until: datetime | None = None
    received_from: datetime | None = None
    received_until: datetime | None = None


def orders(tx: Tx, asked: Asked, *, after: str = "", limit: int = LIMIT) -> Page[OrderView]:
    """The orders that were taken in last come first; with a span those that were placed (or received) last,
    with a number by number. Refusal `status`, `exception`, `cursor` or `limit` for what is none."""
    _check(asked)
    asked = _searched(tx, asked)
    sku_id = _sku_id(tx, asked.sku)
    if asked.sku and not sku_id:
        return Page(rows=())
    by = _by(asked)
    found = page(tx, _ids(asked, sku_id, by), by, after=after, limit=limit)
    return found.of(views.views(tx, [row.id for row in found.rows]))


def problems(
    tx: Tx, *, kind: str = "", connection: str = "", after: str = "", limit: int = LIMIT
) -> Page[Problem]:
    """Open exceptions, the newest first."""
    statement = select(_exception.c.id).where(_exception.c.closed_at.is_(None))
    if kind:
        statement = statement.where(_exception.c.kind == _kind(kind))
    asked = Asked(connection=plain_text(connection, "connection"))
    found = page(tx, _narrowed(statement, _exception, asked), EXCEPTIONS, after=after, limit=limit)
    return found.of(views.problems_by_id(tx, [row.id for row in found.rows]))


def _check(asked: Asked) -> None:
    for name in ("connection", "sku", "number", "external_id", "search"):
        plain_text(getattr(asked, name), name)
    if asked.status and asked.status not in STATUSES:
        raise Refusal("status", f"{asked.status!r} is none of {', '.join(STATUSES)}", field="status")
    if asked.exception and asked.exception != ANY:
        _kind(asked.exception)


def _kind(word: str) -> Kind:
    if word not in list(Kind):
        raise Refusal("exception", f"{word!r} is none of {', '.join(Kind)}", field="exception")
    return Kind(word)


def _searched(tx: Tx, asked: Asked) -> Asked:
    """The search as a SKU if there is one of that code, else as a number."""
    if not asked.search:
        return asked
    field = "sku" if _sku_id(tx, asked.search) else "number"
    return msgspec.structs.replace(asked, **{field: asked.search})


def _sku_id(tx: Tx, code: str) -> str:
    row = tx.row(select(_sku.c.id).where(_sku.c.code == code)) if code else None
    return row.id if row else ""


def _by(asked: Asked) -> By:
    """The order of the list, and so the index that it is read by."""
    if asked.placed_from or asked.placed_until:
        return PLACED
    if asked.received_from or asked.received_until:
        return RECEIVED
    if asked.number:
        return NUMBERED
    if asked.exception:
        return OF_EXCEPTION
    return OF_SKU if asked.sku else NEWEST


def _ids(asked: Asked, sku_id: str, by: By) -> Select[Any]:
    """The ids of the orders, from the table that the order is read from."""
    of_sku, open_ = _line.c.sku_id == sku_id, _opened(asked)
    if by is OF_EXCEPTION:
        statement = _narrowed(select(_exception.c.order_id.label("id")).where(*open_), _exception, asked)
    elif by is OF_SKU:
        statement = _narrowed(select(_line.c.order_id.label("id")).where(of_sku), _line, asked)
    else:
        statement = select(_order.c.id).where(*_marks(asked, aside=by is not NEWEST))
    own = _exception.c.order_id if by is OF_EXCEPTION else _line.c.order_id if by is OF_SKU else _order.c.id
    if sku_id and by is not OF_SKU:
        statement = statement.where(select(_line.c.id).where(_line.c.order_id == own, of_sku).exists())
    if asked.exception and by is not OF_EXCEPTION:
        statement = statement.where(
            select(_exception.c.id).where(_exception.c.order_id == own, *open_).exists()
        )
    return statement if by in (NEWEST, PLACED, RECEIVED, NUMBERED) else statement.distinct()


def _narrowed(statement: Select[Any], table: Any, asked: Asked) -> Select[Any]:
    """Looks each order up where its own marks are asked for. No join: a database might begin with the
    marks."""
    marks = _marks(asked)
    mine = select(_order.c.id).where(_order.c.id == table.c.order_id, *marks)
    return statement.where(mine.exists()) if marks else statement


def _opened(asked: Asked) -> list[ColumnElement[bool]]:
    kind = [] if asked.exception in ("", ANY) else [_exception.c.kind == asked.exception]
    return [_exception.c.closed_at.is_(None), *kind]


def _marks(asked: Asked, *, aside: bool = False) -> list[ColumnElement[bool]]:
    """What is asked of the orders' own columns. `aside`: marks are looked at along the list, so that it is
    read from the index of its order and not sorted."""

    def mark(name: str) -> ColumnElement[Any]:
        return func.coalesce(_order.c[name], "") if aside else _order.c[name]

    found: list[ColumnElement[bool]] = []
    if asked.connection:
        named = select(_connection.c.id).where(_connection.c.name == asked.connection)
        found.append(mark("connection_id") == named.scalar_subquery())
    axes = ("status", "commercial", "payment", "fulfilment")
    found += [mark(name) == getattr(asked, name) for name in axes if getattr(asked, name)]
    if asked.external_id:
        every = select(_connection.c.id)
        found += [_order.c.connection_id.in_(every), _order.c.external_id == asked.external_id]
    if asked.number:
        found.append(between(_order.c.number, asked.number))
    for name in ("placed", "received"):
        since, until = getattr(asked, f"{name}_from"), getattr(asked, f"{name}_until")
        found += [_order.c[f"{name}_at"] >= since] if since else []
        found += [_order.c[f"{name}_at"] < until] if until else []
    return found
