"""Rules about orders as tables: what is news, how the axes may move, what became of the goods, the one
word."""

from datetime import timedelta

import pytest

from entrepot.contract import Commercial, OrderSeen, Payment
from entrepot.orders.model import (
    COMMERCIAL,
    FULFILMENT,
    PAYMENT,
    Fulfilment,
    Line,
    Order,
    Verdict,
    fulfilment,
    odd_steps,
    status,
    verdict,
)
from tests.orders.desk import PLACED, line, order

LATER, BEFORE = PLACED + timedelta(seconds=1), PLACED - timedelta(seconds=1)


def held(seen: OrderSeen) -> Order:
    return Order(
        id="o",
        connection_id="c",
        version_key=seen.version.key,
        digest=seen.version.digest,
        as_of=PLACED,
        version=1,
        person_id="",
        received_at=PLACED,
        seen=seen,
    )


@pytest.mark.parametrize(
    ("key", "digest", "asked_at", "expected"),
    [
        ("3", "a", None, Verdict.NEWER),
        ("3", "b", None, Verdict.NEWER),
        ("3", "b", BEFORE, Verdict.NEWER),
        ("2", "a", None, Verdict.SAME),
        ("2", "a", LATER, Verdict.SAME),
        ("2", "b", None, Verdict.UNCLEAR),
        ("2", "b", LATER, Verdict.NEWER),
        ("2", "b", PLACED, Verdict.UNCLEAR),
        ("2", "b", BEFORE, Verdict.UNCLEAR),
        ("1", "a", None, Verdict.OLDER),
        ("1", "b", LATER, Verdict.OLDER),
    ],
)
def test_a_testimony_is_news_by_its_version(
    key: str, digest: str, asked_at: object, expected: Verdict
) -> None:
    known = held(order(line(), key="2", digest="a"))
    assert verdict(known, order(line(), key=key, digest=digest), asked_at) is expected  # type: ignore[arg-type]


def test_what_we_do_not_hold_is_new() -> None:
    assert verdict(None, order(line()), None) is Verdict.NEW


# the axes

C = Commercial
ODD_COMMERCIAL = {
    (C.OPEN, C.DRAFT),
    (C.CLOSED, C.DRAFT),
    (C.CLOSED, C.CANCELLED),
    (C.CANCELLED, C.DRAFT),
    (C.CANCELLED, C.CLOSED),
}


@pytest.mark.parametrize("before", list(Commercial))
@pytest.mark.parametrize("after", list(Commercial))
def test_every_pair_of_commercial_states_is_allowed_or_odd(before: Commercial, after: Commercial) -> None:
    odd = odd_steps(order(commercial=before), order(commercial=after))
    expected = [f"commercial: {before} → {after}"] if (before, after) in ODD_COMMERCIAL else []
    assert odd == expected


P = Payment
ALLOWED_PAYMENT = {
    P.PENDING: {P.AUTHORISED, P.PAID, P.FAILED, P.PARTLY_REFUNDED, P.REFUNDED},
    P.AUTHORISED: {P.PENDING, P.PAID, P.FAILED, P.PARTLY_REFUNDED, P.REFUNDED},
    P.PAID: {P.PARTLY_REFUNDED, P.REFUNDED, P.CHARGED_BACK},
    P.PARTLY_REFUNDED: {P.REFUNDED, P.CHARGED_BACK},
    P.REFUNDED: {P.CHARGED_BACK},
    P.CHARGED_BACK: {P.PAID},
    P.FAILED: {P.PENDING, P.AUTHORISED, P.PAID},
    P.UNKNOWN: set(Payment),
}


@pytest.mark.parametrize("before", list(Payment))
@pytest.mark.parametrize("after", list(Payment))
def test_every_pair_of_payment_states_is_allowed_or_odd(before: Payment, after: Payment) -> None:
    odd = odd_steps(order(payment=before), order(payment=after))
    fine = after in {before, P.UNKNOWN} or after in ALLOWED_PAYMENT[before]
    assert odd == ([] if fine else [f"payment: {before} → {after}"])


def test_two_axes_can_be_odd_at_once() -> None:
    before = order(commercial=C.CLOSED, payment=P.REFUNDED)
    after = order(commercial=C.CANCELLED, payment=P.PENDING)
    assert odd_steps(before, after) == ["commercial: closed → cancelled", "payment: refunded → pending"]


@pytest.mark.parametrize("table", [COMMERCIAL, PAYMENT, FULFILMENT])
def test_every_state_has_a_row(table: dict[object, frozenset[object]]) -> None:
    states = {type(one) for one in table}
    assert [set(kind) for kind in states] == [set(table)]  # type: ignore[call-overload]


F = Fulfilment


def counted(ordered: int, cancelled: int = 0, shipped: int = 0, returned: int = 0) -> Line:
    return Line(
        id="l",
        order_id="o",
        external_id="1",
        ordered=ordered,
        cancelled=cancelled,
        shipped=shipped,
        returned=returned,
    )


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], F.NOTHING),
        ([counted(2)], F.WAITING),
        ([counted(2, cancelled=1)], F.WAITING),
        ([counted(2, cancelled=2)], F.NOTHING),
        ([counted(2, shipped=1)], F.PARTLY),
        ([counted(2, shipped=1), counted(1)], F.PARTLY),
        ([counted(2, shipped=1, returned=1)], F.PARTLY),
        ([counted(2, cancelled=1, shipped=1)], F.SHIPPED),
        ([counted(2, shipped=2)], F.SHIPPED),
        ([counted(2, shipped=2, returned=1)], F.SHIPPED),
        ([counted(2, shipped=2, returned=2)], F.RETURNED),
        ([counted(2, shipped=2, returned=2), counted(1)], F.PARTLY),
        ([counted(2, shipped=2, returned=2), counted(1, cancelled=1)], F.RETURNED),
    ],
)
def test_fulfilment_is_what_became_of_the_goods(lines: list[Line], expected: Fulfilment) -> None:
    assert fulfilment(lines) is expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (F.WAITING, {F.PARTLY, F.SHIPPED, F.RETURNED, F.NOTHING}),
        (F.PARTLY, {F.SHIPPED, F.RETURNED}),
        (F.SHIPPED, {F.PARTLY, F.RETURNED}),
        (F.RETURNED, {F.PARTLY, F.SHIPPED}),
        (F.NOTHING, {F.WAITING, F.PARTLY, F.SHIPPED, F.RETURNED}),
    ],
)
def test_goods_that_left_never_become_goods_that_wait(before: Fulfilment, after: set[Fulfilment]) -> None:
    assert FULFILMENT[before] == after


@pytest.mark.parametrize(
    ("commercial", "payment", "goods", "word"),
    [
        (C.DRAFT, P.PENDING, F.NOTHING, "draft"),
        (C.UNKNOWN, P.PAID, F.WAITING, "unknown"),
        (C.CANCELLED, P.PAID, F.SHIPPED, "cancelled"),
        (C.OPEN, P.PENDING, F.WAITING, "awaiting payment"),
        (C.OPEN, P.FAILED, F.WAITING, "awaiting payment"),
        (C.OPEN, P.UNKNOWN, F.WAITING, "awaiting payment"),
        (C.OPEN, P.PENDING, F.SHIPPED, "shipped"),
        (C.OPEN, P.AUTHORISED, F.WAITING, "accepted"),
        (C.OPEN, P.PAID, F.WAITING, "accepted"),
        (C.OPEN, P.PAID, F.PARTLY, "partly shipped"),
        (C.CLOSED, P.PAID, F.SHIPPED, "shipped"),
        (C.CLOSED, P.REFUNDED, F.RETURNED, "returned"),
        (C.CLOSED, P.PAID, F.NOTHING, "accepted"),
    ],
)
def test_the_one_word_for_people(
    commercial: Commercial, payment: Payment, goods: Fulfilment, word: str
) -> None:
    assert status(commercial, payment, goods) == word
