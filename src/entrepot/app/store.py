"""Opening a store: made or migrated, with its first rows, threaded, inline or to read beside a running
hub."""

from collections.abc import Callable
from random import Random

from entrepot import places
from entrepot.app.wiring import REACTIONS
from entrepot.db import Circumstances, InlineStore, ReadingStore, Store, ThreadedStore
from entrepot.db.engine import sqlite_writer
from entrepot.db.migrate import migrate
from entrepot.kernel import Clock, Ids, Keyring, SystemClock, SystemRandom


def circumstances(
    keyring: Keyring, *, clock: Clock | None = None, random: Random | None = None
) -> Circumstances:
    """Clock, ids, keys and reactions, the machine's own unless others are given."""
    clock = clock or SystemClock()
    return Circumstances(clock, Ids(clock, random or SystemRandom()), keyring, REACTIONS)


def prepare(path: str) -> None:
    """Makes the store's file, or brings its schema to this version."""
    engine = sqlite_writer(path)
    migrate(engine)
    engine.dispose()


def first_rows(store: Store) -> None:
    """What every store holds from the first day: the places outside."""
    if not store.read(places.seeded):
        store.run(places.seed, source="setup")


def open_inline(
    path: str, around: Circumstances, commit: Callable[[Callable[[], None]], None] | None = None
) -> InlineStore:
    """A store in the caller's thread, migrated. ':memory:' lives as long as it does."""
    store = InlineStore(path, around, commit)
    migrate(store.engine)
    first_rows(store)
    return store


def open_threaded(path: str, around: Circumstances) -> ThreadedStore:
    """The running hub's store, migrated."""
    prepare(path)
    store = ThreadedStore(path, around)
    first_rows(store)
    return store


def open_reading(path: str, around: Circumstances) -> ReadingStore:
    """A store to read from beside a running hub."""
    return ReadingStore(path, around)
