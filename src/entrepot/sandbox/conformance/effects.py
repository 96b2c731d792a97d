"""Whatever happens to deliveries and calls, every order is in the hub once and every figure is right at last.

These promises are tried with the real hub: its door, its ledger, its queues, in virtual time.
"""

from collections.abc import Mapping

from sqlalchemy import func, select

from entrepot.channels.kit.emulate import Emulator, Good
from entrepot.contract import Channel
from entrepot.db import Tx, tables
from entrepot.sandbox.conformance.bench import about_of, trial_of
from entrepot.sandbox.conformance.promise import same
from entrepot.sandbox.truth import check
from entrepot.sandbox.world import World

NAME = "shop"
OPENING = 20
SETTLED_S = 700.0
"""Two sweeps, and the time that a late write needs to be read back."""

ROUGH = {"call_429": 0.1, "call_500": 0.1, "call_refused": 0.1, "answer_lost": 0.2}


def a_delivery_that_comes_twice_books_once(channel: Channel) -> None:
    """Deliveries that come twice book once."""
    _trade(channel, {"hook_doubled": 1.0})


def deliveries_late_and_out_of_order_end_right(channel: Channel) -> None:
    """Deliveries that come late and out of order end in the state that is true."""
    _trade(channel, {"hook_doubled": 0.5, "hook_late_s": 240.0})


def lost_deliveries_are_found_by_sweeping(channel: Channel) -> None:
    """Orders whose deliveries were all lost are found by sweeping."""
    _trade(channel, {"hook_lost": 1.0})


def failing_calls_heal(channel: Channel) -> None:
    """Calls that are refused, broken or without answer heal: nothing is lost, doubled or shown wrongly."""
    _trade(channel, ROUGH)


def a_change_at_the_channel_reaches_the_hub(channel: Channel) -> None:
    """A figure that somebody changes at the channel by hand is put right again."""
    world, shop = opened(channel, {})
    shop.set_stock("CUP", 3, world.clock.now())
    world.run(SETTLED_S)
    same("the figure of 20, after somebody had set it to 3", _figure(shop, "CUP"), OPENING)


def _trade(channel: Channel, faults: Mapping[str, float]) -> None:
    """Some trade under these faults, and what must be true in the end."""
    world, shop = opened(channel, faults)
    trade(world, shop, channel)
    world.run(2 * SETTLED_S * (faults is ROUGH))
    outcome = check(world.store, world.shops)
    same("what is wrong in the end", list(outcome.wrong), [])
    placed = (outcome.orders_placed, outcome.orders_in_hub, outcome.lost, outcome.duplicates)
    same("orders placed, in the hub, lost, doubled", placed, (5, 5, 0, 0))
    same("pots left of 20 after five were sold", _left(world, "POT"), OPENING - 5)
    same("pots shown", _figure(shop, "POT"), OPENING - 5)
    same("slots that are in sync", outcome.slots_in_sync, outcome.slots)


def trade(world: World, shop: Emulator, channel: Channel) -> None:
    """Five orders: two that stand, one that shrinks, one that is cancelled, and five pots sold in the
    shop."""
    trial, ids = trial_of(channel), []
    for units in (1, 2, 3):
        ids.append(str(trial.buy(shop, {"CUP": units}, world.clock.now(), True)))
        world.run(5)
    unpaid = str(trial.buy(shop, {"CUP": 4}, world.clock.now(), False))
    world.run(30)
    trial.send(shop, ids[0], world.clock.now())
    shop.cancel(unpaid, world.clock.now())
    world.run(2)
    shop.refund(ids[2], {"CUP": 1}, world.clock.now(), restock=False)
    shop.place({"POT": 5}, world.clock.now())
    world.run(SETTLED_S)


def opened(channel: Channel, faults: Mapping[str, float]) -> tuple[World, Emulator]:
    """A hub with a location for each of the channel's and two goods in the first of them, connected, in
    sync."""
    name, shop = about_of(channel).name, trial_of(channel).open()
    world = World(found={name: channel}, faults=faults)
    now = world.clock.now()
    for sku in ("CUP", "POT"):
        shop.stock_good(Good(sku=sku, title=sku.title(), price="10.00", stock={"": 1}), now)
    shown = shop.shown()
    places = sorted({location for _item, location in shown})
    main = f"place-{places.index(max(shown, key=lambda slot: shown[slot])[1])}"
    for n in range(len(places)):
        world.tell("location.add", code=f"place-{n}")
    csv = f"sku,location,quantity\nCUP,{main},{OPENING}\nPOT,{main},{OPENING}"
    world.tell("stock.import", csv=csv, reference="opening", create=True)
    world.connect(NAME, shop, platform=name)
    world.run(60)
    for n, external in enumerate(places if about_of(channel).stock.per_location else ()):
        world.tell("location.map", connection=NAME, external=external, location=f"place-{n}")
    world.run(SETTLED_S)
    same("slots in sync before anything was sold", _in_sync(world), True)
    return world, shop


def _in_sync(world: World) -> bool:
    outcome = check(world.store, world.shops)
    return outcome.slots == outcome.slots_in_sync > 0


def _figure(shop: Emulator, title: str) -> int:
    """What the channel shows of a good in all its locations. `title`: the SKU's place among the goods."""
    items = list(dict.fromkeys(item for item, _location in shop.shown()))
    item = items[("CUP", "POT").index(title)]
    return sum(units for slot, units in shop.shown().items() if slot[0] == item)


def _left(world: World, sku: str) -> int:
    """Pieces of a SKU that the ledger has on its shelves and has promised nobody."""

    def ask(tx: Tx) -> int:
        b, p, item = tables.balance, tables.place, tables.item
        statement = (
            select(func.coalesce(func.sum(b.c.quantity), 0))
            .select_from(b)
            .join(p, p.c.id == b.c.place_id)
            .join(item, item.c.id == b.c.item_id)
            .where(item.c.code == sku, p.c.kind == "shelf")
        )
        return int(tx.rows(statement)[0][0])

    return world.store.read(ask)
