"""The time machine of a SKU: what was where and shown at any booked moment, and what happened around it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec
from sqlalchemy import select

from entrepot.catalog import Sku
from entrepot.db import Tx, tables
from entrepot.ledger import views as ledger
from entrepot.ledger.views import Figures, Moved
from entrepot.sync.history import Entry, happened
from entrepot.sync.views import SlotView, slots_at

ENTRIES = 200
FIRST_YEAR, LAST_YEAR = 1990, 2200
LONG = timedelta(days=30)
BEFORE, AFTER = timedelta(minutes=10), timedelta(minutes=10)
"""So much around an order is its story."""

_order, _connection = tables.orders, tables.connection


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """The order whose story is told."""

    id: str
    number: str
    channel: str
    placed_at: datetime
    received_at: datetime


class Past(msgspec.Struct, frozen=True, kw_only=True):
    """`at` is None for now. `moments` are those at which something happened between `since` and `until`,
    oldest first; `step` the one that is looked at. `available`: (moment, pieces on all shelves from then on).
    `figures` and `slots` are those of the moment."""

    at: datetime | None
    since: datetime
    until: datetime
    moments: tuple[datetime, ...]
    step: int
    entries: tuple[Entry, ...]
    available: tuple[tuple[datetime, int], ...]
    figures: tuple[Figures, ...]
    slots: dict[str, SlotView]
    around: Around | None
    more: bool


def moment(text: str) -> datetime | None:
    """A moment of an address, ISO 8601, UTC if it names no zone; None if it is none that could be booked."""
    try:
        found = datetime.fromisoformat(text.strip()[:40])
        found = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return found if FIRST_YEAR <= found.year < LAST_YEAR else None


def order_of(tx: Tx, id: str) -> Around | None:
    """The order that a story is asked of."""
    columns = (_order.c.id, _order.c.number, _order.c.placed_at, _order.c.received_at, _connection.c.name)
    row = tx.row(
        select(*columns)
        .join(_connection, _connection.c.id == _order.c.connection_id)
        .where(_order.c.id == id)
    )
    if row is None:
        return None
    return Around(
        id=row.id, number=row.number, channel=row.name, placed_at=row.placed_at, received_at=row.received_at
    )


def past(tx: Tx, sku: Sku, *, at: datetime | None, around: Around | None, until: datetime | None) -> Past:
    """What is known of a moment. Without `at` an order's story stands at the moment it came in."""
    end = until or (around.received_at + AFTER if around else tx.now)
    begin = min(around.placed_at, around.received_at) - BEFORE if around else end - LONG
    entries = happened(tx, sku, since=begin, until=end, limit=ENTRIES)
    more = len(entries) >= ENTRIES
    since = entries[0].at if entries and not around else begin
    before = {begin} if around else set()  # how it was before the order is the first step of its story
    moments = tuple(sorted({one.at for one in entries} | before))
    if at is None and around is not None:
        at = around.received_at
    items = [item for item, _pieces in sku.recipe]
    moved = ledger.moves(tx, items, since=since, until=end, limit=ENTRIES) if len(items) == 1 else []
    return Past(
        at=at,
        since=since,
        until=end,
        moments=moments,
        step=len(moments) if at is None else max(sum(one <= at for one in moments) - 1, 0),
        entries=tuple(entries),
        available=_course(moved, ledger.figures(tx, items, at=end)),
        figures=tuple(ledger.figures(tx, items, at=at)),
        slots={one.id: one for one in slots_at(tx, sku.id, at)} if at else {},
        around=around,
        more=more,
    )


def _course(moved: Sequence[Moved], at_end: Sequence[Figures]) -> tuple[tuple[datetime, int], ...]:
    """What was available from each move on, walked backwards from the end."""
    available = sum(one.available for one in at_end)
    found: list[tuple[datetime, int]] = []
    for one in reversed(moved):
        found.append((one.booked_at, available))
        available -= one.quantity * (one.target.endswith(" shelf") - one.source.endswith(" shelf"))
    if found:
        found.append((found[-1][0], available))
    return tuple(reversed(found))


def of_order(entry: Entry, order_id: str) -> bool:
    """Whether an entry is part of an order's story."""
    named = (entry.about, entry.cause, str(entry.body.get("order", "")))
    return any(order_id in text for text in named)
