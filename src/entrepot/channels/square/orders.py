"""Reading Square's orders, and finding what came back of them.

A sale does not know its returns: a return is an order of its own that names the sale in
`returns[].source_order_id`, and no search finds it by that. The way from the sale goes over its payments:
tender → payment → `refund_ids` → refund → `order_id` of the return (developer forum and recorded sandbox
answers of 2026-07; the sale's own `refunds` stay empty). Goods that come back without money (an even
exchange) have no such way: see `sale.tied_sales`.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from entrepot.channels.kit.pages import cursor_pages, query_pages
from entrepot.channels.kit.times import utc
from entrepot.channels.square.catalogue import locations
from entrepot.channels.square.sale import Back, sale, tied_sales
from entrepot.contract import Api, Hint, Kind, OrderSeen
from entrepot.kernel import Cause, ChannelError, Refusal

LOCATIONS_PER_SEARCH = 10
ORDERS_PER_PAGE = 500
ORDERS_PER_FETCH = 100
OFFLINE = timedelta(hours=72)
"""So late an offline till may hand in its sales, with their original `created_at` (SearchOrders, read
2026-09).
"""

Refunds = Mapping[str, list[dict[str, Any]]]
"""Refunds by the payment that they give back."""


def read_order(api: Api, id: str) -> OrderSeen:
    """The sale with this id, whole. The id of a return gives the sale that it belongs to, under the sale's
    own id.
    """
    order = _order(api, id)
    sources = tied_sales(order)
    if sources and not order.get("line_items"):
        order = _order(api, min(sources))
    refunds = {payment: list(_refunds_of(api, payment)) for payment in _payments(order)}
    return sale(order, _backs(order, refunds, _return_orders(api, [order], refunds)))


def _order(api: Api, id: str) -> dict[str, Any]:
    answer = api.get(f"/v2/orders/{id}").json
    order = answer.get("order") if isinstance(answer, dict) else None
    if not isinstance(order, dict):
        raise ChannelError(Cause.NONSENSE, f"order {id}: an answer without the order")
    return order


def read_orders(api: Api, since: datetime) -> Iterator[OrderSeen | Hint]:
    """Every order changed since, oldest change first in each ten locations, drafts left out.

    A return gives a Hint of its sale; so does an order that cannot be understood, and a sale too old for its
    refunds to be listed here. One list of refunds serves the whole sweep.
    """
    begin = since - OFFLINE
    refunds = _refunds_since(api, begin)
    stores = [place["id"] for place in locations(api)]
    for start in range(0, len(stores), LOCATIONS_PER_SEARCH):
        query = _changed_since(since, stores[start : start + LOCATIONS_PER_SEARCH])
        for page in cursor_pages(api, "/v2/orders/search", query):
            orders = page.json.get("orders") or []
            returns = _return_orders(api, orders, refunds)
            for order in orders:
                yield from _seen(order, _backs(order, refunds, returns), begin)


def _changed_since(since: datetime, stores: list[str]) -> dict[str, Any]:
    start_at = since.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "location_ids": stores,
        "limit": ORDERS_PER_PAGE,
        "query": {
            "filter": {
                "state_filter": {"states": ["OPEN", "COMPLETED", "CANCELED"]},
                "date_time_filter": {"updated_at": {"start_at": start_at}},
            },
            "sort": {"sort_field": "UPDATED_AT", "sort_order": "ASC"},
        },
    }


def _seen(order: dict[str, Any], backs: list[Back], begin: datetime) -> Iterator[OrderSeen | Hint]:
    """The order, or whose reading tells it."""
    sources = tied_sales(order)
    yield from (Hint(Kind.ORDER, source) for source in sorted(sources))
    if sources and not order.get("line_items"):
        return
    try:
        whole = utc(order.get("created_at")) >= begin or not order.get("tenders")
        yield sale(order, backs) if whole else Hint(Kind.ORDER, order["id"])
    except Refusal:
        yield Hint(Kind.ORDER, order["id"])


def _payments(order: dict[str, Any]) -> list[str]:
    """The ids of the order's payments; tenders from before the Payments API have none."""
    tenders = order.get("tenders")
    rows = [one for one in tenders if isinstance(one, dict)] if isinstance(tenders, list) else []
    return [one["payment_id"] for one in rows if one.get("payment_id")]


def _refunds_of(api: Api, payment: str) -> Iterator[dict[str, Any]]:
    for refund in api.get(f"/v2/payments/{payment}").json["payment"].get("refund_ids") or ():
        yield api.get(f"/v2/refunds/{refund}").json["refund"]


def _refunds_since(api: Api, begin: datetime) -> Refunds:
    """Every refund made since, by payment."""
    start = begin.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    found: dict[str, list[dict[str, Any]]] = {}
    for page in query_pages(api, "/v2/refunds", begin_time=start, sort_order="ASC", limit=100):
        for refund in page.json.get("refunds") or ():
            found.setdefault(refund.get("payment_id") or "", []).append(refund)
    return found


def _return_orders(api: Api, orders: Iterable[dict[str, Any]], refunds: Refunds) -> dict[str, dict[str, Any]]:
    """The return orders that the refunds of these orders' payments name, by id."""
    ids = sorted(
        {
            refund["order_id"]
            for order in orders
            for payment in _payments(order)
            for refund in refunds.get(payment, ())
            if refund.get("order_id")
        }
    )
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(ids), ORDERS_PER_FETCH):
        body = {"order_ids": ids[start : start + ORDERS_PER_FETCH]}
        answer = api.post("/v2/orders/batch-retrieve", body, safe=True)
        found |= {order["id"]: order for order in answer.json.get("orders") or ()}
    return found


def _backs(order: dict[str, Any], refunds: Refunds, returns: Mapping[str, dict[str, Any]]) -> list[Back]:
    return [
        Back(refund, returns.get(refund.get("order_id") or ""))
        for payment in _payments(order)
        for refund in refunds.get(payment, ())
    ]
