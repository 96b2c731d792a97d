"""Growing: everything that the SQLite file of a home holds goes into an empty PostgreSQL database, once."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, insert, select

from entrepot.app.home import Lock, take_or_find
from entrepot.app.settings import Settings
from entrepot.app.store import prepare
from entrepot.db.engine import plain
from entrepot.db.tables import metadata
from entrepot.kernel import Refusal, SystemClock

AT_ONCE = 2_000
"""Rows in one statement."""


def grow(settings: Settings) -> dict[str, int]:
    """Copies every table in one transaction; table → rows. The file stays as it was.

    Refusal `setting_missing` without ENTREPOT_DATABASE, `store_missing` without a file, `hub_running` while a
    hub works in the home, `store_not_empty` if the database holds anything.
    """
    file = Path(settings.home / "hub.db")
    if not settings.shared:
        raise Refusal(
            "setting_missing", "no PostgreSQL database is named", remedy="Set ENTREPOT_DATABASE to its URL"
        )
    if not file.exists():
        raise Refusal("store_missing", f"there is no store at {file}", remedy="Set ENTREPOT_HOME")
    with Lock(settings.home) as lock:
        if take_or_find(lock, settings.home, SystemClock()) is not None:
            raise Refusal("hub_running", f"a hub runs in {settings.home}", remedy="Stop it first")
        for database in (str(file), settings.database):
            prepare(database)
        with plain(str(file)).connect() as source, plain(settings.database).begin() as target:
            _empty(target)
            return {table.name: _copied(table, source, target) for table in metadata.sorted_tables}


def _empty(target: Connection) -> None:
    """Refusal `store_not_empty` if somebody has worked with the database already."""
    for table in metadata.sorted_tables:
        if target.execute(select(table).limit(1)).first() is not None:
            raise Refusal(
                "store_not_empty",
                f"the database holds rows already, in {table.name!r} among others",
                remedy="Make an empty database and name it in ENTREPOT_DATABASE",
            )


def _copied(table: Table, source: Connection, target: Connection) -> int:
    copied = 0
    rows: Any = source.execution_options(yield_per=AT_ONCE).execute(select(table)).mappings()
    for some in rows.partitions(AT_ONCE):
        target.execute(insert(table), [dict(row) for row in some])
        copied += len(some)
    return copied
