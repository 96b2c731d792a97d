"""How far the hub is in sync, counted over all slots at once: the same as slot by slot, and fast."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from time import thread_time

import pytest
from sqlalchemy import Executable, insert, select

from entrepot.db import Tx, tables
from entrepot.monitor import take_status
from entrepot.sandbox.world import HUB_URL, START, World
from entrepot.sync import rows
from entrepot.sync.believed import Slot, matched
from entrepot.sync.views import astray, channels_in_sync, slots_at, slots_of_sku

SECOND = timedelta(seconds=1)


def connected(level: str = "on") -> World:
    """A hub with a connection `web` that nobody has called yet, and one SKU listed there."""
    world = World()
    world.tell("location.add", code="main")
    world.tell("sku.add", sku="CUP")
    settings = {"store": "https://shop.example", "key": "ck_" + "0" * 40, "secret": "cs_" + "0" * 40}
    world.tell("connection.add", platform="woocommerce", name="web", settings=settings, hub_url=HUB_URL)
    world.tell("connection.flow", connection="web", flow="stock_out", level=level)
    world.store.run(one_listing)
    world.clock.sleep(3600)
    return world


def one_listing(tx: Tx) -> None:
    sku, connection = tx.rows(select(tables.sku.c.id))[0].id, tx.rows(select(tables.connection.c.id))[0].id
    tx.run(
        insert(tables.listing).values(
            id="l1", connection_id=connection, item="i", sku_text="CUP", title="", gtin="", sku_id=sku,
            active=True, shared_pool="",
        )
    )  # fmt: skip


def slot(number: int, **figures: object) -> dict[str, object]:
    """A slot as a row: shows 5 and should, last written at 8:00; `figures` say otherwise."""
    return {
        "id": f"s{number}", "connection_id": "", "listing_id": "l1", "item": f"i{number}", "location": "",
        "wanted": 5, "wanted_at": START, "sent": 5, "sent_at": START, "flight": "", "flight_delta": 0,
        "acknowledged": 5, "acknowledged_at": START, "observed": None, "observed_at": None, "base": 5,
        "base_at": START, "trouble": "",
    } | figures  # fmt: skip


def keep(
    world: World, slots: Sequence[dict[str, object]], effects: Sequence[tuple[str, int, float]] = ()
) -> None:
    """Puts slots in the store, and effects (slot, change, seconds after 8:00)."""

    def work(tx: Tx) -> None:
        connection = tx.rows(select(tables.connection.c.id))[0].id
        tx.write(insert(tables.slot), [one | {"connection_id": connection} for one in slots])
        tx.write(
            insert(tables.slot_effect),
            [
                {
                    "cause": f"c{n}",
                    "slot_id": id,
                    "delta": change,
                    "at": START + s * SECOND,
                    "booked_at": START,
                }
                for n, (id, change, s) in enumerate(effects)
            ],
        )

    world.store.run(work)


CASES: dict[str, tuple[dict[str, object], list[tuple[str, int, float]], bool]] = {
    "it shows what is wanted": ({}, [], True),
    "another figure is wanted": ({"wanted": 4}, [], False),
    "the channel sold one, and one fewer is wanted": ({"wanted": 4}, [("s0", -1, 5)], True),
    "the channel sold one, and nothing changed here": ({}, [("s0", -1, 5)], False),
    "a sale within a second of the write counts as overwritten": ({}, [("s0", -1, 0.5)], True),
    "a write is on its way": ({"flight": "k"}, [], False),
    "the channel refuses it": ({"trouble": "400: no"}, [], False),
    "it was never written or read": ({"base": None, "base_at": None}, [], False),
    "a reading agrees": ({"observed": 5, "observed_at": START + 9 * SECOND}, [], True),
    "a reading found another figure": ({"observed": 3, "observed_at": START + 9 * SECOND}, [], False),
    "an older reading found another figure": ({"observed": 3, "observed_at": START}, [], True),
    "a reading before a sale found the figure before it": (
        {"wanted": 4, "observed": 5, "observed_at": START + 9 * SECOND},
        [("s0", -1, 20)],
        True,
    ),
}


@pytest.mark.parametrize("case", list(CASES))
def test_one_slot_is_judged_as_the_rules_say(case: str) -> None:
    figures, effects, right = CASES[case]
    world = connected()
    keep(world, [slot(0, **figures)], effects)
    [found] = world.store.read(channels_in_sync)
    assert (found.pairs, found.in_sync) == (1, 1 if right else 0)


def test_a_slot_that_wants_nothing_is_no_pair() -> None:
    world = connected()
    keep(world, [slot(0, wanted=None, wanted_at=None)])
    assert world.store.read(channels_in_sync) == []


def test_many_random_slots_are_counted_as_one_by_one() -> None:
    draw, world = Random(20261121), connected()
    slots = [slot(n, **drawn(draw)) for n in range(2000)]
    keep(
        world,
        slots,
        [(f"s{draw.randrange(2000)}", draw.randint(-2, 1), draw.randint(0, 30)) for _ in range(3000)],
    )
    one_by_one = matched(world.store.read(all_slots))
    [found] = world.store.read(channels_in_sync)
    assert (found.pairs, found.in_sync) == one_by_one
    assert 100 < found.in_sync < 1900


def all_slots(tx: Tx) -> list[Slot]:
    return rows.slots_of_connection(tx, tx.rows(select(tables.connection.c.id))[0].id)


def drawn(draw: Random) -> dict[str, object]:
    known = draw.random() < 0.9
    read = draw.random() < 0.5
    return {
        "wanted": draw.choice([3, 4, 5, 5, 5, None]),
        "base": draw.choice([4, 5, 5]) if known else None,
        "base_at": START if known else None,
        "flight": "k" if draw.random() < 0.1 else "",
        "trouble": "no" if draw.random() < 0.1 else "",
        "observed": draw.choice([3, 4, 5, 5]) if read else None,
        "observed_at": START + draw.randint(0, 20) * SECOND if read else None,
    }


def test_a_store_of_100_000_slots_answers_within_a_second() -> None:
    world = connected()
    keep(
        world,
        [slot(n, wanted=5 if n % 100 else 4) for n in range(100_000)],
        [(f"s{n}", -1, 5) for n in range(0, 100_000, 100)],
    )
    keep(world, [slot(100_000, wanted=9)])
    began = thread_time()
    status = take_status(world.store)
    took_s = thread_time() - began  # of this thread alone: other tests share the machine
    assert (status.pairs, status.in_sync) == (100_001, 100_000)
    assert status.share == 0.99999
    assert took_s < 1.0


def test_the_lag_counts_from_the_job_that_waits_else_from_the_wish() -> None:
    world = connected()
    keep(world, [slot(0, wanted=4), slot(1, wanted=4, wanted_at=START + 1800 * SECOND)])
    [found] = world.store.read(channels_in_sync)
    assert found.oldest_lag_s == 3600.0
    world.store.run(lambda tx: tx.run(job_of("s0")))
    [found] = world.store.read(channels_in_sync)
    assert found.oldest_lag_s == 1800.0


def job_of(slot_id: str) -> Executable:
    """A push that has waited for half a minute."""
    since = START + 3570 * SECOND
    return insert(tables.job).values(
        id="j1", queue="call:x", lane=0, rank=0, kind="push_stock", key=slot_id, once=f"push:{slot_id}",
        body={}, state="ready", attempts=0, run_at=since, created_at=since, correlation="", why="",
    )  # fmt: skip


def test_slots_that_are_astray_say_why_longest_first() -> None:
    world = connected()
    keep(
        world,
        [
            slot(0, wanted=4, wanted_at=START + SECOND),
            slot(1, trouble="404: no such product"),
            slot(2),
            slot(3, flight="k", wanted_at=START + 2 * SECOND),
        ],
    )
    connection = world.store.read(lambda tx: tx.rows(select(tables.connection.c.id))[0].id)
    found = world.store.read(lambda tx: astray(tx, [connection]))
    assert [(one.item, one.why) for one in found] == [
        ("i1", "the channel refuses it: 404: no such product"),
        ("i0", "to be written"),
        ("i3", "a write is on its way"),
    ]
    assert [one.id for one in world.store.read(lambda tx: astray(tx, [connection], limit=1))] == ["s1"]


def test_what_is_only_observed_counts_for_its_connection_but_not_for_the_hub() -> None:
    world = connected("observe")
    keep(world, [slot(0), slot(1, wanted=4)])
    status = take_status(world.store)
    assert (status.pairs, status.in_sync, status.share, status.out_of_sync) == (0, 0, 1.0, [])
    assert [(one.name, one.pairs, one.in_sync, one.share) for one in status.connections] == [
        ("web", 2, 1, 0.5)
    ]


def test_at_a_past_moment_a_slot_has_the_figures_noted_until_then() -> None:
    world = connected()
    keep(world, [slot(0)])
    [id] = world.store.read(lambda tx: [row.id for row in tx.rows(select(tables.sku.c.id))])
    for seconds, figure in ((10, 7), (20, 6)):
        world.store.run(lambda tx, s=seconds, n=figure: tx.run(noted(s, n)))  # type: ignore[misc]
    [now] = world.store.read(lambda tx: slots_of_sku(tx, id))
    assert (now.wanted, now.believed, now.in_sync) == (5, 5, True)
    [then] = world.store.read(lambda tx: slots_at(tx, id, START + 15 * SECOND))
    assert (then.wanted, then.sent, then.believed, then.in_sync) == (7, None, None, None)
    [later] = world.store.read(lambda tx: slots_at(tx, id, START + 20 * SECOND))
    assert later.wanted == 6


def noted(seconds: int, figure: int) -> Executable:
    return insert(tables.slot_figure).values(
        id=f"f{seconds}",
        slot_id="s0",
        figure="wanted",
        quantity=figure,
        at=START + seconds * SECOND,
        cause="",
    )
