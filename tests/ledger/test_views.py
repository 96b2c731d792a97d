"""What lay where, now and at a moment, and what moved it."""

from datetime import datetime, timedelta

import pytest

from entrepot import catalog, ledger, places
from entrepot.db import Tx
from entrepot.ledger import views
from entrepot.sandbox.world import START, World
from tests.stories.town import OLD_TOWN, Town

HOUR = timedelta(hours=1)


@pytest.fixture
def world() -> World:
    """A hub with 10 cups in the old town since 8:00; 4 more come at 9:00, 3 break at 10:00."""
    world = World()
    for code in ("old-town", "riverside"):
        world.tell("location.add", code=code)
    world.tell("stock.import", csv="sku,location,quantity\nCUP,old-town,10", reference="opening", create=True)
    world.clock.sleep(3600)
    world.tell(
        "stock.receive",
        sku="CUP",
        location="riverside",
        quantity="4",
        reference="r1",
        cost="2.50",
        currency="EUR",
    )
    world.clock.sleep(3600)
    world.tell("stock.adjust", sku="CUP", location="old-town", quantity="-3", reason="broken", reference="a1")
    return world


def figures(world: World, at: datetime | None = None) -> dict[str, tuple[int, int, int, int]]:
    """Location → (on hand, available, promised, back) of cups."""
    found = world.store.read(lambda tx: views.figures(tx, items(tx), at=at))
    return {one.location: (one.on_hand, one.available, one.promised, one.back) for one in found}


def items(tx: Tx) -> list[str]:
    return [item_id for sku in catalog.skus(tx, codes=["CUP"]) for item_id, _pieces in sku.recipe]


def test_now_the_figures_are_the_balances(world: World) -> None:
    assert figures(world) == {"old-town": (7, 7, 0, 0), "riverside": (4, 4, 0, 0)}


def test_at_a_past_moment_later_bookings_have_not_happened(world: World) -> None:
    assert figures(world, START + HOUR / 2) == {"old-town": (10, 10, 0, 0)}
    assert figures(world, START + HOUR) == {"old-town": (10, 10, 0, 0), "riverside": (4, 4, 0, 0)}
    assert figures(world, START + 2 * HOUR) == figures(world)


def test_before_the_first_booking_there_is_nothing(world: World) -> None:
    assert figures(world, START - HOUR) == {}


def test_moves_name_cause_reason_actor_and_both_places(world: World) -> None:
    found = world.store.read(lambda tx: views.moves(tx, items(tx), since=START, until=START + 3 * HOUR))
    told = [(one.quantity, one.source, one.target, one.cause, one.reason, one.actor) for one in found]
    assert told == [
        (4, "supplier", "riverside shelf", "receipt:r1", "received", "cli:person"),
        (3, "old-town shelf", "lost", "adjustment:a1", "broken", "cli:person"),
    ]


def test_of_more_moves_than_asked_for_the_newest_are_told(world: World) -> None:
    found = world.store.read(lambda tx: views.moves(tx, items(tx), limit=1))
    assert [one.cause for one in found] == ["adjustment:a1"]


def test_promises_are_on_hand_but_not_available_and_name_who_holds_them() -> None:
    town = Town({"CUP": {OLD_TOWN: 5}})
    town.buy_online("CUP", 2)
    town.wait(10)
    assert figures(town.world)[OLD_TOWN] == (5, 3, 2, 0)
    found = town.world.store.read(lambda tx: views.promises(tx, items(tx)))
    assert [(one.item, one.location, one.quantity, one.state) for one in found] == [
        ("CUP", OLD_TOWN, 2, "reserved")
    ]


def test_goods_set_aside_are_told_by_reason() -> None:
    world = World()
    world.tell("location.add", code="main")
    world.tell("stock.import", csv="sku,location,quantity\nCUP,main,5", reference="opening", create=True)
    world.store.run(set_aside)
    found = world.store.read(lambda tx: views.figures(tx, items(tx)))
    assert [(one.on_hand, one.available, one.unavailable) for one in found] == [(5, 3, {"damaged": 2})]


def set_aside(tx: Tx) -> None:
    """Two cups of the shelf are damaged."""
    here = places.load(tx)
    main = here.location("main").id
    here = places.ensure(tx, here, main, places.Kind.UNAVAILABLE, reason="damaged")
    move = ledger.Move(
        item_id=items(tx)[0],
        source_id=here.at(main, places.Kind.SHELF).id,
        target_id=here.at(main, places.Kind.UNAVAILABLE, "damaged").id,
        quantity=2,
    )
    ledger.post(tx, here, [ledger.Posting(cause="damage", moves=(move,), happened_at=tx.now)])
