"""Pages: they follow each other without a gap and without a repetition, whatever happens in between."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import insert, select

from entrepot.db import InlineStore, Tx, tables
from entrepot.db.paging import By, Page, between, cursor, page, plain_text
from entrepot.kernel import Refusal
from tests.db.stores import NOON

_event = tables.event

BY_ID = By("events", (_event.c.id,))
BY_TIME = By("events by time", (_event.c.at, _event.c.id), down=False)


def put(tx: Tx, *ids: str, at: datetime = NOON) -> None:
    """Events of these ids."""
    for id in ids:
        tx.run(
            insert(_event).values(id=id, turn=1, stream=id, version=1, kind="k", body={}, actor="", source="",
                                  correlation="", at=at)
        )  # fmt: skip


def ids(tx: Tx, by: By, after: str = "", limit: int = 2) -> tuple[list[str], str]:
    found: Page[Any] = page(tx, select(_event.c.id), by, after=after, limit=limit)
    return [row.id for row in found.rows], found.after


def test_a_page_begins_behind_the_last_row_of_the_one_before(tx: Tx) -> None:
    put(tx, "a", "b", "c", "d", "e")
    first, after = ids(tx, BY_ID)
    second, behind = ids(tx, BY_ID, after)
    last, end = ids(tx, BY_ID, behind)
    assert [first, second, last, end] == [["e", "d"], ["c", "b"], ["a"], ""]


def test_what_is_added_meanwhile_shifts_nothing(tx: Tx) -> None:
    put(tx, "b", "d", "f")
    _first, after = ids(tx, BY_ID)
    put(tx, "e", "g")
    assert ids(tx, BY_ID, after) == (["b"], "")


def test_the_row_that_a_cursor_names_may_be_gone(tx: Tx) -> None:
    put(tx, "a", "b", "c")
    _first, after = ids(tx, BY_ID)
    tx.run(_event.delete().where(_event.c.id == "b"))
    assert ids(tx, BY_ID, after) == (["a"], "")


def test_rows_of_one_moment_are_told_apart_by_their_ids(tx: Tx) -> None:
    put(tx, "b", "d", "f")
    put(tx, "a", "c", at=NOON + timedelta(microseconds=1))
    first, after = ids(tx, BY_TIME, limit=2)
    second, end = ids(tx, BY_TIME, after, limit=3)
    assert [first, second, end] == [["b", "d"], ["f", "a", "c"], ""]


def test_an_empty_list_is_one_page(tx: Tx) -> None:
    assert ids(tx, BY_ID) == ([], "")


@pytest.mark.parametrize("limit", [0, -1, 201, 10**9])
def test_a_page_has_1_to_200_rows(tx: Tx, limit: int) -> None:
    with pytest.raises(Refusal) as refused:
        ids(tx, BY_ID, limit=limit)
    assert (refused.value.code, refused.value.field) == ("limit", "limit")


GOOD = cursor(BY_ID, ["b"])


@pytest.mark.parametrize(
    "given",
    [
        "x", "=", "ä", "\0", GOOD[:-1], GOOD + "A", GOOD.swapcase(), "A" * 5000,
        cursor(BY_TIME, [NOON, "b"]), cursor(By("others", (_event.c.id,)), ["b"]), cursor(BY_ID, [7]),
        urlsafe_b64encode(b"\x02" + urlsafe_b64decode(GOOD + "==")[1:]).decode(),
    ],
)  # fmt: skip
def test_a_cursor_that_is_none_is_refused(tx: Tx, given: str) -> None:
    with pytest.raises(Refusal) as refused:
        ids(tx, BY_ID, given)
    assert (refused.value.code, refused.value.field) == ("cursor", "after")


@given(some.text(max_size=60))
def test_no_text_breaks_the_reading_of_a_cursor(text: str) -> None:
    with pytest.raises(Refusal):
        ids(None, BY_ID, "!" + text)  # type: ignore[arg-type]


def test_texts_that_begin_so_are_a_range(store: InlineStore) -> None:
    def found(tx: Tx) -> list[str]:
        put(tx, "ab", "abc", "ac", "a", "b", "ab\U0001f600", "AB")
        rows = tx.rows(select(_event.c.id).where(between(_event.c.id, "ab")).order_by(_event.c.id))
        return [row.id for row in rows]

    assert store.run(found) == ["ab", "abc", "ab\U0001f600"]


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_a_text_that_nothing_can_hold_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="no text here can hold"):
        plain_text(text, "search")
