"""A filled store and a hub over it that works nothing off, for `entrepot bench`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select, text

from entrepot import access, api, web
from entrepot.access import Role, links
from entrepot.api.limits import Limits
from entrepot.app import Hub, Settings, circumstances, open_for_hub, open_inline
from entrepot.app.keys import keyring
from entrepot.db import HubStore, Tx, tables
from entrepot.db.engine import is_postgres, plain
from entrepot.kernel import SystemClock, VirtualClock
from entrepot.sandbox.bench.filling import YEAR, Sizes, fill
from entrepot.sandbox.bench.lists import Door

LOOKER = "bench"
NO_LIMIT = 1_000_000_000
"""Requests a minute: as many as there are."""


@contextmanager
def filled(home: Path, database: str, sizes: Sizes, tell: Callable[[str], None]) -> Iterator[HubStore]:
    """The store of a hub in `home` or the named database, filled if it is empty."""
    keys, named = keyring(home, make=True), database or Settings(home=home).database
    clock = VirtualClock(SystemClock().now() - YEAR)
    writing = open_inline(named, circumstances(keys, clock=clock))
    try:
        if writing.read(lambda tx: tx.row(select(tables.sku.c.id).limit(1))) is None:
            fill(writing, clock, sizes, tell)
    finally:
        writing.close()
    _look_at(named)
    store = open_for_hub(named, circumstances(keys))
    try:
        yield store
    finally:
        store.close()


def _look_at(database: str) -> None:
    """Lets PostgreSQL count what it holds, as its housekeeping does by itself in a while; SQLite is never
    asked to."""
    if not is_postgres(database):
        return
    engine = plain(database)
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))
    engine.dispose()


@contextmanager
def over_http(store: HubStore) -> Iterator[Door]:
    """The pages and the programs' door over a store, on a port of this machine; nothing is called or
    booked."""
    hub, token = Hub(store), "bench"
    doors = [api.door(hub, token, limits=Limits(quota=NO_LIMIT))]
    serving = web.start(hub, token=token, port=0, doors=doors)
    try:
        yield Door(url=serving.url, token=token, link=store.run(_link, source="bench"))
    finally:
        serving.stop()


def _link(tx: Tx) -> str:
    """Signs a person in who may look at everything."""
    if LOOKER not in {one.login for one in access.views.users(tx)}:
        links.made(tx, LOOKER, name="Bench", role=Role.OWNER)
    return f"/login/{links.enter_link(tx, access.known(tx, LOOKER))}"
