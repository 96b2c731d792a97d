"""Wiring: two printed tables: which events cause which jobs, and who does them."""

from collections.abc import Callable, Mapping, Sequence

import httpx2

from entrepot import catalog, channels, connections, orders, sync
from entrepot.channels.kit.api import HttpApi
from entrepot.connections import Connection, LocalPermits
from entrepot.contract import Api, Channel, Recorder
from entrepot.db import Job, Store, Tx
from entrepot.sync.worker import BookHandler

REACTIONS: dict[str, tuple[str, ...]] = {
    "StockMoved": ("refill", "offer"),
    "PromiseChanged": ("review",),
    "ListingLinked": ("heal_item", "offer_sku"),
    "RecipeChanged": ("offer_sku",),
    "LocationMapped": ("heal", "offer_connection"),
    "FlowChanged": ("offer_connection",),
}
"""Event kind → the jobs it causes, in the transaction in which it happens."""


def _values(jobs: Sequence[Job], name: str) -> list[str]:
    return list(dict.fromkeys(str(job.body[name]) for job in jobs))


def _refill(tx: Tx, jobs: Sequence[Job]) -> None:
    orders.refill(tx, _values(jobs, "item"))


def _offer(tx: Tx, jobs: Sequence[Job]) -> None:
    sync.offer_items(tx, _values(jobs, "item"))


def _review(tx: Tx, jobs: Sequence[Job]) -> None:
    orders.review(tx, _values(jobs, "line"))


def _offer_sku(tx: Tx, jobs: Sequence[Job]) -> None:
    skus = catalog.skus(tx, ids=_values(jobs, "sku"))
    sync.offer_items(tx, {item_id for sku in skus for item_id, _pieces in sku.recipe})


def _offer_connection(tx: Tx, jobs: Sequence[Job]) -> None:
    for connection_id in _values(jobs, "connection"):
        sync.offer_connection(tx, connection_id)


def _heal(tx: Tx, jobs: Sequence[Job]) -> None:
    accounts = {one.id: one for one in connections.connections(tx)}
    for job in jobs:
        account = accounts[str(job.body["connection"])]
        taken = orders.heal(tx, account, item=str(job.body.get("item", "")))
        sync.after_orders(
            tx, account, taken, per_location=channels.load(account.platform).ABOUT.stock.per_location
        )


BOOK_JOBS: dict[str, BookHandler] = {
    "refill": _refill,
    "offer": _offer,
    "review": _review,
    "heal": _heal,
    "heal_item": _heal,
    "offer_sku": _offer_sku,
    "offer_connection": _offer_connection,
}
"""Jobs that only need the database."""

CALL_JOBS: dict[str, sync.Handler] = {
    "push_stock": sync.push_stock,
    "fetch_order": sync.fetch_order,
    "read_locations": sync.read_locations,
    "read_listings": sync.read_listings,
    "sweep_orders": sync.sweep_orders,
    "read_stock": sync.read_stock,
    "keep_hooks": sync.keep_hooks,
}
"""Jobs that call a platform."""


class Silent:
    """A recorder that keeps nothing."""

    def call(self, **_facts: object) -> None:
        """Forgets the call."""


class Hub:
    """Everything wired together over one store. `transport(connection)` puts an emulator in the place of the
    network."""

    def __init__(
        self,
        store: Store,
        *,
        found: Mapping[str, Channel] | None = None,
        transport: Callable[[Connection], httpx2.BaseTransport | None] = lambda _connection: None,
        recorder: Recorder | None = None,
        every_s: Mapping[str, float] = sync.EVERY_S,
    ) -> None:
        self.store = store
        self.channels = found if found is not None else channels.walk()
        self.every_s = every_s
        self._transport, self._recorder = transport, recorder or Silent()
        self._permits = LocalPermits()
        self._apis: dict[str, tuple[Connection, HttpApi]] = {}
        self.book = sync.BookWorker(store, self.channels, BOOK_JOBS)

    def caller(self, connection_id: str) -> sync.CallWorker:
        """The worker of one account's calls."""
        return sync.CallWorker(
            self.store, connection_id, channels=self.channels, handlers=CALL_JOBS, api=self.api
        )

    def api(self, connection: Connection) -> Api:
        """The api of an account; made anew when its settings change."""
        before = self._apis.get(connection.id)
        if before is not None and before[0].settings == connection.settings:
            return before[1]
        about = self.channels[connection.platform].ABOUT
        self._permits.allow(connection.id, about.pace)
        api = HttpApi(
            about,
            account=connection.id,
            settings=connection.settings,
            clock=self.store.clock,
            permits=self._permits,
            recorder=self._recorder,
            transport=self._transport(connection),
        )
        self._apis[connection.id] = (connection, api)
        return api

    def accounts(self) -> list[str]:
        """The ids of the connected accounts."""
        return self.store.read(lambda tx: [one.id for one in connections.connections(tx)])

    def timetable(self) -> None:
        """Queues the readings whose time has come."""
        if self.store.read(lambda tx: sync.due(tx, self.channels, self.every_s)):
            self.store.run(lambda tx: sync.enqueue_due(tx, self.channels, self.every_s), source="timetable")

    def close(self) -> None:
        """Gives connections back and closes the store."""
        for _connection, api in self._apis.values():
            api.close()
        self.store.close()
