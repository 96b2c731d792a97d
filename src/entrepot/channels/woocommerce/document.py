"""WooCommerce's documents on disk: resources of REST wc/v3, alone, in lists, in batches, in any envelope.

A resource does not say what it is; it is known by the fields that only it has (REST documentation, 2026-11).
"""

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from entrepot.channels.kit.documents import Around, Part, Testimony, delivery, passages
from entrepot.channels.kit.numbers import integer, text
from entrepot.channels.woocommerce.events import read_events
from entrepot.channels.woocommerce.orders import order_seen
from entrepot.channels.woocommerce.refunds import refunded_lines
from entrepot.channels.woocommerce.shapes import Raw, moment, record, rows
from entrepot.channels.woocommerce.stock import is_variable, listing, stock
from entrepot.contract import DocumentKind, Hint, Kind, Passage, RefundLine, ReturnSeen

_ORDER_NEEDS = ("id", "currency", "status", "date_created_gmt", "total", "line_items")
_ORDER_OF = re.compile(r"/orders/(\d{1,19})(?:/refunds.*)?$", re.ASCII)

NAMES: tuple[tuple[tuple[str, ...], str], ...] = (
    (("delivery_url", "topic"), "a webhook's subscription"),
    (("discount_type", "code"), "a coupon"),
    (("compound", "rate"), "a tax rate"),
    (("customer_note", "note"), "an order note"),
    (("menu_order", "display"), "a product category"),
    (("code", "message", "data"), "an error of WooCommerce"),
)
"""Fields that tell a resource → its name, for those that the hub has no use for."""


def read_document(document: Any, kind: DocumentKind | None, settings: Mapping[str, str]) -> list[Passage]:
    """Orders, products, variations and refunds, wherever they stand. As WEBHOOK each is read as a delivery.

    A refund alone names neither its order's currency nor, but for a link, its order: it tells of goods only.
    """
    if kind is DocumentKind.WEBHOOK:
        return passages(document, _delivered, kind)
    wanted = DocumentKind.STOCK if kind is DocumentKind.STOCK else DocumentKind.LISTING
    return passages(document, partial(_look, goods=wanted), kind)


def _look(row: Raw, around: Around, *, goods: DocumentKind) -> Part | str | None:
    """`goods`: what a product is looked at for."""
    if "line_items" in row and ("order_key" in row or "billing" in row or "currency" in row):
        return Part(DocumentKind.ORDER, lambda: [order_seen(row)], _ORDER_NEEDS)
    if "refunded_by" in row or "refunded_payment" in row:
        return Part(DocumentKind.RETURN, lambda: [_back(row)], ("id", "line_items"))
    if "manage_stock" in row and "id" in row:
        dated = ("date_modified_gmt",) if goods is DocumentKind.STOCK and row.get("manage_stock") else ()
        return Part(goods, lambda: _good(row), ("id", "status|stock_status", *dated))
    return next((name for fields, name in NAMES if all(field in row for field in fields)), None)


def _delivered(row: Raw, around: Around) -> Part | str | None:
    found = _look(row, around, goods=DocumentKind.LISTING)
    if not isinstance(found, Part) or found.kind is DocumentKind.RETURN:
        return found
    resource = "order" if found.kind is DocumentKind.ORDER else "product"
    sent = delivery(row, {"x-wc-webhook-topic": f"{resource}.updated"})
    return Part(DocumentKind.WEBHOOK, lambda: read_events(sent, {}), found.needs)


def _good(row: Raw) -> list[Testimony]:
    """A product or variation, and its figure where it has one and says when it was so. A variable product
    is not sold itself: a hint to read its variations."""
    changed = moment(row, "date_modified")
    figure = stock(row, changed) if changed else None
    told: Testimony = Hint(Kind.LISTING, str(integer(row["id"]))) if is_variable(row) else listing(row)
    return [told, figure] if figure else [told]


def _back(row: Raw) -> ReturnSeen:
    """A refund's goods. Its order is named by a link only, of newer versions."""
    links = record(row.get("_links") or {})
    up = [found[1] for one in rows(links.get("up")) if (found := _ORDER_OF.search(text(one.get("href"))))]
    return ReturnSeen(
        external_id=str(integer(row.get("id"))),
        order=up[0] if up else "",
        lines=tuple(RefundLine(line=line, quantity=units) for line, units in refunded_lines(row)),
        at=moment(row, "date_created"),
    )
