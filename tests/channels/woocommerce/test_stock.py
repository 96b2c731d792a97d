"""WooCommerce's products as listings and slots, and writing their figures."""

from random import Random
from typing import Any

import pytest

from entrepot.channels.kit.emulate import Bucket, Good
from entrepot.channels.kit.faults import Faults
from entrepot.channels.woocommerce import channel
from entrepot.contract import Applied, Refused, Reply, StockWanted, Unknown
from entrepot.kernel import Cause, ChannelError
from tests.channels.woocommerce.world import Replies, World, wanted

SHIRTS = {
    "M": Good(sku="SHIRT-M", title="Shirt", price="20.00", stock={"": 4}, gtin="4006381333931"),
    "L": Good(sku="SHIRT-L", title="Shirt", price="20.00", stock={"": 6}),
}


def shirts(world: World, shared: int | None = None) -> tuple[str, str]:
    items = world.shop.stock_variations("Shirt", SHIRTS, world.now, shared=shared)
    return items["M"], items["L"]


def test_listings_are_what_can_be_bought() -> None:
    world = World()
    cup = world.stock("CUP", 3)
    medium, large = shirts(world)
    world.shop.shop.by_sku("CUP").managed = False
    seen = [
        (row.item, row.sku, row.title, row.locations, row.shared_pool)
        for row in channel.read_listings(world.api)
    ]
    assert seen == [
        (cup, "CUP", "Cup", (), ""),
        (medium, "SHIRT-M", "Shirt - M", ("",), ""),
        (large, "SHIRT-L", "Shirt - L", ("",), ""),
    ]


def test_variations_that_share_their_parents_figure_name_one_pool() -> None:
    world = World()
    medium, large = shirts(world, shared=9)
    assert medium.split("/")[0] == large.split("/")[0] == "10"
    assert [(row.item, row.shared_pool) for row in channel.read_listings(world.api)] == [
        (medium, "10"),
        (large, "10"),
    ]


def test_listings_of_many_pages_are_all_read() -> None:
    world = World()
    for n in range(205):
        world.stock(f"S{n}", 1)
    assert len({row.item for row in channel.read_listings(world.api)}) == 205


def test_figures_are_read_where_they_are() -> None:
    world = World()
    cup, (medium, large) = world.stock("CUP", 3), shirts(world)
    asked = [(cup, ""), (large, ""), ("4711", ""), ("nonsense", "")]
    assert [(row.item, int(row.quantity), row.at) for row in channel.read_stock(world.api, asked)] == [
        (cup, 3, world.now),
        (large, 6, world.now),
    ]
    assert medium != large


def test_a_shared_figure_is_read_and_written_at_the_parent() -> None:
    world = World()
    medium, _large = shirts(world, shared=9)
    assert [(row.item, int(row.quantity)) for row in channel.read_stock(world.api, [("10", "")])] == [
        ("10", 9)
    ]
    assert [row.item for row in channel.read_stock(world.api, [(medium, "")])] == ["10"]
    rows = wanted(world.now, p10=5)
    assert list(channel.write_stock(world.api, rows)) == [Applied(key="a", at=world.now, quantity=5)]
    assert world.shop.shown() == {("10", ""): 5}


def test_a_variation_that_came_to_share_its_parents_figure_is_refused() -> None:
    world = World()
    medium, _large = shirts(world, shared=9)
    rows = wanted(world.now, **{f"p{medium.replace('/', 'v')}": 5})
    (answer,) = channel.write_stock(world.api, rows)
    assert isinstance(answer, Refused)
    assert (answer.code, world.shop.shown()["10", ""]) == ("stock_of_the_parent", 9)


def test_every_row_is_answered_by_itself() -> None:
    world = World()
    cup, jug, (medium, _large) = world.stock("CUP", 3), world.stock("JUG", 3), shirts(world)
    world.shop.shop.by_sku("JUG").managed = False
    names = [f"p{cup}", "p4711", f"p{jug}", f"p{medium.replace('/', 'v')}", "p10v4712"]
    rows = wanted(world.now, **dict.fromkeys(names, 7))
    answers = {answer.key: answer for answer in channel.write_stock(world.api, rows)}
    assert answers["a"] == Applied(key="a", at=world.now, quantity=7)
    assert answers["b"] == Refused(
        key="b", code="woocommerce_rest_product_invalid_id", why="Invalid ID.", gone=True
    )
    assert isinstance(answers["c"], Refused)
    assert (answers["c"].code, answers["c"].gone) == ("stock_not_managed", False)
    assert answers["d"] == Applied(key="d", at=world.now, quantity=7)
    assert answers["e"] == Refused(
        key="e", code="woocommerce_rest_product_variation_invalid_id", why="Invalid ID.", gone=True
    )
    assert world.shop.shown()[cup, ""] == world.shop.shown()[medium, ""] == 7


def test_a_text_that_is_no_item_is_refused_without_a_call() -> None:
    world = World()
    row = StockWanted(key="a", item="1/2/3", location="", quantity=1, at=world.now)
    assert [type(answer) for answer in channel.write_stock(world.api, [row])] == [Refused]
    assert world.notebook.calls == []


def test_a_call_carries_a_hundred_rows() -> None:
    world = World()
    rows = wanted(world.now, **{f"p{world.stock(f'S{n}', 1)}": n for n in range(250)})
    assert len(list(channel.write_stock(world.api, rows))) == 250
    assert world.notebook.calls == ["POST /products/batch"] * 3


def test_an_answer_that_is_lost_leaves_its_rows_unknown() -> None:
    world = World(faults=Faults(Random(1), answer_lost=1.0))
    cup = world.stock("CUP", 3)
    rows = wanted(world.now, **{f"p{cup}": 7})
    assert [type(answer) for answer in channel.write_stock(world.api, rows)] == [Unknown]
    assert world.shop.shown() == {(cup, ""): 7}


@pytest.mark.parametrize(
    ("faults", "cause"), [({"call_refused": 1.0}, Cause.DOWN), ({"call_429": 1.0}, Cause.BUSY)]
)
def test_a_call_that_never_began_is_an_error(faults: dict[str, float], cause: Cause) -> None:
    world = World(faults=Faults(Random(1), **faults))
    rows = wanted(world.now, **{f"p{world.stock('CUP', 3)}": 7})
    with pytest.raises(ChannelError) as failed:
        list(channel.write_stock(world.api, rows))
    assert failed.value.cause is cause


def test_a_hosts_limit_is_told_with_its_wait() -> None:
    world = World(limit=Bucket(per_s=0.1, burst=1))
    list(channel.read_listings(world.api))
    with pytest.raises(ChannelError) as busy:
        list(channel.read_listings(world.api))
    assert (busy.value.cause, busy.value.wait_s) == (Cause.BUSY, 11.0)


class Crashing(Replies):
    """A shop whose PHP dies in the middle of every write."""

    def post(self, path: str, body: Any, *, safe: bool = False) -> Reply:
        raise ChannelError(Cause.DOWN, "POST products/batch: 500", code="internal_server_error")


def test_a_crash_in_the_middle_of_a_batch_leaves_its_rows_unknown() -> None:
    rows = wanted(World().now, p11=7, p12=8)
    assert [(type(answer), answer.key) for answer in channel.write_stock(Crashing(), rows)] == [
        (Unknown, "a"),
        (Unknown, "b"),
    ]
