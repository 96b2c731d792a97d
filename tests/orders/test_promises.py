"""What an order may claim by what is agreed and paid: nothing, a hold, a reservation."""

from typing import Any

import pytest

from entrepot.contract import Commercial, Payment
from tests.orders.desk import Desk, line, order


def test_a_draft_claims_nothing_until_it_is_an_order() -> None:
    desk = Desk()
    desk.told(order(line(ordered=2), key="1", commercial=Commercial.DRAFT, payment=Payment.PENDING))
    assert (desk.claims(), desk.stock(), desk.exceptions()) == ({}, {"shelf": 10}, [])

    desk.told(order(line(ordered=2), key="2", payment=Payment.PENDING))
    assert desk.claims() == {("1", "held"): 2}


def test_a_draft_of_a_sku_that_nobody_knows_is_no_exception_yet() -> None:
    desk = Desk()
    desk.told(order(line(sku="POT"), key="1", commercial=Commercial.DRAFT))
    assert desk.exceptions() == []


@pytest.mark.parametrize("payment", [Payment.PENDING, Payment.FAILED, Payment.UNKNOWN])
def test_goods_of_an_order_that_is_not_paid_are_held_and_reserved_once_it_is(payment: Payment) -> None:
    desk = Desk()
    desk.told(order(line(ordered=2), key="1", payment=payment))
    assert desk.claims() == {("1", "held"): 2}
    assert desk.stock() == {"shelf": 8, "promised": 2}

    desk.told(order(line(ordered=2), key="2", payment=Payment.PAID))
    assert desk.claims() == {("1", "reserved"): 2}


def test_an_agreement_in_an_unknown_word_holds_its_goods() -> None:
    desk = Desk()
    unknown: dict[str, Any] = {
        "commercial": Commercial.UNKNOWN,
        "payment": Payment.UNKNOWN,
        "notes": ("unknown order status 'vip'",),
    }
    desk.told(order(line(ordered=2), key="1", **unknown))

    assert desk.claims() == {("1", "held"): 2}
    assert desk.details() == [("", "unknown_word", "unknown order status 'vip'")]
