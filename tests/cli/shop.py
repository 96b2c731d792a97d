"""What these tests share: the command in this process on a home of its own, and an emulated shop."""

import json
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
from typer.testing import CliRunner, Result

from entrepot import api, web
from entrepot.app import Hub, Settings, from_environment
from entrepot.app.running import Running
from entrepot.channels.kit.emulate import EmulatorTransport, Good
from entrepot.channels.woocommerce.emulator import WooCommerce
from entrepot.cli import app
from entrepot.kernel import SystemClock

PATIENCE_S = 20.0


class Desk:
    """Types commands into a home."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def type(self, *words: str, typed: str = "", **environment: str) -> Result:
        """The outcome of `entrepot WORDS…`."""
        there = {"ENTREPOT_HOME": str(self.home), "COLUMNS": "80", **environment}
        return CliRunner().invoke(app, list(words), env=there, input=typed)

    def ask(self, *words: str, **environment: str) -> dict[str, Any]:
        """The JSON object that the command prints with --json; it must succeed."""
        outcome = self.type(*words, "--json", **environment)
        assert outcome.exit_code == 0, outcome.output
        found: dict[str, Any] = json.loads(outcome.stdout)
        return found

    def set_up(self) -> "Desk":
        """A location with ten cups."""
        self.ask("location", "add", "main")
        self.ask("sku", "add", "CUP", "--title", "A cup")
        self.ask("stock", "receive", "CUP", "main", "10", "--reference", "r1")
        return self


class Changes:
    """Lets a test wait until something is so, looking again after every commit of these hubs."""

    def __init__(self, *hubs: Running) -> None:
        self._changed = threading.Condition()
        for hub in hubs:
            hub.store.on_commit = self._told(hub.store.on_commit)

    def _told(self, before: Callable[[], None]) -> Callable[[], None]:
        def committed() -> None:
            before()
            with self._changed:
                self._changed.notify_all()

        return committed

    def until(self, so: Callable[[], bool]) -> None:
        """Returns once `so()`; AssertionError if that takes too long."""
        with self._changed:
            assert self._changed.wait_for(so, PATIENCE_S), "it never came about"


def shop_with_cups(shown: int) -> WooCommerce:
    shop = WooCommerce()
    good = Good(sku="CUP", title="Cup", price="12.50", stock={"": shown})
    shop.stock_good(good, SystemClock().now())
    return shop


def wired(shop: WooCommerce) -> Callable[[Any], Hub]:
    """A hub whose network leads to this shop."""

    def transport(_connection: object) -> httpx2.BaseTransport:
        return EmulatorTransport(shop, SystemClock(), None)

    return lambda store: Hub(store, transport=transport)


def at(home: Path) -> Settings:
    """The settings of a hub in this home, with the database of this run."""
    return from_environment({**os.environ, "ENTREPOT_HOME": str(home)})


@contextmanager
def serving(home: Path, wire: Callable[[Any], Hub] = Hub) -> Iterator[Running]:
    """A hub at work, answering on loopback."""
    with Running(at(home), wire=wire) as running:
        doors = [api.door(running.hub, running.token)]
        server = web.start(running.hub, token=running.token, doors=doors)
        try:
            running.announce(server.url)
            yield running
        finally:
            server.stop()
