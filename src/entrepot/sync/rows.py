"""The only statements that write stock slots, their effects and the record of their figures."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, bindparam, delete, exists, insert, or_, select, update

from entrepot import catalog
from entrepot.db import Tx, chunks, tables
from entrepot.orders import Effect
from entrepot.sync.believed import Slot

BLIND = timedelta(days=1)
"""So long the effects of a slot are kept that was never written or read: a reading on its way may need them.
"""

_slot, _listing, _effect = tables.slot, tables.listing, tables.slot_effect


def slots(tx: Tx, ids: Iterable[str]) -> list[Slot]:
    """These slots with their effects, locked in key order."""
    return _slots(tx, [_every().where(_slot.c.id.in_(some)) for some in chunks(sorted(set(ids)))])


def slots_of_skus(tx: Tx, sku_ids: Iterable[str]) -> list[Slot]:
    """Every slot whose listing is one of these SKUs."""
    return _slots(tx, [_every().where(_listing.c.sku_id.in_(some)) for some in chunks(sorted(set(sku_ids)))])


def slots_of_connection(tx: Tx, connection_id: str) -> list[Slot]:
    return _slots(tx, [_every().where(_slot.c.connection_id == connection_id)])


def unsettled(tx: Tx, connection_id: str) -> list[str]:
    """Slots of a connection whose last reading is newer than what they are believed from."""
    newer = or_(_slot.c.base_at.is_(None), _slot.c.observed_at > _slot.c.base_at)
    mine = and_(_slot.c.connection_id == connection_id, _slot.c.observed_at.is_not(None), newer)
    return [row.id for row in tx.rows(select(_slot.c.id).where(mine).order_by(_slot.c.id))]


def lost_flights(tx: Tx, connection_id: str) -> list[str]:
    """Slots with a write in flight that no job tends any more."""
    job = tables.job
    tended = exists().where(job.c.key == _slot.c.id, job.c.kind == "push_stock", job.c.state == "ready")
    mine = and_(_slot.c.connection_id == connection_id, _slot.c.flight != "", ~tended)
    return [row.id for row in tx.rows(select(_slot.c.id).where(mine).order_by(_slot.c.id))]


def slots_of_items(tx: Tx, connection_id: str, items: Iterable[str]) -> list[Slot]:
    """The slots of a channel's items."""
    mine = _every().where(_slot.c.connection_id == connection_id)
    return _slots(tx, [mine.where(_slot.c.item.in_(some)) for some in chunks(sorted(set(items)))])


def insert_slots(tx: Tx, new: Sequence[tuple[str, str, str, str]]) -> None:
    """(connection, listing, item, location) of slots; one that exists stays as it is."""
    tx.write(
        tx.insert(_slot).on_conflict_do_nothing(),
        [
            {
                "id": tx.ids.new(),
                "connection_id": connection_id,
                "listing_id": listing_id,
                "item": item,
                "location": location,
                "flight": "",
                "flight_delta": 0,
                "trouble": "",
            }
            for connection_id, listing_id, item, location in sorted(new, key=lambda one: (one[0], *one[2:]))
        ],
    )


def set_wanted(tx: Tx, figures: Mapping[str, int]) -> None:
    _set(tx, [{"this": id, "wanted": n, "wanted_at": tx.now} for id, n in figures.items()])
    _record(tx, "wanted", figures)


def set_sent(tx: Tx, flights: Sequence[tuple[str, int, str, int]]) -> None:
    """(slot, figure, key, difference) of writes about to be made."""
    _set(
        tx,
        [
            {"this": id, "sent": n, "sent_at": tx.now, "flight": key, "flight_delta": delta, "trouble": ""}
            for id, n, key, delta in flights
        ],
    )
    _record(tx, "sent", {id: n for id, n, _key, _delta in flights})


def set_acknowledged(tx: Tx, figures: Mapping[str, int]) -> None:
    """The writes were answered: nothing is in flight any more."""
    _set(
        tx,
        [
            {
                "this": id,
                "acknowledged": n,
                "acknowledged_at": tx.now,
                "flight": "",
                "flight_delta": 0,
                "trouble": "",
            }
            for id, n in figures.items()
        ],
    )
    _record(tx, "acknowledged", figures)


def set_base(tx: Tx, bases: Mapping[str, tuple[int, datetime]]) -> None:
    """New bases; the effects that they include are forgotten."""
    _set(tx, [{"this": id, "base": n, "base_at": at} for id, (n, at) in bases.items()])
    _forget(tx, {id: at for id, (_n, at) in bases.items()})


def _forget(tx: Tx, until: Mapping[str, datetime]) -> None:
    """Takes the effects of these slots up to these moments away."""
    tx.write(
        delete(_effect).where(_effect.c.slot_id == bindparam("of"), _effect.c.at <= bindparam("until")),
        [{"of": id, "until": at} for id, at in sorted(until.items())],
    )


def lose_base(tx: Tx, ids: Sequence[str]) -> None:
    """Nobody knows what these slots show."""
    _set(tx, [{"this": id, "base": None, "base_at": None} for id in ids])


def set_trouble(tx: Tx, troubles: Mapping[str, str]) -> None:
    """The channel refused: nothing is in flight, and the slot says why."""
    _set(
        tx,
        [{"this": id, "trouble": why[:500], "flight": "", "flight_delta": 0} for id, why in troubles.items()],
    )


def set_observed(tx: Tx, figures: Mapping[str, tuple[int, datetime]], changed: Collection[str]) -> None:
    """What slots were read to show; only the `changed` ones go on record."""
    _set(tx, [{"this": id, "observed": n, "observed_at": at} for id, (n, at) in figures.items()])
    _record(tx, "observed", {id: n for id, (n, _at) in figures.items() if id in changed})


def add_effects(tx: Tx, effects: Sequence[tuple[str, str, int, datetime]]) -> None:
    """(slot, cause, change, at); the same cause again is no news."""
    tx.write(
        tx.insert(_effect).on_conflict_do_nothing(),
        [
            {"slot_id": id, "cause": cause, "delta": change, "at": at, "booked_at": tx.now}
            for id, cause, change, at in sorted(effects)
        ],
    )


def book_effects(tx: Tx, connection_id: str, effects: Sequence[Effect], *, per_location: bool) -> list[str]:
    """Notes what a channel did to its own figures; the ids of the SKUs whose slots it touched."""
    listings = catalog.listings(tx, connection_id, {effect.item for effect in effects})
    figures = {item: listing.shared_pool or item for item, listing in listings.items()}
    found = {(one.item, one.location): one for one in _shown(tx, connection_id, figures.values())}
    touched: set[str] = set()
    noted: dict[tuple[str, str, datetime], int] = {}
    for effect in effects:
        slot = found.get((figures.get(effect.item, ""), effect.location if per_location else ""))
        if slot is not None:
            key = (slot.id, effect.cause, effect.at)
            noted[key] = noted.get(key, 0) + effect.delta
            touched.add(slot.sku_id or "")
    blind = {one.id for one in found.values() if one.base_at is None and one.observed_at is None}
    _forget(tx, dict.fromkeys(blind & {id for id, _cause, _at in noted}, tx.now - BLIND))
    add_effects(tx, [(id, cause, delta, at) for (id, cause, at), delta in noted.items() if delta])
    return sorted(touched - {""})


def _shown(tx: Tx, connection_id: str, items: Iterable[str]) -> Iterator[Any]:
    """Which slots show a channel's items, locked in key order, without what they show."""
    mine = _every().where(_slot.c.connection_id == connection_id)
    for some in chunks(sorted(set(items))):
        named = (
            mine.where(_slot.c.item.in_(some))
            .order_by(_slot.c.id)
            .with_only_columns(
                _slot.c.id,
                _slot.c.item,
                _slot.c.location,
                _slot.c.base_at,
                _slot.c.observed_at,
                _listing.c.sku_id,
            )
        )
        yield from tx.rows(tx.locked(named, of=_slot))


def _every() -> Select[Any]:
    return select(_slot, _listing.c.sku_id).join(_listing, _listing.c.id == _slot.c.listing_id)


def _slots(tx: Tx, statements: Iterable[Select[Any]]) -> list[Slot]:
    found = [row for one in statements for row in tx.rows(tx.locked(one.order_by(_slot.c.id), of=_slot))]
    effects: dict[str, list[tuple[datetime, int]]] = {}
    known = [row.id for row in found if row.base_at is not None or row.observed_at is not None]
    for some in chunks(known):  # to a slot that was never written or read they say nothing
        for row in tx.rows(select(_effect).where(_effect.c.slot_id.in_(some)).order_by(_effect.c.at)):
            effects.setdefault(row.slot_id, []).append((row.at, row.delta))
    return [slot(row, effects.get(row.id, ())) for row in found]


def slot(row: Any, effects: Iterable[tuple[datetime, int]]) -> Slot:
    return Slot(
        id=row.id,
        connection_id=row.connection_id,
        listing_id=row.listing_id,
        item=row.item,
        location=row.location,
        sku_id=row.sku_id or "",
        wanted=row.wanted,
        sent=row.sent,
        sent_at=row.sent_at,
        flight=row.flight,
        flight_delta=row.flight_delta,
        acknowledged=row.acknowledged,
        observed=row.observed,
        observed_at=row.observed_at,
        base=row.base,
        base_at=row.base_at,
        trouble=row.trouble,
        effects=tuple(effects),
    )


def _set(tx: Tx, rows: Sequence[dict[str, Any]]) -> None:
    """Updates slots by id; every row names the same columns."""
    if not rows:
        return
    names = [name for name in rows[0] if name != "this"]
    tx.write(
        update(_slot)
        .where(_slot.c.id == bindparam("this"))
        .values({name: bindparam(f"new_{name}") for name in names}),
        [
            {"this": row["this"]} | {f"new_{name}": row[name] for name in names}
            for row in sorted(rows, key=lambda row: str(row["this"]))
        ],
    )


def _record(tx: Tx, figure: str, figures: Mapping[str, int]) -> None:
    """Keeps every figure for time travel."""
    tx.write(
        insert(tables.slot_figure),
        [
            {
                "id": tx.ids.new(),
                "slot_id": id,
                "figure": figure,
                "quantity": n,
                "at": tx.now,
                "cause": tx.correlation,
            }
            for id, n in figures.items()
        ],
    )
