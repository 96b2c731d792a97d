"""Connecting by consent: the code flow of OAuth 2 (RFC 6749, 4.1) and rotating refresh tokens (section 6).

The hub sends a person to `authorize_url` with a `state` of its own, checks the state when the platform sends
them back, and exchanges the code. What comes of it are settings to keep. The calls go to the platform's token
address without other credentials: through an HttpApi over `token_door(about)`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from entrepot.channels.kit.numbers import exact, text
from entrepot.channels.kit.times import utc
from entrepot.contract import About, Api, Auth, OAuth, Reply
from entrepot.kernel import Cause, ChannelError, Refusal

EARLY = timedelta(minutes=5)
"""So long before its end a token is renewed."""


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """What a platform granted. `until`: the end of the token, None if it has none."""

    token: str
    refresh_token: str = ""
    until: datetime | None = None
    scopes: tuple[str, ...] = ()

    def settings(self) -> dict[str, str]:
        """The settings to keep. A platform that sends no new refresh token means the old one to stay."""
        kept = {"token": self.token, "token_until": self.until.isoformat() if self.until else ""}
        return kept | ({"refresh_token": self.refresh_token} if self.refresh_token else {})


def authorize_url(about: About, settings: Mapping[str, str], *, redirect_uri: str, state: str) -> str:
    """Where a person is sent to consent. `state` must be unguessable and come back unchanged."""
    flow = _flow(about)
    asked = {
        "client_id": settings["client_id"],
        "scope": flow.separator.join(flow.scopes),
        "redirect_uri": redirect_uri,
        "state": state,
        "response_type": "code",
    }
    base = about.base_url.format_map(settings).rstrip("/")
    return f"{base}{flow.authorize_path}?{urlencode(asked, quote_via=quote)}"


def token_door(about: About) -> About:
    """The platform as the token address sees it: a call brings its credentials in its body."""
    return msgspec.structs.replace(about, auth=Auth.NONE)


def exchange(api: Api, about: About, *, code: str, redirect_uri: str = "") -> Grant:
    """What the platform grants for a code. A code works once: after a lost answer the person starts again."""
    asked = {"grant_type": "authorization_code", "code": code}
    return _granted(api, about, asked | ({"redirect_uri": redirect_uri} if redirect_uri else {}))


def refresh(api: Api, about: About) -> Grant:
    """A new token for the refresh token among the settings. DENIED: a person must consent again."""
    known = api.settings.get("refresh_token", "")
    if not known:
        raise ChannelError(Cause.DENIED, "there is no refresh token: connect again")
    return _granted(api, about, {"grant_type": "refresh_token", "refresh_token": known})


def due(settings: Mapping[str, str], now: datetime) -> bool:
    """Whether the token is so near its end that it should be renewed."""
    until = settings.get("token_until", "")
    return bool(until) and utc(until) - EARLY <= now.astimezone(UTC)


def _granted(api: Api, about: About, asked: Mapping[str, str]) -> Grant:
    flow, settings = _flow(about), api.settings
    ours = {"client_id": settings.get("client_id", ""), "client_secret": settings.get("client_secret", "")}
    try:
        reply = api.post(flow.token_path, {**ours, **asked, **flow.extra})
    except ChannelError as error:
        if error.cause is Cause.REFUSED:  # RFC 6749, 5.2: invalid_grant and the like come as 400
            raise ChannelError(Cause.DENIED, error.why, code=error.code) from None
        raise
    return grant(reply, flow)


def grant(reply: Reply, flow: OAuth) -> Grant:
    """The Grant of a token answer (RFC 6749, 5.1); ChannelError NONSENSE if there is no token in it."""
    body: Any = reply.json
    if not isinstance(body, dict) or not text(body.get("access_token")):
        raise ChannelError(Cause.NONSENSE, "the token address answered without a token")
    lives_s = body.get("expires_in")
    return Grant(
        token=text(body["access_token"]),
        refresh_token=text(body.get("refresh_token")),
        until=reply.at + timedelta(seconds=int(exact(lives_s))) if lives_s is not None else None,
        scopes=tuple(filter(None, text(body.get("scope")).replace(flow.separator, " ").split())),
    )


def _flow(about: About) -> OAuth:
    if about.oauth is None:
        raise Refusal("oauth_unsupported", f"{about.title} has no consent flow here: type its token")
    return about.oauth
