"""The store: runs closures in transactions, inline for simulations, commands and PostgreSQL, threaded for a
hub on SQLite.

`run(fn)` hands fn a writing Tx and returns after the commit; `read(fn)` a Tx that only reads. Nothing that
waits (HTTP, decoding) belongs inside a closure. On PostgreSQL a closure that others got in the way of runs a
second time: it may have no effect besides what it writes and returns.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from queue import Empty, SimpleQueue
from time import perf_counter
from typing import Any, Protocol, Self, TypeVar

from sqlalchemy import Connection, Engine

from entrepot.db.bases import base
from entrepot.db.claims import Claiming, Commit, Holding, again, held, transaction
from entrepot.db.engine import readers, sqlite_readers, sqlite_writer
from entrepot.db.tx import READ, Tx
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

    def claiming(self) -> AbstractContextManager["Store"]:
        """A store whose `read` locks what it claims, until the block has committed what its `run` wrote."""

    def holding(self, _name: str, /) -> AbstractContextManager["Store | None"]:
        """A store for as long as nobody else works on `name`; None if somebody does."""

    def close(self) -> None: ...


class HubStore(Store, Protocol):
    """The store of a running hub. `on_commit` is called after every commit and must not wait."""

    on_commit: Callable[[], None]


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
        self, database: str, around: Circumstances, commit: Commit | None = None, *, name: str = "entrepot"
    ) -> None:
        self.tx, self.commit = around.tx, commit or (lambda go: go())
        self.clock, self.ids, self.keyring = around.clock, around.ids, around.keyring
        self.on_commit: Callable[[], None] = lambda: None
        self._base = base(database, name)
        self.engine = self._base.engine

    def run(self, work: Work[T], *, actor: str = "hub", source: str = "hub", correlation: str = "") -> T:
        def once() -> T:
            with self.engine.connect() as connection, transaction(connection, self.commit):
                return work(self.tx(connection, actor=actor, source=source, correlation=correlation))

        result = again(once)
        self.on_commit()
        return result

    def read(self, work: Work[T]) -> T:
        with self._base.reading() as connection:
            return work(self.tx(connection, actor="hub", source=READ))

    @contextmanager
    def claiming(self) -> Iterator[Store]:
        """See Store; on SQLite there is nobody to claim anything from, and each `run` commits by itself."""
        if self._base.claims is None:
            yield self
            return
        with self.engine.connect() as connection, transaction(connection, self.commit):
            claim = Claiming(self, connection)
            yield claim
        if claim.wrote:
            self.on_commit()

    @contextmanager
    def holding(self, name: str) -> Iterator[Store | None]:
        if self._base.claims is None:
            yield self
            return
        with self._base.claims.connect() as connection, held(connection, name) as free:
            yield Holding(self, connection) if free else None

    def snapshot(self) -> bytes:
        """Everything that is stored."""
        return self._base.snapshot()

    def restore(self, snapshot: bytes) -> None:
        """Puts a snapshot in the place of what is here."""
        self._base.restore(snapshot)

    def close(self) -> None:
        self._base.close()


class ReadingStore:
    """A store beside a running hub: it reads, and refuses to write."""

    def __init__(self, database: str, around: Circumstances) -> None:
        self._around = around
        self.clock, self.ids, self.keyring = around.clock, around.ids, around.keyring
        self.engine = readers(database)

    def run(self, work: Work[T], *, actor: str = "hub", source: str = "hub", correlation: str = "") -> T:
        raise AssertionError("a reading store was asked to write")

    def read(self, work: Work[T]) -> T:
        with self.engine.connect() as connection, connection.begin():
            return work(self._around.tx(connection, actor="hub", source=READ))

    @contextmanager
    def claiming(self) -> Iterator[Self]:
        yield self

    @contextmanager
    def holding(self, _name: str) -> Iterator[Self]:
        yield self

    def close(self) -> None:
        self.engine.dispose()


class _Waiting:
    """A closure in the writer's queue."""

    def __init__(self, work: Work[Any], actor: str, source: str, correlation: str) -> None:
        self.work, self.actor, self.source, self.correlation = work, actor, source, correlation
        self.answer: Future[Any] = Future()


class ThreadedStore:
    """One writing thread over SQLite: it commits whatever arrived while the last commit ran, each closure
    under a savepoint. It is the only process there: whatever somebody wants to claim is theirs."""

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
            return work(self._around.tx(connection, actor="hub", source=READ))

    @contextmanager
    def claiming(self) -> Iterator[Self]:
        yield self

    @contextmanager
    def holding(self, _name: str) -> Iterator[Self]:
        yield self

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
