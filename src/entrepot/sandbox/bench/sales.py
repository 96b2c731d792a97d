"""The orders of a filled store, each with its lines, claims, moves and event."""

from decimal import Decimal
from itertools import pairwise
from random import Random

import msgspec

from entrepot import customers
from entrepot.connections import Connection
from entrepot.contract import Commercial, CustomerSeen, LineSeen, OrderSeen, Payment, Version
from entrepot.db import Event, Tx, events
from entrepot.kernel import Money
from entrepot.ledger import Move, Posting, Reservation, State
from entrepot.ledger import rows as ledger_rows
from entrepot.orders import exception_rows, rows
from entrepot.orders.model import Fulfilment, Kind, Line, Order
from entrepot.places import Kind as PlaceKind
from entrepot.sandbox.bench.goods import Goods


class Course(msgspec.Struct, frozen=True):
    """What became of an order: its axes, and the state of what its lines claim (None: nothing)."""

    commercial: Commercial
    payment: Payment
    fulfilment: Fulfilment
    claim: State | None


SHIPPED = Course(Commercial.CLOSED, Payment.PAID, Fulfilment.SHIPPED, State.CONSUMED)
WAITING = Course(Commercial.OPEN, Payment.PAID, Fulfilment.WAITING, State.RESERVED)
UNPAID = Course(Commercial.OPEN, Payment.PENDING, Fulfilment.WAITING, State.HELD)
CANCELLED = Course(Commercial.CANCELLED, Payment.FAILED, Fulfilment.NOTHING, None)
COURSES = {SHIPPED: 85, WAITING: 8, UNPAID: 3, CANCELLED: 4}
"""Course → how many of a hundred orders take it."""

YOUNG = 0.8
"""What is open is young: earlier in the year everything was shipped or cancelled."""

UNMAPPED = 0.003
"""So many orders that wait have a line of which nobody has said the SKU."""


class Batch:
    """What one transaction writes."""

    def __init__(self, tx: Tx) -> None:
        self.tx = tx
        self.orders: list[Order] = []
        self.lines: list[Line] = []
        self.moves: list[Move] = []
        self.received: list[Move] = []
        self.postings: list[Posting] = []
        self.claims: list[Reservation] = []
        self.events: list[Event] = []
        self.exceptions: dict[tuple[str, str, str], str] = {}


class Sales:
    """A year's orders, drawn from one seed."""

    def __init__(self, goods: Goods, accounts: list[Connection], *, orders: int, seed: int) -> None:
        self._goods, self._accounts, self._orders = goods, accounts, orders
        self._random = Random(seed)

    def sell(self, tx: Tx, numbers: list[int]) -> None:
        """A few thousand orders with everything that hangs on them."""
        batch, buyers = Batch(tx), iter(self._buyers(tx, numbers))
        for n in numbers:
            self._order(batch, n, next(buyers) if n % 10 == 0 else "")
        rows.insert_orders(tx, batch.orders)
        rows.insert_lines(tx, batch.lines)
        delivered = [self._goods.delivery(batch.received, tx.now)] if batch.received else []
        self._goods.post(tx, delivered + batch.postings)
        ledger_rows.insert_reservations(tx, batch.claims)
        exception_rows.open_new(tx, batch.exceptions)
        events.append(tx, batch.events)

    def _buyers(self, tx: Tx, numbers: list[int]) -> list[str]:
        """A person for every tenth order: to seal half a million of them would only take longer."""
        named = [
            customers.Person(customer=CustomerSeen(name=f"Buyer {n}", email=f"buyer{n}@example.com"))
            for n in numbers if n % 10 == 0
        ]  # fmt: skip
        return customers.keep(tx, self._accounts[0].id, named)

    def _order(self, batch: Batch, n: int, person_id: str) -> None:
        tx, id, course = batch.tx, batch.tx.ids.new(), self._course(n)
        account = self._random.choices(self._accounts, range(len(self._accounts), 0, -1))[0]
        lines = [self._line(batch, id, at, course) for at in range(self._random.randint(1, 3))]
        if course is WAITING and self._random.random() < UNMAPPED:
            lines.append(_unmapped(batch, id, len(lines)))
        seen = OrderSeen(
            external_id=str(10_000 + n),
            number=str(10_000 + n),
            version=Version("1", f"{n:032x}"),
            placed_at=tx.now,
            changed_at=tx.now,
            commercial=course.commercial,
            payment=course.payment,
            currency="EUR",
            total=Money(sum(line.amount for line in lines), "EUR"),
            tax_inclusive=True,
            lines=tuple(map(_seen, lines)),
        )
        order = Order(
            id=id, connection_id=account.id, version_key="1", digest=f"{n:032x}", as_of=tx.now, version=1,
            person_id=person_id, received_at=tx.now, seen=seen, fulfilment=course.fulfilment,
        )  # fmt: skip
        batch.orders.append(order)
        batch.lines += lines
        batch.events.append(_told(order))
        if batch.moves:
            posting = Posting(cause=f"order:{id}:1", moves=tuple(batch.moves), happened_at=tx.now)
            batch.postings.append(posting)
            batch.moves = []

    def _course(self, n: int) -> Course:
        drawn = self._random.choices(list(COURSES), list(COURSES.values()))[0]
        return SHIPPED if n < self._orders * YOUNG and drawn in (WAITING, UNPAID) else drawn

    def _line(self, batch: Batch, order_id: str, at: int, course: Course) -> Line:
        """One line; a few SKUs sell often, most hardly."""
        sku = self._goods.skus[int(len(self._goods.skus) * self._random.random() ** 3)]
        quantity = self._random.randint(1, 3)
        cancelled = quantity if course.claim is None else 0
        line = Line(
            id=batch.tx.ids.new(), order_id=order_id, external_id=str(at), item=sku.code.lower(),
            sku_text=sku.code, title=sku.title, sku_id=sku.id, ordered=quantity, cancelled=cancelled,
            amount=(500 + int(sku.code[-3:])) * quantity, shipped=quantity if course is SHIPPED else 0,
            taken=quantity - cancelled,
        )  # fmt: skip
        if course.claim is not None:
            location_id = self._random.choice(self._goods.homes(sku))
            batch.received += self._goods.taken(sku, location_id, quantity)
            claim = Reservation(
                id=batch.tx.ids.new(), line_id=line.id, item_id=sku.recipe[0][0], quantity=quantity,
                state=course.claim, location_id=location_id,
            )  # fmt: skip
            batch.claims.append(claim)
            batch.moves += self._moves(claim)
        return line

    def _moves(self, claim: Reservation) -> list[Move]:
        """What a claim has moved so far."""
        here = self._goods.places
        way = [here.at(claim.location_id, kind) for kind in (PlaceKind.SHELF, PlaceKind.PROMISED)]
        if claim.state is State.CONSUMED:
            way.append(here.outer(PlaceKind.GONE))
        return [
            Move(item_id=claim.item_id, source_id=source.id, target_id=target.id, quantity=claim.quantity)
            for source, target in pairwise(way)
        ]


def _unmapped(batch: Batch, order_id: str, at: int) -> Line:
    text = f"NOBODY-{order_id[-4:]}"
    line = Line(
        id=batch.tx.ids.new(), order_id=order_id, external_id=str(at), item=text.lower(), sku_text=text,
        title="Something new", amount=1000, ordered=1, taken=1,
    )  # fmt: skip
    batch.exceptions[order_id, line.id, str(Kind.UNMAPPED)] = f"the channel's {text!r} is no SKU of ours yet"
    return line


def _seen(line: Line) -> LineSeen:
    return LineSeen(
        external_id=line.external_id, item=line.item, sku=line.sku_text, title=line.title,
        ordered=Decimal(line.ordered), amount=Money(line.amount, "EUR"), cancelled=Decimal(line.cancelled),
        shipped=Decimal(line.shipped), taken=Decimal(line.taken),
    )  # fmt: skip


def _told(order: Order) -> Event:
    body = {"order": order.id, "version": 1, "commercial": order.seen.commercial,
            "payment": order.seen.payment, "fulfilment": order.fulfilment, "exceptions": []}  # fmt: skip
    return Event(stream=f"order:{order.id}", kind="OrderReceived", body=body)
