"""Variations that draw on their parent's figure are one slot: shown once, lowered together, never counted
twice."""

from sqlalchemy import select

from entrepot.channels.kit.emulate import Good
from entrepot.channels.woocommerce.emulator import WooCommerce
from entrepot.db import tables
from entrepot.sandbox.truth import check
from entrepot.sandbox.world import World


def shop() -> tuple[World, WooCommerce]:
    """A website with a rope sold in red and blue from one drum of 20 metres."""
    world, web = World(), WooCommerce()
    world.tell("location.add", code="main")
    world.tell("sku.add", sku="ROPE", title="Rope")
    world.tell("stock.receive", sku="ROPE", location="main", quantity="20", reference="drum")
    goods = {
        colour: Good(sku=f"ROPE-{colour}", title="Rope", price="1.00", stock={}) for colour in ("RED", "BLUE")
    }
    items = web.stock_variations("Rope", goods, world.clock.now(), shared=0)
    world.connect("web", web, platform="woocommerce")
    world.run(10)
    for item in items.values():
        world.tell("sku.map", connection="web", item=item, sku="ROPE")
    world.run(20)
    return world, web


def figures(world: World) -> list[tuple[str, int, int]]:
    slot = tables.slot
    rows = world.store.read(lambda tx: tx.rows(select(slot.c.item, slot.c.wanted, slot.c.acknowledged)))
    return [(row.item, row.wanted, row.acknowledged) for row in rows]


def test_two_variations_are_one_slot() -> None:
    world, web = shop()
    assert figures(world) == [("10", 20, 20)]
    assert web.shown() == {("10", ""): 20}


def test_a_sale_of_either_is_booked_once_and_not_sent_back() -> None:
    world, web = shop()
    modified = web.shop.products[10].modified
    web.place({"ROPE-RED": 3, "ROPE-BLUE": 4}, world.clock.now())
    sold = world.clock.now()
    world.run(900)

    assert web.shown() == {("10", ""): 13}
    assert figures(world) == [("10", 13, 20)]
    assert modified < web.shop.products[10].modified == sold
    outcome = check(world.store, world.shops)
    assert (outcome.slots, outcome.slots_in_sync) == (1, 1)
