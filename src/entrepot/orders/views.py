"""Reading queries for screens: the newest orders with their lines and claims, exceptions, how many came in.

Nothing personal is in what they return. Each is a fixed number of statements, whatever the number of orders.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, func, select

from entrepot.contract import Commercial, Payment
from entrepot.db import Tx, chunks, tables
from entrepot.kernel import Money
from entrepot.ledger import OPEN, State
from entrepot.orders.model import Fulfilment, Kind

_order, _line, _sku = tables.orders, tables.order_line, tables.sku
_exception, _connection = tables.exception, tables.connection
_reservation, _location = tables.reservation, tables.location


class LineView(msgspec.Struct, frozen=True, kw_only=True):
    """`sku` is our code, or the channel's own text while nobody has said which SKU it is (`mapped` False).

    `pieces` is what is wanted: ordered less cancelled. `where`: (location code, pieces bound there); `short`:
    pieces that wait for goods. Those two count items, so a bundle shows its parts.
    """

    sku: str
    mapped: bool
    title: str
    pieces: int
    where: tuple[tuple[str, int], ...]
    short: int
    handed_over: bool


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """An open exception. `sku` as in LineView, `sku_text` the channel's own; both and `line_id` are '' for
    one of the whole order. `platform` is that of the connection."""

    id: str
    order_id: str
    line_id: str
    kind: Kind
    detail: str
    opened_at: datetime
    sku: str
    sku_text: str
    item: str
    number: str
    channel: str
    platform: str


class OrderView(msgspec.Struct, frozen=True, kw_only=True):
    """One order as a screen shows it. `channel` is the connection's name, `status` the one word for its three
    axes, `version` ours: it rises with every change."""

    id: str
    number: str
    external_id: str
    channel: str
    version: int
    placed_at: datetime
    changed_at: datetime
    received_at: datetime
    status: str
    commercial: Commercial
    payment: Payment
    fulfilment: Fulfilment
    total: Money
    lines: tuple[LineView, ...]
    problems: tuple[Problem, ...]


def newest(tx: Tx, limit: int) -> list[OrderView]:
    """The orders that the hub took in last, newest first."""
    return _views(tx, _every().order_by(_order.c.received_at.desc(), _order.c.id.desc()).limit(limit))


def views(tx: Tx, ids: Sequence[str]) -> list[OrderView]:
    """These orders, in this order; those that are not here are left out."""
    found = {one.id: one for some in chunks(ids) for one in _views(tx, _every().where(_order.c.id.in_(some)))}
    return [found[id] for id in ids if id in found]


def _every() -> Select[Any]:
    columns = [column for column in _order.c if column.name != "seen"]
    return select(*columns, _connection.c.name.label("channel")).join(
        _connection, _connection.c.id == _order.c.connection_id
    )


def _views(tx: Tx, statement: Select[Any]) -> list[OrderView]:
    found = tx.rows(statement)
    lines = _lines(tx, [row.id for row in found])
    problems: dict[str, list[Problem]] = defaultdict(list)
    for one in _problems(tx, _exception.c.order_id.in_([row.id for row in found])):
        problems[one.order_id].append(one)
    return [_view(row, lines.get(row.id, ()), problems[row.id]) for row in found]


def problems(tx: Tx, limit: int) -> list[Problem]:
    """The open exceptions, newest first."""
    return _problems(tx, limit=limit)


def arrived(tx: Tx, since: datetime) -> int:
    """How many orders the hub took in since then."""
    return _count(tx, select(func.count()).where(_order.c.received_at >= since))


def _view(row: Any, lines: Sequence[LineView], found: Sequence[Problem]) -> OrderView:
    return OrderView(
        id=row.id,
        number=row.number,
        external_id=row.external_id,
        channel=row.channel,
        version=row.version,
        placed_at=row.placed_at,
        changed_at=row.changed_at,
        received_at=row.received_at,
        status=row.status,
        commercial=Commercial(row.commercial),
        payment=Payment(row.payment),
        fulfilment=Fulfilment(row.fulfilment),
        total=Money(row.total, row.currency),
        lines=tuple(lines),
        problems=tuple(found),
    )


def _lines(tx: Tx, order_ids: Sequence[str]) -> dict[str, list[LineView]]:
    """order id → its lines, in the channel's order."""
    statement = select(_line, _sku.c.code).outerjoin(_sku, _sku.c.id == _line.c.sku_id).order_by(_line.c.id)
    rows = [row for some in chunks(order_ids) for row in tx.rows(statement.where(_line.c.order_id.in_(some)))]
    claims = _claims(tx, [row.id for row in rows])
    found: dict[str, list[LineView]] = defaultdict(list)
    for row in rows:
        found[row.order_id].append(_line_view(row, claims.get(row.id, {})))
    return found


def _line_view(row: Any, claims: Mapping[str, int]) -> LineView:
    return LineView(
        sku=row.code or row.sku_text or row.title,
        mapped=row.code is not None,
        title=row.title,
        pieces=row.ordered - row.cancelled,
        where=tuple(sorted((code, pieces) for code, pieces in claims.items() if code)),
        short=claims.get("", 0),
        handed_over=row.handed_over,
    )


def _claims(tx: Tx, line_ids: Iterable[str]) -> dict[str, Counter[str]]:
    """line id → location code ('' for what waits) → pieces of items."""
    held = _reservation.c
    statement = select(held.line_id, held.state, held.quantity, _location.c.code)
    statement = statement.outerjoin(_location, _location.c.id == held.location_id)
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for some in chunks(line_ids):
        mine = statement.where(held.line_id.in_(some), held.state.in_(sorted(OPEN)))
        for row in tx.rows(mine):
            found[row.line_id]["" if row.state == State.SHORT else row.code] += row.quantity
    return found


def problems_by_id(tx: Tx, ids: Sequence[str]) -> list[Problem]:
    """These open exceptions, in this order; those that are not open are left out."""
    found = {one.id: one for one in _problems(tx, _exception.c.id.in_(ids))}
    return [found[id] for id in ids if id in found]


def _open_problems() -> Select[Any]:
    """Every open exception with what people know it by, in no order."""
    return (
        select(_exception, _order.c.number, _connection.c.name, _connection.c.platform, _line.c.sku_text,
               _line.c.item, _line.c.title, _sku.c.code)
        .join(_order, _order.c.id == _exception.c.order_id)
        .join(_connection, _connection.c.id == _order.c.connection_id)
        .outerjoin(_line, _line.c.id == _exception.c.line_id)
        .outerjoin(_sku, _sku.c.id == _line.c.sku_id)
        .where(_exception.c.closed_at.is_(None))
    )  # fmt: skip


def _problems(tx: Tx, *narrowed: ColumnElement[bool], limit: int | None = None) -> list[Problem]:
    statement = _open_problems().where(*narrowed).order_by(_exception.c.id.desc()).limit(limit)
    return [_problem(row) for row in tx.rows(statement)]


def _problem(row: Any) -> Problem:
    return Problem(
        id=row.id,
        order_id=row.order_id,
        line_id=row.line_id,
        kind=Kind(row.kind),
        detail=row.detail,
        opened_at=row.opened_at,
        sku=row.code or row.sku_text or row.title or "",
        sku_text=row.sku_text or "",
        item=row.item or "",
        number=row.number,
        channel=row.name,
        platform=row.platform,
    )


def _count(tx: Tx, statement: Select[int]) -> int:
    return int(tx.rows(statement)[0][0])
