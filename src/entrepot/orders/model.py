"""Orders: three axes with a printed state table each, what is newer than what, and what a line is to claim.

Pure rules over values. A channel's testimony is the truth about its orders, so a step that no table allows is
followed all the same, and shown as an exception.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

import msgspec

from entrepot.contract import Commercial, LineSeen, OrderSeen, Payment
from entrepot.kernel import Refusal, pieces

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


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """A line's counts as they are to be held, and the exceptions met on the way (kind → detail)."""

    ordered: int = 0
    cancelled: int = 0
    shipped: int = 0
    returned: int = 0
    unsellable: int = 0
    shelved: int = 0
    kept: int = 0
    trouble: dict[Kind, str] = {}


def counts(seen: LineSeen, order: OrderSeen, held: Line | None, scale: int) -> Counts:
    """What a line amounts to, in pieces. What was once ordered or shipped stays so: less of it is cancelled.

    A line that cannot be understood stays as held, with the reason; if its order is off, it is cancelled.
    """
    try:
        said = [pieces(n, scale) for n in (seen.ordered, seen.cancelled, seen.shipped, seen.returned)]
        refunds = _refunded(order, seen.external_id, scale)
    except Refusal as refusal:
        return _not_understood(order, held, {Kind.NOT_WHOLE: refusal.why})
    ordered_now, cancelled_now, shipped_now, returned = said
    least = min([*said, *(n for n, _restocked in refunds)])
    if least < 0 or cancelled_now + shipped_now > ordered_now or returned > shipped_now:
        figures = zip(("ordered", "cancelled", "shipped", "returned"), said, strict=True)
        return _not_understood(order, held, {Kind.COUNTS: ", ".join(f"{name} {n}" for name, n in figures)})
    wanted = ordered_now - cancelled_now if order.commercial in CLAIMING else shipped_now
    if seen.handed_over:
        shipped_now = wanted
    ordered = max(ordered_now, held.ordered if held else 0)
    shipped = max(shipped_now, held.shipped if held else 0)
    late = max(shipped - wanted, 0)
    found = Counts(
        ordered=ordered,
        cancelled=ordered - max(wanted, shipped),
        shipped=shipped,
        returned=min(max(returned, held.returned if held else 0), shipped),
        trouble={Kind.SENT: f"{late} pieces were cancelled after they had left"} if late else {},
    )
    return _with_fates(found, refunds, held)


def _with_fates(found: Counts, refunds: Sequence[tuple[int, bool | None]], held: Line | None) -> Counts:
    """What became of refunded pieces: back on the shelf, kept by the buyer (or lost), or never to be sold
    again.

    The newest refunds are those of what came back, the older ones those of what was cancelled. What was once
    settled stays so, because some channels count restocked pieces by line and mix up which refund they were
    of.
    """
    of_returned = _newest(refunds, found.returned)
    restocked, lost = of_returned[True], of_returned[False]
    never = sum(n for n, word in refunds if word is False)
    named = restocked + lost
    kept = lost
    if held is not None:
        kept = max(min(kept, named - held.shelved, never - held.unsellable), held.kept)
    kept = min(max(kept, 0), named)
    return msgspec.structs.replace(
        found, shelved=named - kept, kept=kept, unsellable=min(max(never - kept, 0), found.cancelled)
    )


def _newest(refunds: Sequence[tuple[int, bool | None]], count: int) -> dict[bool | None, int]:
    """Restocked or not → pieces, of the newest `count` refunded pieces."""
    found: dict[bool | None, int] = {True: 0, False: 0, None: 0}
    for n, word in reversed(refunds):
        part = min(n, count)
        found[word] += part
        count -= part
    return found


def gone(held: Line) -> Counts:
    """A line that the channel no longer has: what has not left is cancelled."""
    return msgspec.structs.replace(_as_held(held, {}), cancelled=held.ordered - held.shipped)


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


def status(commercial: Commercial, payment: Payment, fulfilment: Fulfilment) -> str:
    """One word for people."""
    if commercial in (Commercial.CANCELLED, Commercial.DRAFT, Commercial.UNKNOWN):
        return str(commercial)
    if fulfilment in (Fulfilment.SHIPPED, Fulfilment.RETURNED, Fulfilment.PARTLY):
        return "partly shipped" if fulfilment is Fulfilment.PARTLY else str(fulfilment)
    return "awaiting payment" if payment in HOLDING else "accepted"


def _refunded(order: OrderSeen, line: str, scale: int) -> list[tuple[int, bool | None]]:
    """(pieces, restocked) of each refund of a line, as the channel lists them: oldest first."""
    return [
        (pieces(part.quantity, scale), part.restocked)
        for refund in order.refunds
        for part in refund.lines
        if part.line == line
    ]


def _not_understood(order: OrderSeen, held: Line | None, trouble: dict[Kind, str]) -> Counts:
    """A line as held; without what has not left, if the order claims nothing any more."""
    found = _as_held(held, trouble)
    if order.commercial in CLAIMING:
        return found
    return msgspec.structs.replace(found, cancelled=found.ordered - found.shipped)


def _as_held(held: Line | None, trouble: dict[Kind, str]) -> Counts:
    if held is None:
        return Counts(trouble=trouble)
    return Counts(
        ordered=held.ordered,
        cancelled=held.cancelled,
        shipped=held.shipped,
        returned=held.returned,
        unsellable=held.unsellable,
        shelved=held.shelved,
        kept=held.kept,
        trouble=trouble,
    )
