"""Replays of a small made-up history: both ways come to the same figures, and every line is in them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from entrepot.app import Settings
from entrepot.app.performing import open_for_reading
from entrepot.kernel import Refusal
from entrepot.monitor import verify
from entrepot.sandbox.replay import Options, Replay, true
from tests.sandbox.history import HEADER, HISTORY

ENTREPOT = Path(sys.executable).with_name("entrepot")

KINDS = {
    "adjustment": {"lines": 1, "units": 1, "total": "-50.00"},
    "cancelled": {"lines": 3, "units": -11, "total": "-27.50"},
    "correction": {"lines": 2, "units": 2, "total": "0.00"},
    "discount": {"lines": 1, "units": -1, "total": "-5.00"},
    "extra": {"lines": 1, "units": 1, "total": "0.01"},
    "gift": {"lines": 1, "units": 12, "total": "0.00"},
    "manual": {"lines": 1, "units": -1, "total": "-3.00"},
    "marketplace_fee": {"lines": 1, "units": -1, "total": "-20.00"},
    "returned_without_original": {"lines": 2, "units": -12, "total": "-18.50"},
    "sale": {"lines": 7, "units": 35, "total": "57.20"},
    "shipping": {"lines": 2, "units": 0, "total": "0.00"},
    "unknown_code": {"lines": 1, "units": 1, "total": "9.99"},
}


def replayed(tmp_path: Path, text: str = HISTORY, **changed: Any) -> dict[str, Any]:
    """The answer of a replay; its hub stays in `tmp_path`/home."""
    file = tmp_path / "history.csv"
    file.write_text(text, encoding="utf-8")
    given = {"file": file, "home": tmp_path / "home", "direct": True, **changed}
    return Replay(Options(**given), lambda _sentence: None).run()


@pytest.mark.parametrize("direct", [True, False], ids=["direct", "through the shop"])
def test_every_line_of_a_history_is_in_the_hub(tmp_path: Path, direct: bool) -> None:
    answer = replayed(tmp_path, direct=direct)
    assert answer["kinds"] == KINDS
    assert (answer["lines"], answer["units"], answer["total"]) == (23, 26, "-56.80")
    assert (answer["file_lines"], answer["file_units"], answer["file_total"]) == (23, 26, "-56.80")
    assert answer["rounding"] == {"lines": 1, "exact_total": "-56.805"}
    assert (answer["invoices"], answer["orders"], answer["cancellations"]) == (13, 4, 6)
    assert (answer["adjustments"], answer["corrections"], answer["credit_notes"]) == (1, 2, 4)
    assert answer["matched"] == {"whole": 3, "partly": 0, "not": 2, "orders_refunded": 2}
    assert answer["exceptions"] == {"returned_without_original": 2, "unknown_code": 1}
    assert answer["opening"] == {"rule": "net", "items": 4, "pieces": 50}
    assert answer["short"] == {"lines": 0, "pieces": 0}
    assert answer["items"] == {"checked": 4, "wrong": 0}
    assert (answer["unaccounted"], answer["wrong"], true(answer)) == (0, [], True)


@pytest.mark.parametrize("direct", [True, False], ids=["direct", "through the shop"])
def test_without_opening_stock_everything_is_short_and_a_write_off_is_refused(
    tmp_path: Path, direct: bool
) -> None:
    answer = replayed(tmp_path, direct=direct, opening="0")
    assert answer["short"] == {"lines": 4, "pieces": 19}
    assert answer["exceptions"] == {
        "not_enough": 1,
        "returned_without_original": 2,
        "short": 4,
        "unknown_code": 1,
    }
    assert (answer["unaccounted"], answer["items"]["wrong"], answer["total"]) == (0, 0, "-56.80")


@pytest.mark.parametrize("direct", [True, False], ids=["direct", "through the shop"])
def test_the_hub_of_a_replay_keeps_its_invariants(tmp_path: Path, direct: bool) -> None:
    replayed(tmp_path, direct=direct)
    with open_for_reading(Settings(home=tmp_path / "home")) as store:
        report = verify(store)
    assert report.violations == []
    assert report.checked["orders_stand_once"] == 9


def test_two_spellings_of_a_code_are_one_item(tmp_path: Path) -> None:
    text = (
        HEADER
        + "1,10001A,JUG,6,2011-03-01 09:00:00,2.5,501,UK\n2,10001a,JUG,4,2011-03-01 09:30:00,2.5,502,UK\n"
    )
    answer = replayed(tmp_path, text, opening="7")
    assert answer["opening"] == {"rule": "7", "items": 1, "pieces": 7}
    assert answer["short"] == {"lines": 1, "pieces": 3}
    assert (answer["unaccounted"], answer["items"]) == (0, {"checked": 1, "wrong": 0})


def test_only_the_first_lines_are_played_if_wanted(tmp_path: Path) -> None:
    answer = replayed(tmp_path, lines=3)
    assert (answer["lines"], answer["invoices"], answer["total"]) == (3, 1, "24.15")


def test_a_merchant_names_their_own_goods(tmp_path: Path) -> None:
    text = (
        HEADER
        + "1,TEA-ASSAM,Assam,2,2026-03-01 09:00:00,7.9,,UK\n1,D,Discount,-1,2026-03-01 09:00:00,1.0,,UK\n"
    )
    plain = replayed(tmp_path, text)
    assert plain["exceptions"] == {"unknown_code": 1}
    named = replayed(tmp_path, text, goods="TEA-[A-Z]+", home=tmp_path / "second")
    assert named["exceptions"] == {}
    assert named["kinds"]["sale"] == {"lines": 1, "units": 2, "total": "15.80"}
    assert named["total"] == "14.80"


def test_a_home_with_a_hub_in_it_is_left_alone(tmp_path: Path) -> None:
    replayed(tmp_path, lines=3)
    before = (tmp_path / "home" / "hub.db").read_bytes()
    with pytest.raises(Refusal) as refused:
        replayed(tmp_path, lines=3)
    assert refused.value.code == "home_in_use"
    assert (tmp_path / "home" / "hub.db").read_bytes() == before
    assert not (tmp_path / "home" / "replay.day").exists()


@pytest.mark.parametrize(
    ("changed", "code"), [({"opening": "-1"}, "opening"), ({"currency": "JPY"}, "currency"),
                          ({"zone": "Mars/Olympus"}, "zone")]
)  # fmt: skip
def test_a_wish_that_cannot_be_met_is_refused(tmp_path: Path, changed: dict[str, str], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        replayed(tmp_path, **changed)
    assert refused.value.code == code
    assert not (tmp_path / "home" / "hub.db").exists()


def test_the_command_answers_with_one_json_object_and_keeps_the_hub_where_it_is_told(tmp_path: Path) -> None:
    file, home = tmp_path / "history.csv", tmp_path / "home"
    file.write_text(HISTORY, encoding="utf-8")
    ended = subprocess.run(
        [ENTREPOT, "replay", file, "--direct", "--json", "--home", home],
        capture_output=True,
        timeout=110,
        check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
    )
    assert ended.returncode == 0, ended.stderr.decode()[-2000:]
    answer = json.loads(ended.stdout)
    assert (answer["invoices"], answer["unaccounted"], answer["total"]) == (13, 0, "-56.80")
    assert (home / "hub.db").exists()


def test_the_command_says_in_one_line_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    file = tmp_path / "history.csv"
    file.write_text(HISTORY.replace("100006,10002,damaged,-5", "100006,10002,damaged,five"), encoding="utf-8")
    ended = subprocess.run(
        [ENTREPOT, "replay", file, "--direct"],
        capture_output=True,
        timeout=110,
        check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
    )
    said = ended.stderr.decode().splitlines()[-1]
    assert (ended.returncode, ended.stdout) == (2, b"")
    assert said == (
        "entrepot: line 15: 'five' is no Quantity (at Quantity). "
        "Nothing was played. Mend the line, or leave it out"
    )
