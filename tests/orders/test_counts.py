"""A line's counts: what was ordered and what has left stays so; everything else follows the channel."""

from typing import Any

import msgspec
import pytest

from entrepot.contract import Commercial, LineSeen, RefundSeen
from entrepot.orders.counts import Counts, counts, gone
from entrepot.orders.model import Kind, Line
from tests.orders.desk import line, order, refund

STORED = ("ordered", "cancelled", "shipped", "returned", "unsellable", "shelved", "kept")


def follow(*said: LineSeen | tuple[LineSeen, dict[str, Any]], scale: int = 1) -> Counts:
    """The counts after each of these was seen in turn; a pair brings what the rest of the order says."""
    held: Line | None = None
    found = Counts()
    for one in said:
        seen, around = one if isinstance(one, tuple) else (one, {})
        found = counts(seen, order(seen, **around), held, scale)
        figures = {name: getattr(found, name) for name in STORED}
        held = Line(id="l", order_id="o", external_id="1", **figures)
    return found


def shown(found: Counts) -> dict[str, int]:
    return {name: getattr(found, name) for name in STORED if getattr(found, name)}


def refunded(*refunds: RefundSeen, **more: Any) -> dict[str, Any]:
    return {"refunds": refunds} | more


CANCELLED = {"commercial": Commercial.CANCELLED}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param([line(ordered=3)], {"ordered": 3}, id="ordered"),
        pytest.param([line(ordered=3), line(ordered=5)], {"ordered": 5}, id="edited up"),
        pytest.param([line(ordered=3), line(ordered=1)], {"ordered": 3, "cancelled": 2}, id="edited down"),
        pytest.param(
            [line(ordered=3), line(ordered=1), line(ordered=2)], {"ordered": 3, "cancelled": 1}, id="up again"
        ),
        pytest.param(
            [line(ordered=3), line(ordered=1), line(ordered=4)],
            {"ordered": 4},
            id="up again past what it was",
        ),
        pytest.param([line(ordered=3, cancelled=1)], {"ordered": 3, "cancelled": 1}, id="partly cancelled"),
        pytest.param(
            [line(ordered=3), (line(ordered=3), CANCELLED)],
            {"ordered": 3, "cancelled": 3},
            id="order cancelled",
        ),
        pytest.param(
            [line(ordered=3), (line(ordered=3), CANCELLED), line(ordered=3)],
            {"ordered": 3},
            id="order opened again",
        ),
        pytest.param([line(ordered=3, shipped=2)], {"ordered": 3, "shipped": 2}, id="partly shipped"),
        pytest.param(
            [line(ordered=3, shipped=2), (line(ordered=3, shipped=2), CANCELLED)],
            {"ordered": 3, "cancelled": 1, "shipped": 2},
            id="cancelled after a part had left",
        ),
        pytest.param(
            [line(ordered=3, shipped=2), line(ordered=3)],
            {"ordered": 3, "shipped": 2},
            id="what has left stays so",
        ),
        pytest.param([line(ordered=3, handed_over="till")], {"ordered": 3, "shipped": 3}, id="carried out"),
        pytest.param(
            [line(ordered=3, cancelled=1, handed_over="till")],
            {"ordered": 3, "cancelled": 1, "shipped": 2},
            id="carried out but for one",
        ),
        pytest.param(
            [(line(ordered=3), {"commercial": Commercial.DRAFT})],
            {"ordered": 3, "cancelled": 3},
            id="a draft",
        ),
        pytest.param(
            [(line(ordered=3), {"commercial": Commercial.UNKNOWN})], {"ordered": 3}, id="an unknown word"
        ),
        pytest.param(
            [line(ordered=2, shipped=2, returned=1)],
            {"ordered": 2, "shipped": 2, "returned": 1},
            id="came back",
        ),
        pytest.param(
            [line(ordered=2, shipped=2, returned=1), line(ordered=2, shipped=2)],
            {"ordered": 2, "shipped": 2, "returned": 1},
            id="what came back stays so",
        ),
    ],
)
def test_a_line_follows_its_channel(said: list[Any], expected: dict[str, int]) -> None:
    found = follow(*said)
    assert (shown(found), found.trouble) == (expected, {})


@pytest.mark.parametrize(
    ("said", "expected", "pieces"),
    [
        ([line(ordered=3, shipped=2), line(ordered=1)], {"ordered": 3, "cancelled": 1, "shipped": 2}, 1),
        ([line(ordered=3, shipped=3), (line(ordered=3), CANCELLED)], {"ordered": 3, "shipped": 3}, 3),
        (
            [line(ordered=2, handed_over="till"), (line(ordered=2), CANCELLED)],
            {"ordered": 2, "shipped": 2},
            2,
        ),
    ],
)
def test_cancelling_what_has_left_is_told(said: list[Any], expected: dict[str, int], pieces: int) -> None:
    found = follow(*said)
    assert shown(found) == expected
    assert found.trouble == {Kind.SENT: f"{pieces} pieces were cancelled after they had left"}


BACK = refund({"1": 1}, restocked=True)
LOST = refund({"1": 1}, restocked=False)
SILENT = refund({"1": 1}, restocked=None)
LATER_BACK = refund({"1": 1}, restocked=True, id="r2")
LATER_LOST = refund({"1": 1}, restocked=False, id="r2")
SENT_TWO = line(ordered=3, cancelled=1, shipped=2, returned=1)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param(
            [(line(ordered=2, cancelled=1), refunded(BACK))],
            {"ordered": 2, "cancelled": 1},
            id="before, restocked",
        ),
        pytest.param(
            [(line(ordered=2, cancelled=1), refunded(LOST))],
            {"ordered": 2, "cancelled": 1, "unsellable": 1},
            id="before, not restocked",
        ),
        pytest.param(
            [(line(ordered=2, cancelled=1), refunded(SILENT))],
            {"ordered": 2, "cancelled": 1},
            id="before, not said",
        ),
        pytest.param(
            [(line(ordered=2), refunded(refund({}, restocked=None, minor=100)))],
            {"ordered": 2},
            id="a gesture",
        ),
        pytest.param(
            [(line(ordered=2, shipped=2, returned=1), refunded(BACK))],
            {"ordered": 2, "shipped": 2, "returned": 1, "shelved": 1},
            id="after, restocked",
        ),
        pytest.param(
            [(line(ordered=2, shipped=2, returned=1), refunded(LOST))],
            {"ordered": 2, "shipped": 2, "returned": 1, "kept": 1},
            id="after, not restocked",
        ),
        pytest.param(
            [(line(ordered=2, shipped=2, returned=1), refunded(SILENT))],
            {"ordered": 2, "shipped": 2, "returned": 1},
            id="after, to be inspected",
        ),
        pytest.param(
            [(line(ordered=2, shipped=2, returned=2), refunded(BACK, LATER_LOST))],
            {"ordered": 2, "shipped": 2, "returned": 2, "shelved": 1, "kept": 1},
            id="after, one of each",
        ),
        pytest.param(
            [(SENT_TWO, refunded(BACK, LATER_LOST))],
            {"ordered": 3, "cancelled": 1, "shipped": 2, "returned": 1, "kept": 1},
            id="restocked before, not after",
        ),
        pytest.param(
            [(SENT_TWO, refunded(LOST, LATER_BACK))],
            {"ordered": 3, "cancelled": 1, "shipped": 2, "returned": 1, "unsellable": 1, "shelved": 1},
            id="restocked after, not before",
        ),
        pytest.param(
            [(SENT_TWO, refunded(LOST, LATER_LOST))],
            {"ordered": 3, "cancelled": 1, "shipped": 2, "returned": 1, "unsellable": 1, "kept": 1},
            id="never restocked",
        ),
        pytest.param(
            [(SENT_TWO, refunded(BACK))],
            {"ordered": 3, "cancelled": 1, "shipped": 2, "returned": 1, "shelved": 1},
            id="cancelled without a refund, came back with one",
        ),
    ],
)
def test_refunds_say_what_becomes_of_the_goods(said: list[Any], expected: dict[str, int]) -> None:
    assert shown(follow(*said)) == expected


def test_what_was_set_aside_stays_so_when_the_channel_mixes_up_its_refunds() -> None:
    """WooCommerce counts restocked units per line, not per refund: only the sums are certain."""
    before = (line(ordered=3, cancelled=1), refunded(LOST))
    mixed = (SENT_TWO, refunded(BACK, LATER_LOST))  # in truth the first was lost, and the second came back

    assert shown(follow(before, mixed)) == {
        "ordered": 3,
        "cancelled": 1,
        "shipped": 2,
        "returned": 1,
        "unsellable": 1,
        "shelved": 1,
    }


def test_what_was_set_aside_stays_so_when_a_cancellation_makes_the_channel_forget_it() -> None:
    """WooCommerce's counts of a line are gone while its order is cancelled, and there again once it is
    reopened."""
    before = (line(ordered=2, cancelled=1), refunded(LOST))
    forgotten = (line(ordered=2, cancelled=2), refunded(SILENT) | CANCELLED)

    assert shown(follow(before, forgotten)) == {"ordered": 2, "cancelled": 2, "unsellable": 1}
    assert shown(follow(before, forgotten, before)) == {"ordered": 2, "cancelled": 1, "unsellable": 1}


def test_fractions_are_counted_in_the_smallest_piece() -> None:
    found = follow(line(ordered="1.250"), line(ordered="0.75"), scale=1000)
    assert (shown(found), found.trouble) == ({"ordered": 1250, "cancelled": 500}, {})


@pytest.mark.parametrize("scale", [1, 1000])
def test_what_is_no_whole_number_of_pieces_changes_nothing_and_is_told(scale: int) -> None:
    found = follow(line(ordered=2), line(ordered="2.00005"), scale=scale)
    assert shown(found) == {"ordered": 2 * scale}
    assert found.trouble == {
        Kind.NOT_WHOLE: f"2.00005 is not a whole number of pieces (counted in 1/{scale})"
    }


@pytest.mark.parametrize(
    ("nonsense", "said"),
    [
        (line(ordered=-1), "ordered -1, cancelled 0, shipped 0, returned 0"),
        (line(ordered=2, cancelled=3), "ordered 2, cancelled 3, shipped 0, returned 0"),
        (line(ordered=2, cancelled=1, shipped=2), "ordered 2, cancelled 1, shipped 2, returned 0"),
        (line(ordered=2, shipped=1, returned=2), "ordered 2, cancelled 0, shipped 1, returned 2"),
    ],
)
def test_nonsense_changes_nothing_and_is_told(nonsense: LineSeen, said: str) -> None:
    found = follow(line(ordered=2, shipped=1), nonsense)
    assert shown(found) == {"ordered": 2, "shipped": 1}
    assert found.trouble == {Kind.COUNTS: said}


@pytest.mark.parametrize("what", [line(ordered="0.5"), line(ordered=-1)])
def test_a_line_that_cannot_be_understood_is_cancelled_with_its_order_all_the_same(what: LineSeen) -> None:
    found = follow(line(ordered=3, shipped=1), what, (what, CANCELLED))
    assert shown(found) == {"ordered": 3, "cancelled": 2, "shipped": 1}


def test_a_line_that_is_no_longer_there_cancels_what_has_not_left() -> None:
    held = Line(
        id="l", order_id="o", external_id="1", ordered=5, cancelled=1, shipped=3, returned=1, shelved=1
    )
    assert msgspec.structs.asdict(gone(held)) == {
        "ordered": 5,
        "cancelled": 2,
        "shipped": 3,
        "returned": 1,
        "unsellable": 0,
        "shelved": 1,
        "kept": 0,
        "trouble": {},
    }
