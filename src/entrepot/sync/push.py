"""Push: wanted minus believed goes to the channel. `sent` is committed before the call, each answer is
recorded by row.

One write in flight per slot, guarded by its row. An answer that was lost leaves the write in flight: a delta
is sent again as it was, under the same key; an absolute figure is simply written anew.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from entrepot.connections import Flow, Level
from entrepot.contract import Answer, Applied, Refused, StockWanted, Write
from entrepot.db import Event, Tx, events, jobs
from entrepot.kernel import ChannelError
from entrepot.sync import rows
from entrepot.sync.believed import GRAIN, Slot, believed
from entrepot.sync.call import Call
from entrepot.sync.timetable import observe_job, reading_job

NO_ANSWER = "the channel's answer was lost"


def push_stock(call: Call) -> None:
    """Writes the slots of these jobs."""
    semantics = call.channel.ABOUT.stock
    by_slot = {str(job.body["slot"]): job.id for job in call.jobs}
    wishes = call.store.run(lambda tx: plan(tx, call, by_slot), actor="hub", source="push")
    for start in range(0, len(wishes), semantics.batch):
        _send(call, wishes[start : start + semantics.batch], by_slot)


def _send(call: Call, wishes: Sequence[tuple[str, StockWanted]], by_slot: Mapping[str, str]) -> None:
    """One batch: call, then record. What was answered before a call broke off is recorded too."""
    slots = {wish.key: slot_id for slot_id, wish in wishes}
    answers: list[Answer] = []
    broken: ChannelError | None = None
    try:
        answers.extend(call.channel.write_stock(call.api, [wish for _slot, wish in wishes]))
    except ChannelError as error:
        broken = error
    call.store.run(
        lambda tx: record(tx, call, {slots[one.key]: one for one in answers}, by_slot),
        actor="hub",
        source="push",
    )
    if broken is not None:
        raise broken


def plan(tx: Tx, call: Call, by_slot: Mapping[str, str]) -> list[tuple[str, StockWanted]]:
    """What to write, marked as sent. Jobs of slots that need nothing are finished here."""
    write = call.channel.ABOUT.stock.write
    allowed = call.connection.flow(Flow.STOCK_OUT) is Level.ON
    wishes: list[tuple[str, StockWanted]] = []
    flights: list[tuple[str, int, str, int]] = []
    idle: list[str] = []
    for slot in rows.slots(tx, by_slot):
        wish = wanted(slot, write, tx.ids.new(), tx.now) if allowed else None
        if wish is None:
            idle.append(by_slot[slot.id])
            continue
        wishes.append((slot.id, wish))
        if wish.key != slot.flight:
            flights.append((slot.id, wish.quantity, wish.key, wish.delta))
    if idle and allowed and write is not Write.ABSOLUTE:
        jobs.enqueue(tx, [observe_job(call.connection.id)])
    rows.set_sent(tx, flights)
    jobs.done(tx, idle)
    return wishes


def wanted(slot: Slot, write: Write, key: str, now: datetime) -> StockWanted | None:
    """The write that a slot needs; None if it needs none, or cannot be written before it was read.

    | write    | in flight      | believed | what                                          |
    |----------|----------------|----------|-----------------------------------------------|
    | absolute | any            | any      | the wanted figure, unless believed and silent |
    | delta    | yes            | any      | the very same write again                     |
    | delta    | no             | known    | the difference                                |
    | delta    | no             | unknown  | nothing: read first                           |
    """
    if slot.wanted is None:
        return None
    now_shown = believed(slot)
    if write is Write.ABSOLUTE:
        if not slot.flight and now_shown == slot.wanted:
            return None
        delta = slot.wanted - (now_shown or 0)
        return StockWanted(
            key=key, item=slot.item, location=slot.location, quantity=slot.wanted, delta=delta, at=now
        )
    if slot.flight:
        assert slot.sent is not None
        assert slot.sent_at is not None
        return StockWanted(
            key=slot.flight,
            item=slot.item,
            location=slot.location,
            quantity=slot.sent,
            delta=slot.flight_delta,
            at=slot.sent_at,
        )
    if now_shown is None or now_shown == slot.wanted:
        return None
    return StockWanted(
        key=key,
        item=slot.item,
        location=slot.location,
        quantity=slot.wanted,
        delta=slot.wanted - now_shown,
        expected=now_shown,
        at=now,
    )


def record(tx: Tx, call: Call, answers: Mapping[str, Answer], by_slot: Mapping[str, str]) -> None:
    """Keeps the answers by row. A job is finished when its slot shows what is wanted, or the channel refuses
    it."""
    write = call.channel.ABOUT.stock.write
    slots = {slot.id: slot for slot in rows.slots(tx, answers)}
    current = {id: one for id, one in answers.items() if slots[id].flight == one.key}
    applied = {id: one for id, one in current.items() if isinstance(one, Applied)}
    refused = {id: one for id, one in current.items() if isinstance(one, Refused) and not one.stale}
    stale = [id for id, one in current.items() if isinstance(one, Refused) and one.stale]
    lost = [id for id in answers if id not in applied and id not in refused and id not in stale]
    if write is Write.DELTA:
        rows.add_effects(tx, [_own(slots[id], one) for id, one in applied.items()])
    else:
        rows.set_base(tx, {id: (_shown(slots[id], one), one.at) for id, one in applied.items()})
        rows.lose_base(tx, lost)
    rows.set_acknowledged(tx, {id: _shown(slots[id], one) for id, one in applied.items()})
    settled = [by_slot[slot.id] for slot in rows.slots(tx, applied) if believed(slot) == slot.wanted]
    jobs.done(tx, settled)
    jobs.park(tx, [by_slot[id] for id in lost], NO_ANSWER, wait_s=None, count=True)
    _refuse(tx, refused, by_slot)
    _read_anew(tx, call, stale, by_slot)


def _refuse(tx: Tx, refused: Mapping[str, Refused], by_slot: Mapping[str, str]) -> None:
    """The channel will not take these figures: said on the slot, and told."""
    rows.set_trouble(tx, {id: f"{one.code}: {one.why}" for id, one in refused.items()})
    jobs.done(tx, [by_slot[id] for id in refused])
    events.append(
        tx,
        [
            Event(
                stream=f"slot:{id}", kind="SlotRefused", body={"slot": id, "code": one.code, "gone": one.gone}
            )
            for id, one in refused.items()
        ],
    )


def _read_anew(tx: Tx, call: Call, stale: Sequence[str], by_slot: Mapping[str, str]) -> None:
    """Another figure stands there than we believed: nothing of the write happened, and what we believed is
    worth nothing. Read the figures and the orders that explain them; the slot is planned anew after that."""
    if not stale:
        return
    rows.set_trouble(tx, dict.fromkeys(stale, ""))
    rows.lose_base(tx, stale)
    jobs.done(tx, [by_slot[id] for id in stale])
    jobs.enqueue(tx, [observe_job(call.connection.id), reading_job(call.connection.id, "sweep_orders")])


def _shown(slot: Slot, answer: Applied) -> int:
    """What an answered write made the slot show: the channel's word, else what was sent."""
    assert slot.sent is not None
    return slot.sent if answer.quantity is None else answer.quantity


def _own(slot: Slot, answer: Applied) -> tuple[str, str, int, datetime]:
    """Our difference as an effect. It was made after the base was read, whatever the two clocks' seconds
    say."""
    earliest = slot.base_at + GRAIN if slot.base_at else answer.at
    return slot.id, slot.flight, slot.flight_delta, max(answer.at, earliest)
