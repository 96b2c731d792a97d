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
    """The figures of `items`; nothing for one that is gone or whose stock is not managed.

    A variable product's own item ('123') also brings those of all its variations: a change of a shared figure
    is announced by the parent alone.
    """
    for parent, ids in _by_parent(name for name, _ in items).items():
        path = f"/products/{parent}/variations" if parent else "/products"
        for start in range(0, len(ids), BATCH):
            include = ",".join(str(id) for id in ids[start : start + BATCH])
            for page in link_pages(api, path, per_page=BATCH, include=include):
                for row in rows(page.json):
                    yield from _figures(api, row, parent, page.at)


def write_stock(api: Api, wanted: list[StockWanted]) -> Iterator[Answer]:
    """One answer per row, in the order of the calls: a call per 100 products and per parent of variations.

    `manage_stock` is never sent: it would turn tracking on where the merchant left it off, and tear a
    variation away from its parent's figure. Without tracking WooCommerce ignores the figure, which its
    answer shows: Refused. A variation that shows its parent's figure ('parent') is written at the parent.
    """
    shared: list[Target] = []
    for parent, targets in _targets(wanted).items():
        for target, row, at in _written(api, parent, targets):
            if row.get("manage_stock") == "parent":
                shared.append(Target(int(parent), target.wanted))
            else:
                yield _answer(target.wanted, row, at)
    for target, row, at in _written(api, "", shared):
        yield _answer(target.wanted, row, at)
    yield from (_no_item(row) for row in wanted if not ITEM.fullmatch(row.item))


def listing(row: Raw, parent: Raw | None = None) -> ListingSeen:
    """A product, or a variation of `parent`. `manage_stock` is true, false, or 'parent': the parent's."""
    managed, above = row.get("manage_stock"), text((parent or {}).get("id"))
    return ListingSeen(
        item=_item(row, above),
        sku=text(row.get("sku")),
        title=f"{text(parent.get('name'))} - {_options(row)}" if parent else text(row.get("name")),
        gtin=text(row.get("global_unique_id")),
        active=row.get("status") == "publish",
        locations=("",) if managed else (),
        shared_pool=(above or text(row.get("parent_id"))) if managed == "parent" else "",
        changed_at=moment(row, "date_modified"),
    )


def stock(row: Raw, at: datetime, parent: str = "") -> StockSeen | None:
    """The figure of a product or variation; None where the shop does not track it."""
    if not row.get("manage_stock") or row.get("stock_quantity") is None:
        return None
    return StockSeen(item=_item(row, parent), location="", quantity=exact(row["stock_quantity"]), at=at)


def is_variable(product: Raw) -> bool:
    """Whether variations are sold in its place: 'variable', or a plugin's kind ('variable-subscription')."""
    return text(product.get("type")).startswith("variable")


def _item(row: Raw, parent: str) -> str:
    above = parent or text(row.get("parent_id")) if parent or row.get("type") == "variation" else ""
    return item(above, row.get("id")) if above else item(row.get("id"), 0)


def _options(variation: Raw) -> str:
    """'L, Blue'; the field `name` says the same, but only since Woo 9."""
    return ", ".join(text(row.get("option")) for row in rows(variation.get("attributes")))


def _variations(api: Api, parent: str) -> Iterator[Raw]:
    for page in link_pages(api, f"/products/{parent}/variations", per_page=100, orderby="id", order="asc"):
        yield from rows(page.json)


def _figures(api: Api, row: Raw, parent: str, at: datetime) -> Iterator[StockSeen]:
    own = stock(row, at, parent)
    if own:
        yield own
    if not parent and is_variable(row):
        for variation in _variations(api, text(row.get("id"))):
            seen = stock(variation, at, text(row.get("id")))
            if seen:
                yield seen


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
    if not row.get("manage_stock") or row.get("stock_quantity") is None:
        why = "its stock is not tracked: tick 'Track stock quantity for this product' in its inventory tab"
        return Refused(key=wanted.key, code="stock_not_managed", why=why)
    shown = exact(row["stock_quantity"])
    return Applied(key=wanted.key, at=at, quantity=int(shown) if shown == int(shown) else None)


def _no_item(wanted: StockWanted) -> Refused:
    return Refused(
        key=wanted.key, code="item_malformed", why="not an item of WooCommerce: '123' or '123/456'"
    )
