"""Brings a store's schema to the newest revision; does nothing, and quickly, where it already is. On
PostgreSQL one process at a time."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, func, inspect, select, text

from entrepot.db.locks import number
from entrepot.kernel import Refusal

HEAD = "0001"
FOLDER = Path(__file__).parent / "migrations"


def migrate(engine: Engine, revision: str = HEAD) -> bool:
    """Upgrades (or downgrades) to `revision`; False if it was there. Refusal `store_newer` for a later."""
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":  # kept until this connection is closed, or dies
            connection.execute(select(func.pg_advisory_lock(number("migrate"))))
            connection.commit()
        try:
            return _migrate(connection, revision)
        finally:
            connection.rollback()
            if connection.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_unlock(number("migrate"))))
                connection.commit()


def _migrate(connection: Connection, revision: str) -> bool:
    here = current(connection)
    connection.rollback()
    if here == revision:
        return False
    if here > HEAD:
        raise Refusal(
            "store_newer",
            f"the store has revision {here}, this version knows {HEAD}",
            remedy="Start the newer version of entrepot",
        )
    config = configuration(connection)
    if revision < here:
        command.downgrade(config, revision or "base")
    else:
        command.upgrade(config, revision)
    return True


def configuration(connection: Connection) -> Config:
    """Alembic's configuration for a connection that is already open."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config


def current(connection: Connection) -> str:
    """The revision of a store, '' for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")
