"""Connecting at the keyboard: ways in, what is asked for, consent, and credentials that change."""

from pathlib import Path

import pytest

from tests.cli.shop import Desk

STORE = "https://my-shop.myshopify.com"
ID = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path / "home").set_up()
    (tmp_path / "secret.txt").write_text("shpss_marker_secret\n")
    return made


def app_of(desk: Desk) -> list[str]:
    """The settings of an application."""
    secret = f"client_secret=@{desk.home.parent / 'secret.txt'}"
    return ["--set", f"store={STORE}", "--set", f"client_id={ID}", "--set", secret]


def test_an_app_of_the_own_shop_needs_no_token(desk: Desk) -> None:
    answer = desk.ask("connect", "shopify", "web", "--url", "https://hub.example", *app_of(desk))
    assert "consent_at" not in answer
    (account,) = desk.ask("connections")["connections"]
    assert (account["state"], account["problems"], account["account"]) == ("ready", [], "")


def test_consent_prints_where_to_go_and_what_the_platform_must_know(desk: Desk) -> None:
    outcome = desk.type(
        "connect", "shopify", "web", "--consent", "--url", "https://hub.example", *app_of(desk)
    )
    assert outcome.exit_code == 0
    (address,) = [line for line in outcome.stdout.splitlines() if "/admin/oauth/authorize" in line]
    assert address.startswith(f"{STORE}/admin/oauth/authorize?client_id={ID}&scope=read_orders")
    assert address.endswith("&response_type=code"), "whole, however narrow the window is"
    assert "https://hub.example/connect/web" in outcome.stdout
    assert "marker" not in outcome.output
    (account,) = desk.ask("connections")["connections"]
    assert (account["state"], account["why"]) == ("waiting", "nobody has consented at the platform yet")
    assert "entrepot reconnect web --consent" in desk.type("check").stdout.replace("\n", " ")


def test_every_link_to_consent_is_another_one(desk: Desk) -> None:
    first = desk.ask("connect", "shopify", "web", "--consent", "--url", "https://hub.example", *app_of(desk))
    again = desk.ask("reconnect", "web", "--consent")
    assert first["consent_at"].partition("state=")[0] == again["consent_at"].partition("state=")[0]
    assert first["consent_at"] != again["consent_at"]


def test_what_is_missing_is_named_for_the_way_that_was_chosen(desk: Desk) -> None:
    store = ["--set", f"store={STORE}"]
    for more, missing in (
        ([], "Client secret of the app"),
        (["--set", "client_secret=s"], "Client ID of the app"),
        (["--set", "token=shpat_0123456789abcdef0123"], "Client secret of the app"),
    ):
        outcome = desk.type("connect", "shopify", "web", *store, *more)
        assert (outcome.exit_code, f"Shopify needs {missing}" in outcome.stderr) == (2, True)
    refused = desk.type("connect", "woocommerce", "web", "--consent")
    assert (refused.exit_code, "has no page of consent" in refused.stderr) == (2, True)


def test_a_token_in_the_environment_is_a_way_of_its_own(desk: Desk) -> None:
    outcome = desk.type(
        "connect", "shopify", "web", "--set", f"store={STORE}",
        ENTREPOT_SHOPIFY_TOKEN="shpat_0123456789abcdef0123", ENTREPOT_SHOPIFY_CLIENT_SECRET="s",
    )  # fmt: skip
    assert outcome.exit_code == 0, outcome.output


def test_new_credentials_are_kept_and_never_shown(desk: Desk) -> None:
    desk.ask("connect", "shopify", "web", *app_of(desk))
    file = desk.home.parent / "token.txt"
    file.write_text("shpat_marker_0123456789abcdef")
    outcome = desk.type("reconnect", "web", "--set", f"token=@{file}")
    assert (outcome.exit_code, outcome.stdout) == (0, "web: kept; the hub looks at the account again\n")
    assert "marker" not in desk.type("connections", "--json").output
    wrong = desk.type("reconnect", "nobody")
    assert (wrong.exit_code, "there is no connection 'nobody'" in wrong.stderr) == (2, True)
