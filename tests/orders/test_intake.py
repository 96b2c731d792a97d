"""Intake through the real store: what arrives is booked once, in whatever order, and only its own line
suffers."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from entrepot.contract import ChargeKind, ChargeSeen, Commercial
from entrepot.kernel import Money, Refusal
from entrepot.orders import Verdict
from tests.orders.desk import PLACED, Desk, eur, line, order, refund


def test_a_new_order_promises_goods() -> None:
    desk = Desk({"TEAPOT": 10, "MUG": 10})

    taken = desk.told(order(line("1", "TEAPOT", ordered=2), line("2", "MUG", ordered=1)))

    assert taken.verdicts == {Verdict.NEW: 1}
    assert desk.claims() == {("1", "reserved"): 2, ("2", "reserved"): 1}
    assert desk.stock("TEAPOT") == {"shelf": 8, "promised": 2}
    assert desk.stock("MUG") == {"shelf": 9, "promised": 1}
    assert desk.exceptions() == []
    assert desk.events() == ["OrderReceived"]


def test_the_same_testimony_twice_is_no_news() -> None:
    desk = Desk()
    once = order(line(ordered=2))

    desk.told(once)
    again = desk.told(once)

    assert again.verdicts == {Verdict.SAME: 1}
    assert desk.stock() == {"shelf": 8, "promised": 2}
    assert desk.events() == ["OrderReceived"]
    assert desk.order().version == 1


def test_an_older_testimony_after_a_newer_one_changes_nothing() -> None:
    desk = Desk()
    desk.told(order(line(ordered=3), key="2"))

    late = desk.told(order(line(ordered=1), key="1"))

    assert late.verdicts == {Verdict.OLDER: 1}
    assert desk.lines() == {"1": {"ordered": 3}}
    assert desk.order().version_key == "2"


def test_the_same_version_with_another_content_is_unclear_when_told_and_news_when_asked_for() -> None:
    desk = Desk()
    desk.told(order(line(ordered=1)))

    told = desk.told(order(line(ordered=2)))
    assert (told.verdicts, told.unclear) == ({Verdict.UNCLEAR: 1}, ("1001",))
    assert desk.lines() == {"1": {"ordered": 1}}

    asked = desk.asked(order(line(ordered=2)))
    assert (asked.verdicts, asked.unclear) == ({Verdict.NEWER: 1}, ())
    assert desk.lines() == {"1": {"ordered": 2}}


def test_news_that_is_told_too_late_is_asked_for_first() -> None:
    desk = Desk()
    desk.clock.sleep(600)

    told = desk.told(order(line(ordered=2)))
    assert (told.verdicts, told.unclear) == ({Verdict.UNCLEAR: 1}, ("1001",))
    assert desk.orders() == []

    asked = desk.asked(order(line(ordered=2)))
    assert (asked.verdicts, asked.unclear) == ({Verdict.NEW: 1}, ())
    assert desk.stock() == {"shelf": 8, "promised": 2}


def test_two_testimonies_of_one_order_in_a_batch_are_one_change() -> None:
    desk = Desk()

    taken = desk.told(
        order(line(ordered=3), key="2"), order(line(ordered=1), key="1"), order(line(), id="1002")
    )

    assert taken.verdicts == {Verdict.NEW: 2, Verdict.NEWER: 1}
    assert desk.lines("1001") == {"1": {"ordered": 3}}
    assert desk.orders() == ["1001", "1002"]
    assert desk.events() == ["OrderReceived", "OrderReceived"]
    assert desk.stock() == {"shelf": 6, "promised": 4}


def test_two_contents_of_one_version_in_a_batch_are_asked_about() -> None:
    desk = Desk()

    taken = desk.told(order(line(ordered=1)), order(line(ordered=2)))

    assert taken.verdicts == {Verdict.NEW: 1, Verdict.UNCLEAR: 1}
    assert taken.unclear == ("1001",)
    assert desk.lines() == {"1": {"ordered": 1}}


def test_what_is_edited_moves_goods_by_the_difference() -> None:
    desk = Desk()
    desk.told(order(line("1", "TEAPOT", ordered=3), key="1"))

    desk.told(order(line("1", "TEAPOT", ordered=1), line("2", "MUG", ordered=2), key="2"))
    assert desk.stock("TEAPOT") == {"shelf": 9, "promised": 1}
    assert desk.stock("MUG") == {"shelf": 8, "promised": 2}

    desk.told(order(line("2", "MUG", ordered=2), key="3"))
    assert desk.lines() == {"1": {"ordered": 3, "cancelled": 3}, "2": {"ordered": 2}}
    assert desk.stock("TEAPOT") == {"shelf": 10}


def test_a_cancelled_order_gives_its_goods_back() -> None:
    desk = Desk()
    desk.told(order(line(ordered=3), key="1"))
    desk.told(order(line(ordered=3), key="2", commercial=Commercial.CANCELLED))

    assert desk.lines() == {"1": {"ordered": 3, "cancelled": 3}}
    assert desk.stock() == {"shelf": 10}
    assert desk.order().fulfilment == "nothing"


def test_what_has_left_is_not_cancelled_but_told() -> None:
    desk = Desk()
    desk.told(order(line(ordered=3, shipped=2), key="1"))
    desk.told(order(line(ordered=3), key="2", commercial=Commercial.CANCELLED))

    assert desk.lines() == {"1": {"ordered": 3, "cancelled": 1, "shipped": 2}}
    assert desk.stock() == {"shelf": 8, "gone": 2}
    assert desk.details() == [
        ("1", "cancelled_after_shipping", "2 pieces were cancelled after they had left")
    ]


def test_goods_that_left_are_gone_and_come_back_where_the_channel_says() -> None:
    desk = Desk()
    desk.told(order(line(ordered=5, shipped=3), key="1"))
    assert desk.claims() == {("1", "consumed"): 3, ("1", "reserved"): 2}
    assert desk.stock() == {"shelf": 5, "promised": 2, "gone": 3}

    fates = (
        refund({"1": 1}, restocked=True, id="r1"),
        refund({"1": 1}, restocked=False, id="r2"),
        refund({"1": 1}, restocked=None, id="r3"),
    )
    desk.told(order(line(ordered=5, shipped=5, returned=3), key="2", refunds=fates))
    assert desk.lines() == {"1": {"ordered": 5, "shipped": 5, "returned": 3, "shelved": 1, "kept": 1}}
    assert desk.stock() == {"shelf": 6, "back": 1, "gone": 3}


def test_goods_to_be_inspected_stay_so_whatever_the_channel_says_later() -> None:
    desk = Desk()
    desk.told(order(line(ordered=1, shipped=1, returned=1), key="1"))
    assert desk.stock() == {"shelf": 9, "back": 1}

    restocked = (refund({"1": 1}, restocked=True),)
    desk.told(order(line(ordered=1, shipped=1, returned=1), key="2", refunds=restocked))

    assert desk.stock() == {"shelf": 9, "back": 1}
    assert desk.wrong() == []


@pytest.mark.parametrize("gap", [True, False])
def test_refunded_goods_that_are_not_restocked_are_set_aside_also_when_the_order_was_missed(
    gap: bool,
) -> None:
    desk = Desk()
    if not gap:
        desk.told(order(line(ordered=3), key="1"))

    lost = (refund({"1": 1}, restocked=False),)
    desk.told(order(line(ordered=3, cancelled=1), key="2", refunds=lost))

    assert desk.stock() == {"shelf": 7, "promised": 2, "unavailable": 1}
    assert desk.claims() == {("1", "reserved"): 2}


def test_goods_that_were_released_are_set_aside_when_the_refund_says_so_later() -> None:
    desk = Desk()
    desk.told(order(line(ordered=3), key="1"))
    desk.told(order(line(ordered=3, cancelled=1), key="2"))
    assert desk.stock() == {"shelf": 8, "promised": 2}

    lost = (refund({"1": 1}, restocked=False),)
    desk.told(order(line(ordered=3, cancelled=1), key="3", refunds=lost))

    assert desk.stock() == {"shelf": 7, "promised": 2, "unavailable": 1}


def test_goods_that_nobody_had_are_not_set_aside() -> None:
    desk = Desk({"TEAPOT": 1})
    desk.told(order(line(ordered=2), key="1"))
    assert desk.claims() == {("1", "reserved"): 1, ("1", "short"): 1}

    lost = (refund({"1": 1}, restocked=False),)
    desk.told(order(line(ordered=2, cancelled=1), key="2", refunds=lost))

    assert desk.claims() == {("1", "reserved"): 1}
    assert desk.stock() == {"promised": 1}
    assert desk.wrong() == []


def test_an_order_placed_before_the_connection_began_is_not_ours() -> None:
    desk = Desk()
    old = PLACED - timedelta(days=2)

    taken = desk.told(order(line(), id="old", placed_at=old), order(line(), id="new"))

    assert taken.verdicts == {Verdict.OLDER: 1, Verdict.NEW: 1}
    assert desk.orders() == ["new"]


def test_a_service_has_no_stock() -> None:
    desk = Desk()
    desk.told(order(line("1", "", ordered=1, goods=False), line("2", "MUG", ordered=1)))

    assert desk.claims() == {("2", "reserved"): 1}
    assert desk.exceptions() == []


def test_a_bundle_claims_every_item_of_its_recipe() -> None:
    desk = Desk({"TEAPOT": 10, "MUG": 10, "SET": 0})
    desk.tell("sku.recipe", sku="SET", parts={"TEAPOT": 1, "MUG": 4})

    desk.told(order(line("1", "SET", ordered=2), key="1"))
    assert desk.stock("TEAPOT") == {"shelf": 8, "promised": 2}
    assert desk.stock("MUG") == {"shelf": 2, "promised": 8}

    desk.told(order(line("1", "SET", ordered=2, cancelled=1, shipped=1), key="2"))
    assert desk.stock("TEAPOT") == {"shelf": 9, "gone": 1}
    assert desk.stock("MUG") == {"shelf": 6, "gone": 4}
    assert desk.wrong() == []


def test_a_kilogram_is_counted_in_grams() -> None:
    desk = Desk({"TEA": 2}, scale=1000)
    desk.told(order(line("1", "TEA", ordered="0.250", amount=eur(500))))
    assert desk.stock("TEA") == {"shelf": 1750, "promised": 250}


def test_goods_that_no_place_holds_wait_visibly_until_they_come() -> None:
    desk = Desk({"TEAPOT": 1})
    desk.told(order(line(ordered=3)))
    assert desk.claims() == {("1", "reserved"): 1, ("1", "short"): 2}
    assert desk.details() == [("1", "short", "2 pieces are promised that no place holds")]

    desk.tell("stock.receive", sku="TEAPOT", location="main", quantity="1", reference="a")
    assert desk.details() == [("1", "short", "1 pieces are promised that no place holds")]

    desk.tell("stock.receive", sku="TEAPOT", location="main", quantity="5", reference="b")
    assert desk.claims() == {("1", "reserved"): 3}
    assert desk.exceptions() == []
    assert desk.stock() == {"shelf": 4, "promised": 3}


def test_an_order_that_vanished_gives_back_what_has_not_left_and_may_come_again() -> None:
    desk = Desk()
    whole = order(line(ordered=3, shipped=1), key="1")
    desk.told(whole)

    desk.vanished("1001", "never-seen")
    assert desk.lines() == {"1": {"ordered": 3, "cancelled": 2, "shipped": 1}}
    assert desk.stock() == {"shelf": 9, "gone": 1}
    assert desk.order().commercial == "cancelled"

    assert desk.vanished("1001").verdicts == {}
    assert desk.told(whole).unclear == ("1001",)
    assert desk.asked(whole).verdicts == {Verdict.NEWER: 1}
    assert desk.lines() == {"1": {"ordered": 3, "shipped": 1}}
    assert desk.stock() == {"shelf": 7, "promised": 2, "gone": 1}


def test_an_order_that_adds_up_to_no_single_currency_is_refused_whole() -> None:
    desk = Desk()
    poison = order(line(), id="bad", charges=(_charge(Money(100, "USD")),))

    with pytest.raises(Refusal, match="cannot combine EUR with USD"):
        desk.told(order(line(), id="good"), poison)
    assert desk.orders() == []


def _charge(amount: Money) -> ChargeSeen:
    return ChargeSeen(kind=ChargeKind.SHIPPING, title="", amount=amount)


def test_a_batch_costs_the_same_statements_whatever_its_size() -> None:
    def statements(n: int) -> int:
        desk = Desk({"TEAPOT": 1000, "MUG": 1000})
        told: list[str] = []
        _count(desk, told)
        desk.told(*(order(line("1", "TEAPOT"), line("2", "MUG"), id=f"{id:04}") for id in range(n)))
        return len(told)

    assert statements(2) == statements(50)


def _count(desk: Desk, told: list[str]) -> None:
    @event.listens_for(desk.store.engine, "before_cursor_execute")
    def note(_c: object, _cursor: object, statement: str, *_more: object) -> None:
        told.append(statement)
