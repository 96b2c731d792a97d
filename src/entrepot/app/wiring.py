"""Wiring: two printed tables: which events cause which jobs, and who does them."""

from collections.abc import Callable, Mapping, Sequence

import httpx2

from entrepot import catalog, channels, connections, ledger, orders, sync
from entrepot.app.calls import Called, LastCalls
from entrepot.channels.kit import oauth
from entrepot.channels.kit.api import HttpApi
from entrepot.connections import Connection, LocalPermits, Tokens
from entrepot.connections.look import ANSWERS
from entrepot.contract import About, Api, Channel, Pace, Recorder
from entrepot.db import Job, Store, Tx, answers
from entrepot.sync.worker import BookHandler

REACTIONS: dict[str, tuple[str, ...]] = {
    "StockMoved": ("offer",),
    "StockArrived": ("refill",),
    "PromiseBroken": ("refill",),
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
    for connection_id in _values(jobs, "connection"):
        mine = [job.body for job in jobs if job.body["connection"] == connection_id]
        items = [str(body["item"]) for body in mine if "item" in body]
        account = accounts[connection_id]
        taken = orders.heal(tx, account, items=items if len(items) == len(mine) else None)
        if account.calls:
            per_location = channels.load(account.platform).ABOUT.stock.per_location
            sync.after_orders(tx, account, taken, per_location=per_location)


def _clear_answers(tx: Tx, _jobs: Sequence[Job]) -> None:
    answers.clear(tx)


def _expire_holds(tx: Tx, jobs: Sequence[Job]) -> None:
    ledger.expire_holds(tx, _values(jobs, "hold"))


def _forget_letters(tx: Tx, jobs: Sequence[Job]) -> None:
    for job in jobs:
        sync.forget_letters(tx, channels.load, job)


BOOK_JOBS: dict[str, BookHandler] = {
    "refill": _refill,
    "offer": _offer,
    "review": _review,
    "heal": _heal,
    "heal_item": _heal,
    "offer_sku": _offer_sku,
    "offer_connection": _offer_connection,
    "expire_holds": _expire_holds,
    sync.FORGET: _forget_letters,
    "clear_answers": _clear_answers,
}
"""Jobs that only need the database."""

CALL_JOBS: dict[str, sync.Handler] = {
    "probe": sync.probe,
    "push_stock": sync.push_stock,
    "fetch_order": sync.fetch_order,
    "read_locations": sync.read_locations,
    "read_listings": sync.read_listings,
    "sweep_orders": sync.sweep_orders,
    "read_stock": sync.read_stock,
    "keep_hooks": sync.keep_hooks,
}
"""Jobs that call a platform."""


class Noticing:
    """Keeps what the answers of accounts say of the connection itself, where it is not kept already."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def noticed(self, account: str, problems: tuple[str, ...]) -> None:
        """These are the problems that the account's answers show now."""
        if self._store.read(lambda tx: connections.problems(tx, account, ANSWERS)) != set(problems):
            self._store.run(
                lambda tx: connections.see_problems(tx, account, ANSWERS, problems), source="answer"
            )


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
        self.every_s = {**sync.EVERY_S, **every_s}
        self._transport, self._recorder = transport, recorder or LastCalls()
        self._permits, self._noticing = LocalPermits(), Noticing(store)
        self._apis: dict[str, tuple[Connection, HttpApi, Tokens]] = {}
        self.book = sync.BookWorker(store, self.channels, BOOK_JOBS)

    def caller(self, connection_id: str) -> sync.CallWorker:
        """The worker of one account's calls."""
        return sync.CallWorker(
            self.store, connection_id, channels=self.channels, handlers=CALL_JOBS, api=self.api
        )

    def api(self, connection: Connection) -> Api:
        """The api of an account; made anew when its settings change, but for the tokens that are renewed."""
        before = self._apis.get(connection.id)
        if before is not None and _lasting(before[0]) == _lasting(connection):
            before[2].learn(connection)
            return before[1]
        if before is not None:
            before[1].close()
        about = self.channels[connection.platform].ABOUT
        tokens = Tokens(self.store, about, connection, self.token_door)
        api = self._open(about, connection, tokens)
        self._apis[connection.id] = (connection, api, tokens)
        return api

    def token_door(self, connection: Connection) -> HttpApi:
        """The address at which an account's platform grants tokens; whoever opens it closes it."""
        return self._open(oauth.token_door(self.channels[connection.platform].ABOUT), connection)

    def _open(self, about: About, connection: Connection, tokens: Tokens | None = None) -> HttpApi:
        self._permits.allow(connection.id, about.pace)
        return HttpApi(
            about,
            account=connection.id,
            settings=connection.settings,
            clock=self.store.clock,
            permits=self._permits,
            recorder=self._recorder,
            transport=self._transport(connection),
            vault=tokens,
            watch=self._noticing if tokens else None,
        )

    def calls_left(self, connection_id: str) -> tuple[int, Pace] | None:
        """Calls that could be made at once at an account, and its pace; None before the first."""
        return self._permits.left(connection_id, self.store.clock.now())

    def last_calls(self, connection_id: str) -> list[Called]:
        """What this process said last to an account's platform, newest first; nothing if somebody else
        records."""
        return self._recorder.of(connection_id) if isinstance(self._recorder, LastCalls) else []

    def accounts(self) -> list[str]:
        """The ids of the accounts that are called."""
        return self.store.read(lambda tx: [one.id for one in connections.connections(tx) if one.calls])

    def timetable(self) -> None:
        """Queues the readings whose time has come."""
        if self.store.read(lambda tx: sync.due(tx, self.channels, self.every_s)):
            self.store.run(lambda tx: sync.enqueue_due(tx, self.channels, self.every_s), source="timetable")

    def close(self) -> None:
        """Gives connections back and closes the store."""
        for _connection, api, _tokens in self._apis.values():
            api.close()
        self.store.close()


def _lasting(connection: Connection) -> dict[str, str]:
    """The settings without the tokens that come and go."""
    return {name: value for name, value in connection.settings.items() if name not in oauth.FILLED}
