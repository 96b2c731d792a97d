"""/status.json: what `entrepot status --json` says, for people who are signed in and programs with a
token."""

from functools import partial
from typing import Any

from anyio import to_thread
from litestar import Request, get
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.handlers import HTTPRouteHandler

from entrepot.access import Permission
from entrepot.app import Callers, Hub
from entrepot.monitor import Status, take_status
from entrepot.web.seat import Seats


def page(hub: Hub, *, token: str, seats: Seats) -> HTTPRouteHandler:
    """GET /status.json. `token` is that of the hub's notice."""
    callers = Callers(hub.store, token)

    @get("/status.json")
    async def status(request: Request[Any, Any, Any]) -> Status:
        bearing = request.headers.get("authorization", "")
        who = await to_thread.run_sync(partial(callers.who, bearing)) if bearing else None
        if who is None:
            seat = await seats.of(request)
            if seat is None:
                raise NotAuthorizedException
            who = seat.who
        if not who.may(Permission.STATUS_READ):
            raise PermissionDeniedException
        return await to_thread.run_sync(take_status, hub.store)

    return status
