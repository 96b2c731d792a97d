"""Ids rise strictly, whatever the clock and however many threads."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from entrepot.kernel import Ids, SystemClock, SystemRandom, VirtualClock
from entrepot.kernel.ids import latest, spell

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Turning:
    """A clock that is set by hand, backwards too."""

    def __init__(self, now: datetime) -> None:
        self.at = now

    def now(self) -> datetime:
        return self.at

    def sleep(self, wait_s: float) -> None:
        self.at += timedelta(seconds=wait_s)


def test_ids_of_one_moment_rise() -> None:
    ids = Ids(VirtualClock(NOON), Random(1))
    made = [ids.new() for _ in range(10_000)]
    assert made == sorted(set(made))


def test_ids_rise_while_the_clock_steps_back() -> None:
    clock = Turning(NOON)
    ids = Ids(clock, Random(1))
    made = []
    for step_s in (0, 1, -3600, -1, 7200, -86400 * 365, 5):
        clock.sleep(step_s)
        made += [ids.new() for _ in range(100)]
    assert made == sorted(set(made))


@given(st.lists(st.integers(-(10**7), 10**7), max_size=50), st.integers())
def test_ids_rise_through_any_walk_of_the_clock(steps_ms: list[int], seed: int) -> None:
    clock = Turning(NOON)
    ids = Ids(clock, Random(seed))
    made = [ids.new()]
    for step_ms in steps_ms:
        clock.sleep(step_ms / 1000)
        made.append(ids.new())
    assert made == sorted(set(made))


def test_ids_of_many_threads_are_all_different_and_rise_in_each() -> None:
    ids = Ids(SystemClock(), SystemRandom())

    def draw(_thread: int) -> list[str]:
        return [ids.new() for _ in range(2_000)]

    with ThreadPoolExecutor(16) as threads:
        drawn = list(threads.map(draw, range(16)))
    assert len({id for made in drawn for id in made}) == 32_000
    assert all(made == sorted(made) for made in drawn)


def test_an_id_begins_with_its_millisecond() -> None:
    early, late = (
        Ids(VirtualClock(NOON), Random(1)),
        Ids(VirtualClock(NOON + timedelta(milliseconds=1)), Random(1)),
    )
    assert early.new()[:10] == "01kjq6psg0"
    assert late.new()[:10] == "01kjq6psg1"


def test_the_same_clock_and_randomness_give_the_same_ids() -> None:
    assert Ids(VirtualClock(NOON), Random(7)).new() == Ids(VirtualClock(NOON), Random(7)).new()


def test_numbers_are_spelled_with_26_letters() -> None:
    assert spell(0) == "00000000000000000000000000"
    assert spell(31) == "0000000000000000000000000z"
    assert spell(32) == "00000000000000000000000010"
    assert spell(2**128 - 1) == "7zzzzzzzzzzzzzzzzzzzzzzzzz"


@given(st.integers(0, 2**128 - 1), st.integers(0, 2**128 - 1))
def test_spelled_numbers_sort_as_the_numbers_do(one: int, other: int) -> None:
    assert (one < other) == (spell(one) < spell(other))


def test_the_latest_id_of_a_moment_is_behind_all_that_were_made_by_then() -> None:
    clock = VirtualClock()
    ids = Ids(clock, Random(3))
    before = [ids.new() for _ in range(5)]
    edge = latest(clock.now())
    clock.sleep(0.001)
    assert max(before) < edge < ids.new()
