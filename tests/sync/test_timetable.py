"""The timetable: each reading is due so long after the last whole one, once, and only where it can be
done."""

from datetime import timedelta
from itertools import product
from types import ModuleType

import pytest

from entrepot import connections, sync
from entrepot.contract import Channel
from entrepot.db import Tx
from entrepot.sync.timetable import enqueue_due
from tests.sync.shops import Shops

EVERY_S = {"probe": 86_400.0, "read_locations": 86_400.0, "read_listings": 3_600.0, "sweep_orders": 300.0,
           "read_stock": 300.0, "keep_hooks": 900.0}  # fmt: skip


def due(shops: Shops, *, channels: dict[str, Channel] | None = None) -> list[tuple[str, str]]:
    """(connection, reading) of what is due now."""
    names = {shops.connection(name).id: name for name in ("web", "tills")}
    known = channels if channels is not None else dict(shops.world.hub.channels)
    found = shops.world.store.read(lambda tx: sync.due(tx, known, EVERY_S))
    return [(names[job.queue.removeprefix("call:")], job.kind) for job in found]


def marked(shops: Shops, ago_s: float) -> None:
    """Everything was read so long ago."""
    ids = [shops.connection(name).id for name in ("web", "tills")]

    def mark(tx: Tx) -> None:
        for id, kind in product(ids, EVERY_S):
            connections.set_watermark(tx, id, kind, tx.now)

    shops.world.store.run(mark)
    shops.world.clock.sleep(ago_s)


def test_a_new_connection_reads_everything_in_order() -> None:
    shops = Shops()
    marked(shops, 0)
    shops.world.tell(
        "connection.add",
        platform="square",
        name="more",
        settings=shops.tills.settings(),
        hub_url="https://hub.example",
    )
    found = shops.world.store.read(lambda tx: sync.due(tx, shops.world.hub.channels, EVERY_S))
    assert [job.kind for job in found] == [
        "probe",
        "read_locations",
        "read_listings",
        "sweep_orders",
        "read_stock",
        "keep_hooks",
    ]


@pytest.mark.parametrize(
    ("ago_s", "kinds"),
    [
        (0, set()),
        (299, set()),
        (300, {"sweep_orders", "read_stock"}),
        (900, {"sweep_orders", "read_stock", "keep_hooks"}),
        (3_600, {"sweep_orders", "read_stock", "keep_hooks", "read_listings"}),
        (86_400, {"sweep_orders", "read_stock", "keep_hooks", "read_listings", "read_locations", "probe"}),
    ],
)
def test_a_reading_is_due_so_long_after_the_last_whole_one(ago_s: float, kinds: set[str]) -> None:
    shops = Shops()
    marked(shops, ago_s)
    assert {kind for name, kind in due(shops) if name == "tills"} == kinds
    assert {kind for name, kind in due(shops) if name == "web"} == kinds - {"read_locations"}


def test_a_reading_that_waits_is_not_queued_again() -> None:
    shops = Shops()
    marked(shops, 300)
    shops.world.store.run(lambda tx: enqueue_due(tx, shops.world.hub.channels, EVERY_S))
    assert due(shops) == []


def test_a_connection_whose_flows_are_off_is_left_alone_and_one_that_observes_is_read() -> None:
    shops = Shops()
    marked(shops, 300)
    for flow in ("orders_in", "stock_out"):
        shops.world.tell("connection.flow", connection="web", flow=flow, level="off")
    shops.world.tell("connection.flow", connection="tills", flow="stock_out", level="observe")
    assert {name for name, _kind in due(shops)} == {"tills"}


def test_what_an_adapter_cannot_do_is_not_asked_of_it() -> None:
    shops = Shops()
    marked(shops, 90_000)
    able = dict(shops.world.hub.channels)
    silent = ModuleType("silent")
    silent.__dict__.update(
        {name: value for name, value in vars(able["square"]).items() if name != "subscribe"}
    )
    assert ("tills", "keep_hooks") in due(shops)
    assert ("tills", "keep_hooks") not in due(shops, channels=able | {"square": silent})


def test_a_reading_that_failed_is_due_again_after_its_dead_letter() -> None:
    shops = Shops()
    shops.fault = lambda call: 500 if call.path.endswith("/v2/inventory/counts/batch-retrieve") else None
    shops.wait(560)
    assert "read_stock" in {one.what for one in shops.letters()}

    shops.fault = lambda _call: None
    began = shops.world.clock.now()
    shops.wait(400)
    slot = shops.slot("tills", "MUG", "old-town")
    assert slot.observed_at is not None
    assert slot.observed_at > began - timedelta(seconds=1)
