"""How long things took, from what the store recorded: a sale until it was booked, a change until it was
acknowledged."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import select

from entrepot.db import Store, Tx, tables


class Latency(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds, None where nothing was measured."""

    p50: int | None
    p99: int | None


def spread(seconds: Sequence[float]) -> Latency:
    """The median and the 99th percentile (nearest rank)."""
    ordered = sorted(seconds)
    if not ordered:
        return Latency(p50=None, p99=None)

    def rank(share: float) -> int:
        return round(1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)])

    return Latency(p50=rank(0.50), p99=rank(0.99))


def placed_to_hub(store: Store, placed: Mapping[tuple[str, str], datetime]) -> Latency:
    """From the sale to the booked order. `placed`: (connection name, the channel's order) → when it was
    placed."""

    def ask(tx: Tx) -> list[float]:
        order, account = tables.orders, tables.connection
        statement = select(account.c.name, order.c.external_id, order.c.received_at).join(account)
        return [
            (row.received_at - placed[row.name, row.external_id]).total_seconds()
            for row in tx.rows(statement)
            if (row.name, row.external_id) in placed
        ]

    return spread(store.read(ask))


def change_to_ack(store: Store, since: datetime) -> Latency:
    """From the moment a slot was to show another figure until the channel acknowledged that very figure.

    A change that the channel made itself (its own sale) needs no write and is not counted.
    """

    def ask(tx: Tx) -> list[float]:
        figure = tables.slot_figure
        statement = select(figure).where(figure.c.at >= since).order_by(figure.c.slot_id, figure.c.id)
        took: list[float] = []
        wanted: dict[str, tuple[int, datetime]] = {}
        flying: dict[str, tuple[int, datetime]] = {}
        for row in tx.rows(statement):
            if row.figure == "wanted":
                wanted[row.slot_id] = (row.quantity, row.at)
            elif row.figure == "sent" and wanted.get(row.slot_id, (None,))[0] == row.quantity:
                flying[row.slot_id] = wanted[row.slot_id]
            elif row.figure == "acknowledged" and row.slot_id in flying:
                took.append((row.at - flying.pop(row.slot_id)[1]).total_seconds())
        return took

    return spread(store.read(ask))
