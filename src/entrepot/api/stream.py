"""The stream of events: every event, once at least, in the order in which they were committed, as server-sent
events. Whoever was away goes on behind the last one they saw (`Last-Event-ID`)."""

import threading
from collections.abc import AsyncIterator
from functools import partial
from time import monotonic
from typing import Annotated, Any

import msgspec
from anyio import sleep, to_thread
from litestar import Request
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream
from msgspec import Meta

from entrepot.access import Permission
from entrepot.api import strict
from entrepot.api.answering import check_accept
from entrepot.api.problems import carried
from entrepot.api.route import Query, Text
from entrepot.app import LOGIN_HEADER, Callers, Hub
from entrepot.db import Tx, events
from entrepot.db.events import Following
from entrepot.kernel import Refusal

EVENTS = "text/event-stream"
LAST = "last-event-id"

TICK_S = 0.25
HEARTBEAT_S = 15.0
WELCOME_S = 30.0
"""A stream ends this long after its token has."""

RETRY_MS = 1000
BATCH = 200
STREAMS_MAX = 64
"""Open streams at once: each asks the store four times a second."""

KINDS_MAX = 20


class StreamQuery(Query, frozen=True):
    after: Annotated[
        Text,
        Meta(
            description="Go on behind the event with this id, as the header Last-Event-ID does; '' "
            "begins with what "
            "comes next, 'first' with the first event there is."
        ),
    ] = ""
    streams: Annotated[Text, Meta(description="Only of streams that begin so.", examples=["order:"])] = ""
    kinds: Annotated[
        Text,
        Meta(
            description="Only of these kinds, with commas between.", examples=["OrderReceived,OrderChanged"]
        ),
    ] = ""


class Open:
    """Counts the open streams."""

    def __init__(self) -> None:
        self.streams = 0


def handler(hub: Hub, callers: Callers) -> HTTPRouteHandler:
    """GET /events/stream. A stream ends when the application's `stopping` is set."""
    open_ = Open()

    async def follow(request: Request[Any, Any, Any]) -> Stream:
        check_accept(request, EVENTS)
        asked = strict.query(request.scope["query_string"], StreamQuery)
        kinds = [one for one in asked.kinds.split(",") if one]
        if len(kinds) > KINDS_MAX:
            raise Refusal("query", f"at most {KINDS_MAX} kinds", field="kinds")
        if open_.streams >= STREAMS_MAX:
            request.state["carried"] = carried(request) | {"retry-after": "5"}
            raise Refusal("streams_full", f"{STREAMS_MAX} streams are open", remedy="Close one, or try again")
        wanted = partial(events.events_after, limit=BATCH, streams=asked.streams, kinds=kinds)
        cursor = await to_thread.run_sync(_begin, hub, request.headers.get(LAST) or asked.after, wanted)
        given = request.headers.get("authorization", ""), request.headers.get(LOGIN_HEADER, "")
        welcome = partial(callers.who, *given)
        stopping = request.app.state.get("stopping") or threading.Event()
        sent = _sent(hub, wanted, cursor, open_=open_, stopping=stopping, welcome=welcome)
        headers = carried(request) | {"x-accel-buffering": "no", "cache-control": "no-store"}
        return Stream(sent, media_type=EVENTS, headers=headers)

    return HTTPRouteHandler(
        "/events/stream", http_method="GET", status_code=200, permission=Permission.EVENTS_READ
    )(follow)


def _begin(hub: Hub, after: str, wanted: Any) -> str:
    """The cursor to begin behind; Refusal `cursor` for an event that is not here."""
    if after == "first":
        return ""
    if not after:
        return hub.store.read(events.newest)
    if "\0" in after:
        raise Refusal("cursor", "no event has such an id", field="after")
    hub.store.read(lambda tx: wanted(tx, after))
    return after


async def _sent(
    hub: Hub, wanted: Any, cursor: str, *, open_: Open, stopping: threading.Event, welcome: Any
) -> AsyncIterator[bytes]:
    """The bytes of one stream, until the hub stops or the token has ended."""
    open_.streams += 1
    try:
        yield b"retry: %d\n\n" % RETRY_MS
        silent_since = asked_at = monotonic()
        while not stopping.is_set():
            found: Following = await to_thread.run_sync(hub.store.read, partial(_read, wanted, cursor))
            cursor = found.cursor
            if found.events:
                yield b"".join(encoded(one) for one in found.events)
                silent_since = monotonic()
            elif monotonic() > silent_since + HEARTBEAT_S:
                yield b": still here\n\n"
                silent_since = monotonic()
            if monotonic() > asked_at + WELCOME_S:
                asked_at = monotonic()
                if await to_thread.run_sync(welcome) is None:
                    return
            await sleep(0 if found.more else TICK_S)
    finally:
        open_.streams -= 1


def _read(wanted: Any, cursor: str, tx: Tx) -> Following:
    found: Following = wanted(tx, cursor)
    return found


def encoded(one: events.Told) -> bytes:
    """An event as it is sent: its id, its kind, and itself."""
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (
        one.id.encode(), one.kind.encode(), msgspec.json.encode(one)
    )  # fmt: skip
