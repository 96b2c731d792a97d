"""What an order says, rule by rule, on orders as small as Shopify could send them."""

from typing import Any

import pytest

from entrepot.channels.shopify.sale import order_seen
from entrepot.contract import ChargeKind, Commercial, Payment, disagreements
from entrepot.kernel import Refusal
from tests.channels.shopify.world import counts, money, raw_order

CUP = {"id": 5, "inventory_item": {"id": 7, "tracked": True}}


def line(**changed: Any) -> dict[str, Any]:
    return {
        "id": 1,
        "name": "Cup",
        "sku": "CUP",
        "quantity": 3,
        "variant": CUP,
        "price_set": money("10.0"),
        **changed,
    }


def sent(units: int, *, status: str = "SUCCESS", location: int = 71) -> dict[str, Any]:
    lines = [{"quantity": units, "line_item": {"id": 1}}]
    return {"id": 61, "status": status, "location": {"id": location}, "line_items": lines}


def part(units: int, restock: str, *, location: int | None = 71) -> dict[str, Any]:
    place = {"id": location} if location else None
    worth = {"subtotal_set": money(f"{units * 10}.0"), "total_tax_set": money("0.0")}
    return {"quantity": units, "restock_type": restock, "location": place, "line_item": {"id": 1}, **worth}


def refund(*parts: dict[str, Any], paid: str = "", tied: bool = False, id: int = 501) -> dict[str, Any]:
    given = [{"kind": "REFUND", "status": "SUCCESS", "amount_set": money(paid)}] if paid else []
    back = {"id": 91} if tied else None
    return {"id": id, "return": back, "transactions": given, "refund_line_items": list(parts)}


def waiting(units: int, *, location: int = 71, status: str = "OPEN") -> dict[str, Any]:
    lines = [{"remaining_quantity": units, "line_item": {"id": 1}}]
    return {
        "id": 81,
        "status": status,
        "assigned_location": {"location": {"id": location}},
        "line_items": lines,
    }


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, {"ordered": 3, "taken": 3}),
        ({"fulfillments": [sent(2)]}, {"ordered": 3, "shipped": 2, "taken": 3}),
        ({"fulfillments": [sent(2, status="CANCELLED")]}, {"ordered": 3, "taken": 3}),
        ({"fulfillments": [sent(2, status="OPEN")]}, {"ordered": 3, "taken": 3}),
        # Refunded before it left: cancelled, and on sale again only where it was restocked.
        ({"refunds": [refund(part(1, "CANCEL"), paid="10.0")]}, {"ordered": 3, "cancelled": 1, "taken": 2}),
        ({"refunds": [refund(part(1, "NO_RESTOCK"), paid="10.0")]},
         {"ordered": 3, "cancelled": 1, "taken": 3}),
        # After it left: returned if it came back, and no more than money if nobody says so.
        ({"fulfillments": [sent(3)], "refunds": [refund(part(1, "RETURN"), paid="10.0")]},
         {"ordered": 3, "shipped": 3, "returned": 1, "taken": 2}),
        ({"fulfillments": [sent(3)],
          "refunds": [refund(part(1, "NO_RESTOCK"), paid="10.0", tied=True)]},
         {"ordered": 3, "shipped": 3, "returned": 1, "taken": 3}),
        ({"fulfillments": [sent(3)], "refunds": [refund(part(1, "NO_RESTOCK"), paid="10.0")]},
         {"ordered": 3, "shipped": 3, "taken": 3}),
        # Half sent, one refunded without goods: only the fulfillment orders know which it was.
        ({"fulfillments": [sent(1)], "refunds": [refund(part(1, "NO_RESTOCK"), paid="10.0")],
          "fulfillment_orders": [waiting(2)]}, {"ordered": 3, "shipped": 1, "taken": 3}),
        ({"fulfillments": [sent(1)], "refunds": [refund(part(1, "NO_RESTOCK"), paid="10.0")],
          "fulfillment_orders": [waiting(1)]},
         {"ordered": 3, "cancelled": 1, "shipped": 1, "taken": 3}),
        # Restocked elsewhere: the figure it was taken from has not come back.
        ({"fulfillments": [sent(3)], "fulfillment_orders": [waiting(0, status="CLOSED")],
          "refunds": [refund(part(1, "RETURN", location=72), paid="10.0")]},
         {"ordered": 3, "shipped": 3, "returned": 1, "taken": 3}),
        ({"cancelled_at": "2026-03-01T11:00:00Z"}, {"ordered": 3, "cancelled": 3, "taken": 3}),
        ({"cancelled_at": "2026-03-01T11:00:00Z", "refunds": [refund(part(3, "CANCEL"))]},
         {"ordered": 3, "cancelled": 3}),
    ],
)  # fmt: skip
def test_the_units_of_a_line(changed: dict[str, Any], expected: dict[str, int]) -> None:
    assert counts(order_seen(raw_order(**{"line_items": [line()], **changed}))) == expected


def test_an_edited_order_keeps_its_quantity_and_loses_what_was_removed() -> None:
    order = order_seen(raw_order(line_items=[line(current_quantity=2)], refunds=[refund(part(1, "CANCEL"))]))
    assert counts(order) == {"ordered": 3, "cancelled": 1, "taken": 2}
    assert (str(order.total), str(order.lines[0].amount), disagreements(order)) == (
        "20.00 USD",
        "20.00 USD",
        [],
    )


def test_what_was_removed_without_money_is_no_longer_charged_until_it_is_given_back() -> None:
    removed = refund(part(1, "CANCEL"))
    pending = order_seen(raw_order(line_items=[line()], refunds=[removed]))
    settled = order_seen(raw_order(line_items=[line()], refunds=[removed, refund(paid="10.0", id=502)]))
    assert [str(pending.total), [str(one.amount) for one in pending.refunds]] == ["20.00 USD", ["0.00 USD"]]
    assert [str(settled.total), [str(one.amount) for one in settled.refunds]] == [
        "30.00 USD",
        ["0.00 USD", "10.00 USD"],
    ]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("PENDING", Payment.PENDING),
        ("authorized", Payment.AUTHORISED),
        ("PARTIALLY_PAID", Payment.PENDING),
        ("PAID", Payment.PAID),
        ("partially_refunded", Payment.PARTLY_REFUNDED),
        ("REFUNDED", Payment.REFUNDED),
        ("VOIDED", Payment.FAILED),
        ("EXPIRED", Payment.FAILED),
        (None, Payment.PENDING),
        ("ON_THE_TAB", Payment.UNKNOWN),
    ],
)
def test_the_state_of_the_money(said: str | None, expected: Payment) -> None:
    assert order_seen(raw_order(financial_status=said)).payment is expected


def test_an_order_of_nothing_without_a_transaction_is_paid() -> None:
    free = raw_order(
        financial_status=None, total_price_set=money("0.0"), line_items=[line(price_set=money("0.0"))]
    )
    assert order_seen(free).payment is Payment.PAID


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, Commercial.OPEN),
        ({"closed_at": "2026-03-02T00:00:00Z"}, Commercial.CLOSED),
        ({"closed_at": "2026-03-02T00:00:00Z", "cancelled_at": "2026-03-02T00:00:00Z"}, Commercial.CANCELLED),
    ],
)
def test_the_state_of_the_agreement(changed: dict[str, str], expected: Commercial) -> None:
    assert order_seen(raw_order(**changed)).commercial is expected


@pytest.mark.parametrize(
    ("changed", "item", "goods"),
    [
        ({}, "7", True),
        ({"variant": None, "variant_id": 5}, "", True),  # as REST tells it
        ({"variant": None}, "", True),  # the product is gone, its SKU is not
        ({"variant": None, "sku": None}, "", False),  # an amount typed in at the till
        ({"variant": None, "sku": None, "requires_shipping": True}, "", True),
        ({"gift_card": True}, "", False),
        ({"variant": None, "sku": None, "tip": {"payment_method": "card"}}, "", False),
    ],
)
def test_what_is_goods_and_where_its_stock_stands(changed: dict[str, Any], item: str, goods: bool) -> None:
    seen = order_seen(raw_order(line_items=[line(**changed)])).lines[0]
    assert (seen.item, seen.goods) == (item, goods)


def test_what_is_not_tracked_is_not_taken_off_any_figure() -> None:
    loose = {"id": 5, "inventory_item": {"id": 7, "tracked": False}}
    assert order_seen(raw_order(line_items=[line(variant=loose)])).lines[0].taken == 0


def test_every_amount_is_the_buyers_and_the_shops_is_told_beside() -> None:
    both = {
        "shop_money": {"amount": "33.1", "currency_code": "USD"},
        "presentment_money": {"amount": "5000", "currency_code": "JPY"},
    }
    order = order_seen(
        raw_order(
            presentment_currency="JPY", total_price_set=both, line_items=[line(quantity=1, price_set=both)]
        )
    )
    assert (str(order.total), str(order.settled)) == ("5000 JPY", "33.10 USD")
    assert disagreements(order) == []


def test_an_amount_in_a_third_currency_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        order_seen(raw_order(line_items=[line(price_set=money("10.0", "CAD"))]))
    assert refused.value.code == "currency_mix"


def test_discounts_shipping_duties_fees_and_taxes_add_up() -> None:
    order = order_seen(
        raw_order(
            line_items=[
                line(discount_allocations=[{"amount_set": money("1.5")}, {"amount_set": money("1.5")}])
            ],
            shipping_lines=[
                {
                    "title": "Post",
                    "price_set": money("5.0"),
                    "discount_allocations": [{"amount_set": money("1.0")}],
                },
                {"title": "Courier", "price_set": money("9.0"), "is_removed": True},
            ],
            original_total_duties_set=money("2.25"),
            additional_fees=[{"name": "recycling", "price_set": money("0.5")}],
            tax_lines=[{"title": "VAT", "rate": "0.1", "price_set": money("2.7")}],
            total_tax_set=money("3.1"),
            total_price_set=money("36.85"),
            discount_codes=[{"code": "ONE"}, {"code": "TWO"}],
        )
    )
    assert [(one.kind, one.title, str(one.amount)) for one in order.charges] == [
        (ChargeKind.SHIPPING, "Post", "4.00 USD"),
        (ChargeKind.FEE, "recycling", "0.50 USD"),
        (ChargeKind.FEE, "duties", "2.25 USD"),
    ]
    assert [(one.title, str(one.amount)) for one in order.taxes] == [("VAT", "2.70 USD"), ("", "0.40 USD")]
    assert [(one.title, str(one.amount)) for one in order.discounts] == [("ONE, TWO", "3.00 USD")]
    assert disagreements(order) == []


@pytest.mark.parametrize(
    ("changed", "kinds"),
    [
        ({"total_price_set": money("32.0")}, [ChargeKind.TIP]),
        ({"line_items": [line(), line(id=2, quantity=1, price_set=money("2.0"), variant=None, sku=None)],
          "total_price_set": money("32.0")}, []),
    ],
)  # fmt: skip
def test_a_tip_is_charged_once_whether_it_is_a_line_or_not(
    changed: dict[str, Any], kinds: list[ChargeKind]
) -> None:
    order = order_seen(raw_order(total_tip_received_set=money("2.0"), **changed))
    assert [one.kind for one in order.charges] == kinds
    assert disagreements(order) == []


def test_a_total_that_does_not_add_up_is_left_to_be_seen() -> None:
    (wrong,) = disagreements(order_seen(raw_order(total_price_set=money("31.0"))))
    assert str(wrong) == "total: the channel says 31.00 USD, its parts add up to 30.00 USD"


def test_a_sale_at_the_till_is_handed_over_and_no_parcel() -> None:
    till = {"source_name": "pos", "location": {"id": 71}, "line_items": [line()], "fulfillments": [sent(3)]}
    order = order_seen(raw_order(**till))
    assert (order.lines[0].handed_over, order.location, order.shipments) == ("71", "71", ())


@pytest.mark.parametrize(
    "fulfillments", [[], [sent(2)], [sent(3, location=72)]], ids=["to be sent", "half", "sent by another"]
)
def test_what_a_till_sold_and_the_store_did_not_hand_over_is_to_be_sent(fulfillments: list[Any]) -> None:
    order = raw_order(source_name="pos", location={"id": 71}, line_items=[line()], fulfillments=fulfillments)
    assert order_seen(order).lines[0].handed_over == ""


def test_lines_from_one_location_name_it_once_and_lines_from_two_each_by_themselves() -> None:
    two = {**waiting(3, location=72), "line_items": [{"remaining_quantity": 3, "line_item": {"id": 2}}]}
    lines = [line(), line(id=2)]
    one = order_seen(raw_order(line_items=[line()], fulfillment_orders=[waiting(3)]))
    both = order_seen(raw_order(line_items=lines, fulfillment_orders=[waiting(3), two]))
    split = order_seen(
        raw_order(line_items=[line()], fulfillment_orders=[waiting(2), waiting(1, location=72)])
    )
    assert (one.location, [row.location for row in one.lines]) == ("71", [""])
    assert (both.location, [row.location for row in both.lines]) == ("", ["71", "72"])
    assert (split.location, [row.location for row in split.lines]) == ("", [""])


def test_a_fulfillment_order_that_was_moved_away_no_longer_counts() -> None:
    moved = [waiting(0, status="CANCELLED"), waiting(3, location=72)]
    assert order_seen(raw_order(line_items=[line()], fulfillment_orders=moved)).location == "72"


def test_words_that_we_do_not_know_and_test_orders_are_noted() -> None:
    order = order_seen(
        raw_order(
            test=True,
            financial_status="haunted",
            line_items=[line()],
            fulfillments=[sent(1, status="LEVITATED")],
            refunds=[refund(part(1, "eaten"))],
        )
    )
    assert order.notes == (
        "a test order of Shopify: nothing is to be sent",
        "unknown financial status 'haunted'",
        "unknown status of a fulfillment 'levitated'",
        "unknown restock type 'eaten'",
    )


def test_the_version_follows_the_time_of_change_and_tells_two_contents_of_one_second_apart() -> None:
    first, same = order_seen(raw_order()), order_seen(raw_order())
    other = order_seen(raw_order(financial_status="pending"))
    later = order_seen(raw_order(updated_at="2026-03-01T11:00:06+01:00"))
    assert first.version == same.version
    assert (first.version.key == other.version.key, first.version.digest == other.version.digest) == (
        True,
        False,
    )
    assert later.version.key > first.version.key


@pytest.mark.parametrize("missing", ["id", "updated_at", "created_at", "line_items", "currency"])
def test_an_order_that_lacks_what_every_order_has_is_refused(missing: str) -> None:
    raw = raw_order(presentment_currency=None)
    del raw[missing]
    with pytest.raises(Refusal):
        order_seen(raw)


@pytest.mark.parametrize("odd", [[], "3", {"nodes": "x"}, [[1]]])
def test_lines_that_are_no_objects_are_no_lines(odd: Any) -> None:
    assert order_seen(raw_order(line_items=odd, total_price_set=money("0"))).lines == ()


@pytest.mark.parametrize("odd", [7, [{}], [{"id": 1}], [{"id": "one", "quantity": 1}]])
def test_lines_of_no_shape_are_refused_and_never_a_crash(odd: Any) -> None:
    with pytest.raises(Refusal):
        order_seen(raw_order(line_items=odd))
