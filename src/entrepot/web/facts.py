"""What the live screen knows at one moment."""

from datetime import datetime, timedelta

import msgspec

from entrepot.db import Store, Tx, letters
from entrepot.db.letters import DeadLetter
from entrepot.monitor import Status, take_status
from entrepot.orders import views as orders
from entrepot.orders.views import OrderView, Problem
from entrepot.web import views
from entrepot.web.delays import Delays, delays
from entrepot.web.views import Shown

ORDERS_MAX, TROUBLES_MAX = 40, 40


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """The lists of troubles are cut; `status` has the whole counts."""

    now: datetime
    status: Status
    orders: tuple[OrderView, ...]
    last_day: int
    last_minute: int
    delays: Delays
    problems: tuple[Problem, ...]
    letters: tuple[DeadLetter, ...]
    refused: tuple[Shown, ...]
    waiting: int


def gather(store: Store) -> Facts:
    """Everything the screen shows: the status first, the rest in a second reading."""
    status = take_status(store)
    return store.read(lambda tx: _gather(tx, status))


def _gather(tx: Tx, status: Status) -> Facts:
    return Facts(
        now=tx.now,
        status=status,
        orders=tuple(orders.newest(tx, ORDERS_MAX)),
        last_day=orders.arrived(tx, tx.now - timedelta(days=1)),
        last_minute=orders.arrived(tx, tx.now - timedelta(minutes=1)),
        delays=delays(tx),
        problems=tuple(orders.problems(tx, TROUBLES_MAX)),
        letters=tuple(letters.listed(tx, TROUBLES_MAX)),
        refused=tuple(views.refused(tx, TROUBLES_MAX)),
        waiting=views.waiting_for_people(tx),
    )
