"""Edits, cancellations, disappearances: whatever happens to orders at a channel, and however the hub hears of
it, it ends with the truth.

`ENTREPOT_HISTORIES=2000` tries so many histories in each test instead of the few of every day.
"""

import os
from importlib.util import find_spec
from typing import Any

import pytest
from hypothesis import given, seed, settings

from tests.conftest import need
from tests.stories.endings import against_another, against_the_truth
from tests.stories.histories import PLANS, TRADES, Life, Plan, quiet, steps
from tests.stories.trades import Step, Trade

MANY = int(os.environ.get("ENTREPOT_HISTORIES", "0"))
DRAWN: dict[str, Any] = {"backend": "hypothesis-urandom"} if MANY else {"database": None}
"""Every day the same histories (each test has its seed), so that a failure is the change's. Many are drawn
anew each time, and evenly: the usual way spends most of its examples on variants of those before."""

PATIENCE_S = 100_000 if MANY else 900
PLATFORMS = pytest.mark.parametrize("platform", sorted(TRADES))


@pytest.mark.timeout(PATIENCE_S)
@pytest.mark.parametrize("part", range(2))
@PLATFORMS
def test_every_history_ends_with_the_truth_however_it_was_told(platform: str, part: int) -> None:
    """Beside the shop, and beside a hub that reads it for the first time."""
    trade = trade_of(platform)

    @seed(part)
    @settings(max_examples=MANY or 30, **DRAWN)
    @given(history=steps(trade), plan=PLANS)
    def ends_well(history: list[Step], plan: Plan) -> None:
        life = Life(trade, plan).live(history)
        assert against_the_truth(life) == [], f"part {part}"
        assert against_another(life, life.fresh()) == [], f"part {part}"

    ends_well()


@pytest.mark.timeout(PATIENCE_S)
@PLATFORMS
def test_two_hubs_that_were_told_otherwise_end_with_the_same_orders(platform: str) -> None:
    """Neither writes while it happens, so that the shops go the same way."""
    trade = trade_of(platform)

    @seed(2)
    @settings(max_examples=MANY or 10, **DRAWN)
    @given(history=steps(trade), plan=PLANS, other=PLANS)
    def ends_the_same(history: list[Step], plan: Plan, other: Plan) -> None:
        life, twin = (Life(trade, one, writes=False).live(history) for one in (plan, other))
        assert against_another(life, twin.world) == []
        assert against_the_truth(life) == []
        assert against_the_truth(twin) == []

    ends_the_same()


def trade_of(platform: str) -> Trade:
    """The platform, with a hub that is connected to it."""
    here = platform != "shopify" or bool(find_spec("graphql"))
    need("graphql-core", here, "the emulated shop executes GraphQL")
    quiet(platform)
    return TRADES[platform]
