"""The frames of the live page, shared by everybody who looks, and the stream that sends them."""

import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Set
from time import monotonic
from typing import Any

from anyio import Lock, sleep, to_thread

from entrepot.app import Hub
from entrepot.monitor import Status
from entrepot.web import views
from entrepot.web.draw import draw
from entrepot.web.facts import gather
from entrepot.web.frame import Frame, event, only

TICK_S = 0.25
"""At most one frame in this time; more slowly if a frame takes long to make."""

STALE_S = 2.0
"""A frame is made anew after this long although nothing was committed: ages and counts of the last minute
move."""

HEARTBEAT_S = 15.0
WELCOME_S = 1.0
"""After so long it is asked again whether the session is still open."""

BIG = 2_000
"""Of a hub with more slots a frame takes too long for a page to wait: it shows the last one, and its stream
mends it a moment later."""

RETRY_MS = 1000


class Live:
    """Makes frames while somebody looks, however many they are: one reading per tick, none when nobody
    does."""

    def __init__(self, hub: Hub) -> None:
        self._hub, self._lock = hub, Lock()
        self._frame = Frame(0, {})
        self._pulse: tuple[Any, ...] = ()
        self._drawn_at = self._next_at = float("-inf")
        self._status: Status | None = None

    async def frame(self, *, fresh: bool = False) -> Frame:
        """The screen as it was at most a tick ago; with `fresh` as it is now, if that is quickly told."""
        if fresh and self._status is not None and self._status.pairs > BIG:
            return self._frame
        async with self._lock:
            if fresh or monotonic() >= self._next_at:
                began = monotonic()
                self._frame = await to_thread.run_sync(self._look, fresh)
                self._next_at = began + max(TICK_S, 4 * (monotonic() - began))
        return self._frame

    async def status(self) -> Status:
        """The status that the last frame was drawn from."""
        await self.frame(fresh=True)
        assert self._status is not None, "no frame was ever made"
        return self._status

    def _look(self, fresh: bool) -> Frame:
        """The frame before if nothing was committed, else a new one."""
        pulse = self._hub.store.read(views.pulse)
        if not fresh and pulse == self._pulse and monotonic() < self._drawn_at + STALE_S:
            return self._frame
        facts = gather(self._hub.store)
        self._status, lists = facts.status, draw(facts)
        self._pulse, self._drawn_at = pulse, monotonic()
        return self._frame if lists == self._frame.lists else Frame(self._frame.number + 1, lists)


async def stream(
    live: Live, stopping: threading.Event, welcome: Callable[[], Awaitable[bool]], lists: Set[str]
) -> AsyncIterator[bytes]:
    """The events of one browser: at first every list it shows, then what changed, and a comment when it is
    quiet for long.

    Ends when the server stops, or when the browser is no longer welcome.
    """
    yield b"retry: %d\n\n" % RETRY_MS
    shown: Frame | None = None
    silent_since = asked_at = monotonic()
    while not stopping.is_set():
        if monotonic() > asked_at + WELCOME_S:
            if not await welcome():
                return
            asked_at = monotonic()
        frame = only(await live.frame(), lists)
        news = event(shown, frame)
        if not news and monotonic() > silent_since + HEARTBEAT_S:
            news = b": still here\n\n"
        if news:
            yield news
            silent_since = monotonic()
        shown = frame
        await sleep(TICK_S)
