"""Arguments of the commands that place and change orders of sellers inside the hub.

Quantities are sold units and amounts are of the order's currency, both in decimal text: no number of JSON is
as exact.
"""

from datetime import datetime

import msgspec

from entrepot.app.commands.arguments import Command


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a command's arguments."""


class AddSeller(Command, frozen=True):
    """A seller inside the hub: field sales, B2B, a program. `locations`: those it sells from, in order (none:
    all). `reserve`: what becomes of an order that there are too few goods for, `refuse` or `short`."""

    name: str
    currency: str
    locations: tuple[str, ...] = ()
    reserve: str = "refuse"


class LineWanted(Part, frozen=True):
    """A line: `unit_price` of one sold unit or `price` of all of them, before `discount`. `location`: one of
    the seller's that it is to be sent from. `holds`: ids of holds whose goods it takes."""

    sku: str
    quantity: str
    unit_price: str = ""
    price: str = ""
    discount: str = ""
    title: str = ""
    location: str = ""
    holds: tuple[str, ...] = ()


class ChargeWanted(Part, frozen=True):
    """An amount beside the lines, before `discount`. `kind`: shipping, fee, tip, service, gift_wrap or
    rounding."""

    amount: str
    kind: str = "shipping"
    title: str = ""
    discount: str = ""


class DiscountWanted(Part, frozen=True):
    """A discount on all lines: each bears a share in proportion to its price."""

    amount: str
    title: str = ""


class TaxWanted(Part, frozen=True):
    """A tax of the whole order. `rate`: a fraction of 1, such as 0.19, for people to read."""

    amount: str
    title: str = ""
    rate: str = ""


class Customer(Part, frozen=True):
    """Who buys. `reference`: what your own books call them."""

    name: str = ""
    email: str = ""
    phone: str = ""
    reference: str = ""


class Address(Part, frozen=True):
    """`country`: ISO 3166-1 alpha-2."""

    name: str = ""
    company: str = ""
    street: tuple[str, ...] = ()
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""
    phone: str = ""


class PlaceOrder(Command, frozen=True):
    """Places an order with a seller of the hub's own. The same `reference` with the same content answers the
    order that is there. `total`, if given, must be what the parts add up to. `payment`: pending, authorised
    or paid. `if_short`: `refuse` (all or nothing) or `accept` (what is missing waits for goods); the seller's
    rule if not given."""

    seller: str
    reference: str
    lines: tuple[LineWanted, ...]
    number: str = ""
    currency: str = ""
    tax_inclusive: bool = True
    charges: tuple[ChargeWanted, ...] = ()
    discounts: tuple[DiscountWanted, ...] = ()
    taxes: tuple[TaxWanted, ...] = ()
    total: str = ""
    payment: str = "pending"
    if_short: str = ""
    placed_at: datetime | None = None
    location: str = ""
    customer: Customer | None = None
    ship_to: Address | None = None
    bill_to: Address | None = None


class CancelOrder(Command, frozen=True):
    """Cancels `lines` (id or number → sold units), or everything that is open. `order`: its id, or
    SELLER/REFERENCE. `version`: the one that you have seen, to be refused if there is a newer one."""

    order: str
    reason: str
    lines: dict[str, str] = msgspec.field(default_factory=dict)
    version: int | None = None


class ShipOrder(Command, frozen=True):
    """`lines` (id or number → sold units), or everything that is open, have left the house in one parcel."""

    order: str
    lines: dict[str, str] = msgspec.field(default_factory=dict)
    carrier: str = ""
    tracking: str = ""
    version: int | None = None


class HandOverOrder(Command, frozen=True):
    """A customer has carried `lines` (id or number → sold units), or everything that is open, out of the door
    of a location."""

    order: str
    location: str
    lines: dict[str, str] = msgspec.field(default_factory=dict)
    version: int | None = None


class PayOrder(Command, frozen=True):
    """What became of the money: pending, authorised, paid or failed."""

    order: str
    state: str
    method: str = ""
    version: int | None = None
