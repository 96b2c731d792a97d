"""The API of the emulated Square: who may call, what answers, which keys were used."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from entrepot.channels.kit.emulate import Bucket, Request, Router, reply
from entrepot.channels.square.emulator_catalogue import Shop
from entrepot.channels.square.emulator_hooks import Hooks
from entrepot.channels.square.emulator_orders import Book
from entrepot.channels.square.emulator_refunds import Desk
from entrepot.channels.square.emulator_search import searched
from entrepot.channels.square.emulator_stock import Inventory
from entrepot.channels.square.emulator_wire import Replays, Wrong, body_of, missing, stamp, wrong
from entrepot.contract import Response

Json = dict[str, Any]


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A request on its way to the part that answers it."""

    named: Mapping[str, str]
    query: Mapping[str, str]
    body: Json
    now: datetime


class Account:
    """One merchant's account: its parts, and the calls that reach them."""

    def __init__(self, shop: Shop, *, token: str, quota: Bucket | None, hook_delay_s: float) -> None:
        self._token, self._quota, self._replays = token, quota, Replays()
        self.shop, self.inventory = shop, Inventory(self.known)
        self.hooks = Hooks(shop.merchant, hook_delay_s)
        self.book = Book(shop, self.inventory, self.hooks)
        self.desk = Desk(self.book, self.inventory, self.hooks)
        self._router = Router(self._routes())

    def _routes(self) -> dict[str, Callable[[Call], Response]]:
        told = self._shelf() | self._counter() | self._webhooks()
        return {row: _answering(tell) for row, tell in told.items()} | self._once()

    def _shelf(self) -> dict[str, Callable[[Call], Json]]:
        """Merchant, stores, catalogue, counts."""
        shop, stock = self.shop, self.inventory
        return {
            "GET /v2/merchants/{id}": lambda call: self._merchant(call.named["id"]),
            "GET /v2/locations": lambda _: {"locations": shop.locations_told()},
            "GET /v2/catalog/list": lambda call: shop.listed(call.query),
            "POST /v2/catalog/search": lambda call: shop.searched(call.body),
            "POST /v2/catalog/batch-retrieve": lambda call: shop.fetched(call.body),
            "GET /v2/catalog/object/{id}": lambda call: shop.object(call.named["id"]),
            "POST /v2/inventory/counts/batch-retrieve": lambda call: stock.counts(call.body),
            "POST /v2/inventory/changes/batch-retrieve": lambda call: stock.changes(call.body),
        }

    def _counter(self) -> dict[str, Callable[[Call], Json]]:
        """Orders, payments, refunds."""
        book, desk = self.book, self.desk
        return {
            "POST /v2/orders/search": lambda call: searched(book.orders, call.body),
            "POST /v2/orders/batch-retrieve": lambda call: book.fetched(call.body),
            "GET /v2/orders/{id}": lambda call: {"order": book.order(call.named["id"])},
            "GET /v2/payments": lambda call: desk.payments(call.query, call.now),
            "GET /v2/payments/{id}": lambda call: {"payment": desk.payment(call.named["id"])},
            "GET /v2/refunds": lambda call: desk.refunds(call.query, call.now),
            "GET /v2/refunds/{id}": lambda call: {"refund": desk.refund(call.named["id"])},
        }

    def _webhooks(self) -> dict[str, Callable[[Call], Json]]:
        hooks, place = self.hooks, "/v2/webhooks/subscriptions"
        return {
            f"GET {place}": lambda call: hooks.listed(call.query),
            f"POST {place}": lambda call: hooks.create(call.body, call.now),
            f"GET {place}/{{id}}": lambda call: hooks.read(call.named["id"]),
            f"PUT {place}/{{id}}": lambda call: hooks.update(call.named["id"], call.body, call.now),
            f"DELETE {place}/{{id}}": lambda call: hooks.delete(call.named["id"]),
            f"POST {place}/{{id}}/test": lambda call: hooks.test(call.named["id"], call.now),
        }

    def _once(self) -> dict[str, Callable[[Call], Response]]:
        """Calls with an idempotency key."""
        book, desk, stock, once = self.book, self.desk, self.inventory, self._replays.once
        return {
            "POST /v2/inventory/changes/batch-create": lambda call: once(
                "inventory", call.body, lambda: stock.change(call.body, call.now), longest=128
            ),
            "POST /v2/orders": lambda call: once(
                "orders", call.body, lambda: book.create(call.body, call.now), longest=192, required=False
            ),
            "PUT /v2/orders/{id}": lambda call: once(
                call.named["id"],
                call.body,
                lambda: book.update(call.named["id"], call.body, call.now),
                longest=192,
                required=False,
            ),
            "POST /v2/refunds": lambda call: once(
                "refunds", call.body, lambda: desk.give_back(call.body, call.now), longest=45
            ),
        }

    def handle(self, request: Request, now: datetime) -> Response:
        """Square's answer to one call."""
        try:
            self._admit(request, now)
            answer = self._answer(request, now)
        except Wrong as error:
            return wrong(error)
        self.settle(now)
        return answer

    def _answer(self, request: Request, now: datetime) -> Response:
        found = self._router.find(request.method, request.path)
        if found is None:
            raise Wrong("NOT_FOUND", "Resource not found.", status=404)
        handler, named = found
        body = body_of(request.body) if request.method in {"POST", "PUT"} else {}
        return handler(Call(named=named, query=dict(request.query), body=body, now=now))

    def _admit(self, request: Request, now: datetime) -> None:
        """The token, then the quota."""
        if request.headers.get("authorization") != f"Bearer {self._token}":
            raise Wrong("UNAUTHORIZED", "This request could not be authorized.", status=401)
        if self._quota is not None:
            self._quota, wait_s = self._quota.take(now)
            if wait_s:
                raise Wrong("RATE_LIMITED", "Rate limit exceeded.", status=429)

    def settle(self, now: datetime) -> None:
        """Tells of the counts that the last thing changed."""
        if changed := self.inventory.drain():
            id = f"counts-{stamp(now)}-{changed[0]['catalog_object_id']}"
            body = {"inventory_counts": changed}
            self.hooks.tell("inventory.count.updated", id, body, now, word="inventory_counts")

    def known(self, slot: tuple[str, str]) -> None:
        """Raises 404 unless the variation and the location are there."""
        self.shop.variation(slot[0])
        if slot[1] not in self.shop.locations:
            raise missing("Location", slot[1])

    def _merchant(self, id: str) -> Json:
        if id not in {"me", self.shop.merchant}:
            raise missing("Merchant", id)
        return {"merchant": self.shop.merchant_told()}


def _answering(tell: Callable[[Call], Json]) -> Callable[[Call], Response]:
    return lambda call: reply(200, tell(call))
