"""Lines that the channel sends from locations of its own choice, and moves to others."""

import pytest
from sqlalchemy import func, select

from entrepot.contract import LocationSeen, OrderSeen
from entrepot.db import tables
from entrepot.orders import Taken
from tests.orders.desk import Desk, line, order


@pytest.fixture
def desk() -> Desk:
    """Ten teapots in `main`, four in `annex`, which the channel calls L1 and L2."""
    desk = Desk({"TEAPOT": 10})
    desk.tell("location.add", code="annex")
    desk.tell("stock.adjust", sku="TEAPOT", location="annex", quantity="4", reason="opening", reference="a")
    from_channel = [LocationSeen(external_id="L1", name="Main"), LocationSeen(external_id="L2", name="Annex")]
    desk.see_locations(from_channel)
    desk.tell("location.map", connection="web", external="L1", location="main")
    desk.tell("location.map", connection="web", external="L2", location="annex")
    return desk


def test_lines_of_one_order_are_claimed_where_the_channel_sends_each_from(desk: Desk) -> None:
    desk.told(order(line("1", ordered=2, location="L2"), line("2", ordered=3), location="L1"))
    assert bound(desk) == {"main": 3, "annex": 2}


def test_a_line_whose_own_location_is_none_of_ours_waits_alone(desk: Desk) -> None:
    desk.told(order(line("1", ordered=2, location="L9"), line("2", ordered=3), location="L1"))
    assert bound(desk) == {"main": 3}
    assert desk.details() == [("1", "location_unmapped", "the channel's location 'L9' is none of ours yet")]


def test_a_line_that_the_channel_moves_is_bound_at_its_new_location(desk: Desk) -> None:
    desk.told(order(line(ordered=3), key="1", location="L1"))
    desk.told(order(line(ordered=3), key="2", location="L2"))
    assert bound(desk) == {"annex": 3}
    assert desk.stock() == {"shelf": 11, "promised": 3}
    assert desk.wrong() == []


def test_a_line_that_is_moved_where_too_little_is_waits_there_for_the_rest(desk: Desk) -> None:
    desk.told(order(line(ordered=6), key="1", location="L1"))
    desk.told(order(line(ordered=6), key="2", location="L2"))
    assert bound(desk) == {"annex": 4}
    assert desk.claims() == {("1", "reserved"): 4, ("1", "short"): 2}

    desk.tell("stock.adjust", sku="TEAPOT", location="annex", quantity="2", reason="found", reference="b")
    assert bound(desk) == {"annex": 6}


def test_what_has_left_a_location_stays_gone_from_there_when_the_rest_is_moved(desk: Desk) -> None:
    desk.told(order(line(ordered=5, shipped=2), key="1", location="L1"))
    desk.told(order(line(ordered=5, shipped=2), key="2", location="L2"))
    assert desk.claims() == {("1", "consumed"): 2, ("1", "reserved"): 3}
    assert bound(desk) == {"annex": 3}
    assert desk.stock() == {"shelf": 9, "promised": 3, "gone": 2}


def test_a_line_that_was_moved_and_sent_unseen_left_its_new_location(desk: Desk) -> None:
    desk.told(order(line(ordered=3), key="1", location="L1"))
    desk.told(order(line(ordered=3, shipped=3), key="2", location="L2"))
    assert left(desk) == {"annex": 3}
    assert desk.stock() == {"shelf": 11, "gone": 3}
    assert desk.wrong() == []


def test_a_moved_line_gives_back_the_figure_of_one_location_and_takes_that_of_the_other(desk: Desk) -> None:
    first = desk.told(order(line(ordered=3, taken=3), key="1", location="L1"))
    second = desk.told(order(line(ordered=3, taken=2), key="2", location="L2"))
    assert changed(first) == {("item-TEAPOT", "L1"): -3}
    assert changed(second) == {("item-TEAPOT", "L1"): 3, ("item-TEAPOT", "L2"): -2}


def test_a_line_that_is_gone_for_a_while_is_counted_once(desk: Desk) -> None:
    def told(*lines: object, key: str) -> Taken:
        seen: OrderSeen = order(*lines, key=key, location="L1")  # type: ignore[arg-type]
        return desk.told(seen)

    told(line("1", ordered=3, taken=3), line("2"), key="1")
    assert changed(told(line("2"), key="2")) == {}
    assert changed(told(line("1", ordered=3, taken=3), line("2"), key="3")) == {}


def changed(taken: Taken) -> dict[tuple[str, str], int]:
    """(item, location) → what the channel did to its own figure."""
    return {(one.item, one.location): one.delta for one in taken.effects}


def bound(desk: Desk) -> dict[str, int]:
    """Location → pieces that orders hold there."""
    return _claimed(desk, "held", "reserved")


def left(desk: Desk) -> dict[str, int]:
    """Location → pieces that were sent from there."""
    return _claimed(desk, "consumed")


def _claimed(desk: Desk, *states: str) -> dict[str, int]:
    r, place = tables.reservation, tables.location
    statement = (
        select(place.c.code, func.sum(r.c.quantity).label("n"))
        .join(place, place.c.id == r.c.location_id)
        .where(r.c.state.in_(states))
        .group_by(place.c.code)
    )
    return {row.code: row.n for row in desk.rows(statement)}
