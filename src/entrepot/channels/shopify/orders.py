"""Reading Shopify's orders: one, and all that changed, each with all its parts."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from entrepot.channels.kit.graphql import Told, next_cursor, nodes
from entrepot.channels.shopify import queries
from entrepot.channels.shopify.api import ask, pages
from entrepot.channels.shopify.sale import order_seen
from entrepot.channels.shopify.shapes import gid, number
from entrepot.contract import Api, Hint, Kind, OrderSeen
from entrepot.kernel import Cause, ChannelError, Refusal

LISTED_MAX = 20_000
"""Shopify lists 25,000 objects and no more: before that a sweep begins anew from the last time it met."""

TOO_DEAR = "MAX_COST_EXCEEDED"

UNPAGED = ("refunds", "fulfillments", "transactions")
"""Parts of an order that come as a plain list, which ends where we said."""


def read_order(api: Api, id: str) -> OrderSeen:
    """One order with all its parts; ChannelError MISSING if there is none (deleted, or older than 60 days
    where the app lacks `read_all_orders`)."""
    for question, most in ((queries.ORDER, queries.SOME), (queries.LARGE, queries.MANY)):
        order = ask(api, question, {"id": gid("Order", id)}).data["order"]
        if order is None:
            raise ChannelError(Cause.MISSING, f"order {number(id)} is not there, or not shown to this app")
        if not _cut(order, most):
            return order_seen(complete(api, order))
    raise Refusal("order_too_large", f"order {number(id)} has {queries.MANY} refunds or parcels or more")


def read_orders(api: Api, since: datetime) -> Iterator[OrderSeen | Hint]:
    """Every order changed since, oldest change first, to the last page; a Hint of one that cannot be
    understood.

    Deleted orders are not found: only the webhook tells of them. Orders that change meanwhile move to the end
    of the list, so that none is skipped.
    """
    met, reached = 0, since
    for told in _pages(api, since):
        page = [_seen_or_hint(api, order) for order in nodes(told.data["orders"])]
        yield from page
        met += len(page)
        reached = max([reached, *(one.changed_at for one in page if isinstance(one, OrderSeen))])
        if met >= LISTED_MAX and reached > since:
            yield from read_orders(api, reached)
            return


def _pages(api: Api, since: datetime) -> Iterator[Told]:
    """The pages of a sweep, smaller ones where Shopify finds ours too dear: its formula is not published."""
    page = queries.PAGE
    while True:
        try:
            yield from pages(api, queries.ORDERS, "orders", changed=_changed(since), page=page)
        except ChannelError as error:
            if error.code != TOO_DEAR or page == 1:
                raise
            page //= 2
        else:
            return


def _changed(since: datetime) -> str:
    return f"updated_at:>='{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}'"


def _seen_or_hint(api: Api, order: dict[str, Any]) -> OrderSeen | Hint:
    """One that is too large for a page, or cannot be understood, is read by itself."""
    try:
        if _cut(order, queries.FEW):
            return Hint(Kind.ORDER, number(order["id"]))
        return order_seen(complete(api, order))
    except Refusal:
        return Hint(Kind.ORDER, number(order["id"]))


def _cut(order: dict[str, Any], most: int) -> bool:
    """Whether a list without pages may have been cut off."""
    return any(len(nodes(order.get(name))) >= most for name in UNPAGED)


def complete(api: Api, whole: dict[str, Any]) -> dict[str, Any]:
    """The order with every part of it: connections that go on are followed to their end."""
    return {name: _completed(api, whole, name, value) for name, value in whole.items()}


def _completed(api: Api, whole: dict[str, Any], name: str, value: Any) -> Any:
    if isinstance(value, list):
        return [complete(api, one) if isinstance(one, dict) else one for one in value]
    if not isinstance(value, dict) or "nodes" not in value:
        return value
    found = nodes(value)
    if (after := next_cursor(value)) is not None:
        found = [*found, *_rest(api, str(whole["id"]), name, after)]
    return [complete(api, one) for one in found]


def _rest(api: Api, id: str, name: str, after: str | None) -> Sequence[dict[str, Any]]:
    kind = id.split("/")[3]
    if (kind, name) not in queries.PARTS:
        raise Refusal("order_too_large", f"{kind} {number(id)} has more {name} than are read")
    found: list[dict[str, Any]] = []
    while after is not None:
        told = ask(api, queries.rest_of(kind, name), {"id": id, "after": after})
        part = (told.data["node"] or {}).get("parts") or {}
        fresh = nodes(part)
        if not fresh:
            break
        found += fresh
        after = next_cursor(part)
    return found
