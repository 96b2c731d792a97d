"""The emulated shop itself: products, orders and refunds, and WooCommerce's own rules of stock and status."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from itertools import count
from typing import Literal

import msgspec

from entrepot.channels.kit.emulate import Good
from entrepot.kernel.money import exponent

LOWERING = frozenset({"processing", "on-hold", "completed"})
RESTORING = frozenset({"cancelled", "pending"})
STATUSES = frozenset({"pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed"})

Announce = Callable[[str, int, datetime], None]


class Product(msgspec.Struct, kw_only=True):
    """A product, or a variation of `parent`. `managed` 'parent': it is sold from the parent's figure."""

    id: int
    sku: str
    name: str
    price: str
    created: datetime
    modified: datetime
    stock: int = 0
    managed: bool | Literal["parent"] = True
    backorders: str = "no"
    type: str = "simple"
    parent: int = 0
    gtin: str = ""
    option: str = ""
    status: str = "publish"


class Line(msgspec.Struct, kw_only=True):
    """`total` and `tax` have six decimals; `reduced` is None where the shop took nothing off its stock."""

    id: int
    product: Product
    quantity: int
    total: Decimal
    tax: Decimal
    reduced: int | None = None
    restocked: int = 0


class Refund(msgspec.Struct, kw_only=True):
    """`units` by line id; `amount` with tax."""

    id: int
    at: datetime
    amount: Decimal
    reason: str
    units: dict[int, int]


class Charge(msgspec.Struct, frozen=True, kw_only=True):
    """A shipping or fee line besides the shop's own flat rate. A negative fee is a discount or a credit."""

    id: int
    title: str
    total: Decimal
    shipping: bool = False


class Order(msgspec.Struct, kw_only=True):
    """`customer` 0 is a guest. `number` is what a plugin made of the id, '' without one."""

    id: int
    created: datetime
    modified: datetime
    buyer: str
    shipping: Decimal
    lines: list[Line]
    charges: list[Charge] = []
    customer: int = 0
    number: str = ""
    refunds: list[Refund] = []
    status: str = "pending"
    paid: datetime | None = None
    completed: datetime | None = None
    lowered: bool = False
    trashed: str = ""  # the status it had before


class Shop:
    """`tax_percent` on goods and shipping; prices are entered with tax, as in Europe: lines are not round."""

    def __init__(self, *, currency: str, tax_percent: Decimal, shipping: Decimal, announce: Announce) -> None:
        self.currency, self.tax_percent, self.shipping = currency, tax_percent, shipping
        self._announce = announce
        self.products: dict[int, Product] = {}
        self.orders: dict[int, Order] = {}
        self._skus: dict[str, Product] = {}
        self._unpaid: dict[int, Order] = {}
        self._ids, self._line_ids = count(10), count(1)

    def round(self, amount: Decimal) -> Decimal:
        """To the currency's digits, half up."""
        return amount.quantize(Decimal(1).scaleb(-exponent(self.currency)), ROUND_HALF_UP)

    def add_product(self, good: Good, now: datetime, *, parent: Product | None = None) -> Product:
        """A new product, or a variation whose figure is its own."""
        product = Product(
            id=next(self._ids),
            sku=good.sku,
            name=good.title,
            price=good.price,
            stock=good.stock.get("", 0),
            gtin=good.gtin,
            type="variation" if parent else "simple",
            parent=parent.id if parent else 0,
            created=now,
            modified=now,
        )
        self.products[product.id] = self._skus[product.sku] = product
        self._announce("product.created", product.id, now)
        return product

    def by_sku(self, sku: str) -> Product:
        """The product of a SKU; KeyError if the world asks for one that is not sold here."""
        return self._skus[sku]

    def holder(self, product: Product) -> Product:
        """The product whose figure it is sold from."""
        return self.products[product.parent] if product.managed == "parent" else product

    def variations(self, parent: int) -> list[Product]:
        return [product for product in self.products.values() if product.parent == parent and parent]

    def write_stock(self, product: Product, quantity: int, now: datetime) -> None:
        """Sets the figure of a product that holds one; every save announces the product."""
        product.stock, product.modified = quantity, now
        self._announce("product.updated", product.id, now)

    def place(self, basket: Mapping[str, int], now: datetime, *, status: str, buyer: str) -> Order | None:
        """A checkout: refused where a figure, less what unpaid orders hold, does not suffice."""
        wanted: dict[int, int] = {}
        for sku, units in basket.items():
            holder = self.holder(self.by_sku(sku))
            wanted[holder.id] = wanted.get(holder.id, 0) + units
        if any(not self._suffices(self.products[id], units) for id, units in wanted.items()):
            return None
        return self.take(
            [(self.by_sku(sku), units) for sku, units in basket.items()], now, status=status, buyer=buyer
        )

    def take(self, wanted: Sequence[tuple[Product, int]], now: datetime, *, status: str, buyer: str) -> Order:
        """An order, whatever the figures say."""
        lines = [self._line(product, units) for product, units in wanted]
        order = Order(
            id=next(self._ids), created=now, modified=now, buyer=buyer, shipping=self.shipping, lines=lines
        )
        self.orders[order.id] = self._unpaid[order.id] = order
        self._announce("order.created", order.id, now)
        if status != "pending":
            self.move(order, status, now)
        return order

    def move(self, order: Order, status: str, now: datetime) -> None:
        """A change of status with all that hangs on it: payment date, stock, the refund of the rest."""
        self._set_status(order, status)
        if status in {"processing", "completed"}:
            order.paid = order.paid or now
        if status == "completed":
            order.completed = now
        if status in LOWERING and not order.lowered:
            self._lower(order, now)
        elif status in RESTORING and order.lowered:
            self._restore(order, now)
        rest = self.total(order) - self.refunded(order)
        if status == "refunded" and rest:
            self._add_refund(
                order, Refund(id=0, at=now, amount=rest, reason="Order fully refunded.", units={})
            )
        self.touch(order, now)

    def edit(self, order: Order, units: Mapping[str, int], now: datetime) -> None:
        """New quantities by SKU; the stock of an order that has lowered it follows."""
        for sku, quantity in units.items():
            line = next((line for line in order.lines if line.product.sku == sku), None)
            if line is None:
                line = self._line(self.by_sku(sku), 0)
                order.lines.append(line)
            fresh = self._line(line.product, quantity)
            line.quantity, line.total, line.tax = quantity, fresh.total, fresh.tax
            if order.status in LOWERING:
                self._adjust(line, now)
        order.lines = [line for line in order.lines if line.quantity]
        self.touch(order, now)

    def refund(
        self,
        order: Order,
        units: Mapping[int, int],
        now: datetime,
        *,
        amount: Decimal,
        restock: bool,
        reason: str,
    ) -> Refund:
        """Money back for units by line id; goods return only if asked, and only what was taken."""
        given = Refund(id=0, at=now, amount=amount, reason=reason, units=dict(units))
        self._add_refund(order, given)
        for line in order.lines:
            back = units.get(line.id, 0)
            if restock and back and line.reduced:
                self._change(line.product, back, now)
                line.reduced, line.restocked = line.reduced - back, line.restocked + back
        if self.refunded(order) >= self.total(order):
            self.move(order, "refunded", now)
        self.touch(order, now)
        return given

    def trash(self, order: Order, now: datetime) -> None:
        """Into the trash: no stock comes back, and lists leave it out."""
        order.trashed = order.status
        self._set_status(order, "trash")
        order.modified = now
        self._announce("order.deleted", order.id, now)

    def untrash(self, order: Order, now: datetime) -> None:
        self._set_status(order, order.trashed)
        order.modified = now
        self._announce("order.restored", order.id, now)

    def touch(self, order: Order, now: datetime) -> None:
        order.modified = now
        self._announce("order.updated", order.id, now)

    def total(self, order: Order) -> Decimal:
        """Goods, shipping and tax, calculated unrounded and rounded once."""
        goods = sum((line.total + line.tax for line in order.lines), Decimal(0))
        beside = sum((charge.total for charge in order.charges), order.shipping)
        return self.round(goods + beside + self.tax_on(beside))

    def refunded(self, order: Order) -> Decimal:
        return sum((refund.amount for refund in order.refunds), Decimal(0))

    def refunded_units(self, order: Order, line: Line) -> int:
        return sum(refund.units.get(line.id, 0) for refund in order.refunds)

    def tax_on(self, net: Decimal) -> Decimal:
        return (net * self.tax_percent / 100).quantize(Decimal("0.000001"))

    def _line(self, product: Product, quantity: int) -> Line:
        gross = Decimal(product.price) * quantity
        net = (gross * 100 / (100 + self.tax_percent)).quantize(Decimal("0.000001"))
        return Line(id=next(self._line_ids), product=product, quantity=quantity, total=net, tax=gross - net)

    def _suffices(self, holder: Product, units: int) -> bool:
        held = sum(line.quantity for line in self._unpaid_lines() if self.holder(line.product) is holder)
        return not holder.managed or holder.backorders != "no" or units <= holder.stock - held

    def _unpaid_lines(self) -> Iterator[Line]:
        return (line for order in self._unpaid.values() for line in order.lines)

    def _set_status(self, order: Order, status: str) -> None:
        order.status = status
        if status == "pending":
            self._unpaid[order.id] = order
        else:
            self._unpaid.pop(order.id, None)

    def _lower(self, order: Order, now: datetime) -> None:
        for line in order.lines:
            if not line.reduced and line.product.managed:
                self._change(line.product, -line.quantity, now)
                line.reduced = line.quantity
        order.lowered = True

    def _restore(self, order: Order, now: datetime) -> None:
        for line in order.lines:
            if line.reduced:
                self._change(line.product, line.reduced, now)
                line.reduced = None
        order.lowered = False

    def _adjust(self, line: Line, now: datetime) -> None:
        due = line.quantity - line.restocked if line.quantity else 0
        if line.product.managed and due != (line.reduced or 0):
            self._change(line.product, (line.reduced or 0) - due, now)
            line.reduced = due

    def _change(self, product: Product, units: int, now: datetime) -> None:
        holder = self.holder(product)
        self.write_stock(holder, holder.stock + units, now)

    def _add_refund(self, order: Order, refund: Refund) -> None:
        refund.id = next(self._ids)
        order.refunds.append(refund)
