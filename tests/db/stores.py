"""Real stores for tests: migrated, under a clock that stands still, with ids drawn from a seed."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from random import Random

from entrepot.db import Circumstances, InlineStore, ThreadedStore, Tx
from entrepot.db.engine import sqlite_writer
from entrepot.db.migrate import migrate
from entrepot.kernel import Ids, Keyring, VirtualClock

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
KEY = b"\x01" * 32


def around(
    clock: VirtualClock | None = None, *, reactions: Mapping[str, Sequence[str]] | None = None
) -> Circumstances:
    """Circumstances of a test."""
    clock = clock or VirtualClock(NOON)
    keys = Keyring({"k0000001": KEY}, "k0000001", draw=Random(2).randbytes)
    return Circumstances(clock, Ids(clock, Random(1)), keys, reactions)


def inline(
    clock: VirtualClock | None = None, *, reactions: Mapping[str, Sequence[str]] | None = None
) -> InlineStore:
    """An empty store in memory."""
    store = InlineStore(":memory:", around(clock, reactions=reactions))
    store.restore(empty())
    return store


@cache
def empty() -> bytes:
    """A migrated store without rows: made once, because every test begins with it."""
    store = InlineStore(":memory:", around())
    migrate(store.engine)
    return store.snapshot()


def threaded(path: Path) -> ThreadedStore:
    """An empty store in a file, with its writing thread."""
    engine = sqlite_writer(str(path))
    migrate(engine)
    engine.dispose()
    return ThreadedStore(str(path), around())


@contextmanager
def writing(store: InlineStore) -> Iterator[Tx]:
    """One transaction, open for the whole of a test's block and committed behind it."""
    with store.engine.connect() as connection, connection.begin():
        yield store.tx(connection, actor="test", source="test")
