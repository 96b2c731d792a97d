"""What becomes of an order of a seller inside the hub: paid, cancelled, shipped, handed over. Each makes a
new version of it, which goes the road of every testimony."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from entrepot import catalog, connections, ledger
from entrepot.connections import Connection
from entrepot.contract import Commercial, LineSeen, OrderSeen, Payment, PaymentSeen, ShipmentSeen, Version
from entrepot.db import Event, Tx, events
from entrepot.kernel import Refusal, pieces
from entrepot.ledger import BINDING, State
from entrepot.orders import rows
from entrepot.orders.draft import Testimony
from entrepot.orders.intake import take
from entrepot.orders.model import PAYMENT, Line, Order

SETTABLE = frozenset({Payment.PENDING, Payment.AUTHORISED, Payment.PAID, Payment.FAILED})
"""What a person may say of the money. That some was given back is said by a refund."""

Amounts = Mapping[str, Decimal]
"""Line (its id, or its number in the order) → sold units; empty: everything that is still open."""


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """An order of a seller inside the hub, locked."""

    seller: Connection
    order: Order
    lines: Mapping[str, Line]


def own(tx: Tx, id: str, *, version: int | None = None) -> Own:
    """Refusal `order_unknown`, `order_of_channel` for one that is changed where it was placed, or `version`
    if it is another one than the caller has seen."""
    order = rows.one(tx, id)
    if order is None:
        raise Refusal("order_unknown", f"there is no order {id[:80]!r}", field="order")
    account = connections.connection(tx, id=order.connection_id)
    assert account is not None
    if account.calls:
        raise Refusal(
            "order_of_channel",
            f"{order.seen.number} is an order of {account.name}",
            remedy=f"Change it in {account.name} ({account.platform}): the hub follows by itself",
            field="order",
        )
    if version is not None and version != order.version:
        raise Refusal(
            "version",
            f"the order has version {order.version}, not {version}",
            remedy="Look at it again",
            field="version",
        )
    return Own(seller=account, order=order, lines=rows.lines(tx, [order.id]).get(order.id, {}))


def pay(tx: Tx, mine: Own, state: Payment, *, method: str = "") -> Order:
    """What became of the money. Refusal `payment` for a step that the table does not allow."""
    seen = mine.order.seen
    if state is seen.payment:
        return mine.order
    if state not in SETTABLE or state not in PAYMENT[seen.payment]:
        raise Refusal("payment", f"an order that is {seen.payment} does not become {state}", field="state")
    said = PaymentSeen(external_id=f"{len(seen.payments) + 1}", method=method, amount=seen.total, state=state,
                       at=tx.now)  # fmt: skip
    paid_at = tx.now if state is Payment.PAID else seen.paid_at
    changed = msgspec.structs.replace(seen, payment=state, paid_at=paid_at, payments=(*seen.payments, said))
    return _take(tx, mine, changed, Event(stream="", kind="PaymentNoted", body={"payment": state}))


def cancel(tx: Tx, mine: Own, amounts: Amounts, *, reason: str) -> Order:
    """Lines, parts of them, or all that is open are not wanted any more; amounts of money stay as agreed.

    Refusal `nothing_open`, `line_unknown`, `quantity`, or `picked` for goods that somebody has in hand.
    """
    wanted = _wanted(tx, mine, amounts)
    _check_unpicked(tx, mine, wanted)
    lines = [_more(one, wanted, "cancelled") for one in mine.order.seen.lines]
    off = all(one.cancelled == one.ordered for one in lines)
    commercial = Commercial.CANCELLED if off else mine.order.seen.commercial
    changed = msgspec.structs.replace(mine.order.seen, lines=tuple(lines), commercial=commercial)
    body = {"lines": _spelled(wanted), "reason": reason}
    return _take(tx, mine, changed, Event(stream="", kind="OrderCancelled", body=body))


def ship(tx: Tx, mine: Own, amounts: Amounts, parcel: ShipmentSeen) -> Order:
    """Goods have left the house. Refusal as of `cancel`, or `not_enough` for goods that are only waited
    for."""
    wanted = _wanted(tx, mine, amounts)
    _check_bound(tx, mine, wanted)
    lines = tuple(_more(one, wanted, "shipped") for one in mine.order.seen.lines)
    seen = mine.order.seen
    parcel = msgspec.structs.replace(parcel, external_id=f"{len(seen.shipments) + 1}", at=tx.now)
    changed = msgspec.structs.replace(seen, lines=lines, shipments=(*seen.shipments, parcel))
    body = {"lines": _spelled(wanted)}
    return _take(tx, mine, changed, Event(stream="", kind="OrderShipped", body=body))


def hand_over(tx: Tx, mine: Own, amounts: Amounts, *, location: str) -> Order:
    """A customer has carried goods out of the door of a location of the seller: they are off its shelf,
    whoever they were promised to. What is left of these lines is served from there too. Refusal as of
    `cancel`."""
    known = connections.locations(tx, mine.seller.id)
    if not known.get(location):
        said = ", ".join(sorted(known))
        why = f"{mine.seller.name} sells from no location {location!r}; from: {said}"
        raise Refusal("location_unknown", why, field="location")
    wanted = _wanted(tx, mine, amounts)
    lines = [_more(one, wanted, "shipped") for one in mine.order.seen.lines]
    there = [
        msgspec.structs.replace(one, location=location) if one.external_id in wanted else one for one in lines
    ]
    changed = msgspec.structs.replace(mine.order.seen, lines=tuple(there))
    body = {"lines": _spelled(wanted), "location": location}
    return _take(tx, mine, changed, Event(stream="", kind="OrderHandedOver", body=body))


def _wanted(tx: Tx, mine: Own, amounts: Amounts) -> dict[str, Decimal]:
    """Line number → sold units, each no more than is open."""
    open_ = {one.external_id: _open(one) for one in mine.order.seen.lines}
    if not amounts:
        every = {number: units for number, units in open_.items() if units}
        if not every or mine.order.seen.commercial is Commercial.CANCELLED:
            raise Refusal("nothing_open", "nothing of the order is open any more", field="order")
        return every
    numbers = {one.id: one.external_id for one in mine.lines.values()}
    wanted: dict[str, Decimal] = {}
    for line, units in amounts.items():
        number = numbers.get(line, line)
        if number not in open_:
            raise Refusal("line_unknown", f"the order has no line {line[:40]!r}", field=f"lines.{line[:40]}")
        if not 0 < units <= open_[number] - wanted.get(number, 0):
            raise Refusal("quantity", f"of line {number} {open_[number]} are open, not {units}",
                          field=f"lines.{line}")  # fmt: skip
        wanted[number] = wanted.get(number, Decimal(0)) + units
    _check_whole(tx, mine, wanted)
    return wanted


def _check_whole(tx: Tx, mine: Own, wanted: Mapping[str, Decimal]) -> None:
    skus = catalog.skus(tx, ids={mine.lines[number].sku_id for number in wanted})
    scales = {sku.id: sku.scale for sku in skus}
    for number, units in wanted.items():
        try:
            pieces(units, scales[mine.lines[number].sku_id])
        except Refusal as refusal:
            raise Refusal("quantity", refusal.why, field=f"lines.{number}") from None


def _open(one: LineSeen) -> Decimal:
    return one.ordered - one.cancelled - one.shipped


def _more(one: LineSeen, wanted: Mapping[str, Decimal], count: str) -> LineSeen:
    return msgspec.structs.replace(
        one, **{count: getattr(one, count) + wanted.get(one.external_id, Decimal(0))}
    )


def _check_unpicked(tx: Tx, mine: Own, wanted: Mapping[str, Decimal]) -> None:
    for number, units, left in _compared(tx, mine, wanted, [State.PICKED], after=True):
        if left < 0:
            why = f"of line {number} not all {units} can be cancelled: goods are picked already"
            raise Refusal("picked", why, remedy="Put them back first", field=f"lines.{number}")


def _check_bound(tx: Tx, mine: Own, wanted: Mapping[str, Decimal]) -> None:
    for number, units, left in _compared(tx, mine, wanted, sorted(BINDING), after=False):
        if left < 0:
            why = f"line {number} has not all of {units}: {-left} pieces wait for goods"
            remedy = "Receive or count them, or send fewer"
            raise Refusal("not_enough", why, remedy=remedy, field=f"lines.{number}")


def _compared(
    tx: Tx, mine: Own, wanted: Mapping[str, Decimal], states: Sequence[State], *, after: bool
) -> list[tuple[str, Decimal, int]]:
    """(line, units, pieces) for each item of these lines: how many of its pieces in these states are more
    than the units need; with `after`, how many fewer than stay open behind them."""
    skus = {sku.id: sku for sku in catalog.skus(tx, ids={one.sku_id for one in mine.lines.values()})}
    claimed = ledger.claimed(tx, [one.id for one in mine.lines.values()], states)
    found = []
    for number, units in wanted.items():
        line = mine.lines[number]
        sku = skus[line.sku_id]
        count = pieces(units, sku.scale)
        for item_id, each in sku.recipe:
            there = claimed.get((line.id, item_id), 0)
            left = (line.open - count) * each - there if after else there - count * each
            found.append((number, units, left))
    return found


def _spelled(wanted: Mapping[str, Decimal]) -> dict[str, str]:
    return {number: f"{units:f}" for number, units in wanted.items()}


def _take(tx: Tx, mine: Own, changed: OrderSeen, told: Event) -> Order:
    """Books the next version of an order, and tells of what made it."""
    held = mine.order
    key = f"{int(held.version_key) + 1:08d}"
    seen = msgspec.structs.replace(
        changed, version=Version(key, held.digest), changed_at=tx.now, commercial=_ended(changed)
    )
    take(tx, mine.seller, [Testimony(order=seen, as_of=tx.now, asked_at=tx.now)])
    body = {"order": held.id} | told.body
    events.append(tx, [Event(stream=f"order:{held.id}", kind=told.kind, body=body)])
    now = rows.one(tx, held.id)
    assert now is not None
    return now


def _ended(seen: OrderSeen) -> Commercial:
    """An order is closed once everything has left and is paid."""
    over = not any(_open(one) for one in seen.lines) and any(one.shipped for one in seen.lines)
    if over and seen.payment is Payment.PAID and seen.commercial is Commercial.OPEN:
        return Commercial.CLOSED
    return seen.commercial
