"""People: sealed each under a key of their own; whoever was forgotten stays forgotten."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from entrepot import customers
from entrepot.contract import AddressSeen, CustomerSeen
from entrepot.customers import NOBODY, Person
from entrepot.db import InlineStore, Tx, keys, tables
from entrepot.kernel import Refusal
from tests.db.stores import inline, threaded, writing

MARKERS = (
    b"Wilhelmina", b"Marker", b"marker@example.com", b"+49 30 5550100", b"Hidden Street 7", b"Secretville",
    b"10999", b"Quiet Ltd",
)  # fmt: skip

WILHELMINA = Person(
    customer=CustomerSeen(
        external_id="77", name="Wilhelmina Marker", email="marker@example.com", phone="+49 30 5550100"
    ),
    ship_to=AddressSeen(
        name="Wilhelmina Marker",
        street=("Hidden Street 7", "Back yard"),
        city="Secretville",
        postcode="10999",
        country="DE",
    ),
    bill_to=AddressSeen(company="Quiet Ltd", city="Secretville"),
)
GUEST = Person(customer=NOBODY)


@pytest.fixture
def store() -> Iterator[InlineStore]:
    store = inline()
    yield store
    store.close()


@pytest.fixture
def tx(store: InlineStore) -> Iterator[Tx]:
    with writing(store) as tx:
        yield tx


def refusal(tx: Tx, id: str) -> str:
    with pytest.raises(Refusal) as refused:
        customers.show(tx, id)
    return refused.value.code


def known(person: Person, id: str) -> Person:
    return Person(id=id, customer=person.customer, ship_to=person.ship_to, bill_to=person.bill_to)


def test_people_are_shown_as_they_were_kept(tx: Tx) -> None:
    one, guest = customers.keep(tx, "c1", [WILHELMINA, GUEST])
    assert customers.show(tx, one) == known(WILHELMINA, one)
    assert customers.show(tx, guest) == known(GUEST, guest)


def test_nothing_of_a_person_stands_in_the_file_in_clear(tmp_path: Path) -> None:
    store = threaded(tmp_path / "hub.db")
    (one,) = store.run(lambda tx: customers.keep(tx, "plain-connection", [WILHELMINA]))
    bytes_ = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"plain-connection" in bytes_, "the test reads the file in which the row is"
    assert [marker for marker in MARKERS if marker in bytes_] == []
    assert store.read(lambda tx: customers.show(tx, one)).customer.name == "Wilhelmina Marker"
    store.close()


def test_a_person_written_anew_keeps_id_and_key(tx: Tx) -> None:
    (one,) = customers.keep(tx, "c1", [WILHELMINA])
    key = keys.find(tx, [f"person:{one}"])
    moved = Person(id=one, customer=CustomerSeen(name="W. Marker"), ship_to=AddressSeen(city="Elsewhere"))
    assert customers.keep(tx, "c1", [moved]) == [one]
    assert customers.show(tx, one) == moved
    assert keys.find(tx, [f"person:{one}"]) == key
    assert len(tx.rows(select(tables.person))) == 1


def test_known_and_new_people_of_one_batch_come_back_in_order(tx: Tx) -> None:
    (one,) = customers.keep(tx, "c1", [WILHELMINA])
    new, again, last = customers.keep(tx, "c1", [GUEST, known(WILHELMINA, one), WILHELMINA])
    assert again == one
    assert len({new, again, last}) == 3
    assert customers.show(tx, last).customer == WILHELMINA.customer


def test_a_person_whose_key_is_gone_is_forgotten(tx: Tx) -> None:
    one, other = customers.keep(tx, "c1", [WILHELMINA, WILHELMINA])
    keys.forget(tx, [f"person:{one}"])
    assert refusal(tx, one) == "person_forgotten"
    assert customers.show(tx, other).customer == WILHELMINA.customer


def test_a_forgotten_person_stays_forgotten_though_the_channel_names_them_again(tx: Tx) -> None:
    (one,) = customers.keep(tx, "c1", [WILHELMINA])
    keys.forget(tx, [f"person:{one}"])
    assert customers.keep(tx, "c1", [known(WILHELMINA, one)]) == [one]
    assert refusal(tx, one) == "person_forgotten"
    assert keys.find(tx, [f"person:{one}"]) == {}
    assert tx.rows(select(tables.address)) == []


def test_a_person_nobody_kept_is_unknown(tx: Tx) -> None:
    assert refusal(tx, "none") == "person_unknown"


def test_one_persons_sealed_row_does_not_open_as_anothers(tx: Tx) -> None:
    one, other = customers.keep(tx, "c1", [WILHELMINA, GUEST])
    table = tables.person
    row = tx.row(select(table.c.sealed).where(table.c.id == other))
    assert row is not None
    tx.run(update(table).where(table.c.id == one).values(sealed=row.sealed))
    assert refusal(tx, one) == "sealed"


def test_every_person_is_sealed_under_another_key(tx: Tx) -> None:
    ids = customers.keep(tx, "c1", [WILHELMINA] * 20)
    assert len(set(keys.find(tx, [f"person:{id}" for id in ids]).values())) == 20
    assert len({row.sealed for row in tx.rows(select(tables.person))}) == 20


def test_no_people_are_kept_for_nothing(tx: Tx) -> None:
    assert customers.keep(tx, "c1", []) == []
