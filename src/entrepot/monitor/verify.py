"""Verify: the invariants that hold in every store at every commit, tried in one read transaction.

An invariant is a reading query with a name; the first line of its docstring says what it protects.
"""

from collections.abc import Callable
from datetime import datetime
from time import perf_counter

import msgspec

from entrepot.db import Store, Tx
from entrepot.monitor import claims, goods, keeping, work
from entrepot.monitor.found import Found, Violation

INVARIANTS: tuple[Callable[[Tx], Found], ...] = (
    goods.moves_equal_balances,
    goods.bounded_places_hold_no_less_than_nothing,
    goods.promises_equal_reservations,
    goods.postings_are_as_they_were_written,
    claims.orders_stand_once,
    claims.lines_add_up,
    claims.lines_claim_what_they_say,
    claims.totals_agree_or_are_named,
    claims.shorts_are_named,
    keeping.holds_bind_what_they_hold,
    keeping.transit_equals_transfers,
    work.streams_have_no_gaps,
    work.deliveries_are_booked,
    work.jobs_have_somebody_to_do_them,
    work.flights_were_sent,
)
"""In the order in which they are tried."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """`checked`: invariant → rows looked at. At most 1,000 violations of each are named."""

    checked: dict[str, int]
    violations: list[Violation]
    as_of: datetime
    seconds: float


def verify(store: Store) -> Report:
    """Tries every invariant on one moment of the store."""
    return store.read(_verify)


def _verify(tx: Tx) -> Report:
    began = perf_counter()
    found = {invariant.__name__: invariant(tx) for invariant in INVARIANTS}
    return Report(
        checked={name: one.checked for name, one in found.items()},
        violations=[
            Violation(name=name, what=what, id=id)
            for name, one in found.items()
            for id, what in one.violations
        ],
        as_of=tx.now,
        seconds=round(perf_counter() - began, 3),
    )
