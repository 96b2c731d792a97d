"""Orders from the checkout and the till to the return, read back from the emulated shop to the last page."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest

from entrepot.channels.shopify import channel, orders, queries
from entrepot.contract import Commercial, Hint, Kind, OrderSeen, Payment, disagreements
from entrepot.kernel import Cause, ChannelError, Refusal
from tests.channels.shopify.world import Points, Replies, Terms, World, counts


def sweep(world: World, *, hours: float = 24) -> list[OrderSeen]:
    since = world.now - timedelta(hours=hours)
    return [one for one in channel.read_orders(world.api, since) if isinstance(one, OrderSeen)]


def test_a_web_order_from_the_checkout_to_the_parcel() -> None:
    world = World(terms=Terms(tax_percent="19", tax_included=True, shipping="4.95", discount_percent="10"))
    cup = world.good("CUP", "9.99", here=5)
    id = world.buy(cup=3)
    placed = world.order(id)
    assert (placed.commercial, placed.payment, str(placed.total)) == (
        Commercial.OPEN,
        Payment.PAID,
        "31.92 USD",
    )
    assert (placed.lines[0].item, counts(placed), placed.location) == (
        cup,
        {"ordered": 3, "taken": 3},
        world.here,
    )
    assert disagreements(placed) == []
    world.wait(5)
    world.shop.fulfil(id, world.now, tracking="JJD01")
    sent = world.order(id)
    assert (sent.commercial, counts(sent)) == (Commercial.CLOSED, {"ordered": 3, "shipped": 3, "taken": 3})
    assert [(one.tracking, one.location) for one in sent.shipments] == [("JJD01", world.here)]
    assert sent.version.key > placed.version.key


def test_a_sale_at_the_till_is_carried_out_of_its_store() -> None:
    world = World()
    world.good("CUP", there=1)
    order = world.order(world.buy(at=world.there, cup=2))
    assert order.lines[0].handed_over == world.there
    assert (order.commercial, order.payment) == (Commercial.CLOSED, Payment.PAID)
    assert world.shop.shown()[order.lines[0].item, world.there] == -1


def test_an_edit_leaves_the_quantity_and_takes_off_what_is_no_longer_charged() -> None:
    world = World(terms=Terms(tax_percent="7.7"))
    world.good("CUP", here=9)
    world.good("POT", "20.00", here=9)
    id = world.buy(cup=3)
    world.wait(5)
    world.shop.edit(id, {"CUP": 1, "POT": 2}, world.now)
    order = world.order(id)
    assert [counts(order, n) for n in (0, 1)] == [
        {"ordered": 3, "cancelled": 2, "taken": 1},
        {"ordered": 2, "taken": 2},
    ]
    assert (str(order.total), disagreements(order)) == ("53.85 USD", [])
    assert order.payment is Payment.PENDING  # partly paid: the rest is owed
    assert (world.shown(order.lines[0].item), world.shown(order.lines[1].item)) == (8, 7)


def test_money_for_an_edit_that_follows_later_is_a_refund_of_the_whole() -> None:
    world = World()
    world.good("CUP", here=9)
    id = world.buy(cup=3)
    world.shop.edit(id, {"CUP": 2}, world.now)
    edited = world.order(id)
    world.shop.settle(id, world.now)
    settled = world.order(id)
    assert [str(one.total) for one in (edited, settled)] == ["20.00 USD", "30.00 USD"]
    assert [str(one.amount) for one in settled.refunds] == ["0.00 USD", "10.00 USD"]
    assert settled.payment is Payment.PARTLY_REFUNDED


@pytest.mark.parametrize(
    ("sent", "restock", "expected", "shown"),
    [
        (False, True, {"ordered": 3, "cancelled": 1, "taken": 2}, 3),
        (False, False, {"ordered": 3, "cancelled": 1, "taken": 3}, 2),
        (True, True, {"ordered": 3, "shipped": 3, "returned": 1, "taken": 2}, 3),
        (True, False, {"ordered": 3, "shipped": 3, "returned": 1, "taken": 3}, 2),
    ],
)
def test_a_refund_with_and_without_restock(
    sent: bool, restock: bool, expected: dict[str, int], shown: int
) -> None:
    world = World(terms=Terms(tax_percent="19"))
    cup = world.good("CUP", "9.99", here=5)
    id = world.buy(cup=3)
    if sent:
        world.shop.fulfil(id, world.now)
    world.shop.refund(id, {"CUP": 1}, world.now, restock=restock)
    order = world.order(id)
    assert counts(order) == expected
    assert [str(one.amount) for one in order.refunds] == ["11.89 USD"]
    assert [(int(one.quantity), one.restocked) for one in order.refunds[0].lines] == [(1, restock)]
    assert world.shown(cup) == shown


def test_a_gesture_gives_money_and_takes_nothing_back() -> None:
    world = World()
    world.good("CUP", here=5)
    id = world.buy(cup=1)
    world.shop.give(id, 300, world.now)
    order = world.order(id)
    assert (counts(order), order.refunds[0].lines) == ({"ordered": 1, "taken": 1}, ())
    assert (str(order.refunds[0].amount), str(order.total)) == ("3.00 USD", "10.00 USD")


@pytest.mark.parametrize(("paid", "payment"), [(True, Payment.REFUNDED), (False, Payment.FAILED)])
def test_a_cancelled_order_claims_nothing(paid: bool, payment: Payment) -> None:
    world = World(terms=Terms(shipping="5.00"))
    cup = world.good("CUP", here=5)
    id = world.buy(paid=paid, cup=2)
    world.shop.cancel(id, world.now)
    order = world.order(id)
    assert (order.commercial, order.payment) == (Commercial.CANCELLED, payment)
    assert (counts(order), world.shown(cup)) == ({"ordered": 2, "cancelled": 2}, 5)
    assert disagreements(order) == []


def test_an_order_that_no_single_location_can_serve_names_a_location_by_line() -> None:
    world = World()
    world.good("CUP", here=5)
    world.good("POT", there=5)
    order = world.order(world.buy(cup=1, pot=1))
    assert (order.location, [line.location for line in order.lines]) == ("", [world.here, world.there])


def test_a_deleted_order_is_missing() -> None:
    world = World()
    world.good("CUP", here=5)
    id = world.buy(cup=1)
    world.shop.erase(id, world.now)
    with pytest.raises(ChannelError) as gone:
        world.order(id)
    assert gone.value.cause is Cause.MISSING


def test_a_sweep_finds_every_order_to_the_last_page_and_what_became_of_it() -> None:
    world = World()
    world.good("CUP", here=300)
    ids = [world.buy(cup=1 + n % 3) for n in range(50)]
    for n, id in enumerate(ids):
        if n % 5 == 0:
            world.shop.cancel(id, world.now)
        if n % 5 == 1:
            world.shop.edit(id, {"CUP": 1}, world.now)
    seen = sweep(world)
    truth = {one.external_id: one.units["CUP"] for one in world.shop.placed()}
    assert {one.external_id: one.lines[0].ordered - one.lines[0].cancelled for one in seen} == truth
    assert len(seen) == 50
    assert [one for order in seen for one in disagreements(order)] == []


def test_a_sweep_and_a_single_reading_tell_the_same() -> None:
    world = World(terms=Terms(tax_percent="19", shipping="3.00"), presentment="EUR", rate="0.9")
    for n in range(30):
        world.good(f"G{n}", here=5)
    id = world.shop.place({f"G{n}": 1 for n in range(30)}, world.now)
    assert id is not None
    (swept,) = sweep(world)
    assert swept.version == world.order(id).version
    assert len(swept.lines) == 30


def test_a_sweep_begins_at_the_second_it_is_asked_for_and_reads_the_oldest_change_first() -> None:
    world = World()
    world.good("CUP", here=50)
    old = world.buy(cup=1)
    world.wait(100)
    edge = world.buy(cup=1)
    world.wait(100)
    new = world.buy(cup=1)
    world.wait(100)
    world.shop.cancel(edge, world.now)
    world.wait(1)
    assert [one.external_id for one in sweep(world, hours=200 / 3600)] == [new, edge]
    assert [one.external_id for one in sweep(world)] == [old, new, edge]


def befall(world: World, draw: Random, ids: list[str]) -> None:
    """Something happens to one of the orders, or a new one is placed."""
    if not ids or draw.random() < 0.4:
        basket = {f"G{draw.randrange(4)}": draw.randint(1, 3) for _ in range(draw.randint(1, 3))}
        at = draw.choice(("", "", world.here, world.there))
        ids.append(str(world.shop.place(basket, world.now, location=at, paid=draw.random() < 0.8)))
        return
    id, sku = draw.choice(ids), f"G{draw.randrange(4)}"
    match draw.randrange(6):
        case 0:
            world.shop.cancel(id, world.now)
        case 1:
            world.shop.edit(id, {sku: draw.randrange(5)}, world.now)
        case 2 | 3:
            world.shop.refund(id, {sku: draw.randint(1, 2)}, world.now, restock=draw.random() < 0.7)
        case 4:
            world.shop.fulfil(id, world.now)
        case _:
            world.shop.settle(id, world.now)


@pytest.mark.parametrize("seed", range(6))
def test_whatever_befalls_orders_their_counts_and_the_figures_are_those_of_the_shop(seed: int) -> None:
    world, draw, ids = World(terms=Terms(tax_percent="19", shipping="4.95")), Random(seed), list[str]()
    items = {world.good(f"G{n}", "9.99", here=500, there=500) for n in range(4)}
    for _ in range(150):
        befall(world, draw, ids)
        world.wait(draw.randrange(3))
    orders = {one.external_id: one for one in sweep(world)}
    orders |= {id: world.order(id) for id in ids if id not in orders}
    truth = {one.external_id: sum(one.units.values()) for one in world.shop.placed()}
    wanted = {
        id: sum(int(line.ordered - line.cancelled - line.returned) for line in order.lines)
        for id, order in orders.items()
    }
    assert wanted == truth
    shown = dict.fromkeys(((item, place) for item in items for place in (world.here, world.there)), 500)
    for order in orders.values():
        for line in order.lines:
            shown[line.item, line.handed_over or line.location or order.location] -= int(line.taken)
    assert shown == world.shop.shown()
    assert {str(one) for order in orders.values() for one in disagreements(order)} == set()


def test_an_order_with_more_refunds_than_a_sweep_reads_is_read_by_itself() -> None:
    world = World()
    world.good("CUP", here=50)
    id = world.buy(cup=30)
    for _ in range(25):
        world.shop.refund(id, {"CUP": 1}, world.now, restock=True)
    found = list(channel.read_orders(world.api, world.now - timedelta(hours=1)))
    assert found == [Hint(Kind.ORDER, id)]
    order = world.order(id)
    assert (len(order.refunds), counts(order)) == (25, {"ordered": 30, "cancelled": 25, "taken": 5})


def test_an_order_with_more_refunds_than_can_be_read_is_refused_by_name() -> None:
    world = World()
    world.good("CUP", here=500)
    id = world.buy(cup=200)
    for _ in range(101):
        world.shop.refund(id, {"CUP": 1}, world.now, restock=True)
    with pytest.raises(Refusal) as refused:
        world.order(id)
    assert refused.value.code == "order_too_large"


def test_a_list_that_nears_its_end_is_begun_anew_from_the_last_time_it_met(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(orders, "LISTED_MAX", 16)
    world = World()
    world.good("CUP", here=100)
    ids = []
    for _ in range(40):
        ids.append(world.buy(cup=1))
        world.wait(10)
    assert {one.external_id for one in sweep(world)} == set(ids)


def test_a_sweep_that_costs_more_points_than_there_are_waits_and_goes_on() -> None:
    world = World(points=Points(most=1_000, per_s=100))
    world.good("CUP", here=100)
    ids = {world.buy(cup=1) for _ in range(60)}
    began = world.now
    assert {one.external_id for one in sweep(world)} == ids
    assert 1 <= (world.now - began).total_seconds() <= 10
    assert world.permits.told != []


def test_a_page_that_costs_too_much_is_asked_for_smaller() -> None:
    refused: dict[str, Any] = {
        "errors": [{"message": "too dear", "extensions": {"code": "MAX_COST_EXCEEDED"}}]
    }
    empty = {"data": {"orders": {"nodes": [], "pageInfo": {"hasNextPage": False}}}}
    api = Replies(refused, refused, empty)
    assert list(channel.read_orders(api, World().now)) == []
    assert [one["variables"]["page"] for one in api.asked] == [8, 4, 2]


def test_an_order_that_cannot_be_understood_does_not_stop_a_sweep() -> None:
    odd = {"id": "gid://shopify/Order/9", "updated_at": "2026-01-01T00:00:00Z", "currency": "BTC"}
    page = {"orders": {"nodes": [odd], "pageInfo": {"hasNextPage": False}}}
    assert list(channel.read_orders(Replies({"data": page}), World().now)) == [Hint(Kind.ORDER, "9")]


def test_what_one_question_may_cost_is_never_asked_for_at_once() -> None:
    world = World()
    world.good("CUP", here=5)
    id = world.buy(cup=1)
    changed = "updated_at:>='2026-01-01T00:00:00Z'"
    asked = {
        "sweep": (queries.ORDERS, {"changed": changed, "page": queries.PAGE}),
        "order": (queries.ORDER, {"id": f"gid://shopify/Order/{id}"}),
        "large": (queries.LARGE, {"id": f"gid://shopify/Order/{id}"}),
        "items": (queries.ITEMS, {}),
        "levels": (queries.LEVELS, {"ids": ["gid://shopify/InventoryItem/1"] * 25}),
    }
    told = {name: world.ask(*question)["extensions"]["cost"] for name, question in asked.items()}
    assert {name: one["requestedQueryCost"] for name, one in told.items()} == {
        "sweep": 941, "order": 419, "large": 778, "items": 134, "levels": 300,
    }  # fmt: skip


def test_what_personal_data_shopify_hides_is_not_missed() -> None:
    world = World()
    world.good("CUP", here=5)
    id = world.buy(cup=1)
    hidden = world.ask(queries.ORDER, {"id": f"gid://shopify/Order/{id}"})["data"]["order"]
    hidden |= dict.fromkeys(("customer", "email", "phone", "shipping_address", "billing_address"))
    denied = [{"message": "denied", "path": ["order", "customer"], "extensions": {"code": "ACCESS_DENIED"}}]
    order = channel.read_order(Replies({"data": {"order": hidden}, "errors": denied}), id)
    assert (order.customer, order.ship_to, counts(order)) == (None, None, {"ordered": 1, "taken": 1})
