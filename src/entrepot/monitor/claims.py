"""Invariants of orders: each stands once, adds up, claims what it says, and what is wrong with it is
named."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import CompoundSelect, and_, case, exists, func, literal, or_, select, union_all

from entrepot.contract import OrderSeen, disagreements
from entrepot.db import Tx, tables
from entrepot.ledger import OPEN, State
from entrepot.monitor.found import MOST, Found
from entrepot.monitor.views import counted
from entrepot.orders import Kind
from entrepot.orders.rows import testimony

_order, _line, _recipe = tables.orders, tables.order_line, tables.recipe
_reservation, _exception, _external, _job = (
    tables.reservation, tables.exception, tables.external_location, tables.job,
)  # fmt: skip

PAGE = 2_000


def orders_stand_once(tx: Tx) -> Found:
    """No order is taken twice: a connection's own id names one order."""
    key = (_order.c.connection_id, _order.c.external_id)
    statement = select(*key, func.count().label("n")).group_by(*key).having(func.count() > 1).limit(MOST)
    return Found(
        checked=counted(tx, _order),
        violations=[
            (f"{row.connection_id}/{row.external_id}", f"this order stands here {row.n} times")
            for row in tx.rows(statement)
        ],
    )


def lines_add_up(tx: Tx) -> Found:
    """No piece of an order is lost between ordered, cancelled, shipped and returned."""
    line = _line.c
    wrong = or_(
        line.ordered < line.cancelled + line.shipped,
        line.returned > line.shipped,
        line.unsellable > line.cancelled,
        line.shelved + line.kept > line.returned,
        *(
            one < 0
            for one in (line.cancelled, line.shipped, line.returned, line.unsellable, line.shelved, line.kept)
        ),
    )
    return Found(
        checked=counted(tx, _line),
        violations=[
            (row.id, f"{row.ordered} ordered, {row.cancelled} cancelled, {row.shipped} shipped")
            for row in tx.rows(select(_line).where(wrong).order_by(line.id).limit(MOST))
        ],
    )


def lines_claim_what_they_say(tx: Tx) -> Found:
    """Every mapped line has goods or waits for them: open pieces are bound or short, shipped ones consumed.

    A line whose channel names a location that is none of ours claims nothing, and an exception says so.
    """
    found = tx.rows(_miscounted())
    nowhere = select(_exception.c.line_id).where(
        _exception.c.kind == Kind.LOCATION, _exception.c.closed_at.is_(None)
    )
    left_out = {row.line_id for row in tx.rows(nowhere)}
    return Found(
        checked=counted(tx, _line, _line.c.sku_id.is_not(None)),
        violations=[(row.line_id, _miscount(row)) for row in found if row.line_id not in left_out][:MOST],
    )


def totals_agree_or_are_named(tx: Tx) -> Found:
    """No cent of an order gets lost unseen: its parts add up to its total, or an exception says that they do
    not."""
    total = select(_exception.c.order_id).where(_exception.c.kind == Kind.TOTAL)
    named = {row.order_id for row in tx.rows(total.where(_exception.c.closed_at.is_(None)))}
    accepted = {row.order_id for row in tx.rows(total.where(_exception.c.accepted_by != ""))}
    checked, wrong = 0, []
    for row, seen in _testimonies(tx):
        checked += 1
        if (row.total, row.currency) != (seen.total.minor, seen.currency):
            wrong.append((row.id, f"the order holds {row.total} {row.currency}, its testimony {seen.total}"))
        found = disagreements(seen)
        if bool(found) != (row.id in named) and not (found and row.id in accepted):
            said = (
                "; ".join(map(str, found)) + ", and no exception says so"
                if found
                else "the exception is idle"
            )
            wrong.append((row.id, said))
    return Found(checked=checked, violations=wrong[:MOST])


def shorts_are_named(tx: Tx) -> Found:
    """Nobody waits for goods unseen: a line with a short reservation has an open exception, and only such a
    line.

    A line that is about to be reviewed is left out.
    """
    short = exists().where(_reservation.c.line_id == _line.c.id, _reservation.c.state == State.SHORT)
    named = exists().where(
        _exception.c.line_id == _line.c.id,
        _exception.c.order_id == _line.c.order_id,
        _exception.c.kind == Kind.SHORT,
        _exception.c.closed_at.is_(None),
    )
    coming = exists().where(_job.c.kind == "review", _job.c.key == _line.c.id, _job.c.state == "ready")
    unseen = select(_line.c.id, literal("it waits for goods and no exception says so").label("what")).where(
        short, ~named, ~coming
    )
    idle = select(_line.c.id, literal("its exception says short, but it waits for nothing")).where(
        named, ~short, ~coming
    )
    rows = tx.rows(union_all(unseen, idle).limit(MOST))
    waiting = counted(tx, _reservation, _reservation.c.state == State.SHORT)
    return Found(checked=waiting, violations=[(row.id, row.what) for row in rows])


def _miscount(row: Any) -> str:
    said = f"{row.open} open and {row.shipped} shipped pieces of item {row.item_id}"
    return f"{said}, but {row.bound} bound or short and {row.gone} consumed"


def _miscounted() -> CompoundSelect[Any]:
    """(line, item, open, shipped, bound, gone) where the line's claims are not its counts, in pieces of the
    item."""
    claimed = (
        select(
            _reservation.c.line_id,
            _reservation.c.item_id,
            func.sum(case((_reservation.c.state.in_(sorted(OPEN)), _reservation.c.quantity), else_=0)).label(
                "bound"
            ),
            func.sum(case((_reservation.c.state == State.CONSUMED, _reservation.c.quantity), else_=0)).label(
                "gone"
            ),
        )
        .group_by(_reservation.c.line_id, _reservation.c.item_id)
        .subquery()
    )
    bound, gone = func.coalesce(claimed.c.bound, 0), func.coalesce(claimed.c.gone, 0)
    open_ = (_line.c.ordered - _line.c.cancelled - _line.c.shipped) * _recipe.c.pieces
    shipped = _line.c.shipped * _recipe.c.pieces
    mine = and_(claimed.c.line_id == _line.c.id, claimed.c.item_id == _recipe.c.item_id)
    of_recipe = (
        select(_line.c.id.label("line_id"), _recipe.c.item_id, open_.label("open"), shipped.label("shipped"),
               bound.label("bound"), gone.label("gone"))
        .join(_recipe, _recipe.c.sku_id == _line.c.sku_id)
        .outerjoin(claimed, mine)
        .where(or_(open_ != bound, shipped != gone))
    )  # fmt: skip
    in_recipe = exists().where(_recipe.c.sku_id == _line.c.sku_id, _recipe.c.item_id == claimed.c.item_id)
    beside = (
        select(_line.c.id, claimed.c.item_id, literal(0), literal(0), claimed.c.bound, claimed.c.gone)
        .join(claimed, claimed.c.line_id == _line.c.id)
        .where(~in_recipe, or_(claimed.c.bound != 0, claimed.c.gone != 0))
    )
    return union_all(of_recipe, beside)


def _testimonies(tx: Tx) -> Iterator[tuple[Any, OrderSeen]]:
    last = ""
    statement = select(_order.c.id, _order.c.total, _order.c.currency, _order.c.seen).order_by(_order.c.id)
    while page := tx.rows(statement.where(_order.c.id > last).limit(PAGE)):
        for row in page:
            yield row, testimony(row.seen)
        last = page[-1].id
