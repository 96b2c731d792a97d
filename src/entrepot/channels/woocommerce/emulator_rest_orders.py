"""The emulated shop's routes for orders and refunds."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from entrepot.channels.kit.emulate import Request, reply
from entrepot.channels.kit.numbers import exact
from entrepot.channels.woocommerce.emulator_keys import failure
from entrepot.channels.woocommerce.emulator_lists import (
    Invalid,
    Shape,
    body_of,
    invalid_id,
    numbers,
    ordered,
    paged,
    whole,
    window,
)
from entrepot.channels.woocommerce.emulator_shapes import order_shape, refund_shape
from entrepot.channels.woocommerce.emulator_shop import STATUSES, Order, Product, Shop
from entrepot.contract import Response

Call = Callable[[Request, dict[str, str], datetime], Response]


class OrderRoutes:
    """`rows` are the routes, for the router of the whole API."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self.rows: dict[str, Call] = {
            "GET /orders": self._list,
            "POST /orders": self._create,
            "GET /orders/{id}": self._one,
            "PUT /orders/{id}": self._update,
            "GET /orders/{id}/refunds": self._refunds,
            "POST /orders/{id}/refunds": self._refund,
            "GET /refunds": self._all_refunds,
        }

    def _list(self, request: Request, _names: dict[str, str], _now: datetime) -> Response:
        query = dict(request.query)
        statuses = set(query.get("status", "any").split(","))
        include, passes = numbers(query, "include"), window(query)
        if not statuses <= STATUSES | {"any", "trash"}:
            raise Invalid("status", "status[0] is not one of any, trash, and the statuses of orders.")
        found = [
            order
            for order in self._shop.orders.values()
            if (order.status in statuses or ("any" in statuses and order.status != "trash"))
            and (not include or order.id in include)
            and passes(order.created, order.modified)
        ]
        return paged(request, ordered(query, found, _key), self._show)

    def _create(self, request: Request, _names: dict[str, str], now: datetime) -> Response:
        """An order by an application: no figure is asked, and none falls unless it is paid or its status says
        so."""
        body = body_of(request)
        status = _status(body) or "pending"
        if body.get("set_paid") is True and status == "pending":
            status = "processing"
        wanted: list[tuple[Product, int]] = []
        for row in body.get("line_items") or ():
            product = self._shop.products.get(whole(row.get("variation_id") or row.get("product_id") or 0))
            if product is None:
                sentence = "This emulator sells only what is in its catalogue."
                return failure("emulator_lacks_this", sentence, 501)
            wanted.append((product, int(row.get("quantity", 1))))
        billing = body.get("billing") or {}
        buyer = f"{billing.get('first_name', '')} {billing.get('last_name', '')}".strip()
        order = self._shop.take(wanted, now, status=status, buyer=buyer)
        return reply(201, self._show(order))

    def _one(self, _request: Request, names: dict[str, str], _now: datetime) -> Response:
        order = self._found(names["id"])
        return reply(200, self._show(order)) if order else invalid_id("shop_order", 404)

    def _update(self, request: Request, names: dict[str, str], now: datetime) -> Response:
        order, body = self._found(names["id"]), body_of(request)
        if order is None:
            return invalid_id("shop_order", 400)
        self._shop.move(order, _status(body) or order.status, now)
        return reply(200, self._show(order))

    def _refunds(self, request: Request, names: dict[str, str], _now: datetime) -> Response:
        order = self._found(names["id"])
        if order is None:
            return failure("woocommerce_rest_invalid_order_id", "Invalid order ID.", 404)
        newest = list(reversed(order.refunds))
        return paged(request, newest, lambda refund: refund_shape(self._shop, order, refund))

    def _all_refunds(self, request: Request, _names: dict[str, str], _now: datetime) -> Response:
        """Since 9.0: each names the order that it belongs to."""
        pairs = [(order, refund) for order in self._shop.orders.values() for refund in order.refunds]
        newest = sorted(pairs, key=lambda pair: pair[1].id, reverse=True)
        return paged(
            request, newest, lambda pair: refund_shape(self._shop, *pair) | {"parent_id": pair[0].id}
        )

    def _refund(self, request: Request, names: dict[str, str], now: datetime) -> Response:
        order, body = self._found(names["id"]), body_of(request)
        if order is None:
            return failure("woocommerce_rest_invalid_order_id", "Invalid order ID.", 404)
        amount = exact(body.get("amount", "0"))
        if not 0 <= amount <= self._shop.total(order) - self._shop.refunded(order):
            return failure("woocommerce_rest_cannot_create_order_refund", "Invalid refund amount.", 500)
        units = {int(row["id"]): int(row.get("quantity", 0)) for row in body.get("line_items", [])}
        restock, reason = body.get("api_restock", True) is True, str(body.get("reason", ""))
        refund = self._shop.refund(order, units, now, amount=amount, restock=restock, reason=reason)
        return reply(201, refund_shape(self._shop, order, refund))

    def _show(self, order: Order) -> Shape:
        return order_shape(self._shop, order)

    def _found(self, id: Any) -> Order | None:
        return self._shop.orders.get(whole(id))


def _status(body: Shape) -> str:
    """The status that a call asks for, '' for none; Invalid for a word that is none."""
    status = body.get("status")
    if status not in {None, *STATUSES}:
        raise Invalid("status", "status is not one of the statuses of orders.")
    return str(status or "")


def _key(order: Order, by: str) -> Any:
    return {"id": order.id, "date": order.created, "modified": order.modified}[by]
