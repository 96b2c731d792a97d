"""The doors of the emulated Shopify: GraphQL by version, OAuth, and the files of bulk operations."""

import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlencode

from entrepot.channels.kit.emulate import Request, reply
from entrepot.channels.kit.json import decode, encode
from entrepot.channels.shopify.emulator_cost import Points
from entrepot.channels.shopify.emulator_graph import answer
from entrepot.channels.shopify.emulator_state import State
from entrepot.channels.shopify.emulator_wire import Json
from entrepot.contract import Response
from entrepot.kernel import ChannelError

SERVED = ("2025-10", "2026-01", "2026-04", "2026-07")
"""Versions that are kept; an older one is answered by the first of them."""

LIVES = timedelta(hours=1)
STRANGER = "[API] Invalid API key or access token (unrecognized login or wrong password)"


class Doors:
    """Who may call, and what answers. `client` is (id, secret) of the app."""

    def __init__(self, state: State, *, client: tuple[str, str], token: str, points: Points) -> None:
        self._state, self._client, self.points = state, client, points
        self.served: tuple[str, ...] = SERVED
        self._tokens: dict[str, datetime | None] = {token: None}
        self._codes: dict[str, str] = {}
        self._refreshes: set[str] = set()
        self._drawn = 0

    def handle(self, request: Request, now: datetime) -> Response:
        """The answer to one call."""
        parts = request.path.strip("/").split("/")
        if parts[:2] == ["admin", "api"] and parts[3:] == ["graphql.json"] and request.method == "POST":
            return self._graphql(request, parts[2], now)
        if parts == ["admin", "oauth", "authorize"] and request.method == "GET":
            return self._authorize(dict(request.query), now)
        if parts == ["admin", "oauth", "access_token"] and request.method == "POST":
            return self._token(request, now)
        if parts[0] == "bulk" and request.method == "GET":
            return self._file(parts[-1].removesuffix(".jsonl"), now)
        return reply(404, {"errors": "Not Found"})

    def _graphql(self, request: Request, version: str, now: datetime) -> Response:
        ends_at = self._tokens.get(request.headers.get("x-shopify-access-token", ""), now)
        if ends_at is not None and ends_at <= now:
            return reply(401, {"errors": STRANGER})
        body = _body(request)
        if not isinstance(body, dict):
            return reply(400, {"errors": "Required parameter missing or invalid"})
        self._state.bulks.address = request.url.split("/admin/", maxsplit=1)[0]
        told = answer(self._state, body, self.points, now)
        self.points = told.points
        return reply(200, told.body, self._version(version))

    def _version(self, asked: str) -> dict[str, str]:
        """Which version answers: the one that was asked, or the oldest that is kept."""
        if asked in self.served:
            return {"x-shopify-api-version": asked}
        warning = f"https://shopify.dev/concepts/about-apis/versioning: {asked} is no longer supported"
        return {"x-shopify-api-version": self.served[0], "x-shopify-api-version-warning": warning}

    def _authorize(self, asked: Mapping[str, str], now: datetime) -> Response:
        """The merchant consents at once and is sent back with a code, signed by the app's secret."""
        if asked.get("client_id") != self._client[0] or not asked.get("redirect_uri"):
            return reply(400, {"error": "invalid_request", "error_description": "Unknown client or address"})
        code = self._draw("code")
        self._codes[code] = asked.get("scope", "")
        back = {
            "code": code,
            "host": "YWRtaW4uc2hvcGlmeS5jb20",
            "shop": self._state.shop.domain,
            "state": asked.get("state", ""),
            "timestamp": str(int(now.timestamp())),
        }
        message = "&".join(f"{name}={value}" for name, value in sorted(back.items()))
        signed = hmac.new(self._client[1].encode(), message.encode(), sha256).hexdigest()
        return Response(
            status=302, headers={"location": f"{asked['redirect_uri']}?{urlencode(back | {'hmac': signed})}"}
        )

    def _token(self, request: Request, now: datetime) -> Response:
        """A token for a code, or for a refresh token, which then is replaced by a new one."""
        body = _body(request)
        asked: Json = body if isinstance(body, dict) else {}
        if (asked.get("client_id"), asked.get("client_secret")) != self._client:
            return reply(401, {"error": "invalid_client", "error_description": "Unknown client"})
        scope = ",".join(self._state.scopes)
        if asked.get("grant_type") == "refresh_token":
            if asked.get("refresh_token") not in self._refreshes:
                return reply(400, {"error": "invalid_grant", "error_description": "Unknown refresh token"})
            self._refreshes.discard(asked["refresh_token"])
        elif self._codes.pop(str(asked.get("code")), None) is None:
            return reply(
                400, {"error": "invalid_request", "error_description": "The code is unknown or was used"}
            )
        token = self._draw("shpat")
        if str(asked.get("expiring")) != "1":
            self._tokens[token] = None
            return reply(200, {"access_token": token, "scope": scope})
        self._tokens[token] = now + LIVES
        refresh = self._draw("shprt")
        self._refreshes.add(refresh)
        lives = {"expires_in": int(LIVES.total_seconds()), "refresh_token_expires_in": 7_776_000}
        return reply(200, {"access_token": token, "scope": scope, "refresh_token": refresh, **lives})

    def _file(self, id: str, now: datetime) -> Response:
        """The file of a bulk operation: whoever has its address may read it."""
        found = self._state.bulks.file(id, now)
        if found is None:
            return reply(404, {"errors": "Not Found"})
        return Response(status=200, body=found, headers={"content-type": "application/jsonl"})

    def revoke(self) -> None:
        """Every token ends: the merchant removed the app."""
        self._tokens, self._refreshes = {}, set()

    def _draw(self, kind: str) -> str:
        self._drawn += 1
        return f"{kind}_{self._drawn:032x}"


def _body(request: Request) -> Any:
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(request.body.decode()))
    try:
        return decode(request.body or encode({}))
    except ChannelError:
        return None
