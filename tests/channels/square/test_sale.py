"""What a Square order means: pure readings of small orders."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.channels.square.sale import Back, sale, tied_sales
from entrepot.contract import ChargeKind, Commercial, LineSeen, Payment, disagreements
from entrepot.kernel import Money, Refusal


def usd(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "USD"}


def line(uid: str = "a", quantity: str = "2", **changed: Any) -> dict[str, Any]:
    """Two cups of 5.00."""
    return {
        "uid": uid,
        "catalog_object_id": "CUP",
        "quantity": quantity,
        "name": "Cup",
        "variation_name": "Blue",
        "base_price_money": usd(500),
        "item_type": "ITEM",
        "total_money": usd(1000),
        **changed,
    }


def tender(amount: int = 1000, **changed: Any) -> dict[str, Any]:
    at = "2026-03-01T10:00:02Z"
    return {
        "id": "T1",
        "payment_id": "T1",
        "type": "CASH",
        "amount_money": usd(amount),
        "created_at": at,
        **changed,
    }


def order(**changed: Any) -> dict[str, Any]:
    """A till sale of two cups for 10.00."""
    return {
        "id": "O1",
        "location_id": "LOC1",
        "state": "COMPLETED",
        "created_at": "2026-03-01T10:00:00.5Z",
        "updated_at": "2026-03-01T10:00:03.25Z",
        "line_items": [line()],
        "tenders": [tender()],
        "total_money": usd(1000),
        **changed,
    }


def ours(**changed: Any) -> dict[str, Any]:
    """The same through the API, paid and to be sent."""
    sent = {"uid": "f", "type": "SHIPMENT", "state": "PROPOSED"}
    return order(**{"state": "OPEN", "version": 3, "fulfillments": [sent], **changed})


def fulfilment(state: str, **changed: Any) -> dict[str, Any]:
    return {"uid": state, "type": "SHIPMENT", "state": state, **changed}


def entries(**quantities: str) -> dict[str, Any]:
    listed = [{"line_item_uid": uid, "quantity": quantity} for uid, quantity in quantities.items()]
    return {"line_item_application": "ENTRY_LIST", "entries": listed}


def back(quantity: str = "1", status: str = "COMPLETED", **changed: Any) -> Back:
    """A refund of 5.00 for one cup that came back."""
    part = {"source_line_item_uid": "a", "quantity": quantity, "item_type": "ITEM", "uid": "r"}
    refund = {"id": "R1", "status": status, "amount_money": usd(500), "order_id": "B1", "location_id": "LOC2"}
    returns = [{"source_order_id": "O1", "return_line_items": [part | changed]}]
    return Back(refund, {"id": "B1", "updated_at": "2026-03-02T09:00:00Z", "returns": returns})


def counts(seen: LineSeen) -> tuple[str, ...]:
    """(ordered, cancelled, shipped, returned, taken, handed over)"""
    numbers = (seen.ordered, seen.cancelled, seen.shipped, seen.returned, seen.taken)
    return (*(f"{number:f}" for number in numbers), seen.handed_over)


def test_a_till_sale_was_handed_over_at_its_location_and_taken_off_the_count() -> None:
    seen = sale(order())
    assert counts(seen.lines[0]) == ("2", "0", "2", "0", "2", "LOC1")
    assert (seen.commercial, seen.payment, seen.location) == (Commercial.CLOSED, Payment.PAID, "LOC1")
    assert (seen.lines[0].item, seen.lines[0].sku, seen.lines[0].title) == ("CUP", "", "Cup – Blue")
    assert seen.lines[0].unit_price == Decimal("5.00")


def test_the_version_sorts_as_text_by_time_and_number() -> None:
    assert sale(order()).version.key == "2026-03-01T10:00:03.250000Z 0000000000"
    assert sale(ours()).version.key == "2026-03-01T10:00:03.250000Z 0000000003"


def test_a_version_learns_of_a_return_that_the_sale_itself_does_not_know() -> None:
    assert sale(order(), [back()]).version.key == "2026-03-02T09:00:00.000000Z 0000000000"


def test_the_digest_tells_meaning_from_noise() -> None:
    bare = sale(order()).version.digest
    assert sale(order(updated_at="2026-03-01T11:00:00Z", metadata={"x": "y"})).version.digest == bare
    assert sale(order(state="CANCELED")).version.digest != bare


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, ("2", "0", "0", "0", "2", "")),
        ({"tenders": []}, ("2", "0", "0", "0", "0", "")),
        ({"tenders": [tender(400)]}, ("2", "0", "0", "0", "0", "")),
        (
            {"tenders": [tender(type="CARD", card_details={"status": "AUTHORIZED"})]},
            ("2", "0", "0", "0", "0", ""),
        ),
        ({"state": "CANCELED", "tenders": []}, ("2", "2", "0", "0", "0", "")),
        ({"fulfillments": [fulfilment("COMPLETED")]}, ("2", "0", "2", "0", "2", "")),
        ({"fulfillments": [fulfilment("CANCELED")]}, ("2", "2", "0", "0", "2", "")),
        ({"fulfillments": [fulfilment("FAILED"), fulfilment("PROPOSED")]}, ("2", "0", "0", "0", "2", "")),
        (
            {"fulfillments": [fulfilment("FAILED"), fulfilment("COMPLETED", **entries(a="1"))]},
            ("2", "1", "1", "0", "2", ""),
        ),
        (
            {
                "fulfillments": [
                    fulfilment("PREPARED", **entries(a="1")),
                    fulfilment("COMPLETED", **entries(a="1")),
                ]
            },
            ("2", "0", "1", "0", "2", ""),
        ),
    ],
    ids=[
        "paid and to be sent",
        "not paid",
        "half paid",
        "only authorised",
        "cancelled unpaid",
        "sent",
        "fulfilment cancelled",
        "another fulfilment took over",
        "one sent, one failed",
        "one sent, one to be sent",
    ],
)
def test_lines_follow_payment_and_fulfilments(changed: dict[str, Any], expected: tuple[str, ...]) -> None:
    assert counts(sale(ours(**changed)).lines[0]) == expected


def test_goods_come_back_after_they_left() -> None:
    seen = sale(order(), [back()])
    assert counts(seen.lines[0]) == ("2", "0", "2", "1", "2", "LOC1")
    assert seen.payment is Payment.PARTLY_REFUNDED
    assert [(one.line, one.quantity, one.restocked) for one in seen.refunds[0].lines] == [
        ("a", Decimal(1), None)
    ]
    assert (seen.refunds[0].amount, seen.refunds[0].place) == (Money(500, "USD"), "LOC2")


def test_goods_given_back_before_they_left_are_cancelled() -> None:
    assert counts(sale(ours(), [back()]).lines[0]) == ("2", "1", "0", "0", "2", "")


@pytest.mark.parametrize(
    ("status", "returned", "refunded"), [("PENDING", 1, 0), ("COMPLETED", 1, 500), ("FAILED", 0, 0)]
)
def test_goods_count_from_the_return_on_and_money_when_it_is_given(
    status: str, returned: int, refunded: int
) -> None:
    seen = sale(order(), [back(status=status)])
    assert seen.lines[0].returned == returned
    assert sum(refund.amount.minor for refund in seen.refunds) == refunded


def test_an_amount_given_back_moves_no_goods() -> None:
    seen = sale(order(), [back(item_type="CUSTOM_AMOUNT", source_line_item_uid=None)])
    assert seen.lines[0].returned == 0
    assert seen.refunds[0].lines == ()


def test_two_refunds_of_one_return_name_its_goods_once() -> None:
    one = back()
    other = Back(one.refund | {"id": "R2"}, one.order)
    seen = sale(order(), [one, other])
    assert seen.lines[0].returned == 1
    assert [len(refund.lines) for refund in seen.refunds] == [1, 0]
    assert seen.payment is Payment.REFUNDED


@pytest.mark.parametrize(
    "changed",
    [
        {"item_type": "CUSTOM_AMOUNT", "catalog_object_id": None},
        {"item_type": "GIFT_CARD"},
        {"catalog_object_id": None},
    ],
    ids=["amount typed in", "gift card", "item of no catalogue"],
)
def test_lines_without_goods_have_no_stock(changed: dict[str, Any]) -> None:
    seen = sale(order(line_items=[line(**changed)])).lines[0]
    assert (seen.goods, seen.item, seen.handed_over) == (False, "", "")
    assert seen.taken == 0


def test_weights_are_exact_decimals() -> None:
    seen = sale(order(line_items=[line(quantity="0.12345")])).lines[0]
    assert seen.ordered == Decimal("0.12345")


def test_tips_service_charges_and_rounding_make_the_total() -> None:
    service = {"name": "Table", "type": "CUSTOM", "total_money": usd(110), "total_tax_money": usd(10)}
    gratuity = {"name": "Large group", "type": "AUTO_GRATUITY", "total_money": usd(180)}
    spread = {"name": "Delivery", "treatment_type": "APPORTIONED_TREATMENT", "total_money": usd(50)}
    seen = sale(
        order(
            total_money=usd(1492),
            total_tip_money=usd(200),
            rounding_adjustment={"amount_money": usd(2)},
            service_charges=[service, gratuity, spread],
        )
    )
    assert [(charge.kind, charge.amount.minor) for charge in seen.charges] == [
        (ChargeKind.SERVICE, 110),
        (ChargeKind.TIP, 180),
        (ChargeKind.TIP, 200),
        (ChargeKind.ROUNDING, 2),
    ]
    assert disagreements(seen) == []


def test_taxes_are_told_and_stand_in_the_amounts_already() -> None:
    taxes = [
        {"name": "City", "type": "ADDITIVE", "percentage": "7.25", "applied_money": usd(68)},
        {"name": "VAT", "type": "INCLUSIVE", "percentage": "19", "applied_money": usd(160)},
    ]
    seen = sale(order(taxes=taxes))
    assert seen.tax_inclusive
    assert [(tax.title, tax.amount.minor, tax.rate) for tax in seen.taxes] == [
        ("City", 68, "0.0725"),
        ("VAT", 160, "0.19"),
    ]
    assert disagreements(seen) == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"tenders": [], "state": "OPEN"}, Payment.PENDING),
        (
            {"tenders": [tender(type="CARD", card_details={"status": "AUTHORIZED"})], "state": "OPEN"},
            Payment.AUTHORISED,
        ),
        (
            {"tenders": [tender(type="CARD", card_details={"status": "VOIDED"})], "state": "CANCELED"},
            Payment.FAILED,
        ),
        (
            {
                "tenders": [tender(type="BANK_ACCOUNT", bank_account_details={"status": "PENDING"})],
                "state": "OPEN",
            },
            Payment.PENDING,
        ),
        (
            {"tenders": [tender(type="CARD", card_details={"status": "CONJURED"})], "state": "OPEN"},
            Payment.UNKNOWN,
        ),
        ({"tenders": [], "total_money": usd(0)}, Payment.PAID),
    ],
    ids=["no tender", "authorised", "voided", "bank is slow", "unknown word", "free sale"],
)
def test_the_state_of_the_money(changed: dict[str, Any], expected: Payment) -> None:
    assert sale(order(**changed)).payment is expected


def test_unknown_words_become_unknown_and_a_note() -> None:
    seen = sale(
        ours(state="PAUSED", fulfillments=[fulfilment("HELD")], line_items=[line(item_type="RENTAL")])
    )
    assert seen.commercial is Commercial.UNKNOWN
    assert seen.notes == (
        "unknown state of a fulfilment: 'HELD'",
        "unknown state of the order: 'PAUSED'",
        "unknown type of a line: 'RENTAL'",
    )


def test_an_exchange_says_which_goods_no_refund_ties_to_their_sale() -> None:
    part = {"source_order_id": "O0", "return_line_items": [], "return_amounts": {"total_money": usd(1000)}}
    seen = sale(order(returns=[part]))
    assert seen.notes == ("no refund ties a return of 10.00 USD to O0",)
    assert seen.lines[0].ordered == 2


def test_a_refund_ties_a_return_to_its_sale() -> None:
    part = {"source_order_id": "O0", "return_line_items": []}
    tied = order(returns=[part], refunds=[{"id": "R", "transaction_id": "O0"}])
    assert tied_sales(tied) == {"O0"}
    assert sale(tied).notes == ()


def test_buyer_and_address_come_from_the_fulfilment() -> None:
    address = {
        "address_line_1": "1 Main St",
        "locality": "Springfield",
        "postal_code": "12345",
        "country": "US",
        "administrative_district_level_1": "OR",
    }
    person = {"display_name": "Ada L", "email_address": "ada@example.com", "address": address}
    seen = sale(ours(fulfillments=[fulfilment("PROPOSED", shipment_details={"recipient": person})]))
    assert seen.customer is not None
    assert seen.ship_to is not None
    assert (seen.customer.name, seen.customer.email) == ("Ada L", "ada@example.com")
    assert (seen.ship_to.street, seen.ship_to.city, seen.ship_to.region, seen.ship_to.country) == (
        ("1 Main St",),
        "Springfield",
        "OR",
        "US",
    )
    assert sale(order()).customer is None


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"location_id": None}, "shape"),
        ({"total_money": None}, "shape"),
        ({"line_items": [{"uid": "a"}]}, "shape"),
        ({"line_items": [line(quantity="two")]}, "money_malformed"),
        ({"line_items": [line(total_money={"amount": 1, "currency": "EUR"})]}, "currency_mix"),
        ({"total_money": {"amount": 1, "currency": "QQQ"}}, "currency_unknown"),
        ({"created_at": "yesterday"}, "time_malformed"),
    ],
)
def test_what_cannot_be_understood_is_refused_by_name(changed: dict[str, Any], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        sale(order(**changed))
    assert refused.value.code == code


JUNK: list[Any] = [None, "", "x", 7, -1, True, [], {}, [None], {"a": 1}, [{}]]


def understood(broken: dict[str, Any]) -> bool:
    try:
        sale(broken, [back()])
    except Refusal:
        return False
    return True


@given(st.lists(st.tuples(st.integers(0, 60), st.sampled_from(JUNK)), min_size=1, max_size=3))
def test_a_broken_order_is_refused_and_never_a_crash(breaks: list[tuple[int, Any]]) -> None:
    broken = ours(fulfillments=[fulfilment("COMPLETED", **entries(a="1"))], returns=[], taxes=[])
    parts = [broken, broken["line_items"][0], broken["tenders"][0], broken["fulfillments"][0]]
    for number, value in breaks:
        part = parts[number % len(parts)]
        part[list(part)[number % len(part)]] = value
    assert understood(broken) in {True, False}
