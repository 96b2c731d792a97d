"""How the lists are read: from an index in their order, whatever lies behind a page. Looked up in the
plans of SQLite; a list that sorted or read a whole table would be slow with half a million orders."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from entrepot.catalog import views as catalog
from entrepot.contract import Payment
from entrepot.db import Tx, letters, told
from entrepot.db.paging import Page
from entrepot.ledger import lists as ledger
from entrepot.orders import detail, lists
from entrepot.orders.lists import Asked
from entrepot.sync import lists as stock
from tests.plans import plans
from tests.web.shop import Shop

MOMENT = datetime(2026, 3, 2, 9, 20, tzinfo=UTC)
BIG = {
    "orders", "order_line", "exception", "move", "posting", "balance", "reservation", "slot", "slot_figure",
    "slot_effect", "listing", "sku", "sku_term", "item", "recipe", "event", "inbox", "job", "person",
}  # fmt: skip
SOME = {
    "orders by external id": "at most one per connection",
    "listings of an item": "at most one per connection",
    "moves of a cause": "as many as one posting has",
    "reservations of an order": "as many as its lines have",
    "slots of a sku": "as many as its listings have",
}
"""Lists that are sorted after they were found, because there are so few."""

Reading = Callable[[Tx, str], Page[Any]]


def narrowed(**asked: Any) -> Reading:
    return lambda tx, after: lists.orders(tx, Asked(**asked), after=after, limit=2)


READINGS: dict[str, Reading] = {
    "orders": narrowed(),
    "orders of a status": narrowed(status="accepted"),
    "orders by payment": narrowed(payment=Payment.PAID),
    "orders of a connection": narrowed(connection="outlet"),
    "orders of a connection and a status": narrowed(connection="outlet", status="accepted"),
    "orders with any exception": narrowed(exception="any"),
    "orders with a kind of exception": narrowed(exception="short"),
    "orders with an exception and a status": narrowed(exception="any", status="accepted"),
    "orders of a sku": narrowed(sku="MUG-INDIGO"),
    "orders of a sku and a connection": narrowed(sku="MUG-INDIGO", connection="outlet"),
    "orders by number": narrowed(number="20"),
    "orders by external id": narrowed(external_id="2077"),
    "orders placed since": narrowed(placed_from=MOMENT),
    "orders of a connection and a status placed since": narrowed(
        connection="outlet", status="accepted", placed_from=MOMENT
    ),
    "orders by number of a status": narrowed(number="20", status="accepted"),
    "orders received before": narrowed(received_until=MOMENT),
    "exceptions": lambda tx, after: lists.problems(tx, after=after, limit=1),
    "exceptions of a kind": lambda tx, after: lists.problems(tx, kind="short", after=after, limit=1),
    "exceptions of a connection": lambda tx, after: lists.problems(tx, connection="outlet", after=after),
    "moves": lambda tx, after: ledger.moves(tx, after=after, limit=2),
    "moves of an item": lambda tx, after: ledger.moves(tx, item="MUG-INDIGO", after=after, limit=2),
    "moves of a cause": lambda tx, after: ledger.moves(tx, cause="receipt:0market", after=after, limit=1),
    "reservations": lambda tx, after: ledger.promises(tx, after=after, limit=2),
    "reservations of a state": lambda tx, after: ledger.promises(tx, state="reserved", after=after, limit=2),
    "reservations of an item": lambda tx, after: ledger.promises(tx, item="TRAY-OAK", after=after, limit=1),
    "reservations of an order": lambda tx, after: ledger.promises(tx, order_id="x", after=after, limit=1),
    "skus": lambda tx, after: catalog.skus(tx, after=after, limit=2),
    "skus that are searched": lambda tx, after: catalog.skus(tx, search="m", after=after, limit=1),
    "skus of two words": lambda tx, after: catalog.skus(tx, search="mug glaze", after=after, limit=1),
    "listings": lambda tx, after: catalog.listings(tx, after=after, limit=2),
    "listings of a connection": lambda tx, after: catalog.listings(
        tx, connection="outlet", after=after, limit=2
    ),
    "unmapped listings": lambda tx, after: catalog.listings(tx, mapped=False, after=after, limit=2),
    "unmapped listings of a connection": lambda tx, after: catalog.listings(
        tx, connection="outlet", mapped=False, after=after, limit=2
    ),
    "listings of a sku": lambda tx, after: catalog.listings(tx, sku="MUG-INDIGO", after=after, limit=1),
    "listings of an item": lambda tx, after: catalog.listings(tx, item="100", after=after, limit=1),
    "stock": lambda tx, after: stock.stock(tx, after=after, limit=2),
    "slots": lambda tx, after: stock.slots(tx, after=after, limit=2),
    "slots of a connection": lambda tx, after: stock.slots(tx, connection="outlet", after=after, limit=2),
    "slots of a sku": lambda tx, after: stock.slots(tx, sku="MUG-INDIGO", after=after, limit=1),
    "refused slots": lambda tx, after: stock.slots(tx, refused=True, after=after, limit=1),
    "dead letters": lambda tx, after: letters.paged(tx, after=after, limit=1),
    "events": lambda tx, after: told.events(tx, after=after, limit=2),
    "events of a stream": lambda tx, after: told.events(tx, stream="order:x", after=after, limit=2),
}


@pytest.mark.parametrize("name", READINGS)
def test_a_list_is_read_from_an_index_in_its_order(hour: Shop, name: str) -> None:
    def read(tx: Tx) -> None:
        first = READINGS[name](tx, "")
        if first.after:
            READINGS[name](tx, first.after)

    found = hour.store.read(lambda tx: plans(tx, read))
    assert found
    assert len(found) <= 16, "a fixed number of statements a page"
    for said, plan in found:
        walked = [line for line in plan if line.startswith("SCAN") and line.split()[1] in BIG]
        assert all(" USING " in line and " INDEX " in line for line in walked), (walked, said)
        assert not walked or " LIMIT " in said, f"a whole table is read: {said}"
        if " LIMIT " in said and "USE TEMP B-TREE FOR ORDER BY" in plan:
            assert name in SOME, f"sorted as a whole: {said}"


def test_one_order_is_read_by_its_keys(hour: Shop) -> None:
    [order] = hour.store.read(lambda tx: lists.orders(tx, Asked(number="2079"))).rows
    for said, plan in hour.store.read(lambda tx: plans(tx, lambda tx: detail.detail(tx, order.id))):
        scanned = {line.split()[1] for line in plan if line.startswith("SCAN")}
        assert not scanned & BIG, said
