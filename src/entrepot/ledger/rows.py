"""The only statements that write quantities: postings, moves, balances, reservations."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Select, and_, bindparam, insert, literal_column, select, update

from entrepot.db import Tx, chunks, tables
from entrepot.kernel import Refusal
from entrepot.ledger.model import OPEN, Posting, Reservation, State
from entrepot.places import Kind, Places

_reservation = tables.reservation
_COLUMNS = (
    _reservation.c.id, _reservation.c.line_id, _reservation.c.item_id, _reservation.c.lot,
    _reservation.c.location_id, _reservation.c.quantity, _reservation.c.state, _reservation.c.created_at,
)  # fmt: skip

UNDONE = _reservation.c.state.in_(
    [literal_column(f"'{state}'") for state in (State.HELD, State.RESERVED, State.PICKED, State.SHORT)]
)
"""The states of `OPEN` in the words of `ix_reservation_open`: SQLite uses the index of a part only where a
statement says the same."""


def digest(posting: Posting) -> str:
    """What a posting says, to tell a repeat from a contradiction."""
    return hashlib.sha256(msgspec.json.encode((posting.moves, posting.reason))).hexdigest()[:32]


def unknown_postings(tx: Tx, postings: Sequence[Posting]) -> list[Posting]:
    """Those not yet booked; Refusal `cause_reused` if one was booked with another content."""
    table = tables.posting
    known = {
        row.cause: row.digest
        for some in chunks([posting.cause for posting in postings])
        for row in tx.rows(select(table.c.cause, table.c.digest).where(table.c.cause.in_(some)))
    }
    new = []
    for posting in postings:
        said = digest(posting)
        if known.get(posting.cause, said) != said:
            raise Refusal("cause_reused", f"{posting.cause!r} was booked before with other moves")
        if posting.cause not in known:
            known[posting.cause] = said
            new.append(posting)
    return new


def insert_postings(tx: Tx, postings: Sequence[Posting]) -> None:
    """Writes postings with their moves. The same cause twice breaks the primary key, never the books."""
    tx.write(
        insert(tables.posting),
        [
            {
                "cause": posting.cause,
                "digest": digest(posting),
                "reason": posting.reason,
                "actor": tx.actor,
                "source": tx.source,
                "correlation": tx.correlation,
                "happened_at": posting.happened_at,
                "booked_at": tx.now,
            }
            for posting in postings
        ],
    )
    tx.write(
        insert(tables.move),
        [
            {
                "id": tx.ids.new(),
                "cause": posting.cause,
                "item_id": move.item_id,
                "lot": move.lot,
                "source_id": move.source_id,
                "target_id": move.target_id,
                "quantity": move.quantity,
                "cost_minor": move.cost.minor if move.cost else None,
                "cost_currency": move.cost.currency if move.cost else None,
                "happened_at": posting.happened_at,
                "booked_at": tx.now,
            }
            for posting in postings
            for move in posting.moves
        ],
    )


def booked(cause: str) -> Select[Any]:
    """Asks whether a cause was booked."""
    return select(tables.posting.c.cause).where(tables.posting.c.cause == cause)


def on_hand_at(
    tx: Tx, item_ids: Sequence[str], at: datetime, places: Places
) -> dict[tuple[str, str, str], int]:
    """(item, location, lot) → pieces on shelf and promised at the happened time `at`: today's balance without
    what happened after."""
    there: dict[tuple[str, str, str], int] = {}

    def add(item_id: str, place_id: str, lot: str, change: int) -> None:
        place = places.by_id[place_id]
        if place.kind in (Kind.SHELF, Kind.PROMISED):
            key = (item_id, place.location_id, lot)
            there[key] = there.get(key, 0) + change

    for (item_id, place_id, lot), quantity in balances(tx, item_ids).items():
        add(item_id, place_id, lot, quantity)
    move = tables.move
    for some in chunks(item_ids):
        for row in tx.rows(select(move).where(move.c.item_id.in_(some), move.c.happened_at > at)):
            add(row.item_id, row.source_id, row.lot, row.quantity)
            add(row.item_id, row.target_id, row.lot, -row.quantity)
    return there


def reservation(tx: Tx, id: str) -> Reservation | None:
    """One reservation, locked."""
    found = _locked(tx, select(*_COLUMNS).where(_reservation.c.id == id))
    return _read(found[0]) if found else None


def balances(tx: Tx, item_ids: Sequence[str]) -> dict[tuple[str, str, str], int]:
    """(item, place, lot) → pieces, locked in key order."""
    table = tables.balance
    return {
        (row.item_id, row.place_id, row.lot): row.quantity
        for some in chunks(item_ids)
        for row in tx.rows(
            tx.locked(
                select(table)
                .where(table.c.item_id.in_(some))
                .order_by(table.c.item_id, table.c.place_id, table.c.lot)
            )
        )
    }


def change_balances(tx: Tx, changes: Mapping[tuple[str, str, str], int], places: Places) -> None:
    """Adds the changes; the table's CHECK refuses a bounded place below zero."""
    table = tables.balance
    rows = [
        {"item": item_id, "place": place_id, "of_lot": lot, "change": change}
        for (item_id, place_id, lot), change in sorted(changes.items())
        if change
    ]
    tx.write(
        tx.insert(table).on_conflict_do_nothing(),
        [
            {
                "item_id": row["item"],
                "place_id": row["place"],
                "lot": row["of_lot"],
                "quantity": 0,
                "bounded": places.by_id[str(row["place"])].bounded,
            }
            for row in rows
        ],
    )
    here = (
        (table.c.item_id == bindparam("item"))
        & (table.c.place_id == bindparam("place"))
        & (table.c.lot == bindparam("of_lot"))
    )
    tx.write(update(table).where(here).values(quantity=table.c.quantity + bindparam("change")), rows)


def reservations(tx: Tx, line_ids: Sequence[str]) -> list[Reservation]:
    """Every reservation of these lines, oldest first, locked."""
    return [
        _read(row)
        for some in chunks(line_ids)
        for row in _locked(tx, select(*_COLUMNS).where(_reservation.c.line_id.in_(some)))
    ]


def claimed(tx: Tx, line_ids: Sequence[str], states: Iterable[State] = OPEN) -> dict[tuple[str, str], int]:
    """(line, item) → pieces in these states. Locks nothing."""
    found: dict[tuple[str, str], int] = {}
    for some in chunks(sorted(set(line_ids))):
        mine = _reservation.c.line_id.in_(some) & _reservation.c.state.in_(sorted(states))
        for row in tx.rows(select(*_COLUMNS).where(mine).order_by(_reservation.c.id)):
            key = (row.line_id, row.item_id)
            found[key] = found.get(key, 0) + row.quantity
    return found


def promises(tx: Tx, item_id: str, location_id: str) -> list[Reservation]:
    """What is promised of an item at a location and not yet picked."""
    there = and_(_reservation.c.item_id == item_id, _reservation.c.location_id == location_id, UNDONE)
    unpicked = _reservation.c.state.in_((State.HELD, State.RESERVED))
    return [_read(row) for row in _locked(tx, select(*_COLUMNS).where(there, unpicked))]


def shorts(tx: Tx, item_ids: Sequence[str]) -> list[Reservation]:
    """Reservations of these items that wait for goods, oldest first."""
    nowhere = and_(UNDONE, _reservation.c.state == State.SHORT, _reservation.c.location_id.is_(None))
    waiting = [
        _read(row)
        for some in chunks(item_ids)
        for row in _locked(tx, select(*_COLUMNS).where(_reservation.c.item_id.in_(some), nowhere))
    ]
    return sorted(waiting, key=Reservation.age)


def insert_reservations(tx: Tx, reservations: Sequence[Reservation]) -> None:
    tx.write(
        insert(_reservation),
        [
            {
                "id": one.id,
                "line_id": one.line_id,
                "item_id": one.item_id,
                "lot": one.lot,
                "location_id": one.location_id or None,
                "quantity": one.quantity,
                "state": one.state,
                "created_at": one.created_at or tx.now,
                "changed_at": tx.now,
            }
            for one in reservations
        ],
    )


def update_reservations(tx: Tx, reservations: Sequence[Reservation]) -> None:
    tx.write(
        update(_reservation)
        .where(_reservation.c.id == bindparam("this"))
        .values(
            line_id=bindparam("new_line"),
            state=bindparam("new_state"),
            quantity=bindparam("new_quantity"),
            location_id=bindparam("new_location"),
            lot=bindparam("new_lot"),
            changed_at=tx.now,
        ),
        [
            {
                "this": one.id,
                "new_line": one.line_id,
                "new_state": one.state,
                "new_quantity": one.quantity,
                "new_location": one.location_id or None,
                "new_lot": one.lot,
            }
            for one in reservations
        ],
    )


def _locked(tx: Tx, statement: Select[Any]) -> Sequence[Any]:
    return tx.rows(tx.locked(statement.order_by(_reservation.c.id)))


def _read(row: Any) -> Reservation:
    return Reservation(
        id=row.id,
        line_id=row.line_id,
        item_id=row.item_id,
        lot=row.lot,
        location_id=row.location_id or "",
        quantity=row.quantity,
        state=State(row.state),
        created_at=row.created_at,
    )


def available(tx: Tx, item_ids: Iterable[str]) -> dict[tuple[str, str], int]:
    """(item, location) → pieces on the shelf."""
    balance, place = tables.balance, tables.place
    found: dict[tuple[str, str], int] = {}
    for some in chunks(sorted(item_ids)):
        statement = (
            select(balance.c.item_id, place.c.location_id, balance.c.quantity)
            .join(place, place.c.id == balance.c.place_id)
            .where(balance.c.item_id.in_(some), place.c.kind == Kind.SHELF)
        )
        for row in tx.rows(statement):
            key = (row.item_id, row.location_id)
            found[key] = found.get(key, 0) + row.quantity
    return found
