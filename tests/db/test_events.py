"""Events: appended with what happened, each stream without gaps, and the jobs that care about them."""

from collections.abc import Sequence

import pytest
from sqlalchemy import select

from entrepot.db import Event, InlineStore, Tx, events, jobs, tables
from entrepot.kernel import Refusal
from tests.db.stores import NOON


def streams(tx: Tx) -> dict[str, list[int]]:
    """stream → versions, in the order in which they were written."""
    found: dict[str, list[int]] = {}
    for row in tx.rows(select(tables.event).order_by(tables.event.c.id)):
        found.setdefault(row.stream, []).append(row.version)
    return found


def named(*names: str) -> Sequence[Event]:
    return [Event(stream=name, kind="Happened") for name in names]


def test_each_stream_is_counted_from_one_without_gaps(store: InlineStore) -> None:
    store.run(lambda tx: events.append(tx, named("a:1", "b:1", "a:1", "a:1")))
    store.run(lambda tx: events.append(tx, named("b:1", "a:1", "c:1")))
    assert store.read(streams) == {"a:1": [1, 2, 3, 4], "b:1": [1, 2], "c:1": [1]}


def test_a_transaction_that_failed_leaves_no_gap(store: InlineStore) -> None:
    def fail(tx: Tx) -> None:
        events.append(tx, named("a:1"))
        raise Refusal("no", "not today")

    store.run(lambda tx: events.append(tx, named("a:1")))
    with pytest.raises(Refusal):
        store.run(fail)
    store.run(lambda tx: events.append(tx, named("a:1")))
    assert store.read(streams) == {"a:1": [1, 2]}


def test_streams_of_more_than_one_statements_length_have_no_gaps_either(store: InlineStore) -> None:
    every = [f"item:{n}" for n in range(5_100)]
    for _ in range(2):
        store.run(lambda tx: events.append(tx, named(*every)))
    assert store.read(streams) == {name: [1, 2] for name in every}


def test_an_event_says_who_did_it_from_where_and_when(store: InlineStore) -> None:
    event = Event(stream="a:1", kind="Happened", body={"b": 2, "a": [1]})
    store.run(lambda tx: events.append(tx, [event]), actor="anna", source="web", correlation="c1")
    (row,) = store.read(lambda tx: tx.rows(select(tables.event)))
    assert (row.kind, row.body, row.actor) == ("Happened", {"a": [1], "b": 2}, "anna")
    assert (row.source, row.correlation, row.at) == ("web", "c1", NOON)


def test_a_reaction_is_queued_with_the_event_once_per_key(store: InlineStore) -> None:
    moved = Event(stream="item:1", kind="StockMoved", body={"item": "1"}, key="1")

    def append(tx: Tx) -> None:
        events.append(tx, [moved, moved, Event(stream="x:1", kind="NobodyCares")])

    store.run(append)
    store.run(append)
    waiting = store.read(lambda tx: tx.rows(select(tables.job).order_by(tables.job.c.id)))
    assert [(row.kind, row.key, row.once, row.body, row.queue) for row in waiting] == [
        ("refill", "1", "refill:1", {"item": "1"}, "book"),
        ("offer", "1", "offer:1", {"item": "1"}, "book"),
    ]


def test_an_event_without_a_key_is_ordered_by_its_stream(store: InlineStore) -> None:
    store.run(lambda tx: events.append(tx, [Event(stream="item:9", kind="StockMoved")]))
    assert [job.key for job in store.read(lambda tx: jobs.take(tx, "book", 10))] == ["item:9"]


def test_no_events_write_nothing(tx: Tx) -> None:
    events.append(tx, [])
    assert streams(tx) == {}
