"""The status: healthy or not, and why; readiness: what is missing and how to mend it."""

from datetime import date

import msgspec
import pytest
from sqlalchemy import select

from entrepot import connections
from entrepot.channels.kit.emulate import Good
from entrepot.db import Tx, jobs, letters, tables
from entrepot.monitor import nothing, readiness, take_status
from entrepot.monitor.ready import ending
from entrepot.monitor.status import share
from entrepot.sandbox.world import START, World
from tests.connections.shop import ABOUT
from tests.stories.town import OLD_TOWN, RIVERSIDE, Town


def test_a_hub_without_a_store_is_healthy_and_holds_nothing() -> None:
    status = nothing(START)
    assert (status.pairs, status.in_sync, status.share, status.oldest_lag_s) == (0, 0, 1.0, 0.0)
    assert (status.healthy, status.dead_letters, status.queues) == (True, 0, {})


def test_an_empty_store_is_healthy() -> None:
    status = take_status(World().store)
    assert (status.healthy, status.pairs, status.share, status.problems) == (True, 0, 1.0, [])
    assert list(status.queues) == ["inbox", "book"]


def test_a_town_at_rest_is_in_sync_and_names_its_connections() -> None:
    town = Town({"CUP": {OLD_TOWN: 3, RIVERSIDE: 2}})
    status = take_status(town.world.store)
    assert (status.healthy, status.pairs, status.in_sync, status.share) == (True, 3, 3, 1.0)
    assert list(status.queues) == ["inbox", "book", "call:tills", "call:web"]
    named = [(one.name, one.platform, one.state, one.pairs) for one in status.connections]
    assert named == [("tills", "square", "ready", 2), ("web", "woocommerce", "ready", 1)]
    assert all(one.last_sweep is not None for one in status.connections)


def test_a_sale_that_is_not_told_yet_shows_and_lags_but_is_no_illness_for_a_minute() -> None:
    town = Town({"CUP": {OLD_TOWN: 3, RIVERSIDE: 2}})
    town.world.tell(
        "stock.adjust", sku="CUP", location=OLD_TOWN, quantity="-1", reason="broken", reference="a1"
    )
    while town.world.hub.book.step():
        pass
    status = take_status(town.world.store)
    assert (status.healthy, status.pairs, status.in_sync, status.share) == (True, 3, 1, 0.333333)
    assert {(one.channel, one.sku, one.wanted, one.believed) for one in status.out_of_sync} == {
        ("tills", "CUP", 2, 3),
        ("web", "CUP", 4, 5),
    }
    town.world.clock.sleep(61)
    status = take_status(town.world.store)
    assert status.oldest_lag_s == 61.0
    assert (status.healthy, status.problems) == (False, ["2 of 3 pairs are not in sync, the oldest for 61 s"])


def test_work_that_nobody_does_for_five_minutes_is_an_illness() -> None:
    world = World()
    world.tell("location.add", code="main")
    world.tell("sku.add", sku="CUP")
    world.tell("stock.receive", sku="CUP", location="main", quantity="1", reference="r1")
    world.clock.sleep(299)
    assert take_status(world.store).healthy
    world.clock.sleep(1)
    status = take_status(world.store)
    assert status.problems == ["book: something that could be done waits for 300 s; is the hub running?"]


def test_a_dead_letter_and_a_closed_door_are_illnesses() -> None:
    town = Town({"CUP": {OLD_TOWN: 3}})
    town.world.store.run(kill)
    status = take_status(town.world.store)
    assert (status.healthy, status.dead_letters) == (False, 1)
    assert status.problems == [
        "web does not let us in: 401: the key was revoked",
        "dead letters: 1 (entrepot letters list)",
    ]
    assert status.queues["call:web"].dead == 1
    assert [one.what for one in town.world.store.read(letters.listed)] == ["sweep_orders"]


def kill(tx: Tx) -> None:
    """The web shop's key is revoked, and a sweep of it has died."""
    web = connections.named(tx, "web")
    connections.shut_out(tx, web.id, "401: the key was revoked")
    jobs.enqueue(tx, [jobs.Job(kind="sweep_orders", queue=jobs.call_queue(web.id), key="k")])
    for _attempt in range(8):
        ids = [row.id for row in tx.rows(select(tables.job.c.id).where(tables.job.c.key == "k"))]
        jobs.park(tx, ids, "down", wait_s=None, count=True)


def test_the_share_is_one_only_if_all_are_in_sync() -> None:
    assert share(0, 0) == 1.0
    assert share(3, 3) == 1.0
    assert share(2, 3) == 0.666667
    assert share(9_999_999, 10_000_000) == 0.999999


def test_an_empty_store_lacks_everything_in_the_order_in_which_one_mends_it() -> None:
    found = World().store.read(readiness)
    assert [(one.what, one.missing) for one in found] == [
        ("there is no location with goods yet", True),
        ("there is no SKU yet", True),
        ("no channel is connected yet", True),
    ]


def test_a_town_that_trades_lacks_nothing() -> None:
    assert Town({"CUP": {OLD_TOWN: 3}}).world.store.read(readiness) == []


def test_what_a_look_at_an_account_found_is_named_by_its_words_and_makes_nobody_ill() -> None:
    town = Town({"CUP": {OLD_TOWN: 3}})
    web = town.world.store.read(lambda tx: connections.named(tx, "web"))
    for source in ("probe", "answers"):
        town.world.store.run(lambda tx, s=source: connections.see_problems(tx, web.id, s, ["Stock is off."]))  # type: ignore[misc]
    assert [(one.what, one.mend, one.missing) for one in town.world.store.read(readiness)] == [
        ("web: Stock is off.", "do that, then: entrepot reconnect web", True)
    ]
    status = take_status(town.world.store)
    assert (status.healthy, status.problems) == (True, [])
    assert {one.name: one.problems for one in status.connections} == {"tills": [], "web": ["Stock is off."]}


def test_a_connection_that_waits_for_consent_says_what_to_type() -> None:
    town = Town({"CUP": {OLD_TOWN: 3}})
    settings = {"client_id": "sq0idp-1234567890", "client_secret": "s"}
    town.world.tell(
        "connection.add", platform="square", name="more", settings=settings, consent=True,
        hub_url="https://hub.example",
    )  # fmt: skip
    found = [(one.what, one.mend) for one in town.world.store.read(readiness)]
    assert ("more: nobody has consented at the platform yet", "entrepot reconnect more --consent") in found
    assert take_status(town.world.store).problems == [
        "more does not let us in: nobody has consented at the platform yet"
    ]


@pytest.mark.parametrize(
    ("end", "found"),
    [
        ("", []),
        ("2026-06-01", []),
        ("2026-05-31", [("ends on 2026-05-31", False)]),  # 90 days after today
        ("2026-03-03", [("ends on 2026-03-03", False)]),
        ("2026-03-02", [("ended on 2026-03-02", True)]),
        ("2025-01-01", [("ended on 2025-01-01", True)]),
    ],
)
def test_the_end_of_an_api_version_is_named_ninety_days_before(
    end: str, found: list[tuple[str, bool]]
) -> None:
    about = msgspec.structs.replace(ABOUT, end_of_life=end)
    said = "Corner shop: the API version 1 that this hub speaks "
    assert [(one.what, one.missing) for one in ending(about, date(2026, 3, 2))] == [
        (said + words, missing) for words, missing in found
    ]


def test_what_is_not_mapped_or_only_observed_is_named_with_what_to_type() -> None:
    town = Town({"CUP": {OLD_TOWN: 3}})
    town.website.stock_good(Good(sku="POT", title="Pot", price="1.00", stock={"": 1}), town.world.clock.now())
    town.world.tell("connection.flow", connection="tills", flow="stock_out", level="observe")
    town.world.tell("connection.flow", connection="web", flow="stock_out", level="off")
    town.world.run(4000)
    found = [(one.what, one.mend, one.missing) for one in town.world.store.read(readiness)]
    assert found == [
        (
            "web: 1 listings have no SKU yet, such as 'Pot'",
            "entrepot sku map web 11 SKU",
            True,
        ),
        (
            "tills: stock_out only observes, nothing is written to the channel",
            "look at `entrepot connections`, then: entrepot flow tills stock_out on",
            True,
        ),
        ("web: stock_out is off", "entrepot flow web stock_out on", False),
    ]
