"""The programs' door: every route of the table under /api/v1, behind a guard; and the commands of the command
line of a running hub."""

from typing import Any

from anyio import CapacityLimiter, to_thread
from litestar import Request, Response, Router
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.handlers.base import BaseRouteHandler
from litestar.types import Guard

from entrepot.access import Permission, Who
from entrepot.api import answering, openapi, stream
from entrepot.api.limits import Limits
from entrepot.api.problems import PROBLEMS
from entrepot.api.resources import ROUTES
from entrepot.api.route import IMPORT_MAX, Route
from entrepot.app import LOGIN_HEADER, Callers, Hub
from entrepot.kernel import Refusal

PATH = "/api/v1"
AT_ONCE = 24
"""Threads that work for programs."""

WAYS_IN = {"www-authenticate": 'Bearer realm="entrepot"'}


def door(hub: Hub, token: str, *, limits: Limits | None = None) -> Router:
    """The routes under /api/v1. Every one but the document needs `Authorization: Bearer <token>`: a program's
    own, or that of the hub's notice."""
    threads, callers = CapacityLimiter(AT_ONCE), Callers(hub.store, token)
    handlers = [_handler(route, hub, threads) for route in ROUTES]
    handlers += [
        _command(hub, threads),
        _document(threads),
        stream.handler(hub, callers),
    ]
    guard = _guard(callers, limits or Limits(), hub, threads)
    return Router(PATH, route_handlers=handlers, guards=[guard], exception_handlers=PROBLEMS)


def _guard(callers: Callers, limits: Limits, hub: Hub, threads: CapacityLimiter) -> Guard:
    """Finds out who asks, whether they may, and whether they ask too often."""

    async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
        if (
            handler.opt.get("open") or connection.scope.get("method") == "OPTIONS"
        ):  # it only names the methods
            return
        headers = connection.headers
        given = headers.get("authorization", ""), headers.get(LOGIN_HEADER, "")
        who = await to_thread.run_sync(callers.who, *given, limiter=threads)
        if who is None:
            raise HTTPException(status_code=401, headers=WAYS_IN)
        connection.state["who"] = who
        _count(connection, who, limits, hub)
        permission = handler.opt["permission"]
        if isinstance(permission, Permission) and not who.may(permission):
            raise Refusal(
                "forbidden", f"this needs the permission {permission}", remedy="Ask an owner for it"
            )

    return guard


def _count(connection: ASGIConnection[Any, Any, Any, Any], who: Who, limits: Limits, hub: Hub) -> None:
    left = limits.take(who.actor, hub.store.clock.now())
    carried = limits.headers(left)
    connection.state["carried"] = carried | (
        {"retry-after": str(max(left.wait_s, 1))} if left.refused else {}
    )
    if left.refused:
        raise Refusal(
            "too_many_requests",
            f"more than {limits.quota} requests in {limits.window_s} seconds",
            remedy="Wait as long as Retry-After says; ask for more rows at once",
        )


def _handler(route: Route, hub: Hub, threads: CapacityLimiter) -> HTTPRouteHandler:
    async def handle(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await answering.answer(route, request, hub, threads)

    handle.__name__ = route.name
    return HTTPRouteHandler(
        route.path.replace("}", ":str}"),
        http_method=route.method,
        status_code=route.status,
        request_max_body_size=route.body_max,
        permission=route.permission,
    )(handle)


def _command(hub: Hub, threads: CapacityLimiter) -> HTTPRouteHandler:
    """POST /commands/{name}: any command with its arguments; the permission is the command's."""

    async def command(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await answering.command(request, hub, threads)

    return HTTPRouteHandler(
        "/commands/{name:str}",
        http_method="POST",
        status_code=200,
        request_max_body_size=IMPORT_MAX,
        permission="of the command",
    )(command)


def _document(threads: CapacityLimiter) -> HTTPRouteHandler:
    async def describe() -> Response[bytes]:
        document = await to_thread.run_sync(openapi.encoded, limiter=threads)
        return Response(document, media_type="application/json")

    return HTTPRouteHandler("/openapi.json", http_method="GET", status_code=200, permission=None, open=True)(
        describe
    )
