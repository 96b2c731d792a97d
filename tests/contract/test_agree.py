"""Whether an order's own figures add up, and which do not."""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from entrepot.contract import (
    CAPABILITIES,
    Adapter,
    ChargeKind,
    ChargeSeen,
    Commercial,
    LineSeen,
    OrderSeen,
    Payment,
    RefundSeen,
    Stated,
    TaxSeen,
    Version,
    disagreements,
)
from entrepot.kernel import Money, Refusal
from tests.db.stores import NOON


def money(minor: int, currency: str = "EUR") -> Money:
    return Money(minor, currency)


def line(minor: int, currency: str = "EUR") -> LineSeen:
    return LineSeen(
        external_id="1", item="i", sku="A", title="", ordered=Decimal(1), amount=money(minor, currency)
    )


def order(total: int, lines: list[int], **more: Any) -> OrderSeen:
    return OrderSeen(
        external_id="1",
        number="1",
        version=Version("1", "d"),
        placed_at=NOON,
        changed_at=NOON,
        commercial=Commercial.OPEN,
        payment=Payment.PAID,
        currency="EUR",
        total=money(total),
        lines=tuple(line(minor) for minor in lines),
        **({"tax_inclusive": True} | more),
    )


def charge(minor: int) -> ChargeSeen:
    return ChargeSeen(kind=ChargeKind.SHIPPING, title="", amount=money(minor))


def refund(minor: int) -> RefundSeen:
    return RefundSeen(external_id="r", amount=money(minor))


TAXES = (TaxSeen(title="VAT", amount=money(190)), TaxSeen(title="City", amount=money(5)))


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (order(0, []), []),
        (order(1000, [600, 400]), []),
        (order(1500, [600, 400], charges=(charge(500),)), []),
        (order(900, [600, 400], charges=(charge(-100),)), []),
        (order(1000, [600, 400], taxes=TAXES), []),  # in the prices already
        (order(1195, [600, 400], taxes=TAXES, tax_inclusive=False), []),
        (order(1001, [600, 400]), ["total: the channel says 10.01 EUR, its parts add up to 10.00 EUR"]),
        (
            order(1000, [600, 400], taxes=TAXES, tax_inclusive=False),
            ["total: the channel says 10.00 EUR, its parts add up to 11.95 EUR"],
        ),
        (order(1000, [1000], refunds=(refund(400), refund(600))), []),
        (
            order(1000, [1000], refunds=(refund(400), refund(601))),
            ["refunds: the channel says 10.00 EUR, its parts add up to 10.01 EUR"],
        ),
        (
            order(-500, [-500], refunds=(refund(1),)),
            ["refunds: the channel says -5.00 EUR, its parts add up to 0.01 EUR"],
        ),
        (
            order(5, [6], refunds=(refund(7),)),
            [
                "total: the channel says 0.05 EUR, its parts add up to 0.06 EUR",
                "refunds: the channel says 0.05 EUR, its parts add up to 0.07 EUR",
            ],
        ),
    ],
)  # fmt: skip
def test_figures_that_do_not_add_up_are_named_to_the_cent(seen: OrderSeen, said: list[str]) -> None:
    assert [str(one) for one in disagreements(seen)] == said


def stated(*, loose: bool = False, **sums: int) -> Stated:
    return msgspec.structs.replace(
        Stated(loose=loose), **{name: money(minor) for name, minor in sums.items()}
    )


def cut(minor: int, discount: int) -> LineSeen:
    return msgspec.structs.replace(line(minor), discount=money(discount))


FREIGHT = ChargeSeen(kind=ChargeKind.SHIPPING, title="", amount=money(400), discount=money(100))
FEE = ChargeSeen(kind=ChargeKind.FEE, title="", amount=money(50))


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (order(1000, [600, 400], stated=Stated()), []),
        (order(1000, [600, 400], stated=stated(lines=1000, discounts=0, taxes=0, shipping=0, refunds=0)), []),
        (
            order(1000, [600, 400], stated=stated(lines=1001)),
            ["lines: the channel says 10.01 EUR, its parts add up to 10.00 EUR"],
        ),
        (
            order(1000, [600, 400], taxes=TAXES, stated=stated(taxes=190)),
            ["taxes: the channel says 1.90 EUR, its parts add up to 1.95 EUR"],
        ),
        (order(1450, [1000], charges=(FREIGHT, FEE), stated=stated(shipping=500, discounts=100)), []),
        (
            order(1450, [1000], charges=(FREIGHT, FEE), stated=stated(shipping=400)),
            ["shipping: the channel says 4.00 EUR, its parts add up to 5.00 EUR"],
        ),
        (
            order(1000, [1000], refunds=(refund(300),), stated=stated(refunds=400)),
            ["refunds: the channel says 4.00 EUR, its parts add up to 3.00 EUR"],
        ),
        (
            order(999, [1000], stated=stated(lines=999, discounts=1)),
            [
                "lines: the channel says 9.99 EUR, its parts add up to 10.00 EUR",
                "discounts: the channel says 0.01 EUR, its parts add up to 0.00 EUR",
                "total: the channel says 9.99 EUR, its parts add up to 10.00 EUR",
            ],
        ),
    ],
)  # fmt: skip
def test_a_sum_that_the_channel_states_is_held_against_its_parts(seen: OrderSeen, said: list[str]) -> None:
    assert [str(one) for one in disagreements(seen)] == said


@pytest.mark.parametrize(
    ("said", "agrees"), [(299, True), (300, True), (301, True), (302, False), (298, False)]
)
def test_sums_of_parts_that_were_rounded_one_by_one_may_be_half_a_cent_a_part_off(
    said: int, agrees: bool
) -> None:
    lines = (cut(900, 100), cut(900, 100), cut(900, 100))
    seen = msgspec.structs.replace(order(2700, [], stated=stated(discounts=said, loose=True)), lines=lines)
    assert (disagreements(seen) == []) is agrees
    strict = msgspec.structs.replace(seen, stated=stated(discounts=said))
    assert (disagreements(strict) == []) is (said == 300)


def test_an_order_in_two_currencies_is_the_adapters_mistake() -> None:
    with pytest.raises(Refusal) as refused:
        disagreements(msgspec.structs.replace(order(1000, []), lines=(line(1000, "USD"),)))
    assert refused.value.code == "currency_mix"


def test_testimony_survives_being_packed() -> None:
    seen = order(1500, [600, 400], charges=(charge(500),), taxes=TAXES, refunds=(refund(1),), raw=b"\x00\xff")
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(seen), type=OrderSeen) == seen
    assert msgspec.json.decode(msgspec.json.encode(seen), type=OrderSeen) == seen


def test_every_function_of_the_protocol_is_a_capability() -> None:
    functions = {name for name in vars(Adapter) if not name.startswith("_")}
    assert functions - {"check_return"} <= set(CAPABILITIES)  # that one is a part of ABOUT.oauth
    assert len(CAPABILITIES) == len(set(CAPABILITIES)) == 26
