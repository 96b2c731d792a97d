"""The two bases a store stands on, alike: connections to write, to read and to hold claims with, and the
whole content as bytes for worlds that are copied."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, Protocol

import msgspec
from sqlalchemy import Connection, Engine

from entrepot.db.engine import AT_ONCE, CLAIMS, READING, is_postgres, postgres, sqlite_writer
from entrepot.db.tables import metadata


class Base(Protocol):
    """A database as a store uses it. `claims` is None where no other process can be."""

    @property
    def engine(self) -> Engine: ...

    @property
    def claims(self) -> Engine | None: ...

    def reading(self) -> Any: ...

    def snapshot(self) -> bytes: ...

    def restore(self, snapshot: bytes) -> None: ...

    def close(self) -> None: ...


def base(database: str, name: str) -> Base:
    """The base that `database` names; `name` is shown by the server's list of sessions."""
    return Postgres(database, name) if is_postgres(database) else Sqlite(database)


class Sqlite:
    """One connection, in this process; ':memory:' lives as long as it does."""

    claims = None

    def __init__(self, path: str) -> None:
        self.engine = sqlite_writer(path)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """The connection, unable to write."""
        with self.engine.connect() as connection, connection.begin():
            connection.exec_driver_sql("PRAGMA query_only=ON")
            try:
                yield connection
            finally:
                connection.exec_driver_sql("PRAGMA query_only=OFF")

    def snapshot(self) -> bytes:
        with closing(self.engine.raw_connection()) as connection:
            return bytes(connection.driver_connection.serialize())  # type: ignore[union-attr]

    def restore(self, snapshot: bytes) -> None:
        """Only for a store in memory."""
        with closing(self.engine.raw_connection()) as connection:
            connection.driver_connection.deserialize(snapshot)  # type: ignore[union-attr]

    def close(self) -> None:
        self.engine.dispose()


class Postgres:
    """Three pools: for closures that write, for readings of one moment, and for claims, which are held while
    others are called."""

    def __init__(self, url: str, name: str) -> None:
        self.engine = postgres(url, size=AT_ONCE, name=name)
        self.claims = postgres(url, size=CLAIMS, name=name)
        self._readers = postgres(url, size=AT_ONCE, name=name, session=READING)
        self.pools = (self.claims, self._readers, self.engine)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that cannot write, at one moment."""
        with self._readers.connect() as connection, connection.begin():
            yield connection

    def snapshot(self) -> bytes:
        """Every row of every table by its key: the same rows are the same bytes."""
        tables = metadata.sorted_tables
        with self._readers.connect() as connection, connection.begin():
            return msgspec.msgpack.encode([_copied(connection, table) for table in tables])

    def restore(self, snapshot: bytes) -> None:
        """Into tables of the same revision. For worlds of a few thousand rows: it deletes what is here."""
        tables, content = metadata.sorted_tables, msgspec.msgpack.decode(snapshot, type=list[bytes])
        with self.engine.connect() as connection, connection.begin():
            for table in reversed(tables):
                connection.execute(table.delete())
            for table, rows in zip(tables, content, strict=True):
                _filled(connection, table, rows)

    def close(self) -> None:
        for engine in self.pools:
            engine.dispose()


def _copied(connection: Connection, table: Any) -> bytes:
    key = ", ".join(column.name for column in table.primary_key)
    rows = f'SELECT * FROM "{table.name}" ORDER BY {key}'  # noqa: S608 - the names are our own
    with _cursor(connection).copy(f"COPY ({rows}) TO STDOUT") as copy:
        return b"".join(bytes(part) for part in copy)


def _filled(connection: Connection, table: Any, rows: bytes) -> None:
    if rows:
        with _cursor(connection).copy(f'COPY "{table.name}" FROM STDIN') as copy:
            copy.write(rows)


def _cursor(connection: Connection) -> Any:
    """psycopg's own cursor: SQLAlchemy knows no COPY."""
    return connection.connection.cursor()
