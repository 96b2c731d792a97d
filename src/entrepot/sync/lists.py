"""Stock by SKU and stock slots, in pages, for screens and programs.

A page of either is a few statements over the SKUs or slots on it; nothing is counted over all.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import msgspec
from sqlalchemy import select

from entrepot.catalog import views as catalog_views
from entrepot.catalog.views import SkuView
from entrepot.db import Tx, tables
from entrepot.db.paging import LIMIT, By, Page, page, plain_text
from entrepot.ledger import views as ledger_views
from entrepot.ledger.views import Figures
from entrepot.sync.views import SlotView, slots_by_id

_slot, _listing, _sku, _connection = tables.slot, tables.listing, tables.sku, tables.connection

SLOTS = By("slots", (_slot.c.id,), down=False)


class StockAt(msgspec.Struct, frozen=True, kw_only=True):
    """What there is of a SKU at a location, in pieces of it. Of a SKU that is made of other items only
    what they are good for is known: `available`; the others are None."""

    location: str
    available: int
    on_hand: int | None = None
    promised: int | None = None
    unavailable: dict[str, int] | None = None
    back: int | None = None


class StockView(msgspec.Struct, frozen=True, kw_only=True):
    """A SKU and where there is some of it. `scale`: pieces in one sold unit; `available` over all
    locations."""

    sku: str
    title: str
    scale: int
    bundle: bool
    available: int
    locations: tuple[StockAt, ...]


def stock(tx: Tx, *, search: str = "", after: str = "", limit: int = LIMIT) -> Page[StockView]:
    """What there is, SKU by SKU, by code; `search` as of catalog.views.skus."""
    found = catalog_views.skus(tx, search=search, after=after, limit=limit)
    items = {part.item_id for sku in found.rows for part in sku.recipe}
    lying: dict[str, dict[str, Figures]] = defaultdict(dict)
    for one in ledger_views.figures(tx, items):
        lying[one.item_id][one.location] = one
    return found.of([_stock(sku, lying) for sku in found.rows])


def slots(
    tx: Tx,
    *,
    connection: str = "",
    sku: str = "",
    refused: bool = False,
    after: str = "",
    limit: int = LIMIT,
) -> Page[SlotView]:
    """Slots, the oldest first: all, those of a connection, of a SKU, or only what its channel refuses."""
    statement = select(_slot.c.id)
    if connection:
        named = select(_connection.c.id).where(_connection.c.name == plain_text(connection, "connection"))
        statement = statement.where(_slot.c.connection_id == named.scalar_subquery())
    if sku:
        ours = select(_sku.c.id).where(_sku.c.code == plain_text(sku, "sku")).scalar_subquery()
        mine = select(_listing.c.id).where(_listing.c.sku_id == ours)
        statement = statement.where(_slot.c.listing_id.in_(mine))
    if refused:
        statement = statement.where(_slot.c.trouble != "")
    found = page(tx, statement, SLOTS, after=after, limit=limit)
    return found.of(slots_by_id(tx, [row.id for row in found.rows]))


def _stock(sku: SkuView, lying: Mapping[str, Mapping[str, Figures]]) -> StockView:
    parts = [(part.item_id, part.pieces) for part in sku.recipe]
    bundle = len(parts) != 1 or parts[0][1] != 1
    here = _of_parts(parts, lying) if bundle else [_of_item(one) for one in lying[parts[0][0]].values()]
    return StockView(
        sku=sku.code,
        title=sku.title,
        scale=sku.scale,
        bundle=bundle,
        available=sum(one.available for one in here),
        locations=tuple(sorted(here, key=lambda one: one.location)),
    )


def _of_item(one: Figures) -> StockAt:
    return StockAt(
        location=one.location,
        available=one.available,
        on_hand=one.on_hand,
        promised=one.promised,
        unavailable=one.unavailable,
        back=one.back,
    )


def _of_parts(parts: Iterable[tuple[str, int]], lying: Mapping[str, Mapping[str, Figures]]) -> list[StockAt]:
    """Where every part lies: as many as the scarcest is good for."""
    good: dict[str, list[int]] = defaultdict(list)
    wanted = list(parts)
    for item_id, pieces in wanted:
        for location, figures in lying[item_id].items():
            good[location].append(figures.available // pieces)
    return [
        StockAt(location=at, available=min(some)) for at, some in good.items() if len(some) == len(wanted)
    ]
