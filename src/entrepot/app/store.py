"""Opening a store: made or migrated, with its first rows, for a hub at work, for one command, or to read
beside a running hub. A database is named by a path (SQLite) or a URL (PostgreSQL)."""

from collections.abc import Callable
from random import Random

from sqlalchemy import column, exists, func, select, table

from entrepot import connections, places
from entrepot.app.keys import KEY_FILE
from entrepot.app.wiring import REACTIONS
from entrepot.db import Circumstances, HubStore, InlineStore, ReadingStore, Store, ThreadedStore, Tx, events
from entrepot.db.engine import is_postgres, plain
from entrepot.db.migrate import current, migrate
from entrepot.kernel import Clock, Ids, Keyring, Refusal, SystemClock, SystemRandom

HUB = "entrepot hub"
"""What a hub at work is called among the server's sessions."""


def circumstances(
    keyring: Keyring, *, clock: Clock | None = None, random: Random | None = None
) -> Circumstances:
    """Clock, ids, keys and reactions, the machine's own unless others are given."""
    clock = clock or SystemClock()
    return Circumstances(clock, Ids(clock, random or SystemRandom()), keyring, REACTIONS)


def prepare(database: str) -> None:
    """Makes the store, or brings its schema to this version."""
    engine = plain(database)
    migrate(engine)
    engine.dispose()


def first_rows(store: Store) -> None:
    """What every store holds from the first day: the places outside. Events that were copied from another
    server come before those of this one."""

    def seed(tx: Tx) -> None:
        tx.alone("first rows")  # two processes may start on the same first day
        places.seed(tx)

    if not store.read(places.seeded):
        store.run(seed, source="setup")
    if not store.read(events.in_order):
        store.run(events.keep_order, source="setup")


def open_inline(
    database: str,
    around: Circumstances,
    commit: Callable[[Callable[[], None]], None] | None = None,
    *,
    name: str = "entrepot",
) -> InlineStore:
    """A store in the caller's thread, migrated. ':memory:' lives as long as it does."""
    if is_postgres(database):
        prepare(database)
    store = InlineStore(database, around, commit, name=name)
    if not is_postgres(database):
        migrate(store.engine)
    first_rows(store)
    return store


def open_for_hub(database: str, around: Circumstances) -> HubStore:
    """A running hub's store, migrated."""
    if is_postgres(database):
        shared = open_inline(database, around, name=HUB)
        same_keys(shared)
        return shared
    prepare(database)
    store = ThreadedStore(database, around)
    first_rows(store)
    return store


def same_keys(store: Store) -> None:
    """Refusal `keys_other` if what is sealed in the store does not open with this home's keys."""
    try:
        store.read(connections.connections)
    except Refusal as refusal:
        if refusal.code != "sealed":
            raise
        raise Refusal(
            "keys_other",
            "the store was sealed with other keys than this home has",
            remedy=f"Copy {KEY_FILE} here from the home of the hub that made the store",
        ) from None


def made(database: str) -> bool:
    """Whether there is a store in a PostgreSQL database."""
    with plain(database).connect() as connection:
        return current(connection) != ""


def at_work(database: str) -> bool:
    """Whether a hub works on a PostgreSQL database now, on whatever machine."""
    session = table("pg_stat_activity", column("datname"), column("application_name"))
    mine = (session.c.datname == func.current_database()) & (session.c.application_name == HUB)
    with plain(database).connect() as connection:
        return bool(connection.execute(select(exists().where(mine).select_from(session))).scalar())


def open_reading(database: str, around: Circumstances) -> ReadingStore:
    """A store to read from beside a running hub."""
    return ReadingStore(database, around)
