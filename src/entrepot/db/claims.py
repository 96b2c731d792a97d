"""Claims: what one of several processes has taken to do, so that no other does it too.

Row locks of one transaction (`Claiming`), or the name of a thing that is worked on in many transactions
(`Holding`). Either is bound to one connection of PostgreSQL: a process that dies, or loses that connection,
has lost its claim, and what it had not committed never happened. On SQLite there is one process and nothing
to claim: there a store gives itself.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError

from entrepot.db.locks import number
from entrepot.db.tx import Tx
from entrepot.kernel import Clock, Ids, Keyring

T = TypeVar("T")
Work = Callable[[Tx], T]
Commit = Callable[[Callable[[], None]], None]

OF_OTHERS = frozenset({"40P01", "40001", "23505"})
"""What the server says when others were in the way: a deadlock, a transaction out of order, a row that
somebody else was first to write."""

TRIES = 8


class ClaimLost(Exception):
    """The connection that held a claim is gone: somebody else may have it by now."""


class Claimer(Protocol):
    """The store a claim was made in."""

    clock: Clock
    ids: Ids
    keyring: Keyring
    commit: Commit
    on_commit: Callable[[], None]

    def read(self, work: Work[T]) -> T: ...

    def tx(self, connection: Connection, *, actor: str, source: str, correlation: str = "") -> Tx: ...


def again(go: Callable[[], T]) -> T:
    """What `go` returns. It is done anew, a few times, if the database undid it because of others; what it
    finds then is what they wrote."""
    for _ in range(TRIES - 1):
        try:
            return go()
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in OF_OTHERS:
                raise
    return go()


class Claiming:
    """A store of one open transaction. Closures run under a savepoint each; what they read with a lock is
    theirs until the end, and everything is committed there at once."""

    def __init__(self, store: Claimer, connection: Connection) -> None:
        self._store, self._connection, self.wrote = store, connection, False
        self.clock, self.ids, self.keyring = store.clock, store.ids, store.keyring

    def run(self, work: Work[T], *, actor: str = "hub", source: str = "hub", correlation: str = "") -> T:
        self.wrote = True

        def once() -> T:
            with self._connection.begin_nested():
                return work(
                    self._store.tx(self._connection, actor=actor, source=source, correlation=correlation)
                )

        return again(once)

    def read(self, work: Work[T]) -> T:
        return work(self._store.tx(self._connection, actor="hub", source="claim"))

    @contextmanager
    def claiming(self) -> Iterator["Claiming"]:
        yield self

    @contextmanager
    def holding(self, name: str) -> Iterator["Claiming | None"]:
        yield self if name_is_free(self._connection, name, "pg_try_advisory_xact_lock") else None

    def close(self) -> None:
        """The store itself is closed by whoever opened it."""


class Holding:
    """A store that commits on the connection which holds a name. ClaimLost once that connection is gone."""

    def __init__(self, store: Claimer, connection: Connection) -> None:
        self._store, self._connection = store, connection
        self.clock, self.ids, self.keyring = store.clock, store.ids, store.keyring

    def run(self, work: Work[T], *, actor: str = "hub", source: str = "hub", correlation: str = "") -> T:
        def once() -> T:
            if self._connection.invalidated:
                raise ClaimLost
            with transaction(self._connection, self._store.commit):
                return work(
                    self._store.tx(self._connection, actor=actor, source=source, correlation=correlation)
                )

        try:
            result = again(once)
        except DBAPIError as error:
            if error.connection_invalidated:
                raise ClaimLost from error
            raise
        self._store.on_commit()
        return result

    def read(self, work: Work[T]) -> T:
        return self._store.read(work)

    @contextmanager
    def claiming(self) -> Iterator["Holding"]:
        yield self

    @contextmanager
    def holding(self, name: str) -> Iterator["Holding | None"]:
        with held(self._connection, name) as free:
            yield self if free else None

    def close(self) -> None:
        """The store itself is closed by whoever opened it."""


@contextmanager
def transaction(connection: Connection, commit: Commit) -> Iterator[None]:
    """One transaction: committed through `commit` at the end of the block, undone if it is left otherwise."""
    open_one = connection.begin()
    try:
        yield
        commit(open_one.commit)
    finally:
        if open_one.is_active:
            open_one.rollback()


@contextmanager
def held(connection: Connection, name: str) -> Iterator[bool]:
    """Whether `name` is this connection's for the block: False if another one has it."""
    if not name_is_free(connection, name, "pg_try_advisory_lock"):
        connection.rollback()
        yield False
        return
    connection.commit()
    try:
        yield True
    finally:
        if not connection.invalidated:
            connection.rollback()
            connection.execute(select(func.pg_advisory_unlock(number(name))))
            connection.commit()


def name_is_free(connection: Connection, name: str, lock: str) -> bool:
    """Takes an advisory lock by the server's function `lock`; False if another connection has it."""
    found: Any = connection.execute(select(getattr(func, lock)(number(name)))).scalar()
    return bool(found)
