"""A store with a connection that listings can belong to, and an open transaction."""

from collections.abc import Iterator

import pytest
from sqlalchemy import insert

from entrepot import places
from entrepot.db import InlineStore, Tx, tables
from tests.db.stores import NOON, inline, writing


@pytest.fixture
def store() -> Iterator[InlineStore]:
    store = inline()
    store.run(connect)
    yield store
    store.close()


@pytest.fixture
def tx(store: InlineStore) -> Iterator[Tx]:
    with writing(store) as tx:
        yield tx


def connect(tx: Tx) -> None:
    """The bare rows of two connections, 'c1' and 'c2'."""
    network_id = places.add_network(tx, "web", [])
    rows: list[dict[str, object]] = [
        {
            "id": id,
            "platform": "shop",
            "name": id,
            "settings": {},
            "sealed": b"",
            "flows": {},
            "network_id": network_id,
            "callback_url": "",
            "account": "",
            "facts": {},
            "state": "ready",
            "why": "",
            "since": NOON,
            "created_at": NOON,
        }
        for id in ("c1", "c2")
    ]
    tx.write(insert(tables.connection), rows)
