"""What can be looked up: a SKU's stock with its slots and history."""

from datetime import datetime

import msgspec

from entrepot import places
from entrepot.app.commands.goods import sku_of
from entrepot.catalog import Sku
from entrepot.cli.showing import console, read, table, when
from entrepot.db import Tx
from entrepot.ledger import views as ledger_views
from entrepot.ledger.views import Figures, Promise
from entrepot.sync import history, offer
from entrepot.sync import views as sync_views
from entrepot.sync.history import Entry
from entrepot.sync.views import SlotView

TOLD_TWICE = ("StockMoved", "StockArrived")
"""The events of moves, which stand in the time line themselves."""


class StockShown(msgspec.Struct, frozen=True, kw_only=True):
    """A SKU's stock at a moment. `offerable`: sold units that all locations could supply together; for a
    bundle its scarcest item decides. `reservations` only now, `since` (what happened after) only for a past
    moment."""

    sku: str
    title: str
    at: datetime
    recipe: dict[str, int]
    offerable: int
    items: list[Figures]
    slots: list[SlotView]
    reservations: list[Promise]
    since: list[Entry]


def look_up(code: str, at: datetime | None) -> StockShown:
    """What is known of a SKU's stock, in one read transaction; Refusal `sku_unknown`."""
    return read(lambda tx: _look_up(tx, code, at))


def print_stock(found: StockShown) -> None:
    """For people."""
    out = console()
    out.print(f"{found.sku}  {found.title}", markup=False)
    out.print(f"{found.offerable} can be sold, {when(found.at)} UTC")
    if found.recipe != {found.sku: 1}:
        parts = ", ".join(f"{pieces} × {item}" for item, pieces in found.recipe.items())
        out.print(f"Made of {parts}", markup=False)
    table("Where", ["item", "location", "on hand", "available", "promised", "unavailable", "back"],
          [[one.item, one.location, one.on_hand, one.available, one.promised, _aside(one), one.back]
           for one in found.items],
          right=["on hand", "available", "promised", "back"])  # fmt: skip
    if found.slots:
        table("Channels",
              ["channel", "item", "location", "wanted", "sent", "ack", "read", "shows", "in sync"],
              [[one.channel, one.item, one.location, one.wanted, one.sent, one.acknowledged, one.observed,
                one.believed, one.why or ("yes" if one.in_sync else None)] for one in found.slots],
              right=["wanted", "sent", "ack", "read", "shows"])  # fmt: skip
    if found.reservations:
        table("Promised to", ["line", "item", "location", "pieces", "state"],
              [[one.line_id, one.item, one.location, one.quantity, one.state] for one in found.reservations],
              right=["pieces"])  # fmt: skip
    if found.since:
        table("Since then", ["UTC", "what", "about", "cause"],
              [[when(one.at), one.what, one.about, one.cause]
               for one in found.since if one.what not in TOLD_TWICE])  # fmt: skip


def _look_up(tx: Tx, code: str, at: datetime | None) -> StockShown:
    sku = sku_of(tx, code)
    items = ledger_views.figures(tx, [item_id for item_id, _pieces in sku.recipe], at=at)
    slots = sync_views.slots_at(tx, sku.id, at) if at else sync_views.slots_of_sku(tx, sku.id)
    codes = _item_codes(tx, sku)
    return StockShown(
        sku=sku.code,
        title=sku.title,
        at=at or tx.now,
        recipe={codes[item_id]: pieces for item_id, pieces in sku.recipe},
        offerable=_offerable(sku, items, list(places.load(tx).locations)),
        items=items,
        slots=slots,
        reservations=[] if at else ledger_views.promises(tx, codes),
        since=history.happened(tx, sku, since=at) if at else [],
    )


def _offerable(sku: Sku, items: list[Figures], locations: list[str]) -> int:
    return offer(sku, locations, {(one.item_id, one.location_id): one.available for one in items})


def _item_codes(tx: Tx, sku: Sku) -> dict[str, str]:
    return ledger_views.item_codes(tx, [item_id for item_id, _pieces in sku.recipe])


def _aside(one: Figures) -> str:
    return ", ".join(f"{pieces} {reason}" for reason, pieces in one.unavailable.items()) or "0"
