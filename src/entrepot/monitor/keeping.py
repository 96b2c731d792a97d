"""Invariants of holds and transfers."""

from sqlalchemy import and_, case, func, or_, select, union_all

from entrepot.db import Tx, tables
from entrepot.ledger import OPEN, HoldState
from entrepot.monitor.found import MOST, Found
from entrepot.monitor.views import counted
from entrepot.places import Kind

_hold, _recipe, _reservation = tables.hold, tables.recipe, tables.reservation
_transfer, _line = tables.transfer, tables.transfer_line
_balance, _place = tables.balance, tables.place


def holds_bind_what_they_hold(tx: Tx) -> Found:
    """What a hold still holds is bound or was taken by a till, piece by piece; one that has ended binds
    nothing."""
    r = _reservation.c
    bound = (
        select(r.line_id, r.item_id, func.sum(r.quantity).label("n"))
        .where(r.state.in_(sorted(OPEN)))
        .group_by(r.line_id, r.item_id)
        .subquery()
    )
    mine = and_(bound.c.line_id == _hold.c.id, bound.c.item_id == _recipe.c.item_id)
    wanted = _hold.c.quantity * _recipe.c.pieces
    there = func.coalesce(bound.c.n, 0)
    ended = and_(_hold.c.state == HoldState.HELD, _hold.c.quantity == 0)
    statement = (
        select(_hold.c.id, wanted.label("wanted"), there.label("there"))
        .join(_recipe, _recipe.c.sku_id == _hold.c.sku_id)
        .outerjoin(bound, mine)
        .where(or_(wanted != there, ended))
        .order_by(_hold.c.id)
        .limit(MOST)
    )
    return Found(
        checked=counted(tx, _hold),
        violations=[
            (row.id, f"it holds {row.wanted} pieces of an item and binds {row.there}")
            for row in tx.rows(statement)
        ],
    )


def transit_equals_transfers(tx: Tx) -> Found:
    """What is between two locations belongs to a transfer that has not arrived, piece by piece."""
    t = _line.c
    on_its_way = case((t.sent > t.arrived + t.lost, t.sent - t.arrived - t.lost), else_=0)
    sent = select(
        t.item_id, _transfer.c.target_id.label("location_id"), t.lot, (-on_its_way).label("n")
    ).join(_transfer, _transfer.c.id == t.transfer_id)
    lies = (
        select(_balance.c.item_id, _place.c.location_id, _balance.c.lot, _balance.c.quantity)
        .join(_place, _place.c.id == _balance.c.place_id)
        .where(_place.c.kind == Kind.TRANSIT)
    )
    every = union_all(sent, lies).subquery()
    key = (every.c.item_id, every.c.location_id, every.c.lot)
    more = func.sum(every.c.n)
    statement = select(*key, more.label("more")).group_by(*key).having(more != 0).order_by(*key).limit(MOST)
    return Found(
        checked=counted(tx, _line),
        violations=[
            (
                f"{row.item_id}/{row.location_id}/{row.lot}",
                f"{int(row.more):+d} pieces in transit more than are on their way",
            )
            for row in tx.rows(statement)
        ],
    )
