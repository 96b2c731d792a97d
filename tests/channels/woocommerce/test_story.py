"""Stories: what the hub knows after a merchant's and a shopper's day."""

from entrepot.channels.kit.emulate import Good
from entrepot.channels.woocommerce import channel
from entrepot.contract import Commercial, Gone, Hint, Kind, OrderSeen, Payment, StockSeen
from tests.channels.woocommerce.world import World, wanted


def test_an_order_from_the_checkout_to_the_return() -> None:
    world = World(tax_percent="21", shipping="4.95")
    cup = world.stock("CUP", 10)
    world.subscribe()
    id = world.buy("pending", cup=3)
    (placed,) = [seen for seen in world.post() if isinstance(seen, OrderSeen)]
    assert [placed.commercial, placed.payment, placed.lines[0].taken] == [Commercial.OPEN, Payment.PENDING, 0]

    world.shop.move(id, "processing", world.now)
    heard = world.post()
    paid = next(seen for seen in heard if isinstance(seen, OrderSeen))
    figure = next(seen for seen in heard if isinstance(seen, StockSeen))
    assert [paid.payment, paid.lines[0].taken, figure.quantity] == [Payment.PAID, 3, 7]
    assert paid.version.key > placed.version.key

    world.shop.refund(id, {"CUP": 1}, world.now, restock=True)
    assert Hint(Kind.ORDER, id) in world.post()
    assert [world.order(id).lines[0].cancelled, world.order(id).lines[0].taken] == [1, 2]

    world.shop.move(id, "completed", world.now)
    world.post()
    sent = world.order(id).lines[0]
    assert [sent.ordered, sent.cancelled, sent.shipped, sent.returned] == [3, 1, 2, 0]
    assert world.shop.shown() == {(cup, ""): 8}


def test_an_order_that_goes_to_the_trash_and_comes_back() -> None:
    world = World()
    world.stock("CUP", 10)
    world.subscribe()
    id = world.buy(cup=1)
    world.post()
    world.shop.erase(id, world.now)
    assert world.post() == [Gone(Kind.ORDER, id)]
    world.shop.restore(id, world.now)
    (back,) = world.post()
    assert isinstance(back, OrderSeen)
    assert back.commercial is Commercial.OPEN


def test_lost_deliveries_are_made_up_for_by_a_sweep() -> None:
    world = World()
    world.stock("CUP", 300)
    since = world.now
    ids = {world.buy(cup=1) for _ in range(120)}
    for id in sorted(ids)[:20]:
        world.shop.cancel(id, world.now)
    seen = [order for order in channel.read_orders(world.api, since) if isinstance(order, OrderSeen)]
    assert {order.external_id for order in seen} == ids
    truth = {placed.external_id: placed.units["CUP"] for placed in world.shop.placed()}
    assert {order.external_id: order.lines[0].ordered - order.lines[0].cancelled for order in seen} == truth


def test_our_own_write_is_echoed_as_a_figure() -> None:
    world = World()
    cup = world.stock("CUP", 10)
    world.subscribe()
    list(channel.write_stock(world.api, wanted(world.now, **{f"p{cup}": 4})))
    assert [seen.quantity for seen in world.post() if isinstance(seen, StockSeen)] == [4]


def test_a_sale_from_a_shared_figure_is_told_by_the_parent() -> None:
    world = World()
    goods = {size: Good(sku=f"S-{size}", title="Shirt", price="9.00", stock={}) for size in ("M", "L")}
    items = world.shop.stock_variations("Shirt", goods, world.now, shared=9)
    world.subscribe()
    world.shop.place({"S-M": 2, "S-L": 1}, world.now)
    heard = world.post()
    assert [(seen.item, int(seen.quantity)) for seen in heard if isinstance(seen, StockSeen)] == [("10", 6)]
    orders = [seen for seen in heard if isinstance(seen, OrderSeen)]
    assert {line.item for order in orders for line in order.lines} == set(items.values())
