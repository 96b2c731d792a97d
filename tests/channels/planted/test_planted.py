"""The suite has teeth: each planted fault breaks the promise that is named beside it.

The faults stand in copies of the adapters' own folders, so that it is the real code that is tried.
"""

from pathlib import Path

import pytest

from entrepot.sandbox.conformance import PROMISES, check, tried
from tests.channels.planted import shopify, square, woocommerce
from tests.channels.planted.copies import Fault, copied

PLANTED = {"shopify": shopify.FAULTS, "square": square.FAULTS, "woocommerce": woocommerce.FAULTS}
EVERY = [(platform, fault) for platform, faults in PLANTED.items() for fault in faults]
BY_NAME = {promise.name: promise for promise in PROMISES}


@pytest.mark.parametrize(("platform", "fault"), EVERY, ids=[f"{name}-{fault.name}" for name, fault in EVERY])
def test_a_planted_fault_breaks_its_promise(platform: str, fault: Fault, tmp_path: Path) -> None:
    with copied(platform, tmp_path, fault) as channel:
        outcome = tried(channel, BY_NAME[fault.promise])
    assert (outcome.promise, outcome.verdict.value) == (fault.promise, "broken"), outcome.why


@pytest.mark.parametrize("platform", sorted(PLANTED))
def test_a_copy_without_a_fault_keeps_what_the_faults_break(platform: str, tmp_path: Path) -> None:
    tried_here = {fault.promise for fault in PLANTED[platform]}
    with copied(platform, tmp_path) as channel:
        outcomes = check(channel, [promise for promise in PROMISES if promise.name in tried_here]).outcomes
    assert [(one.promise, one.why) for one in outcomes if one.verdict.value != "kept"] == []


@pytest.mark.parametrize(("platform", "faults"), sorted(PLANTED.items()))
def test_there_are_faults_enough_and_each_has_a_name(platform: str, faults: tuple[Fault, ...]) -> None:
    assert len(faults) >= 20
    assert len({fault.name for fault in faults}) == len(faults)


def test_a_fault_that_finds_nothing_to_replace_says_so(tmp_path: Path) -> None:
    fault = Fault("gone", "every-location", "channel.py", "this text stands nowhere", "")
    with (
        pytest.raises(AssertionError, match=r"gone: channel\.py has 0 times, not once"),
        copied("square", tmp_path, fault),
    ):
        pass
