"""A store as a large merchant has it after a year: SKUs, stock, listings, orders with their claims and moves.

Nothing is played: rows are written as the rooms would have left them, a few thousand orders at a time, and
`entrepot verify` finds nothing wrong with them. The same seed writes the same shop.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice

import msgspec
from sqlalchemy import insert

from entrepot import channels, connections, places
from entrepot.catalog import Sku
from entrepot.catalog import rows as catalog_rows
from entrepot.catalog.model import Listing
from entrepot.connections import Connection, Flow, Level
from entrepot.db import InlineStore, Tx, tables
from entrepot.kernel import VirtualClock
from entrepot.sandbox.bench.goods import Goods
from entrepot.sandbox.bench.sales import Sales

YEAR = timedelta(days=365)
LOCATIONS = 8
ORDERS_AT_ONCE, SKUS_AT_ONCE = 2_000, 5_000
SHOWN_BY = 3
"""Channels that a SKU is listed on."""

BEHIND = 50
"""One in so many SKUs is shown with a figure that is no longer wanted."""

Tell = Callable[[str], None]


class Sizes(msgspec.Struct, frozen=True, kw_only=True):
    """How large the shop is. An order has one to three lines."""

    skus: int = 100_000
    orders: int = 500_000
    channels: int = 10
    seed: int = 1


def fill(store: InlineStore, clock: VirtualClock, sizes: Sizes, tell: Tell = lambda _line: None) -> None:
    """Writes the shop into an empty store, whose clock goes from a year ago to now."""
    accounts = store.run(lambda tx: _open(tx, sizes.channels), source="bench")
    goods = Goods(store.read(places.load))
    for first in range(0, sizes.skus, SKUS_AT_ONCE):
        new = range(first, min(first + SKUS_AT_ONCE, sizes.skus))
        store.run(lambda tx, new=new: goods.stock(tx, new), source="bench")  # type: ignore[misc]
    tell(f"{len(goods.skus)} SKUs on {LOCATIONS} shelves")
    sales = Sales(goods, accounts, orders=sizes.orders, seed=sizes.seed)
    numbers = iter(range(sizes.orders))
    while some := list(islice(numbers, ORDERS_AT_ONCE)):
        store.run(lambda tx, some=some: sales.sell(tx, some), source="bench")  # type: ignore[misc]
        clock.sleep((YEAR / sizes.orders * len(some)).total_seconds())
        if not some[0] % 100_000:
            tell(f"{some[0] + len(some)} of {sizes.orders} orders")
    store.run(goods.settle, source="bench")
    for first in range(0, len(goods.skus), SKUS_AT_ONCE):
        listed = goods.skus[first : first + SKUS_AT_ONCE]
        store.run(lambda tx, listed=listed: _list(tx, goods, listed, accounts), source="bench")  # type: ignore[misc]
    tell(f"{len(goods.skus) * min(SHOWN_BY, len(accounts))} slots")


def _open(tx: Tx, many: int) -> list[Connection]:
    """Locations, and accounts that may write stock."""
    made = [places.add_location(tx, f"store-{n}", f"Store {n}") for n in range(1, LOCATIONS + 1)]
    about, accounts = channels.load("woocommerce").ABOUT, []
    for n in range(1, many + 1):
        name = f"shop-{n}"
        connections.connect(
            tx,
            about,
            name=name,
            settings={"store": f"https://{name}.example", "key": f"ck_{n:040x}", "secret": f"cs_{n:040x}"},
            network_id=places.add_network(tx, name, [one.id for one in made]),
            hub_url="https://hub.example",
            since=tx.now,
        )
        accounts.append(connections.set_flow(tx, name, Flow.STOCK_OUT, Level.ON))
    return accounts


def _list(tx: Tx, goods: Goods, skus: list[Sku], accounts: list[Connection]) -> None:
    """Listings, and slots that show what is there."""
    listings: list[Listing] = []
    slots = []
    for sku in skus:
        n, there = int(sku.code[-6:]), goods.available(sku)
        for more in range(min(SHOWN_BY, len(accounts))):
            listing = Listing(
                id=tx.ids.new(), connection_id=accounts[(n + more) % len(accounts)].id,
                item=sku.code.lower(), sku_text=sku.code, title=sku.title, sku_id=sku.id,
            )  # fmt: skip
            listings.append(listing)
            slots.append(_slot(tx, listing, there, shown=there + (n % BEHIND == 0)))
    catalog_rows.insert_listings(tx, listings)
    tx.write(insert(tables.slot), slots)
    tx.write(insert(tables.slot_figure), list(_figures(tx, slots)))


def _slot(tx: Tx, listing: Listing, wanted: int, *, shown: int) -> dict[str, object]:
    return {
        "id": tx.ids.new(), "connection_id": listing.connection_id, "listing_id": listing.id,
        "item": listing.item, "location": "", "wanted": wanted, "wanted_at": tx.now, "sent": shown,
        "sent_at": tx.now, "flight": "", "flight_delta": 0, "acknowledged": shown, "acknowledged_at": tx.now,
        "observed": shown, "observed_at": tx.now, "base": shown, "base_at": tx.now, "trouble": "",
    }  # fmt: skip


def _figures(tx: Tx, slots: list[dict[str, object]]) -> Iterator[dict[str, object]]:
    """The record of what each slot has shown: one of each figure."""
    for slot in slots:
        for figure in ("wanted", "sent", "acknowledged", "observed"):
            yield {
                "id": tx.ids.new(), "slot_id": slot["id"], "figure": figure, "quantity": slot[figure],
                "at": tx.now, "cause": tx.correlation,
            }  # fmt: skip
