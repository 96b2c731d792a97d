"""Orders: three axes with a printed state table each, and what is newer than what.

Pure rules over values. A channel's testimony is the truth about its orders, so a step that no table allows is
followed all the same, and shown as an exception.
"""

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from entrepot.contract import Commercial, LineSeen, OrderSeen, Payment

COMMERCIAL: dict[Commercial, frozenset[Commercial]] = {
    Commercial.DRAFT: frozenset({Commercial.OPEN, Commercial.CLOSED, Commercial.CANCELLED}),
    Commercial.OPEN: frozenset({Commercial.CLOSED, Commercial.CANCELLED}),
    Commercial.CLOSED: frozenset({Commercial.OPEN}),
    Commercial.CANCELLED: frozenset({Commercial.OPEN}),
    Commercial.UNKNOWN: frozenset(Commercial),
}
PAYMENT: dict[Payment, frozenset[Payment]] = {
    Payment.PENDING: frozenset({Payment.AUTHORISED, Payment.PAID, Payment.FAILED, Payment.PARTLY_REFUNDED,
                                Payment.REFUNDED}),
    Payment.AUTHORISED: frozenset({Payment.PENDING, Payment.PAID, Payment.FAILED, Payment.PARTLY_REFUNDED,
                                   Payment.REFUNDED}),
    Payment.PAID: frozenset({Payment.PARTLY_REFUNDED, Payment.REFUNDED, Payment.CHARGED_BACK}),
    Payment.PARTLY_REFUNDED: frozenset({Payment.REFUNDED, Payment.CHARGED_BACK}),
    Payment.REFUNDED: frozenset({Payment.CHARGED_BACK}),
    Payment.CHARGED_BACK: frozenset({Payment.PAID}),
    Payment.FAILED: frozenset({Payment.PENDING, Payment.AUTHORISED, Payment.PAID}),
    Payment.UNKNOWN: frozenset(Payment),
}  # fmt: skip
"""From each state the states that may follow; staying is always allowed, and so is becoming UNKNOWN."""


class Fulfilment(StrEnum):
    """Derived from the lines: what became of the goods."""

    WAITING = "waiting"
    PARTLY = "partly"
    SHIPPED = "shipped"
    RETURNED = "returned"
    NOTHING = "nothing"  # nothing to send: cancelled, or no goods in it


FULFILMENT: dict[Fulfilment, frozenset[Fulfilment]] = {
    Fulfilment.WAITING: frozenset(
        {Fulfilment.PARTLY, Fulfilment.SHIPPED, Fulfilment.RETURNED, Fulfilment.NOTHING}
    ),
    Fulfilment.PARTLY: frozenset({Fulfilment.SHIPPED, Fulfilment.RETURNED}),
    Fulfilment.SHIPPED: frozenset({Fulfilment.PARTLY, Fulfilment.RETURNED}),
    Fulfilment.RETURNED: frozenset({Fulfilment.SHIPPED, Fulfilment.PARTLY}),
    Fulfilment.NOTHING: frozenset(
        {Fulfilment.WAITING, Fulfilment.PARTLY, Fulfilment.SHIPPED, Fulfilment.RETURNED}
    ),
}
"""Versions may be missed, so that goods may leave and come back in one step; what has left never waits
again."""

CLAIMING = frozenset({Commercial.OPEN, Commercial.CLOSED, Commercial.UNKNOWN})
"""Agreements that claim goods. An unknown word claims too: goods set free by a guess could be sold twice."""

HOLDING = frozenset({Payment.PENDING, Payment.FAILED, Payment.UNKNOWN})
"""Payments under which goods are only held."""


LATE = timedelta(minutes=10)
"""News that a channel tells later than this after it happened is asked for. Every sweep looks as far back."""


class Kind(StrEnum):
    """Kinds of exceptions in the work queue."""

    UNMAPPED = "unmapped_sku"
    NOT_WHOLE = "not_whole"
    LOCATION = "location_unmapped"
    TOTAL = "total_disagrees"
    WORD = "unknown_word"
    STEP = "odd_step"
    SENT = "cancelled_after_shipping"
    COUNTS = "counts_disagree"
    SHORT = "short"


class Verdict(StrEnum):
    """What a testimony is to what we hold."""

    NEW = "new"
    NEWER = "newer"
    SAME = "same"
    OLDER = "older"
    UNCLEAR = "unclear"  # the same version with another content: ask the channel


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """An order line as held. Counts are pieces of the SKU, `taken` in sold units as the channel counts."""

    id: str
    order_id: str
    external_id: str
    item: str = ""
    sku_text: str = ""
    title: str = ""
    sku_id: str = ""
    amount: int = 0
    ordered: int = 0
    cancelled: int = 0
    shipped: int = 0
    returned: int = 0
    taken: int = 0
    unsellable: int = 0
    shelved: int = 0
    kept: int = 0
    handed_over: bool = False

    @property
    def open(self) -> int:
        return self.ordered - self.cancelled - self.shipped

    @property
    def back(self) -> int:
        return self.returned - self.shelved - self.kept


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """An order as held; `seen` is the last testimony without people and raw text."""

    id: str
    connection_id: str
    version_key: str
    digest: str
    as_of: datetime
    version: int
    person_id: str
    received_at: datetime
    seen: OrderSeen
    fulfilment: Fulfilment = Fulfilment.WAITING


def where(line: LineSeen, order: OrderSeen) -> str:
    """The channel's location that a line is served from; '' if the hub decides."""
    return line.handed_over or line.location or order.location


def verdict(held: Order | None, seen: OrderSeen, asked_at: datetime | None) -> Verdict:
    """Whether a testimony is news. `asked_at` is when we began to ask for it, None if the channel told us.

    | version key | content | told    | asked after what we hold | asked before |
    |-------------|---------|---------|--------------------------|--------------|
    | higher      | any     | newer   | newer                    | newer        |
    | equal       | equal   | same    | same                     | same         |
    | equal       | other   | unclear | newer                    | unclear      |
    | lower       | any     | older   | older                    | older        |
    """
    if held is None:
        return Verdict.NEW
    if seen.version.key != held.version_key:
        return Verdict.NEWER if seen.version.key > held.version_key else Verdict.OLDER
    if seen.version.digest == held.digest:
        return Verdict.SAME
    return Verdict.NEWER if asked_at is not None and asked_at > held.as_of else Verdict.UNCLEAR


def fulfilment(lines: list[Line]) -> Fulfilment:
    """What became of the goods, over all lines."""
    open_, shipped, returned = (
        sum(getattr(one, name) for one in lines) for name in ("open", "shipped", "returned")
    )
    if shipped and returned == shipped and not open_:
        return Fulfilment.RETURNED
    if shipped:
        return Fulfilment.PARTLY if open_ else Fulfilment.SHIPPED
    return Fulfilment.WAITING if open_ else Fulfilment.NOTHING


def odd_steps(held: OrderSeen, seen: OrderSeen) -> list[str]:
    """The axes on which the channel went a way that no table allows."""
    odd = []
    if seen.commercial not in COMMERCIAL[held.commercial] | {held.commercial, Commercial.UNKNOWN}:
        odd.append(f"commercial: {held.commercial} → {seen.commercial}")
    if seen.payment not in PAYMENT[held.payment] | {held.payment, Payment.UNKNOWN}:
        odd.append(f"payment: {held.payment} → {seen.payment}")
    return odd


STATUSES = (
    "accepted", "awaiting payment", "partly shipped", "shipped", "returned", "cancelled", "draft", "unknown",
)  # fmt: skip
"""The words that `status` has."""


def status(commercial: Commercial, payment: Payment, fulfilment: Fulfilment) -> str:
    """One word for people."""
    if commercial in (Commercial.CANCELLED, Commercial.DRAFT, Commercial.UNKNOWN):
        return str(commercial)
    if fulfilment in (Fulfilment.SHIPPED, Fulfilment.RETURNED, Fulfilment.PARTLY):
        return "partly shipped" if fulfilment is Fulfilment.PARTLY else str(fulfilment)
    return "awaiting payment" if payment in HOLDING else "accepted"
