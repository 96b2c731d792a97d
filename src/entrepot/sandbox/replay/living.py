"""Living: the shop does all day what the history says, and the hub is told as in life: webhooks through its
door, readings and refunds over the shop's API with its pages, figures written back. In virtual time.
"""

from datetime import datetime

from entrepot import sync
from entrepot.channels import load
from entrepot.db import InlineStore
from entrepot.kernel import VirtualClock
from entrepot.sandbox.replay.daybook import Daybook, Invoice, Line
from entrepot.sandbox.replay.shop import FIRST_ORDER, Shop
from entrepot.sandbox.replay.stockroom import LOCATION, Stockroom, open_stockroom
from entrepot.sandbox.world import World

PLATFORM, NAME = "woocommerce", "shop"
SELDOM_S = 21_600.0
EVERY_S = {kind: max(wait_s, SELDOM_S) for kind, wait_s in sync.EVERY_S.items()}
"""The timetable of a replay: a year of readings every five minutes would be most of the work."""

SETTLE_S = 900.0


class Living:
    """A world with one shop in it."""

    def __init__(self, store: InlineStore, clock: VirtualClock, book: Daybook, *, currency: str) -> None:
        self._clock, self._book = clock, book
        self.shop = Shop(book, currency=currency)
        self.world = World(every_s=EVERY_S, found={PLATFORM: load(PLATFORM)}, store=store, clock=clock)
        self.hub = self.world.hub
        self._stockroom: Stockroom | None = None

    def open(self, opening: dict[str, int], since: datetime) -> None:
        """Fills the stockroom and the shop, connects it, and waits until its listings are read and linked."""
        self._stockroom = open_stockroom(self.hub, self._book, opening)
        self.shop.furnish(opening, self._clock.now())
        self.world.connect(NAME, self.shop.emulator, platform=PLATFORM, locations=[LOCATION])
        self.world.run(SETTLE_S)
        for product in self.shop.till.products.values():
            if product.sku != product.sku.upper():
                self.world.tell("sku.map", connection=NAME, item=str(product.id), sku=product.sku.upper())
        self.world.run(SETTLE_S)

    def day(self, day: str) -> int:
        """Plays one day, invoice by invoice at its time; how many lines it had."""
        assert self._stockroom is not None, "open comes before day"
        acts, lines_seen = [], 0
        for invoice, lines in self._book.of_day(day):
            lines_seen += len(lines)
            self._until(invoice.at)
            self._sell(invoice, lines)
            self._give_back(invoice)
            acts += self._stockroom.acts(invoice, lines)
        self.world.run(SETTLE_S)
        self._stockroom.book(acts)
        return lines_seen

    def settle(self) -> None:
        """Lets one more round of every reading pass."""
        self.world.run(SELDOM_S + SETTLE_S)

    def close(self) -> None:
        self.hub.close()

    def _until(self, at: datetime) -> None:
        """The clock follows the file, and never goes back; what is due by then is done first."""
        if at > self._clock.now():
            self._clock.sleep((at - self._clock.now()).total_seconds())
            self.world.quiet()

    def _sell(self, invoice: Invoice, lines: list[Line]) -> None:
        """The order comes in unpaid and is paid at once, which takes its goods off the shop's own figures."""
        order = self.shop.order(invoice, lines)
        if order is None:
            return
        order.status, order.paid, order.lowered = "pending", None, False
        for line in order.lines:
            line.reduced = None
        self.shop.till.orders[order.id] = order
        self.shop.till.move(order, "processing", self._clock.now())

    def _give_back(self, invoice: Invoice) -> None:
        """Refunds the orders whose goods this invoice takes back."""
        for n, target, units, pence, rank in self._book.ask(PARTS, invoice.rank):
            order = self.shop.till.orders[FIRST_ORDER + rank]
            self._clock.sleep(1.0)  # the shop dates its changes in whole seconds
            self.shop.give_back(
                order, (target, units, pence), f"{invoice.number} line {n}", self._clock.now()
            )


PARTS = """
SELECT n, target, units, pence, target_rank FROM part WHERE rank = ? AND target IS NOT NULL ORDER BY rowid
"""
