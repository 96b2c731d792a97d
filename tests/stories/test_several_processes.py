"""Several processes on one PostgreSQL database sell the same goods at the same time, in opposite orders."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import func, select, text

from entrepot import connections, orders
from entrepot.access import at_command_line
from entrepot.app import Hub, open_inline, perform
from entrepot.contract import Commercial, OrderSeen
from entrepot.db import InlineStore, tables
from entrepot.monitor import verify
from tests.db.processes import around, process
from tests.orders.desk import PLACED, SETTINGS, line, order
from tests.postgres import Databases

pytestmark = pytest.mark.postgres

SKUS = ("TEAPOT", "MUG", "BOWL", "TRAY", "LAMP")
PIECES = 20
ORDERS, SELLERS, WORKERS = 80, 4, 2
DEADLOCKS = text("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")


def opened(url: str) -> None:
    """A location with goods and a connected shop."""
    store = open_inline(url, around(1))
    hub = Hub(store)

    def tell(command: str, **arguments: object) -> None:
        perform(hub, command, arguments, who=at_command_line("person"), source="test")

    tell("location.add", code="main")
    for sku in SKUS:
        tell("sku.add", sku=sku)
        tell("stock.receive", sku=sku, location="main", quantity=str(PIECES), reference=sku)
    since = "2026-03-01T00:00:00Z"
    tell("connection.add", platform="woocommerce", name="web", settings=SETTINGS, hub_url="https://hub.example",
         since=since)  # fmt: skip
    while hub.book.step():
        pass
    store.close()


def placed(random: Random) -> list[OrderSeen]:
    """Every order, bought and then, some of them, cancelled: three lines each, in any order."""
    found = []
    for n in range(ORDERS):
        chosen = random.sample(SKUS, 3)
        lines = [line(str(at), sku, ordered=random.randint(1, 3)) for at, sku in enumerate(chosen)]
        found.append(order(*lines, id=f"{1000 + n}"))
        if n % 3 == 0:
            found.append(order(*lines, id=f"{1000 + n}", key="2", commercial=Commercial.CANCELLED))
    return found


def sell(store: InlineStore, seen: list[OrderSeen], random: Random) -> None:
    """One process takes all of it in, in batches and in an order of its own."""
    web = store.read(lambda tx: connections.named(tx, "web"))
    mixed = random.sample(seen, len(seen))
    as_of = PLACED + timedelta(minutes=1)
    for start in range(0, len(mixed), 4):
        batch = [orders.Testimony(order=one, as_of=as_of, asked_at=as_of) for one in mixed[start : start + 4]]
        store.run(lambda tx, batch=batch: orders.take(tx, web, batch))  # type: ignore[misc]


def test_processes_that_sell_the_same_goods_neither_lock_each_other_out_nor_lose_a_piece(
    databases: Databases,
) -> None:
    url = databases.fresh()
    opened(url)
    sellers = [process(url, n) for n in range(1, 1 + SELLERS)]
    hubs = [Hub(process(url, 100 + n)) for n in range(WORKERS)]
    seen, sold = placed(Random(3)), threading.Event()

    def work(hub: Hub) -> None:
        while not sold.is_set():
            hub.book.step()

    with ThreadPoolExecutor(SELLERS + WORKERS) as threads:
        working = [threads.submit(work, hub) for hub in hubs]
        try:
            selling = [threads.submit(sell, store, seen, Random(n)) for n, store in enumerate(sellers)]
            for one in selling:
                one.result(60)
        finally:
            sold.set()
        for one in working:
            one.result(60)
    while hubs[0].book.step():
        pass
    store = sellers[0]
    assert verify(store).violations == []
    counted = select(func.count()).select_from
    assert store.read(lambda tx: tx.rows(counted(tables.orders))[0][0]) == ORDERS
    assert store.read(lambda tx: tx.rows(counted(tables.job))[0][0]) == 0
    assert store.read(lambda tx: tx.rows(DEADLOCKS))[0][0] == 0
    for hub in hubs:
        hub.close()
    for store in sellers:
        store.close()
