"""What a slot shows by all we know: rules over a base, effects and readings, as tables."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from entrepot.sync.believed import Slot, adoptable, believed, contradicted, in_sync, matched

NOON = datetime.fromisoformat("2026-03-02T12:00:00+00:00")


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def slot(**more: Any) -> Slot:
    """A slot whose base is 5, written at noon."""
    plain: dict[str, Any] = {"base": 5, "base_at": NOON, "wanted": 5}
    return Slot(id="s", connection_id="c", listing_id="l", item="i", location="", **(plain | more))


@pytest.mark.parametrize(
    ("base", "base_at", "effects", "expected"),
    [
        (None, None, (), None),
        (None, None, ((at(9), -1),), None),
        (5, NOON, (), 5),
        (5, NOON, ((at(9), -1), (at(10), -2)), 2),
        (5, NOON, ((at(9), -1), (at(20), 1)), 5),
        (5, NOON, ((at(-9), -1),), 5),  # before the write: overwritten by it
        (5, NOON, ((at(0), -1),), 5),  # in the same second: taken for overwritten
        (5, NOON, ((at(0.9), -1),), 5),
        (5, NOON, ((at(1), -1),), 4),  # surely later
        (0, NOON, ((at(9), -1),), -1),  # a till sells what is not there
    ],
)
def test_believed_is_the_base_and_what_surely_came_after(
    base: int | None,
    base_at: datetime | None,
    effects: tuple[tuple[datetime, int], ...],
    expected: int | None,
) -> None:
    assert believed(slot(base=base, base_at=base_at, effects=effects)) == expected


@pytest.mark.parametrize(
    ("observed", "observed_at", "effects", "expected"),
    [
        (None, None, (), False),
        (5, at(60), (), False),
        (4, at(60), (), True),
        (4, at(1), (), False),  # no later than the base, by whole seconds
        (4, at(1.5), (), True),
        (4, at(-60), (), False),  # older than the base
        (4, at(60), ((at(30), -1),), False),
        (5, at(60), ((at(30), -1),), True),
        (5, at(60), ((at(61), -1),), False),  # the sale came after the reading
    ],
)
def test_a_reading_contradicts_what_should_have_been_there(
    observed: int | None,
    observed_at: datetime | None,
    effects: tuple[tuple[datetime, int], ...],
    expected: bool,
) -> None:
    assert contradicted(slot(observed=observed, observed_at=observed_at, effects=effects)) is expected


def test_nothing_contradicts_what_is_not_known() -> None:
    assert not contradicted(slot(base=None, base_at=None, observed=4, observed_at=at(60)))


SWEPT = at(300)


@pytest.mark.parametrize(
    ("changes", "swept_to", "expected"),
    [
        pytest.param({}, SWEPT, True, id="read and swept"),
        pytest.param({"observed_at": None}, SWEPT, False, id="never read"),
        pytest.param({}, None, False, id="never swept"),
        pytest.param({}, at(61), False, id="not swept two seconds past it"),
        pytest.param({}, at(62), True, id="swept two seconds past it"),
        pytest.param({"flight": "key"}, SWEPT, False, id="a write is in flight"),
        pytest.param({"base_at": at(60)}, SWEPT, False, id="in the second of the base"),
        pytest.param({"base_at": at(61)}, SWEPT, False, id="older than the base"),
        pytest.param({"base": None, "base_at": None}, SWEPT, True, id="the first"),
        pytest.param({"effects": ((at(58), -1),)}, SWEPT, False, id="just after an effect"),
        pytest.param({"effects": ((at(62), -1),)}, SWEPT, False, id="just before an effect"),
        pytest.param({"effects": ((at(57), -1), (at(63), 1))}, SWEPT, True, id="effects far enough"),
    ],
)
def test_a_reading_is_adopted_only_when_its_order_among_the_others_is_sure(
    changes: dict[str, Any], swept_to: datetime | None, expected: bool
) -> None:
    assert adoptable(slot(**({"observed": 4, "observed_at": at(60)} | changes)), swept_to) is expected


@pytest.mark.parametrize(
    ("effects", "base_at", "expected"),
    [
        ((), at(0), True),
        ((), at(30), False),  # the reading may still show what was before our write
        (((at(15), -1),), at(-60), False),  # or before the sale
        (((at(9), -1),), at(-60), True),
        (((at(63), -1),), at(-60), True),
    ],
)
def test_a_reading_may_lag_as_far_as_the_platform_says(
    effects: tuple[tuple[datetime, int], ...], base_at: datetime, expected: bool
) -> None:
    read = slot(observed=4, observed_at=at(60), effects=effects, base_at=base_at)
    assert adoptable(read, SWEPT, timedelta(seconds=50)) is expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param({}, True, id="believed is wanted"),
        pytest.param({"wanted": None}, False, id="nothing is wanted"),
        pytest.param({"wanted": 4}, False, id="another figure is wanted"),
        pytest.param({"base": None, "base_at": None}, False, id="not known"),
        pytest.param({"flight": "key"}, False, id="in flight"),
        pytest.param({"trouble": "refused"}, False, id="refused"),
        pytest.param({"observed": 4, "observed_at": at(60)}, False, id="contradicted"),
        pytest.param({"observed": 5, "observed_at": at(60)}, True, id="confirmed"),
        pytest.param({"wanted": 4, "effects": ((at(9), -1),)}, True, id="the channel did it itself"),
    ],
)
def test_in_sync_means_all_of_it(changes: dict[str, Any], expected: bool) -> None:
    assert in_sync(slot(**changes)) is expected


def test_only_slots_that_want_something_are_counted() -> None:
    assert matched([slot(), slot(wanted=4), slot(wanted=None)]) == (2, 1)
