"""Settling: readings of slots become their base once every order up to them is booked; drift is told and
mended."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from entrepot import catalog
from entrepot.db import Event, Tx, chunks, events, jobs
from entrepot.sync import rows
from entrepot.sync.believed import adoptable, contradicted
from entrepot.sync.call import Call
from entrepot.sync.offer import offer_skus, push_job

AT_ONCE = 500
"""Slots in one transaction: the writer must not be held up."""

UNBOUNDED_S = 600.0
"""How late a reading is taken to lag on a platform that promises nothing."""


def settle(call: Call, swept_to: datetime) -> None:
    """Looks at every reading that is newer than what its slot is believed from. Waits while a hinted order is
    still to be asked for: it may explain the figure.

    The channel answers again: a write in flight whose job gave up during an outage is taken up again.
    """
    queue = jobs.call_queue(call.connection.id)
    if call.store.read(lambda tx: jobs.waiting(tx, queue, "fetch_order", besides=call.ids)):
        return
    for some in chunks(call.store.read(lambda tx: rows.unsettled(tx, call.connection.id)), AT_ONCE):
        call.store.run(lambda tx, some=some: _adopt(tx, call, some, swept_to), source="settle")  # type: ignore[misc]
    if lost := call.store.read(lambda tx: rows.lost_flights(tx, call.connection.id)):
        call.store.run(
            lambda tx: jobs.enqueue(tx, [push_job(slot) for slot in rows.slots(tx, lost)]), source="settle"
        )


def _adopt(tx: Tx, call: Call, slot_ids: Sequence[str], swept_to: datetime) -> None:
    visible_s = call.channel.ABOUT.stock.visible_s
    visible = timedelta(seconds=UNBOUNDED_S if visible_s is None else visible_s)
    adopted = [slot for slot in rows.slots(tx, slot_ids) if adoptable(slot, swept_to, visible)]
    drifted = [slot for slot in adopted if contradicted(slot)]
    rows.set_base(
        tx,
        {
            slot.id: (slot.observed, slot.observed_at)
            for slot in adopted
            if slot.observed is not None and slot.observed_at is not None
        },
    )
    events.append(
        tx,
        [
            Event(
                stream=f"slot:{slot.id}",
                kind="SlotDrifted",
                body={"slot": slot.id, "observed": slot.observed},
            )
            for slot in drifted
        ],
    )
    news = {slot.sku_id for slot in adopted if slot.sku_id and (slot.base is None or slot in drifted)}
    offer_skus(tx, catalog.skus(tx, ids=news))
