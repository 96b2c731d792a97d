"""`entrepot people`, `tokens` and `login-link`: beside a running hub and without one."""

import re
from pathlib import Path

import httpx2
import pytest

from entrepot import access
from entrepot.access import Role, links
from entrepot.cli.people import demo_link, way_in
from entrepot.db import Store
from tests.cli.shop import Desk, serving


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "home")


def owner(store: Store) -> None:
    store.run(lambda tx: links.made(tx, "anna", name="Anna", role=Role.OWNER))


def test_somebody_is_invited_and_stands_in_the_list(desk: Desk) -> None:
    desk.ask("location", "add", "main")
    answer = desk.ask("people", "invite", "Ben", "store", "--location", "main", "--name", "Ben H.")
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/login/[0-9a-f]{64}", answer["link"])
    listed = desk.ask("people", "list")
    assert listed["users"] == []
    (one,) = listed["invited"]
    assert [one["login"], one["name"], one["role"]] == ["ben", "Ben H.", "store"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["people", "invite", "ben", "king"], "roles are owner, operations, store, finance"),
        (["people", "invite", "ben", "store"], "name the locations of somebody who works"),
        (["people", "invite", "ben", "store", "--location", "moon"], "there is no location 'moon'"),
        (["people", "end", "nobody"], "there is no user 'nobody' (at user)"),
        (["login-link", "nobody"], "there is no user 'nobody' (at user)"),
        (["tokens", "make", "till", "fly"], "'fly' is no permission"),
        (["tokens", "end", "t1"], "there is no token t1 that could be ended (at token)"),
        (["people", "forget"], "name a person or an order, one of the two (at person)"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_in_words(desk: Desk, words: list[str], said: str) -> None:
    outcome = desk.type(*words)
    assert outcome.exit_code == 2
    assert outcome.stderr.startswith(f"entrepot: {said}")


def test_the_roles_are_printed(desk: Desk) -> None:
    assert desk.ask("people", "roles")["roles"]["finance"] == [
        "catalog.read", "channels.read", "orders.read", "people.read", "status.read", "stock.read",
    ]  # fmt: skip
    lines = desk.type("people", "roles").stdout.splitlines()
    assert lines[0].split() == ["permission", "owner", "operations", "store", "finance", "auditor"]
    assert lines[5].split() == ["stock.write", "yes", "yes", "yes"]


def test_a_token_opens_a_running_hub_until_it_is_ended(desk: Desk) -> None:
    with serving(desk.home) as running:
        owner(running.store)
        made = desk.ask("tokens", "make", "dashboard", "status.read")
        hub = access.bears(running.store, made["token"])
        assert hub is not None
        assert hub.permissions == {access.Permission.STATUS_READ}
        (one,) = desk.ask("tokens", "list")["tokens"]
        assert [one["name"], one["maker"]] == ["dashboard", ""]
        desk.ask("tokens", "end", made["id"])
        assert access.bears(running.store, made["token"]) is None


def test_a_link_of_the_command_line_lets_a_user_in(desk: Desk) -> None:
    with serving(desk.home) as running:
        owner(running.store)
        address = desk.ask("login-link", "anna")["link"]
        assert address.startswith(f"{running_at(desk.home)}/login/")
        with httpx2.Client(trust_env=False) as browser:
            entered = browser.get(address)
            assert [entered.status_code, entered.headers["location"]] == [303, "/"]
            assert browser.get(running_at(desk.home) + "/account").status_code == 200
            assert browser.get(address).status_code == 401
        desk.ask("people", "role", "anna", "owner")
        refused = desk.type("people", "end", "anna")
        assert "anna is the last owner" in refused.stderr


def test_a_hub_that_starts_says_how_to_come_in(desk: Desk) -> None:
    with serving(desk.home) as running:
        said = way_in(running.store, "https://hub.example")
        assert re.fullmatch(
            r"Make yourself its owner, once, with https://hub\.example/login/[0-9a-f]{64}", said
        )
        owner(running.store)
        assert way_in(running.store, "https://hub.example").startswith(
            "Sign in at https://hub.example/sign-in"
        )


def test_the_link_of_a_demo_lets_one_in_as_its_owner(desk: Desk) -> None:
    with serving(desk.home) as running:
        link = demo_link(running.store)
        with httpx2.Client(trust_env=False, follow_redirects=True) as browser:
            assert browser.get(running_at(desk.home) + link).status_code == 200
            assert browser.get(running_at(desk.home) + "/people").status_code == 200


def running_at(home: Path) -> str:
    """Where the hub of this home answers, as its notice says; on a shared database it leaves none."""
    notice = home / "hub.json"
    if not notice.exists():
        pytest.skip("a hub on a shared database leaves no notice")
    found = re.search(r'"url":"([^"]+)"', notice.read_text())
    assert found is not None
    return found[1]
