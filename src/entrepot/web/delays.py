"""How quick the hub was lately: from a sale to its booking, from a change to the channel's answer."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import select

from entrepot.db import Tx, tables

ORDERS, FIGURES = 200, 600
"""So many of the newest are looked at."""

LIVE_S = 3600.0
"""An order that was placed longer before it came was not told as it happened: a first reading, a till that
was offline."""


class Delays(msgspec.Struct, frozen=True, kw_only=True):
    """Medians in milliseconds, None where nothing was measured."""

    to_hub: int | None
    to_channel: int | None


def delays(tx: Tx) -> Delays:
    """Of the newest orders and figures, each found at the end of an index."""
    order = tables.orders
    newest = select(order.c.placed_at, order.c.received_at).order_by(order.c.received_at.desc()).limit(ORDERS)
    came = [(row.received_at - row.placed_at).total_seconds() for row in tx.rows(newest)]
    return Delays(to_hub=median([one for one in came if 0 <= one < LIVE_S]), to_channel=median(_answered(tx)))


def median(seconds: Sequence[float]) -> int | None:
    """In milliseconds."""
    ordered = sorted(seconds)
    return round(1000 * ordered[len(ordered) // 2]) if ordered else None


def _answered(tx: Tx) -> list[float]:
    """Seconds from the moment a slot was to show another figure until the channel acknowledged that very
    one."""
    figure = tables.slot_figure
    newest = tx.rows(select(figure).order_by(figure.c.id.desc()).limit(FIGURES))
    took: list[float] = []
    wanted: dict[str, tuple[int, float]] = {}
    for row in reversed(newest):
        if row.figure == "wanted":
            wanted[row.slot_id] = (row.quantity, row.at.timestamp())
        elif row.figure == "acknowledged" and wanted.get(row.slot_id, (None,))[0] == row.quantity:
            took.append(row.at.timestamp() - wanted.pop(row.slot_id)[1])
    return took
