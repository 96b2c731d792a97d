"""Stores run closures in transactions, each whole or not at all; a failure is its own caller's alone."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Event as Gate
from typing import Any

import pytest
from sqlalchemy import event as listening
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from entrepot.db import InlineStore, ReadingStore, Store, ThreadedStore, Tx, tables
from entrepot.kernel import Refusal
from tests.db.stores import around, threaded


@pytest.fixture
def many(tmp_path: Path) -> Iterator[ThreadedStore]:
    store = threaded(tmp_path / "hub.db")
    yield store
    store.close()


def note(tx: Tx, code: str) -> str:
    """Writes one row."""
    tx.run(insert(tables.network).values(id=code, code=code, name=""))
    return code


def noted(store: Store) -> list[str]:
    """Every row, in the order in which it was written."""

    def ask(tx: Tx) -> list[str]:
        place = text("rowid" if tx.database == "sqlite" else "ctid")  # where the row lies in its table
        return [row.code for row in tx.rows(select(tables.network.c.code).order_by(place))]

    return store.read(ask)


class Held:
    """Keeps the writer busy until it is let go, so that what comes meanwhile is one group commit."""

    def __init__(self, store: ThreadedStore, threads: ThreadPoolExecutor) -> None:
        self._gate, begun = Gate(), Gate()

        def hold(_tx: Tx) -> None:
            begun.set()
            assert self._gate.wait(10)

        self._held = threads.submit(store.run, hold)
        assert begun.wait(10)
        self._store, self._threads = store, threads

    def submit(self, work: Any) -> "Future[Any]":
        """Queues a closure behind those before it."""
        before = self._store.waiting
        future = self._threads.submit(self._store.run, work)
        while self._store.waiting == before:
            pass
        return future

    def go(self) -> None:
        self._gate.set()
        self._held.result(10)


def test_a_closure_returns_its_result_after_the_commit(store: InlineStore, many: ThreadedStore) -> None:
    for one in (store, many):
        assert one.run(lambda tx: note(tx, "a")) == "a"
        assert noted(one) == ["a"]


def test_a_failing_closure_leaves_nothing_behind(store: InlineStore, many: ThreadedStore) -> None:
    def fail(tx: Tx) -> None:
        note(tx, "a")
        raise Refusal("no", "not today")

    for one in (store, many):
        with pytest.raises(Refusal, match="not today"):
            one.run(fail)
        assert noted(one) == []


def test_a_broken_constraint_reaches_its_caller(store: InlineStore, many: ThreadedStore) -> None:
    for one in (store, many):
        one.run(lambda tx: note(tx, "a"))
        with pytest.raises(IntegrityError):
            one.run(lambda tx: note(tx, "a"))
        assert noted(one) == ["a"]


def test_one_failure_leaves_the_neighbours_of_its_group_whole(many: ThreadedStore) -> None:
    def fail(tx: Tx) -> None:
        note(tx, "half")
        raise Refusal("no", "not today")

    commits = count_commits(many)
    with ThreadPoolExecutor(4) as threads:
        held = Held(many, threads)
        futures = [held.submit(work) for work in (lambda tx: note(tx, "a"), fail, lambda tx: note(tx, "b"))]
        held.go()
        assert (futures[0].result(10), futures[2].result(10)) == ("a", "b")
        with pytest.raises(Refusal):
            futures[1].result(10)
    assert noted(many) == ["a", "b"]
    assert len(commits) == 1


def count_commits(store: ThreadedStore) -> list[object]:
    """One entry for every commit of the writer from here on."""
    commits: list[object] = []
    listening.listen(store._writer, "commit", commits.append)
    return commits


def test_a_commit_that_fails_reaches_every_caller_of_its_group(many: ThreadedStore) -> None:
    def refuse(_connection: object) -> None:
        raise OSError("the disk is full")

    with ThreadPoolExecutor(4) as threads:
        held = Held(many, threads)
        futures = [held.submit(lambda tx, code=code: note(tx, code)) for code in "abc"]
        listening.listen(many._writer, "commit", refuse)
        with pytest.raises(OSError, match="the disk is full"):
            held.go()
        for future in futures:
            with pytest.raises(OSError, match="the disk is full"):
                future.result(10)
    listening.remove(many._writer, "commit", refuse)
    assert noted(many) == []
    assert many.run(lambda tx: note(tx, "d")) == "d"
    assert noted(many) == ["d"]


def test_closures_of_many_threads_are_all_booked_and_each_threads_in_order(many: ThreadedStore) -> None:
    def write(thread: int) -> None:
        for n in range(50):
            many.run(lambda tx, n=n: note(tx, f"{thread:02}:{n:02}"))  # type: ignore[misc]

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(write, range(8)))
    written = noted(many)
    assert len(written) == 400
    for thread in range(8):
        mine = [code for code in written if code.startswith(f"{thread:02}:")]
        assert mine == sorted(mine)


def test_closures_run_in_the_order_in_which_they_were_queued(many: ThreadedStore) -> None:
    order: list[int] = []
    with ThreadPoolExecutor(21) as threads:
        held = Held(many, threads)
        futures = [held.submit(lambda _tx, n=n: order.append(n)) for n in range(20)]
        held.go()
        for future in futures:
            future.result(10)
    assert order == list(range(20))


def test_readers_cannot_write(store: InlineStore, many: ThreadedStore, tmp_path: Path) -> None:
    reading = ReadingStore(str(tmp_path / "hub.db"), around())
    for one in (store, many, reading):
        with pytest.raises(DBAPIError, match=r"read-?only"):
            one.read(lambda tx: note(tx, "a"))
        assert noted(one) == []
    reading.close()
    assert store.run(lambda tx: note(tx, "b")) == "b"


def test_a_reading_store_reads_beside_the_hub_and_refuses_to_write(
    many: ThreadedStore, tmp_path: Path
) -> None:
    many.run(lambda tx: note(tx, "a"))
    reading = ReadingStore(str(tmp_path / "hub.db"), around())
    assert noted(reading) == ["a"]
    with pytest.raises(AssertionError, match="asked to write"):
        reading.run(lambda tx: note(tx, "b"))
    reading.close()


def test_a_reading_store_of_a_hub_that_never_ran_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refused:
        ReadingStore(str(tmp_path / "none.db"), around())
    assert refused.value.code == "store_missing"
    assert not (tmp_path / "none.db").exists()


def test_a_reader_sees_one_moment_however_long_it_reads(many: ThreadedStore) -> None:
    many.run(lambda tx: note(tx, "a"))

    def read(tx: Tx) -> tuple[int, int]:
        before = len(tx.rows(select(tables.network)))
        many.run(lambda other: note(other, "b"))
        return before, len(tx.rows(select(tables.network)))

    assert many.read(read) == (1, 1)
    assert noted(many) == ["a", "b"]


def test_a_savepoint_undoes_only_what_happened_inside(store: InlineStore, many: ThreadedStore) -> None:
    def work(tx: Tx) -> None:
        note(tx, "a")
        with pytest.raises(IntegrityError):
            twice(tx)
        note(tx, "c")

    def twice(tx: Tx) -> None:
        with tx.savepoint():
            note(tx, "b")
            note(tx, "a")

    for one in (store, many):
        one.run(work)
        assert noted(one) == ["a", "c"]


def test_closing_finishes_what_is_queued(tmp_path: Path) -> None:
    store = threaded(tmp_path / "queued.db")
    with ThreadPoolExecutor(31) as threads:
        held = Held(store, threads)
        futures = [held.submit(lambda tx, n=n: note(tx, f"{n:02}")) for n in range(29)]
        closing = threads.submit(store.close)
        held.go()
        closing.result(10)
        assert [future.result(10) for future in futures] == [f"{n:02}" for n in range(29)]
    reading = ReadingStore(str(tmp_path / "queued.db"), around())
    assert noted(reading) == [f"{n:02}" for n in range(29)]
    reading.close()


def test_a_closed_store_takes_nothing_more_and_keeps_nobody_waiting(tmp_path: Path) -> None:
    store = threaded(tmp_path / "closed.db")
    store.close()
    with pytest.raises(AssertionError, match="closed"):
        store.run(lambda tx: note(tx, "a"))


def test_what_runs_at_every_commit_can_make_it_fail(store: InlineStore) -> None:
    def die(_go: object) -> None:
        raise OSError("the power is gone")

    dying = InlineStore(":memory:", around(), commit=die)
    dying.engine = store.engine
    with pytest.raises(OSError, match="power"):
        dying.run(lambda tx: note(tx, "a"))
    assert noted(store) == []


def test_a_transaction_carries_who_where_and_when(store: InlineStore) -> None:
    def circumstances(tx: Tx) -> tuple[str, str, str]:
        return tx.actor, tx.source, tx.correlation

    assert store.run(circumstances, actor="anna", source="web", correlation="c1") == ("anna", "web", "c1")
    first, second = store.run(circumstances), store.run(circumstances)
    assert (first[0], first[1]) == ("hub", "hub")
    assert first[2] != second[2]
