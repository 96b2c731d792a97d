"""The world is deterministic: the same seed gives the same hub to the last byte, and faults do not change the
end."""

import hashlib

import pytest

from entrepot.channels.kit.emulate import Good
from entrepot.channels.square.emulator import Square
from entrepot.channels.woocommerce.emulator import WooCommerce
from entrepot.sandbox.shoppers import wishes
from entrepot.sandbox.truth import check
from entrepot.sandbox.world import World

NO_FAULTS: dict[str, float] = {}
BAD_DAY = {
    "call_429": 0.05, "call_500": 0.05, "call_refused": 0.03, "answer_lost": 0.03,
    "hook_lost": 0.2, "hook_doubled": 0.2, "hook_late_s": 30.0,
}  # fmt: skip
SKUS = ("TEA-ASSAM-100", "TEA-SENCHA-100", "TEA-ROOIBOS-100", "POT-GLASS-1L", "POT-IRON-08L", "CUP-PORCELAIN",
        "CUP-STONEWARE", "FILTER-STEEL", "TIN-SMALL", "HONEY-250")  # fmt: skip


def a_town(seed: int, faults: dict[str, float]) -> World:
    world = World(seed, faults=faults)
    for code in ("old-town", "riverside"):
        world.tell("location.add", code=code)
    rows = "\n".join(f"{sku},{code},40" for sku in SKUS for code in ("old-town", "riverside"))
    world.tell("stock.import", csv=f"sku,location,quantity\n{rows}", reference="opening", create=True)
    web, tills = WooCommerce(), Square(stores=("Old Town", "Riverside"))
    now = world.clock.now()
    for sku in SKUS:
        web.stock_good(Good(sku=sku, title=sku, price="5.00", stock={"": 0}), now)
        tills.stock_good(
            Good(sku=sku, title=sku, price="5.00", stock=dict.fromkeys(tills.locations(), 0)), now
        )
    world.connect("web", web, platform="woocommerce")
    world.connect("tills", tills, platform="square")
    world.run(900)
    for external, code in zip(tills.locations(), ("old-town", "riverside"), strict=True):
        world.tell("location.map", connection="tills", external=external, location=code)
    world.run(900)
    return world


def an_evening(world: World, orders: int) -> None:
    """Shoppers buy one after the other; some cancel or change their order."""
    web, tills = world.shops["web"], world.shops["tills"]
    assert isinstance(tills, Square)
    for wish in [
        wish for wish, _n in zip(wishes(world.random, per_s=0.2, stores=2), range(orders), strict=False)
    ]:
        world.run(wish.wait_s)
        now = world.clock.now()
        if wish.store is not None:
            tills.place(wish.basket, now, location=tills.locations()[wish.store])
            continue
        number = web.place(wish.basket, now)
        if number and wish.regret == "cancel":
            web.cancel(number, now)
        elif number and wish.regret == "edit":
            web.edit(number, {next(iter(wish.basket)): 1}, now)
    world.run(3_600)


def state_hash(world: World) -> str:
    return hashlib.sha256(world.store.snapshot()).hexdigest()


def test_the_same_seed_gives_the_same_hub() -> None:
    first, second = a_town(5, BAD_DAY), a_town(5, BAD_DAY)
    an_evening(first, 10)
    an_evening(second, 10)
    assert state_hash(first) == state_hash(second)
    assert first.faults.counts == second.faults.counts


@pytest.mark.parametrize("seed", range(1, 5))
def test_a_bad_evening_ends_like_a_good_one(seed: int) -> None:
    world = a_town(seed, BAD_DAY)
    an_evening(world, 40)
    outcome = check(world.store, world.shops)
    assert outcome.wrong == ()
    assert outcome.orders_placed == outcome.orders_in_hub >= 35
    assert (outcome.lost, outcome.duplicates) == (0, 0)
    assert outcome.slots == outcome.slots_in_sync == 30
    assert world.faults.counts["hook_lost"] > 5
    assert world.faults.counts["answer_lost"] > 0
