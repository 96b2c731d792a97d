"""The desk of the order tests: testimonies made by hand, a real store in memory, and what became of them in
it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from sqlalchemy import func, select

from entrepot import connections, orders
from entrepot.access import at_command_line
from entrepot.app import Hub, circumstances, open_inline, perform
from entrepot.connections import Connection
from entrepot.contract import (
    Commercial,
    LineSeen,
    LocationSeen,
    OrderSeen,
    Payment,
    RefundLine,
    RefundSeen,
    Version,
)
from entrepot.db import InlineStore, Tx, tables
from entrepot.kernel import Keyring, Money, VirtualClock
from entrepot.monitor import verify
from entrepot.orders import Taken, Testimony

START = datetime.fromisoformat("2026-03-02T08:00:00+00:00")
PLACED = datetime.fromisoformat("2026-03-02T09:00:00+00:00")
OPENED = datetime.fromisoformat("2026-03-02T09:01:00+00:00")
OPENING = ("lost", "supplier")
"""Where stock comes from."""

SETTINGS = {"store": "https://shop.example", "key": "ck_" + 20 * "a1", "secret": "cs_" + 20 * "b2"}


def line(id: str = "1", sku: str = "TEAPOT", **more: Any) -> LineSeen:
    """An order line of 12.50 EUR a piece; counts may be given as whole numbers or as text."""
    counts = ("ordered", "cancelled", "shipped", "returned", "taken")
    more = {"ordered": 1} | more
    more |= {name: Decimal(more[name]) for name in counts if name in more}
    more.setdefault("amount", eur(1250 * int(more["ordered"])))
    more.setdefault("item", f"item-{sku}" if sku else "")
    return LineSeen(external_id=id, sku=sku, title=sku.title(), **more)


def order(*lines: LineSeen, id: str = "1001", key: str = "1", digest: str = "", **more: Any) -> OrderSeen:
    """An open, paid order; its total is what its lines add up to, its digest covers what it says."""
    added = sum(one.amount.minor for one in lines)
    plain: dict[str, Any] = {
        "number": id,
        "version": Version(key, digest),
        "placed_at": PLACED,
        "changed_at": PLACED,
        "commercial": Commercial.OPEN,
        "payment": Payment.PAID,
        "currency": "EUR",
        "total": eur(added),
        "tax_inclusive": True,
    }
    seen = OrderSeen(external_id=id, lines=lines, **(plain | more))
    if digest:
        return seen
    return msgspec.structs.replace(seen, version=Version(key, sha256(msgspec.json.encode(seen)).hexdigest()))


def refund(units: Mapping[str, int], *, restocked: bool | None, id: str = "r1", minor: int = 0) -> RefundSeen:
    """Money given back for units of lines."""
    parts = tuple(RefundLine(line=of, quantity=Decimal(n), restocked=restocked) for of, n in units.items())
    return RefundSeen(external_id=id, amount=eur(minor), lines=parts)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


@cache
def snapshot(stock: tuple[tuple[str, int], ...], scale: int) -> bytes:
    """A store with one location and one connected shop before the first order."""
    hub = _hub()

    def tell(command: str, **arguments: object) -> None:
        perform(hub, command, arguments, who=at_command_line("person"), source="test")

    tell("location.add", code="main")
    for sku, pieces in stock:
        tell("sku.add", sku=sku, scale=scale)
        if pieces:
            tell(
                "stock.adjust",
                sku=sku,
                location="main",
                quantity=str(pieces),
                reason="opening",
                reference=sku,
            )
    tell(
        "connection.add",
        platform="woocommerce",
        name="web",
        settings=SETTINGS,
        hub_url="https://hub.example",
        since="2026-03-01T00:00:00Z",
    )
    work_off(hub)
    return _store(hub).snapshot()


def _hub(path: str = ":memory:") -> Hub:
    keys = Keyring({"k0000001": b"\x01" * 32}, "k0000001", draw=Random(1).randbytes)
    return Hub(open_inline(path, circumstances(keys, clock=VirtualClock(START), random=Random(2))))


def _store(hub: Hub) -> InlineStore:
    assert isinstance(hub.store, InlineStore)
    return hub.store


def work_off(hub: Hub) -> None:
    """Runs every job that needs only the database."""
    while hub.book._book():
        pass


class Desk:
    """One shop connected to one location. `stock`: SKU → units on the shelf; the SKUs not in it are
    unknown."""

    def __init__(
        self, stock: Mapping[str, int] | None = None, *, scale: int = 1, path: str = ":memory:"
    ) -> None:
        self._opening = snapshot(tuple((stock or {"TEAPOT": 10, "MUG": 10}).items()), scale)
        if path != ":memory:":
            Path(path).write_bytes(self._opening)
        self.hub = _hub(path)
        if path == ":memory:":
            _store(self.hub).restore(self._opening)
        self._connection: Connection | None = None
        self.clock = self.hub.store.clock
        self.clock.sleep((OPENED - self.clock.now()).total_seconds())

    def begin_again(self) -> None:
        """Everything is as it was at the opening, and so is the time."""
        _store(self.hub).restore(self._opening)
        assert isinstance(self.clock, VirtualClock)
        self.clock._now = OPENED

    @property
    def store(self) -> InlineStore:
        return _store(self.hub)

    @property
    def connection(self) -> Connection:
        if self._connection is None:
            self._connection = self.store.read(lambda tx: connections.named(tx, "web"))
        return self._connection

    # what arrives

    def told(self, *seen: OrderSeen) -> Taken:
        """The channel tells us, in one batch, a second later."""
        self.clock.sleep(1)
        now = self.clock.now()
        return self._take([Testimony(order=one, as_of=now) for one in seen])

    def asked(self, *seen: OrderSeen) -> Taken:
        """We ask the channel, in one batch, a second later."""
        self.clock.sleep(1)
        now = self.clock.now()
        return self._take([Testimony(order=one, as_of=now, asked_at=now) for one in seen])

    def vanished(self, *ids: str) -> Taken:
        """The channel has these orders no longer."""
        self.clock.sleep(1)
        connection = self.connection
        return self._then(self.store.run(lambda tx: orders.vanish(tx, connection, ids)))

    def see_locations(self, seen: Sequence[LocationSeen]) -> None:
        """The channel shows its locations."""
        connection = self.connection
        self.store.run(lambda tx: connections.see_locations(tx, connection.id, seen))

    def tell(self, command: str, **arguments: object) -> dict[str, object]:
        """A person gives a command."""
        answer = perform(self.hub, command, arguments, who=at_command_line("person"), source="test")
        work_off(self.hub)
        return answer

    def _take(self, batch: list[Testimony]) -> Taken:
        connection = self.connection
        return self._then(self.store.run(lambda tx: orders.take(tx, connection, batch)))

    def _then(self, taken: Taken) -> Taken:
        work_off(self.hub)
        return taken

    # what became of it

    def lines(self, id: str = "1001") -> dict[str, dict[str, int]]:
        """The channel's line → its counts that are not zero."""
        names = ("ordered", "cancelled", "shipped", "returned", "unsellable", "shelved", "kept")
        found = self.rows(
            select(tables.order_line)
            .join(tables.orders, tables.orders.c.id == tables.order_line.c.order_id)
            .where(tables.orders.c.external_id == id)
        )
        return {
            row.external_id: {name: row._mapping[name] for name in names if row._mapping[name]}
            for row in found
        }

    def claims(self, id: str = "1001") -> dict[tuple[str, str], int]:
        """(the channel's line, state) → pieces, of every item."""
        r, of_line, of_order = tables.reservation, tables.order_line, tables.orders
        statement = (
            select(of_line.c.external_id, r.c.state, func.sum(r.c.quantity).label("n"))
            .join(of_line, of_line.c.id == r.c.line_id)
            .join(of_order, of_order.c.id == of_line.c.order_id)
            .where(of_order.c.external_id == id, r.c.state != "released")
            .group_by(of_line.c.external_id, r.c.state)
        )
        return {(row.external_id, row.state): row.n for row in self.rows(statement)}

    def stock(self, sku: str = "TEAPOT") -> dict[str, int]:
        """Place kind → pieces, where there are any."""
        b, p, item = tables.balance, tables.place, tables.item
        statement = (
            select(p.c.kind, func.sum(b.c.quantity).label("n"))
            .join(p, p.c.id == b.c.place_id)
            .join(item, item.c.id == b.c.item_id)
            .where(item.c.code == sku)
            .group_by(p.c.kind)
        )
        found = {row.kind: row.n for row in self.rows(statement) if row.n}
        return {kind: n for kind, n in found.items() if kind not in OPENING}

    def exceptions(self, id: str = "1001") -> list[tuple[str, str]]:
        """(the channel's line or '', kind) of what is open."""
        return [(of, kind) for of, kind, _detail in self.details(id)]

    def details(self, id: str = "1001") -> list[tuple[str, str, str]]:
        """(the channel's line or '', kind, detail) of what is open."""
        ex, of_line, of_order = tables.exception, tables.order_line, tables.orders
        statement = (
            select(of_line.c.external_id, ex.c.kind, ex.c.detail)
            .select_from(ex)
            .join(of_order, of_order.c.id == ex.c.order_id)
            .outerjoin(of_line, of_line.c.id == ex.c.line_id)
            .where(of_order.c.external_id == id, ex.c.closed_at.is_(None))
        )
        return sorted((row.external_id or "", row.kind, row.detail) for row in self.rows(statement))

    def order(self, id: str = "1001") -> Any:
        """The order's row."""
        return self.rows(select(tables.orders).where(tables.orders.c.external_id == id))[0]

    def orders(self) -> list[str]:
        """The channel's ids of the orders here."""
        return sorted(row.external_id for row in self.rows(select(tables.orders.c.external_id)))

    def events(self) -> list[str]:
        """Kinds of the events of orders, as they came."""
        of = tables.event
        return [
            row.kind
            for row in self.rows(select(of.c.kind).where(of.c.stream.like("order:%")).order_by(of.c.id))
        ]

    def wrong(self) -> list[str]:
        """What `entrepot verify` would complain of."""
        return [f"{one.name}: {one.what}" for one in verify(self.store).violations]

    def rows(self, statement: Any) -> Any:
        def ask(tx: Tx) -> Any:
            return tx.rows(statement)

        return self.store.read(ask)
