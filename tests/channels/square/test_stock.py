"""Writing and reading stock on the emulated account: every row exactly once, whatever gets lost."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from entrepot.channels.kit.api import HttpApi
from entrepot.channels.kit.emulate import Bucket
from entrepot.channels.kit.faults import Faults
from entrepot.channels.square import channel
from entrepot.channels.square.stock import change
from entrepot.contract import Applied, Refused, StockWanted, Unknown
from entrepot.kernel import Cause, ChannelError, Random
from tests.channels.square.world import OLD_TOWN, RIVERSIDE, World, wanted

NOON = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("delta", "way", "quantity"), [(3, ("NONE", "IN_STOCK"), "3"), (-2, ("IN_STOCK", "SOLD"), "2")]
)
def test_goods_come_from_nowhere_and_leave_as_sold(delta: int, way: tuple[str, str], quantity: str) -> None:
    body = change(wanted("k1", "CUP", delta, NOON))
    adjustment = body["changes"][0]["adjustment"]
    assert (adjustment["from_state"], adjustment["to_state"]) == way
    assert (adjustment["quantity"], adjustment["occurred_at"]) == (quantity, "2026-03-01T12:00:00.250Z")
    assert (body["idempotency_key"], adjustment["reference_id"]) == ("k1", "k1")


def test_a_delta_is_added_to_what_the_till_made_of_it_meanwhile() -> None:
    world = World()
    cup = world.good("CUP", LOC1=5)
    world.sell(cup=2)
    (answer,) = channel.write_stock(world.api, [wanted("k", cup, -1, world.now)])
    assert answer == Applied(key="k", at=world.now, quantity=2)
    assert world.shown(cup) == 2


def test_a_lost_answer_is_unknown_and_the_same_key_adds_nothing_twice() -> None:
    world = World()
    cup = world.good("CUP", LOC1=5)
    row = wanted("k", cup, 4, world.now)
    lossy = world.door(faults=Faults(Random(1), answer_lost=1.0))
    (first,) = channel.write_stock(lossy, [row])
    assert isinstance(first, Unknown)
    world.wait(30)
    assert [type(one) for one in channel.write_stock(world.api, [row])] == [Applied]
    assert world.shown(cup) == 9


def done(door: HttpApi, rows: list[StockWanted]) -> set[str]:
    """The keys of the rows that were applied before the account got busy."""
    keys = set()
    with suppress(ChannelError):
        for answer in channel.write_stock(door, rows):
            keys |= {answer.key} if isinstance(answer, Applied) else set()
    return keys


def test_every_row_happens_once_under_all_faults() -> None:
    world = World()
    items = [world.good(f"G{n}", LOC1=100) for n in range(40)]
    left = {f"k{n}": wanted(f"k{n}", item, n - 20, world.now) for n, item in enumerate(items)}
    dial = Faults(Random(7), call_429=0.1, call_500=0.1, call_refused=0.1, answer_lost=0.3)
    door = world.door(faults=dial)
    for _ in range(200):
        for key in done(door, list(left.values())):
            del left[key]
    assert left == {}
    assert [world.shown(item) for item in items] == [80 + n for n in range(40)]
    assert dial.counts["answer_lost"] > 0


def test_a_row_that_wants_nothing_asks_nothing() -> None:
    world = World()
    cup = world.good("CUP", LOC1=5)
    (answer,) = channel.write_stock(world.api, [wanted("k", cup, 0, world.now)])
    assert answer == Applied(key="k", at=world.now)
    assert world.notebook.calls == []


def test_a_bad_row_is_refused_by_name_and_the_others_go_on() -> None:
    world = World()
    cup = world.good("CUP", LOC1=5)
    future = world.now + timedelta(hours=1)
    world.wait(60)
    rows = [
        wanted("gone", "NOPE", 1, world.now),
        wanted("future", cup, 1, future),
        wanted("late", cup, 1, world.now - timedelta(hours=25)),
        wanted("good", cup, 1, world.now),
    ]
    answers = list(channel.write_stock(world.api, rows))
    assert [(one.code, one.gone) for one in answers if isinstance(one, Refused)] == [
        ("NOT_FOUND", True),
        ("INVALID_TIME", False),
        ("INVALID_TIME", False),
    ]
    assert isinstance(answers[3], Applied)
    assert world.shown(cup) == 6


def test_a_key_with_other_content_is_refused() -> None:
    world = World()
    cup = world.good("CUP", LOC1=5)
    list(channel.write_stock(world.api, [wanted("k", cup, 1, world.now)]))
    (answer,) = channel.write_stock(world.api, [wanted("k", cup, 2, world.now)])
    assert isinstance(answer, Refused)
    assert answer.code == "IDEMPOTENCY_KEY_REUSED"
    assert world.shown(cup) == 6


def test_a_busy_account_stops_the_rest() -> None:
    world = World(quota=Bucket(per_s=0.01, burst=1))
    cup = world.good("CUP", LOC1=5)
    rows = [wanted("a", cup, 1, world.now), wanted("b", cup, 1, world.now)]
    answers = channel.write_stock(world.api, rows)
    assert isinstance(next(answers), Applied)
    with pytest.raises(ChannelError) as busy:
        next(answers)
    assert (busy.value.cause, busy.value.code) == (Cause.BUSY, "RATE_LIMITED")
    assert world.shown(cup) == 6


def test_a_revoked_token_stops_everything() -> None:
    world = World()
    cup = world.good("CUP", LOC1=5)
    with pytest.raises(ChannelError) as denied:
        list(channel.write_stock(world.door(token="revoked"), [wanted("a", cup, 1, world.now)]))
    assert denied.value.cause is Cause.DENIED
    assert "revoked" not in str(denied.value)


def test_stock_is_read_for_exactly_what_was_asked() -> None:
    world = World()
    cup, pot = world.good("CUP", LOC1=5, LOC2=7), world.good("POT", LOC1=2)
    asked = [(cup, OLD_TOWN), (pot, RIVERSIDE), (cup, RIVERSIDE)]
    seen = list(channel.read_stock(world.api, asked))
    assert [(one.item, one.location) for one in seen] == asked
    assert [int(one.quantity) for one in seen] == [5, 0, 7]
    assert {one.at for one in seen} == {world.now}


def test_many_figures_are_read_to_the_last() -> None:
    world = World()
    items = [world.good(f"G{n}", LOC1=n, LOC2=n, LOC3=n) for n in range(130)]
    asked = [(item, f"LOC{n}") for item in items for n in (1, 2, 3)]
    seen = list(channel.read_stock(world.api, asked))
    assert [int(one.quantity) for one in seen] == [n for n in range(130) for _ in (1, 2, 3)]


def test_what_the_api_says_is_what_the_world_sees() -> None:
    world = World()
    cup = world.good("CUP", LOC1=5, LOC2=1)
    world.sell(cup=2)
    list(channel.write_stock(world.api, [wanted("a", cup, 3, world.now, RIVERSIDE)]))
    seen = channel.read_stock(world.api, list(world.square.shown()))
    assert {(one.item, one.location): int(one.quantity) for one in seen} == world.square.shown()
