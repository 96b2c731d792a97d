"""Direct: the shop's deliveries go straight into the inbox, as the door puts them there once their signature
was looked at. Listings are read and refunds fetched over the shop's API: WooCommerce's webhooks bring only
the amounts of refunds.

A day at a time: its orders, then its corrections, then its refunds. What comes back is for sale on the next.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import TypeVar

import httpx2
from sqlalchemy import select

from entrepot import connections
from entrepot.access import at_command_line
from entrepot.app import Hub, perform
from entrepot.channels import load
from entrepot.channels.kit.emulate import EmulatorTransport
from entrepot.channels.kit.webhook import delivery_key
from entrepot.connections import Connection
from entrepot.contract import Delivery
from entrepot.db import InlineStore, inbox, jobs, tables
from entrepot.kernel import VirtualClock
from entrepot.sandbox.replay.daybook import Daybook
from entrepot.sandbox.replay.shop import Shop
from entrepot.sandbox.replay.stockroom import LOCATION, Act, Stockroom, open_stockroom
from entrepot.sync.cards import masked
from entrepot.sync.timetable import reading_job

T = TypeVar("T")

PLATFORM, NAME = "woocommerce", "shop"
LETTERS = 200
"""So many deliveries are put into the inbox at once."""


class Direct:
    """A hub without its door, and the emulated shop whose API it may ask."""

    def __init__(self, store: InlineStore, clock: VirtualClock, book: Daybook, *, currency: str) -> None:
        self._clock, self._book = clock, book
        self.shop = Shop(book, currency=currency)
        self._channel = load(PLATFORM)
        self.hub = Hub(store, found={PLATFORM: self._channel}, transport=self._transport)
        self._stockroom: Stockroom | None = None
        self._connection: Connection | None = None

    def open(self, opening: dict[str, int], since: datetime) -> None:
        """Fills the stockroom, connects the shop and takes its listings in."""
        self._stockroom = open_stockroom(self.hub, self._book, opening)
        self.shop.furnish(opening, self._clock.now())
        settings = self.shop.emulator.settings()
        self._tell("connection.add", platform=PLATFORM, name=NAME, settings=settings,
                   hub_url="https://hub.example", locations=[LOCATION], since=since.isoformat())  # fmt: skip
        self._connection = self.hub.store.read(lambda tx: connections.named(tx, NAME))
        read = reading_job(self._account().id, "read_listings")
        self.hub.store.run(lambda tx: jobs.enqueue(tx, [read]), source="replay")
        self.settle()
        for product in self.shop.till.products.values():
            if product.sku != product.sku.upper():
                self._tell("sku.map", connection=NAME, item=str(product.id), sku=product.sku.upper())
        self.settle()

    def day(self, day: str) -> int:
        """Plays one day; how many lines it had."""
        assert self._stockroom is not None, "open comes before day"
        acts: list[Act] = []
        played = 0
        for some in batches(self._book.of_day(day), LETTERS):
            told = []
            for invoice, lines in some:
                played += len(lines)
                acts += self._stockroom.acts(invoice, lines)
                if (order := self.shop.order(invoice, lines)) is not None:
                    told.append((self.shop.body(order), order.modified))
            self._tell_hub("order.created", told)
        self._stockroom.book(acts)
        self._refund(day)
        return played

    def settle(self) -> None:
        """Works off everything that is due."""
        while self.hub.book.step() or self._call():
            pass

    def close(self) -> None:
        self.hub.close()

    def _refund(self, day: str) -> None:
        """The shop tells which orders were refunded that day; the hub asks for them; then the shop puts them
        away again. It has no other orders at hand: a year of them would fill the memory."""
        orders = self.shop.till.orders
        for rank in self._book.refunded_on(day):
            order = self.shop.refunded(rank, day)
            orders[order.id] = order
        self._tell_hub("order.updated", [(self.shop.body(one), one.modified) for one in orders.values()])
        while orders and self._call():
            pass
        orders.clear()

    def _tell_hub(self, topic: str, told: Sequence[tuple[bytes, datetime]]) -> None:
        """Puts deliveries into the inbox and lets the hub book them."""
        if not told:
            return
        self._until(max(at for _body, at in told))
        self._put(topic, told)
        while self._waiting():
            self.hub.book.step()

    def _put(self, topic: str, told: Sequence[tuple[bytes, datetime]]) -> None:
        """Stores deliveries as the door does: card numbers masked, each once, sealed."""
        connection = self._account()
        deliveries = [
            Delivery(headers={"content-type": "application/json", "x-wc-webhook-topic": topic},
                     body=masked(body), url=connection.callback_url, received_at=at)
            for body, at in told
        ]  # fmt: skip

        keyed = [(delivery_key(self._channel.ABOUT, one), one) for one in deliveries]
        self.hub.store.run(
            lambda tx: inbox.put_all(tx, connection_id=connection.id, told=keyed),
            actor=f"channel:{NAME}",
            source="webhook",
        )

    def _account(self) -> Connection:
        assert self._connection is not None, "open comes first"
        return self._connection

    def _waiting(self) -> bool:
        """Whether a delivery is still to be booked."""
        new = select(tables.inbox.c.id).where(tables.inbox.c.state == "new", tables.inbox.c.attempts == 0)
        return self.hub.store.read(lambda tx: tx.row(new.limit(1))) is not None

    def _call(self) -> int:
        return sum(self.hub.caller(account).step() for account in self.hub.accounts())

    def _until(self, at: datetime) -> None:
        """The clock follows the file, and never goes back."""
        self._clock.sleep((at - self._clock.now()).total_seconds())

    def _transport(self, _connection: Connection) -> httpx2.BaseTransport:
        return EmulatorTransport(self.shop.emulator, self._clock)

    def _tell(self, command: str, **arguments: object) -> None:
        perform(self.hub, command, arguments, who=at_command_line("replay"), source="replay")


def batches(values: Iterable[T], size: int) -> Iterator[list[T]]:
    """`values` in lists of at most `size`."""
    source = iter(values)
    while some := list(islice(source, size)):
        yield some
