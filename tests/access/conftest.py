"""A store, its clock, and an open transaction of the command line's."""

from collections.abc import Iterator

import pytest

from entrepot.db import InlineStore, Tx
from entrepot.kernel import VirtualClock
from tests.db.stores import NOON, inline


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOON)


@pytest.fixture
def store(clock: VirtualClock) -> Iterator[InlineStore]:
    store = inline(clock)
    yield store
    store.close()


@pytest.fixture
def tx(store: InlineStore) -> Iterator[Tx]:
    with store.engine.connect() as connection, connection.begin():
        yield store.tx(connection, actor="cli:test", source="test")
