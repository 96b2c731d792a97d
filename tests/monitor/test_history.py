"""What happened to a SKU in between, on one time line."""

from entrepot import catalog
from entrepot.db import Tx
from entrepot.sandbox.world import START
from entrepot.sync.history import Entry, happened
from tests.stories.town import OLD_TOWN, Town


def test_an_order_shows_as_event_moves_and_figures_with_their_causes() -> None:
    town = Town({"CUP": {OLD_TOWN: 5}})
    before = town.world.clock.now()
    town.buy_online("CUP", 2)
    town.wait(30)

    def ask(tx: Tx) -> list[Entry]:
        [sku] = catalog.skus(tx, codes=["CUP"])
        return happened(tx, sku, since=before)

    found = town.world.store.read(ask)
    order = next(one.about for one in found if one.what == "OrderReceived")
    told = [(one.kind, one.what) for one in found]
    assert ("move", f"2 from {OLD_TOWN} shelf to {OLD_TOWN} promised") in told
    assert ("figure", "wanted 3") in told
    assert [one.cause for one in found if one.kind == "move"] == [f"{order}:1"]
    assert {one.about.split()[0] for one in found if one.kind == "figure"} == {"web", "tills"}
    assert [one.at for one in found] == sorted(one.at for one in found)


def test_a_reading_that_found_the_same_as_before_is_no_news() -> None:
    town = Town({"CUP": {OLD_TOWN: 5}})
    before = town.world.clock.now()
    town.wait(1200)

    def ask(tx: Tx) -> tuple[list[Entry], list[Entry]]:
        [sku] = catalog.skus(tx, codes=["CUP"])
        return happened(tx, sku, since=before), happened(tx, sku, since=START, limit=3)

    nothing, newest = town.world.store.read(ask)
    assert nothing == []
    assert len(newest) == 3
