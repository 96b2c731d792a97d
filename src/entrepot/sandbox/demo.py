"""The demo: one web shop, two stores with tills, shoppers who buy concurrently; over HTTP, with real
signatures.

It drives a hub that somebody else started (`entrepot demo` wires store, workers and web server) and checks at
the end, against the emulators' own books, that nothing was lost, doubled or left out of sync.
"""

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from random import Random
from typing import Any

import msgspec
from sqlalchemy import select

from entrepot.access import at_command_line
from entrepot.app import Hub, perform
from entrepot.channels.kit.emulate import Emulator
from entrepot.channels.square.emulator import Square
from entrepot.channels.woocommerce.emulator import WooCommerce
from entrepot.db import Tx, tables
from entrepot.sandbox.latency import change_to_ack, placed_to_hub
from entrepot.sandbox.shoppers import ASSORTMENT, goods, wishes
from entrepot.sandbox.street import Street, seeded
from entrepot.sandbox.truth import Outcome, check

EVERY_S = {
    "read_locations": 3600.0,
    "read_listings": 3600.0,
    "sweep_orders": 3.0,
    "read_stock": 4.0,
    "keep_hooks": 30.0,
}
"""The demo's timetable: what takes minutes in a shop takes seconds here."""

STORES = {"old-town": "Old Town", "riverside": "Riverside"}
PIECES = 120
"""Of each SKU in each store at the start."""

PER_S = 25.0
READY_S, SETTLE_S, LOOK_S = 30.0, 60.0, 0.25


class Demo:
    """The street around a hub. `hub_url` is where the hub's web server listens."""

    def __init__(self, hub: Hub, *, hub_url: str, seed: int) -> None:
        self.hub, self._hub_url, self._seed = hub, hub_url, seed
        self._stop = threading.Event()
        self._faults = seeded(seed)
        self._street = Street(hub.store.clock, self._faults)
        self._began = hub.store.clock.now()

    def open(self) -> None:
        """Opens the shops, connects them and waits until every slot shows what is there."""
        self._stock()
        wares = [line[0] for line in ASSORTMENT]
        web = self._street.open("web", lambda address: WooCommerce(address=address, shipping="4.90"))
        tills = self._street.open(
            "tills", lambda _address: Square(stores=tuple(STORES.values()), currency="EUR")
        )
        stores = self._street.ask(lambda shops: _furnish(shops, self.hub.store.clock.now()))
        self._street.start()
        self._connect("web", "woocommerce", {"store": web})
        self._connect("tills", "square", {"base_url": tills})
        self._wait(lambda: self._locations() == len(STORES), "the tills' locations")
        for external, code in zip(stores, STORES, strict=True):
            self._tell("location.map", connection="tills", external=external, location=code)
        slots = len(wares) * (1 + len(STORES))
        self._wait(lambda: self._in_sync() == (slots, slots), "the first figures")

    def shop(
        self, orders: int, *, per_s: float = PER_S, placed: Callable[[int], None] = lambda _n: None
    ) -> None:
        """Shoppers place so many orders (0: until `stop`); sold-out wishes are not counted."""
        done = 0
        for wish in wishes(Random(self._seed), per_s=per_s, stores=len(STORES)):
            if self._stop.wait(wish.wait_s):
                return
            if self._street.buy(wish) is not None:
                done += 1
                placed(done)
            if orders and done >= orders:
                return

    def settle(self) -> Outcome:
        """Waits until the hub and the channels agree with the world, a minute at most; what the checker
        says."""
        outcome = self.check()
        end = self._now_s() + SETTLE_S
        while not (outcome.true and self._idle()) and self._now_s() < end and not self._stop.wait(LOOK_S):
            outcome = self.check()
        return outcome

    def check(self) -> Outcome:
        """The world's books against the hub's."""
        return self._street.ask(lambda shops: check(self.hub.store, dict(shops)))

    def report(self, outcome: Outcome) -> dict[str, Any]:
        """The JSON of `entrepot demo --json`."""
        told = self._street.ask(_placed)
        placed = placed_to_hub(self.hub.store, told)
        acked = change_to_ack(self.hub.store, min(told.values(), default=self._began))
        return {
            "orders_placed": outcome.orders_placed,
            "orders_in_hub": outcome.orders_in_hub,
            "lost": outcome.lost,
            "duplicates": outcome.duplicates,
            "oversold": outcome.oversold,
            "slots": outcome.slots,
            "slots_in_sync": outcome.slots_in_sync,
            "wrong": list(outcome.wrong[:20]),
            "seconds": round(self._now_s() - self._began.timestamp(), 2),
            "latency_ms": {
                "placed_to_hub": msgspec.to_builtins(placed),
                "change_to_ack": msgspec.to_builtins(acked),
            },
            "faults": dict(self._faults.counts),
            "seed": self._seed,
        }

    def stop(self) -> None:
        """Ends the shopping; may be called from any thread."""
        self._stop.set()

    def close(self) -> None:
        """Closes the shops."""
        self.stop()
        self._street.stop()

    def _stock(self) -> None:
        for code, name in STORES.items():
            self._tell("location.add", code=code, name=name)
        rows = [f'{sku},{code},{PIECES},"{title}"' for sku, title, _price in ASSORTMENT for code in STORES]
        self._tell(
            "stock.import",
            csv="\n".join(["sku,location,quantity,title", *rows]),
            reference="opening",
            create=True,
        )

    def _connect(self, name: str, platform: str, address: Mapping[str, str]) -> None:
        settings = self._street.ask(lambda shops: shops[name].settings()) | dict(address)
        arguments = {"platform": platform, "name": name, "settings": settings, "hub_url": self._hub_url}
        self._tell("connection.add", **arguments, locations=list(STORES))
        self._tell("connection.flow", connection=name, flow="stock_out", level="on")

    def _tell(self, command: str, **arguments: object) -> None:
        perform(self.hub, command, arguments, who=at_command_line("demo"), source="demo")

    def _wait(self, ready: Callable[[], bool], what: str) -> None:
        end = self._now_s() + READY_S
        while not ready():
            assert self._now_s() < end, f"the demo waited {READY_S:.0f} s for {what}"
            self._stop.wait(LOOK_S)

    def _locations(self) -> int:
        return self.hub.store.read(lambda tx: len(tx.rows(select(tables.external_location))))

    def _in_sync(self) -> tuple[int, int]:
        outcome = self.check()
        return outcome.slots, outcome.slots_in_sync

    def _idle(self) -> bool:
        """Nothing waits to be booked or pushed."""

        def ask(tx: Tx) -> bool:
            job = tables.job
            busy = select(job.c.id).where(
                job.c.state == "ready", job.c.kind.in_(("push_stock", "fetch_order"))
            )
            return (
                tx.row(busy) is None
                and tx.row(select(tables.inbox.c.id).where(tables.inbox.c.state == "new")) is None
            )

        return self.hub.store.read(ask)

    def _now_s(self) -> float:
        return self.hub.store.clock.now().timestamp()


def _furnish(shops: Mapping[str, Emulator], now: datetime) -> tuple[str, ...]:
    """Puts the assortment into both shops; the tills' stores in their order."""
    tills, web = shops["tills"], shops["web"]
    assert isinstance(tills, Square), "the demo's tills are Square's"
    for good in goods(tills.locations()):
        tills.stock_good(good, now)
    for good in goods([""]):
        web.stock_good(good, now)
    return tills.locations()


def _placed(shops: Mapping[str, Emulator]) -> dict[tuple[str, str], datetime]:
    return {(name, order.external_id): order.at for name, shop in shops.items() for order in shop.placed()}
