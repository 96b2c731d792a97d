"""Several hubs on one PostgreSQL database; and how a hub gets there."""

import shutil
import sqlite3
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest

from entrepot.app import Hub, circumstances, keyring, open_inline
from entrepot.app.performing import open_for_command
from entrepot.app.running import Running
from entrepot.channels.kit.emulate import EmulatorTransport
from entrepot.channels.woocommerce.emulator import WooCommerce
from entrepot.kernel import Refusal, SystemClock
from tests.cli.shop import Changes, Desk, at, shop_with_cups

pytestmark = pytest.mark.postgres


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


class Watched(httpx2.BaseTransport):
    """The way to a shop; it counts who is on it at once."""

    def __init__(self, shop: WooCommerce) -> None:
        self._inner = EmulatorTransport(shop, SystemClock(), None)
        self._one, self.crowded, self.callers = threading.Lock(), 0, set[str]()

    def to(self, who: str) -> Callable[[Any], Hub]:
        """A hub that calls by this way."""

        def handle(request: httpx2.Request) -> httpx2.Response:
            self.callers.add(who)
            if not self._one.acquire(blocking=False):
                self.crowded += 1
                self._one.acquire()
            try:
                return self._inner.handle_request(request)
            finally:
                self._one.release()

        return lambda store: Hub(store, transport=lambda _connection: httpx2.MockTransport(handle))


def connect(hub: Running, shop: WooCommerce) -> None:
    with open_for_command(hub.settings) as tell:
        settings = shop.settings()
        tell(
            "connection.add",
            {"platform": "woocommerce", "name": "web", "settings": settings, "hub_url": "http://h"},
        )
        tell("connection.flow", {"connection": "web", "flow": "stock_out", "level": "on"})


def receive(hub: Running, pieces: int, reference: str) -> None:
    arguments = {"sku": "CUP", "location": "main", "quantity": str(pieces), "reference": reference}
    with open_for_command(hub.settings) as tell:
        tell("stock.receive", arguments)


def test_two_hubs_share_the_work_and_one_goes_on_alone(home: Path, tmp_path: Path) -> None:
    shop = shop_with_cups(shown=0)
    way = Watched(shop)
    desk = Desk(home).set_up()
    assert desk.ask("status")["running"] is False
    other = tmp_path / "elsewhere"
    other.mkdir()
    shutil.copy(home / "keys.json", other)
    with Running(at(home), wire=way.to("first")) as first:
        with Running(at(other), wire=way.to("second")) as second:
            changes = Changes(first, second)
            connect(first, shop)
            changes.until(lambda: set(shop.shown().values()) == {10})
            receive(second, 5, "r2")
            changes.until(lambda: set(shop.shown().values()) == {15})
            assert desk.ask("status")["running"] is True
        way.callers.clear()
        receive(first, 1, "r3")
        changes.until(lambda: set(shop.shown().values()) == {16})
        assert way.callers == {"first"}
    assert way.crowded == 0
    assert desk.ask("verify")["violations"] == []
    assert desk.ask("status")["running"] is False


def test_a_hub_with_other_keys_is_refused(home: Path, tmp_path: Path) -> None:
    shop = shop_with_cups(shown=0)
    Desk(home).set_up()
    with Running(at(home), wire=Watched(shop).to("first")) as hub:
        connect(hub, shop)
    with pytest.raises(Refusal) as refused:
        Running(at(tmp_path / "stranger"))
    assert refused.value.code == "keys_other"
    outcome = Desk(tmp_path / "stranger").type("sku", "add", "CUP")
    assert outcome.exit_code == 2
    assert "the store was sealed with other keys" in outcome.stderr


def test_a_store_on_sqlite_grows_once_and_whole(home: Path) -> None:
    desk = Desk(home)
    file = open_inline_file(home)
    Desk(home).type("location", "add", "main", ENTREPOT_DATABASE="")
    for words in (["sku", "add", "CUP"], ["stock", "receive", "CUP", "main", "7", "--reference", "r1"]):
        assert desk.type(*words, ENTREPOT_DATABASE="").exit_code == 0
    grown = desk.ask("grow")
    with sqlite3.connect(file) as raw:
        events = raw.execute("SELECT count(*) FROM event").fetchone()[0]
    assert grown["tables"]["event"] == events > 0
    assert desk.ask("stock", "CUP")["offerable"] == 7
    assert desk.ask("verify")["violations"] == []
    again = desk.type("grow")
    assert (again.exit_code, "holds rows already" in again.stderr) == (2, True)


def open_inline_file(home: Path) -> Path:
    """The file of a hub that works on SQLite."""
    file = home / "hub.db"
    open_inline(str(file), circumstances(keyring(home, make=True))).close()
    return file


def test_without_the_driver_it_says_what_to_install(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg_pool", None)
    outcome = Desk(home).type("status")
    assert outcome.exit_code == 2
    assert outcome.stderr == 'entrepot: PostgreSQL needs psycopg. pip install "entrepot[postgres]"\n'


def test_a_server_that_does_not_answer_is_named_at_once(home: Path) -> None:
    outcome = Desk(home).type("status", ENTREPOT_DATABASE="postgresql://nobody@127.0.0.1:1/none")
    assert outcome.exit_code == 2
    assert outcome.stderr.startswith("entrepot: the store cannot be used: connection failed")
    assert "refused" in outcome.stderr


def test_a_database_that_is_none_is_refused_without_its_password(home: Path) -> None:
    outcome = Desk(home).type("status", ENTREPOT_DATABASE="mysql://me:secret@host/name")
    assert outcome.exit_code == 2
    assert "ENTREPOT_DATABASE is no PostgreSQL database" in outcome.stderr
    assert "secret" not in outcome.stderr
