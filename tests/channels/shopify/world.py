"""The small world of these tests: a shop with two locations, the hub's door to it, and the post.

A module that imports it is skipped where graphql-core is missing; what needs that is imported from here.
"""

import os
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from entrepot.channels.kit.api import HttpApi
from entrepot.channels.kit.emulate import EmulatorTransport, Good, Request
from entrepot.channels.kit.faults import Faults
from entrepot.channels.kit.json import decode, encode
from entrepot.channels.kit.webhook import verify
from entrepot.channels.shopify import channel
from entrepot.channels.shopify.api import PATH
from entrepot.contract import About, Delivery, OrderSeen, Reply, Seen, StockWanted
from entrepot.kernel import VirtualClock
from tests.conftest import need

try:
    need("graphql-core", bool(find_spec("graphql")), "the emulated shop executes GraphQL")
except pytest.skip.Exception as missing:
    pytest.skip(str(missing), allow_module_level=True)

from graphql import build_schema, parse, validate

from entrepot.channels.shopify import emulator_part
from entrepot.channels.shopify.emulator import Shopify
from entrepot.channels.shopify.emulator_cost import Points
from entrepot.channels.shopify.emulator_graph import SCHEMA
from entrepot.channels.shopify.emulator_orders import Terms

__all__ = [
    "SCHEMA",
    "Points",
    "Shopify",
    "Terms",
    "World",
    "build_schema",
    "emulator_part",
    "parse",
    "validate",
]

HOOKS = "https://hub.example/hooks/shop-1"
RECORDED = Path(os.environ.get("ENTREPOT_SAMPLES", "samples-not-here")) / "shopify"
"""Recorded payloads of others are not ours to publish: ENTREPOT_SAMPLES names a folder that has them."""

SCHEMAS = Path(os.environ.get("ENTREPOT_SPECS", "specs-not-here")) / "shopify" / "graphql"
"""Nor are the vendor's schemas: ENTREPOT_SPECS names a folder that has them."""

recorded_here = pytest.mark.skipif(
    not RECORDED.is_dir(), reason="ENTREPOT_SAMPLES names no recorded payloads"
)
schemas_here = pytest.mark.skipif(not SCHEMAS.is_dir(), reason="ENTREPOT_SPECS names no schemas")


class Paced:
    """Permits without limit; `told` keeps what the answers said."""

    def __init__(self) -> None:
        self.told: list[float] = []

    def take(self, account: str, now: datetime) -> float:
        return 0.0

    def busy(self, account: str, wait_s: float, now: datetime) -> None:
        self.told.append(wait_s)


class Notebook:
    """A recorder that keeps 'METHOD path'."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def call(self, *, account: str, method: str, path: str, status: int, took_ms: int, at: datetime) -> None:
        self.calls.append(f"{method} {path}")


class World:
    """A shop, a clock, an api on it, and a postman."""

    def __init__(self, *, faults: Faults | None = None, **shop: Any) -> None:
        self.clock, self.shop, self.notebook, self.permits = (
            VirtualClock(),
            Shopify(**shop),
            Notebook(),
            Paced(),
        )
        self.settings, self.faults = self.shop.settings(), faults
        self.here, self.there = self.shop.locations()[:2]

    @property
    def api(self) -> HttpApi:
        """A door with the settings as they are now."""
        return self.door()

    def door(self, *, faults: Faults | None = None, about: About = channel.ABOUT, **changed: str) -> HttpApi:
        return HttpApi(
            about,
            account="shop-1",
            settings={**self.settings, **changed},
            clock=self.clock,
            permits=self.permits,
            recorder=self.notebook,
            transport=EmulatorTransport(self.shop, self.clock, faults or self.faults),
        )

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def wait(self, seconds: float) -> None:
        self.clock.sleep(seconds)

    def good(self, sku: str, price: str = "10.00", *, there: int = 0, here: int = 0, **more: Any) -> str:
        """An item with so many units in the first and in the second location."""
        stock = {self.here: here, self.there: there}
        return self.shop.stock_good(
            Good(sku=sku, title=sku.title(), price=price, stock=stock), self.now, **more
        )

    def buy(self, *, at: str = "", paid: bool = True, **units: int) -> str:
        """A purchase on the web, or at the till `at`."""
        basket = {sku.upper(): count for sku, count in units.items()}
        id = self.shop.place(basket, self.now, location=at, paid=paid)
        assert id is not None
        return id

    def order(self, id: str) -> OrderSeen:
        return channel.read_order(self.api, id)

    def shown(self, item: str, location: str = "") -> int:
        return self.shop.shown()[item, location or self.here]

    def subscribe(self) -> None:
        self.settings |= channel.subscribe(self.api, HOOKS).settings

    def post(self, *, seconds: float = 2, status: int | None = 200) -> list[Seen]:
        """What the hub hears when it answers `status` to everything due after `seconds`."""
        self.wait(seconds)
        heard: list[Seen] = []
        for posted in self.shop.due(self.now):
            delivery = Delivery(
                headers=posted.headers, body=posted.body, url=posted.url, received_at=self.now
            )
            assert channel.door(delivery, self.settings) is None
            assert verify(channel.ABOUT.signature, delivery, self.settings)
            heard += channel.read_events(delivery, self.settings)
            self.shop.answered(posted.id, status, self.now)
        return heard

    def ask(self, query: str, variables: Any = None, *, path: str = PATH, token: str = "") -> Any:
        """The JSON of a bare question, past our own client."""
        return decode(self.call("POST", path, {"query": query, "variables": variables}, token=token)[2])

    def call(
        self, method: str, path: str, body: Any = None, *, token: str = ""
    ) -> tuple[int, Mapping[str, str], bytes]:
        """(status, headers, body) of a bare call."""
        bare, _, query = path.partition("?")
        pairs = (pair.partition("=") for pair in query.split("&") if pair)
        asked = Request(
            method=method,
            path=bare,
            query=tuple((name, value) for name, _, value in pairs),
            headers={"x-shopify-access-token": token or self.settings["token"]},
            body=b"" if body is None else encode(body),
            url=f"{self.settings['store']}{path}",
        )
        given = self.shop.handle(asked, self.now)
        return given.status, given.headers, given.body


def wanted(key: str, slot: tuple[str, str], *, quantity: int, expected: int, at: datetime) -> StockWanted:
    return StockWanted(
        key=key,
        item=slot[0],
        location=slot[1],
        quantity=quantity,
        delta=quantity - expected,
        expected=expected,
        at=at,
    )


def event(topic: str, body: Any) -> Delivery:
    """A webhook, as if its signature had been looked at."""
    return Delivery(
        headers={"x-shopify-topic": topic}, body=encode(body), url=HOOKS, received_at=VirtualClock().now()
    )


def counts(order: OrderSeen, n: int = 0) -> dict[str, int]:
    """Every count of a line that is not zero, with what was ordered."""
    line = order.lines[n]
    names = ("cancelled", "shipped", "returned", "taken")
    told = {name: int(getattr(line, name)) for name in names if getattr(line, name)}
    return {"ordered": int(line.ordered), **told}


def money(amount: str, currency: str = "USD") -> dict[str, Any]:
    """A MoneyBag in REST's names, one currency for both."""
    told = {"amount": amount, "currency_code": currency}
    return {"shop_money": told, "presentment_money": told}


def raw_order(**changed: Any) -> dict[str, Any]:
    """A paid web order for 3 cups of 10.00, as small as Shopify could send it."""
    line = {"id": 1, "name": "Cup", "sku": "CUP", "quantity": 3, "price_set": money("10.0"), "variant_id": 5}
    return {
        "id": 900,
        "name": "#1001",
        "created_at": "2026-03-01T10:00:00Z",
        "updated_at": "2026-03-01T10:00:05Z",
        "currency": "USD",
        "presentment_currency": "USD",
        "financial_status": "paid",
        "taxes_included": False,
        "source_name": "web",
        "total_price_set": money("30.0"),
        "line_items": [line],
        "refunds": [],
        "fulfillments": [],
        **changed,
    }


class Replies:
    """An Api that answers POSTs from a list, for answers that no healthy shop gives."""

    def __init__(self, *bodies: Any, headers: Mapping[str, str] | None = None) -> None:
        self._bodies: Iterator[Any] = iter(bodies)
        self._headers = dict(headers or {})
        self.asked: list[Any] = []
        self.settings: Mapping[str, str] = {}
        self.ahead = timedelta(0)

    def post(self, path: str, body: Any, *, safe: bool = False) -> Reply:
        self.asked.append(body)
        now = VirtualClock().now()
        return Reply(status=200, headers=self._headers, json=next(self._bodies), at=now, began_at=now)

    def get(self, path: str, **params: Any) -> Reply:
        raise AssertionError("only questions here")

    def put(self, path: str, body: Any) -> Reply:
        raise AssertionError("only questions here")

    def delete(self, path: str, **params: Any) -> Reply:
        raise AssertionError("only questions here")


def decimals(*values: int) -> list[Decimal]:
    return [Decimal(value) for value in values]
