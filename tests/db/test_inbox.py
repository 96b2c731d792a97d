"""The inbox: each delivery once, sealed, waiting or done or dead, unreadable once its day is forgotten."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from entrepot.contract import Delivery
from entrepot.db import InlineStore, ThreadedStore, Tx, inbox, keys, letters, tables
from entrepot.db.jobs import next_at
from entrepot.kernel import VirtualClock
from tests.db.stores import NOON, threaded

MARKERS = (b"Wilhelmina-Marker", b"marker@example.com", b"x-marker-header", b"4111-marker")


@pytest.fixture
def many(tmp_path: Path) -> Iterator[ThreadedStore]:
    store = threaded(tmp_path / "hub.db")
    yield store
    store.close()


def delivery(body: bytes = b"{}", at: datetime = NOON) -> Delivery:
    headers = {"x-marker-header": "4111-marker"}
    return Delivery(headers=headers, body=body, url="https://hub.example/hooks/shop", received_at=at)


def put(store: InlineStore, key: str, body: bytes = b"{}", *, shop: str = "c1", at: datetime = NOON) -> bool:
    return store.run(lambda tx: inbox.put(tx, connection_id=shop, key=key, delivery=delivery(body, at)))


def waiting(store: InlineStore) -> list[bytes]:
    """Bodies of what is due."""
    return [one.delivery.body for one in store.read(lambda tx: inbox.take(tx, 100))]


def fail(store: InlineStore, *, hopeless: bool = False) -> None:
    def work(tx: Tx) -> None:
        inbox.fail(tx, inbox.take(tx, 1)[0], "it failed", hopeless=hopeless)

    store.run(work)


def test_a_delivery_is_stored_once_per_connection_and_key(store: InlineStore) -> None:
    assert put(store, "1", b"first")
    assert not put(store, "1", b"again")
    assert put(store, "1", b"other shop", shop="c2")
    assert put(store, "2", b"second")
    assert waiting(store) == [b"first", b"other shop", b"second"]


def test_many_deliveries_are_stored_at_once_and_each_once(store: InlineStore) -> None:
    put(store, "2", b"here before")
    told = [
        ("1", delivery(b"first")),
        ("2", delivery(b"again")),
        ("3", delivery(b"later", NOON + timedelta(days=1))),
    ]
    store.run(lambda tx: inbox.put_all(tx, connection_id="c1", told=told))
    assert waiting(store) == [b"here before", b"first", b"later"]


def test_a_done_delivery_is_still_known(store: InlineStore) -> None:
    put(store, "1", b"first")
    store.run(lambda tx: inbox.done(tx, [one.id for one in inbox.take(tx, 10)]))
    assert waiting(store) == []
    assert not put(store, "1", b"again")
    assert waiting(store) == []


def test_a_delivery_comes_out_as_it_went_in(store: InlineStore) -> None:
    put(store, "1", bytes(range(256)))
    (letter,) = store.read(lambda tx: inbox.take(tx, 10))
    assert (letter.connection_id, letter.attempts) == ("c1", 0)
    assert letter.delivery == delivery(bytes(range(256)))


def test_no_more_are_taken_than_asked_for(store: InlineStore) -> None:
    for n in range(5):
        put(store, f"{n}", b"%d" % n)
    assert [one.delivery.body for one in store.read(lambda tx: inbox.take(tx, 2))] == [b"0", b"1"]


def test_what_was_delivered_stands_nowhere_in_the_file_in_clear(many: ThreadedStore, tmp_path: Path) -> None:
    body = b'{"name": "Wilhelmina-Marker", "email": "marker@example.com"}'
    many.run(lambda tx: inbox.put(tx, connection_id="c1", key="plain-key", delivery=delivery(body)))
    bytes_ = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"plain-key" in bytes_, "the test reads the file in which the row is"
    for marker in MARKERS:
        assert marker not in bytes_
    letter = many.read(lambda tx: inbox.take(tx, 1))[0]
    assert all(marker in letter.delivery.body + repr(letter.delivery.headers).encode() for marker in MARKERS)


def test_a_sealed_delivery_does_not_open_in_another_row(store: InlineStore) -> None:
    put(store, "1", b"first")
    put(store, "2", b"second")
    box = tables.inbox

    def swap(tx: Tx) -> None:
        one, other = tx.rows(select(box).order_by(box.c.id))
        tx.run(box.update().where(box.c.id == one.id).values(sealed=other.sealed))

    store.run(swap)
    with pytest.raises(Exception, match="does not open"):
        waiting(store)


def test_to_forget_the_key_of_a_day_is_to_forget_its_deliveries(store: InlineStore) -> None:
    put(store, "1", b"yesterday", at=NOON - timedelta(days=1))
    put(store, "2", b"today")
    ids = [one.id for one in store.read(lambda tx: inbox.take(tx, 10))]
    assert store.run(lambda tx: keys.forget(tx, ["inbox:2026-03-01"])) == 1
    assert store.read(lambda tx: inbox.show(tx, ids[0])) is None
    assert store.read(lambda tx: inbox.show(tx, ids[1])) is not None
    assert not put(store, "1", b"yesterday"), "the delivery is still known, though nobody can read it"


def test_forgotten_deliveries_stand_in_nobodys_way(store: InlineStore) -> None:
    for n in range(3):
        put(store, f"{n}", at=NOON - timedelta(days=1))
    put(store, "today", b"today")
    store.run(lambda tx: keys.forget(tx, ["inbox:2026-03-01"]))
    assert [one.delivery.body for one in store.read(lambda tx: inbox.take(tx, 1))] == [b"today"]
    store.run(lambda tx: inbox.done(tx, [one.id for one in inbox.take(tx, 10)]))
    assert store.read(next_at) is None


def test_deliveries_of_one_day_are_sealed_under_one_key(store: InlineStore) -> None:
    put(store, "1", at=NOON)
    put(store, "2", at=NOON + timedelta(hours=11))
    put(store, "3", at=NOON + timedelta(hours=13))
    found = store.read(lambda tx: keys.find(tx, ["inbox:2026-03-02", "inbox:2026-03-03", "inbox:2026-03-04"]))
    assert sorted(found) == ["inbox:2026-03-02", "inbox:2026-03-03"]


def test_a_failed_delivery_waits_longer_each_time_and_is_dead_after_eight_attempts(
    store: InlineStore, clock: VirtualClock
) -> None:
    put(store, "1", b"poison")
    for wait_s in (2, 4, 8, 16, 32, 64, 128):
        fail(store)
        assert waiting(store) == []
        assert store.read(next_at) == clock.now() + timedelta(seconds=wait_s)
        clock.sleep(wait_s)
        assert waiting(store) == [b"poison"]
    fail(store)
    clock.sleep(10**6)
    assert waiting(store) == []
    (dead,) = store.read(letters.listed)
    assert (dead.what, dead.about, dead.attempts, dead.why) == ("delivery", "c1", 8, "it failed")


def test_where_waiting_cannot_help_the_first_failure_is_the_last(store: InlineStore) -> None:
    put(store, "1", b"poison")
    put(store, "2", b"good")
    fail(store, hopeless=True)
    assert [dead.attempts for dead in store.read(letters.listed)] == [1]
    assert waiting(store) == [b"good"]


def test_no_such_delivery_shows_nothing(tx: Tx) -> None:
    assert inbox.show(tx, "none") is None
    inbox.done(tx, [])
