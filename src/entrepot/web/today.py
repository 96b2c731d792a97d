"""Today: what needs a person, how far everything is in sync, how quick it is, and orders as they come."""

import threading

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream
from markupsafe import Markup

from entrepot.access import Permission
from entrepot.web.desk import AnyRequest, Desk
from entrepot.web.live import Live, stream

STREAM_HEADERS = {"x-accel-buffering": "no"}
LISTS = frozenset({"tiles", "exceptions", "astray", "orders", "connections"})
MARKED = {
    "exceptions": Permission.ORDERS_READ,
    "orders": Permission.ORDERS_READ,
    "astray": Permission.STOCK_READ,
    "connections": Permission.CHANNELS_READ,
}
"""Lists that need more than the screen itself does."""


def screens(desk: Desk, live: Live, stopping: threading.Event) -> list[HTTPRouteHandler]:
    """The screen and the stream that keeps it, and every other screen's badge, up to date."""

    @get("/", opt={"permission": Permission.STATUS_READ})
    async def today(request: AnyRequest) -> Response[str]:
        seat = await desk.seat(request)
        frame = await live.frame(fresh=True)
        lists = {name: [Markup(html) for _key, html in rows] for name, rows in frame.lists.items()}  # noqa: S704
        return await desk.show(request, seat, "today.html", lists=lists)

    @get("/live", opt={"permission": Permission.STATUS_READ})
    async def events(request: AnyRequest) -> Stream:
        seat = await desk.seat(request)
        asked = frozenset(name for name in request.query_params.get("lists", "").split(",") if name)
        lists = (asked or LISTS | {"badge"}) - {
            name for name, needs in MARKED.items() if not seat.who.may(needs)
        }

        async def welcome() -> bool:
            return await desk.seats.still(request)

        sent = stream(live, stopping, welcome, lists or {"badge"})
        return Stream(sent, media_type="text/event-stream", headers=STREAM_HEADERS)

    return [today, events]
