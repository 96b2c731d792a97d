"""How the emulated shop knows its callers: Basic or query keys over TLS, OAuth 1.0a one-legged without.

Source: class-wc-rest-authentication.php of woocommerce/woocommerce at 170a8939, read 2026-11.
"""

import hmac
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from datetime import datetime
from urllib.parse import quote

import msgspec

from entrepot.channels.kit.emulate import Request, reply
from entrepot.contract import Response

WINDOW_S = 15 * 60
_PARAMETERS = ("consumer_key", "timestamp", "nonce", "signature", "signature_method")
_METHODS = {"HMAC-SHA256": "sha256", "HMAC-SHA1": "sha1"}


class Refused(Exception):
    """Carries the sentence of a 401 `woocommerce_rest_authentication_error`."""


class Keys(msgspec.Struct, frozen=True, kw_only=True):
    """One API key. `permissions` are 'read', 'write' or 'read_write'."""

    key: str
    secret: str
    permissions: str
    tls: bool


def failure(code: str, message: str, status: int, **more: object) -> Response:
    """WordPress's error object."""
    return reply(status, {"code": code, "message": message, "data": {"status": status, **more}})


def turned_away(request: Request, keys: Keys, nonces: dict[str, int], now: datetime) -> Response | None:
    """The 401 for a caller who may not, None for one who may. `nonces` remembers the last 15 minutes."""
    try:
        known = (keys.tls and _basic(request, keys)) or _oauth(request, keys, nonces, now)
    except Refused as error:
        return failure("woocommerce_rest_authentication_error", str(error), 401)
    if not known:
        return failure("woocommerce_rest_cannot_view", "Sorry, you cannot list resources.", 401)
    needed = "read" if request.method in {"GET", "HEAD"} else "write"
    if needed not in keys.permissions:
        sentence = f"The API key provided does not have {needed} permissions."
        return failure("woocommerce_rest_authentication_error", sentence, 401)
    return None


def _basic(request: Request, keys: Keys) -> bool:
    query = dict(request.query)
    key, secret = query.get("consumer_key", ""), query.get("consumer_secret", "")
    if not (key and secret):
        key, secret = _header(request.headers.get("authorization", ""))
    if key != keys.key or not secret:
        return False
    if secret != keys.secret:
        raise Refused("Consumer secret is invalid.")
    return True


def _header(value: str) -> tuple[str, str]:
    scheme, _, code = value.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        key, _, secret = b64decode(code, validate=True).decode().partition(":")
    except (NotBase64, UnicodeDecodeError):
        return "", ""
    return key, secret


def _oauth(request: Request, keys: Keys, nonces: dict[str, int], now: datetime) -> bool:
    query = dict(request.query)
    given = {name: query.get(f"oauth_{name}", "") for name in _PARAMETERS}
    missing = [f"oauth_{name}" for name, value in given.items() if not value]
    if len(missing) == len(_PARAMETERS):
        return False
    if missing:
        raise Refused(f"Missing OAuth parameters {', '.join(missing)}")
    if given["consumer_key"] != keys.key:
        raise Refused("Consumer key is invalid.")
    if given["signature_method"] not in _METHODS:
        raise Refused("Invalid signature - signature method is invalid.")
    if not hmac.compare_digest(
        _signature(request, keys, _METHODS[given["signature_method"]]), given["signature"]
    ):
        raise Refused("Invalid signature - provided signature does not match.")
    _once(given["timestamp"], given["nonce"], nonces, now)
    return True


def _signature(request: Request, keys: Keys, algorithm: str) -> str:
    unique = dict(request.query)  # as PHP reads a query: of two with one name, the last one counts
    pairs = sorted(
        (_escaped(name), _escaped(value)) for name, value in unique.items() if name != "oauth_signature"
    )
    query = "&".join(f"{name}={value}" for name, value in pairs)
    base = "&".join(_escaped(part) for part in (request.method, request.url.partition("?")[0], query))
    return b64encode(hmac.digest(f"{keys.secret}&".encode(), base.encode(), algorithm)).decode()


def _once(timestamp: str, nonce: str, nonces: dict[str, int], now: datetime) -> None:
    second = int(now.timestamp())
    if not timestamp.isdecimal() or abs(int(timestamp) - second) > WINDOW_S:
        raise Refused("Invalid timestamp.")
    if second - nonces.get(nonce, -WINDOW_S) < WINDOW_S:
        raise Refused("Invalid nonce - nonce has already been used.")
    nonces[nonce] = int(timestamp)


def _escaped(text: str) -> str:
    return quote(text, safe="~")
