"""What is asked for every batch is looked up where it stands, however much lies around it. SQLite uses the
index of a part of a table only where a statement says the same as the index, and it likes the primary key."""

from collections.abc import Callable

import pytest

from entrepot.app import circumstances, open_inline
from entrepot.db import Event, Tx, events, inbox
from entrepot.kernel import Keyring, VirtualClock
from entrepot.ledger import rows
from tests.plans import plans

ASKED: dict[str, tuple[Callable[[Tx], object], str]] = {
    "deliveries to be booked": (
        lambda tx: inbox.claim(tx, 200),
        "SCAN inbox USING INDEX ix_inbox_open",
    ),
    "claims that wait for goods": (
        lambda tx: rows.shorts(tx, ["cup"]),
        "SEARCH reservation USING INDEX ix_reservation_open (item_id=? AND location_id=?)",
    ),
    "promises that a till may break": (
        lambda tx: rows.promises(tx, "cup", "shop"),
        "SEARCH reservation USING INDEX ix_reservation_open (item_id=? AND location_id=?)",
    ),
    "the last event of a stream": (
        lambda tx: events.append(tx, [Event(stream="item:cup", kind="StockMoved")]),
        "SEARCH before USING COVERING INDEX sqlite_autoindex_event_2 (stream=?)",
    ),
}


@pytest.mark.parametrize("name", ASKED)
def test_it_is_looked_up(name: str) -> None:
    work, line = ASKED[name]
    keys = Keyring({"k0000001": b"\x01" * 32}, "k0000001")
    store = open_inline(":memory:", circumstances(keys, clock=VirtualClock()))
    found = store.run(lambda tx: plans(tx, work), source="webhook")
    assert line in [one for _said, plan in found for one in plan]
    store.close()
