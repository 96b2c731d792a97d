"""The way back from a platform's page of consent: the shell around `app.come_back`.

It is open to everybody: what proves that it is one of ours is the state in the query, which works once.
"""

from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from anyio import CapacityLimiter, to_thread
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from entrepot.app import Hub, come_back
from entrepot.web import drawing

AT_ONCE = 4
QUERY_MAX = 8_192


def way_back(hub: Hub) -> HTTPRouteHandler:
    """GET /connect/{name}: a page that says what happened."""
    threads = CapacityLimiter(AT_ONCE)

    @get("/connect/{name:str}")
    async def consented(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[str]:
        raw = request.scope["query_string"][:QUERY_MAX].decode("latin-1")
        query = parse_qsl(raw, keep_blank_values=True)
        told = await to_thread.run_sync(partial(come_back, hub, name, query), limiter=threads)
        page = drawing.page("consented.html", title=told.title, what=told.what)
        return Response(page, status_code=told.status, media_type="text/html; charset=utf-8")

    return consented
