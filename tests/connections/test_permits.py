"""Permits: a burst, then so many calls a second; nothing before the moment that the platform named."""

from datetime import timedelta

import pytest

from entrepot.connections import LocalPermits
from entrepot.contract import Pace
from tests.db.stores import NOON


def permits(*, per_s: float = 2.0, burst: int = 3) -> LocalPermits:
    made = LocalPermits()
    made.allow("a", Pace(per_s=per_s, burst=burst))
    made.allow("b", Pace(per_s=per_s, burst=burst))
    return made


def asked(made: LocalPermits, moments_s: list[float], account: str = "a") -> list[float]:
    """What is said to calls at these seconds."""
    return [round(made.take(account, NOON + timedelta(seconds=s)), 6) for s in moments_s]


@pytest.mark.parametrize(
    ("moments_s", "waits_s"),
    [
        ([0, 0, 0], [0, 0, 0]),  # the burst
        ([0, 0, 0, 0], [0, 0, 0, 0.5]),  # and the first after it
        ([0, 0, 0, 0, 0.5], [0, 0, 0, 0.5, 0]),  # who waits as told is served
        ([0, 0, 0, 0.25, 0.5], [0, 0, 0, 0.25, 0]),
        ([0, 0, 0, 0.5, 0.5], [0, 0, 0, 0, 0.5]),  # one more every half second
        ([0, 0, 0, 100, 100, 100, 100], [0, 0, 0, 0, 0, 0, 0.5]),  # a long rest gives a burst and no more
        ([5, 5, 5, 4, 5.5], [0, 0, 0, 0.5, 0]),  # a clock that steps back gives nothing
    ],
)
def test_calls_are_paced(moments_s: list[float], waits_s: list[float]) -> None:
    assert asked(permits(), moments_s) == waits_s


def test_accounts_are_paced_apart() -> None:
    made = permits(burst=1)
    assert asked(made, [0, 0]) == [0, 0.5]
    assert asked(made, [0, 0], "b") == [0, 0.5]


def test_nothing_is_permitted_before_the_moment_that_the_platform_named() -> None:
    made = permits()
    made.busy("a", 30.0, NOON)
    assert asked(made, [0, 10, 29.5]) == [30, 20, 0.5]
    assert asked(made, [0], "b") == [0]


def test_the_platforms_no_empties_the_bucket() -> None:
    made = permits()
    assert asked(made, [0]) == [0]
    made.busy("a", 0.1, NOON + timedelta(seconds=100))
    assert asked(made, [100.0, 100.1, 100.5, 100.5]) == [0.1, 0.4, 0, 0.5]


def test_of_two_moments_that_the_platform_named_the_later_counts() -> None:
    made = permits()
    made.busy("a", 30.0, NOON)
    made.busy("a", 5.0, NOON)
    assert asked(made, [10]) == [20]


def test_a_slow_account_waits_whole_seconds() -> None:
    assert asked(permits(per_s=0.1, burst=1), [0, 0, 5, 10]) == [0, 10, 5, 0]


def test_an_account_that_nobody_allowed_is_our_bug() -> None:
    with pytest.raises(KeyError):
        LocalPermits().take("a", NOON)
