"""Whatever part of an order's history reaches the hub, in whatever order: it ends as if only the last had
come.

Not equal, by the rules: `ordered` and `cancelled` may both be higher by what an earlier version had ordered,
and a line that an earlier version had is kept, wholly cancelled. All else is: what is open, what left, what
came back, the promises, and every figure of the ledger. Histories here never take back what has left or was
refunded (such a channel contradicts itself: what has left stays so, see test_counts.py).
"""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import msgspec
from hypothesis import given, settings, strategies
from sqlalchemy import func, select

from entrepot.contract import Commercial, LineSeen, OrderSeen, Payment, RefundSeen
from entrepot.db import tables
from entrepot.monitor import claims, goods
from entrepot.orders import FULFILMENT, Fulfilment
from tests.orders.desk import Desk, line, order, refund

INVARIANTS = (
    goods.moves_equal_balances,
    goods.promises_equal_reservations,
    claims.lines_claim_what_they_say,
    claims.shorts_are_named,
)
STOCK = {"TEAPOT": 60, "MUG": 60, "JUG": 3}
SKUS = ("TEAPOT", "MUG", "JUG")
C, P, F = Commercial, Payment, Fulfilment


class Status(msgspec.Struct, frozen=True):
    """A way an order may be written, and how far it has come."""

    commercial: Commercial
    payment: Payment


WAYS: tuple[tuple[Status, ...], ...] = (
    (Status(C.OPEN, P.PENDING), Status(C.OPEN, P.PAID), Status(C.CLOSED, P.PAID)),
    (Status(C.DRAFT, P.PENDING), Status(C.OPEN, P.AUTHORISED), Status(C.CANCELLED, P.FAILED)),
    (Status(C.OPEN, P.PENDING), Status(C.CANCELLED, P.FAILED), Status(C.OPEN, P.PAID)),
    (Status(C.UNKNOWN, P.UNKNOWN), Status(C.OPEN, P.PAID), Status(C.UNKNOWN, P.PAID)),
    (Status(C.OPEN, P.PAID), Status(C.CANCELLED, P.REFUNDED), Status(C.CANCELLED, P.REFUNDED)),
)


class Course(msgspec.Struct, kw_only=True):
    """One line on its way; `refunds` are (units, restocked), oldest first."""

    id: str
    sku: str
    ordered: int
    cancelled: int = 0
    shipped: int = 0
    returned: int = 0
    there: bool = True
    refunds: list[tuple[int, bool | None]] = []

    @property
    def open(self) -> int:
        return self.ordered - self.cancelled - self.shipped

    def seen(self) -> LineSeen:
        counts = {"cancelled": self.cancelled, "shipped": self.shipped, "returned": self.returned}
        return line(self.id, self.sku, ordered=self.ordered, **counts)


Step = tuple[str, int, int, bool | None]
STEP: Any = strategies.tuples(
    strategies.sampled_from(
        ("refund", "give back", "ship", "more", "less", "cancel", "remove", "add", "status")
    ),
    strategies.integers(0, 3),
    strategies.integers(1, 3),
    strategies.sampled_from((False, True, None)),
)


def history(way: tuple[Status, ...], steps: Sequence[Step]) -> list[OrderSeen]:
    """Every version of an order that goes through these steps."""
    lines, at = [Course(id="1", sku="TEAPOT", ordered=2)], 0
    versions = [_version(way[0], lines, 1)]
    for step in steps:
        lines = [msgspec.structs.replace(one, refunds=list(one.refunds)) for one in lines]
        if step[0] == "status":
            at = min(at + 1, len(way) - 1)
        elif step[0] == "add" and len(lines) < 4:
            lines.append(Course(id=str(len(lines) + 1), sku=SKUS[step[1] % 3], ordered=step[2]))
        elif way[at].commercial is not C.DRAFT:
            _go(lines[step[1] % len(lines)], *step)
        versions.append(_version(way[at], lines, len(versions) + 1))
    return versions


def _go(course: Course, what: str, _which: int, n: int, restocked: bool | None) -> None:
    """One step of one line, as far as it can go."""
    if not course.there:
        return
    if what == "more":
        course.ordered += n
    elif what == "less":
        course.ordered -= min(n, course.open)
    elif what in {"cancel", "refund"}:
        part = min(n, course.open)
        course.cancelled += part
        if what == "refund" and not course.returned:
            course.refunds.append((part, restocked))
    elif what == "ship":
        course.shipped += min(n, course.open)
    elif what == "give back":
        part = min(n, course.shipped - course.returned)
        course.returned += part
        course.refunds.append((part, restocked))
    elif what == "remove" and not course.shipped and not course.refunds:
        course.there = False


def _version(status: Status, lines: list[Course], n: int) -> OrderSeen:
    shown = [one for one in lines if one.there]
    refunds: list[RefundSeen] = []
    for one in shown:
        parts = [(units, restocked) for units, restocked in one.refunds if units]
        refunds += [
            refund({one.id: units}, restocked=restocked, id=f"{one.id}-{m}")
            for m, (units, restocked) in enumerate(parts)
        ]
    return order(
        *(one.seen() for one in shown),
        key=f"{n:03}",
        commercial=status.commercial,
        payment=status.payment,
        refunds=tuple(refunds),
    )


DELIVERY: Any = strategies.tuples(
    strategies.integers(0, 9),
    strategies.sampled_from(("told", "told", "told", "asked", "doubled", "vanished")),
)


@settings(max_examples=300)
@given(
    way=strategies.sampled_from(WAYS),
    steps=strategies.lists(STEP, min_size=3, max_size=8),
    delivered=strategies.lists(DELIVERY, min_size=1, max_size=3),
    erased=strategies.booleans(),
)
def test_the_last_version_alone_decides(
    way: tuple[Status, ...], steps: list[Step], delivered: list[tuple[int, str]], erased: bool
) -> None:
    versions = history(way, steps)
    desk = the_desk()
    desk.begin_again()
    came = [F.NOTHING]
    for at, how in delivered:
        deliver(desk, versions[at % len(versions)], how)
        assert broken(desk) == []
        came += [Fulfilment(one.fulfilment) for one in desk.rows(select(tables.orders.c.fulfilment))]
    end(desk, versions[-1], erased=erased)
    assert desk.wrong() == []
    whole = outcome(desk)
    assert all(after == before or after in FULFILMENT[before] for before, after in pairwise(came))

    desk.begin_again()
    end(desk, versions[-1], erased=erased)
    assert whole == outcome(desk)


def broken(desk: Desk) -> list[object]:
    """The invariants of `entrepot verify` that a delivery could break."""
    return [fault for holds in INVARIANTS for fault in desk.store.read(holds).violations]


@cache
def the_desk() -> Desk:
    return Desk(STOCK)


def deliver(desk: Desk, version: OrderSeen, how: str) -> None:
    """One delivery, as the channel, we or the network would have it."""
    if how == "vanished":
        desk.vanished("1001")
    elif how == "asked":
        desk.asked(version)
    elif how == "doubled":
        desk.told(version, version)
    else:
        desk.told(version)


def end(desk: Desk, last: OrderSeen, *, erased: bool) -> None:
    """The sweep that comes in the end, and finds the last version, or that it is no longer there."""
    desk.asked(last)
    if erased:
        desk.vanished("1001")


def outcome(desk: Desk) -> dict[str, object]:
    """All that may not depend on the way. Which line waits for a scarce good does, and what of it is set
    aside."""
    names = ("shipped", "returned", "unsellable", "shelved", "kept")
    of = tables.order_line
    lines = {
        row.external_id: (row.ordered - row.cancelled - row.shipped, *(getattr(row, name) for name in names))
        for row in desk.rows(select(of))
    }
    r, item = tables.reservation, tables.item
    claimed = desk.rows(
        select(of.c.external_id, r.c.state, func.sum(r.c.quantity).label("n"))
        .join(of, of.c.id == r.c.line_id)
        .join(item, item.c.id == r.c.item_id)
        .where(item.c.code != "JUG", r.c.state != "released")
        .group_by(of.c.external_id, r.c.state)
    )
    return {
        "lines": {id: figures for id, figures in lines.items() if any(figures)},
        "claims": {(row.external_id, row.state): row.n for row in claimed},
        "exceptions": [one for one in desk.exceptions() if one[1] not in {"short", "odd_step"}],
        "teapots": desk.stock("TEAPOT"),
        "mugs": desk.stock("MUG"),
        "words": (desk.order().commercial, desk.order().payment, desk.order().fulfilment, desk.order().total),
    }
