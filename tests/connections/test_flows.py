"""What flows through a connection, whether it is let in, its locations and its watermarks."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from entrepot import connections, places
from entrepot.connections import Flow, Level, State
from entrepot.contract import LocationSeen
from entrepot.db import InlineStore, Tx, tables
from entrepot.kernel import Refusal, VirtualClock
from tests.connections.shop import connected
from tests.db.stores import NOON


def told(tx: Tx) -> list[tuple[str, dict[str, str]]]:
    """(kind, body) of every event, in order."""
    return [(row.kind, row.body) for row in tx.rows(select(tables.event).order_by(tables.event.c.id))]


def test_a_new_connection_takes_orders_in_and_only_observes_stock(tx: Tx) -> None:
    made = connected(tx)
    assert made.flow(Flow.ORDERS_IN) is Level.ON
    assert made.flow(Flow.STOCK_OUT) is Level.OBSERVE
    assert told(tx) == [("ConnectionMade", {"platform": "corner", "name": "corner"})]


@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("flow", list(Flow))
def test_a_flow_is_turned_and_the_other_stays(tx: Tx, flow: Flow, level: Level) -> None:
    before = connected(tx)
    after = connections.set_flow(tx, "corner", flow, level)
    assert connections.named(tx, "corner") == after
    assert after.flow(flow) is level
    for other in set(Flow) - {flow}:
        assert after.flow(other) is before.flow(other)
    body = {"connection": before.id, "flow": str(flow), "level": str(level)}
    assert told(tx)[1:] == [("FlowChanged", body)]


def test_a_flow_that_was_never_set_is_off(tx: Tx) -> None:
    made = connected(tx)
    tx.run(tables.connection.update().values(flows={}))
    found = connections.named(tx, "corner")
    assert (made.id, found.flow(Flow.STOCK_OUT)) == (found.id, Level.OFF)


def test_flows_of_an_unknown_connection_are_refused(tx: Tx) -> None:
    with pytest.raises(Refusal) as refused:
        connections.set_flow(tx, "none", Flow.ORDERS_IN, Level.ON)
    assert refused.value.code == "connection_unknown"


def test_that_a_platform_shuts_us_out_is_said_once_until_it_lets_us_in(tx: Tx) -> None:
    made = connected(tx)
    for why in ("401 first", "401 second", "403"):
        connections.shut_out(tx, made.id, why)
    found = connections.named(tx, "corner")
    assert (found.state, found.why) == (State.RECONNECT, "401 first")
    for _ in range(3):
        connections.let_in(tx, made.id)
    found = connections.named(tx, "corner")
    assert (found.state, found.why) == (State.READY, "")
    connections.shut_out(tx, made.id, "401 again")
    assert [kind for kind, _body in told(tx)[1:]] == [
        "ConnectionShutOut",
        "ConnectionLetIn",
        "ConnectionShutOut",
    ]


def test_the_reason_is_cut_at_500_letters(tx: Tx) -> None:
    made = connected(tx)
    connections.shut_out(tx, made.id, "x" * 9_999)
    assert len(connections.named(tx, "corner").why) == 500


def test_a_channels_locations_are_kept_and_mapped(tx: Tx) -> None:
    made = connected(tx)
    ours = places.add_location(tx, "main").id
    connections.see_locations(
        tx, made.id, [LocationSeen(external_id="L1", name="Old"), LocationSeen(external_id="L2", name="B")]
    )
    assert connections.locations(tx, made.id) == {"L1": "", "L2": ""}
    assert connections.map_location(tx, made.id, "L1", ours)
    assert not connections.map_location(tx, made.id, "L9", ours)
    connections.see_locations(tx, made.id, [LocationSeen(external_id="L1", name="New")])
    assert connections.locations(tx, made.id) == {"L1": ours, "L2": ""}
    rows = tx.rows(select(tables.external_location).order_by(tables.external_location.c.external_id))
    assert [row.name for row in rows] == ["New", "B"]


def test_a_watermark_is_set_again_and_again(store: InlineStore, clock: VirtualClock) -> None:
    made = store.run(connected)
    assert store.read(connections.watermarks) == {}
    for minutes in (0, 5):
        reached = NOON - timedelta(minutes=10 - minutes)
        store.run(lambda tx, at=reached: connections.set_watermark(tx, made.id, "sweep_orders", at))  # type: ignore[misc]
        clock.sleep(60)
    store.run(lambda tx: connections.set_watermark(tx, made.id, "read_stock", NOON))
    minute = timedelta(minutes=1)
    assert store.read(connections.watermarks) == {
        (made.id, "sweep_orders"): (NOON - 5 * minute, NOON + minute),
        (made.id, "read_stock"): (NOON, NOON + 2 * minute),
    }
