"""A buyer is forgotten: nothing that tells of them can be read anywhere, and everything else stands."""

import json
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from hmac import digest
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from entrepot import customers, sync
from entrepot.db import Tx, inbox, keys, tables
from entrepot.kernel import Refusal
from entrepot.kernel.seal import open_under
from entrepot.monitor import verify
from tests.web.shop import Shop, small

OTTILIE = {
    "first_name": "Ottilie", "last_name": "Marker", "address_1": "Markerstraat 77-bis", "city": "Delft",
    "postcode": "2611", "country": "NL", "email": "Ottilie@Marker.example", "phone": "+31 6 5550 1234",
}  # fmt: skip
BOB = OTTILIE | {
    "first_name": "Bob", "last_name": "Other", "address_1": "Elsewhere 5", "email": "bob@other.example",
    "phone": "+31 6 1112223",
}  # fmt: skip
MARKERS = ("Ottilie", "ottilie", "Marker", "marker.example", "5550")


@pytest.fixture(autouse=True)
def database(home_database: str) -> str:
    return home_database


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    shop = small(tmp_path)
    yield shop
    shop.close()


def order(id: int, who: dict[str, str], *, customer: int = 0, at: str = "10:15:09", **more: Any) -> bytes:
    """An order of a web shop as its webhook tells it."""
    moment = f"2026-03-02T{at}"
    line = {"id": 1, "name": "Cup", "product_id": 11, "variation_id": 0, "quantity": 1, "subtotal": "8.40",
            "total": "8.40", "total_tax": "0.00", "sku": "CUP", "price": 8.4,
            "meta_data": [{"id": 1, "key": "_reduced_stock", "value": "1"}]}  # fmt: skip
    payload = {
        "id": id, "number": str(id), "status": "processing", "currency": "EUR", "prices_include_tax": True,
        "date_created_gmt": "2026-03-02T10:15:00", "date_modified_gmt": moment,
        "date_paid_gmt": "2026-03-02T10:15:00", "date_completed_gmt": None, "discount_total": "0.00",
        "shipping_total": "0.00", "cart_tax": "0.00", "total_tax": "0.00", "total": "8.40",
        "customer_id": customer, "billing": who, "shipping": {}, "payment_method": "stripe",
        "transaction_id": "ch_1", "line_items": [line], "tax_lines": [], "shipping_lines": [],
        "fee_lines": [], "coupon_lines": [], "refunds": [],
    } | more  # fmt: skip
    return json.dumps(payload).encode()


def told(shop: Shop, body: bytes) -> None:
    """The web shop tells it, and it is booked."""
    signature = b64encode(digest(shop.secret("web-shop").encode(), body, sha256)).decode()
    headers = {"x-wc-webhook-topic": "order.updated", "x-wc-webhook-signature": signature}
    answer = sync.receive(shop.store, shop.hub.channels, "web-shop", headers=headers, body=body)
    assert answer.status == 200
    shop.settle()


def bought(shop: Shop) -> None:
    """Two orders of one account, one of the same mail address as a guest, what cannot be read, and another
    buyer's."""
    shop.clock.sleep(4_530)  # a quarter past ten
    told(shop, order(9001, OTTILIE, customer=7))
    told(shop, order(9002, OTTILIE | {"email": "second@marker.example"}, customer=7))
    told(shop, order(9003, OTTILIE | {"email": " ottilie@MARKER.example", "phone": ""}))
    told(shop, order(9004, BOB, customer=8))
    told(shop, b'{"id": "odd", "note": {"phone": "0031-6-5550-1234"}}')
    told(shop, order(9001, OTTILIE | {"last_name": "Marker-Married"}, customer=7, at="10:20:00"))


def readable(tx: Tx) -> str:
    """Every column of every table, and all that still opens of what is sealed."""
    found: list[object] = []
    for table in tables.metadata.sorted_tables:
        found += [tuple(row) for row in tx.rows(select(table))]
    held = keys.find(tx, [row.name for row in tx.rows(select(tables.seal_key.c.name))])
    found += [inbox.show(tx, row.id) for row in tx.rows(select(tables.inbox.c.id))]
    for id in [row.id for row in tx.rows(select(tables.person.c.id))]:
        if f"person:{id}" in held:
            found.append(customers.show(tx, id))
    return repr(found)


def people_of(shop: Shop) -> dict[str, str]:
    """Order number → the name of its person, or why there is none."""

    def work(tx: Tx) -> dict[str, str]:
        table = tables.orders
        rows = tx.rows(select(table.c.number, table.c.person_id).order_by(table.c.number))
        return {row.number: _name(tx, row.person_id) for row in rows}

    return shop.store.read(work)


def _name(tx: Tx, person_id: str) -> str:
    try:
        return customers.show(tx, person_id).customer.name
    except Refusal as refused:
        return refused.code


def whole(tx: Tx) -> list[list[Any]]:
    """What must stand as it was: orders without their person, moves, balances, reservations."""
    kept = (tables.orders, tables.order_line, tables.posting, tables.move, tables.balance, tables.reservation)
    return [[tuple(row) for row in tx.rows(select(table).order_by(*table.primary_key))] for table in kept]


def rest(shop: Shop, which: Any) -> list[Any]:
    """The rows of which this is so."""
    return list(shop.store.read(lambda tx: tx.rows(select(which.left.table).where(which))))


def test_nothing_of_a_forgotten_buyer_can_be_read_anywhere_and_all_else_stands(shop: Shop) -> None:
    bought(shop)
    before = shop.store.read(readable)
    assert [marker for marker in MARKERS if marker in before] == list(MARKERS)
    orders, events = shop.store.read(whole), shop.store.read(lambda tx: len(tx.rows(select(tables.event))))
    answer = shop.tell("people.forget", order="web-shop/9001")
    shop.settle()

    after = shop.store.read(readable)
    assert [marker for marker in MARKERS if marker in after] == []
    assert [answer["orders"], len(answer["people"])] == [3, 3]
    assert people_of(shop) == {
        "9001": "person_forgotten",
        "9002": "person_forgotten",
        "9003": "person_forgotten",
        "9004": "Bob Other",
    }
    assert "bob@other.example" in after
    assert shop.store.read(whole) == orders
    assert shop.store.read(lambda tx: len(tx.rows(select(tables.event)))) == events + 3
    assert list(verify(shop.store).violations) == []
    assert rest(shop, tables.job.c.kind == sync.FORGET) == []


def test_what_the_channel_says_of_the_order_later_does_not_bring_the_buyer_back(shop: Shop) -> None:
    bought(shop)
    shop.tell("people.forget", order="web-shop/9001")
    shop.settle()
    told(shop, order(9001, OTTILIE, customer=7, at="10:40:00", status="completed"))
    assert people_of(shop)["9001"] == "person_forgotten"
    state = select(tables.orders.c.fulfilment).where(tables.orders.c.number == "9001")
    assert [row.fulfilment for row in shop.store.read(lambda tx: tx.rows(state))] == ["shipped"]
    after = shop.store.read(readable)
    assert [marker for marker in MARKERS if marker in after] == []


def test_of_a_dead_letter_only_what_is_surely_theirs_counts(shop: Shop) -> None:
    bought(shop)
    told(shop, b'{"id": "odder", "shipping": {"name": "Ottilie Marker"}}')  # another one of that name?
    shop.tell("people.forget", order="web-shop/9001")
    shop.settle()
    left = rest(shop, tables.inbox.c.state == "dead")
    shown = shop.store.read(lambda tx: [inbox.show(tx, row.id) for row in left])
    assert [one.delivery.body for one in shown if one] == [
        b'{"id": "odder", "shipping": {"name": "Ottilie Marker"}}'
    ]


def test_a_new_order_of_the_same_buyer_is_a_new_affair(shop: Shop) -> None:
    bought(shop)
    shop.tell("people.forget", order="web-shop/9001")
    told(shop, order(9005, OTTILIE, customer=7))
    assert people_of(shop)["9005"] == "Ottilie Marker"


def test_a_delivery_that_waits_is_booked_first_and_then_dropped(shop: Shop) -> None:
    bought(shop)
    body = order(9001, OTTILIE, customer=7, at="10:50:00")
    signature = b64encode(digest(shop.secret("web-shop").encode(), body, sha256)).decode()
    headers = {"x-wc-webhook-topic": "order.updated", "x-wc-webhook-signature": signature}
    sync.receive(shop.store, shop.hub.channels, "web-shop", headers=headers, body=body)
    shop.tell("people.forget", order="web-shop/9001")
    shop.settle()
    after = shop.store.read(readable)
    assert [marker for marker in MARKERS if marker in after] == []
    assert rest(shop, tables.inbox.c.state != "done") == []


def test_only_one_order_is_forgotten_if_only_that_is_asked_for(shop: Shop) -> None:
    bought(shop)
    shop.tell("people.forget", order="web-shop/9001", only=True)
    assert people_of(shop)["9001"] == "person_forgotten"
    assert people_of(shop)["9002"] == "Ottilie Marker"


def test_forgetting_twice_is_forgetting_once(shop: Shop) -> None:
    bought(shop)
    (person, *_others) = shop.tell("people.forget", order="web-shop/9001")["people"]
    shop.settle()
    assert shop.tell("people.forget", person=person) == {"people": [person], "orders": 1}
    shop.settle()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "person"),
        ({"person": "p", "order": "web-shop/1"}, "person"),
        ({"person": "nobody"}, "person_unknown"),
        ({"order": "9001"}, "order"),
        ({"order": "web-shop/9999"}, "order_unknown"),
        ({"order": "nowhere/9001"}, "connection_unknown"),
        ({"order": "till/77"}, "order_nobody"),
    ],
)
def test_who_is_meant_must_be_clear(shop: Shop, given: dict[str, str], code: str) -> None:
    shop.order("till", "77", {"C1": ("CUP", 1)}, place="Corner")
    with pytest.raises(Refusal) as refused:
        shop.tell("people.forget", **given)
    assert refused.value.code == code


def test_the_file_holds_neither_the_buyers_keys_nor_their_texts(tmp_path: Path) -> None:
    """Once the hub was stopped: until then the write-ahead log holds what it held. Backups hold what they
    held: restore none from before without forgetting again."""
    shop = small(tmp_path)
    bought(shop)
    kept = select(tables.seal_key.c.sealed).where(tables.seal_key.c.name.like("person:%"))
    sealed = [row.sealed for row in shop.store.read(lambda tx: tx.rows(kept))]
    shop.tell("people.forget", order="web-shop/9001")
    shop.settle()
    shop.close()
    content = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"web-shop" in content
    assert [one in content for one in sealed] == [False, False, False, True]
    assert [marker for marker in MARKERS if marker.encode() in content] == []


def test_a_sealed_row_that_somebody_kept_does_not_open_any_more(shop: Shop) -> None:
    bought(shop)
    rows = shop.store.read(lambda tx: tx.rows(select(tables.person).order_by(tables.person.c.id)))
    shop.tell("people.forget", order="web-shop/9001")

    def opens(tx: Tx) -> int:
        held = keys.find(tx, [row.name for row in tx.rows(select(tables.seal_key.c.name))])
        return sum(_opens(key, row) for key in held.values() for row in rows)

    assert shop.store.read(opens) == 1


def _opens(key: bytes, row: Any) -> bool:
    try:
        open_under(key, row.sealed, f"person:{row.id}")
    except Refusal:
        return False
    return True
