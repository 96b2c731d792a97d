"""Credentials of a call; OAuth 1 against published vectors."""

from datetime import UTC, datetime

import pytest

from entrepot.channels.kit.auth import base_string, credentials, oauth_signature
from entrepot.contract import Auth
from entrepot.kernel import Refusal

AT = datetime(2026, 1, 1, tzinfo=UTC)
PAIR = {"key": "ck_1", "secret": "cs_2"}


def query_of(settings: dict[str, str], url: str) -> tuple[tuple[str, str], ...]:
    asked = (("per_page", "10"), ("search", "a b"))
    return credentials(Auth.BASIC, settings, method="GET", url=url, query=asked, at=AT, nonce="n1").query


def headers_of(auth: Auth, settings: dict[str, str], url: str = "https://shop.example/x") -> dict[str, str]:
    return dict(credentials(auth, settings, method="GET", url=url, query=(), at=AT, nonce="n1").headers)


def test_a_token_goes_into_the_header_that_the_platform_names() -> None:
    token = {"token": "shpat_1"}
    given = credentials(
        Auth.HEADER, token, method="GET", url="https://x", query=(), at=AT, nonce="n1", header="X-Token"
    )
    assert given.headers == {"x-token": "shpat_1"}


def test_without_a_token_nothing_is_sent_and_a_token_address_needs_none() -> None:
    with pytest.raises(Refusal):
        headers_of(Auth.HEADER, {})
    assert headers_of(Auth.NONE, {"token": "t"}) == {}


def test_the_base_string_is_the_one_of_rfc_5849() -> None:
    # RFC 5849, section 3.4.1.1, with the parameters of section 3.4.1.3.1.
    parameters = [
        ("b5", "=%3D"), ("a3", "a"), ("c@", ""), ("a2", "r b"), ("c2", ""), ("a3", "2 q"),
        ("oauth_consumer_key", "9djdj82h48djs9d2"), ("oauth_token", "kkk9d7dh3k39sjv7"),
        ("oauth_nonce", "7d8f3e4a"), ("oauth_timestamp", "137131201"),
        ("oauth_signature_method", "HMAC-SHA1"),
    ]  # fmt: skip
    assert base_string("post", "http://EXAMPLE.COM:80/request", parameters) == (
        "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D%25253D%26c%2540"
        "%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3e4a%26oauth_signature_method"
        "%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkkk9d7dh3k39sjv7"
    )


def test_a_port_of_its_own_is_part_of_the_base_string() -> None:
    assert (
        base_string("GET", "http://127.0.0.1:8081/wp-json", [])
        == "GET&http%3A%2F%2F127.0.0.1%3A8081%2Fwp-json&"
    )


def test_the_signature_is_the_one_of_twitters_guide() -> None:
    # Twitter developer guide, "Creating a signature" (HMAC-SHA1, with a token secret).
    parameters = [
        ("status", "Hello Ladies + Gentlemen, a signed OAuth request!"), ("include_entities", "true"),
        ("oauth_consumer_key", "xvz1evFS4wEEPTGEFPHBog"),
        ("oauth_nonce", "kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg"),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", "1318622958"),
        ("oauth_token", "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb"), ("oauth_version", "1.0"),
    ]  # fmt: skip
    base = base_string("POST", "https://api.twitter.com/1.1/statuses/update.json", parameters)
    secrets = "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw", "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE"
    assert oauth_signature(base, *secrets, algorithm="sha1") == "hCtSmYh+iHYCEqBWrE7C7hYmtUk="


def test_plain_http_is_signed_where_the_settings_say_so() -> None:
    assert query_of({**PAIR, "credentials_in": "oauth1"}, "http://shop.example/wp-json/wc/v3/orders") == (
        ("oauth_consumer_key", "ck_1"),
        ("oauth_nonce", "n1"),
        ("oauth_signature_method", "HMAC-SHA256"),
        ("oauth_timestamp", "1767225600"),
        ("oauth_version", "1.0"),
        ("oauth_signature", "tamkGI4AU0A9nr8SYtx2EsJJ/icVqLEF5meRT7cSkhc="),
    )


def test_over_https_nothing_has_to_be_signed() -> None:
    settings = {**PAIR, "credentials_in": "oauth1"}
    assert headers_of(Auth.BASIC, settings) == {"authorization": "Basic Y2tfMTpjc18y"}


def test_a_key_pair_goes_into_the_header_or_the_query() -> None:
    assert headers_of(Auth.BASIC, PAIR) == {"authorization": "Basic Y2tfMTpjc18y"}
    in_query = {**PAIR, "credentials_in": "query"}
    assert query_of(in_query, "https://shop.example/x") == (
        ("consumer_key", "ck_1"),
        ("consumer_secret", "cs_2"),
    )
    assert headers_of(Auth.BASIC, in_query) == {}


def test_a_token_is_borne() -> None:
    assert headers_of(Auth.BEARER, {"token": "t1"}) == {"authorization": "Bearer t1"}


@pytest.mark.parametrize(
    ("auth", "settings", "code"),
    [
        (Auth.BEARER, {}, "setting_missing"),
        (Auth.BEARER, {"token": ""}, "setting_missing"),
        (Auth.BEARER, {"token": "t1\n"}, "setting_malformed"),
        (Auth.BEARER, {"token": "t\r\nx-evil: 1"}, "setting_malformed"),
        (Auth.BEARER, {"token": "tökén"}, "setting_malformed"),
        (Auth.BASIC, {"key": "ck_1"}, "setting_missing"),
        (Auth.OAUTH2, {}, "auth_unsupported"),
    ],
)
def test_settings_that_cannot_serve_are_refused_without_being_quoted(
    auth: Auth, settings: dict[str, str], code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        headers_of(auth, settings)
    assert refused.value.code == code
    assert not settings.get("token") or settings["token"] not in str(refused.value)
