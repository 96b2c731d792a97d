"""The only statements that write items, SKUs, recipes and listings; and the look-ups that go with them."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from entrepot.catalog.model import Listing, Sku, terms
from entrepot.db import Tx, chunks, tables


def insert_items(tx: Tx, items: Sequence[tuple[str, str]]) -> None:
    """(id, code) of new items."""
    tx.write(insert(tables.item), [{"id": id, "code": code, "created_at": tx.now} for id, code in items])


def insert_skus(tx: Tx, skus: Sequence[Sku]) -> None:
    tx.write(
        insert(tables.sku),
        [
            {"id": sku.id, "code": sku.code, "title": sku.title, "scale": sku.scale, "created_at": tx.now}
            for sku in skus
        ],
    )
    insert_terms(tx, skus)
    insert_recipes(tx, skus)


def update_title(tx: Tx, sku: Sku) -> None:
    """Another title, and the words that go with it."""
    tx.run(update(tables.sku).where(tables.sku.c.id == sku.id).values(title=sku.title))
    tx.run(delete(tables.sku_term).where(tables.sku_term.c.sku_id == sku.id))
    insert_terms(tx, [sku])


def insert_terms(tx: Tx, skus: Sequence[Sku]) -> None:
    """The words that SKUs are found by."""
    tx.write(
        insert(tables.sku_term),
        [{"term": term, "sku_id": sku.id} for sku in skus for term in terms(sku.code, sku.title)],
    )


def insert_recipes(tx: Tx, skus: Sequence[Sku]) -> None:
    tx.write(
        insert(tables.recipe),
        [
            {"sku_id": sku.id, "item_id": item_id, "pieces": pieces}
            for sku in skus
            for item_id, pieces in sku.recipe
        ],
    )


def delete_recipe(tx: Tx, sku_id: str) -> None:
    tx.run(delete(tables.recipe).where(tables.recipe.c.sku_id == sku_id))


def skus(
    tx: Tx, *, ids: Iterable[str] = (), codes: Iterable[str] = (), items: Iterable[str] = ()
) -> list[Sku]:
    """The SKUs with these ids or codes, or that draw on these items, each with its whole recipe."""
    sku, recipe = tables.sku, tables.recipe
    of_item = [select(recipe.c.sku_id).where(recipe.c.item_id.in_(some)) for some in chunks(items)]
    asked = [sku.c.id.in_(some) for some in chunks(ids)]
    asked += [sku.c.code.in_(some) for some in chunks(codes)]
    asked += [sku.c.id.in_(some) for some in of_item]
    joined = select(sku.c.id, sku.c.code, sku.c.title, sku.c.scale, recipe.c.item_id, recipe.c.pieces).join(
        recipe, recipe.c.sku_id == sku.c.id
    )
    found: dict[str, Any] = {}
    recipes: dict[str, dict[str, int]] = {}
    for one in asked:
        for row in tx.rows(joined.where(one).order_by(sku.c.id, recipe.c.item_id)):
            found[row.id] = row
            recipes.setdefault(row.id, {})[row.item_id] = row.pieces
    return [
        Sku(id=id, code=row.code, title=row.title, scale=row.scale, recipe=tuple(recipes[id].items()))
        for id, row in sorted(found.items())
    ]


def item_ids(tx: Tx, codes: Iterable[str]) -> dict[str, str]:
    """Item code → id."""
    item = tables.item
    return {
        row.code: row.id
        for some in chunks(codes)
        for row in tx.rows(select(item.c.code, item.c.id).where(item.c.code.in_(some)))
    }


def listings(tx: Tx, connection_id: str, items: Iterable[str]) -> dict[str, Listing]:
    """The channel's items → our listings, for those we know."""
    table = tables.listing
    return {
        row.item: _listing(row)
        for some in chunks(items)
        for row in tx.rows(
            select(table).where(table.c.connection_id == connection_id, table.c.item.in_(some))
        )
    }


def insert_listings(tx: Tx, listings: Sequence[Listing]) -> None:
    tx.write(insert(tables.listing), [_row(one) for one in sorted(listings, key=lambda one: one.item)])


def update_listings(tx: Tx, listings: Sequence[Listing]) -> None:
    """Writes what the channel says of listings we know, and their SKU."""
    table = tables.listing
    names = ("sku_text", "title", "gtin", "active", "shared_pool", "sku_id")
    tx.write(
        update(table)
        .where(table.c.id == bindparam("this"))
        .values({name: bindparam(f"new_{name}") for name in names}),
        [
            {"this": one.id} | {f"new_{name}": _row(one)[name] for name in names}
            for one in sorted(listings, key=lambda one: one.id)
        ],
    )


def _row(one: Listing) -> dict[str, Any]:
    return {
        "id": one.id,
        "connection_id": one.connection_id,
        "item": one.item,
        "sku_text": one.sku_text,
        "title": one.title,
        "gtin": one.gtin,
        "sku_id": one.sku_id or None,
        "active": one.active,
        "shared_pool": one.shared_pool,
    }


def _listing(row: Any) -> Listing:
    return Listing(
        id=row.id,
        connection_id=row.connection_id,
        item=row.item,
        sku_text=row.sku_text,
        title=row.title,
        sku_id=row.sku_id or "",
        gtin=row.gtin,
        active=row.active,
        shared_pool=row.shared_pool,
    )


def unlinked(tx: Tx, codes: Sequence[str]) -> list[Listing]:
    """Listings without a SKU whose text is one of these codes."""
    table = tables.listing
    return [
        _listing(row)
        for some in chunks(codes)
        for row in tx.rows(select(table).where(table.c.sku_id.is_(None), table.c.sku_text.in_(some)))
    ]
