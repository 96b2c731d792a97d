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
    binds = {name: compiled.binds[name] for name in names}
    process = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in binds.items()}
    fixed = {name: bind.effective_value for name, bind in binds.items() if name not in rows[0]}
    parts = [(name, process[name], name in fixed, fixed.get(name)) for name in names]
    if compiled.positional:
        connection.exec_driver_sql(str(compiled), [tuple(_values(parts, row)) for row in rows])
    else:
        connection.exec_driver_sql(
            str(compiled), [dict(zip(names, _values(parts, row), strict=True)) for row in rows]
        )


Part = tuple[str, Callable[[Any], Any] | None, bool, Any]


def _values(parts: Sequence[Part], row: Mapping[str, Any]) -> list[Any]:
    return [
        value if turn is None else turn(value)
        for name, turn, is_fixed, said in parts
        for value in (said if is_fixed else row[name],)
    ]
