"""Who may call the emulated Square: the personal access token, and tokens that a merchant granted.

Sources: OAuth API of the OpenAPI description of 2026-09-16 and its guides, read 2026-11: the code flow; a
token lives 30 days, a short-lived one a day; the refresh token is used as often as one likes. A code that was
used is refused in the words that applications met. The PKCE flow is not here.
"""

from datetime import datetime, timedelta
from urllib.parse import urlencode

import msgspec

from entrepot.channels.kit.emulate import Request, reply
from entrepot.channels.square.emulator_hooks import HOOKS, Hooks
from entrepot.channels.square.emulator_wire import Json, Wrong, body_of, stamp
from entrepot.contract import Response

LIVES, SHORT = timedelta(days=30), timedelta(hours=24)


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """The application, and the personal access token of the developer who owns it."""

    id: str
    secret: str
    token: str


class Granted(msgspec.Struct, frozen=True, kw_only=True):
    """What one access token is for."""

    scopes: tuple[str, ...]
    ends_at: datetime
    revoked: bool = False


class Grants:
    """Codes, refresh tokens and access tokens of one application in one account."""

    def __init__(self, merchant: str, client: Client, hooks: Hooks) -> None:
        self._merchant, self._client, self._hooks = merchant, client, hooks
        self._codes: dict[str, tuple[str, ...]] = {}
        self._claimed: set[str] = set()
        self._refreshes: dict[str, tuple[str, ...]] = {}
        self._tokens: dict[str, Granted] = {}
        self._drawn = 0

    def admit(self, request: Request, now: datetime) -> None:
        """Raises 401 for a token that does not work here; 403 where only the developer's own one does."""
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if given == self._client.token:
            return
        self._granted(given, now)
        if request.path.startswith(HOOKS):
            raise Wrong("FORBIDDEN", "Use the application's personal access token.", status=403)

    def _granted(self, token: str, now: datetime) -> Granted:
        known = self._tokens.get(token)
        if known is None:
            raise Wrong("UNAUTHORIZED", "This request could not be authorized.", status=401)
        if known.revoked:
            raise Wrong("ACCESS_TOKEN_REVOKED", "The provided access token was revoked.", status=401)
        if known.ends_at <= now:
            raise Wrong("ACCESS_TOKEN_EXPIRED", "The provided access token has expired.", status=401)
        return known

    def answer(self, request: Request, now: datetime) -> Response:
        """The answer to a call below /oauth2."""
        if (request.method, request.path) == ("GET", "/oauth2/authorize"):
            return self._authorize(dict(request.query))
        doors = {
            "/oauth2/token": self._obtained,
            "/oauth2/revoke": self._revoked,
            "/oauth2/token/status": self._status,
        }
        if request.method != "POST" or request.path not in doors:
            raise Wrong("NOT_FOUND", "Resource not found.", status=404)
        return reply(200, doors[request.path](request, now))

    def _authorize(self, asked: dict[str, str]) -> Response:
        """The merchant consents at once and is sent back with a code; `state` comes back as it was."""
        if asked.get("client_id") != self._client.id or not asked.get("redirect_uri"):
            raise Wrong("BAD_REQUEST", "Unknown client_id, or no redirect_uri.")
        code = self._draw("sq0cgb")
        self._codes[code] = tuple(asked.get("scope", "MERCHANT_PROFILE_READ PAYMENTS_READ").split())
        back = {"code": code, "response_type": "code"} | (
            {"state": asked["state"]} if "state" in asked else {}
        )
        return Response(status=302, headers={"location": f"{asked['redirect_uri']}?{urlencode(back)}"})

    def _obtained(self, request: Request, now: datetime) -> Json:
        """ObtainToken: by code, or by refresh token, which comes back as it was."""
        asked = body_of(request.body)
        if asked.get("code_verifier") and not asked.get("client_secret"):
            raise Wrong("NOT_IMPLEMENTED", "the emulator knows the code flow only", status=501)
        if (asked.get("client_id"), asked.get("client_secret")) != (self._client.id, self._client.secret):
            raise Wrong("UNAUTHORIZED", "Not authorized: client_id or client_secret.", status=401)
        match asked.get("grant_type"):
            case "authorization_code":
                scopes = self._claim(str(asked.get("code")))
                refresh = self._draw("EQAAE")
                self._refreshes[refresh] = scopes
            case "refresh_token":
                refresh = str(asked.get("refresh_token"))
                if refresh not in self._refreshes:
                    raise Wrong("UNAUTHORIZED", "Invalid refresh token.", status=401)
                scopes = self._refreshes[refresh]
            case _:
                raise Wrong("INVALID_VALUE", "no such grant_type", field="grant_type")
        return self._issued(asked, refresh, scopes, now)

    def _claim(self, code: str) -> tuple[str, ...]:
        if code in self._claimed:
            raise Wrong("UNAUTHORIZED", "Authorization code is already claimed.", status=401)
        if code not in self._codes:
            raise Wrong("UNAUTHORIZED", "Authorization code not found.", status=401)
        self._claimed.add(code)
        return self._codes[code]

    def _issued(self, asked: Json, refresh: str, scopes: tuple[str, ...], now: datetime) -> Json:
        short, wanted = bool(asked.get("short_lived")), asked.get("scopes")
        token, ends_at = self._draw("EAAAE"), now + (SHORT if short else LIVES)
        allowed = tuple(one for one in scopes if wanted is None or one in wanted)
        self._tokens[token] = Granted(scopes=allowed, ends_at=ends_at)
        return {
            "access_token": token,
            "token_type": "bearer",
            "expires_at": stamp(ends_at),
            "merchant_id": self._merchant,
            "refresh_token": refresh,
            "short_lived": short,
        }

    def _revoked(self, request: Request, now: datetime) -> Json:
        """RevokeToken: every token of the merchant, or only the one, if that is asked."""
        if request.headers.get("authorization") != f"Client {self._client.secret}":
            raise Wrong("UNAUTHORIZED", "This request could not be authorized.", status=401)
        asked = body_of(request.body)
        named = asked.get("access_token")
        if named not in self._tokens and asked.get("merchant_id") != self._merchant:
            raise Wrong("NOT_FOUND", "No such token or merchant.", status=404)
        only = bool(asked.get("revoke_only_access_token"))
        for token, known in self._tokens.items():
            if not only or token == named:
                self._tokens[token] = msgspec.structs.replace(known, revoked=True)
        if not only:
            self._refreshes = {}
            body = {"revocation": {"revoked_at": stamp(now), "revoker_type": "APPLICATION"}}
            id = self._draw("revocation")
            self._hooks.tell("oauth.authorization.revoked", id, body, now, word="revocation")
        return {"success": True}

    def _status(self, request: Request, now: datetime) -> Json:
        """RetrieveTokenStatus; the personal token has no end."""
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        told = {"client_id": self._client.id, "merchant_id": self._merchant}
        if given == self._client.token:
            return told
        try:
            known = self._granted(given, now)
        except Wrong as error:
            raise Wrong("UNAUTHORIZED", error.detail, status=401) from None
        return told | {"scopes": list(known.scopes), "expires_at": stamp(known.ends_at)}

    def _draw(self, kind: str) -> str:
        self._drawn += 1
        return f"{kind}-{self._drawn:024d}"
