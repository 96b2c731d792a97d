"""The street: emulated shops served over HTTP on loopback, shoppers who buy in them, webhooks posted to the
hub.

Everything that touches an emulator happens in the street's own event loop, in a thread of its own. Times are
real.
"""

import asyncio
import logging
import socket
import threading
from collections.abc import Callable, Coroutine, Mapping
from random import Random
from typing import Any, TypeVar

import httpx2
import uvicorn

from entrepot.channels.kit.emulate import Emulator, Faults, Posted, asgi
from entrepot.kernel import Clock
from entrepot.sandbox.shoppers import Wish

T = TypeVar("T")
POLL_S = 0.02
HOOK_TIMEOUT_S = 10.0
REGRET_S = 1.5

log = logging.getLogger("entrepot.street")


class Street:
    """`shops` by connection name; `open` gives each an address, then builds it with that address."""

    def __init__(self, clock: Clock, faults: Faults) -> None:
        self._clock, self._faults = clock, faults
        self.shops: dict[str, Emulator] = {}
        self._servers: list[uvicorn.Server] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="entrepot-street", daemon=True)
        self._thread.start()
        self._going: set[asyncio.Task[None]] = set()
        self._client = httpx2.AsyncClient(timeout=HOOK_TIMEOUT_S, trust_env=False)

    def open(self, name: str, build: Callable[[str], Emulator]) -> str:
        """Serves a shop on a free port of loopback; its address."""
        sock = socket.socket(proto=socket.IPPROTO_TCP)
        sock.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{sock.getsockname()[1]}"
        shop = self.shops[name] = build(address)
        self.do(self._serve(shop, sock))
        return address

    def start(self) -> None:
        """From now on webhooks are posted."""
        self._loop.call_soon_threadsafe(self._go, self._post_hooks())

    def ask(self, question: Callable[[Mapping[str, Emulator]], T]) -> T:
        """Runs a question about the shops in their own thread."""

        async def answer() -> T:
            return question(self.shops)

        return self.do(answer())

    def buy(self, wish: Wish) -> str | None:
        """A shopper buys, and may regret it; the order's id at the shop, None if it was sold out."""
        return self.ask(lambda _shops: self._buy(wish))

    def stop(self) -> None:
        """Closes the shops."""

        async def close() -> None:
            for task in self._going:
                task.cancel()
            for server in self._servers:
                server.should_exit = True
            await self._client.aclose()
            await asyncio.sleep(POLL_S)

        self.do(close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=3)

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Runs a coroutine in the street's thread and waits for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

    async def _serve(self, shop: Emulator, sock: socket.socket) -> None:
        config = uvicorn.Config(
            asgi(shop, self._clock, self._faults), log_level="error", date_header=False, lifespan="off"
        )
        server = uvicorn.Server(config)
        self._servers.append(server)
        sock.listen()  # a caller that comes before the server is up waits in the socket's queue
        self._go(server.serve(sockets=[sock]))

    def _buy(self, wish: Wish) -> str | None:
        now = self._clock.now()
        if wish.store is not None:
            tills = self.shops["tills"]
            return tills.place(
                wish.basket, now, location=sorted({place for _item, place in tills.shown()})[wish.store]
            )
        number = self.shops["web"].place(wish.basket, now)
        if number is not None and wish.regret:
            self._loop.call_later(REGRET_S, self._regret, number, wish)
        return number

    def _regret(self, number: str, wish: Wish) -> None:
        now = self._clock.now()
        if wish.regret == "cancel":
            self.shops["web"].cancel(number, now)
        else:
            first = next(iter(wish.basket))
            self.shops["web"].edit(number, {first: wish.basket[first] + 1}, now)

    async def _post_hooks(self) -> None:
        while True:
            now = self._clock.now()
            for name, shop in self.shops.items():
                for posted in shop.due(now):
                    for wait_s, copy in self._faults.for_hook(posted):
                        self._go(self._post(name, copy, wait_s))
            await asyncio.sleep(POLL_S)

    async def _post(self, name: str, posted: Posted, wait_s: float) -> None:
        await asyncio.sleep(wait_s)
        status: int | None = None
        try:
            answer = await self._client.post(posted.url, content=posted.body, headers=dict(posted.headers))
            status = answer.status_code
        except httpx2.TransportError as error:
            log.info("a webhook got no answer: %s", type(error).__name__)
        self.shops[name].answered(posted.id, status, self._clock.now())

    def _go(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._going.add(task)
        task.add_done_callback(self._going.discard)


def seeded(seed: int) -> Faults:
    """The demo's faults: 5 % of webhooks lost, 10 % doubled, all shuffled, 1 % of calls answered 429 or
    500."""
    return Faults(
        Random(seed), call_429=0.005, call_500=0.005, hook_lost=0.05, hook_doubled=0.10, hook_late_s=1.0
    )
