"""The commands, typed into a home without a running hub."""

import json
import sqlite3
from pathlib import Path

import pytest

from tests.cli.shop import Desk


@pytest.fixture
def bare(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "home")


@pytest.fixture
def desk(bare: Desk) -> Desk:
    return bare.set_up()


def test_status_before_the_first_day_says_so_and_counts_nothing(bare: Desk) -> None:
    outcome = bare.type("status", "--json")
    answer = json.loads(outcome.stdout)
    assert outcome.exit_code == 0
    assert (answer["pairs"], answer["in_sync"], answer["share"], answer["oldest_lag_s"]) == (0, 0, 1.0, 0.0)
    assert (answer["queues"], answer["dead_letters"], answer["running"]) == ({}, 0, False)
    assert "there is no store" in outcome.stderr
    assert not bare.home.exists()


def test_status_of_a_new_store_has_every_figure(desk: Desk) -> None:
    answer = desk.ask("status")
    assert {
        "pairs",
        "in_sync",
        "share",
        "oldest_lag_s",
        "queues",
        "dead_letters",
        "as_of",
        "answer_ms",
    } <= set(answer)
    assert (answer["healthy"], answer["pairs"], answer["share"]) == (True, 0, 1.0)
    assert answer["queues"]["inbox"] == {"ready": 0, "dead": 0, "oldest_due_s": 0.0}


def test_status_with_a_dead_letter_is_not_healthy_and_exits_1(desk: Desk) -> None:
    spoil(desk)
    outcome = desk.type("status")
    assert outcome.exit_code == 1
    assert "dead letters: 1" in outcome.stdout


def test_verify_holds_on_what_was_booked(desk: Desk) -> None:
    answer = desk.ask("verify")
    assert answer["violations"] == []
    assert answer["checked"]["moves_equal_balances"] == 2


def test_verify_finds_what_was_tampered_with_and_exits_1(desk: Desk) -> None:
    with sqlite3.connect(desk.home / "hub.db") as raw:
        raw.execute("UPDATE balance SET quantity = quantity + 1 WHERE bounded")
    raw.close()
    outcome = desk.type("verify", "--json")
    assert outcome.exit_code == 1
    assert [one["name"] for one in json.loads(outcome.stdout)["violations"]] == ["moves_equal_balances"]
    assert "moves equal balances" in desk.type("verify").stdout


def test_stock_of_a_sku_reads_without_the_word_show(desk: Desk) -> None:
    answer = desk.ask("stock", "CUP")
    assert answer == desk.ask("stock", "show", "CUP") | {"at": answer["at"]}
    assert [(one["location"], one["on_hand"], one["available"]) for one in answer["items"]] == [
        ("main", 10, 10)
    ]
    assert (answer["sku"], answer["title"], answer["offerable"]) == ("CUP", "A cup", 10)


def test_stock_at_a_moment_shows_what_was_booked_then_and_what_came_after(desk: Desk) -> None:
    moment = desk.ask("stock", "CUP")["at"]
    desk.ask("stock", "adjust", "CUP", "main", "-3", "--reason", "broken", "--reference", "a1")
    then, now = desk.ask("stock", "CUP", "--at", moment), desk.ask("stock", "CUP")
    assert [(one["items"][0]["on_hand"], one["offerable"]) for one in (then, now)] == [(10, 10), (7, 7)]
    assert [one["what"] for one in then["since"] if one["kind"] == "move"] == [
        "3 from main shelf to lost (broken)"
    ]
    assert now["since"] == []


@pytest.mark.parametrize("spelled", ["2020-01-01T00:00:00+01:00", "2020-01-01T00:00", "2020-01-01"])
def test_a_time_may_have_a_zone_or_not(desk: Desk, spelled: str) -> None:
    assert desk.ask("stock", "CUP", "--at", spelled)["items"] == []


def test_a_bundle_can_be_sold_as_often_as_its_scarcest_item_allows(desk: Desk) -> None:
    desk.ask("sku", "add", "POT")
    desk.ask("stock", "receive", "POT", "main", "3")
    desk.ask("sku", "recipe", "SET", "CUP=4", "POT=1")
    answer = desk.ask("stock", "SET")
    assert (answer["offerable"], answer["recipe"]) == (2, {"CUP": 4, "POT": 1})
    assert "Made of 4 × CUP, 1 × POT" in desk.type("stock", "SET").stdout


def test_the_same_reference_is_booked_once(desk: Desk) -> None:
    assert desk.ask("stock", "receive", "CUP", "main", "10", "--reference", "r1")["booked"] is False
    assert (
        "r1 was booked before"
        in desk.type("stock", "receive", "CUP", "main", "10", "--reference", "r1").stdout
    )
    assert desk.ask("stock", "CUP")["offerable"] == 10


def test_a_reference_is_drawn_when_none_is_given(desk: Desk) -> None:
    first, second = (desk.ask("stock", "receive", "CUP", "main", "1") for _ in range(2))
    assert first["booked"]
    assert second["booked"]
    assert first["reference"] != second["reference"]


def test_a_count_books_the_difference(desk: Desk) -> None:
    assert desk.ask("stock", "count", "CUP", "main", "8")["differed"] is True
    assert desk.ask("stock", "CUP")["items"][0]["on_hand"] == 8


def test_an_import_makes_what_is_new_and_counts_it(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "stock.csv"
    file.write_text("sku,location,quantity,title\nPOT,shop,5,A pot\nCUP,main,9,\n")
    refused = desk.type("stock", "import", str(file))
    assert refused.exit_code == 2
    assert "line 2: there is no SKU 'POT'" in refused.stderr
    answer = desk.ask("stock", "import", str(file), "--create")
    assert (answer["rows"], answer["differed"]) == (2, 2)
    codes = [one["code"] for one in desk.ask("location", "list")["locations"]]
    assert codes == ["main", "shop"]


REFUSED = {
    ("stock", "NOPE"): "entrepot: there is no SKU 'NOPE' (at sku). entrepot sku add NOPE\n",
    ("stock", "CUP", "--at", "noon"): (
        "entrepot: 'noon' is no time (at --at). Write 2026-11-21T14:30:00+01:00, or UTC without a zone\n"
    ),
    ("stock", "import", "/nowhere.csv"): "entrepot: No such file or directory: /nowhere.csv\n",
    ("location", "add", "main"): "entrepot: there is a location 'main' already (at code)\n",
    ("sku", "recipe", "SET", "CUP"): "entrepot: parts are written name=value (at parts)\n",
    (
        "flow",
        "web",
        "stock_out",
        "on",
    ): "entrepot: there is no connection 'web'; known: none yet (at connection)\n",
    ("letters", "show", "x"): "entrepot: there is no dead letter x\n",
}


@pytest.mark.parametrize("words", list(REFUSED), ids=" ".join)
def test_a_refusal_is_one_line_on_standard_error_and_exit_2(desk: Desk, words: tuple[str, ...]) -> None:
    outcome = desk.type(*words)
    assert (outcome.exit_code, outcome.stdout, outcome.stderr) == (2, "", REFUSED[words])


def test_a_refusal_with_json_is_an_object_too(desk: Desk) -> None:
    outcome = desk.type("stock", "NOPE", "--json")
    assert outcome.exit_code == 2
    assert json.loads(outcome.stdout) == {
        "error": {
            "code": "sku_unknown",
            "detail": "there is no SKU 'NOPE'",
            "remedy": "entrepot sku add NOPE",
            "field": "sku",
        }
    }


def test_a_file_that_is_no_store_is_a_refusal_and_no_trace(bare: Desk) -> None:
    bare.home.mkdir()
    (bare.home / "hub.db").write_text(
        "this is no database, and long enough to be told from an empty file\n" * 20
    )
    outcome = bare.type("status")
    assert outcome.exit_code == 2
    assert outcome.stderr.startswith("entrepot: the store cannot be used: file is not a database")


def test_connecting_reads_secrets_from_files_and_the_environment_and_never_echoes_them(
    desk: Desk, tmp_path: Path
) -> None:
    secret = "cs_" + "1" * 40
    (tmp_path / "secret").write_text(f"{secret}\n")
    common = ["connect", "woocommerce", "--set", "store=https://shop.example", "--set", "key=ck_" + "0" * 40]
    first = desk.type(*common, "web", "--set", f"secret=@{tmp_path / 'secret'}", "--url", "https://my.hub")
    second = desk.type(*common, "other", ENTREPOT_WOOCOMMERCE_SECRET=secret)
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "webhooks come to https://my.hub/hooks/web" in first.stdout
    assert secret not in first.output + second.output
    assert [one["name"] for one in desk.ask("connections")["connections"]] == ["other", "web"]
    assert secret.encode() not in b"".join(path.read_bytes() for path in desk.home.iterdir())


def test_a_secret_on_the_command_line_is_taken_with_a_warning(desk: Desk) -> None:
    words = [
        "--set",
        "store=https://shop.example",
        "--set",
        "key=ck_" + "0" * 40,
        "--set",
        "secret=cs_" + "1" * 40,
    ]
    outcome = desk.type("connect", "woocommerce", "web", *words)
    assert outcome.exit_code == 0
    assert "others on this machine can see secret on the command line" in outcome.stderr


def test_a_missing_setting_is_named(desk: Desk) -> None:
    outcome = desk.type("connect", "woocommerce", "web", "--set", "store=https://shop.example")
    assert outcome.exit_code == 2
    assert "WooCommerce needs Consumer key" in outcome.stderr


def test_a_flow_is_turned_on(desk: Desk) -> None:
    connect(desk)
    assert desk.ask("flow", "web", "stock_out", "on")["flows"] == {"orders_in": "on", "stock_out": "on"}


def test_check_names_what_is_missing_and_what_to_type(bare: Desk) -> None:
    outcome = bare.type("check")
    assert outcome.exit_code == 1
    assert "entrepot location add main" in outcome.stdout
    bare.set_up()
    connect(bare)
    answer = json.loads(bare.type("check", "--json").stdout)
    assert (answer["ready"], [one["what"] for one in answer["findings"] if one["missing"]]) == (
        False,
        ["web: stock_out only observes, nothing is written to the channel"],
    )
    bare.ask("flow", "web", "stock_out", "on")
    assert bare.ask("check")["ready"] is True


def test_check_minds_who_can_read_the_keys(desk: Desk) -> None:
    (desk.home / "keys.json").chmod(0o644)
    assert f"chmod 600 {desk.home / 'keys.json'}" in desk.type("check").stdout.replace("\n", "")


def test_a_dead_letter_is_listed_shown_edited_and_replayed(desk: Desk, tmp_path: Path) -> None:
    spoil(desk)
    [letter] = desk.ask("letters", "list")["letters"]
    assert (letter["id"], letter["what"], letter["why"]) == ("j1", "offer", "it fell over")
    assert desk.ask("letters", "show", "j1")["body"] == '{"item":"nothing"}'
    (tmp_path / "body.json").write_text('{"item": "something"}')
    assert desk.ask("letters", "edit", "j1", str(tmp_path / "body.json")) == {"edited": "j1"}
    assert desk.ask("letters", "list") == {"letters": []}
    assert desk.type("letters", "replay").stdout == "0 are tried again\n"


def test_every_channel_says_what_it_does_and_lacks(bare: Desk) -> None:
    found = {one["name"]: one for one in bare.ask("channels", "list")["platforms"]}
    assert {"square", "woocommerce"} <= set(found)
    assert "write_stock" in found["woocommerce"]["does"]
    assert "read_payouts" in found["woocommerce"]["lacks"]
    assert "woocommerce" in bare.type("channels", "list").stdout


@pytest.mark.parametrize("words", ["status", "verify", "check", "stock CUP", "connections", "location list"])
def test_what_is_shown_to_people_fits_80_columns(desk: Desk, words: str) -> None:
    connect(desk)
    shown = desk.type(*words.split()).stdout
    assert shown
    assert max(map(len, shown.splitlines())) <= 80


def connect(desk: Desk) -> None:
    desk.ask(
        "connect",
        "woocommerce",
        "web",
        *("--set", "store=https://shop.example", "--set", "key=ck_" + "0" * 40),
        ENTREPOT_WOOCOMMERCE_SECRET="cs_" + "1" * 40,
    )


def spoil(desk: Desk) -> None:
    """Puts a dead letter into the store."""
    with sqlite3.connect(desk.home / "hub.db") as raw:
        raw.execute(
            "INSERT INTO job VALUES ('j1', 'book', 0, 1, 'offer', 'k', NULL, ?, 'dead', 8, 0, 0, '', ?)",
            ('{"item":"nothing"}', "it fell over"),
        )
    raw.close()
