"""What is wrong with an order is named, leaves the rest of it alone, and closes by itself once it is no
longer so."""

import pytest

from entrepot.connections import see_locations
from entrepot.contract import (
    ChargeKind,
    ChargeSeen,
    Commercial,
    ListingSeen,
    LocationSeen,
    OrderSeen,
    Payment,
    TaxSeen,
)
from entrepot.orders import heal_named
from entrepot.sync.read import book_listings
from tests.orders.desk import Desk, eur, line, order, refund, work_off


def test_a_sku_that_nobody_knows_stops_only_its_own_line() -> None:
    desk = Desk()
    desk.told(order(line("1", "TEAPOT"), line("2", "POT", ordered=2)))

    assert desk.claims() == {("1", "reserved"): 1}
    assert desk.lines() == {"1": {"ordered": 1}, "2": {"ordered": 2}}
    assert desk.details() == [("2", "unmapped_sku", "the channel's 'POT' (Pot) is no SKU of ours yet")]
    assert desk.order().fulfilment == "waiting"


def test_it_heals_when_its_listing_is_mapped_by_hand() -> None:
    desk = Desk()
    listed(desk, "item-OTHER", "SOMETHING ELSE")
    desk.told(order(line("1", "OTHER", ordered=2)))

    desk.tell("sku.map", connection="web", item="item-OTHER", sku="MUG")

    assert desk.claims() == {("1", "reserved"): 2}
    assert desk.exceptions() == []
    assert desk.stock("MUG") == {"shelf": 8, "promised": 2}


def test_it_heals_when_a_sku_is_made_whose_code_the_listing_carries() -> None:
    desk = Desk()
    listed(desk, "item-POT", "POT")
    desk.told(order(line("1", "POT", ordered=2)))

    desk.tell("sku.add", sku="POT")

    assert desk.claims() == {("1", "short"): 2}
    assert desk.exceptions() == [("1", "short")]


def test_it_heals_without_a_listing_once_its_text_is_a_sku() -> None:
    desk = Desk()
    desk.told(order(line("1", "POT", item="", ordered=2)))
    desk.tell("sku.add", sku="POT")
    assert desk.exceptions() == [("1", "unmapped_sku")]

    connection = desk.connection
    desk.store.run(lambda tx: heal_named(tx, connection))
    work_off(desk.hub)
    assert desk.claims() == {("1", "short"): 2}
    assert desk.exceptions() == [("1", "short")]

    assert desk.store.run(lambda tx: heal_named(tx, connection)).verdicts == {}


def test_a_line_that_had_gone_and_come_back_heals_with_all_of_its_past() -> None:
    desk = Desk({"TEAPOT": 10, "MUG": 10})
    listed(desk, "item-X", "X")
    fates = (
        refund({"1": 1}, restocked=False, id="r1"),
        refund({"1": 1}, restocked=True, id="r2"),
        refund({"1": 1}, restocked=None, id="r3"),
    )
    desk.told(order(line("1", "X", ordered=6, cancelled=1, shipped=4, returned=2), refunds=fates))
    assert desk.stock("MUG") == {"shelf": 10}

    desk.tell("sku.map", connection="web", item="item-X", sku="MUG")

    assert desk.stock("MUG") == {"shelf": 5, "promised": 1, "unavailable": 1, "gone": 2, "back": 1}
    assert desk.wrong() == []


def test_a_location_that_is_none_of_ours_claims_nothing_and_heals_when_it_is_mapped() -> None:
    desk = Desk()
    till, connection = LocationSeen(external_id="till", name="Till"), desk.connection
    desk.store.run(lambda tx: see_locations(tx, connection.id, [till]))
    sold = line("1", "TEAPOT", ordered=2, returned=0, handed_over="till")
    back = line("1", "TEAPOT", ordered=2, shipped=2, returned=1, handed_over="till")
    desk.told(order(sold, key="1"), order(line("1", "MUG"), id="1002"))
    desk.told(order(back, key="2"))
    assert desk.claims("1001") == {}
    assert desk.details("1001") == [
        ("1", "location_unmapped", "the channel's location 'till' is none of ours yet")
    ]
    assert desk.claims("1002") == {("1", "reserved"): 1}

    desk.tell("location.map", connection="web", external="till", location="main")

    assert desk.claims("1001") == {("1", "consumed"): 2}
    assert desk.stock("TEAPOT") == {"shelf": 8, "gone": 1, "back": 1}
    assert desk.exceptions("1001") == []
    assert desk.wrong() == []


@pytest.mark.parametrize(
    ("seen", "detail"),
    [
        (
            order(line(ordered=2), total=eur(2499)),
            "total: the channel says 24.99 EUR, its parts add up to 25.00 EUR",
        ),
        (
            order(line(), tax_inclusive=False, taxes=(TaxSeen(title="VAT", amount=eur(238)),)),
            "total: the channel says 12.50 EUR, its parts add up to 14.88 EUR",
        ),
        (
            order(line(), refunds=(refund({}, restocked=None, minor=1251),)),
            "refunds: the channel says 12.50 EUR, its parts add up to 12.51 EUR",
        ),
    ],
)
def test_a_total_that_disagrees_is_named_to_the_cent(seen: OrderSeen, detail: str) -> None:
    desk = Desk()
    desk.told(seen)
    assert desk.details() == [("", "total_disagrees", detail)]
    assert desk.claims() == {("1", "reserved"): int(seen.lines[0].ordered)}


def test_an_exception_names_what_is_wrong_now() -> None:
    desk = Desk()
    desk.told(order(line(), key="1", total=eur(1000)))
    desk.told(order(line(), key="2", total=eur(1100)))
    expected = "total: the channel says 11.00 EUR, its parts add up to 12.50 EUR"
    assert desk.details() == [("", "total_disagrees", expected)]

    shipping = ChargeSeen(kind=ChargeKind.SHIPPING, title="", amount=eur(490))
    desk.told(order(line(), key="3", charges=(shipping,), total=eur(1740)))
    assert desk.exceptions() == []


def test_an_odd_step_is_followed_and_shown_until_the_next_version() -> None:
    desk = Desk()
    desk.told(order(line(ordered=2), key="1", commercial=Commercial.CLOSED, payment=Payment.REFUNDED))

    desk.told(order(line(ordered=2), key="2", commercial=Commercial.CANCELLED, payment=Payment.PENDING))
    assert desk.order().commercial == "cancelled"
    odd = "commercial: closed → cancelled; payment: refunded → pending"
    assert desk.details() == [("", "odd_step", odd)]

    desk.told(order(line(ordered=2), key="3", commercial=Commercial.OPEN, payment=Payment.PAID))
    assert desk.exceptions() == []


def test_every_kind_of_trouble_closes_by_itself() -> None:
    desk = Desk()
    before = order(line("1", ordered=3, shipped=3), line("2", "MUG"), line("3", "TEAPOT"), key="1")
    desk.told(before)
    wrong = order(
        line("1", ordered=1),
        line("2", "MUG", ordered="1.5"),
        line("3", "TEAPOT", ordered=1, cancelled=2),
        line("4", "POT"),
        line("5", handed_over="nowhere"),
        key="2",
        total=eur(1),
        notes=("unknown word",),
        payment=Payment.PENDING,
    )
    desk.told(wrong)
    assert desk.exceptions() == [
        ("", "odd_step"),
        ("", "total_disagrees"),
        ("", "unknown_word"),
        ("1", "cancelled_after_shipping"),
        ("2", "not_whole"),
        ("3", "counts_disagree"),
        ("4", "unmapped_sku"),
        ("5", "location_unmapped"),
    ]

    desk.told(order(line("1", ordered=3, shipped=3), line("2", "MUG"), line("3", "TEAPOT"), key="3"))

    assert desk.exceptions() == []
    assert desk.wrong() == []


def listed(desk: Desk, item: str, sku: str) -> None:
    """The channel shows a listing."""
    connection = desk.connection
    seen = ListingSeen(item=item, sku=sku, title=sku.title())
    desk.store.run(lambda tx: book_listings(tx, connection.id, [seen]))
    work_off(desk.hub)
