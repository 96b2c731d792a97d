"""The plans of what a reading or a writing asks, as SQLite explains them."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import event

from entrepot.db import Tx


def plans(tx: Tx, work: Callable[[Tx], object]) -> list[tuple[str, list[str]]]:
    """(statement, lines of its plan) of everything that some work asks."""
    asked: list[tuple[str, Any]] = []
    connection = tx._connection

    def note(*given: Any) -> None:
        asked.append((given[2], given[3]))

    event.listen(connection, "before_cursor_execute", note)
    work(tx)
    event.remove(connection, "before_cursor_execute", note)
    return [
        (said, [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", given)])
        for said, given in asked
    ]
