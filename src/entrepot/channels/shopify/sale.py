"""A Shopify order as testimony, whichever way it came: GraphQL with REST's names, webhook, REST. Pure.

Sources: schema of 2026-07, the vendor's order examples, recorded answers of 2026-05 and 2026-06.
"""

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from entrepot.channels.kit.json import digest, encode
from entrepot.channels.kit.numbers import exact, text
from entrepot.channels.kit.times import utc
from entrepot.channels.shopify import amounts
from entrepot.channels.shopify.amounts import FINANCIAL, Forgone
from entrepot.channels.shopify.goods import (
    NOT_SENT,
    RESTOCKS,
    SENT,
    UNDER_WAY,
    Fate,
    Part,
    fate,
    handed_over,
    parts,
    place_of,
)
from entrepot.channels.shopify.people import address, customer
from entrepot.channels.shopify.shapes import Raw, amount, currency_of, number, price, ref, rows, when, word
from entrepot.contract import Commercial, LineSeen, OrderSeen, Payment, ShipmentSeen, Version
from entrepot.kernel import Money, Refusal
from entrepot.kernel.money import total

STAMP = "%Y-%m-%dT%H:%M:%S.%fZ"


def order_seen(order: Raw) -> OrderSeen:
    """The whole order. Refusal for one that cannot be understood; `shape` if it is not built as documented.

    The version is the time of the last change, in whole seconds, and a digest of our reading.
    """
    try:
        seen = _seen(order)
    except (AttributeError, KeyError, TypeError) as error:
        raise Refusal("shape", f"an order of Shopify in no shape that we know ({error!r})") from None
    return msgspec.structs.replace(
        seen, version=Version(seen.version.key, digest(seen)), raw=encode(dict(order))
    )


def _seen(order: Raw) -> OrderSeen:
    currency, changed_at = currency_of(order), utc(order["updated_at"])
    removed = parts(order, currency)
    lost = amounts.forgone(order, removed, currency)
    lines = _lines(order, removed, lost, currency)
    seen = OrderSeen(
        external_id=number(order["id"]),
        number=text(order.get("name")) or number(order["id"]),
        version=Version(changed_at.strftime(STAMP), ""),
        placed_at=utc(order.get("processed_at") or order["created_at"]),
        changed_at=changed_at,
        commercial=_commercial(order),
        payment=_payment(order, currency),
        currency=currency,
        total=amount(order, "total_price", currency) - lost.whole,
        tax_inclusive=bool(order.get("taxes_included")),
        lines=lines,
        location=_location(lines) or ref(order, "location"),
        notes=_notes(order),
    )
    return _surrounded(seen, order, removed, lost)


def _surrounded(seen: OrderSeen, order: Raw, removed: Sequence[Part], lost: Forgone) -> OrderSeen:
    """The order with what stands beside its lines: money, parcels, people."""
    currency = seen.currency
    found = amounts.payments(order, currency)
    caught = [one.at for one in found if one.at and one.state is Payment.PAID]
    taxes = amounts.taxes(order, currency, lost.tax)
    explained = [line.amount for line in seen.lines]
    explained += [] if seen.tax_inclusive else [one.amount for one in taxes]
    return msgspec.structs.replace(
        seen,
        lines=_with_place(seen),
        charges=amounts.charges(order, currency, seen.total - total(explained, currency)),
        discounts=amounts.discounts(order, currency),
        taxes=taxes,
        payments=found,
        refunds=amounts.refunds(order, removed, currency),
        shipments=_shipments(order),
        paid_at=max(caught) if caught and seen.payment is not Payment.PENDING else None,
        settled=amounts.settled(order, currency, lost),
        stated=amounts.stated(order, currency, lost),
        customer=customer(order),
        ship_to=address(order.get("shipping_address")),
        bill_to=address(order.get("billing_address")),
    )


def _commercial(order: Raw) -> Commercial:
    """Shopify closes (archives) an order by itself when everything is paid and sent; a cancelled one too."""
    if order.get("cancelled_at"):
        return Commercial.CANCELLED
    return Commercial.CLOSED if order.get("closed_at") else Commercial.OPEN


def _payment(order: Raw, currency: str) -> Payment:
    """The state of the money. An order without a transaction has none; one of nothing is paid."""
    said = word(order.get("financial_status"))
    if said:
        return FINANCIAL.get(said, Payment.UNKNOWN)
    return Payment.PENDING if amount(order, "total_price", currency).minor else Payment.PAID


def _lines(order: Raw, removed: Sequence[Part], lost: Forgone, currency: str) -> tuple[LineSeen, ...]:
    return tuple(
        _line(line, order, fate(line, order, removed), lost, currency=currency)
        for line in rows(order["line_items"])
    )


def _line(line: Raw, order: Raw, done: Fate, lost: Forgone, *, currency: str) -> LineSeen:
    id, goods = number(line["id"]), _goods(line)
    left = lost.lines.get(id, Money(0, currency))
    return LineSeen(
        external_id=id,
        item=_item(line) if goods else "",
        sku=text(line.get("sku")),
        title=text(line.get("name")) or text(line.get("title")),
        ordered=exact(line["quantity"]),
        amount=amounts.line_amount(line, currency) - left,
        cancelled=done.cancelled,
        shipped=done.shipped,
        returned=done.returned,
        taken=_taken(line, done) if goods else Decimal(0),
        unit_price=price(line, "price", currency),
        discount=amounts.discount(line, currency),
        tax=amounts.tax(line, currency),
        handed_over=handed_over(order, line, done) if goods else "",
        location=place_of(order, id) if goods else "",
        goods=goods,
    )


def _goods(line: Raw) -> bool:
    """Whether something has to leave a shelf: not for gift cards, tips and amounts typed in by hand."""
    if line.get("gift_card") or line.get("tip"):
        return False
    known = line.get("variant") or line.get("variant_id") or text(line.get("sku"))
    return bool(known or line.get("requires_shipping"))


def _item(line: Raw) -> str:
    """The inventory item of the line's variant: the address of its stock. REST names the variant only: ''."""
    variant = line.get("variant") or {}
    return number((variant.get("inventory_item") or {}).get("id"))


def _taken(line: Raw, done: Fate) -> Decimal:
    """Units that Shopify has off `available` for a line: from the moment it was placed until they are
    restocked."""
    item = (line.get("variant") or {}).get("inventory_item") or {}
    if item.get("tracked") is False or not item:
        return Decimal(0)
    return exact(line["quantity"]) - done.put_back


def _location(lines: Sequence[LineSeen]) -> str:
    """The one location that serves every line; '' if several do, or none is told."""
    found = {line.location for line in lines if line.goods and line.ordered > line.cancelled}
    found = found or {line.location for line in lines if line.goods}
    return next(iter(found)) if len(found) == 1 else ""


def _with_place(seen: OrderSeen) -> tuple[LineSeen, ...]:
    """The lines, naming their location only where it is not the order's."""
    return tuple(
        msgspec.structs.replace(line, location="" if line.location == seen.location else line.location)
        for line in seen.lines
    )


def _shipments(order: Raw) -> tuple[ShipmentSeen, ...]:
    """Parcels that left; what a till handed over is none."""
    if word(order.get("source_name")) == "pos" and not order.get("shipping_address"):
        return ()
    return tuple(_shipment(one) for one in rows(order.get("fulfillments")) if word(one.get("status")) in SENT)


def _shipment(one: Raw) -> ShipmentSeen:
    """GraphQL lists its trackings as objects, REST as texts beside one company."""
    told = rows(one.get("tracking_info"))
    numbers = [text(row.get("number")) for row in told] or [
        text(n) for n in one.get("tracking_numbers") or ()
    ]
    company = text(told[0].get("company")) if told else text(one.get("tracking_company"))
    return ShipmentSeen(
        external_id=number(one["id"]),
        at=when(one.get("created_at")),
        carrier=company,
        tracking=", ".join(filter(None, numbers)),
        location=ref(one, "location"),
    )


def _notes(order: Raw) -> tuple[str, ...]:
    """What needs a person: words that we do not know, and test orders."""
    notes = ["a test order of Shopify: nothing is to be sent"] if order.get("test") is True else []
    said = word(order.get("financial_status"))
    if said and said not in FINANCIAL:
        notes.append(f"unknown financial status {said[:40]!r}")
    states = {word(one.get("status")) for one in rows(order.get("fulfillments"))}
    notes += [
        f"unknown status of a fulfillment {one[:40]!r}"
        for one in sorted(states - SENT - UNDER_WAY - NOT_SENT)
    ]
    kinds = {
        word(row.get("restock_type"))
        for one in rows(order.get("refunds"))
        for row in rows(one.get("refund_line_items"))
    }
    notes += [f"unknown restock type {one[:40]!r}" for one in sorted(kinds - RESTOCKS)]
    return tuple(notes)
