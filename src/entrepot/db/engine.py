"""Connections to the database: SQLite with its rules (one writer, WAL, FULL, readers that only read), and
PostgreSQL through pools of psycopg's.

A database is named by one text: a path or ':memory:' is SQLite, a URL that begins with `postgresql://` is
PostgreSQL.
"""

import select
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import NullPool, QueuePool, StaticPool

from entrepot.kernel import Refusal

BUSY_MS = 5000

PATIENCE_S = 10.0
"""So long a thread waits for a free connection, and a new connection for the server."""

AT_ONCE = 12
"""Closures of one process that run at the same time; the others wait for a connection."""

CLAIMS = 64
"""Accounts that one process calls at the same time: each holds a connection while it does."""

SESSION = {
    "TimeZone": "UTC",
    "default_transaction_isolation": "read committed",
    "lock_timeout": "15s",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "60s",
}
"""What every session that writes is told first: nothing waits without end, and nobody holds a lock in
idleness."""

READING = SESSION | {
    "default_transaction_isolation": "repeatable read",  # a reading sees one moment, however long it is
    "default_transaction_read_only": "on",
    "statement_timeout": "600s",
}


def is_postgres(database: str) -> bool:
    """Whether this names a PostgreSQL database."""
    return database.startswith(("postgresql://", "postgres://"))


def sqlite_writer(path: str) -> Engine:
    """The engine of the one writing connection. `path` ':memory:' keeps everything in this process."""
    engine = create_engine(
        f"sqlite:///{path}",
        poolclass=StaticPool,
        hide_parameters=True,  # an error's text must not carry the row it failed on
        connect_args={"check_same_thread": False, "isolation_level": None},
    )

    @event.listens_for(engine, "connect")
    def prepare(raw: Any, _record: Any) -> None:
        _pragmas(
            raw,
            "journal_mode=WAL",
            "wal_autocheckpoint=8192",
            "synchronous=FULL",
            "foreign_keys=ON",
            "cache_size=-131072",
        )

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def sqlite_readers(path: str) -> Engine:
    """An engine whose connections can only read; each transaction sees one moment of the database."""
    if not Path(path).exists():
        raise Refusal(
            "store_missing", f"there is no store at {path}", remedy="Start the hub once, or set ENTREPOT_HOME"
        )
    engine = create_engine(
        f"sqlite:///{path}",
        poolclass=QueuePool,
        pool_size=4,
        max_overflow=12,
        hide_parameters=True,
        connect_args={"check_same_thread": False, "isolation_level": None},
    )

    @event.listens_for(engine, "connect")
    def prepare(raw: Any, _record: Any) -> None:
        _pragmas(raw, "query_only=ON", "wal_autocheckpoint=0", "cache_size=-32768")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


def postgres(url: str, *, size: int, name: str = "entrepot", session: dict[str, str] = SESSION) -> Engine:
    """An engine over a pool of at most `size` connections, which are made when they are needed. One that
    broke is replaced before anybody is handed it; `name` is what the server's list of sessions shows.

    As the two libraries say it is done (SQLAlchemy 2.1, dialect psycopg: "Using psycopg Connection Pooling";
    psycopg_pool 3.3: `close_returns`). Refusal `extra_missing` where psycopg is not installed.
    """
    pooled = _pools()

    def prepare(connection: Any) -> None:
        connection.execute(
            "SELECT set_config(name, value, false) FROM unnest(%s::text[], %s::text[]) AS told (name, value)",
            [[*session], [*session.values()]],
        )
        connection.commit()

    pool = pooled(
        url,
        kwargs={"application_name": name, "connect_timeout": int(PATIENCE_S)},
        min_size=0,
        max_size=size,
        timeout=PATIENCE_S,
        num_workers=1,
        configure=prepare,
        check=lambda one: pooled.check_connection(one) if _spoke(one) else None,
        close_returns=True,
        open=True,
        name=name,
    )
    engine = create_engine(
        "postgresql+psycopg://", poolclass=NullPool, creator=pool.getconn, hide_parameters=True
    )

    @event.listens_for(engine, "engine_disposed")
    def close(_engine: Engine) -> None:
        pool.close()

    event.listen(engine, "handle_error", _discreet)
    return engine


def readers(database: str) -> Engine:
    """An engine whose connections can only read; each transaction sees one moment. Refusal
    `store_missing`."""
    if is_postgres(database):
        return postgres(database, size=AT_ONCE, session=READING)
    return sqlite_readers(database)


def plain(database: str) -> Engine:
    """An engine whose every connection is a new one without limits of time: to migrate, and to find out at
    once that a server does not answer."""
    if not is_postgres(database):
        return sqlite_writer(database)
    _pools()
    address = "postgresql+psycopg://" + database.partition("://")[2]
    engine = create_engine(
        address,
        poolclass=NullPool,
        hide_parameters=True,
        connect_args={"connect_timeout": int(PATIENCE_S), "application_name": "entrepot"},
    )
    event.listen(engine, "handle_error", _discreet)
    return engine


def _spoke(connection: Any) -> bool:
    """Whether an idle server has said something: farewell, most likely."""
    looking = select.poll()
    looking.register(connection.fileno(), select.POLLIN)
    return bool(looking.poll(0))


def _discreet(context: Any) -> None:
    """Takes the row out of an error's text: PostgreSQL tells in DETAIL which one it failed on."""
    error = context.original_exception
    whole, said = str(error), getattr(getattr(error, "diag", None), "message_primary", None)
    if said and said != whole:
        error.args = (said,)
        shown = context.sqlalchemy_exception
        shown.args = tuple(str(part).replace(whole, said) for part in shown.args)


def _pools() -> Any:
    """psycopg's pool, or the Refusal `extra_missing`."""
    try:
        from psycopg_pool import ConnectionPool
    except ImportError:
        raise Refusal(
            "extra_missing", "PostgreSQL needs psycopg", remedy='pip install "entrepot[postgres]"'
        ) from None
    return ConnectionPool


def _pragmas(raw: Any, *pragmas: str) -> None:
    cursor = raw.cursor()
    for pragma in (f"busy_timeout={BUSY_MS}", *pragmas):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
