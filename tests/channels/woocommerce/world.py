"""The small world of these tests: an emulated shop, the hub's door to it, and the post between them."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from entrepot.channels.kit.api import HttpApi
from entrepot.channels.kit.emulate import EmulatorTransport, Good, Posted
from entrepot.channels.kit.faults import Faults
from entrepot.channels.kit.webhook import verify
from entrepot.channels.woocommerce import channel
from entrepot.channels.woocommerce.emulator import WooCommerce
from entrepot.contract import Delivery, OrderSeen, Reply, Seen, StockWanted
from entrepot.kernel import VirtualClock

HOOKS = "https://hub.example/hooks/shop"
SECRET = "a-secret-of-the-hub"


class Free:
    """Permits without limit."""

    def take(self, account: str, now: datetime) -> float:
        return 0.0

    def busy(self, account: str, wait_s: float, now: datetime) -> None:
        return None


class Notebook:
    """A recorder that keeps 'METHOD path'."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def call(self, *, account: str, method: str, path: str, status: int, took_ms: int, at: datetime) -> None:
        self.calls.append(f"{method} {path}")


class World:
    """A shop, a clock, an api on it, and a postman."""

    def __init__(self, *, faults: Faults | None = None, **shop: Any) -> None:
        self.clock, self.shop, self.notebook = VirtualClock(), WooCommerce(**shop), Notebook()
        self.settings = {**self.shop.settings(), "webhook_secret": SECRET}
        self.api = self.door_to_shop(faults=faults)

    def door_to_shop(self, *, faults: Faults | None = None, **changed: str) -> HttpApi:
        return HttpApi(
            channel.ABOUT,
            account="shop",
            settings={**self.settings, **changed},
            clock=self.clock,
            permits=Free(),
            recorder=self.notebook,
            transport=EmulatorTransport(self.shop, self.clock, faults),
        )

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def wait(self, seconds: float) -> None:
        self.clock.sleep(seconds)

    def stock(self, sku: str, quantity: int, price: str = "10.00") -> str:
        return self.shop.stock_good(
            Good(sku=sku, title=sku.title(), price=price, stock={"": quantity}), self.now
        )

    def buy(self, status: str = "processing", **units: int) -> str:
        id = self.shop.place({sku.upper(): count for sku, count in units.items()}, self.now, status=status)
        assert id is not None
        return id

    def order(self, id: str) -> OrderSeen:
        return channel.read_order(self.api, id)

    def subscribe(self) -> None:
        """With the pings answered."""
        channel.subscribe(self.api, HOOKS)
        assert self.post(seconds=0) == []

    def post(self, *, seconds: float = 2, status: int | None = 200) -> list[Seen]:
        """What the hub hears when it answers `status` to everything due after `seconds`."""
        self.wait(seconds)
        heard: list[Seen] = []
        for posted in self.shop.due(self.now):
            heard += self._hear(posted)
            self.shop.answered(posted.id, status, self.now)
        return heard

    def _hear(self, posted: Posted) -> list[Seen]:
        delivery = Delivery(headers=posted.headers, body=posted.body, url=posted.url, received_at=self.now)
        if channel.door(delivery, self.settings):
            return []
        assert verify(channel.ABOUT.signature, delivery, self.settings)
        return channel.read_events(delivery, self.settings)


def wanted(now: datetime, **quantities: int) -> list[StockWanted]:
    """Rows with keys 'a', 'b', … for items spelled p11 (product 11) or p11v12 (its variation 12)."""
    return [
        StockWanted(key=chr(97 + n), item=name[1:].replace("v", "/"), location="", quantity=quantity, at=now)
        for n, (name, quantity) in enumerate(quantities.items())
    ]


def raw_order(**changed: Any) -> dict[str, Any]:
    """A paid order for 2 cups of 5.00, as small as WooCommerce could send it."""
    line = {"id": 1, "name": "Cup", "product_id": 11, "variation_id": 0, "quantity": 2, "sku": "CUP"}
    line |= {"subtotal": "10.00", "total": "10.00", "total_tax": "0.00", "price": Decimal(5), "meta_data": []}
    return {
        "id": 900,
        "number": "900",
        "status": "processing",
        "currency": "EUR",
        "date_created_gmt": "2026-03-01T10:00:00",
        "date_modified_gmt": "2026-03-01T10:00:05",
        "date_paid_gmt": "2026-03-01T10:00:03",
        "total": "10.00",
        "line_items": [line],
        "refunds": [],
        **changed,
    }


def delivery(topic: str, body: bytes) -> Delivery:
    """A webhook of `topic`, as if its signature had been looked at."""
    headers: Mapping[str, str] = {"x-wc-webhook-topic": topic, "x-wc-webhook-signature": "looked-at"}
    return Delivery(headers=headers, body=body, url=HOOKS, received_at=VirtualClock().now())


class Replies:
    """An Api that answers GETs from a list, for lists that change while they are read."""

    def __init__(self, *pages: tuple[list[Any], dict[str, str]]) -> None:
        self._pages: Iterator[tuple[list[Any], dict[str, str]]] = iter(pages)
        self.settings: Mapping[str, str] = {}
        self.ahead = timedelta(0)

    def get(self, path: str, **params: Any) -> Reply:
        json, headers = next(self._pages)
        now = VirtualClock().now()
        return Reply(status=200, headers=headers, json=json, at=now, began_at=now)

    def post(self, path: str, body: Any, *, safe: bool = False) -> Reply:
        raise AssertionError("only lists here")

    def put(self, path: str, body: Any) -> Reply:
        raise AssertionError("only lists here")

    def delete(self, path: str, **params: Any) -> Reply:
        raise AssertionError("only lists here")
