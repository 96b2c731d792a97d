"""Connections to the database: SQLite with its rules (one writer, WAL, FULL, readers that only read)."""

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import NullPool, QueuePool, StaticPool

from entrepot.kernel import Refusal

BUSY_MS = 5000


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
        _pragmas(raw, "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-65536")

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


def plain(url: str) -> Engine:
    """An engine for migrations."""
    return create_engine(url, poolclass=NullPool, hide_parameters=True)


def _pragmas(raw: Any, *pragmas: str) -> None:
    cursor = raw.cursor()
    for pragma in (f"busy_timeout={BUSY_MS}", *pragmas):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
