"""The checker at the end: what the world knows to be true, against what the hub holds and the channels
show."""

from collections import Counter

import msgspec
from sqlalchemy import func, select

from entrepot import connections, sync
from entrepot.channels.kit.emulate import Emulator
from entrepot.db import Store, Tx, tables
from entrepot.sync import rows


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """Counts over everything that was placed. `wrong` names each difference; empty means that all is true."""

    orders_placed: int
    orders_in_hub: int
    lost: int
    duplicates: int
    oversold: int
    slots: int
    slots_in_sync: int
    wrong: tuple[str, ...]

    @property
    def true(self) -> bool:
        return not self.wrong and not self.lost and not self.duplicates and self.slots == self.slots_in_sync


def check(store: Store, shops: dict[str, Emulator]) -> Outcome:
    """Compares the world with the hub. `oversold`: pieces promised that no place holds."""
    held = store.read(_held)
    short = store.read(_short)
    wrong: list[str] = []
    placed = lost = 0
    for name, shop in shops.items():
        for order in shop.placed():
            placed += 1
            said = {sku: units for sku, units in order.units.items() if units}
            if (name, order.external_id) not in held:
                lost += 1
                wrong.append(f"{name} {order.external_id}: placed {order.at:%H:%M:%S}, not in the hub")
            elif held[name, order.external_id] != said:
                wrong.append(
                    f"{name} {order.external_id}: {said} at the shop, {held[name, order.external_id]} here"
                )
    slots, in_sync, differ = _slots(store, shops)
    return Outcome(
        orders_placed=placed,
        orders_in_hub=len(held),
        lost=lost,
        duplicates=store.read(_duplicates),
        oversold=short,
        slots=slots,
        slots_in_sync=in_sync,
        wrong=tuple(wrong + differ),
    )


def _held(tx: Tx) -> dict[tuple[str, str], dict[str, int]]:
    """(connection name, the channel's order) → SKU code → pieces still wanted or gone."""
    line, order, sku, account = tables.order_line, tables.orders, tables.sku, tables.connection
    found: dict[tuple[str, str], dict[str, int]] = {
        (row.name, row.external_id): {}
        for row in tx.rows(select(account.c.name, order.c.external_id).join(account))
    }
    pieces = line.c.ordered - line.c.cancelled - line.c.returned
    statement = (
        select(account.c.name, order.c.external_id, sku.c.code, func.sum(pieces).label("n"))
        .select_from(line)
        .join(order, order.c.id == line.c.order_id)
        .join(account, account.c.id == order.c.connection_id)
        .join(sku, sku.c.id == line.c.sku_id)
        .group_by(account.c.name, order.c.external_id, sku.c.code)
    )
    for row in tx.rows(statement):
        if row.n:
            found[row.name, row.external_id][row.code] = row.n
    return found


def _short(tx: Tx) -> int:
    table = tables.reservation
    statement = select(func.coalesce(func.sum(table.c.quantity), 0)).where(table.c.state == "short")
    return int(tx.rows(statement)[0][0])


def _duplicates(tx: Tx) -> int:
    """Orders that are here more than once."""
    order = tables.orders
    keys = Counter(
        (row.connection_id, row.external_id)
        for row in tx.rows(select(order.c.connection_id, order.c.external_id))
    )
    return sum(n - 1 for n in keys.values())


def _slots(store: Store, shops: dict[str, Emulator]) -> tuple[int, int, list[str]]:
    """(slots, those in sync by the hub's word and by what the channel truly shows, differences)."""
    accounts = store.read(lambda tx: {one.name: one.id for one in connections.connections(tx)})
    slots = in_sync = 0
    differ: list[str] = []
    for name, shop in shops.items():
        shown = shop.shown()
        held = store.read(lambda tx, id=accounts[name]: rows.slots_of_connection(tx, id))  # type: ignore[misc]
        for slot in held:
            slots += 1
            really = shown.get((slot.item, slot.location))
            if sync.in_sync(slot) and really == slot.wanted:
                in_sync += 1
                continue
            differ.append(
                f"{name} {slot.item} {slot.location}: wanted {slot.wanted}, believed {sync.believed(slot)}, "
                f"shows {really}{', in flight' if slot.flight else ''} {slot.trouble}".rstrip()
            )
    return slots, in_sync, differ
