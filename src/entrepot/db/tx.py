"""One open transaction, and the circumstances that every row in it is written under."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Connection,
    CursorResult,
    Executable,
    Row,
    Select,
    Table,
    UpdateBase,
    func,
    literal,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from entrepot.db import bulk
from entrepot.db.locks import number
from entrepot.kernel import Ids, Keyring

T = TypeVar("T")

READ = "read"
"""The source of a transaction that only reads."""

IN_MAX = 5000
"""Most values in one IN list; longer ones are cut into several statements (SQLite allows 32,766 in all)."""


class Tx:
    """What a use case is handed. `reactions`: event kind → job kinds that care (app.REACTIONS)."""

    def __init__(
        self,
        connection: Connection,
        *,
        actor: str,
        source: str,
        correlation: str,
        now: datetime,
        ids: Ids,
        keyring: Keyring,
        reactions: Mapping[str, Sequence[str]],
    ) -> None:
        self._connection = connection
        self.actor, self.source, self.correlation = actor, source, correlation
        self.now, self.ids, self.keyring, self.reactions = now, ids, keyring, reactions

    def run(
        self, statement: Executable, rows: Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Executes one statement, once or for every row of a batch. An empty batch does nothing."""
        if rows is None:
            return self._connection.execute(statement)
        return self._connection.execute(statement, list(rows))

    def write(self, statement: UpdateBase, rows: Sequence[Mapping[str, Any]]) -> None:
        """Executes the statement for every row; nothing for none."""
        if len(rows) >= bulk.WORTH:
            bulk.execute(self._connection, statement, rows)
        elif rows:
            self._connection.execute(statement, list(rows))

    def rows(self, statement: Executable) -> Sequence[Row[Any]]:
        """All rows of a reading statement."""
        return self._connection.execute(statement).all()

    def row(self, statement: Executable) -> Row[Any] | None:
        """The first row, None if there is none."""
        return self._connection.execute(statement).first()

    def insert(self, table: Table) -> Any:
        """An INSERT that can say ON CONFLICT, in the words of this database."""
        return postgresql.insert(table) if self.database == "postgresql" else sqlite.insert(table)

    def locked(self, statement: Select[Any], **more: Any) -> Select[Any]:
        """The statement with FOR UPDATE, where a transaction that writes is to keep its rows; `more` as of
        `with_for_update`. Rows are locked in the order in which they come: give it one. SQLite has no such
        locks and needs none: it has one writer."""
        return statement if self.source == READ else statement.with_for_update(**more)

    def alone(self, name: str) -> None:
        """Others who ask for the same name wait until this transaction has ended."""
        if self.database == "postgresql":
            self._connection.execute(select(func.pg_advisory_xact_lock(number(name))))

    def keep(self, names: Iterable[str]) -> set[str]:
        """Those of these names that nobody else has; they are ours until this transaction has ended."""
        if self.database != "postgresql":
            return set(names)
        numbers = {number(name): name for name in names}
        every = func.unnest(literal([*numbers], ARRAY(BigInteger))).column_valued("number")
        free = select(every).where(func.pg_try_advisory_xact_lock(every))
        return {numbers[row.number] for row in self._connection.execute(free)}

    def savepoint(self) -> Any:
        """A context in which a failure undoes only what happened inside."""
        return self._connection.begin_nested()

    @property
    def database(self) -> str:
        """'sqlite' or 'postgresql'."""
        return self._connection.dialect.name


def chunks(values: Iterable[T], size: int = IN_MAX) -> list[list[T]]:
    """`values` in lists of at most `size`, in their order."""
    every = list(values)
    return [every[start : start + size] for start in range(0, len(every), size)]
