"""Goods are moved, set aside, sent and held at a command line."""

from pathlib import Path

import pytest

from tests.cli.shop import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Ten cups at main, none at shop."""
    desk = Desk(tmp_path / "home").set_up()
    desk.ask("location", "add", "shop")
    return desk


def lying(desk: Desk) -> dict[str, tuple[int, int]]:
    """Location → (on hand, available)."""
    return {one["location"]: (one["on_hand"], one["available"]) for one in desk.ask("stock", "CUP")["items"]}


def test_goods_move_once_per_reference(desk: Desk) -> None:
    words = ("stock", "move", "CUP", "3", "main", "shop", "--reference", "m")
    assert desk.type(*words).stdout == "3 pieces of CUP moved from main to shop (reference m)\n"
    assert desk.type(*words).stdout == "Reference m was booked before: nothing was booked now\n"
    assert lying(desk) == {"main": (7, 7), "shop": (3, 3)}


def test_goods_are_set_aside_and_put_back(desk: Desk) -> None:
    desk.ask("stock", "set-aside", "CUP", "main", "3", "--reason", "damaged")
    assert lying(desk) == {"main": (10, 7)}
    desk.ask("stock", "put-back", "CUP", "main", "1", "--reason", "damaged")
    assert lying(desk) == {"main": (10, 8)}


def test_a_transfer_is_sent_and_counted(desk: Desk) -> None:
    sent = desk.ask("transfers", "send", "main", "shop", "CUP=4", "--reference", "T")["transfer"]
    assert desk.ask("transfers", "arrive", sent, "shop", "CUP=1", "--more")["state"] == "partly_received"
    outcome = desk.type("transfers", "arrive", sent, "shop", "CUP=2")
    assert outcome.stdout == "Transfer T is received: 3 of 4 CUP\n"
    assert lying(desk) == {"main": (6, 6), "shop": (3, 3)}
    assert "3 of 4 CUP" in desk.type("transfers", "list").stdout


def test_goods_are_held_for_a_span_and_given_back(desk: Desk) -> None:
    held = desk.ask("holds", "make", "CUP", "4", "2h", "--location", "main", "--reference", "H")["hold"]
    assert lying(desk) == {"main": (10, 6)}
    desk.ask("holds", "extend", held, "7d")
    assert (
        desk.type("holds", "release", held, "1").stdout == f"Hold {held} (H) is held: 3 of 4 pieces of CUP\n"
    )
    assert [row["quantity"] for row in desk.ask("holds", "list", "--state", "held")["holds"]] == [3]
    desk.ask("holds", "release", held)
    assert lying(desk) == {"main": (10, 10)}


@pytest.mark.parametrize("until", ["soon", "31d", "2020-01-01"])
def test_a_span_that_is_none_is_refused(desk: Desk, until: str) -> None:
    outcome = desk.type("holds", "make", "CUP", "4", until, "--location", "main")
    assert (outcome.exit_code, "(at until)" in outcome.stderr) == (2, True)
