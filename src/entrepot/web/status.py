"""/status.json: what `entrepot status --json` says, for people who are signed in and programs with a
token."""

import hmac
from hashlib import sha256
from typing import Any

from anyio import to_thread
from litestar import Request, get
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import HTTPRouteHandler

from entrepot.app import Hub
from entrepot.monitor import Status, take_status
from entrepot.web.login import Login
from entrepot.web.pages import signed_in


def page(hub: Hub, *, token: str, login: Login) -> HTTPRouteHandler:
    """GET /status.json."""
    kept = sha256(token.encode()).digest()

    @get("/status.json")
    async def status(request: Request[Any, Any, Any]) -> Status:
        if not (signed_in(request, login) or _holds(request, kept)):
            raise NotAuthorizedException
        return await to_thread.run_sync(take_status, hub.store)

    return status


def _holds(request: Request[Any, Any, Any], kept: bytes) -> bool:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(sha256(given.strip().encode()).digest(), kept)
