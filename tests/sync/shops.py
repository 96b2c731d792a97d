"""The town of the stories with a window on the wire: every call to a platform is noted, and may go wrong on
demand."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import httpx2
import msgspec
from sqlalchemy import func, select

from entrepot import connections, sync
from entrepot.channels.square.emulator import Square
from entrepot.channels.woocommerce.emulator import WooCommerce
from entrepot.connections import Connection
from entrepot.contract import Response
from entrepot.db import Job, letters, tables
from entrepot.db.letters import DeadLetter
from entrepot.monitor import verify
from entrepot.sandbox.truth import check
from entrepot.sync import Slot
from entrepot.sync.rows import slots_of_connection
from tests.stories.town import OLD_TOWN, RIVERSIDE, Town

__all__ = ["OLD_TOWN", "RIVERSIDE", "Called", "Shops"]

STOCK = {"TEAPOT": {OLD_TOWN: 3, RIVERSIDE: 2}, "MUG": {OLD_TOWN: 10}}
WRITES = ("POST", ("/wp-json/wc/v3/products/batch", "/v2/inventory/changes/batch-create"))

Fault = Callable[["Called"], int | str | None]
"""What goes wrong with a call: a status that is answered in the platform's place, 'lost' for an answer that
never arrives though the platform did it, 'refused' for no connection; None: nothing."""


class Called(msgspec.Struct, frozen=True, kw_only=True):
    """A call of the hub."""

    method: str
    path: str
    body: Any

    @property
    def writes(self) -> bool:
        """Whether it writes stock."""
        return self.method == WRITES[0] and self.path in WRITES[1]


@cache
def quiet() -> Town:
    """The town before anything happens."""
    return Town(STOCK)


class Shops(Town):
    """A copy of the quiet town: a website, and two stores with tills. 3 + 2 teapots, 10 mugs in the old
    town."""

    def __init__(self) -> None:
        self.calls: list[Called] = []
        self.fault: Fault = lambda _call: None
        self.world = quiet().world.copy(send=self._send)
        web, tills = self.world.shops["web"], self.world.shops["tills"]
        assert isinstance(web, WooCommerce)
        assert isinstance(tills, Square)
        self.website, self.tills = web, tills
        self.items, self.store_of = quiet().items, quiet().store_of

    def _send(self, inner: httpx2.BaseTransport, request: httpx2.Request) -> httpx2.Response:
        content = request.read()
        body = json.loads(content) if content else None
        call = Called(method=request.method, path=request.url.path, body=body)
        self.calls.append(call)
        match self.fault(call):
            case int(status):
                return httpx2.Response(status, json={"errors": [{"code": "INJECTED", "detail": "as told"}]})
            case "refused":
                raise httpx2.ConnectError("as told", request=request)
            case "lost":
                inner.handle_request(request)
                raise httpx2.ReadTimeout("as told", request=request)
            case _:
                return inner.handle_request(request)

    # what the hub wrote

    def written(self) -> list[tuple[str, str, int]]:
        """(shop, SKU, figure on the website or difference at a till) of every write so far, in order."""
        skus = {(shop, item): sku for shop, by_sku in self.items.items() for sku, item in by_sku.items()}
        found = []
        for call in self.calls:
            if call.writes and "update" in call.body:
                found += [
                    ("web", skus["web", str(row["id"])], row["stock_quantity"]) for row in call.body["update"]
                ]
            elif call.writes:
                change = call.body["changes"][0]["adjustment"]
                sign = 1 if change["to_state"] == "IN_STOCK" else -1
                found.append(
                    ("tills", skus["tills", change["catalog_object_id"]], sign * int(change["quantity"]))
                )
        return found

    def slot(self, shop: str, sku: str, store: str = "") -> Slot:
        """The hub's view of one slot."""
        place = self.store_of[store] if store else ""
        account = self.connection(shop)
        held = self.world.store.read(lambda tx: slots_of_connection(tx, account.id))
        return next(one for one in held if (one.item, one.location) == (self.items[shop][sku], place))

    # what the hub knows

    def connection(self, shop: str) -> Connection:
        return self.world.store.read(lambda tx: connections.named(tx, shop))

    def true(self) -> None:
        """Nothing is lost, doubled, out of sync, or against an invariant."""
        outcome = check(self.world.store, self.world.shops)
        assert (outcome.wrong, outcome.lost, outcome.duplicates) == ((), 0, 0)
        assert outcome.slots == outcome.slots_in_sync
        assert verify(self.world.store).violations == []

    def happened(self, kind: str) -> int:
        """How often an event of this kind happened."""
        statement = select(func.count()).where(tables.event.c.kind == kind)
        return int(self.world.store.read(lambda tx: tx.rows(statement)[0][0]))

    def letters(self) -> list[DeadLetter]:
        return self.world.store.read(letters.listed)

    def waiting(self, kind: str) -> list[Job]:
        """Jobs of a kind that wait, as far as their attempts."""
        statement = select(tables.job).where(tables.job.c.kind == kind, tables.job.c.state == "ready")
        rows = self.world.store.read(lambda tx: tx.rows(statement))
        return [Job(kind=row.kind, key=row.key, attempts=row.attempts, run_at=row.run_at) for row in rows]

    def deliveries(self) -> list[tuple[str, int]]:
        """(state, attempts) of every stored delivery."""
        box = tables.inbox
        rows = self.world.store.read(
            lambda tx: tx.rows(select(box.c.state, box.c.attempts).order_by(box.c.id))
        )
        return [(row.state, row.attempts) for row in rows]

    def receive(self, shop: str, headers: dict[str, str], body: bytes) -> Response:
        """A webhook knocks at the door."""
        return sync.receive(self.world.store, self.world.hub.channels, shop, headers=headers, body=body)

    def stock(self, sku: str, store: str, more: int, reference: str) -> None:
        """Goods come in."""
        self.world.tell("stock.receive", sku=sku, location=store, quantity=str(more), reference=reference)

    def hooks_are_lost(self) -> None:
        """From now on no webhook arrives."""
        self.world.faults._hook_lost = 1.0
