"""Many rows through one statement, without asking SQLAlchemy anew about each: it takes longer than the
database.

The statement is compiled once, and each row is turned into what the driver wants by the column types' own
processors. The same rows reach the database as through `Connection.execute(statement, rows)`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, UpdateBase

WORTH = 8
"""Rows from which on compiling a statement pays."""


def execute(connection: Connection, statement: UpdateBase, rows: Sequence[Mapping[str, Any]]) -> None:
    """Executes an insert, update or delete for every row; each names the same columns and parameters."""
    dialect = connection.dialect
    compiled = statement.compile(dialect=dialect, column_keys=list(rows[0]))
    names: list[str] = compiled.positiontup or list(compiled.binds)
    turns = [
        (place, turn)
        for place, name in enumerate(names)
        if (turn := compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)) is not None
    ]
    if fixed := {name: compiled.binds[name].effective_value for name in names if name not in rows[0]}:
        rows = [{**fixed, **row} for row in rows]
    told = [_values(names, turns, row) for row in rows]
    if compiled.positional:
        connection.exec_driver_sql(str(compiled), told)
    else:
        connection.exec_driver_sql(str(compiled), [dict(zip(names, one, strict=True)) for one in told])


def _values(
    names: Sequence[str], turns: Sequence[tuple[int, Callable[[Any], Any]]], row: Mapping[str, Any]
) -> tuple[Any, ...]:
    values = [row[name] for name in names]
    for place, turn in turns:
        values[place] = turn(values[place])
    return tuple(values)
