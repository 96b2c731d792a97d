"""WooCommerce products as listings and stock: a figure per product, per variation, or shared by them."""

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from entrepot.channels.kit.numbers import exact, text
from entrepot.channels.kit.pages import link_pages
from entrepot.channels.woocommerce.shapes import ITEM, Raw, item, moment, rows
from entrepot.contract import Answer, Api, Applied, ListingSeen, Refused, StockSeen, StockWanted, Unknown
from entrepot.kernel import Cause, ChannelError

BATCH = 100
WHY_MAX = 200

UNANSWERED = frozenset({Cause.LOST, Cause.NONSENSE})
"""Failures of a call that may have been done: no answer, or a PHP notice where the answer should be."""

CRASHED = "internal_server_error"
"""WordPress's code for a PHP crash: the rows before it are done."""


class Target(msgspec.Struct, frozen=True):
    """The product or variation that a wanted figure is written to."""

    id: int
    wanted: StockWanted


def read_listings(api: Api) -> Iterator[ListingSeen]:
    """Every product that can be bought, variations in place of a variable one; nothing from the trash."""
    for page in link_pages(api, "/products", per_page=100, orderby="id", order="asc"):
        for product in rows(page.json):
            if is_variable(product):
                for variation in _variations(api, text(product.get("id"))):
                    yield listing(variation, product)
            else:
                yield listing(product)


def read_stock(api: Api, items: list[tuple[str, str]]) -> Iterator[StockSeen]:
    """The figures of `items`, in batches; nothing for one that is gone or whose stock is not tracked."""
    for parent, ids in _by_parent(name for name, _ in items).items():
        path = f"/products/{parent}/variations" if parent else "/products"
        for start in range(0, len(ids), BATCH):
            include = ",".join(str(id) for id in ids[start : start + BATCH])
            for page in link_pages(api, path, per_page=BATCH, include=include):
                seen = (stock(row, page.at, parent) for row in rows(page.json))
                yield from (figure for figure in seen if figure)


def write_stock(api: Api, wanted: list[StockWanted]) -> Iterator[Answer]:
    """One answer per row, in the order of the calls: a call per 100 products and per parent of variations.

    `manage_stock` is never sent: it would turn tracking on where the merchant left it off, and tear a
    variation away from its parent's figure. Without it WooCommerce passes over a figure that does not count,
    and says so only by what it shows afterwards: Refused.
    """
    for parent, targets in _targets(wanted).items():
        for target, row, at in _written(api, parent, targets):
            yield _answer(target.wanted, row, at)
    yield from (_no_item(row) for row in wanted if not ITEM.fullmatch(row.item))


def listing(row: Raw, parent: Raw | None = None) -> ListingSeen:
    """A product, or a variation of `parent`. `manage_stock` is true, false, or 'parent' (its figure)."""
    managed, above = row.get("manage_stock"), text((parent or {}).get("id"))
    return ListingSeen(
        item=_item(row, above),
        sku=text(row.get("sku")),
        title=f"{text(parent.get('name'))} - {_options(row)}" if parent else text(row.get("name")),
        gtin=text(row.get("global_unique_id")),
        active=row.get("status") == "publish",
        locations=("",) if managed else (),
        shared_pool=_parent(row, above) if managed == "parent" else "",
        changed_at=moment(row, "date_modified"),
    )


def stock(row: Raw, at: datetime, parent: str = "") -> StockSeen | None:
    """The figure of a product or variation, its parent's if it is sold from that; None if not tracked."""
    managed = row.get("manage_stock")
    if not managed or row.get("stock_quantity") is None:
        return None
    slot = _parent(row, parent) if managed == "parent" else _item(row, parent)
    return StockSeen(item=slot, location="", quantity=exact(row["stock_quantity"]), at=at)


def is_variable(product: Raw) -> bool:
    """Whether variations are sold in its place: 'variable', or a plugin's kind ('variable-subscription')."""
    return text(product.get("type")).startswith("variable")


def _item(row: Raw, parent: str) -> str:
    above = _parent(row, parent)
    return item(above, row.get("id")) if above else item(row.get("id"), 0)


def _parent(row: Raw, parent: str) -> str:
    """The id of a variation's parent: newer versions name it, for older ones the path of the call does."""
    return parent or (item(row.get("parent_id"), 0) if row.get("type") == "variation" else "")


def _options(variation: Raw) -> str:
    """'L, Blue'; the field `name` says the same, but only since Woo 9."""
    return ", ".join(text(row.get("option")) for row in rows(variation.get("attributes")))


def _variations(api: Api, parent: str) -> Iterator[Raw]:
    for page in link_pages(api, f"/products/{parent}/variations", per_page=100, orderby="id", order="asc"):
        yield from rows(page.json)


def _by_parent(items: Iterable[str]) -> dict[str, list[int]]:
    """Ids under the product they are variations of ('' for products), in order; other texts are left out."""
    groups: dict[str, list[int]] = {}
    for name in items:
        found = ITEM.fullmatch(name)
        if found:
            groups.setdefault(found[1] or "", []).append(int(found[2]))
    return groups


def _targets(wanted: list[StockWanted]) -> dict[str, list[Target]]:
    groups: dict[str, list[Target]] = {}
    for row in wanted:
        found = ITEM.fullmatch(row.item)
        if found:
            groups.setdefault(found[1] or "", []).append(Target(int(found[2]), row))
    return groups


def _written(api: Api, parent: str, targets: list[Target]) -> Iterator[tuple[Target, Raw, datetime | None]]:
    """Each target with its row of the answer and its time; {} and None where nobody knows what was done."""
    path = f"/products/{parent}/variations/batch" if parent else "/products/batch"
    for start in range(0, len(targets), BATCH):
        chunk = targets[start : start + BATCH]
        update = [{"id": target.id, "stock_quantity": target.wanted.quantity} for target in chunk]
        try:
            reply = api.post(path, {"update": update})
        except ChannelError as error:
            if error.cause not in UNANSWERED and error.code != CRASHED:
                raise
            yield from ((target, {}, None) for target in chunk)
            continue
        answers = rows(reply.json.get("update")) if isinstance(reply.json, dict) else []
        answers += [{}] * (len(chunk) - len(answers))
        yield from ((target, row, reply.at) for target, row in zip(chunk, answers, strict=False))


def _answer(wanted: StockWanted, row: Raw, at: datetime | None) -> Answer:
    """The row's answer inside a 200: an object with `error`, or the resource as it is now."""
    if at is None or not row:
        return Unknown(key=wanted.key, why="WooCommerce gave no answer for this row")
    error = row.get("error")
    if isinstance(error, dict):
        code, why = text(error.get("code")), text(error.get("message"))[:WHY_MAX]
        return Refused(key=wanted.key, code=code, why=why, gone=code.endswith("_invalid_id"))
    if row.get("manage_stock") == "parent":
        why = "the variation is sold from its parent's figure: read the listings again"
        return Refused(key=wanted.key, code="stock_of_the_parent", why=why)
    if not row.get("manage_stock") or row.get("stock_quantity") is None:
        why = "its stock is not tracked: tick 'Track stock quantity for this product' in its inventory tab"
        return Refused(key=wanted.key, code="stock_not_managed", why=why)
    shown = exact(row["stock_quantity"])
    return Applied(key=wanted.key, at=at, quantity=int(shown) if shown == int(shown) else None)


def _no_item(wanted: StockWanted) -> Refused:
    return Refused(
        key=wanted.key, code="item_malformed", why="not an item of WooCommerce: '123' or '123/456'"
    )
