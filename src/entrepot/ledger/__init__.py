"""Items, moves, balances, reservations: the only writer of quantities."""

from entrepot.ledger.hold_rows import Hold, HoldState, holding
from entrepot.ledger.holds import (
    Wish,
    expire_holds,
    extend,
    hold,
    holds,
    release_hold,
    still_open,
    usable,
    use_holds,
)
from entrepot.ledger.model import BINDING, OPEN, STATES, Move, Posting, Reservation, State, Why
from entrepot.ledger.page import Page, open_page
from entrepot.ledger.post import Counted, consume, count, fill, post, release, reserve, waiting_lines, written
from entrepot.ledger.rows import available, claimed
from entrepot.ledger.source import source
from entrepot.ledger.transfer_rows import Transfer, TransferLine, TransferState
from entrepot.ledger.transfers import Sending, arrive, send

__all__ = [
    "BINDING",
    "OPEN",
    "STATES",
    "Counted",
    "Hold",
    "HoldState",
    "Move",
    "Page",
    "Posting",
    "Reservation",
    "Sending",
    "State",
    "Transfer",
    "TransferLine",
    "TransferState",
    "Why",
    "Wish",
    "arrive",
    "available",
    "claimed",
    "consume",
    "count",
    "expire_holds",
    "extend",
    "fill",
    "hold",
    "holding",
    "holds",
    "open_page",
    "post",
    "release",
    "release_hold",
    "reserve",
    "send",
    "source",
    "still_open",
    "usable",
    "use_holds",
    "waiting_lines",
    "written",
]
