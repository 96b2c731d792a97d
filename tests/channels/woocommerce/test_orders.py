"""WooCommerce's orders as the hub understands them."""

from decimal import Decimal
from typing import Any

import pytest

from entrepot.channels.woocommerce import channel
from entrepot.channels.woocommerce.orders import order_seen
from entrepot.contract import ChargeKind, Commercial, Hint, Kind, OrderSeen, Payment, disagreements
from entrepot.kernel import Cause, ChannelError, Money, Refusal
from tests.channels.woocommerce.world import Replies, World, raw_order

DAY = 86_400
UNPAID: dict[str, Any] = {"date_paid_gmt": None}


@pytest.mark.parametrize(
    ("status", "changed", "commercial", "payment"),
    [
        ("pending", UNPAID, Commercial.OPEN, Payment.PENDING),
        ("on-hold", UNPAID, Commercial.OPEN, Payment.PENDING),
        ("on-hold", {}, Commercial.OPEN, Payment.PAID),
        ("processing", {}, Commercial.OPEN, Payment.PAID),
        ("processing", UNPAID, Commercial.OPEN, Payment.AUTHORISED),
        ("completed", {}, Commercial.CLOSED, Payment.PAID),
        ("cancelled", UNPAID, Commercial.CANCELLED, Payment.PENDING),
        ("cancelled", {}, Commercial.CANCELLED, Payment.PAID),
        ("refunded", {}, Commercial.CANCELLED, Payment.REFUNDED),
        ("refunded", {"date_completed_gmt": "2026-03-02T10:00:00"}, Commercial.CLOSED, Payment.REFUNDED),
        ("failed", UNPAID, Commercial.CANCELLED, Payment.FAILED),
        ("on-hold", {**UNPAID, "payment_method": "cod"}, Commercial.OPEN, Payment.AUTHORISED),
        ("cancelled", {**UNPAID, "payment_method": "cod"}, Commercial.CANCELLED, Payment.AUTHORISED),
        ("failed", {**UNPAID, "payment_method": "cod"}, Commercial.CANCELLED, Payment.FAILED),
        ("checkout-draft", UNPAID, Commercial.DRAFT, Payment.PENDING),
        ("auto-draft", UNPAID, Commercial.DRAFT, Payment.PENDING),
        ("wc-baking", UNPAID, Commercial.UNKNOWN, Payment.UNKNOWN),
        ("processing", {"refunds": [{"id": 1, "total": "-4.00"}]}, Commercial.OPEN, Payment.PARTLY_REFUNDED),
        ("processing", {"refunds": [{"id": 1, "total": "-10.00"}]}, Commercial.OPEN, Payment.REFUNDED),
    ],
)
def test_a_status_and_the_payment_date_say_two_things(
    status: str, changed: dict[str, Any], commercial: Commercial, payment: Payment
) -> None:
    seen = order_seen(raw_order(status=status, **changed))
    assert (seen.commercial, seen.payment) == (commercial, payment)


@pytest.mark.parametrize(
    ("status", "notes", "taken"),
    [
        ("processing", {}, "2"),
        ("on-hold", {}, "2"),
        ("completed", {}, "2"),
        ("refunded", {}, "2"),
        ("pending", {}, "0"),
        ("failed", {}, "0"),
        ("cancelled", {}, "0"),
        ("processing", {"_reduced_stock": "1"}, "1"),
        ("failed", {"_reduced_stock": 2}, "2"),
        ("cancelled", {"_reduced_stock": "0"}, "0"),
        ("processing", {"_restock_refunded_items": "1"}, "1"),
    ],
)
def test_what_the_shop_took_off_its_stock_is_counted_by_its_own_note(
    status: str, notes: dict[str, Any], taken: str
) -> None:
    raw = raw_order(status=status)
    raw["line_items"][0]["meta_data"] = [
        {"id": 1, "key": key, "value": value} for key, value in notes.items()
    ]
    assert order_seen(raw).lines[0].taken == Decimal(taken)


@pytest.mark.parametrize(
    ("status", "cancelled", "shipped"),
    [
        ("processing", "0", "0"),
        ("completed", "0", "2"),
        ("cancelled", "2", "0"),
        ("refunded", "2", "0"),
        ("failed", "2", "0"),
    ],
)
def test_a_status_moves_the_goods(status: str, cancelled: str, shipped: str) -> None:
    line = order_seen(raw_order(status=status)).lines[0]
    assert (line.cancelled, line.shipped) == (Decimal(cancelled), Decimal(shipped))


def test_an_unknown_status_is_noted_not_guessed() -> None:
    assert order_seen(raw_order(status="wc-baking")).notes == ("unknown order status 'wc-baking'",)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"total": None}, "money_malformed"),
        ({"total": "10.005"}, "money_digits"),
        ({"currency": "XYZ"}, "currency_unknown"),
        ({"date_created_gmt": "yesterday"}, "time_malformed"),
        ({"id": "x"}, "money_malformed"),
    ],
)
def test_an_order_without_its_essentials_is_refused(changed: dict[str, Any], field: str) -> None:
    with pytest.raises(Refusal) as refused:
        order_seen(raw_order(**changed))
    assert refused.value.code == field


def test_the_same_content_has_the_same_digest_whatever_plugins_add() -> None:
    plain = order_seen(raw_order())
    noisy = raw_order(meta_data=[{"id": 1, "key": "_seo", "value": {}}], number=900, total=Decimal("10.0"))
    assert order_seen(noisy).version == plain.version


@pytest.mark.parametrize(
    "changed",
    [
        {"status": "completed"},
        {"total": "11.00"},
        {"shipping": {"address_1": "Kai 2"}},
        {"transaction_id": "x"},
    ],
)
def test_another_content_in_the_same_second_has_another_digest(changed: dict[str, Any]) -> None:
    before, after = order_seen(raw_order()).version, order_seen(raw_order(**changed)).version
    assert before.key == after.key == "2026-03-01T10:00:05"
    assert before.digest != after.digest


@pytest.mark.parametrize(
    ("total", "lines", "rest"),
    [
        ("30.00", ["9.99", "10.00", "10.00"], 1),
        ("29.99", ["10.00", "10.00"], None),
        ("30.00", ["10.00", "10.00", "9.98"], None),
        ("19.99", ["10.00", "10.00"], -1),
    ],
)
def test_only_a_difference_that_rounding_explains_becomes_a_charge(
    total: str, lines: list[str], rest: int | None
) -> None:
    line = raw_order()["line_items"][0]
    raw = raw_order(total=total, line_items=[{**line, "total": amount} for amount in lines])
    seen = order_seen(raw)
    charged = [charge.amount.minor for charge in seen.charges if charge.kind is ChargeKind.ROUNDING]
    assert charged == ([rest] if rest else [])
    assert bool(disagreements(seen)) == (rest is None)


def test_tax_without_a_rate_is_still_tax() -> None:
    seen = order_seen(raw_order(total="12.00", total_tax="2.00"))
    assert [tax.amount for tax in seen.taxes] == [Money(200, "EUR")]
    assert disagreements(seen) == []


def test_a_shop_that_adds_tax_to_its_prices_agrees_to_the_cent() -> None:
    world = World(tax_percent="19", shipping="4.95")
    for sku, price in [("CUP", "10.00"), ("JUG", "3.33"), ("PAN", "0.99")]:
        world.stock(sku, 500, price)
    orders = [
        world.order(world.buy(cup=cups, jug=jugs, pan=1)) for cups in range(1, 8) for jugs in range(1, 4)
    ]
    assert [order for order in orders if disagreements(order)] == []
    assert any(charge.kind is ChargeKind.ROUNDING for order in orders for charge in order.charges)


def test_times_are_taken_from_the_fields_in_utc() -> None:
    world = World()
    world.stock("CUP", 5)
    world.wait(90.7)
    seen = world.order(world.buy(cup=1))
    assert [seen.placed_at.isoformat(), seen.paid_at and seen.paid_at.isoformat(), seen.version.key] == [
        "2026-01-01T00:01:30+00:00",
        "2026-01-01T00:01:30+00:00",
        "2026-01-01T00:01:30",
    ]


def test_a_sweep_reads_every_page_and_only_what_changed() -> None:
    world = World()
    world.stock("CUP", 500)
    old = world.buy(cup=1)
    world.wait(DAY)
    since = world.now
    fresh = [world.buy(cup=1) for _ in range(230)]
    assert [
        seen.external_id for seen in channel.read_orders(world.api, since) if isinstance(seen, OrderSeen)
    ] == fresh
    world.wait(10)
    since = world.now
    world.shop.move(old, "completed", world.now)
    assert [
        seen.external_id for seen in channel.read_orders(world.api, since) if isinstance(seen, OrderSeen)
    ] == [old]


def test_a_sweep_finds_a_change_in_the_very_second_it_asks_from() -> None:
    world = World()
    world.stock("CUP", 5)
    id = world.buy(cup=1)
    assert [
        seen.external_id for seen in channel.read_orders(world.api, world.now) if isinstance(seen, OrderSeen)
    ] == [id]


def test_a_sweep_names_orders_in_the_trash_and_reading_one_finds_nothing() -> None:
    world = World()
    world.stock("CUP", 5)
    id = world.buy(cup=1)
    world.shop.erase(id, world.now)
    assert list(channel.read_orders(world.api, world.now)) == [Hint(Kind.ORDER, id)]
    with pytest.raises(ChannelError) as missing:
        world.order(id)
    assert missing.value.cause is Cause.MISSING


def test_one_unreadable_order_does_not_stop_a_sweep() -> None:
    bad, good = raw_order(id=1, total="?"), raw_order(id=2)
    seen = list(channel.read_orders(Replies(([bad, good], {}), ([], {})), World().now))
    assert seen[0] == Hint(Kind.ORDER, "1")
    assert isinstance(seen[1], OrderSeen)


def test_a_list_that_shrank_while_it_was_read_is_read_again() -> None:
    first = ([raw_order(id=1)], {"x-wp-total": "3", "x-wp-totalpages": "2"})
    shrunk = ([raw_order(id=3)], {"x-wp-total": "2", "x-wp-totalpages": "2"})
    again = ([raw_order(id=2), raw_order(id=3)], {"x-wp-total": "2", "x-wp-totalpages": "1"})
    seen = list(channel.read_orders(Replies(first, shrunk, again, ([], {})), World().now))
    assert {order.external_id for order in seen if isinstance(order, OrderSeen)} == {"1", "2", "3"}


@pytest.mark.parametrize(("restock", "taken"), [(True, "1"), (False, "3")])
def test_units_refunded_before_they_left_are_cancelled(restock: bool, taken: str) -> None:
    world = World()
    world.stock("CUP", 5)
    id = world.buy(cup=3)
    world.shop.refund(id, {"CUP": 2}, world.now, restock=restock)
    seen = world.order(id)
    line = seen.lines[0]
    assert [line.ordered, line.cancelled, line.returned, line.taken] == [3, 2, 0, Decimal(taken)]
    assert [(refund.amount, refund.lines[0].restocked) for refund in seen.refunds] == [
        (Money(2000, "EUR"), restock)
    ]
    assert seen.payment is Payment.PARTLY_REFUNDED


def test_units_put_back_are_told_from_those_that_were_not() -> None:
    world = World()
    world.stock("CUP", 9)
    id = world.buy(cup=5)
    world.shop.refund(id, {"CUP": 2}, world.now, restock=True)
    world.shop.refund(id, {"CUP": 1}, world.now, restock=False)
    lines = [line for refund in world.order(id).refunds for line in refund.lines]
    assert [(int(line.quantity), line.restocked) for line in lines] == [(2, True), (1, False)]


def test_a_refund_made_while_an_order_was_read_waits_for_the_next_version() -> None:
    """Read together with lines that do not know of it yet, it would seem to have put nothing back."""
    refund = {"id": 7, "total": "-10.00", "amount": "10.00", "date_created_gmt": "2026-03-02T09:00:00"}
    unit = {
        "id": 70,
        "quantity": -1,
        "total": "-10.00",
        "meta_data": [{"key": "_refunded_item_id", "value": "1"}],
    }
    later = {**refund, "id": 8, "line_items": [unit]}
    order = raw_order(refunds=[{"id": 7, "total": "-10.00"}])
    replies = Replies((order, {}), ([later, refund], {"x-wp-totalpages": "1"}))  # type: ignore[arg-type]
    seen = channel.read_order(replies, "1")
    assert [one.external_id for one in seen.refunds] == ["7"]
    assert [line.cancelled + line.returned for line in seen.lines] == [0]


def test_a_refund_of_what_the_shop_does_not_track_says_nothing_of_stock() -> None:
    world = World()
    world.stock("CUP", 9)
    world.shop.shop.by_sku("CUP").managed = False
    id = world.buy(cup=2)
    world.shop.refund(id, {"CUP": 1}, world.now, restock=True)
    assert world.order(id).refunds[0].lines[0].restocked is None


def test_units_refunded_after_they_left_came_back() -> None:
    world = World()
    world.stock("CUP", 5)
    id = world.buy(cup=3)
    world.wait(DAY)
    world.shop.move(id, "completed", world.now)
    world.wait(DAY)
    world.shop.refund(id, {"CUP": 1}, world.now, restock=True)
    line = world.order(id).lines[0]
    assert [line.cancelled, line.shipped, line.returned, line.taken] == [0, 3, 1, 2]


def test_refunding_everything_cancels_what_never_left() -> None:
    world = World()
    world.stock("CUP", 5)
    id = world.buy(cup=3)
    world.shop.refund(id, {"CUP": 3}, world.now, restock=True)
    seen = world.order(id)
    assert (seen.commercial, seen.payment) == (Commercial.CANCELLED, Payment.REFUNDED)
    assert [seen.lines[0].cancelled, seen.lines[0].taken] == [3, 0]


def test_the_status_refunded_alone_returns_money_but_no_stock() -> None:
    world = World()
    world.stock("CUP", 5)
    id = world.buy(cup=3)
    world.shop.move(id, "refunded", world.now)
    seen = world.order(id)
    assert [seen.lines[0].cancelled, seen.lines[0].taken] == [3, 3]
    assert [(refund.amount, refund.lines) for refund in seen.refunds] == [(Money(3000, "EUR"), ())]
