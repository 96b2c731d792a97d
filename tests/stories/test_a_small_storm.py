"""A small storm: the hub dies at every commit and every call of an order's way in turn, and starts again."""

from collections.abc import Callable
from functools import cache
from random import Random

import pytest

from entrepot.monitor import verify
from entrepot.sandbox.deaths import Deaths, Died, How
from entrepot.sandbox.truth import check
from entrepot.sandbox.world import World
from tests.stories.town import OLD_TOWN, RIVERSIDE, Town

STEPS_MAX = 400
PARTS = 16
SAMPLE = 4


@cache
def quiet_town() -> Town:
    """The town before anything happens."""
    return Town({"TEAPOT": {OLD_TOWN: 3, RIVERSIDE: 2}, "MUG": {RIVERSIDE: 4}})


def a_day(world: World, survive: Callable[[Callable[[], object]], None]) -> None:
    """An order's whole way over two platforms: bought, edited, cancelled, refunded, carried out, received."""
    web, tills = world.shops["web"], world.shops["tills"]
    store = quiet_town().store_of
    now = world.clock.now
    first = web.place({"TEAPOT": 2, "MUG": 1}, now())
    second = web.place({"MUG": 2}, now())
    tills.place({"TEAPOT": 1}, now(), location=store[OLD_TOWN])
    assert first is not None
    assert second is not None
    survive(lambda: world.run(8))
    web.edit(first, {"TEAPOT": 1}, now())
    web.cancel(second, now())
    tills.place({"MUG": 1}, now(), location=store[RIVERSIDE])
    survive(lambda: world.run(8))
    web.refund(first, {"MUG": 1}, now(), restock=True)
    survive(
        lambda: world.tell(
            "stock.receive", sku="MUG", location=OLD_TOWN, quantity="5", reference="delivery-1"
        )
    )
    survive(lambda: world.run(700))


def storm(at: int, how: How) -> tuple[World, Deaths]:
    """The day with one death in it."""
    deaths = Deaths()
    world = quiet_town().world.copy(commit=deaths.commit, send=deaths.send)
    deaths.arm(at, how)

    def survive(live: Callable[[], object]) -> None:
        try:
            live()
        except Died:
            world.restart()
            live()

    a_day(world, survive)
    return world, deaths


def assert_true(world: World, where: str) -> None:
    outcome = check(world.store, world.shops)
    assert outcome.wrong == (), where
    assert (outcome.orders_placed, outcome.orders_in_hub) == (4, 4), where
    assert (outcome.lost, outcome.duplicates, outcome.oversold) == (0, 0, 0), where
    assert outcome.slots == outcome.slots_in_sync == 6, where
    assert verify(world.store).violations == [], where


def test_without_a_death_the_day_ends_well() -> None:
    world, deaths = storm(0, How.BEFORE)
    assert_true(world, "no death")
    assert deaths.count < STEPS_MAX
    assert len(deaths.calls) > 20


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("how", [How.BEFORE, How.AFTER])
def test_the_hub_may_die_at_any_commit_or_call(how: How, part: int) -> None:
    at = 1 + part
    while True:
        world, deaths = storm(at, how)
        if deaths.count < at:
            assert at > 40, "a day has more side effects than that"
            return
        assert_true(world, f"died {how} side effect {at}")
        at += PARTS


@pytest.mark.postgres
def test_the_hub_may_die_and_answers_may_be_lost_on_postgresql_too() -> None:
    _world, quiet = storm(0, How.BEFORE)
    draw = Random(2026)
    chosen = draw.sample(range(1, quiet.count + 1), SAMPLE)
    deaths = [(at, draw.choice([How.BEFORE, How.AFTER])) for at in chosen]
    for at, how in [*deaths, *((at, How.LOST) for at in draw.sample(quiet.calls, SAMPLE // 2))]:
        world, _deaths = storm(at, how)
        assert_true(world, f"{how} at side effect {at}")


@pytest.mark.parametrize("part", range(2))
def test_any_answer_may_be_lost(part: int) -> None:
    _world, quiet = storm(0, How.BEFORE)
    for at in quiet.calls[part::2]:
        world, _deaths = storm(at, How.LOST)
        assert_true(world, f"lost the answer to call {at}")
