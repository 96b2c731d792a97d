"""Every adapter keeps every promise of the contract, or has a reason not to."""

import pytest

from entrepot import channels
from entrepot.sandbox.conformance import PROMISES, Promise, tier, tried

EVERY = [(platform, promise) for platform in channels.names() for promise in PROMISES]


@pytest.mark.parametrize(("platform", "promise"), EVERY, ids=[f"{name}-{one.name}" for name, one in EVERY])
def test_a_promise_is_kept_or_excused_with_a_reason(platform: str, promise: Promise) -> None:
    outcome = tried(channels.load(platform), promise)
    assert outcome.verdict.value in {"kept", "excused"}, outcome.why
    assert (outcome.why == "") == (outcome.verdict.value == "kept")


def test_every_promise_has_its_own_name_and_a_sentence() -> None:
    assert len({promise.name for promise in PROMISES}) == len(PROMISES)
    assert [promise.name for promise in PROMISES if len(promise.sentence.split()) < 5] == []


def test_our_adapters_keep_orders_and_stock() -> None:
    tiers = {name: tier(channels.load(name)) for name in ("shopify", "square", "woocommerce")}
    assert tiers == {
        "shopify": "orders and stock",
        "square": "orders and stock",
        "woocommerce": "orders and stock",
    }


@pytest.mark.parametrize(
    ("promise", "platforms"),
    [
        ("another-address-is-refused", {"square"}),
        ("every-location", {"shopify", "square"}),
        ("a-deletion-is-told", {"shopify", "woocommerce"}),
        ("a-401-is-mended-by-one-new-token", {"shopify", "square"}),
    ],
)
def test_an_excuse_is_no_way_out_where_there_is_something_to_keep(promise: str, platforms: set[str]) -> None:
    proof = next(one for one in PROMISES if one.name == promise)
    kept = {name for name in ("shopify", "square", "woocommerce")
            if tried(channels.load(name), proof).verdict.value == "kept"}  # fmt: skip
    assert kept == platforms
