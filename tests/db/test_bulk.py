"""Many rows through one statement reach the database as they do one by one."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import bindparam, delete, insert, select, update

from entrepot.db import Tx, tables
from tests.db.stores import NOON, inline, writing

event = tables.event
COUNTS = pytest.mark.parametrize("count", [1, 7, 8, 9, 1000])


def rows(count: int) -> list[dict[str, Any]]:
    return [
        {
            "id": f"e{n:04d}",
            "turn": 1,
            "stream": "order:1",
            "version": n,
            "kind": "Seen" if n % 2 else "Sent",
            "body": {"z": n, "a": [None, "ü"]},
            "actor": "test",
            "source": "test",
            "correlation": "",
            "at": NOON + timedelta(microseconds=n),
        }
        for n in range(count)
    ]


def held(tx: Tx) -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in tx.rows(select(event).order_by(event.c.id))]


@COUNTS
def test_what_was_written_is_read_again(count: int) -> None:
    with writing(inline()) as tx:
        tx.write(insert(event), rows(count))
        assert [{name: row[name] for name in rows(1)[0]} for row in held(tx)] == rows(count)


@COUNTS
def test_an_update_changes_each_row_by_its_own_values_and_all_by_a_fixed_one(count: int) -> None:
    with writing(inline()) as tx:
        tx.write(insert(event), rows(count))
        tx.write(
            update(event)
            .where(event.c.id == bindparam("this"))
            .values(version=event.c.version + bindparam("more"), actor="auditor", at=bindparam("moment")),
            [{"this": row["id"], "more": 5000, "moment": NOON} for row in rows(count)],
        )
        assert [(row["version"], row["actor"], row["at"]) for row in held(tx)] == [
            (5000 + n, "auditor", NOON) for n in range(count)
        ]


@COUNTS
def test_a_delete_takes_only_the_rows_it_names(count: int) -> None:
    with writing(inline()) as tx:
        tx.write(insert(event), rows(count + 1))
        tx.write(
            delete(event).where(event.c.id == bindparam("this"), event.c.at <= bindparam("until")),
            [{"this": row["id"], "until": NOON + timedelta(days=1)} for row in rows(count)],
        )
        assert [row["id"] for row in held(tx)] == [f"e{count:04d}"]


@COUNTS
def test_what_is_there_already_is_left_as_it_is(count: int) -> None:
    with writing(inline()) as tx:
        tx.write(insert(event), rows(1))
        again = tx.insert(event).on_conflict_do_nothing()
        tx.write(again, [row | {"actor": "other"} for row in rows(count)])
        assert [row["actor"] for row in held(tx)] == ["test"] + ["other"] * (count - 1)
