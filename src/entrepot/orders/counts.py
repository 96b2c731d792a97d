"""What a line amounts to, in pieces: how many were ordered, cancelled, shipped and returned, and what became
of refunded ones. Pure rules over what the channel says and what we hold."""

from collections.abc import Sequence

import msgspec

from entrepot.contract import LineSeen, OrderSeen
from entrepot.kernel import Refusal, pieces
from entrepot.orders.model import CLAIMING, Kind, Line


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
    settled stays so, because some channels count restocked pieces by line: they mix up which refund they were
    of, and forget them while an order is cancelled.
    """
    of_returned = _newest(refunds, found.returned)
    restocked, lost = of_returned[True], of_returned[False]
    never = sum(n for n, word in refunds if word is False)
    named = restocked + lost
    kept = lost
    if held is not None:
        kept = max(min(kept, named - held.shelved, never - held.unsellable), held.kept)
    kept = min(max(kept, 0), named)
    aside = min(max(never - kept, held.unsellable if held else 0), found.cancelled)
    return msgspec.structs.replace(found, shelved=named - kept, kept=kept, unsellable=aside)


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
