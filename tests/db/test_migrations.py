"""Migrations: up, down and up again; what they build is what the tables say; a newer store is refused."""

import re

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Column, Engine, Index, Integer, MetaData, Table, Text, inspect, text

from entrepot.db import tables
from entrepot.db.engine import sqlite_writer
from entrepot.db.migrate import HEAD, configuration, current, migrate
from entrepot.kernel import Refusal

VERSIONS = {"alembic_version"}


@pytest.fixture
def engine() -> Engine:
    return sqlite_writer(":memory:")


def names(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - VERSIONS


def schema(engine: Engine) -> dict[str, str]:
    """name → what SQLite keeps of each table and index, without blanks, quotes and the order of its lines."""
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").all()
    return {name: _plain(sql) for name, sql in rows if name not in VERSIONS}


def _plain(sql: str) -> str:
    if not sql.startswith("CREATE TABLE"):
        return sql
    inside = sql[sql.index("(") + 1 : sql.rindex(")")]
    return "\n".join(sorted(re.sub(r'[\s"]+', " ", line).strip() for line in re.split(r",\s*\n", inside)))


def built_by(metadata: MetaData) -> dict[str, str]:
    """The schema that the tables themselves would make."""
    engine = sqlite_writer(":memory:")
    metadata.create_all(engine)
    return schema(engine)


def differences(engine: Engine, metadata: MetaData) -> list[object]:
    """What Alembic would put into the next revision."""
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))


def test_the_migrations_build_what_the_tables_say(engine: Engine) -> None:
    migrate(engine)
    assert differences(engine, tables.metadata) == []
    assert schema(engine) == built_by(tables.metadata)


@pytest.mark.parametrize("change", ["table", "column", "index", "check", "partial index"])
def test_a_table_that_changes_without_a_revision_is_noticed(engine: Engine, change: str) -> None:
    migrate(engine)
    changed = MetaData(naming_convention=tables.metadata.naming_convention)
    for table in tables.metadata.sorted_tables:
        table.to_metadata(changed)
    if change == "table":
        Table("novelty", changed, Column("id", Text, primary_key=True))
    elif change == "column":
        changed.tables["move"].append_column(Column("novelty", Integer, nullable=True))
    elif change == "index":
        Index(None, changed.tables["move"].c.target_id)
    elif change == "check":
        changed.tables["move"].append_constraint(CheckConstraint("quantity < 100", name="novelty"))
    else:
        for index in changed.tables["job"].indexes:
            if index.name == "ix_job_ready":
                index.dialect_options["sqlite"]["where"] = text("state = 'dead'")
    noticed = bool(differences(engine, changed)), schema(engine) != built_by(changed)
    assert noticed == (change in {"table", "column", "index"}, True)


def test_a_store_goes_up_and_down_and_up_again(engine: Engine) -> None:
    assert migrate(engine) is True
    full, built = names(engine), schema(engine)
    assert {"move", "balance", "orders", "job"} <= full
    assert migrate(engine, "") is True
    assert names(engine) == set()
    assert migrate(engine) is True
    assert schema(engine) == built


def test_a_store_of_this_version_is_left_as_it_is(engine: Engine) -> None:
    assert migrate(engine) is True
    assert migrate(engine) is False


def test_a_store_knows_its_revision(engine: Engine) -> None:
    with engine.connect() as connection:
        assert current(connection) == ""
    migrate(engine)
    with engine.connect() as connection:
        assert current(connection) == HEAD


def test_a_store_of_a_newer_version_is_refused_and_left_alone(engine: Engine) -> None:
    migrate(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Refusal) as refused:
        migrate(engine)
    assert refused.value.code == "store_newer"
    with engine.connect() as connection:
        assert current(connection) == "9999"


def test_the_newest_revision_is_the_one_the_code_expects(engine: Engine) -> None:
    with engine.connect() as connection:
        script = ScriptDirectory.from_config(configuration(connection))
        assert script.get_heads() == [HEAD]
        assert [revision.revision for revision in script.walk_revisions()][-1] == "0001"


def test_a_migration_that_fails_half_way_leaves_nothing(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE slot_figure (id TEXT)")  # in the way of the first revision
    with pytest.raises(Exception, match="already exists"):
        migrate(engine)
    assert names(engine) == {"slot_figure"}
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE slot_figure")
    assert migrate(engine) is True
    assert schema(engine) == built_by(tables.metadata)
