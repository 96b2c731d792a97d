"""The server: uvicorn inside our own process, in a thread, ended without waiting for open streams."""

import os
import signal
import socket
import threading
from collections.abc import Callable, Sequence
from typing import Any

import uvicorn
from litestar.types import ControllerRouterHandler

from entrepot.app import Hub
from entrepot.kernel import Refusal
from entrepot.web.app import make_app

STOP_S = 2
"""Seconds that open requests are given when the server stops; streams end by themselves within a tick."""

START_S = 30.0


class Serving:
    """A server that runs in a thread of its own. `url` is where it listens."""

    def __init__(
        self, app: Any, listening: socket.socket, started: threading.Event, stopping: threading.Event
    ) -> None:
        host, port = listening.getsockname()[:2]
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        self._stopping, self._socket = stopping, listening
        config = uvicorn.Config(
            app,
            timeout_graceful_shutdown=STOP_S,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="on",
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([listening],), name="entrepot-web")
        self._thread.start()
        if not started.wait(START_S):
            self.stop()
            raise AssertionError("the web server did not start; the log says why")

    def stop(self) -> None:
        """Ends the streams, lets open requests finish, and returns when the thread has ended. Twice is
        once."""
        self._stopping.set()
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()


def start(
    hub: Hub,
    *,
    token: str,
    host: str = "127.0.0.1",
    port: int = 0,
    doors: Sequence[ControllerRouterHandler] = (),
) -> Serving:
    """A server in a thread; port 0 takes a free one. Refusal `address_taken` if it cannot listen there."""
    started, stopping = threading.Event(), threading.Event()
    app = make_app(hub, token=token, doors=doors, stopping=stopping, started=started.set)
    return Serving(app, _listen(host, port), started, stopping)


def serve(
    hub: Hub,
    *,
    token: str,
    host: str,
    port: int,
    doors: Sequence[ControllerRouterHandler] = (),
    ready: Callable[[str], None] = lambda _url: None,
) -> None:
    """Serves until the process is told to end (SIGINT, SIGTERM); call it in the main thread. `ready` is told
    the address once requests are answered."""
    told = threading.Event()
    before = {one: signal.signal(one, lambda *_: told.set()) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        serving = start(hub, token=token, host=host, port=port, doors=doors)
        try:
            ready(serving.url)
            told.wait()
        finally:
            serving.stop()
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _listen(host: str, port: int) -> socket.socket:
    try:
        listening = socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=1024
        )
    except OSError as error:
        raise Refusal(
            "address_taken",
            f"cannot listen on {host}, port {port}: {os.strerror(error.errno or 0)}",
            remedy="Stop what listens there, or set ENTREPOT_PORT to another port",
            field="port",
        ) from None
    # Connections inherit it. asyncio does not see that a socket made so is TCP, and without it the second
    # packet of an answer waits for the browser to acknowledge the first: 40 ms on Linux.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening
