"""Who may call the emulated shop: an app's tokens, by consent, by renewal, by the app's own credentials.

Sources: guides on offline access tokens and on the client credentials grant, changelogs of 2025-12-10 and
2026-08-28 (a refresh token answers again until its replacement is used, 30 days at most), read 2026-11. The
sentences of refused calls are as applications met them in 2026. Whether an access token outlives its own
renewal is not documented: here it lives until its hour is over.
"""

import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from urllib.parse import parse_qsl, urlencode

import msgspec

from entrepot.channels.kit.emulate import Request, reply
from entrepot.channels.kit.json import decode, encode
from entrepot.channels.shopify.emulator_wire import Json
from entrepot.contract import Response
from entrepot.kernel import ChannelError

HOUR = timedelta(hours=1)
DAY = timedelta(seconds=86_399)
"""Of a token by client credentials."""

REFRESH_LIVES = timedelta(days=90)
REPEATED = timedelta(days=30)
"""How long a refresh token answers again after its first use."""

STRANGER = "[API] Invalid API key or access token (unrecognized login or wrong password)"
OUTDATED = "[API] Non-expiring access tokens are no longer accepted for the Admin API."


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """The app. `public`: of the app store and made since 2026-04, so that its tokens must end."""

    id: str
    secret: str
    scopes: tuple[str, ...]
    public: bool = False


class Renewal(msgspec.Struct, kw_only=True):
    """What a refresh token is good for. `token` and `refresh`: what its first use gave, empty before that."""

    ends_at: datetime
    before: str = ""
    token: str = ""
    refresh: str = ""


class Grants:
    """Tokens, codes and refresh tokens of one app in one shop."""

    def __init__(self, shop: str, client: Client, *, token: str) -> None:
        self._shop, self._client = shop, client
        self._tokens: dict[str, datetime | None] = {token: None}
        self._codes: set[str] = set()
        self._renewals: dict[str, Renewal] = {}
        self._drawn = 0

    def turned_away(self, request: Request, now: datetime) -> Response | None:
        """The answer to a caller without a token that works here; None for one who has it."""
        ends_at = self._tokens.get(request.headers.get("x-shopify-access-token", ""), now)
        if ends_at is not None and ends_at <= now:
            return reply(401, {"errors": STRANGER})
        if ends_at is None and self._client.public:
            return reply(403, {"errors": OUTDATED})
        return None

    def authorize(self, asked: Mapping[str, str], now: datetime) -> Response:
        """The merchant consents at once and is sent back with a code, signed by the app's secret."""
        if asked.get("client_id") != self._client.id or not asked.get("redirect_uri"):
            return _refused(400, "invalid_request", "Could not find the application, or no redirect_uri")
        code = self._draw("code")
        self._codes.add(code)
        back = {
            "code": code,
            "host": "YWRtaW4uc2hvcGlmeS5jb20",
            "shop": self._shop,
            "timestamp": str(int(now.timestamp())),
        }
        back |= {"state": asked["state"]} if asked.get("state") else {}
        back["hmac"] = callback_hmac(back, self._client.secret)
        return Response(status=302, headers={"location": f"{asked['redirect_uri']}?{urlencode(back)}"})

    def grant(self, request: Request, now: datetime) -> Response:
        """A token for a code, for a refresh token, or for the app's own credentials."""
        asked = asked_of(request)
        if not isinstance(asked, dict) or asked.get("client_id") != self._client.id:
            return _refused(400, "invalid_request", "Could not find Shopify API application with api_key")
        if asked.get("client_secret") != self._client.secret:
            return _refused(400, "invalid_client", "Client authentication failed")
        match asked.get("grant_type"):
            case "refresh_token":
                return self._refreshed(str(asked.get("refresh_token")), now)
            case "client_credentials":
                return reply(200, self._token(self._draw("shpat"), now + DAY, now))
            case _:
                return self._exchanged(str(asked.get("code")), str(asked.get("expiring")) == "1", now)

    def _exchanged(self, code: str, expiring: bool, now: datetime) -> Response:
        """A code works once. A new pair of tokens retires the refresh tokens of earlier ones."""
        if code not in self._codes:
            told = "The authorization code was not found or was already used"
            return _refused(400, "invalid_request", told)
        self._codes.discard(code)
        if not expiring:
            return reply(200, self._token(self._draw("shpat"), None, now))
        self._renewals.clear()
        return reply(200, self._pair(self._draw("shpat"), self._new_refresh("", now), now))

    def _refreshed(self, given: str, now: datetime) -> Response:
        """A new pair, or the same again if the first answer was lost. Its use retires the token before it."""
        renewal = self._renewals.get(given)
        if renewal is None or renewal.ends_at <= now:
            return _refused(401, "invalid_request", "This request requires an active refresh_token")
        if not renewal.refresh:
            self._renewals.pop(renewal.before, None)
            renewal.token, renewal.refresh = self._draw("shpat"), self._new_refresh(given, now)
            renewal.ends_at = min(renewal.ends_at, now + REPEATED)
        return reply(200, self._pair(renewal.token, renewal.refresh, now))

    def _new_refresh(self, before: str, now: datetime) -> str:
        made = self._draw("shprt")
        self._renewals[made] = Renewal(ends_at=now + REFRESH_LIVES, before=before)
        return made

    def _pair(self, token: str, refresh: str, now: datetime) -> Json:
        left = self._renewals[refresh].ends_at - now
        more = {"refresh_token": refresh, "refresh_token_expires_in": int(left.total_seconds())}
        return self._token(token, now + HOUR, now) | more

    def _token(self, token: str, ends_at: datetime | None, now: datetime) -> Json:
        self._tokens[token] = ends_at
        told: Json = {"access_token": token, "scope": ",".join(self._client.scopes)}
        return told | ({"expires_in": int((ends_at - now).total_seconds())} if ends_at else {})

    def revoke(self) -> None:
        """Every token ends: the merchant removed the app."""
        self._tokens, self._renewals = {}, {}

    def _draw(self, kind: str) -> str:
        self._drawn += 1
        return f"{kind}_{self._drawn:032x}"


def callback_hmac(back: Mapping[str, str], secret: str) -> str:
    """The hex HMAC of a callback: names in order, what separates them escaped."""
    pairs = (
        (name.replace("%", "%25").replace("=", "%3D"), value.replace("%", "%25"))
        for name, value in back.items()
    )
    message = "&".join(sorted(f"{name}={value}".replace("&", "%26") for name, value in pairs))
    return hmac.new(secret.encode(), message.encode(), sha256).hexdigest()


def asked_of(request: Request) -> object:
    """The body of a call, a form or JSON; None for what is neither."""
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(request.body.decode()))
    try:
        return decode(request.body or encode({}))
    except ChannelError:
        return None


def _refused(status: int, error: str, told: str) -> Response:
    return reply(status, {"error": error, "error_description": told})
