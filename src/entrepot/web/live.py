"""The frames of the live page, shared by everybody who looks, and the stream that sends them."""

import threading
from collections.abc import AsyncIterator, Callable
from time import monotonic
from typing import Any

from anyio import Lock, sleep, to_thread

from entrepot.app import Hub
from entrepot.web import views
from entrepot.web.draw import draw
from entrepot.web.facts import gather
from entrepot.web.frame import Frame, event

TICK_S = 0.25
"""At most one frame in this time; more slowly if a frame takes long to make."""

STALE_S = 2.0
"""A frame is made anew after this long although nothing was committed: ages and counts of the last minute
move."""

HEARTBEAT_S = 15.0
RETRY_MS = 1000


class Live:
    """Makes frames while somebody looks, however many they are: one reading per tick, none when nobody
    does."""

    def __init__(self, hub: Hub) -> None:
        self._hub, self._lock = hub, Lock()
        self._frame = Frame(0, {})
        self._pulse: tuple[Any, ...] = ()
        self._drawn_at = self._next_at = float("-inf")

    async def frame(self, *, fresh: bool = False) -> Frame:
        """The page as it was at most a tick ago; with `fresh` as it is now."""
        async with self._lock:
            if fresh or monotonic() >= self._next_at:
                began = monotonic()
                self._frame = await to_thread.run_sync(self._look, fresh)
                self._next_at = began + max(TICK_S, 4 * (monotonic() - began))
        return self._frame

    def _look(self, fresh: bool) -> Frame:
        """The frame before if nothing was committed, else a new one."""
        pulse = self._hub.store.read(views.pulse)
        if not fresh and pulse == self._pulse and monotonic() < self._drawn_at + STALE_S:
            return self._frame
        lists = draw(gather(self._hub.store))
        self._pulse, self._drawn_at = pulse, monotonic()
        return self._frame if lists == self._frame.lists else Frame(self._frame.number + 1, lists)


async def stream(live: Live, stopping: threading.Event, welcome: Callable[[], bool]) -> AsyncIterator[bytes]:
    """The events of one browser: everything at first, then what changed, and a comment when it is quiet for
    long.

    Ends when the server stops, or when the browser is no longer welcome.
    """
    yield b"retry: %d\n\n" % RETRY_MS
    shown: Frame | None = None
    silent_since = monotonic()
    while not stopping.is_set() and welcome():
        frame = await live.frame()
        news = event(shown, frame)
        if not news and monotonic() > silent_since + HEARTBEAT_S:
            news = b": still here\n\n"
        if news:
            yield news
            silent_since = monotonic()
        shown = frame
        await sleep(TICK_S)
