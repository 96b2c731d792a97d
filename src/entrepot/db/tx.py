"""One open transaction, and the circumstances that every row in it is written under."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, CursorResult, Executable, Row

from entrepot.kernel import Ids, Keyring

T = TypeVar("T")

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

    def write(self, statement: Executable, rows: Sequence[Mapping[str, Any]]) -> None:
        """Executes the statement for every row; nothing for none."""
        if rows:
            self._connection.execute(statement, list(rows))

    def rows(self, statement: Executable) -> Sequence[Row[Any]]:
        """All rows of a reading statement."""
        return self._connection.execute(statement).all()

    def row(self, statement: Executable) -> Row[Any] | None:
        """The first row, None if there is none."""
        return self._connection.execute(statement).first()

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
