"""What errors say to people, and whether waiting helps."""

import pickle

import pytest

from entrepot.kernel import Cause, ChannelError, Refusal


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (Refusal("x", "there is no SKU 'A'"), "there is no SKU 'A'"),
        (Refusal("x", "there is no SKU 'A'", field="sku"), "there is no SKU 'A' (at sku)"),
        (Refusal("x", "no", remedy="Add it"), "no. Add it"),
        (Refusal("x", "no", remedy="Add it", field="sku"), "no (at sku). Add it"),
    ],
)
def test_a_refusal_says_why_where_and_what_to_do(refusal: Refusal, said: str) -> None:
    assert str(refusal) == said


@pytest.mark.parametrize(
    ("cause", "retry"),
    [
        (Cause.BUSY, True),
        (Cause.DOWN, True),
        (Cause.LOST, True),
        (Cause.CONFLICT, True),
        (Cause.NONSENSE, True),
        (Cause.DENIED, False),
        (Cause.MISSING, False),
        (Cause.REFUSED, False),
    ],
)
def test_a_channel_error_says_whether_waiting_helps(cause: Cause, retry: bool) -> None:
    error = ChannelError(cause, "GET /orders 500")
    assert error.retry is retry
    assert str(error) == f"{cause}: GET /orders 500"


def test_a_channel_error_without_the_platforms_wish_names_no_wait() -> None:
    assert ChannelError(Cause.BUSY, "slow down").wait_s is None
    assert ChannelError(Cause.BUSY, "slow down", wait_s=30.0, code="429").wait_s == 30.0


def test_every_cause_is_told_apart() -> None:
    assert len(Cause) == 8
    assert pickle.loads(pickle.dumps(Cause.LOST)) is Cause.LOST
