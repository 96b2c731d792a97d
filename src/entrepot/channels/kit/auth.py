"""What a call carries to say who we are: static keys, bearer tokens, OAuth 1 signatures for plain http."""

import hmac
from base64 import b64encode
from collections.abc import Iterable, Mapping
from datetime import datetime
from urllib.parse import quote, urlsplit

import msgspec

from entrepot.contract import Auth
from entrepot.kernel import Refusal

Pairs = tuple[tuple[str, str], ...]

_PORTS = {"http": 80, "https": 443}


class Credentials(msgspec.Struct, frozen=True):
    """What is added to a call: headers and query parameters."""

    headers: Mapping[str, str] = {}
    query: Pairs = ()


def credentials(
    auth: Auth, settings: Mapping[str, str], *, method: str, url: str, query: Pairs, at: datetime, nonce: str,
    header: str = "",
) -> Credentials:  # fmt: skip
    """The credentials of one call to `url` (without its query); `header` is the one that Auth.HEADER fills.

    With BASIC the setting `credentials_in` says where they go: 'header' (the default), 'query' (if a host
    strips the header) or 'oauth1' (a signature if the address is plain http, the header over https).
    Refusal `setting_missing` or `setting_malformed` where the settings cannot serve.
    """
    if auth is Auth.NONE:
        return Credentials()
    if auth is Auth.HEADER:
        return Credentials({header.lower(): _setting(settings, "token")})
    if auth is Auth.BEARER:
        return Credentials({"authorization": f"Bearer {_setting(settings, 'token')}"})
    if auth is not Auth.BASIC:
        raise Refusal("auth_unsupported", f"this version does not speak {auth} yet")
    key, secret = _setting(settings, "key"), _setting(settings, "secret")
    place = settings.get("credentials_in") or "header"
    if place == "query":
        return Credentials(query=(("consumer_key", key), ("consumer_secret", secret)))
    if place == "oauth1" and url.lower().startswith("http://"):
        unsigned = (*query, *oauth_parameters(key, at=at, nonce=nonce))
        code = oauth_signature(base_string(method, url, unsigned), secret)
        return Credentials(query=(*unsigned[len(query) :], ("oauth_signature", code)))
    return Credentials({"authorization": "Basic " + b64encode(f"{key}:{secret}".encode()).decode()})


def oauth_parameters(key: str, *, at: datetime, nonce: str) -> Pairs:
    """The protocol parameters of a one-legged OAuth 1 call (RFC 5849, section 3.1), signed by HMAC-SHA256."""
    return (
        ("oauth_consumer_key", key),
        ("oauth_nonce", nonce),
        ("oauth_signature_method", "HMAC-SHA256"),
        ("oauth_timestamp", str(int(at.timestamp()))),
        ("oauth_version", "1.0"),
    )


def base_string(method: str, url: str, parameters: Iterable[tuple[str, str]]) -> str:
    """What an OAuth 1 signature is over (RFC 5849, section 3.4.1): method, address without query, parameters.

    `parameters` are all of them, decoded: the query's and the protocol's, without `oauth_signature`.
    """
    pairs = sorted((_escaped(name), _escaped(value)) for name, value in parameters)
    parts = (method.upper(), _base_address(url), "&".join(f"{name}={value}" for name, value in pairs))
    return "&".join(_escaped(part) for part in parts)


def oauth_signature(base: str, secret: str, token_secret: str = "", *, algorithm: str = "sha256") -> str:
    """base64 HMAC of a base string (RFC 5849, section 3.4.2); one-legged calls have no token secret."""
    key = f"{_escaped(secret)}&{_escaped(token_secret)}"
    return b64encode(hmac.digest(key.encode(), base.encode(), algorithm)).decode()


def _base_address(url: str) -> str:
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    port = "" if parts.port in (None, _PORTS.get(parts.scheme)) else f":{parts.port}"
    return f"{parts.scheme.lower()}://{host}{port}{parts.path or '/'}"


def _escaped(text: str) -> str:
    return quote(text, safe="~")


def _setting(settings: Mapping[str, str], name: str) -> str:
    value = settings.get(name, "")
    if not value:
        raise Refusal(
            "setting_missing", f"the connection has no {name}", remedy="Connect it again", field=name
        )
    if not (value.isascii() and value.isprintable() and value == value.strip()):
        raise Refusal("setting_malformed", f"the {name} holds a blank or a sign that no key has", field=name)
    return value
