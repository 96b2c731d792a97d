"""Long lists in pages: a page knows the key of its last row, and the next one begins behind it.

So a page costs the same wherever it lies, and rows that are added meanwhile neither shift nor repeat others.
The key travels as a cursor: a text that only this file makes and reads.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar
from zlib import crc32

import msgspec
from sqlalchemy import ColumnElement, Integer, Row, Select, literal, tuple_

from entrepot.db.tx import Tx
from entrepot.db.types import Instant
from entrepot.kernel import Refusal

T = TypeVar("T")
U = TypeVar("U")

VERSION = b"\x01"
LIMIT, LIMIT_MAX = 50, 200
CURSOR_MAX = 1000

KEYS = "page_key_"
"""Begins the labels of the columns that a page is cut by."""


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """Rows of a list in its order. `after` is the cursor of the page behind this one, '' if it is the
    last."""

    rows: tuple[T, ...]
    after: str = ""

    def of(self, rows: Sequence[U]) -> "Page[U]":
        """The same page with its rows as something else."""
        return Page(rows=tuple(rows), after=self.after)


class By(msgspec.Struct, frozen=True):
    """The columns that a list is ordered by, unique together, all up or all down. `name` tells its cursors
    from those of other orders."""

    name: str
    columns: tuple[ColumnElement[Any], ...]
    down: bool = True


def page(tx: Tx, statement: Select[Any], by: By, *, after: str = "", limit: int = LIMIT) -> Page[Row[Any]]:
    """The rows of a statement behind a cursor ('': from the beginning), at most `limit` of them.

    Refusal `cursor` if it is none of this list's, `limit` if that is not 1 to 200.
    """
    if not 1 <= limit <= LIMIT_MAX:
        raise Refusal("limit", f"a page has 1 to {LIMIT_MAX} rows, not {limit}", field="limit")
    if after:
        statement = statement.where(_behind(by, _read(by, after)))
    keys = [column.label(f"{KEYS}{n}") for n, column in enumerate(by.columns)]
    order = [column.desc() if by.down else column for column in by.columns]
    rows = tx.rows(statement.add_columns(*keys).order_by(*order).limit(limit + 1))
    if len(rows) <= limit:
        return Page(rows=tuple(rows))
    last = rows[limit - 1]._mapping  # noqa: SLF001 - the public name of a row's columns
    return Page(rows=tuple(rows[:limit]), after=cursor(by, [last[key.name] for key in keys]))


def _behind(by: By, values: Sequence[Any]) -> ColumnElement[bool]:
    bound = [literal(value, column.type) for value, column in zip(values, by.columns, strict=True)]
    if len(bound) == 1:
        return by.columns[0] < bound[0] if by.down else by.columns[0] > bound[0]
    mine, last = tuple_(*by.columns), tuple_(*bound)
    return mine < last if by.down else mine > last


def cursor(by: By, values: Sequence[Any]) -> str:
    """The cursor behind a row with this key."""
    packed = msgspec.msgpack.encode(list(values))
    return urlsafe_b64encode(VERSION + _sum(by, packed) + packed).decode().rstrip("=")


def _read(by: By, given: str) -> list[Any]:
    """The key of a cursor."""
    kinds = [_kind(column) for column in by.columns]
    try:
        raw = urlsafe_b64decode(given[:CURSOR_MAX].encode("ascii") + b"==")
        values = msgspec.msgpack.decode(raw[5:], type=tuple[*kinds])  # type: ignore[valid-type]
    except (UnicodeEncodeError, binascii.Error, msgspec.DecodeError):
        values = ()
        raw = b""
    if not values or raw[:1] != VERSION or raw[1:5] != _sum(by, raw[5:]):
        raise Refusal(
            "cursor",
            "this is no cursor of this list",
            remedy="Begin without one, and take the next from each answer as it is; the order must stay",
            field="after",
        )
    return list(values)


def _kind(column: ColumnElement[Any]) -> type:
    if isinstance(column.type, Instant):
        return datetime
    return int if isinstance(column.type, Integer) else str


def _sum(by: By, packed: bytes) -> bytes:
    """Tells a cursor that was cut, changed or meant for another list."""
    return crc32(by.name.encode() + b"\0" + packed).to_bytes(4)


def between(column: ColumnElement[Any], beginning: str) -> ColumnElement[bool]:
    """Texts that begin so, as a range that an index answers on both databases (the locale C sorts as SQLite
    does)."""
    return (column >= beginning) & (column < beginning + "\U0010ffff")


def plain_text(text: str, field: str) -> str:
    """A text to look for; Refusal `arguments` for what no stored text can hold."""
    if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise Refusal("arguments", "a text holds a letter that no text here can hold", field=field)
    return text
