"""Items, moves, balances, reservations: the only writer of quantities."""

from entrepot.ledger.model import BINDING, OPEN, STATES, Move, Posting, Reservation, State, Why
from entrepot.ledger.page import Page, open_page
from entrepot.ledger.post import Counted, consume, count, fill, post, release, reserve, waiting_lines, written
from entrepot.ledger.rows import available

__all__ = [
    "BINDING",
    "OPEN",
    "STATES",
    "Counted",
    "Move",
    "Page",
    "Posting",
    "Reservation",
    "State",
    "Why",
    "available",
    "consume",
    "count",
    "fill",
    "open_page",
    "post",
    "release",
    "reserve",
    "waiting_lines",
    "written",
]
