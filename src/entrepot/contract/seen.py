"""Testimony: what a channel said, in the hub's words. Frozen values that adapters make and the hub only
reads.

Every time is aware UTC. Every quantity is an exact decimal in sold units (intake turns it into pieces). Every
amount is Money; unit prices are exact decimals because platforms quote them with more digits than the
currency has. An external word that an adapter does not know becomes UNKNOWN, never a guess.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import msgspec

from entrepot.contract.stated import Stated
from entrepot.kernel import Money


class Commercial(StrEnum):
    """What the channel says of the agreement as a whole."""

    DRAFT = "draft"  # not an order yet: claims nothing
    OPEN = "open"
    CLOSED = "closed"  # the channel has nothing left to do
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class Payment(StrEnum):
    """What the channel says of the money."""

    PENDING = "pending"
    AUTHORISED = "authorised"
    PAID = "paid"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"
    CHARGED_BACK = "charged_back"
    FAILED = "failed"
    UNKNOWN = "unknown"


class ChargeKind(StrEnum):
    SHIPPING = "shipping"
    FEE = "fee"
    TIP = "tip"
    SERVICE = "service"
    GIFT_WRAP = "gift_wrap"
    ROUNDING = "rounding"
    UNKNOWN = "unknown"


class Kind(StrEnum):
    """Kinds of things a channel speaks about."""

    ORDER = "order"
    STOCK = "stock"
    LISTING = "listing"
    LOCATION = "location"
    RETURN = "return"
    PAYMENT = "payment"
    PAYOUT = "payout"
    CONNECTION = "connection"


class Version(msgspec.Struct, frozen=True):
    """`key` sorts as text in the channel's order of changes; `digest` tells two contents of one key apart."""

    key: str
    digest: str


class LineSeen(msgspec.Struct, frozen=True, kw_only=True):
    """One order line. `amount` is what is charged for it after discounts; it includes tax iff the order's
    does.

    `ordered` never falls in the hub's eyes: what was removed is `cancelled`. `shipped` left the seller,
    `returned` came back. `taken` is how much the channel has by now taken off its own stock figure for this
    line (negative parts given back already subtracted): the hub does not send that change back to it.
    `handed_over` is the external location whose goods the customer carried out of the door, '' if they still
    have to be sent. `location` is the external location whose figure `taken` is about and that is to serve
    the line, where lines of one order differ; '' is the order's.
    """

    external_id: str
    item: str  # external item, the same text as a listing's and a stock slot's; '' for a line without goods
    sku: str
    title: str
    ordered: Decimal
    amount: Money
    cancelled: Decimal = Decimal(0)
    shipped: Decimal = Decimal(0)
    returned: Decimal = Decimal(0)
    taken: Decimal = Decimal(0)
    unit_price: Decimal | None = None
    discount: Money | None = None
    tax: Money | None = None
    handed_over: str = ""
    location: str = ""
    goods: bool = True  # False: a service, a gift card, an ad-hoc amount: money but no stock


class ChargeSeen(msgspec.Struct, frozen=True, kw_only=True):
    """An amount beside the lines, `discount` already subtracted; includes tax iff the order's amounts do. A
    negative fee is a charge too."""

    kind: ChargeKind
    title: str
    amount: Money
    tax: Money | None = None
    discount: Money | None = None


class DiscountSeen(msgspec.Struct, frozen=True, kw_only=True):
    """For information: lines and charges already have it subtracted."""

    title: str
    amount: Money
    line: str = ""


class TaxSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A tax of the whole order. `rate`: an exact fraction of 1 as text ('0.19'), '' if it is not shown."""

    title: str
    amount: Money
    rate: str = ""


class PaymentSeen(msgspec.Struct, frozen=True, kw_only=True):
    external_id: str
    method: str
    amount: Money
    state: Payment
    at: datetime | None = None


class RefundLine(msgspec.Struct, frozen=True, kw_only=True):
    line: str
    quantity: Decimal
    restocked: bool | None = None  # None: the channel does not say


class RefundSeen(msgspec.Struct, frozen=True, kw_only=True):
    """Money given back. Without `lines`: a gesture without goods. `place`: an external location or ''."""

    external_id: str
    amount: Money
    at: datetime | None = None
    reason: str = ""
    lines: tuple[RefundLine, ...] = ()
    place: str = ""


class ShipmentSeen(msgspec.Struct, frozen=True, kw_only=True):
    external_id: str
    at: datetime | None = None
    carrier: str = ""
    tracking: str = ""
    location: str = ""


class AddressSeen(msgspec.Struct, frozen=True, kw_only=True):
    name: str = ""
    company: str = ""
    street: tuple[str, ...] = ()
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""  # ISO 3166-1 alpha-2, '' if not given
    phone: str = ""


class CustomerSeen(msgspec.Struct, frozen=True, kw_only=True):
    """`external_id` is '' for a guest."""

    external_id: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""


class OrderSeen(msgspec.Struct, frozen=True, kw_only=True):
    """An order as its channel has it now, whole: always the full state, never a change.

    `total` = lines + charges + (taxes, unless `tax_inclusive`), to the cent, else intake raises an exception.
    `changed_at` is the channel's own time of its last change; `location` an external location that the
    channel wants it served from, '' if the hub decides. `notes` name what the adapter saw and could not
    understand (unknown words): each becomes an exception of the order.
    """

    external_id: str
    number: str
    version: Version
    placed_at: datetime
    changed_at: datetime
    commercial: Commercial
    payment: Payment
    currency: str
    total: Money
    tax_inclusive: bool
    lines: tuple[LineSeen, ...]
    charges: tuple[ChargeSeen, ...] = ()
    discounts: tuple[DiscountSeen, ...] = ()
    taxes: tuple[TaxSeen, ...] = ()
    payments: tuple[PaymentSeen, ...] = ()
    refunds: tuple[RefundSeen, ...] = ()
    shipments: tuple[ShipmentSeen, ...] = ()
    paid_at: datetime | None = None
    settled: Money | None = None  # in the currency the merchant is paid in, where it differs
    customer: CustomerSeen | None = None
    ship_to: AddressSeen | None = None
    bill_to: AddressSeen | None = None
    location: str = ""
    notes: tuple[str, ...] = ()
    stated: Stated | None = None
    raw: bytes = b""


class ListingSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A sellable thing of the channel. `item` addresses its stock; `locations` lists the external locations
    that show a figure of their own, ('',) where one figure serves the whole channel, () where stock is not
    tracked."""

    item: str
    sku: str
    title: str
    gtin: str = ""
    active: bool = True
    locations: tuple[str, ...] = ("",)
    shared_pool: str = (
        ""  # items that draw on one figure (a variation that uses its parent's stock) name the same
    )
    changed_at: datetime | None = None


class StockSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A figure the channel shows. `at` is a time in the channel's own clock at which it was so."""

    item: str
    location: str
    quantity: Decimal
    at: datetime


class LocationSeen(msgspec.Struct, frozen=True, kw_only=True):
    external_id: str
    name: str
    active: bool = True
    country: str = ""


class ReturnSeen(msgspec.Struct, frozen=True, kw_only=True):
    """Goods announced or come back: the shape is completed with the returns room."""

    external_id: str
    order: str
    lines: tuple[RefundLine, ...]
    at: datetime | None = None


class PayoutSeen(msgspec.Struct, frozen=True, kw_only=True):
    """A transfer to the bank: the shape is completed with the settlements room."""

    external_id: str
    amount: Money
    at: datetime | None = None


class FeeSeen(msgspec.Struct, frozen=True, kw_only=True):
    """What the channel kept: the shape is completed with the settlements room."""

    external_id: str
    kind: str
    amount: Money
    order: str = ""


class Hint(msgspec.Struct, frozen=True):
    """Something changed: read it. `id` '' means: read what changed of that kind lately."""

    kind: Kind
    id: str = ""


class Gone(msgspec.Struct, frozen=True):
    """The channel no longer has it."""

    kind: Kind
    id: str


Seen = OrderSeen | ListingSeen | StockSeen | LocationSeen | Hint | Gone
