"""A channel that compares before it writes (Shopify): a changed figure is read, never overwritten."""

from entrepot.channels.kit.emulate import Good
from entrepot.sandbox.truth import check
from entrepot.sandbox.world import World
from tests.channels.shopify.world import Shopify


def a_shop() -> tuple[World, Shopify, str]:
    """A hub with one store and a Shopify shop that shows its five cups; the shop's location."""
    world = World(3)
    world.tell("location.add", code="store")
    world.tell("stock.import", csv="sku,location,quantity\nCUP,store,5\n", reference="opening", create=True)
    shop = Shopify(places=("Store",))
    place = shop.locations()[0]
    shop.stock_good(Good(sku="CUP", title="Cup", price="9.00", stock={place: 0}), world.clock.now())
    world.connect("brand", shop, platform="shopify")
    world.run(20)
    world.tell("location.map", connection="brand", external=place, location="store")
    world.run(900)
    return world, shop, place


def test_a_sale_that_the_hub_has_not_heard_of_is_not_overwritten() -> None:
    world, shop, place = a_shop()
    assert set(shop.shown().values()) == {5}

    shop.due(world.clock.now())
    assert shop.place({"CUP": 2}, world.clock.now(), location=place) is not None
    world.tell("stock.receive", sku="CUP", location="store", quantity="4", reference="delivery-1")
    world.quiet()
    assert set(shop.shown().values()) == {3}

    world.run(1_800)
    assert set(shop.shown().values()) == {7}
    outcome = check(world.store, world.shops)
    assert outcome.wrong == ()
    assert outcome.slots == outcome.slots_in_sync == 1
