"""The emulated shop's tokens: what each way of getting one gives, how long it works, what is refused."""

from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from entrepot.channels.kit.emulate import Request
from entrepot.channels.kit.json import decode
from entrepot.channels.shopify.emulator_grants import callback_hmac
from tests.channels.shopify.world import World

CLIENT = {
    "client_id": "0123456789abcdef0123456789abcdef",
    "client_secret": "shpss_emulated_0123456789abcdef",
}
SHOP = {"query": "{ shop { name } }"}
DAY_S = 24 * 3600


def consented(world: World) -> str:
    """The code of a merchant who consents."""
    path = f"/admin/oauth/authorize?client_id={CLIENT['client_id']}&redirect_uri=https://hub.example/back"
    return dict(parse_qsl(urlsplit(world.call("GET", path)[1]["location"]).query))["code"]


def granted(world: World, **asked: str) -> Any:
    """The JSON of a token call, `status` among it."""
    status, _, body = world.call("POST", "/admin/oauth/access_token", CLIENT | asked)
    return decode(body) | {"status": status}


def works(world: World, token: str) -> bool:
    return world.call("POST", "/admin/api/2026-07/graphql.json", SHOP, token=token)[0] == 200


def test_a_code_gives_a_token_without_end_unless_an_expiring_one_is_asked_for() -> None:
    world = World(scopes=("read_orders", "write_inventory"))
    told = granted(world, code=consented(world))
    assert told == {
        "status": 200,
        "access_token": "shpat_00000000000000000000000000000002",
        "scope": "read_orders,write_inventory",
    }
    world.wait(365 * DAY_S)
    assert works(world, told["access_token"])


def test_an_expiring_token_lives_an_hour_and_its_refresh_token_ninety_days() -> None:
    world = World(scopes=("read_orders",))
    told = granted(world, code=consented(world), expiring="1")
    assert told == {
        "status": 200,
        "access_token": "shpat_00000000000000000000000000000002",
        "scope": "read_orders",
        "expires_in": 3600,
        "refresh_token": "shprt_00000000000000000000000000000003",
        "refresh_token_expires_in": 7_776_000,
    }
    world.wait(3599)
    assert works(world, told["access_token"])
    world.wait(1)
    assert not works(world, told["access_token"])
    world.wait(90 * DAY_S - 3601)
    assert granted(world, grant_type="refresh_token", refresh_token=told["refresh_token"])["status"] == 200


def test_a_refresh_token_answers_again_until_its_replacement_is_used() -> None:
    world = World()
    first = granted(world, code=consented(world), expiring="1")["refresh_token"]
    pair, again = (granted(world, grant_type="refresh_token", refresh_token=first) for _ in range(2))
    assert again == pair
    assert pair["refresh_token"] != first
    assert granted(world, grant_type="refresh_token", refresh_token=pair["refresh_token"])["status"] == 200
    retired = granted(world, grant_type="refresh_token", refresh_token=first)
    assert retired == {
        "status": 401,
        "error": "invalid_request",
        "error_description": "This request requires an active refresh_token",
    }


@pytest.mark.parametrize(("used_first_day", "last_day"), [(0, 30), (80, 90)])
def test_a_used_refresh_token_ends_after_thirty_days_and_never_after_its_ninety(
    used_first_day: int, last_day: int
) -> None:
    world = World()
    first = granted(world, code=consented(world), expiring="1")["refresh_token"]
    world.wait(used_first_day * DAY_S)
    granted(world, grant_type="refresh_token", refresh_token=first)
    world.wait((last_day - used_first_day) * DAY_S - 1)
    assert granted(world, grant_type="refresh_token", refresh_token=first)["status"] == 200
    world.wait(1)
    assert granted(world, grant_type="refresh_token", refresh_token=first)["status"] == 401


def test_a_new_consent_retires_the_refresh_tokens_before_it() -> None:
    world = World()
    old = granted(world, code=consented(world), expiring="1")["refresh_token"]
    granted(world, code=consented(world), expiring="1")
    assert granted(world, grant_type="refresh_token", refresh_token=old)["status"] == 401


def test_the_apps_own_credentials_give_a_token_for_a_day() -> None:
    world = World()
    told = granted(world, grant_type="client_credentials")
    assert (told["expires_in"], "refresh_token" in told) == (86_399, False)
    world.wait(86_398)
    assert works(world, told["access_token"])
    world.wait(1)
    assert not works(world, told["access_token"])


def test_a_code_works_once() -> None:
    world = World()
    code = consented(world)
    assert [granted(world, code=code)["status"] for _ in range(2)] == [200, 400]
    assert granted(world, code=code)["error_description"] == (
        "The authorization code was not found or was already used"
    )


@pytest.mark.parametrize(
    ("changed", "error"),
    [({"client_id": "0" * 32}, "invalid_request"), ({"client_secret": "guessed"}, "invalid_client")],
)
def test_a_stranger_gets_no_token(changed: dict[str, str], error: str) -> None:
    world = World()
    told = granted(world, grant_type="client_credentials", **changed)
    assert (told["status"], told["error"]) == (400, error)


def test_an_app_of_the_app_store_may_not_call_with_a_token_that_never_ends() -> None:
    world = World(public=True)
    lasting = granted(world, code=consented(world))["access_token"]
    ending = granted(world, code=consented(world), expiring="1")["access_token"]
    status, _, body = world.call("POST", "/admin/api/2026-07/graphql.json", SHOP, token=lasting)
    assert (status, decode(body)["errors"][:26]) == (403, "[API] Non-expiring access ")
    assert works(world, ending)


def test_a_form_is_understood_as_well_as_json() -> None:
    world = World()
    asked = Request(
        method="POST",
        path="/admin/oauth/access_token",
        query=(),
        headers={"content-type": "application/x-www-form-urlencoded"},
        body=urlencode(CLIENT | {"code": consented(world)}).encode(),
        url="https://emulated.myshopify.com/admin/oauth/access_token",
    )
    assert world.shop.handle(asked, world.now).status == 200


def test_removing_the_app_ends_every_token_and_refresh_token() -> None:
    world = World()
    told = granted(world, code=consented(world), expiring="1")
    world.shop.uninstall(world.now)
    assert not works(world, told["access_token"])
    assert granted(world, grant_type="refresh_token", refresh_token=told["refresh_token"])["status"] == 401


def test_what_separates_the_pairs_of_a_callback_is_escaped_before_it_is_signed() -> None:
    plain = callback_hmac({"a": "1", "b": "2"}, "hush")
    assert callback_hmac({"a": "1&b=2"}, "hush") != plain
    assert callback_hmac({"b": "2", "a": "1"}, "hush") == plain
