"""Taking in: only the delivery that cannot be booked fails, and it stays to be looked at."""

import json
from types import ModuleType

import msgspec
import pytest

from entrepot.contract import ChargeKind, ChargeSeen, OrderSeen
from entrepot.kernel import Money, Refusal
from tests.sync.shops import Called, Shops
from tests.sync.test_door import order, signed

POISON_LINE = {"id": 1, "name": "x", "product_id": 10, "variation_id": 0, "quantity": "many", "total": "1.00",
               "sku": "TEAPOT", "price": "1.00", "meta_data": []}  # fmt: skip


def send(shops: Shops, body: bytes, topic: str = "order.updated") -> None:
    assert shops.receive("web", signed(shops, body, topic=topic), body).status == 200


def test_one_poisonous_delivery_among_many_is_a_dead_letter_and_the_others_are_booked() -> None:
    shops = Shops()
    for id in range(601, 621):
        more = {"line_items": [POISON_LINE]} if id == 613 else {}
        send(shops, order(id=id, number=str(id), **more))
    shops.world.quiet()

    assert shops.orders() == 19
    assert [(one.what, one.attempts) for one in shops.letters()] == [("delivery", 1)]
    assert shops.letters()[0].why.startswith("money_malformed: ")


def test_what_cannot_be_booked_fails_alone_too() -> None:
    """Two currencies in one order pass the adapter; the books refuse them."""
    shops = Shops()
    poison = {"refunds": [], "total": "5.00", "currency": "EUR", "shipping_lines": [], "currency_symbol": "€"}
    send(shops, order(id=700, **poison))
    for id in range(701, 709):
        send(shops, order(id=id))
    _spoil(shops, "700")
    shops.world.quiet()

    assert shops.orders() == 8
    assert [one.why for one in shops.letters()] == ["currency_mix: cannot combine EUR with USD"]


def _spoil(shops: Shops, id: str) -> None:
    """From now on the adapter reads a charge in dollars into this order: a mistake of an adapter."""
    real = shops.world.hub.channels["woocommerce"]
    wrong = ModuleType("wrong")
    wrong.__dict__.update(vars(real))

    def spoilt(seen: object) -> object:
        if isinstance(seen, OrderSeen) and seen.external_id == id:
            dollars = ChargeSeen(kind=ChargeKind.FEE, title="", amount=Money(100, "USD"))
            return msgspec.structs.replace(seen, charges=(dollars,))
        return seen

    wrong.__dict__.update(
        read_events=lambda delivery, settings: [spoilt(one) for one in real.read_events(delivery, settings)],
        read_order=lambda api, id: spoilt(real.read_order(api, id)),
        read_orders=lambda api, since: map(spoilt, real.read_orders(api, since)),
    )
    shops.world.hub.channels["woocommerce"] = wrong  # type: ignore[index]


def test_a_sweep_is_not_stopped_by_one_order_that_cannot_be_booked(capfd: pytest.CaptureFixture[str]) -> None:
    shops = Shops()
    shops.hooks_are_lost()
    now = shops.world.clock.now()
    numbers = [shops.website.place({"MUG": 1}, now, buyer="Ottilie Marker") for _ in range(5)]
    _spoil(shops, str(numbers[2]))
    shops.wait(700)

    assert shops.orders() == 4
    dead = shops.letters()
    assert [(one.what, one.about, one.attempts) for one in dead] == [
        ("fetch_order", f"order:{numbers[2]}", 8)
    ]
    assert dead[0].why == "currency_mix: cannot combine EUR with USD"
    out, err = capfd.readouterr()
    assert "call failed" in out + err
    assert "Marker" not in out + err


def test_a_hinted_order_that_cannot_be_read_does_not_hold_up_the_others() -> None:
    shops = Shops()
    first, second = shops.buy_online("MUG"), shops.buy_online("MUG")
    shops.wait(5)

    def garbled(call: Called) -> int | None:
        return 400 if call.path.endswith(f"/orders/{first}") else None

    shops.fault = garbled
    for number in (first, second):
        assert number is not None
        shops.website.refund(number, {"MUG": 1}, shops.world.clock.now(), restock=True)
    shops.wait(5)

    assert shops.claims(str(second)) == [("released", "old-town", 1)]
    assert [one.attempts > 0 for one in shops.waiting("fetch_order")] == [True]


def test_many_hinted_orders_with_one_that_cannot_be_booked_leave_one_dead_letter() -> None:
    shops = Shops()
    numbers = [str(shops.buy_online("MUG")) for _ in range(8)]
    shops.wait(5)
    _spoil(shops, numbers[4])
    for number in numbers:
        shops.website.refund(number, {"MUG": 1}, shops.world.clock.now(), restock=True)
    shops.wait(300)

    back = [number for number in numbers if shops.claims(number) == [("released", "old-town", 1)]]
    assert back == numbers[:4] + numbers[5:]
    assert {one.about for one in shops.letters()} == {f"order:{numbers[4]}"}


def test_a_delivery_that_is_no_json_is_tried_again_and_then_a_dead_letter() -> None:
    shops = Shops()
    send(shops, b"<html>")
    shops.world.quiet()
    assert shops.deliveries()[-1] == ("new", 1)

    shops.wait(300)
    assert shops.deliveries()[-1] == ("dead", 8)
    assert "NONSENSE" in shops.letters()[0].why.upper()


def test_a_dead_letter_can_be_edited_and_booked() -> None:
    shops = Shops()
    send(shops, order(id=800, line_items=[POISON_LINE]))
    shops.world.quiet()
    dead = shops.letters()[0]

    mended = json.loads(order(id=800, total="1.00", line_items=[POISON_LINE | {"quantity": 1}]))
    shops.world.tell("letters.edit", id=dead.id, body=json.dumps(mended))
    shops.world.quiet()

    assert shops.letters() == []
    assert shops.claims("800") == [("reserved", "old-town", 1)]


def test_a_dead_letter_that_is_no_json_after_editing_stays() -> None:
    shops = Shops()
    send(shops, order(id=800, line_items=[POISON_LINE]))
    shops.world.quiet()
    with pytest.raises(Refusal, match="no JSON"):
        shops.world.tell("letters.edit", id=shops.letters()[0].id, body="{")
    assert len(shops.letters()) == 1


def test_an_unclear_version_is_asked_for_by_itself() -> None:
    shops = Shops()
    number = shops.buy_online("MUG", 1)
    assert number is not None
    shops.wait(5)
    told = len([call for call in shops.calls if call.path.endswith(f"/orders/{number}")])

    shops.website.edit(number, {"MUG": 3}, shops.website.shop.orders[int(number)].modified)
    shops.wait(5)

    asked = len([call for call in shops.calls if call.path.endswith(f"/orders/{number}")])
    assert (told, asked) == (0, 1)
    assert shops.claims(number) == [("reserved", "old-town", 3)]


def test_an_erased_order_is_let_go_and_comes_back_when_it_is_restored() -> None:
    shops = Shops()
    number = shops.buy_online("MUG", 2)
    assert number is not None
    shops.wait(5)
    shops.website.erase(number, shops.world.clock.now())
    shops.wait(5)
    assert shops.claims(number) == [("released", "old-town", 2)]
    assert shops.shelf("MUG") == {"old-town": 10}

    shops.website.restore(number, shops.world.clock.now())
    shops.wait(5)
    assert ("reserved", "old-town", 2) in shops.claims(number)


def test_a_late_word_of_an_order_that_is_gone_makes_no_order_of_it() -> None:
    shops = Shops()
    late = order(date_modified_gmt="2026-03-02T08:10:00")
    shops.wait(1200)
    send(shops, late)
    shops.wait(1000)
    assert shops.orders() == 0


def test_a_late_word_that_an_order_is_gone_does_not_cancel_one_that_is_there_again() -> None:
    shops = Shops()
    number = shops.buy_online("MUG", 2)
    assert number is not None
    shops.wait(5)
    shops.website.erase(number, shops.world.clock.now())
    shops.website.restore(number, shops.world.clock.now())
    shops.wait(1000)

    send(shops, json.dumps({"id": int(number)}).encode(), topic="order.deleted")
    shops.wait(1000)

    assert ("reserved", "old-town", 2) in shops.claims(number)
    assert shops.shelf("MUG") == {"old-town": 8}
