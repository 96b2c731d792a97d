"""`entrepot channels list` and `check`, as they are typed."""

import json
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

from entrepot import channels
from entrepot.channels.square import channel as square
from tests.cli.shop import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "home")


def test_promises_are_told_as_kept_or_excused_with_a_sentence_each(desk: Desk) -> None:
    words = ("channels", "check", "square", "--only", "every-location", "--only", "a-deletion-is-told")
    assert desk.ask(*words)["platforms"] == [
        {
            "name": "square",
            "tier": "orders and stock",
            "kept": [
                {"promise": "every-location", "sentence": "Every location that holds a figure is named"},
            ],
            "broken": [],
            "excused": [
                {
                    "promise": "a-deletion-is-told",
                    "sentence": "An order that is deleted at the channel is told as gone, or as something "
                    "to be read, and then missing",
                    "why": "the platform deletes no orders",
                }
            ],
        }
    ]


def test_a_broken_promise_is_told_with_what_came_and_exit_1(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    stock = msgspec.structs.replace(square.ABOUT.stock, per_location=False)
    boastful = ModuleType(square.__name__)
    vars(boastful).update(vars(square), ABOUT=msgspec.structs.replace(square.ABOUT, stock=stock))
    monkeypatch.setattr(channels, "load", lambda name: boastful)
    words = ("channels", "check", "square", "--only", "figures-stand-per-location-as-declared")
    told = desk.type(*words, "--json")
    assert told.exit_code == 1
    [broken] = json.loads(told.stdout)["platforms"][0]["broken"]
    assert broken["why"] == "several figures for one good: expected False, came True"
    assert "✗" in desk.type(*words).stdout


def test_all_names_every_platform(desk: Desk) -> None:
    told = desk.ask("channels", "check", "--all", "--only", "what-is-declared-can-be-used")["platforms"]
    assert {"shopify", "square", "woocommerce"} <= {one["name"] for one in told}
    assert [one["kept"][0]["promise"] for one in told] == ["what-is-declared-can-be-used"] * len(told)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("check", "name a platform, or say --all"),
        ("check square --all", "name a platform, or say --all"),
        ("check ebay99", "there is no adapter for 'ebay99'"),
        (
            "check square --only every-locaton",
            "there is no promise 'every-locaton' (at only). every-location",
        ),
    ],
)
def test_what_cannot_be_checked_is_refused_with_a_sentence(desk: Desk, words: str, said: str) -> None:
    told = desk.type("channels", *words.split())
    assert (told.exit_code, said in told.stderr) == (2, True)


def test_the_list_says_how_far_an_adapter_goes(desk: Desk) -> None:
    tiers = {one["name"]: one["tier"] for one in desk.ask("channels", "list")["platforms"]}
    assert tiers["square"] == "orders and stock"
