"""Migrations on PostgreSQL: they build what the tables say, up, down and up again, one process at a time."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from entrepot.db import tables
from entrepot.db.engine import plain
from entrepot.db.migrate import HEAD, current, migrate
from entrepot.kernel import Refusal
from tests.postgres import Databases

pytestmark = pytest.mark.postgres

DEFINED = text("""
    SELECT 'index ' || indexname AS name, indexdef AS said FROM pg_indexes WHERE schemaname = 'public' UNION
    ALL SELECT 'constraint ' || conname, conrelid::regclass || ': ' || pg_get_constraintdef(oid) FROM
    pg_constraint WHERE connamespace = 'public'::regnamespace UNION ALL SELECT 'column ' || table_name || '.'
    || column_name, data_type || ', null: ' || is_nullable FROM information_schema.columns WHERE table_schema
    = 'public' """)


@pytest.fixture
def engine(databases: Databases) -> Iterator[Engine]:
    with databases.bare() as url:
        yield plain(url)


def schema(engine: Engine) -> dict[str, str]:
    """Every index, constraint and column, as the server says it."""
    with engine.connect() as connection:
        rows = connection.execute(DEFINED).all()
    return {row.name: row.said for row in rows if "alembic" not in row.said and "alembic" not in row.name}


def test_the_migrations_build_what_the_tables_say(engine: Engine, databases: Databases) -> None:
    migrate(engine)
    with engine.connect() as connection:
        assert list(compare_metadata(MigrationContext.configure(connection), tables.metadata)) == []
    with databases.bare() as url:
        tables.metadata.create_all(plain(url))
        assert schema(engine) == schema(plain(url))
    assert len(schema(engine)) > 300


def test_a_store_goes_up_and_down_and_up_again(engine: Engine) -> None:
    assert migrate(engine) is True
    built = schema(engine)
    assert migrate(engine, "") is True
    assert set(inspect(engine).get_table_names()) == {"alembic_version"}
    assert migrate(engine) is True
    assert schema(engine) == built
    assert migrate(engine) is False


def test_two_processes_that_start_at_once_migrate_once(engine: Engine) -> None:
    with ThreadPoolExecutor(2) as threads:
        done = [threads.submit(migrate, engine) for _ in range(2)]
        assert sorted(one.result(60) for one in done) == [False, True]


def test_a_store_of_a_newer_version_is_refused_and_left_alone(engine: Engine) -> None:
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Refusal) as refused:
        migrate(engine)
    assert refused.value.code == "store_newer"
    with engine.connect() as connection:
        assert current(connection) == "9999"


def test_a_migration_that_fails_half_way_leaves_nothing(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE slot_figure (id TEXT)"))  # in the way of the first revision
    with pytest.raises(Exception, match="already exists"):
        migrate(engine)
    assert inspect(engine).get_table_names() == ["slot_figure"]
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE slot_figure"))
    assert migrate(engine) is True
    with engine.connect() as connection:
        assert current(connection) == HEAD
