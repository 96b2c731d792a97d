"""Sellers inside the hub, and their orders: placed, paid, cancelled, shipped, handed over."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from entrepot import connections, orders, places
from entrepot.app.commands import given, pricing
from entrepot.app.commands.arguments import Answer
from entrepot.app.commands.selling_arguments import (
    Address,
    AddSeller,
    CancelOrder,
    Customer,
    HandOverOrder,
    PayOrder,
    PlaceOrder,
    ShipOrder,
)
from entrepot.app.wiring import Hub
from entrepot.connections import Connection, Reserve
from entrepot.contract import AddressSeen, CustomerSeen, Payment, ShipmentSeen
from entrepot.db import Tx
from entrepot.kernel import Money, Refusal
from entrepot.kernel.money import total
from entrepot.orders import IfShort, Placed, Placing
from entrepot.orders.model import Order

LINES_MAX = 5_000
AHEAD = timedelta(minutes=5)
"""A device's clock may be ahead of ours by this much."""

PLACEABLE = frozenset({Payment.PENDING, Payment.AUTHORISED, Payment.PAID})


def add_seller(tx: Tx, _hub: Hub, command: AddSeller) -> Answer:
    given.currency(command.currency, "currency")
    reserve = given.word(command.reserve, Reserve, "reserve")
    connections.check_name(tx, command.name)
    here = places.load(tx)
    codes = command.locations or [location.code for location in here.locations.values()]
    if not codes:
        raise Refusal(
            "no_locations", "there is no location to sell from yet", remedy="entrepot location add main"
        )
    known = _sold_from(here, codes)
    network_id = places.add_network(tx, command.name, [id for _code, id in known])
    made = connections.add_seller(
        tx,
        name=command.name,
        currency=command.currency,
        reserve=reserve,
        network_id=network_id,
        locations=known,
    )
    return {"seller": made.name, "currency": command.currency, "locations": [code for code, _id in known],
            "reserve": reserve}  # fmt: skip


def place_order(tx: Tx, _hub: Hub, command: PlaceOrder) -> Answer:
    seller = connections.seller(tx, command.seller)
    placed = orders.place(tx, seller, _placing(tx, seller, command), _if_short(seller, command))
    return _answer(placed.order) | {
        "reference": command.reference,
        "new": placed.new,
        "lines": [_line(placed, number) for number in sorted(placed.lines, key=int)],
    }


def cancel_order(tx: Tx, _hub: Hub, command: CancelOrder) -> Answer:
    reason = given.words(command.reason, "reason", needed=True)
    amounts = given.quantities(command.lines)
    mine = orders.own(tx, command.order, version=command.version)
    return _answer(orders.cancel(tx, mine, amounts, reason=reason))


def ship_order(tx: Tx, _hub: Hub, command: ShipOrder) -> Answer:
    parcel = ShipmentSeen(
        external_id="",
        carrier=given.words(command.carrier, "carrier"),
        tracking=given.words(command.tracking, "tracking"),
    )
    amounts = given.quantities(command.lines)
    mine = orders.own(tx, command.order, version=command.version)
    return _answer(orders.ship(tx, mine, amounts, parcel))


def hand_over_order(tx: Tx, _hub: Hub, command: HandOverOrder) -> Answer:
    amounts = given.quantities(command.lines)
    mine = orders.own(tx, command.order, version=command.version)
    return _answer(orders.hand_over(tx, mine, amounts, location=command.location))


def pay_order(tx: Tx, _hub: Hub, command: PayOrder) -> Answer:
    state = given.word(command.state, Payment, "state")
    method = given.words(command.method, "method")
    mine = orders.own(tx, command.order, version=command.version)
    return _answer(orders.pay(tx, mine, state, method=method))


def _sold_from(here: places.Places, codes: Sequence[str]) -> list[tuple[str, str]]:
    """(code, id) of these locations, each once; Refusal `location_unknown` with its path."""
    found: dict[str, str] = {}
    for number, code in enumerate(codes):
        try:
            found[code] = here.location(code).id
        except Refusal as refusal:
            field = f"locations[{number}]"
            raise Refusal(refusal.code, refusal.why, remedy=refusal.remedy, field=field) from None
    return list(found.items())


def _answer(order: Order) -> Answer:
    seen = order.seen
    return {
        "order": order.id,
        "number": seen.number,
        "version": order.version,
        "status": orders.status(seen.commercial, seen.payment, order.fulfilment),
        "commercial": seen.commercial,
        "payment": seen.payment,
        "fulfilment": order.fulfilment,
        "total": str(seen.total).split()[0],
        "currency": seen.currency,
    }


def _line(placed: Placed, number: str) -> Answer:
    line = placed.lines[number]
    return {
        "line": line.id,
        "number": number,
        "sku": line.sku_text,
        "pieces": line.ordered,
        "short": placed.short.get(line.id, 0),
    }


def _if_short(seller: Connection, command: PlaceOrder) -> IfShort:
    if command.if_short:
        return given.word(command.if_short, IfShort, "if_short")
    return IfShort.REFUSE if seller.settings["reserve"] == Reserve.REFUSE else IfShort.ACCEPT


def _placing(tx: Tx, seller: Connection, command: PlaceOrder) -> Placing:
    """The order as it is to be placed; Refusal with the path of what is wrong."""
    if not 0 < len(command.lines) <= LINES_MAX:
        why = f"an order has 1 to {LINES_MAX} lines, not {len(command.lines)}"
        raise Refusal("lines", why, field="lines")
    currency = given.currency(command.currency or seller.settings["currency"], "currency")
    discounts = pricing.discounts(command.discounts, currency)
    lines = pricing.lines(command.lines, discounts, currency)
    charges = pricing.charges(command.charges, currency)
    taxes = pricing.taxes(command.taxes, currency)
    parts = [one.amount for one in lines] + [one.amount for one in charges]
    parts += [] if command.tax_inclusive else [tax.amount for tax in taxes]
    payment = given.word(command.payment, Payment, "payment")
    if payment not in PLACEABLE:
        raise Refusal("word", f"an order is not placed {payment}", field="payment")
    return Placing(
        reference=given.name(command.reference, "reference"),
        number=given.name(command.number, "number") if command.number else "",
        digest=_digest(command),
        currency=currency,
        total=_total(command, total(parts, currency)),
        tax_inclusive=command.tax_inclusive,
        lines=tuple(lines),
        charges=tuple(charges),
        discounts=tuple(discounts),
        taxes=tuple(taxes),
        payment=payment,
        placed_at=_placed_at(command.placed_at, tx.now),
        location=command.location,
        customer=_customer(command.customer),
        ship_to=_address(command.ship_to, "ship_to"),
        bill_to=_address(command.bill_to, "bill_to"),
    )


def _digest(command: PlaceOrder) -> str:
    """What is ordered, without the people."""
    bare = msgspec.structs.replace(command, customer=None, ship_to=None, bill_to=None)
    return hashlib.sha256(msgspec.json.encode(bare)).hexdigest()


def _total(command: PlaceOrder, added: Money) -> Money:
    """The sum of the parts; Refusal `total_disagrees` if another one was said."""
    if command.total and (said := given.money(command.total, added.currency, "total")) != added:
        raise Refusal(
            "total_disagrees", f"the total is said to be {said}, the parts add up to {added}", field="total"
        )
    return added


def _placed_at(said: datetime | None, now: datetime) -> datetime:
    if said is None:
        return now
    if said.tzinfo is None or not connections.ALWAYS < said <= now + AHEAD:
        raise Refusal("placed_at", "a time needs its zone and cannot lie ahead", field="placed_at")
    return min(said, now)


def _customer(one: Customer | None) -> CustomerSeen | None:
    if one is None:
        return None
    return CustomerSeen(
        external_id=given.words(one.reference, "customer.reference"),
        name=given.words(one.name, "customer.name"),
        email=given.words(one.email, "customer.email"),
        phone=given.words(one.phone, "customer.phone"),
    )


def _address(one: Address | None, field: str) -> AddressSeen | None:
    if one is None:
        return None
    if one.country and not (len(one.country) == 2 and one.country.isascii() and one.country.isupper()):
        raise Refusal("country", f"{one.country[:20]!r} is no ISO 3166-1 code", field=f"{field}.country")
    if len(one.street) > 5:
        raise Refusal("text", "a street has at most 5 lines", field=f"{field}.street")
    names = ("name", "company", "city", "region", "postcode", "phone")
    return AddressSeen(
        street=tuple(given.words(line, f"{field}.street[{n}]") for n, line in enumerate(one.street)),
        country=one.country,
        **{name: given.words(getattr(one, name), f"{field}.{name}") for name in names},
    )
