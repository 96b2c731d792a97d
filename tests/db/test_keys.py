"""Keys of their own, sealed under the hub's key, gone for good when deleted; and the columns' own types."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Column, MetaData, Table, insert, select

from entrepot.db import InlineStore, Tx, chunks, keys, tables
from entrepot.db.types import Instant, Json
from entrepot.kernel import Refusal


def test_keys_are_found_by_name_until_they_are_forgotten(tx: Tx) -> None:
    made = keys.make(tx, ["a", "b"])
    assert keys.find(tx, ["a", "b", "c"]) == made
    assert keys.forget(tx, ["a", "c"]) == 1
    assert keys.find(tx, ["a", "b", "c"]) == {"b": made["b"]}


def test_every_key_is_another(tx: Tx) -> None:
    made = keys.make(tx, [f"{n}" for n in range(100)])
    assert len(set(made.values())) == 100
    assert {len(key) for key in made.values()} == {32}


def test_a_key_is_stored_sealed_and_bound_to_its_name(tx: Tx) -> None:
    made = keys.make(tx, ["a", "b"])
    table = tables.seal_key
    one, other = tx.rows(select(table).order_by(table.c.name))
    assert made["a"] not in one.sealed
    tx.run(table.update().where(table.c.name == "a").values(sealed=other.sealed))
    with pytest.raises(Refusal) as refused:
        keys.find(tx, ["a"])
    assert refused.value.code == "sealed"


def test_no_names_make_and_find_and_forget_nothing(tx: Tx) -> None:
    assert keys.make(tx, []) == {}
    assert keys.find(tx, []) == {}
    assert keys.forget(tx, []) == 0


@pytest.mark.parametrize(
    ("at", "stored"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), -1),
        (datetime(2026, 3, 2, 12, 0, 0, 1, tzinfo=UTC), 1_772_452_800_000_001),
        (datetime(2026, 3, 2, 14, tzinfo=timezone(timedelta(hours=2))), 1_772_452_800_000_000),
        (datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), 253_402_300_799_999_999),
    ],
)
def test_a_moment_is_stored_as_whole_microseconds_and_comes_back_exactly(
    store: InlineStore, at: datetime, stored: int
) -> None:
    probe = Table("probe", MetaData(), Column("at", Instant), Column("json", Json))
    with store.engine.connect() as connection:  # never committed: the store is used again
        probe.create(connection)
        connection.execute(insert(probe).values(at=at, json=None))
        assert connection.exec_driver_sql("SELECT at FROM probe").scalar() == stored
        assert connection.execute(select(probe)).one() == (at, None)


def test_a_naive_time_is_not_stored(store: InlineStore) -> None:
    with pytest.raises(TypeError, match="offset-naive"):
        Instant().bind_processor(store.engine.dialect)(datetime(2026, 3, 2))  # noqa: DTZ001


def test_json_is_stored_with_sorted_keys_and_no_blanks(store: InlineStore) -> None:
    dialect = store.engine.dialect
    stored = Json().process_bind_param({"b": [1, None], "a": {"d": "ü", "c": True}}, dialect)
    assert stored == '{"a":{"c":true,"d":"ü"},"b":[1,null]}'
    assert Json().process_result_value(stored, dialect) == {"a": {"c": True, "d": "ü"}, "b": [1, None]}


def test_long_lists_are_cut_into_statements_of_five_thousand() -> None:
    assert [len(some) for some in chunks(range(12_001))] == [5000, 5000, 2001]
    assert chunks([]) == []
    assert chunks("abc", size=2) == [["a", "b"], ["c"]]
