"""The counter of the selling tests: one hub with two locations, goods, and sellers of its own; short words
for what is told to it and what became of it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Any, TypeVar

import pytest
from sqlalchemy import select

from entrepot.access import at_command_line
from entrepot.app import Hub, circumstances, open_inline, perform
from entrepot.db import InlineStore, Tx, tables
from entrepot.kernel import Keyring, Refusal, VirtualClock
from entrepot.monitor import verify

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
WHO = at_command_line("test")

T = TypeVar("T")

STOCK = {"CUP": {"main": 10, "shop": 4}, "POT": {"main": 3}, "LID": {"main": 5}}
"""SKU → location → units on the shelf. TEASET is made of one POT and two CUPs."""


class Counter:
    """Locations main and shop; the sellers field (both, refuses) and wholesale (main only, may be short)."""

    def __init__(self, content: bytes | None = None) -> None:
        self.clock = VirtualClock(NOON)
        keys = Keyring({"k0000001": b"\x01" * 32}, "k0000001", draw=Random(1).randbytes)
        self.store: InlineStore = open_inline(
            ":memory:", circumstances(keys, clock=self.clock, random=Random(2))
        )
        self.hub = Hub(self.store, found={})
        self._references = 0
        if content is None:
            self._open()
        else:
            self.store.restore(content)
            self.clock._now = NOON + timedelta(minutes=1)

    def _open(self) -> None:
        for code in ("main", "shop"):
            self.tell("location.add", code=code)
        for sku, lying in STOCK.items():
            self.tell("sku.add", sku=sku)
            for location, units in lying.items():
                self.tell("stock.receive", sku=sku, location=location, quantity=str(units),
                          reference=f"{sku}-{location}")  # fmt: skip
        self.tell("sku.recipe", sku="TEASET", parts={"POT": 1, "CUP": 2})
        self.tell("seller.add", name="field", currency="EUR")
        self.tell("seller.add", name="wholesale", currency="EUR", locations=["main"], reserve="short")

    def begin_again(self) -> "Counter":
        """Everything is as it was at the opening, and so is the time."""
        self.store.restore(opening())
        self.clock._now = NOON + timedelta(minutes=1)
        self._references = 0
        return self

    # telling

    def tell(self, command: str, **arguments: Any) -> dict[str, Any]:
        """Somebody gives a command; what it causes is done."""
        answer = perform(self.hub, command, arguments, who=WHO, source="test")
        self.work_off()
        return answer

    def refused(self, command: str, **arguments: Any) -> tuple[str, str]:
        """(code, field) of the Refusal of a command, which leaves nothing behind."""
        before = self.store.snapshot()
        with pytest.raises(Refusal) as said:
            perform(self.hub, command, arguments, who=WHO, source="test")
        assert self.store.snapshot() == before
        return said.value.code, said.value.field

    def place(self, *lines: tuple[str, str, str], seller: str = "field", **more: Any) -> dict[str, Any]:
        """An order of (SKU, units, unit price)."""
        return self.tell("order.place", **self.wish(*lines, seller=seller, **more))

    def wish(self, *lines: tuple[str, str, str], seller: str = "field", **more: Any) -> dict[str, Any]:
        """The arguments of an order; the reference is one that was not used yet."""
        self._references += 1
        wanted = [{"sku": sku, "quantity": units, "unit_price": price} for sku, units, price in lines]
        return {"seller": seller, "reference": f"R{self._references}", "lines": wanted} | more

    def work_off(self) -> None:
        """Runs every job that is due and needs only the database."""
        while self.hub.book._book():
            pass

    def later(self, **span: float) -> None:
        """Time passes, and what was due is done."""
        self.clock.sleep(timedelta(**span).total_seconds())
        self.work_off()

    # looking

    def lies(self, sku: str) -> dict[str, int]:
        """'main shelf', 'main promised', 'gone' → pieces of a SKU's own item, without zeros."""
        balance, place, location, item = tables.balance, tables.place, tables.location, tables.item
        statement = (
            select(location.c.code, place.c.kind, place.c.reason, balance.c.quantity)
            .join(place, place.c.id == balance.c.place_id)
            .join(item, item.c.id == balance.c.item_id)
            .outerjoin(location, location.c.id == place.c.location_id)
            .where(item.c.code == sku, balance.c.quantity != 0, place.c.kind != "supplier")
        )
        return {
            " ".join(word for word in (row.code, row.kind, row.reason) if word): row.quantity
            for row in self.rows(statement)
        }

    def claims(self, line_id: str) -> list[str]:
        """A line's reservations: 'CUP held 3 main', 'CUP short 1', sorted."""
        held, location, item = tables.reservation, tables.location, tables.item
        statement = (
            select(held.c.state, held.c.quantity, location.c.code, item.c.code.label("item"))
            .join(item, item.c.id == held.c.item_id)
            .outerjoin(location, location.c.id == held.c.location_id)
            .where(held.c.line_id == line_id)
        )
        return sorted(
            f"{row.item} {row.state} {row.quantity} {row.code or ''}".strip() for row in self.rows(statement)
        )

    def told(self, stream: str) -> list[str]:
        """The kinds of a stream's events, in order."""
        event = tables.event
        return [
            row.kind
            for row in self.rows(
                select(event.c.kind).where(event.c.stream == stream).order_by(event.c.version)
            )
        ]

    def waiting(self, kind: str) -> int:
        """Jobs of a kind that wait."""
        job = tables.job
        return len(self.rows(select(job.c.id).where(job.c.kind == kind, job.c.state == "ready")))

    def rows(self, statement: Any) -> Any:
        return self.store.read(lambda tx: tx.rows(statement))

    def read(self, work: Callable[[Tx], T]) -> T:
        return self.store.read(work)

    def sound(self) -> None:
        """Every invariant holds."""
        assert verify(self.store).violations == []


@cache
def opening() -> bytes:
    """Everything as it is before the first customer comes: made once, because every test begins with it."""
    return Counter().store.snapshot()
