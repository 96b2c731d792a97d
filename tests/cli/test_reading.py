"""`entrepot channels read`, `share`, `record`, `new`, typed by a person: answers, exceptions, no traces."""

import json
import os
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from entrepot import channels
from entrepot.channels.kit.api import HttpApi
from entrepot.channels.kit.emulate import EmulatorTransport
from entrepot.cli import recording
from entrepot.kernel import SystemClock
from tests.cli.shop import Desk, shop_with_cups

SAMPLE = Path(channels.__path__[0]) / "woocommerce" / "samples" / "order_refunded_and_shipped.json"
PLATFORMS = ("shopify", "square", "woocommerce")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "home")


def order(**changed: Any) -> dict[str, Any]:
    """An order of WooCommerce for 2 cups of 5.00 and a parcel."""
    line = {"id": 1, "name": "Cup [red]", "product_id": 11, "quantity": 2, "sku": "CUP", "total": "10.00"}
    parcel = {"id": 2, "method_title": "Parcel", "total": "4.00", "total_tax": "0.00"}
    return {
        "id": 900,
        "number": "900",
        "status": "processing",
        "currency": "EUR",
        "date_created_gmt": "2026-03-01T10:00:00",
        "total": "14.00",
        "shipping_total": "4.00",
        "line_items": [line],
        "shipping_lines": [parcel],
        "billing": {"first_name": "Mopsy", "last_name": "Quayside"},
        **changed,
    }


def written(folder: Path, value: Any, name: str = "file.json") -> str:
    path = folder / name
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return str(path)


def test_an_order_is_printed_with_all_its_figures(desk: Desk, tmp_path: Path) -> None:
    outcome = desk.type("channels", "read", "woocommerce", written(tmp_path, order()))
    assert outcome.exit_code == 0
    for text in (
        "number       900 (id 900)",
        "open, authorised",
        "Cup [red]",
        "shipping Parcel",
        "14.00 EUR",
        "Mopsy Quayside",
    ):
        assert text in outcome.stdout
    assert outcome.stdout.rstrip().endswith("agrees to the cent: yes")


def test_an_order_that_does_not_agree_says_which_figure(desk: Desk, tmp_path: Path) -> None:
    file = written(tmp_path, [order(total="14.01", shipping_total="5.00")])
    outcome = desk.type("channels", "read", "woocommerce", file)
    assert outcome.exit_code == 0
    assert outcome.stdout.rstrip().endswith(
        "agrees to the cent: no: shipping: the channel says 5.00 EUR, its parts add up to 4.00 EUR"
    )
    answer = desk.ask("channels", "read", "woocommerce", file)
    assert answer["agrees_to_the_cent"] is False
    assert answer["disagreements"] == [
        {
            "at": "[0]",
            "figure": "shipping",
            "said": {"minor": 500, "currency": "EUR"},
            "added": {"minor": 400, "currency": "EUR"},
        }
    ]


def test_the_answer_for_programs_has_everything_but_the_raw_text(desk: Desk, tmp_path: Path) -> None:
    answer = desk.ask(
        "channels",
        "read",
        "woocommerce",
        written(tmp_path, {"orders": [order(), {"line_items": [], "billing": {}}]}),
    )
    assert sorted(answer) == ["agrees_to_the_cent", "disagreements", "kind", "platform", "refused", "seen"]
    assert (answer["platform"], answer["kind"], answer["agrees_to_the_cent"]) == (
        "woocommerce",
        "order",
        True,
    )
    [seen] = answer["seen"]
    assert (seen["what"], seen["at"], seen["total"]) == (
        "order",
        "orders[0]",
        {"minor": 1400, "currency": "EUR"},
    )
    assert (seen["lines"][0]["ordered"], seen["customer"]["name"]) == ("2", "Mopsy Quayside")
    assert "raw" not in seen
    assert answer["refused"] == [
        {
            "at": "orders[1]",
            "kind": "order",
            "code": "document_incomplete",
            "why": "it does not say id",
            "field": "orders[1].id",
        }
    ]


def test_what_holds_no_order_agrees_with_nothing(desk: Desk, tmp_path: Path) -> None:
    product = {"id": 5, "manage_stock": True, "stock_quantity": 3, "status": "publish"}
    file = written(tmp_path, product | {"date_modified_gmt": "2026-03-01T10:00:00"})
    answer = desk.ask("channels", "read", "woocommerce", file, "--kind", "stock")
    assert (answer["kind"], answer["agrees_to_the_cent"]) == ("stock", None)
    assert [one["what"] for one in answer["seen"]] == ["listing", "stock"]


MANY = '{"a":' * 100_000


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "document_malformed"),
        (b"\x80\x81\xff", "document_malformed"),
        ('{"id": 1}'.encode("utf-16"), "document_malformed"),
        (MANY.encode(), "document_malformed"),
        (b"[" * 65 + b"]" * 65, "document_malformed"),
        (b"<html></html>", "document_malformed"),
        (b"9" * 5000, "document_malformed"),
        (b'{"a": NaN}', "document_malformed"),
        (b'{"a": 1, "a": 2}', "document_malformed"),
        (b"null", "document_unknown"),
        (b'"\\ud800"', "document_unknown"),
        (b'{"line_items": [{"id": {}}], "id": [], "currency": 7, "total": {}}', "document_unknown"),
    ],
    ids=[
        "empty",
        "binary",
        "utf-16",
        "cut",
        "deep",
        "html",
        "number",
        "nan",
        "twice",
        "null",
        "surrogate",
        "odd",
    ],
)
def test_whatever_lies_in_a_file_ends_in_a_named_exception(
    desk: Desk, tmp_path: Path, platform: str, content: bytes, code: str
) -> None:
    path = tmp_path / "file.json"
    path.write_bytes(content)
    outcome = desk.type("channels", "read", platform, str(path), "--json")
    assert outcome.exit_code == 2
    error = json.loads(outcome.stdout)["error"]
    assert error["code"] in {code, "document_incomplete"}
    assert isinstance(outcome.exception, SystemExit)


def test_what_is_no_ordinary_file_is_refused(desk: Desk, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    codes = {}
    for name in (".", "pipe", "missing", "/dev/zero"):
        outcome = desk.type("channels", "read", "square", str(tmp_path / name), "--json")
        codes[name] = (outcome.exit_code, json.loads(outcome.stdout)["error"]["code"])
    assert codes == {
        ".": (2, "file_kind"),
        "pipe": (2, "file_kind"),
        "missing": (2, "file_missing"),
        "/dev/zero": (2, "file_kind"),
    }


def test_a_platform_or_a_kind_that_nobody_knows_is_refused(desk: Desk) -> None:
    assert desk.type("channels", "read", "nosuch", str(SAMPLE)).exit_code == 2
    assert desk.type("channels", "read", "woocommerce", str(SAMPLE), "--kind", "fish").exit_code == 2


def test_control_signs_of_a_file_do_not_reach_the_terminal(desk: Desk, tmp_path: Path) -> None:
    file = written(tmp_path, order(number="9\x1b[31m\x07", billing={"first_name": "\x1b]0;x\x07"}))
    outcome = desk.type("channels", "read", "woocommerce", file)
    assert outcome.exit_code == 0
    assert "\x1b" not in outcome.stdout
    assert "\x07" not in outcome.stdout


def test_the_share_counts_orders_and_names_the_rest(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "woocommerce"
    folder.mkdir()
    written(folder, [order(), order(id=901), order(id=902, total="1.00")], "a.json")
    written(folder, {"id": 1, "line_items": [], "billing": {}}, "b.json")
    written(folder, "[1,]", "c.json")
    written(folder, {"code": "x", "message": "y", "data": {}}, "d.json")
    outcome = desk.type("channels", "share", str(tmp_path))
    assert outcome.exit_code == 0
    assert "66.6 %" in outcome.stdout
    assert "a.json [2]: order_disagrees: total: the channel says 1.00 EUR" in outcome.stdout
    assert "c.json: document_malformed" in outcome.stdout
    assert "d.json" not in outcome.stdout
    assert "d.json: document_unknown" in desk.type("channels", "share", str(tmp_path), "--all").stdout
    [figures] = desk.ask("channels", "share", str(tmp_path))["platforms"]
    names = ("platform", "files", "understood", "orders", "agreeing", "partial", "share_bp")
    assert [figures[name] for name in names] == ["woocommerce", 4, 1, 3, 2, 1, 6666]
    assert [row["code"] for row in figures["exceptions"]] == [
        "order_disagrees",
        "document_incomplete",
        "document_malformed",
        "document_unknown",
    ]


def test_a_share_of_nothing_is_refused(desk: Desk, tmp_path: Path) -> None:
    outcome = desk.type("channels", "share", str(tmp_path), "--json")
    assert outcome.exit_code == 2
    assert json.loads(outcome.stdout)["error"]["code"] == "folder_empty"


def test_a_connected_account_is_recorded_and_its_file_read(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = shop_with_cups(7)
    shop.place({"CUP": 2}, datetime.now(UTC), buyer="Mopsy Quayside")  # noqa: TID251
    given = [f"--set={name}={value}" for name, value in shop.settings().items()]
    desk.set_up().ask("connect", "woocommerce", "web", *given)
    wire = EmulatorTransport(shop, SystemClock())
    monkeypatch.setattr(recording, "HttpApi", partial(HttpApi, transport=wire))
    out = tmp_path / "talk.json"
    answer = desk.ask("channels", "record", "web", "--out", str(out))
    assert (answer["platform"], answer["file"]) == ("woocommerce", str(out))
    assert {one["function"]: one["told"] for one in answer["readings"]} == {
        "probe": 1,
        "read_listings": 1,
        "read_orders": 1,
        "read_stock": 1,
    }
    assert oct(out.stat().st_mode)[-3:] == "600"
    assert "Quayside" not in out.read_text()
    assert desk.ask("channels", "read", "woocommerce", str(out))["agrees_to_the_cent"] is True
    again = desk.type("channels", "record", "web", "--out", str(out), "--json")
    assert json.loads(again.stdout)["error"]["code"] == "file_exists"


def test_an_account_that_is_not_connected_cannot_be_recorded(desk: Desk, tmp_path: Path) -> None:
    desk.set_up()
    outcome = desk.type("channels", "record", "nobody", "--out", str(tmp_path / "x"), "--json")
    assert (outcome.exit_code, json.loads(outcome.stdout)["error"]["code"]) == (2, "connection_unknown")
    assert not (tmp_path / "x").exists()


def test_a_new_adapter_is_a_package_that_names_its_entry_point(desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    answer = desk.ask("channels", "new", "corner_shop", "--folder", str(folder))
    assert answer["name"] == "corner_shop"
    assert all(Path(file).is_file() for file in answer["files"])
    assert 'corner_shop = "entrepot_corner_shop.channel"' in (folder / "pyproject.toml").read_text()
    again = desk.type("channels", "new", "corner_shop", "--folder", str(folder), "--json")
    assert (again.exit_code, json.loads(again.stdout)["error"]["code"]) == (2, "file_exists")
