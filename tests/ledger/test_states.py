"""The printed state table of reservations, every pair of states, against the claims that work on it."""

from datetime import timedelta
from random import Random

import pytest

from entrepot.kernel import Ids, VirtualClock
from entrepot.ledger import BINDING, OPEN, STATES, Reservation, State
from entrepot.ledger.claims import Claims
from tests.db.stores import NOON

ALLOWED = {
    ("short", "held"), ("short", "reserved"), ("short", "released"), ("short", "expired"),
    ("held", "reserved"), ("held", "consumed"), ("held", "released"), ("held", "expired"), ("held", "short"),
    ("reserved", "picked"), ("reserved", "consumed"), ("reserved", "released"), ("reserved", "short"),
    ("picked", "reserved"), ("picked", "consumed"), ("picked", "released"),
}  # fmt: skip
EVERY = ["short", "held", "reserved", "picked", "consumed", "released", "expired"]


def claims(*reservations: Reservation) -> Claims:
    return Claims(Ids(VirtualClock(NOON), Random(1)), reservations)


def one(state: str, quantity: int = 3) -> Reservation:
    return Reservation(
        id="r1", line_id="l1", item_id="i1", quantity=quantity, state=State(state), created_at=NOON
    )


@pytest.mark.parametrize("before", EVERY)
@pytest.mark.parametrize("after", EVERY)
def test_only_the_steps_of_the_table_are_taken(before: str, after: str) -> None:
    book = claims(one(before))
    if (before, after) in ALLOWED:
        book.step(book.one("r1"), State(after))
        assert book.one("r1").state == after
    else:
        with pytest.raises(AssertionError, match="cannot go from"):
            book.step(book.one("r1"), State(after))


def test_the_table_names_every_state_and_its_groups() -> None:
    assert sorted(STATES) == sorted(State) == sorted(EVERY)
    assert sorted(BINDING) == ["held", "picked", "reserved"]
    assert sorted(OPEN) == ["held", "picked", "reserved", "short"]


def test_a_split_leaves_the_rest_and_makes_a_part_of_the_same_age() -> None:
    book = claims(one("reserved"))
    part = book.split(book.one("r1"), 1)
    assert (book.one("r1").quantity, part.quantity) == (2, 1)
    assert part.id != "r1"
    assert part.created_at == NOON
    assert ([new.id for new in book.new()], [old.id for old in book.changed()]) == ([part.id], ["r1"])


def test_a_split_of_everything_is_the_reservation_itself() -> None:
    book = claims(one("reserved"))
    assert book.split(book.one("r1"), 3).id == "r1"
    assert (book.new(), book.changed()) == ([], [])


def test_a_new_claim_that_changes_is_still_only_new() -> None:
    book = claims()
    book.add("l1", "i1", quantity=2, state=State.SHORT)
    book.step(book.new()[0], State.RESERVED, location_id="main")
    assert [(new.state, new.location_id) for new in book.new()] == [("reserved", "main")]
    assert book.changed() == []


def test_met_reservations_do_not_undo_what_was_worked_on() -> None:
    book = claims(one("reserved"))
    book.step(book.one("r1"), State.CONSUMED)
    book.meet([one("reserved")])
    assert book.one("r1").state == "consumed"


def test_unpicked_promises_of_a_place_come_newest_first_whatever_the_order_of_their_ids() -> None:
    def promise(id: str, state: str, minute: int, location: str = "main") -> Reservation:
        return Reservation(
            id=id,
            line_id="l1",
            item_id="i1",
            quantity=1,
            state=State(state),
            location_id=location,
            created_at=NOON + timedelta(minutes=minute),
        )

    book = claims(
        promise("r1", "reserved", 2),
        promise("r2", "held", 3),
        promise("r3", "picked", 9),
        promise("r4", "reserved", 1),
        promise("r5", "consumed", 9),
        promise("r6", "reserved", 9, "shop"),
    )
    assert [one.id for one in book.unpicked("i1", "main")] == ["r2", "r1", "r4"]
    assert [one.id for one in book.of_line("l1", "i1", OPEN)] == ["r4", "r1", "r2", "r3", "r6"]
    assert book.unpicked("i2", "main") == []
