"""Moves and reservations in pages, for screens and programs."""

from typing import Any

from sqlalchemy import ScalarSelect, select

from entrepot.db import Tx, tables
from entrepot.db.paging import LIMIT, By, Page, page, plain_text
from entrepot.kernel import Refusal
from entrepot.ledger.model import State
from entrepot.ledger.views import Moved, Promise, every_move, every_promise, moved, promise

_move, _item, _reservation, _line = tables.move, tables.item, tables.reservation, tables.order_line

MOVES = By("moves", (_move.c.id,))
OF_ITEM = By("moves of an item", (_move.c.booked_at, _move.c.id))
PROMISES = By("reservations", (_reservation.c.id,))


def moves(tx: Tx, *, item: str = "", cause: str = "", after: str = "", limit: int = LIMIT) -> Page[Moved]:
    """Booked moves, the last booked first: all, those of an item (its code), or of one cause."""
    statement, by = every_move(), MOVES
    if item:
        statement, by = statement.where(_move.c.item_id == _item_id(item)), OF_ITEM
    if cause:
        statement = statement.where(_move.c.cause == plain_text(cause, "cause"))
    found = page(tx, statement, by, after=after, limit=limit)
    return found.of([moved(row) for row in found.rows])


def promises(
    tx: Tx, *, item: str = "", order_id: str = "", state: str = "", after: str = "", limit: int = LIMIT
) -> Page[Promise]:
    """Reservations, those that were made last first: all, or those of an item, an order, or in a state."""
    statement = every_promise()
    if item:
        statement = statement.where(_reservation.c.item_id == _item_id(item))
    if order_id:
        lines = select(_line.c.id).where(_line.c.order_id == plain_text(order_id, "order"))
        statement = statement.where(_reservation.c.line_id.in_(lines))
    if state:
        statement = statement.where(_reservation.c.state == _state(state))
    found = page(tx, statement, PROMISES, after=after, limit=limit)
    return found.of([promise(row) for row in found.rows])


def _item_id(code: str) -> ScalarSelect[Any]:
    return select(_item.c.id).where(_item.c.code == plain_text(code, "item")).scalar_subquery()


def _state(word: str) -> State:
    if word not in list(State):
        raise Refusal("state", f"{word!r} is none of {', '.join(State)}", field="state")
    return State(word)
