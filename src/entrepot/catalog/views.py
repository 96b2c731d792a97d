"""SKUs and listings in pages, for screens and programs."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Select, func, select

from entrepot.catalog.model import TERM_MAX, fold
from entrepot.db import Tx, chunks, tables
from entrepot.db.paging import LIMIT, By, Page, between, page, plain_text

_sku, _term, _recipe, _item = tables.sku, tables.sku_term, tables.recipe, tables.item
_listing, _connection = tables.listing, tables.connection

BY_CODE = By("skus", (_sku.c.code,), down=False)
FOUND = By("skus found", (_term.c.term, _term.c.sku_id), down=False)
NEWEST = By("listings", (_listing.c.id,))


WORDS_MAX = 8
"""Of a search, no more words than this are looked for."""


COMMON = 2_000
"""A word that is found more often is as common as any."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """`pieces` of an item in one piece of a SKU."""

    item_id: str
    item: str
    pieces: int


class SkuView(msgspec.Struct, frozen=True, kw_only=True):
    """A SKU with its recipe. `scale`: pieces in one sold unit."""

    id: str
    code: str
    title: str
    scale: int
    recipe: tuple[Part, ...]
    created_at: datetime


class ListingView(msgspec.Struct, frozen=True, kw_only=True):
    """What a channel offers. `item` is the channel's; `sku` ours, '' while nobody has said which it is."""

    id: str
    connection: str
    item: str
    sku_text: str
    title: str
    gtin: str
    sku: str
    active: bool
    shared_pool: str


def skus(tx: Tx, *, search: str = "", after: str = "", limit: int = LIMIT) -> Page[SkuView]:
    """SKUs by code. With `search` those that have, for each of its words, a word in code or title that begins
    so, by that word (of several the rarest)."""
    statement, by = _searched(tx, search)
    found = page(tx, statement, by, after=after, limit=limit)
    return found.of(_with_recipes(tx, found.rows))


def sku(tx: Tx, code: str) -> SkuView | None:
    """One SKU by its code; None if there is none."""
    found = tx.rows(select(_sku).where(_sku.c.code == plain_text(code, "sku")))
    return next(iter(_with_recipes(tx, found)), None)


def _found(tx: Tx, word: str) -> int:
    """How many times a word is found, counted up to COMMON."""
    some = select(_term.c.term).where(between(_term.c.term, word)).limit(COMMON).subquery()
    return int(tx.rows(select(func.count()).select_from(some))[0][0])


def code_named(tx: Tx, text: str) -> str:
    """The code that a path names, which a code with a slash cannot do but by its SKU's id; the text itself if
    it is neither."""
    asked = plain_text(text, "sku")
    known = select(_sku.c.code).where((_sku.c.code == asked) | (_sku.c.id == asked))
    codes = [row.code for row in tx.rows(known)]
    return asked if asked in codes or not codes else str(codes[0])


def _searched(tx: Tx, search: str) -> tuple[Select[Any], By]:
    """All SKUs, or those that a search finds: read from the rarest word, each SKU at its first one."""
    given = dict.fromkeys(word[:TERM_MAX] for word in fold(plain_text(search, "search")).split())
    if not given:
        return select(_sku), BY_CODE
    words = list(given)[:WORDS_MAX]
    first, *others = words if len(words) == 1 else sorted(words, key=lambda word: (_found(tx, word), word))
    earlier, other = _term.alias("earlier"), _term.alias("other")
    again = select(earlier.c.term).where(
        earlier.c.sku_id == _term.c.sku_id, earlier.c.term >= first, earlier.c.term < _term.c.term
    )
    statement = (
        select(_sku)
        .join(_term, _term.c.sku_id == _sku.c.id)
        .where(between(_term.c.term, first), ~again.exists())
    )
    for word in others:
        too = select(other.c.term).where(other.c.sku_id == _term.c.sku_id, between(other.c.term, word))
        statement = statement.where(too.exists())
    return statement, FOUND


def listings(
    tx: Tx,
    *,
    connection: str = "",
    sku: str = "",
    item: str = "",
    mapped: bool | None = None,
    after: str = "",
    limit: int = LIMIT,
) -> Page[ListingView]:
    """Listings, the last seen for the first time first; `mapped`: only those that are (or are not) a SKU of
    ours."""
    statement = _every_listing()
    if connection:
        named = select(_connection.c.id).where(_connection.c.name == plain_text(connection, "connection"))
        statement = statement.where(_listing.c.connection_id == named.scalar_subquery())
    if sku:
        ours = select(_sku.c.id).where(_sku.c.code == plain_text(sku, "sku")).scalar_subquery()
        statement = statement.where(_listing.c.sku_id == ours)
    if item:
        every = select(_connection.c.id)
        statement = statement.where(
            _listing.c.connection_id.in_(every), _listing.c.item == plain_text(item, "item")
        )
    if mapped is not None:
        none = _listing.c.sku_id.is_(None)
        statement = statement.where(~none if mapped else none)
    found = page(tx, statement, NEWEST, after=after, limit=limit)
    return found.of([_listing_view(row) for row in found.rows])


def listed(tx: Tx, connection: str, item: str) -> ListingView | None:
    """One listing by its connection's name and the channel's item; None if there is none."""
    mine = _connection.c.name == plain_text(connection, "connection")
    row = tx.row(_every_listing().where(mine, _listing.c.item == plain_text(item, "item")))
    return _listing_view(row) if row else None


def _every_listing() -> Select[Any]:
    return (
        select(_listing, _connection.c.name, _sku.c.code)
        .join(_connection, _connection.c.id == _listing.c.connection_id)
        .outerjoin(_sku, _sku.c.id == _listing.c.sku_id)
    )


def _with_recipes(tx: Tx, rows: Sequence[Any]) -> list[SkuView]:
    parts: dict[str, list[Part]] = defaultdict(list)
    statement = select(_recipe, _item.c.code).join(_item, _item.c.id == _recipe.c.item_id)
    for some in chunks([row.id for row in rows]):
        for row in tx.rows(statement.where(_recipe.c.sku_id.in_(some)).order_by(_item.c.code)):
            parts[row.sku_id].append(Part(item_id=row.item_id, item=row.code, pieces=row.pieces))
    return [
        SkuView(
            id=row.id,
            code=row.code,
            title=row.title,
            scale=row.scale,
            recipe=tuple(parts[row.id]),
            created_at=row.created_at,
        )
        for row in rows
    ]


def _listing_view(row: Any) -> ListingView:
    return ListingView(
        id=row.id,
        connection=row.name,
        item=row.item,
        sku_text=row.sku_text,
        title=row.title,
        gtin=row.gtin,
        sku=row.code or "",
        active=row.active,
        shared_pool=row.shared_pool,
    )
