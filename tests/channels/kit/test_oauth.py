"""Connecting by consent: the address, the exchange, the renewal, and what is never said."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import msgspec
import pytest

from entrepot.channels.kit import oauth
from entrepot.channels.kit.json import decode, encode
from entrepot.contract import About, OAuth
from entrepot.kernel import Cause, ChannelError, Refusal
from tests.channels.kit.world import about, api_on

START = datetime(2026, 1, 1, tzinfo=UTC)
SETTINGS = {"client_id": "c-1", "client_secret": "hush-hush", "refresh_token": "r-old"}


def platform(**changed: Any) -> About:
    flow = OAuth(authorize_path="/authorize", token_path="/token", scopes=("read", "write"), **changed)
    return msgspec.structs.replace(about(), oauth=flow)


def api(answer: Any, asked: list[Any] | None = None, status: int = 200) -> Any:
    def handle(request: httpx2.Request) -> httpx2.Response:
        if asked is not None:
            asked.append((str(request.url), "authorization" in request.headers, decode(request.content)))
        return httpx2.Response(status, content=encode(answer))

    return api_on(handle, about=oauth.token_door(platform()), settings=SETTINGS)


def test_a_person_is_sent_to_consent_with_what_we_want_and_our_state() -> None:
    url = oauth.authorize_url(
        platform(separator=","), SETTINGS, redirect_uri="https://hub/back?x=1", state="s&t"
    )
    assert url == (
        "https://shop.example/api/authorize?client_id=c-1&scope=read%2Cwrite"
        "&redirect_uri=https%3A%2F%2Fhub%2Fback%3Fx%3D1&state=s%26t&response_type=code"
    )


def test_a_code_becomes_a_token_without_other_credentials() -> None:
    asked: list[Any] = []
    told = {"access_token": "t-1", "refresh_token": "r-1", "expires_in": 3600, "scope": "read write"}
    granted = oauth.exchange(
        api(told, asked), platform(extra={"expiring": "1"}), code="k", redirect_uri="https://b"
    )
    assert asked == [
        (
            "https://shop.example/api/token",
            False,
            {
                "client_id": "c-1", "client_secret": "hush-hush", "grant_type": "authorization_code",
                "code": "k", "redirect_uri": "https://b", "expiring": "1",
            },
        )
    ]  # fmt: skip
    assert granted == oauth.Grant(
        token="t-1", refresh_token="r-1", until=START + timedelta(hours=1), scopes=("read", "write")
    )
    assert granted.settings() == {
        "token": "t-1",
        "refresh_token": "r-1",
        "token_until": "2026-01-01T01:00:00+00:00",
    }


def test_a_token_without_end_and_a_refresh_token_that_stays() -> None:
    assert oauth.refresh(api({"access_token": "t-2"}), platform()).settings() == {
        "token": "t-2",
        "token_until": "",
    }


@pytest.mark.parametrize(
    ("status", "cause"),
    [(400, Cause.DENIED), (401, Cause.DENIED), (429, Cause.BUSY), (500, Cause.DOWN)],
)
def test_a_refusal_means_consent_again_and_anything_else_patience(status: int, cause: Cause) -> None:
    told = {"error": "invalid_grant", "error_description": "the refresh token r-old is unknown"}
    with pytest.raises(ChannelError) as failed:
        oauth.refresh(api(told, status=status), platform())
    assert failed.value.cause is cause
    assert not any(word in str(failed.value) for word in ("r-old", "hush-hush"))


@pytest.mark.parametrize("told", [{}, [], {"access_token": ""}, {"access_token": None}])
def test_an_answer_without_a_token_is_nonsense(told: Any) -> None:
    with pytest.raises(ChannelError) as failed:
        oauth.exchange(api(told), platform(), code="k")
    assert failed.value.cause is Cause.NONSENSE


def test_without_a_refresh_token_a_person_must_consent_again() -> None:
    bare = api_on(None, about=oauth.token_door(platform()), settings={"client_id": "c"})
    with pytest.raises(ChannelError) as failed:
        oauth.refresh(bare, platform())
    assert failed.value.cause is Cause.DENIED


@pytest.mark.parametrize(
    ("until", "due"),
    [("", False), ("2026-01-01T00:05:00+00:00", True), ("2026-01-01T00:05:01+00:00", False)],
)
def test_a_token_is_renewed_five_minutes_before_it_ends(until: str, due: bool) -> None:
    assert oauth.due({"token_until": until}, START) is due


def test_a_platform_without_consent_says_so() -> None:
    with pytest.raises(Refusal) as refused:
        oauth.authorize_url(about(), SETTINGS, redirect_uri="https://b", state="s")
    assert refused.value.code == "oauth_unsupported"


def test_the_end_of_a_token_may_be_told_as_a_moment() -> None:
    told = {"access_token": "t", "expires_at": "2026-01-31T00:00:00Z", "refresh_token": "r"}
    assert oauth.exchange(api(told), platform(), code="k").until == datetime(2026, 1, 31, tzinfo=UTC)


def test_a_renewal_asks_for_nothing_but_the_refresh_token() -> None:
    asked: list[Any] = []
    oauth.renew(api({"access_token": "t"}, asked), platform(extra={"expiring": "1"}, client_credentials=True))
    assert asked[0][2] == {
        "client_id": "c-1",
        "client_secret": "hush-hush",
        "grant_type": "refresh_token",
        "refresh_token": "r-old",
    }


def test_without_a_refresh_token_the_application_asks_for_itself_where_the_platform_grants_that() -> None:
    asked: list[Any] = []

    def handle(request: httpx2.Request) -> httpx2.Response:
        asked.append(decode(request.content))
        return httpx2.Response(200, content=encode({"access_token": "t", "expires_in": 86_399}))

    own = {"client_id": "c-1", "client_secret": "hush-hush"}
    door = api_on(handle, about=oauth.token_door(platform()), settings=own)
    granted = oauth.renew(door, platform(client_credentials=True))
    assert asked == [own | {"grant_type": "client_credentials"}]
    assert granted.until == START + timedelta(seconds=86_399)
    with pytest.raises(ChannelError) as failed:
        oauth.renew(door, platform())
    assert failed.value.cause is Cause.DENIED


@pytest.mark.parametrize(
    ("settings", "by_app", "renewable"),
    [
        ({"refresh_token": "r"}, False, True),
        ({"client_id": "c", "client_secret": "s"}, True, True),
        ({"client_id": "c", "client_secret": "s"}, False, False),
        ({"client_secret": "s", "token": "typed"}, True, False),
        ({}, True, False),
    ],
)
def test_what_can_be_renewed_without_a_person(
    settings: dict[str, str], by_app: bool, renewable: bool
) -> None:
    assert oauth.renewable(platform(client_credentials=by_app), settings) is renewable
    assert not oauth.renewable(about(), settings)
