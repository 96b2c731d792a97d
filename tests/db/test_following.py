"""Whoever follows the events sees each of them once, however late it was committed."""

import time

import pytest
from sqlalchemy import func, select, update

from entrepot.db import Event, InlineStore, Tx, events, tables
from entrepot.kernel import Refusal


def tell(*names: str) -> list[Event]:
    return [Event(stream=name, kind="Happened") for name in names]


def follow(
    store: InlineStore, cursor: str = "", *, many: int = 0, limit: int = 100, **wanted: object
) -> tuple[list[str], str]:
    """The streams behind a cursor, and the next one, once there are so many. On PostgreSQL a transaction in
    any database of the server holds events up: one of another test, for a moment."""
    patience = 1_000
    while True:
        found = store.read(lambda tx: events.events_after(tx, cursor, limit=limit, **wanted))  # type: ignore[arg-type]
        patience -= 1
        if len(found.events) >= many or not patience:
            return [one.stream for one in found.events], found.cursor
        time.sleep(0.01)


def newest(store: InlineStore) -> str:
    """The cursor behind the only event."""
    _found, cursor = follow(store, many=1)
    assert store.read(events.newest) == cursor
    return cursor


def test_events_come_in_the_order_in_which_they_were_written(store: InlineStore) -> None:
    store.run(lambda tx: events.append(tx, tell("a:1", "b:1")))
    store.run(lambda tx: events.append(tx, tell("a:1")))
    assert follow(store, many=3)[0] == ["a:1", "b:1", "a:1"]


def test_the_cursor_goes_on_where_it_stood(store: InlineStore) -> None:
    store.run(lambda tx: events.append(tx, tell("a:1", "a:2", "a:3")))
    first, cursor = follow(store, many=2, limit=2)
    assert first == ["a:1", "a:2"]
    rest, cursor = follow(store, cursor, many=1)
    assert rest == ["a:3"]
    assert follow(store, cursor) == ([], cursor)
    store.run(lambda tx: events.append(tx, tell("a:4")))
    assert follow(store, cursor, many=1)[0] == ["a:4"]


def test_what_nobody_wants_is_passed_over_and_not_looked_at_again(store: InlineStore) -> None:
    store.run(
        lambda tx: events.append(tx, [*tell("order:1", "item:1"), Event(stream="order:2", kind="Other")])
    )
    assert follow(store, streams="order:", many=2)[0] == ["order:1", "order:2"]
    found, cursor = follow(store, many=1, streams="order:", kinds=["Happened"])
    assert found == ["order:1"]
    assert follow(store, cursor) == ([], cursor)


def test_many_events_that_nobody_wants_are_passed_over_in_pieces(
    store: InlineStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.run(lambda tx: events.append(tx, tell("a:1", "a:2", "a:3", "a:4", "b:1")))
    follow(store, many=5)
    monkeypatch.setattr(events, "SCANNED", 3)
    found = store.read(lambda tx: events.events_after(tx, "", limit=10, streams="b:"))
    assert (found.events, found.more) == ((), True)
    found = store.read(lambda tx: events.events_after(tx, found.cursor, limit=10, streams="b:"))
    assert [one.stream for one in found.events] == ["b:1"]


def test_who_begins_now_sees_what_comes_next(store: InlineStore) -> None:
    assert store.read(events.newest) == ""
    store.run(lambda tx: events.append(tx, tell("a:1")))
    cursor = newest(store)
    store.run(lambda tx: events.append(tx, tell("a:2")))
    assert follow(store, cursor, many=1)[0] == ["a:2"]


def test_a_cursor_that_is_none_is_refused(store: InlineStore) -> None:
    with pytest.raises(Refusal) as said:
        follow(store, "nothing")
    assert said.value.code == "cursor"


def test_an_event_says_what_happened(store: InlineStore) -> None:
    event = Event(stream="a:1", kind="Happened", body={"n": 1})
    store.run(lambda tx: events.append(tx, [event]), actor="anna", source="web", correlation="c1")
    follow(store, many=1)
    (one,) = store.read(lambda tx: events.events_after(tx, "", limit=1)).events
    assert (one.stream, one.version, one.kind, one.body) == ("a:1", 1, "Happened", {"n": 1})
    assert (one.actor, one.source, one.correlation) == ("anna", "web", "c1")


def test_ids_that_a_clock_has_put_back_do_not_hide_an_event(store: InlineStore) -> None:
    store.run(lambda tx: events.append(tx, tell("a:1")))
    cursor = newest(store)

    def earlier(tx: Tx) -> None:
        tx.ids = store.ids.__class__(store.clock, tx.ids._random)
        tx.ids._last = 0
        tx.ids.new = lambda: "00000000000000000000000001"  # type: ignore[method-assign]
        events.append(tx, tell("a:2"))

    store.run(earlier)
    assert follow(store, cursor, many=1)[0] == ["a:2"]


@pytest.mark.postgres
def test_an_event_that_commits_late_is_not_skipped(store: InlineStore) -> None:
    with store.engine.connect() as slow, slow.begin():
        events.append(store.tx(slow, actor="a", source="s"), tell("slow:1"))
        store.run(lambda tx: events.append(tx, tell("quick:1")))
        assert follow(store) == ([], "")
        with store.engine.connect() as slower, slower.begin():
            events.append(store.tx(slower, actor="a", source="s"), tell("slower:1"))
            slow.commit()
            found, cursor = follow(store, many=2)
            assert found == ["slow:1", "quick:1"]
    assert follow(store, cursor, many=1)[0] == ["slower:1"]


@pytest.mark.postgres
def test_a_transaction_without_events_holds_nobody_up(store: InlineStore) -> None:
    with store.engine.connect() as reader, reader.begin():
        store.tx(reader, actor="a", source="s").rows(select(func.now()))
        store.run(lambda tx: events.append(tx, tell("quick:1")))
        assert follow(store, many=1)[0] == ["quick:1"]


@pytest.mark.postgres
def test_events_of_another_server_come_before_those_of_this_one(store: InlineStore) -> None:
    store.run(lambda tx: events.append(tx, tell("old:1", "old:2")))
    far = update(tables.event).values(turn=tables.event.c.turn + 10**12)
    store.run(lambda tx: tx.run(far))
    assert not store.read(events.in_order)
    store.run(events.keep_order)
    assert store.read(events.in_order)
    found, cursor = follow(store, many=2)
    store.run(lambda tx: events.append(tx, tell("new:1")))
    assert (found, follow(store, cursor, many=1)[0]) == (["old:1", "old:2"], ["new:1"])
