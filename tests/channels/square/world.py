"""The small world of these tests: an account with three stores, the hub's door to it, and the post."""

import os
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from entrepot.channels.kit.api import HttpApi
from entrepot.channels.kit.emulate import EmulatorTransport, Good, Request
from entrepot.channels.kit.faults import Faults
from entrepot.channels.kit.json import decode, encode
from entrepot.channels.kit.webhook import verify
from entrepot.channels.square import channel
from entrepot.channels.square.emulator import Square
from entrepot.contract import Delivery, OrderSeen, Seen, StockWanted
from entrepot.kernel import VirtualClock

HOOKS = "https://hub.example/hooks/square-1"
RECORDED = Path(os.environ.get("ENTREPOT_SAMPLES", "samples-not-here")) / "square"
"""Recorded payloads of others are not ours to publish: ENTREPOT_SAMPLES names a folder that has them."""

recorded_here = pytest.mark.skipif(
    not RECORDED.is_dir(), reason="ENTREPOT_SAMPLES names no recorded payloads"
)
OLD_TOWN, RIVERSIDE, STATION = "LOC1", "LOC2", "LOC3"


class Free:
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
    """An account, a clock, an api on it, and a postman."""

    def __init__(self, *, faults: Faults | None = None, **account: Any) -> None:
        self.clock, self.square, self.notebook = VirtualClock(), Square(**account), Notebook()
        self.settings, self.faults = self.square.settings(), faults

    @property
    def api(self) -> HttpApi:
        """A door with the settings as they are now."""
        return self.door()

    def door(self, *, faults: Faults | None = None, **changed: str) -> HttpApi:
        return HttpApi(
            channel.ABOUT,
            account="square-1",
            settings={**self.settings, **changed},
            clock=self.clock,
            permits=Free(),
            recorder=self.notebook,
            transport=EmulatorTransport(self.square, self.clock, faults or self.faults),
        )

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def wait(self, seconds: float) -> None:
        self.clock.sleep(seconds)

    def good(self, sku: str, price: str = "10.00", **stock: int) -> str:
        return self.square.stock_good(Good(sku=sku, title=sku.title(), price=price, stock=stock), self.now)

    def sell(self, location: str = OLD_TOWN, **units: int) -> str:
        id = self.square.place(
            {sku.upper(): count for sku, count in units.items()}, self.now, location=location
        )
        assert id is not None
        return id

    def order(self, id: str) -> OrderSeen:
        return channel.read_order(self.api, id)

    def shown(self, item: str, location: str = OLD_TOWN) -> int:
        return self.square.shown()[item, location]

    def subscribe(self) -> None:
        self.settings |= channel.subscribe(self.api, HOOKS).settings

    def post(self, *, seconds: float = 2, status: int | None = 200) -> list[Seen]:
        """What the hub hears when it answers `status` to everything due after `seconds`."""
        self.wait(seconds)
        heard: list[Seen] = []
        for posted in self.square.due(self.now):
            delivery = Delivery(
                headers=posted.headers, body=posted.body, url=posted.url, received_at=self.now
            )
            assert channel.door(delivery, self.settings) is None
            assert verify(channel.ABOUT.signature, delivery, self.settings)
            heard += channel.read_events(delivery, self.settings)
            self.square.answered(posted.id, status, self.now)
        return heard

    def ask(self, method: str, path: str, body: Any = None, *, token: str = "") -> tuple[int, Any]:
        """(status, JSON) of a bare call, past our own client."""
        asked = Request(
            method=method,
            path=path.partition("?")[0],
            query=tuple(
                (name, value)
                for name, _, value in (pair.partition("=") for pair in path.partition("?")[2].split("&"))
                if name
            ),
            headers={"authorization": f"Bearer {token or self.settings['token']}"},
            body=b"" if body is None else encode(body),
            url=f"https://connect.square.example{path}",
        )
        given = self.square.handle(asked, self.now)
        return given.status, decode(given.body) if given.body else None


def wanted(key: str, item: str, delta: int, at: datetime, location: str = OLD_TOWN) -> StockWanted:
    return StockWanted(key=key, item=item, location=location, quantity=0, delta=delta, at=at)


def event(body: Any) -> Delivery:
    """A webhook, as if its signature had been looked at."""
    return Delivery(headers={}, body=encode(body), url=HOOKS, received_at=VirtualClock().now())


def plain(value: Any) -> Any:
    """A struct as builtins, to compare with literals."""
    return msgspec.to_builtins(value)


def counts(order: OrderSeen) -> dict[str, int]:
    """Every count of the first line that is not zero, with what was ordered."""
    line = order.lines[0]
    names = ("cancelled", "shipped", "returned", "taken")
    told = {name: int(getattr(line, name)) for name in names if getattr(line, name)}
    return {"ordered": int(line.ordered), **told}
