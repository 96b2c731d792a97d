"""The store: runs closures in transactions, inline for simulations and commands, threaded for the hub.

`run(fn)` hands fn a writing Tx and returns after the commit; `read(fn)` a Tx that only reads. Nothing that
waits (HTTP, decoding) belongs inside a closure.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import closing
from queue import Empty, SimpleQueue
from time import perf_counter
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, Engine

from entrepot.db.engine import sqlite_readers, sqlite_writer
from entrepot.db.tx import Tx
from entrepot.kernel import Clock, Ids, Keyring

T = TypeVar("T")
Work = Callable[[Tx], T]

GROUP_MAX, GROUP_S = 50, 0.05
"""A group commit takes what is waiting, at most this many closures or this long."""


class Store(Protocol):
    """Where the rooms keep their rows."""

    clock: Clock
    ids: Ids
    keyring: Keyring

    def run(self, work: Work[T], *, actor: str = "hub", source: str = "hub", correlation: str = "") -> T: ...

    def read(self, work: Work[T]) -> T: ...

    def close(self) -> None: ...


class Circumstances:
    """What every Tx of a store carries: clock, ids, keys and who reacts to which event."""

    def __init__(
        self, clock: Clock, ids: Ids, keyring: Keyring, reactions: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        self.clock, self.ids, self.keyring, self.reactions = clock, ids, keyring, reactions or {}

    def tx(self, connection: Connection, *, actor: str, source: str, correlation: str = "") -> Tx:
        return Tx(
            connection,
            actor=actor,
            source=source,
            correlation=correlation or self.ids.new(),
            now=self.clock.now(),
            ids=self.ids,
            keyring=self.keyring,
            reactions=self.reactions,
        )


class InlineStore:
    """A closure is a transaction in the caller's thread. `commit` wraps each commit: a storm dies there."""

    def __init__(
        self, path: str, around: Circumstances, commit: Callable[[Callable[[], None]], None] | None = None
    ) -> None:
        self._around, self._commit = around, commit or (lambda go: go())
        self.clock, self.ids, self.keyring = around.clock, around.ids, around.keyring
        self.engine = sqlite_writer(path)

    def run(self, work: Work[T], *, actor: str = "hub", source: str = "hub", correlation: str = "") -> T:
        with self.engine.connect() as connection:
            transaction = connection.begin()
            try:
                result = work(
                    self._around.tx(connection, actor=actor, source=source, correlation=correlation)
                )
                self._commit(transaction.commit)
            finally:
                if transaction.is_active:
                    transaction.rollback()
            return result

    def read(self, work: Work[T]) -> T:
        with self.engine.connect() as connection, connection.begin():
            connection.exec_driver_sql("PRAGMA query_only=ON")
            try:
                return work(self._around.tx(connection, actor="hub", source="read"))
            finally:
                connection.exec_driver_sql("PRAGMA query_only=OFF")

    def snapshot(self) -> bytes:
        """The whole database as bytes."""
        with closing(self.engine.raw_connection()) as connection:
            return bytes(connection.driver_connection.serialize())  # type: ignore[union-attr]

    def restore(self, snapshot: bytes) -> None:
        """Puts a snapshot in the place of what is here; only for a store in memory."""
        with closing(self.engine.raw_connection()) as connection:
            connection.driver_connection.deserialize(snapshot)  # type: ignore[union-attr]

    def close(self) -> None:
        self.engine.dispose()


class ReadingStore:
    """A store beside a running hub: it reads, and refuses to write."""

    def __init__(self, path: str, around: Circumstances) -> None:
        self._around = around
        self.clock, self.ids, self.keyring = around.clock, around.ids, around.keyring
        self.engine = sqlite_readers(path)

    def run(self, work: Work[T], *, actor: str = "hub", source: str = "hub", correlation: str = "") -> T:
        raise AssertionError("a reading store was asked to write")

    def read(self, work: Work[T]) -> T:
        with self.engine.connect() as connection, connection.begin():
            return work(self._around.tx(connection, actor="hub", source="read"))

    def close(self) -> None:
        self.engine.dispose()


class _Waiting:
    """A closure in the writer's queue."""

    def __init__(self, work: Work[Any], actor: str, source: str, correlation: str) -> None:
        self.work, self.actor, self.source, self.correlation = work, actor, source, correlation
        self.answer: Future[Any] = Future()


class ThreadedStore:
    """One writing thread: it commits whatever arrived while the last commit ran, each closure under a
    savepoint."""

    def __init__(self, path: str, around: Circumstances) -> None:
        self._around = around
        self.clock, self.ids, self.keyring = around.clock, around.ids, around.keyring
        self.on_commit: Callable[[], None] = lambda: None  # called in the writing thread: it must not wait
        self._writer: Engine = sqlite_writer(path)
        with self._writer.connect():
            pass  # the file exists before the first reader opens it
        self._readers = sqlite_readers(path)
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._closing, self._closed = threading.Lock(), False
        self._thread = threading.Thread(target=self._serve, name="entrepot-writer", daemon=True)
        self._thread.start()

    def run(self, work: Work[T], *, actor: str = "hub", source: str = "hub", correlation: str = "") -> T:
        waiting = _Waiting(work, actor, source, correlation)
        with self._closing:
            assert not self._closed, "a closed store was asked to write"
            self._queue.put(waiting)
        result: T = waiting.answer.result()
        return result

    def read(self, work: Work[T]) -> T:
        with self._readers.connect() as connection, connection.begin():
            return work(self._around.tx(connection, actor="hub", source="read"))

    @property
    def waiting(self) -> int:
        """Closures in the writer's queue."""
        return self._queue.qsize()

    def close(self) -> None:
        """Finishes what is queued, closes the readers, then the writer. Nothing can be queued any more."""
        with self._closing:
            self._closed = True
            self._queue.put(None)
        self._thread.join()
        self._readers.dispose()
        self._writer.dispose()

    def _serve(self) -> None:
        while (first := self._queue.get()) is not None:
            stop = self._group(first)
            if stop:
                return

    def _group(self, first: _Waiting) -> bool:
        """One commit. True if the stop mark was met on the way."""
        done: list[tuple[_Waiting, Any]] = []
        stop = False
        try:
            with self._writer.connect() as connection, connection.begin():
                began, waiting = perf_counter(), first
                while True:
                    self._one(connection, waiting, done)
                    if len(done) >= GROUP_MAX or perf_counter() - began > GROUP_S:
                        break
                    try:
                        following = self._queue.get_nowait()
                    except Empty:
                        break
                    if following is None:
                        stop = True
                        break
                    waiting = following
        except BaseException as error:
            for waiting, _result in done:
                waiting.answer.set_exception(error)
            if not first.answer.done():
                first.answer.set_exception(error)
            return stop
        for waiting, result in done:
            waiting.answer.set_result(result)
        self.on_commit()
        return stop

    def _one(self, connection: Connection, waiting: _Waiting, done: list[tuple[_Waiting, Any]]) -> None:
        """Runs one closure under its savepoint; its own failure is its caller's alone."""
        try:
            with connection.begin_nested():
                tx = self._around.tx(
                    connection, actor=waiting.actor, source=waiting.source, correlation=waiting.correlation
                )
                result = waiting.work(tx)
        except BaseException as error:
            waiting.answer.set_exception(error)
        else:
            done.append((waiting, result))
