"""Invariants of the ledger."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import false, func, or_, select, union_all

from entrepot.db import Tx, tables
from entrepot.kernel import Money
from entrepot.ledger import BINDING, Move, Posting
from entrepot.ledger.rows import digest
from entrepot.monitor.found import MOST, Found
from entrepot.monitor.views import counted
from entrepot.places import BOUNDED, Kind

_balance, _move, _posting = tables.balance, tables.move, tables.posting
_place, _reservation = tables.place, tables.reservation

PAGE = 2_000


def moves_equal_balances(tx: Tx) -> Found:
    """No quantity changes without a move: what came to a place less what left it is its balance."""
    came = select(_move.c.item_id, _move.c.target_id.label("place_id"), _move.c.lot, _move.c.quantity)
    went = select(_move.c.item_id, _move.c.source_id, _move.c.lot, -_move.c.quantity)
    kept = select(_balance.c.item_id, _balance.c.place_id, _balance.c.lot, -_balance.c.quantity)
    every = union_all(came, went, kept).subquery()
    key = (every.c.item_id, every.c.place_id, every.c.lot)
    rows = tx.rows(_uneven(every, key))
    return Found(
        checked=counted(tx, _balance),
        violations=[
            (
                f"{row.item_id}/{row.place_id}/{row.lot}",
                f"the moves say {int(row.more):+d} more than the balance",
            )
            for row in rows
        ],
    )


def bounded_places_hold_no_less_than_nothing(tx: Tx) -> Found:
    """Nothing is taken from a shelf, a promise or a transit that is not there."""
    bounded = _place.c.kind.in_(BOUNDED)
    statement = (
        select(_balance, _place.c.kind)
        .join(_place, _place.c.id == _balance.c.place_id)
        .where(bounded, or_(_balance.c.quantity < 0, _balance.c.bounded == false()))
        .limit(MOST)
    )
    return Found(
        checked=counted(tx, _balance),
        violations=[
            (
                f"{row.item_id}/{row.place_id}/{row.lot}",
                f"{row.kind} holds {row.quantity}, bounded: {row.bounded}",
            )
            for row in tx.rows(statement)
        ],
    )


def promises_equal_reservations(tx: Tx) -> Found:
    """Every promised piece belongs to one reservation, and every binding reservation has its pieces."""
    kept = (
        select(_balance.c.item_id, _place.c.location_id, _balance.c.lot, _balance.c.quantity)
        .join(_place, _place.c.id == _balance.c.place_id)
        .where(_place.c.kind == Kind.PROMISED)
    )
    r = _reservation.c
    bound = select(r.item_id, r.location_id, r.lot, -r.quantity).where(r.state.in_(sorted(BINDING)))
    every = union_all(kept, bound).subquery()
    rows = tx.rows(_uneven(every, (every.c.item_id, every.c.location_id, every.c.lot)))
    return Found(
        checked=counted(tx, _reservation, r.state.in_(sorted(BINDING))),
        violations=[
            (
                f"{row.item_id}/{row.location_id}/{row.lot}",
                f"promised {int(row.more):+d} more than is reserved",
            )
            for row in rows
        ],
    )


def postings_are_as_they_were_written(tx: Tx) -> Found:
    """Nobody has changed a booked move: the digest of every posting still fits its moves and its reason."""
    checked, wrong = 0, []
    for page in _postings(tx):
        checked += len(page)
        moves: dict[str, list[Move]] = {row.cause: [] for row in page}
        causes = _move.c.cause.in_(list(moves))
        for row in tx.rows(select(_move).where(causes).order_by(_move.c.id)):
            moves[row.cause].append(_read(row))
        for row in page:
            posting = Posting(
                cause=row.cause, moves=tuple(moves[row.cause]), happened_at=row.happened_at, reason=row.reason
            )
            if digest(posting) != row.digest:
                wrong.append((row.cause, f"its {len(posting.moves)} moves are not those that were written"))
    return Found(checked=checked, violations=wrong[:MOST])


def _uneven(every: Any, key: Sequence[Any]) -> Any:
    """The keys whose quantities do not add up to nothing, as `more`."""
    more = func.sum(every.c.quantity)
    return select(*key, more.label("more")).group_by(*key).having(more != 0).order_by(*key).limit(MOST)


def _postings(tx: Tx) -> Iterator[Sequence[Any]]:
    last = ""
    while page := tx.rows(
        select(_posting).where(_posting.c.cause > last).order_by(_posting.c.cause).limit(PAGE)
    ):
        yield page
        last = page[-1].cause


def _read(row: Any) -> Move:
    return Move(
        item_id=row.item_id,
        source_id=row.source_id,
        target_id=row.target_id,
        quantity=row.quantity,
        lot=row.lot,
        cost=None if row.cost_minor is None else Money(row.cost_minor, row.cost_currency),
    )
