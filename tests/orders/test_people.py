"""People are known in their own room only: nowhere else is a name, a street, an address or a number."""

import json
from pathlib import Path

import structlog
from sqlalchemy import select

from entrepot import customers
from entrepot.contract import AddressSeen, CustomerSeen, OrderSeen
from entrepot.db import tables
from tests.orders.desk import Desk, line, order

NAME, STREET, MAIL, PHONE = (
    "Ottilie Marker",
    "Markerstraat 77-bis",
    "ottilie@marker.example",
    "+31 6 5550 1234",
)
MARKERS = ("Ottilie", "Markerstraat", "marker.example", "5550")


def bought(key: str = "1", units: int = 2) -> OrderSeen:
    """An order that names a person everywhere it can."""
    where = AddressSeen(name=NAME, street=(STREET,), city="Delft", country="NL", phone=PHONE)
    who = CustomerSeen(external_id="7", name=NAME, email=MAIL, phone=PHONE)
    raw = json.dumps({"billing": {"email": MAIL, "name": NAME, "address_1": STREET, "phone": PHONE}}).encode()
    return order(line(ordered=units), key=key, customer=who, ship_to=where, bill_to=where, raw=raw)


def test_people_are_kept_sealed_and_shown_to_who_asks() -> None:
    desk = Desk()
    desk.told(bought())

    person = _person(desk)
    assert (person.customer.name, person.customer.email) == (NAME, MAIL)
    assert person.ship_to is not None
    assert person.ship_to.street == (STREET,)


def test_a_new_version_writes_the_same_person_anew() -> None:
    desk = Desk()
    desk.told(bought("1"))
    first = desk.order().person_id
    desk.told(bought("2", units=3))

    assert desk.order().person_id == first
    assert len(desk.rows(select(tables.person.c.id))) == 1
    assert len(desk.rows(select(tables.address.c.kind))) == 2


def test_an_order_without_people_has_no_person() -> None:
    desk = Desk()
    desk.told(order(line()))
    assert desk.order().person_id is None


def test_no_trace_of_a_person_is_in_the_file_of_the_store_or_in_the_log(tmp_path: Path) -> None:
    desk = Desk(path=str(tmp_path / "hub.db"))
    with structlog.testing.capture_logs() as logged:
        desk.told(bought("1"))
        desk.told(bought("2", units=50))
        desk.vanished("1001")
    desk.store.close()

    assert b"item-TEAPOT" in (tmp_path / "hub.db").read_bytes()
    for file in tmp_path.iterdir():
        found = [marker for marker in MARKERS if marker.encode() in file.read_bytes()]
        assert found == [], file.name
    assert [marker for marker in MARKERS if marker in repr(logged)] == []


def test_no_trace_of_a_person_is_in_events_jobs_moves_or_orders() -> None:
    desk = Desk()
    desk.told(bought())
    for table in (
        tables.event,
        tables.job,
        tables.posting,
        tables.orders,
        tables.order_line,
        tables.exception,
    ):
        text = repr([tuple(row) for row in desk.rows(select(table))])
        assert [marker for marker in MARKERS if marker in text] == [], table.name


def _person(desk: Desk) -> customers.Person:
    id = desk.order().person_id
    return desk.store.read(lambda tx: customers.show(tx, id))
