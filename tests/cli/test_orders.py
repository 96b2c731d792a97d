"""Orders of the hub's own sellers and what stands in the work queue, typed at a command line."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shop import Desk

WISH: dict[str, Any] = {"seller": "field", "reference": "PO-1", "customer": {"name": "Ada Byron"},
                        "lines": [{"sku": "TEAPOT", "quantity": "2", "unit_price": "34.00"}]}  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A home with three teapots at main, and a seller that may be short."""
    desk = Desk(tmp_path / "home")
    desk.ask("location", "add", "main")
    desk.ask("sku", "add", "TEAPOT")
    desk.ask("stock", "receive", "TEAPOT", "main", "3")
    desk.ask("sellers", "add", "field", "EUR", "--reserve", "short")
    return desk


def place(desk: Desk, tmp_path: Path, **other: Any) -> dict[str, Any]:
    file = tmp_path / "order.json"
    file.write_text(json.dumps(WISH | other))
    return desk.ask("orders", "place", str(file))


def test_an_order_is_placed_once_listed_and_shown(desk: Desk, tmp_path: Path) -> None:
    first, again = place(desk, tmp_path), place(desk, tmp_path)
    assert (first["new"], again["new"], first["order"]) == (True, False, again["order"])
    (row,) = desk.ask("orders", "list", "--connection", "field")["orders"]
    assert (row["number"], row["status"], row["channel"]) == ("PO-1", "awaiting payment", "field")
    shown = desk.type("orders", "show", "field/PO-1")
    assert "PO-1 of field" in shown.stdout
    assert "2 held main" in shown.stdout
    assert "Ada" not in shown.stdout


def test_an_order_goes_its_way_to_the_end(desk: Desk, tmp_path: Path) -> None:
    place(desk, tmp_path)
    assert desk.ask("orders", "pay", "field/PO-1", "paid")["version"] == 2
    assert desk.ask("orders", "ship", "field/PO-1", "1=1", "--carrier", "post")["status"] == "partly shipped"
    assert desk.ask("orders", "hand-over", "field/PO-1", "main")["commercial"] == "closed"
    outcome = desk.type("orders", "cancel", "field/PO-1", "--reason", "late")
    assert outcome.exit_code == 2
    assert "nothing of the order is open any more" in outcome.stderr


def test_a_part_of_an_order_is_cancelled(desk: Desk, tmp_path: Path) -> None:
    place(desk, tmp_path)
    outcome = desk.type("orders", "cancel", "field/PO-1", "1=1", "--reason", "one is enough")
    assert outcome.stdout == "Order PO-1: awaiting payment (version 2)\n"


def test_what_is_no_order_is_refused_with_its_path(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "order.json"
    for text, said in (
        ("{", "is no JSON object"),
        ("[]", "is no JSON object"),
        ('{"lines": []}', "(at seller)"),
    ):
        file.write_text(text)
        outcome = desk.type("orders", "place", str(file))
        assert (outcome.exit_code, outcome.stdout) == (2, "")
        assert said in outcome.stderr


def test_an_order_that_nobody_knows_is_named(desk: Desk) -> None:
    outcome = desk.type("orders", "show", "field/none")
    assert outcome.exit_code == 2
    assert "there is no order 'field/none'" in outcome.stderr


def test_exceptions_are_listed_with_what_can_be_done(desk: Desk) -> None:
    assert desk.ask("exceptions", "list") == {"exceptions": [], "after": ""}
    outcome = desk.type("exceptions", "accept", "none", "--why", "x")
    assert (outcome.exit_code, "there is no exception 'none'" in outcome.stderr) == (2, True)
