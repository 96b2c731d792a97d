"""What is planted into holds and transfers is found by the invariant that is there for it, and by no
other."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from entrepot.db import tables
from entrepot.monitor import verify
from tests.selling.counter import NOON, Counter

hold, line, reservation = tables.hold, tables.transfer_line, tables.reservation

PLANTED: dict[str, tuple[Any, str]] = {
    "a hold that says more than it binds": (
        update(hold).values(quantity=hold.c.quantity - 1),
        "holds_bind_what_they_hold",
    ),
    "an ended hold that still binds": (
        update(hold).values(quantity=0, state="used"),
        "holds_bind_what_they_hold",
    ),
    "a hold without its reservations": (
        update(reservation).values(line_id="nobody"),
        "holds_bind_what_they_hold",
    ),
    "goods that arrived and still travel": (update(line).values(arrived=1), "transit_equals_transfers"),
    "goods that travel for nobody": (update(line).values(sent=9), "transit_equals_transfers"),
}


@pytest.fixture
def counter(one_counter: Counter) -> Iterator[Counter]:
    """With a hold and a transfer under way; what is planted is taken away again."""
    counter = one_counter.begin_again()
    counter.tell("hold.make", sku="TEASET", quantity="2", location="main", reference="H",
                 until=(NOON + timedelta(hours=1)).isoformat())  # fmt: skip
    counter.tell(
        "transfer.send", source="shop", target="main", reference="T", lines=[{"sku": "CUP", "quantity": "3"}]
    )
    yield counter
    counter.begin_again()


@pytest.mark.parametrize("fault", list(PLANTED))
def test_a_planted_fault_is_found_by_its_invariant_alone(counter: Counter, fault: str) -> None:
    counter.sound()
    statement, name = PLANTED[fault]
    counter.store.run(lambda tx: tx.run(statement))
    assert {one.name for one in verify(counter.store).violations} == {name}
