"""Tokens that end: by consent, the code flow of OAuth 2 (RFC 6749, 4.1), with refresh tokens (section 6), and
by the application's own credentials (4.4).

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

FILLED = ("token", "refresh_token", "token_until")
"""The settings that a grant fills."""


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
    } | flow.asked
    base = about.base_url.format_map(settings).rstrip("/")
    return f"{base}{flow.authorize_path}?{urlencode(asked, quote_via=quote)}"


def token_door(about: About) -> About:
    """The platform as the token address sees it: a call brings its credentials in its body."""
    return msgspec.structs.replace(about, auth=Auth.NONE)


def exchange(api: Api, about: About, *, code: str, redirect_uri: str = "") -> Grant:
    """What the platform grants for a code. A code works once: after a lost answer the person starts again."""
    asked = {"grant_type": "authorization_code", "code": code} | _flow(about).extra
    return _granted(api, about, asked | ({"redirect_uri": redirect_uri} if redirect_uri else {}))


def renewable(about: About, settings: Mapping[str, str]) -> bool:
    """Whether another token can be had without a person."""
    return about.oauth is not None and bool(settings.get("refresh_token") or _by_app(about, settings))


def renew(api: Api, about: About) -> Grant:
    """A new token: for the refresh token, else for the application's own credentials. DENIED: a person must
    consent again.

    After a lost answer the same refresh token may be used once more: that is how platforms that replace it
    tell a repetition (Shopify: until the replacement is used, changelog 2026-08-28; Square keeps the same).
    """
    if not api.settings.get("refresh_token") and _by_app(about, api.settings):
        return _granted(api, about, {"grant_type": "client_credentials"})
    return refresh(api, about)


def refresh(api: Api, about: About) -> Grant:
    """A new token for the refresh token among the settings. DENIED: a person must consent again."""
    known = api.settings.get("refresh_token", "")
    if not known:
        raise ChannelError(Cause.DENIED, "there is no refresh token: connect again")
    return _granted(api, about, {"grant_type": "refresh_token", "refresh_token": known})


def due(settings: Mapping[str, str], now: datetime, early_s: float = 300.0) -> bool:
    """Whether the token is so near its end that it should be renewed."""
    until = settings.get("token_until", "")
    return bool(until) and utc(until) - timedelta(seconds=early_s) <= now.astimezone(UTC)


def _by_app(about: About, settings: Mapping[str, str]) -> bool:
    """Whether the application itself is granted a token."""
    flow = about.oauth
    known = settings.get("client_id") and settings.get("client_secret")
    return flow is not None and flow.client_credentials and bool(known)


def _granted(api: Api, about: About, asked: Mapping[str, str]) -> Grant:
    flow, settings = _flow(about), api.settings
    ours = {"client_id": settings.get("client_id", ""), "client_secret": settings.get("client_secret", "")}
    try:
        reply = api.post(flow.token_path, {**ours, **asked})
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
    return Grant(
        token=text(body["access_token"]),
        refresh_token=text(body.get("refresh_token")),
        until=_until(reply, body),
        scopes=tuple(filter(None, text(body.get("scope")).replace(flow.separator, " ").split())),
    )


def _until(reply: Reply, body: Mapping[str, Any]) -> datetime | None:
    """The end of the token by our own clock: `expires_in` seconds from now, or, as Square says it, the moment
    `expires_at`."""
    if body.get("expires_in") is not None:
        return reply.at + timedelta(seconds=int(exact(body["expires_in"])))
    return utc(text(body["expires_at"])) if body.get("expires_at") else None


def _flow(about: About) -> OAuth:
    if about.oauth is None:
        raise Refusal("oauth_unsupported", f"{about.title} has no consent flow here: type its token")
    return about.oauth
