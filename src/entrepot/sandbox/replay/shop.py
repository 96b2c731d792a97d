"""The merchant's shop: an emulated WooCommerce in which the history stands as orders, refunds, credit notes.

An invoice is an order: goods are its lines, what is not goods its shipping and fee lines. Goods taken back
are a refund of the order that sold them; money given back without such an order is a credit note, an order
with a negative fee. Nothing is ever completed: the file does not say when goods left, so they stay promised.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from zlib import crc32

import msgspec

from entrepot.channels.kit.emulate import Good
from entrepot.channels.kit.json import encode
from entrepot.channels.woocommerce.emulator import WooCommerce
from entrepot.channels.woocommerce.emulator_shapes import order_shape
from entrepot.channels.woocommerce.emulator_shop import Charge, Order, Refund
from entrepot.channels.woocommerce.emulator_shop import Line as OrderLine
from entrepot.sandbox.replay.daybook import Daybook, Invoice, Line
from entrepot.sandbox.replay.kinds import GOODS_KINDS, SOLD, Kind

FIRST_ORDER = 1_000_000
FIRST_REFUND = 2_000_000
"""The shop's ids begin here: an invoice's order is FIRST_ORDER + its rank, no product has one so high."""

ONE_S = timedelta(seconds=1)


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """Money of line `n` that stands beside an order's lines."""

    n: int
    title: str
    pence: int
    shipping: bool


class Shop:
    """The emulated shop, and the history that is played in it."""

    def __init__(self, book: Daybook, *, currency: str) -> None:
        self._book = book
        self.emulator = WooCommerce(currency=currency)
        self.till = self.emulator.shop

    def furnish(self, opening: dict[str, int], now: datetime) -> None:
        """Puts everything that is goods on sale; two spellings of one SKU show the same figure."""
        for code, sku, title in self._book.goods():
            figure = opening.get(sku, 0)
            self.emulator.stock_good(
                Good(sku=code, title=title or code, price="0.00", stock={"": figure}), now
            )
            self.till.by_sku(code).backorders = "yes"  # what was sold was sold

    def order(self, invoice: Invoice, lines: Sequence[Line]) -> Order | None:
        """What the shop made of an invoice, before anything was refunded; None if it is about stock only."""
        goods = [self._line(line) for line in lines if line.kind in SOLD]
        charges = [_charge(one) for one in beside(self._book, invoice, lines)]
        if not goods and not charges:
            return None
        return Order(
            id=FIRST_ORDER + invoice.rank,
            number=invoice.number,
            created=invoice.at,
            modified=invoice.at,
            paid=invoice.at,
            buyer=f"Customer {invoice.customer}" if invoice.customer else "Guest Example",
            customer=_customer(invoice.customer),
            shipping=Decimal(0),
            lines=goods,
            charges=charges,
            status="processing",
            lowered=True,
        )

    def body(self, order: Order) -> bytes:
        """The order as its webhook tells it."""
        return encode(order_shape(self.till, order))

    def give_back(self, order: Order, part: tuple[int, int, int], reason: str, now: datetime) -> None:
        """Refunds (line, units, pence) of an order. The shop closes one whose money is all given back; if
        other goods of it are still to be sent, the merchant opens it again."""
        target, units, pence = part
        self.till.refund(order, {target: units}, now, amount=_pounds(pence), restock=True, reason=reason)
        if order.status == "refunded" and any(line.reduced for line in order.lines):
            order.status = "processing"

    def refunded(self, rank: int, day: str) -> Order:
        """The order of an invoice with every refund that it was given up to that day."""
        invoice = self._book.invoice(rank)
        order = self.order(invoice, self._book.lines(rank))
        assert order is not None, f"invoice {invoice.number} was refunded and sold nothing"
        for id, n, target, units, pence, number, at in self._book.ask(REFUNDS, rank, day):
            order.modified = max(datetime.fromisoformat(at), order.modified + ONE_S)
            refund = Refund(
                id=FIRST_REFUND + id,
                at=order.modified,
                amount=_pounds(pence),
                reason=f"{number} line {n}",
                units={target: units},
            )
            order.refunds.append(refund)
            line = next(one for one in order.lines if one.id == target)
            line.reduced, line.restocked = (line.reduced or 0) - units, line.restocked + units
        if all(not line.reduced for line in order.lines) and self.till.refunded(order) >= self.till.total(
            order
        ):
            order.status = "refunded"
        return order

    def _line(self, line: Line) -> OrderLine:
        return OrderLine(
            id=line.n,
            product=self.till.by_sku(line.code),
            quantity=line.quantity,
            total=_pounds(line.pence),
            tax=Decimal(0),
            reduced=line.quantity,
        )


REFUNDS = """
SELECT p.rowid, p.n, p.target, p.units, p.pence, i.number, i.at FROM part p JOIN invoice i ON i.rank = p.rank
WHERE p.target_rank = ? AND i.day <= ? ORDER BY i.at, p.rowid
"""
ALONE = "SELECT n, units, pence FROM part WHERE rank = ? AND target IS NULL ORDER BY n"


def beside(book: Daybook, invoice: Invoice, lines: Sequence[Line]) -> list[Beside]:
    """The money of an invoice that is no line of goods: shipping first, then fees, in the file's order."""
    found = [
        Beside(n=one.n, title=one.title or one.code, pence=one.pence,
               shipping=one.kind is Kind.SHIPPING and one.pence >= 0)
        for one in lines if one.kind not in GOODS_KINDS
    ]  # fmt: skip
    if any(one.kind is Kind.RETURNED for one in lines):
        titles = {one.n: one.title or one.code for one in lines}
        found += [
            Beside(n=n, title=f"Return: {titles[n]}", pence=-pence, shipping=False)
            for n, _units, pence in book.ask(ALONE, invoice.rank)
        ]
    return sorted(found, key=lambda one: (not one.shipping, one.n))


def _charge(one: Beside) -> Charge:
    return Charge(id=one.n, title=one.title, total=_pounds(one.pence), shipping=one.shipping)


def _pounds(pence: int) -> Decimal:
    return Decimal(pence).scaleb(-2)


def _customer(name: str) -> int:
    """The shop's number of a customer: the file's own, or one made of a name; 0 is a guest."""
    if not name:
        return 0
    return int(name) if name.isascii() and name.isdigit() and len(name) < 10 else crc32(name.encode()) or 1
