"""What was done with the lines of a Square order: fulfilments. Source: Orders API, Fulfillment, read
2026-09.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec

from entrepot.channels.kit.numbers import exact, text
from entrepot.channels.kit.times import utc
from entrepot.contract import AddressSeen, CustomerSeen, ShipmentSeen

OPEN = frozenset({"PROPOSED", "RESERVED", "PREPARED"})
DONE = frozenset({"COMPLETED"})
DROPPED = frozenset({"CANCELED", "FAILED"})
STATES = (OPEN, DONE, DROPPED)
DETAILS = ("shipment_details", "delivery_details", "pickup_details")


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a line left the seller, how much never will, and how much came back."""

    shipped: Decimal
    cancelled: Decimal
    returned: Decimal


def handed_over(order: dict[str, Any]) -> bool:
    """Whether the buyer took the goods along: a completed order that nobody was to fulfil."""
    return order.get("state") == "COMPLETED" and not order.get("fulfillments")


def done(order: dict[str, Any], line: dict[str, Any], came_back: Decimal) -> Done:
    """What was done with a line. `came_back`: units that return orders name.

    A dropped part that another fulfilment took over is not cancelled. Units given back before they ever left
    are cancelled, not returned: Square itemises the refund of an order that was not sent yet as a return.
    """
    ordered = exact(line["quantity"])
    parts = [sum((_covered(one, line) for one in _in(order, states)), Decimal(0)) for states in STATES]
    pending, sent, dropped = (min(part, ordered) for part in parts)
    left = ordered if handed_over(order) else sent
    returned = min(came_back, left)
    free = ordered - left
    lost = free if order.get("state") == "CANCELED" else min(dropped, max(free - pending, Decimal(0)))
    cancelled = max(lost, min(came_back - returned, free))
    return Done(shipped=left, cancelled=cancelled, returned=returned)


def _in(order: dict[str, Any], states: frozenset[str]) -> Iterator[dict[str, Any]]:
    return (one for one in order.get("fulfillments") or () if one.get("state") in states)


def _covered(fulfilment: dict[str, Any], line: dict[str, Any]) -> Decimal:
    """How much of the line a fulfilment is about: all of it, unless it lists entries."""
    if fulfilment.get("line_item_application") != "ENTRY_LIST":
        return exact(line["quantity"])
    entries = (
        entry for entry in fulfilment.get("entries") or () if entry["line_item_uid"] == line.get("uid")
    )
    return sum((exact(entry["quantity"]) for entry in entries), Decimal(0))


def unknown_states(order: dict[str, Any]) -> tuple[str, ...]:
    """Words for the state of a fulfilment that we do not know, as notes."""
    words = {text(one.get("state")) for one in order.get("fulfillments") or ()}
    return tuple(f"unknown state of a fulfilment: {word!r}" for word in sorted(words - OPEN - DONE - DROPPED))


def shipments(order: dict[str, Any]) -> tuple[ShipmentSeen, ...]:
    """Parcels that left: completed fulfilments of type SHIPMENT."""
    return tuple(
        _shipment(one, order["location_id"]) for one in _in(order, DONE) if one.get("type") == "SHIPMENT"
    )


def _shipment(fulfilment: dict[str, Any], location: str) -> ShipmentSeen:
    details = fulfilment.get("shipment_details") or {}
    return ShipmentSeen(
        external_id=text(fulfilment.get("uid")),
        at=utc(details["shipped_at"]) if details.get("shipped_at") else None,
        carrier=text(details.get("carrier")),
        tracking=text(details.get("tracking_number")),
        location=location,
    )


def _recipient(order: dict[str, Any], *names: str) -> dict[str, Any]:
    """The first recipient among the fulfilments' details of these kinds, {} if there is none."""
    for one in order.get("fulfillments") or ():
        for name in names:
            found: dict[str, Any] | None = (one.get(name) or {}).get("recipient")
            if found:
                return found
    return {}


def customer(order: dict[str, Any]) -> CustomerSeen | None:
    """The buyer as the order names him; most till sales name nobody."""
    person = _recipient(order, *DETAILS)
    known = text(order.get("customer_id")) or text(person.get("customer_id"))
    if not known and not person:
        return None
    return CustomerSeen(
        external_id=known,
        name=text(person.get("display_name")),
        email=text(person.get("email_address")),
        phone=text(person.get("phone_number")),
    )


def ship_to(order: dict[str, Any]) -> AddressSeen | None:
    """Where a shipment or delivery goes; None for a pick-up and a till sale."""
    person = _recipient(order, "shipment_details", "delivery_details")
    address = person.get("address")
    if not address:
        return None
    names = (text(address.get("first_name")), text(address.get("last_name")))
    return AddressSeen(
        name=text(person.get("display_name")) or " ".join(filter(None, names)),
        street=tuple(filter(None, (text(address.get(f"address_line_{n}")) for n in (1, 2, 3)))),
        city=text(address.get("locality")),
        region=text(address.get("administrative_district_level_1")),
        postcode=text(address.get("postal_code")),
        country=text(address.get("country")),
        phone=text(person.get("phone_number")),
    )
