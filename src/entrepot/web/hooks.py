"""Webhooks: the shell around `sync.receive`. It reads the raw body within bounds, and answers after the
commit."""

from functools import partial
from typing import Any

from anyio import CapacityLimiter, to_thread
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from entrepot import sync
from entrepot.app import Hub
from entrepot.web.body import Full, Hall

BODY_MAX = 2 * 1024 * 1024
AT_ONCE = 50
"""Threads that wait for a commit: as many as one group commit takes."""

FULL_S = "5"


def door(hub: Hub) -> HTTPRouteHandler:
    """POST /hooks/{name}: the answer of `sync.receive`; 503 while too many bodies are being held."""
    hall, threads = Hall(), CapacityLimiter(AT_ONCE)

    @post("/hooks/{name:str}", status_code=200, request_max_body_size=BODY_MAX)
    async def hook(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[Any]:
        try:
            async with hall.body(request) as body:
                headers = dict(request.headers)
                receive = partial(sync.receive, hub.store, hub.channels, name, headers=headers, body=body)
                answer = await to_thread.run_sync(receive, limiter=threads)
        except Full:
            return _answer(b"cannot be taken now, try again", 503, {"retry-after": FULL_S})
        return _answer(answer.body, answer.status, dict(answer.headers))

    return hook


def _answer(body: bytes, status: int, headers: dict[str, str]) -> Response[bytes]:
    return Response(body, status_code=status, headers=headers, media_type="text/plain")
