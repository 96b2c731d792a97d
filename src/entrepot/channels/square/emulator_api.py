"""The API of the emulated Square: who may call, what answers, which keys were used."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from entrepot.channels.kit.emulate import Bucket, Request, Router, reply
from entrepot.channels.square.emulator_catalogue import Shop
from entrepot.channels.square.emulator_grants import Client, Grants
from entrepot.channels.square.emulator_hooks import HOOKS, Hooks
from entrepot.channels.square.emulator_orders import Book
from entrepot.channels.square.emulator_payments import Cashier
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

    def __init__(self, shop: Shop, *, client: Client, quota: Bucket | None, hook_delay_s: float) -> None:
        self._quota, self.replays = quota, Replays()
        self.shop, self.inventory = shop, Inventory(self.known)
        self.hooks = Hooks(shop.merchant, hook_delay_s)
        self.grants = Grants(shop.merchant, client, self.hooks)
        self.book = Book(shop, self.inventory, self.hooks)
        self.desk = Desk(self.book, self.inventory, self.hooks)
        self.cashier = Cashier(shop, self.book)

    def handle(self, request: Request, now: datetime) -> Response:
        """Square's answer to one call."""
        try:
            if request.path.startswith("/oauth2/"):
                return self.grants.answer(request, now)
            self._admit(request, now)
            answer = self._answer(request, now)
        except Wrong as error:
            return wrong(error)
        self.settle(now)
        return answer

    def _answer(self, request: Request, now: datetime) -> Response:
        found = ROUTER.find(request.method, request.path)
        if found is None:
            raise Wrong("NOT_FOUND", "Resource not found.", status=404)
        handler, named = found
        body = body_of(request.body) if request.method in {"POST", "PUT"} else {}
        return handler(self, Call(named=named, query=dict(request.query), body=body, now=now))

    def _admit(self, request: Request, now: datetime) -> None:
        """The token, then the quota."""
        self.grants.admit(request, now)
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

    def merchant(self, id: str) -> Json:
        """RetrieveMerchant: by id, or `me`."""
        if id not in {"me", self.shop.merchant}:
            raise missing("Merchant", id)
        return {"merchant": self.shop.merchant_told()}


Tell = Callable[[Account, Call], Json]
Handler = Callable[[Account, Call], Response]

PLAIN: dict[str, Tell] = {
    "GET /v2/merchants/{id}": lambda one, call: one.merchant(call.named["id"]),
    "GET /v2/locations": lambda one, _: {"locations": one.shop.locations_told()},
    "GET /v2/locations/{id}": lambda one, call: {"location": one.shop.location_told(call.named["id"])},
    "GET /v2/catalog/list": lambda one, call: one.shop.listed(call.query),
    "POST /v2/catalog/search": lambda one, call: one.shop.searched(call.body),
    "POST /v2/catalog/batch-retrieve": lambda one, call: one.shop.fetched(call.body),
    "GET /v2/catalog/object/{id}": lambda one, call: one.shop.object(call.named["id"]),
    "GET /v2/inventory/{id}": lambda one, call: one.inventory.of(call.named["id"], call.query),
    "POST /v2/inventory/counts/batch-retrieve": lambda one, call: one.inventory.counts(call.body),
    "POST /v2/inventory/changes/batch-retrieve": lambda one, call: one.inventory.changes(call.body),
    "POST /v2/orders/search": lambda one, call: searched(one.book.orders, call.body),
    "POST /v2/orders/batch-retrieve": lambda one, call: one.book.fetched(call.body),
    "GET /v2/orders/{id}": lambda one, call: {"order": one.book.order(call.named["id"])},
    "GET /v2/payments": lambda one, call: one.desk.payments(call.query, call.now),
    "GET /v2/payments/{id}": lambda one, call: {"payment": one.desk.payment(call.named["id"])},
    "GET /v2/refunds": lambda one, call: one.desk.refunds(call.query, call.now),
    "GET /v2/refunds/{id}": lambda one, call: {"refund": one.desk.refund(call.named["id"])},
    f"GET {HOOKS}": lambda one, call: one.hooks.listed(call.query),
    f"GET {HOOKS}/{{id}}": lambda one, call: one.hooks.read(call.named["id"]),
    f"PUT {HOOKS}/{{id}}": lambda one, call: one.hooks.update(call.named["id"], call.body, call.now),
    f"DELETE {HOOKS}/{{id}}": lambda one, call: one.hooks.delete(call.named["id"]),
    f"POST {HOOKS}/{{id}}/signature-key": lambda one, call: one.hooks.rotate(call.named["id"], call.now),
    f"POST {HOOKS}/{{id}}/test": lambda one, call: one.hooks.test(call.named["id"], call.now),
}

KEYED: dict[str, tuple[int, bool, Tell]] = {
    "POST /v2/inventory/changes/batch-create": (
        128, True, lambda one, call: one.inventory.change(call.body, call.now)
    ),
    "POST /v2/orders": (192, False, lambda one, call: one.book.create(call.body, call.now)),
    "PUT /v2/orders/{id}": (
        192, False, lambda one, call: one.book.update(call.named["id"], call.body, call.now)
    ),
    f"POST {HOOKS}": (45, False, lambda one, call: one.hooks.create(call.body, call.now)),
    "POST /v2/payments": (45, True, lambda one, call: one.cashier.take(call.body, call.now)),
    "POST /v2/refunds": (45, True, lambda one, call: one.desk.give_back(call.body, call.now)),
}  # fmt: skip
"""Calls with an idempotency key: (its most letters, whether it is required, what they do)."""


def _plainly(tell: Tell) -> Handler:
    return lambda one, call: reply(200, tell(one, call))


def _once(row: str, longest: int, required: bool, tell: Tell) -> Handler:
    def handler(one: Account, call: Call) -> Response:
        place = f"{row} {call.named.get('id', '')}"
        return one.replays.once(place, call.body, lambda: tell(one, call), longest=longest, required=required)

    return handler


ROUTER: Router[Handler] = Router(
    {row: _plainly(tell) for row, tell in PLAIN.items()}
    | {row: _once(row, *keyed) for row, keyed in KEYED.items()}
)
