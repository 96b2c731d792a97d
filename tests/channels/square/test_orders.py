"""Reading orders from the emulated account: sweeps, returns, offline tills, online orders."""

from datetime import timedelta
from decimal import Decimal

import pytest

from entrepot.channels.square import channel
from entrepot.channels.square.emulator_catalogue import Tax
from entrepot.contract import Commercial, Hint, Kind, OrderSeen, Payment, disagreements
from entrepot.kernel import Cause, ChannelError
from tests.channels.square.world import OLD_TOWN, RIVERSIDE, World, counts


def swept(world: World, hours: float = 1) -> list[OrderSeen | Hint]:
    return list(channel.read_orders(world.api, world.now - timedelta(hours=hours)))


def test_a_till_sale_is_read_as_it_was_rung_up() -> None:
    world = World()
    cup = world.good("CUP", "10.00", LOC1=5)
    seen = world.order(world.sell(cup=2))
    assert (seen.commercial, seen.payment, str(seen.total)) == (
        Commercial.CLOSED,
        Payment.PAID,
        "20.00 USD",
    )
    assert counts(seen) == {"ordered": 2, "shipped": 2, "taken": 2}
    assert (seen.lines[0].item, seen.lines[0].handed_over) == (cup, OLD_TOWN)
    assert world.shown(cup) == 3


def test_a_till_sells_below_zero() -> None:
    world = World()
    cup = world.good("CUP", LOC1=1)
    world.sell(cup=3)
    assert world.shown(cup) == -2
    assert next(channel.read_stock(world.api, [(cup, OLD_TOWN)])).quantity == -2


@pytest.mark.parametrize("tax", [None, Tax("Sales", "8.875", "ADDITIVE"), Tax("VAT", "19", "INCLUSIVE")])
def test_amounts_agree_to_the_cent(tax: Tax | None) -> None:
    world = World(tax=tax)
    world.good("CUP", "3.33", LOC1=9)
    world.good("POT", "19.99", LOC1=9)
    seen = world.order(world.sell(cup=3, pot=1))
    assert disagreements(seen) == []
    assert bool(seen.taxes) == (tax is not None)


def test_a_sweep_reads_every_store_and_every_page() -> None:
    world = World(stores=[f"Store {n}" for n in range(12)])
    world.good("CUP", LOC1=9)
    ids = []
    for n in range(620):
        ids.append(world.sell(f"LOC{n % 2 + 11}", cup=1))
        world.wait(1)
    found = swept(world)
    assert {order.external_id for order in found if isinstance(order, OrderSeen)} == set(ids)
    assert len(found) == 620
    assert world.notebook.calls.count("POST /v2/orders/search") == 3


def test_a_sweep_skips_nothing_while_orders_change() -> None:
    world = World()
    world.good("CUP", LOC1=9)
    ids = [world.square.order_online({"CUP": 1}, world.now) for _ in range(501)]
    reading = channel.read_orders(world.api, world.now - timedelta(hours=1))
    found = [next(reading)]
    world.wait(1)
    world.square.fulfil(ids[0], world.now)
    found += list(reading)
    assert {order.external_id for order in found if isinstance(order, OrderSeen)} == set(ids)


def test_a_sweep_leaves_out_what_is_older_and_what_is_a_draft() -> None:
    world = World()
    cup = world.good("CUP", LOC1=9)
    world.sell(cup=1)
    world.wait(7200)
    new = world.sell(cup=1)
    line = {"catalog_object_id": cup, "quantity": "1"}
    draft = {"location_id": OLD_TOWN, "state": "DRAFT", "line_items": [line]}
    world.ask("POST", "/v2/orders", {"idempotency_key": "d", "order": draft})
    assert [order.external_id for order in swept(world) if isinstance(order, OrderSeen)] == [new]


def test_an_itemised_return_is_told_by_its_sale() -> None:
    world = World()
    cup = world.good("CUP", "10.00", LOC1=5)
    id = world.sell(cup=3)
    before = world.order(id)
    world.wait(60)
    world.square.refund(id, {"CUP": 1}, world.now, restock=True)
    after = world.order(id)
    assert counts(after) == {"ordered": 3, "shipped": 3, "returned": 1, "taken": 3}
    assert after.payment is Payment.PARTLY_REFUNDED
    assert [(str(one.amount), one.lines[0].quantity) for one in after.refunds] == [("10.00 USD", Decimal(1))]
    assert after.version.key > before.version.key
    assert world.shown(cup) == 3


def test_the_return_itself_reads_as_its_sale() -> None:
    world = World()
    world.good("CUP", LOC1=5)
    id = world.sell(cup=1)
    world.subscribe()
    world.wait(60)
    world.square.refund(id, {"CUP": 1}, world.now, restock=False)
    hints = {hint.id for hint in world.post() if isinstance(hint, Hint)}
    assert len(hints) == 2
    assert {world.order(hint).external_id for hint in hints} == {id}


def test_a_sweep_tells_a_sale_with_what_came_back_of_it() -> None:
    world = World()
    world.good("CUP", LOC1=5)
    id = world.sell(cup=2)
    world.wait(60)
    world.square.refund(id, {"CUP": 1}, world.now, restock=False)
    world.wait(60)
    seen, hint = swept(world)
    assert seen == world.order(id)
    assert hint == Hint(Kind.ORDER, id)


def test_an_old_sale_that_changed_is_read_by_itself() -> None:
    world = World()
    world.good("CUP", LOC1=5)
    id = world.sell(cup=2)
    world.wait(30 * 86400)
    world.square.refund(id, {"CUP": 1}, world.now, restock=False)
    assert swept(world) == [Hint(Kind.ORDER, id), Hint(Kind.ORDER, id)]
    assert world.order(id).lines[0].returned == 1


def test_returns_in_parts_give_back_every_cent() -> None:
    world = World(tax=Tax("Sales", "8.875", "ADDITIVE"))
    world.good("CUP", "3.33", LOC1=5)
    id = world.sell(cup=3)
    for _ in range(3):
        world.wait(60)
        world.square.refund(id, {"CUP": 1}, world.now, restock=False)
    seen = world.order(id)
    assert sum(refund.amount.minor for refund in seen.refunds) == seen.total.minor
    assert counts(seen) == {"ordered": 3, "shipped": 3, "returned": 3, "taken": 3}
    assert (seen.payment, disagreements(seen)) == (Payment.REFUNDED, [])


def test_an_amount_refunded_through_the_api_gives_no_goods_back() -> None:
    world = World()
    cup = world.good("CUP", "10.00", LOC1=5)
    id = world.square.order_online({"CUP": 1}, world.now)
    payment = world.order(id).payments[0].external_id
    amount = {"amount": 250, "currency": "USD"}
    body = {"idempotency_key": "r", "payment_id": payment, "amount_money": amount, "reason": "late"}
    assert world.ask("POST", "/v2/refunds", body)[0] == 200
    seen = world.order(id)
    assert counts(seen) == {"ordered": 1, "taken": 1}
    assert seen.payment is Payment.PARTLY_REFUNDED
    assert (seen.refunds[0].reason, seen.refunds[0].lines, world.shown(cup)) == ("late", (), 4)


def test_an_online_order_goes_from_payment_to_parcel() -> None:
    world = World()
    cup = world.good("CUP", LOC1=5)
    id = world.square.order_online({"CUP": 2}, world.now, paid=False)
    unpaid, shown = world.order(id), world.shown(cup)
    world.square.pay(id, world.now)
    paid = world.order(id)
    world.square.fulfil(id, world.now, tracking="1Z", carrier="UPS")
    sent = world.order(id)
    assert [one.payment for one in (unpaid, paid, sent)] == [Payment.PENDING, Payment.PAID, Payment.PAID]
    assert counts(unpaid) == {"ordered": 2}
    assert counts(paid) == {"ordered": 2, "taken": 2}
    assert counts(sent) == {"ordered": 2, "taken": 2, "shipped": 2}
    assert (sent.commercial, sent.lines[0].handed_over, shown) == (Commercial.CLOSED, "", 5)
    assert [(one.carrier, one.tracking) for one in sent.shipments] == [("UPS", "1Z")]
    assert unpaid.version.key < paid.version.key < sent.version.key
    assert world.shown(cup) == 3


def test_cancelling_an_online_order_cancels_its_lines_paid_or_not() -> None:
    world = World()
    cup = world.good("CUP", LOC1=5)
    ids = [world.square.order_online({"CUP": 1}, world.now, paid=paid) for paid in (True, False)]
    for id in ids:
        world.square.cancel(id, world.now)
    assert counts(world.order(ids[0])) == {"ordered": 1, "cancelled": 1, "taken": 1}
    assert counts(world.order(ids[1])) == {"ordered": 1, "cancelled": 1}
    assert [sum(one.units.values()) for one in world.square.placed()] == [0, 0]
    assert world.shown(cup) == 5


def test_an_offline_till_hands_in_its_sales_later() -> None:
    world = World()
    cup = world.good("CUP", LOC1=5, LOC2=5)
    world.square.go_offline(RIVERSIDE)
    sold_at = world.now
    id = world.sell(RIVERSIDE, cup=2)
    world.sell(OLD_TOWN, cup=1)
    world.wait(5 * 3600)
    assert id not in {getattr(one, "external_id", "") for one in swept(world, 6)}
    assert world.shown(cup, RIVERSIDE) == 5
    world.square.go_online(RIVERSIDE, world.now)
    (seen,) = swept(world, 0.5)
    assert isinstance(seen, OrderSeen)
    assert (seen.external_id, seen.placed_at, seen.changed_at) == (id, sold_at, world.now)
    assert world.shown(cup, RIVERSIDE) == 3


def test_a_count_made_meanwhile_swallows_the_offline_sale() -> None:
    world = World()
    cup = world.good("CUP", LOC1=5)
    world.square.go_offline(OLD_TOWN)
    world.wait(60)
    world.sell(cup=2)
    world.wait(3600)
    world.square.set_stock("CUP", 3, world.now, location=OLD_TOWN)
    world.wait(3600)
    world.square.go_online(OLD_TOWN, world.now)
    assert world.shown(cup) == 3


def test_an_order_that_is_not_there_is_missing() -> None:
    with pytest.raises(ChannelError) as missing:
        World().order("NOPE")
    assert missing.value.cause is Cause.MISSING
    assert missing.value.code == "NOT_FOUND"


def test_the_truth_counts_what_is_still_wanted() -> None:
    world = World()
    world.good("CUP", LOC1=5)
    id = world.square.order_online({"CUP": 3}, world.now, paid=False)
    world.square.edit(id, {"CUP": 1}, world.now)
    sold = world.sell(cup=2)
    world.square.refund(sold, {"CUP": 1}, world.now, restock=True)
    assert [dict(one.units) for one in world.square.placed()] == [{"CUP": 1}, {"CUP": 1}]
    assert world.order(id).lines[0].ordered == 1
    assert world.square.place({"NOPE": 1}, world.now) is None
