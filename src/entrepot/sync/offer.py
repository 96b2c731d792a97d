"""Offer: what each slot should show, from what its places hold. Wanted minus believed is then pushed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from entrepot import catalog, connections, ledger, places
from entrepot.catalog import Sku
from entrepot.connections import Connection, Flow, Level
from entrepot.db import Job, Tx, jobs
from entrepot.sync import rows
from entrepot.sync.believed import Slot, believed

REFUSED = timedelta(minutes=30)
"""So long the same figure is not sent again to a slot that refused it."""


def offer(sku: Sku, locations: Sequence[str], available: Mapping[tuple[str, str], int]) -> int:
    """Sold units that these locations can supply together: the recipe's scarcest item decides.

    `available`: (item, location) → pieces on the shelf.
    """
    whole = (
        sum(available.get((item_id, location), 0) for location in locations) // pieces
        for item_id, pieces in sku.recipe
    )
    return max(min(whole) // sku.scale, 0)


def offer_items(tx: Tx, item_ids: Iterable[str]) -> None:
    """Works out anew what the slots of every SKU that draws on these items should show."""
    offer_skus(tx, catalog.skus(tx, items=item_ids))


def offer_connection(tx: Tx, connection_id: str) -> None:
    """Works out every slot of one connection anew."""
    sku_ids = {slot.sku_id for slot in rows.slots_of_connection(tx, connection_id) if slot.sku_id}
    offer_skus(tx, catalog.skus(tx, ids=sku_ids))


def offer_skus(tx: Tx, skus: Sequence[Sku]) -> None:
    by_id = {sku.id: sku for sku in skus}
    slots = rows.slots_of_skus(tx, by_id)
    if not slots:
        return
    accounts = {one.id: one for one in connections.connections(tx)}
    sources = _sources(tx, [accounts[id] for id in sorted({slot.connection_id for slot in slots})])
    items = {item_id for sku in skus for item_id, _pieces in sku.recipe}
    available = ledger.available(tx, items)
    wanted: dict[str, int] = {}
    for slot in slots:
        locations = sources.get((slot.connection_id, slot.location), ())
        if locations:
            wanted[slot.id] = offer(by_id[slot.sku_id], locations, available)
    rows.set_wanted(
        tx, {slot.id: wanted[slot.id] for slot in slots if wanted.get(slot.id, slot.wanted) != slot.wanted}
    )
    push = [slot for slot in slots if slot.id in wanted and _differs(slot, wanted[slot.id], tx.now)]
    jobs.enqueue(tx, [push_job(slot) for slot in push if _may_write(accounts[slot.connection_id])])


def push_job(slot: Slot) -> Job:
    """Look at this slot again, and write if it needs it."""
    return Job(
        kind="push_stock",
        queue=jobs.call_queue(slot.connection_id),
        key=slot.id,
        once=f"push:{slot.id}",
        rank=0,
        body={"slot": slot.id},
    )


def _differs(slot: Slot, wanted: int, now: datetime) -> bool:
    """Whether a slot needs a write. A figure that was refused is left alone for a while: a shop may announce
    the very thing that it refused to change, and we should go round in circles with it."""
    if slot.trouble and slot.sent == wanted and slot.sent_at is not None and now < slot.sent_at + REFUSED:
        return False
    return bool(slot.flight) or believed(slot) != wanted


def _may_write(connection: Connection) -> bool:
    return connection.flow(Flow.STOCK_OUT) is Level.ON


def _sources(tx: Tx, accounts: Sequence[Connection]) -> dict[tuple[str, str], tuple[str, ...]]:
    """(connection, the channel's location) → our locations that serve it."""
    networks = places.networks(tx)
    sources: dict[tuple[str, str], tuple[str, ...]] = {}
    for account in accounts:
        sources[account.id, ""] = networks[account.network_id]
        for external_id, ours in connections.locations(tx, account.id).items():
            sources[account.id, external_id] = (ours,) if ours else ()
    return sources
