"""A whole world in one process and in virtual time: the real hub over an inline store, the real adapters
against their emulators in memory, webhooks that are lost, doubled and late. The same seed gives the same
world.
"""

import heapq
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from datetime import datetime, timedelta
from itertools import count
from random import Random

import httpx2

from entrepot import sync
from entrepot.access import at_command_line
from entrepot.app import Hub, circumstances, open_inline, perform
from entrepot.channels.kit.emulate import Emulator, EmulatorTransport, Faults, Posted
from entrepot.connections import Connection
from entrepot.contract import Channel
from entrepot.db import Circumstances, InlineStore, jobs
from entrepot.kernel import Keyring, VirtualClock

HUB_URL = "https://hub.example"
START = datetime.fromisoformat("2026-03-02T08:00:00+00:00")
IDLE_S = 1.0
HOOK_TRIES = 5

Commit = Callable[[Callable[[], None]], None]
Send = Callable[[httpx2.BaseTransport, httpx2.Request], httpx2.Response]
Post = Callable[[Posted], Iterable[tuple[float, Posted]]]
"""What becomes of a webhook: (seconds to wait, what is delivered then) of each copy that arrives."""


class World:
    """A hub and its platforms. `commit` and `send` wrap every commit and every call: that is where a storm
    dies. `found`: the adapters, where they are not all that are installed. `store` and its `clock`: one that
    is made already, instead of one in memory."""

    def __init__(
        self,
        seed: int = 1,
        *,
        faults: Mapping[str, float] | None = None,
        commit: Commit | None = None,
        send: Send | None = None,
        every_s: Mapping[str, float] = sync.EVERY_S,
        found: Mapping[str, Channel] | None = None,
        store: InlineStore | None = None,
        clock: VirtualClock | None = None,
    ) -> None:
        self.seed = seed
        self.clock = clock or VirtualClock(START)
        self.random = Random(seed)
        self.faults = Faults(Random(seed + 1), **(faults or {}))
        self.shops: dict[str, Emulator] = {}
        self.post: Post | None = None
        """Who carries the webhooks; None: the faults decide."""
        self._commit, self._send, self._every_s, self._found = commit, send, every_s, found
        self._late: list[tuple[datetime, int, str, Posted]] = []
        self._tick = count()
        self.store = store or self._open()
        self.hub = self._hub()

    def _open(self) -> InlineStore:
        return open_inline(":memory:", _around(self.seed, self.clock), self._commit)

    def _hub(self) -> Hub:
        return Hub(self.store, found=self._found, transport=self._transport, every_s=self._every_s)

    def _transport(self, connection: Connection) -> httpx2.BaseTransport:
        plain = EmulatorTransport(self.shops[connection.name], self.clock, self.faults)
        return plain if self._send is None else _Watched(plain, self._send)

    def copy(self, *, commit: Commit | None = None, send: Send | None = None) -> "World":
        """A second world that stands where this one does, with deaths of its own."""
        clock = VirtualClock(self.clock.now())
        store = InlineStore(":memory:", _around(self.seed, clock), commit)
        store.restore(self.store.snapshot())
        twin = World(
            self.seed,
            commit=commit,
            send=send,
            every_s=self._every_s,
            found=self._found,
            store=store,
            clock=clock,
        )
        twin.shops = deepcopy(self.shops)
        twin.faults = deepcopy(self.faults)
        twin._late = deepcopy(self._late)
        return twin

    def restart(self) -> None:
        """The hub's process starts again: what it had in memory is gone."""
        self.hub = self._hub()

    # what people do

    def tell(self, command: str, **arguments: object) -> dict[str, object]:
        """A person gives a command."""
        return perform(self.hub, command, arguments, who=at_command_line("person"), source="test")

    def connect(
        self, name: str, shop: Emulator, *, platform: str, locations: list[str] | None = None
    ) -> None:
        """Connects an emulated account and lets stock flow out to it."""
        self.shops[name] = shop
        self.tell(
            "connection.add",
            platform=platform,
            name=name,
            settings=shop.settings(),
            hub_url=HUB_URL,
            locations=locations or [],
        )
        self.tell("connection.flow", connection=name, flow="stock_out", level="on")

    # time

    def step(self) -> int:
        """One round of everything that is due now; how much there was to do."""
        done = self._deliver()
        self.hub.timetable()
        done += self.hub.book.step()
        for account in self.hub.accounts():
            done += self.hub.caller(account).step()
        return done

    def run(self, seconds: float) -> None:
        """Lets virtual time pass; idle stretches are skipped."""
        end = self.clock.now() + timedelta(seconds=seconds)
        idle = 0
        while self.clock.now() < end:
            idle = 0 if self.step() else idle + 1
            if idle:
                wake = min(self._wake(idle), end)
                self.clock.sleep((wake - self.clock.now()).total_seconds())

    def quiet(self) -> None:
        """Works off everything that is due, without waiting for anything that is not."""
        while self.step():
            pass

    def _wake(self, idle: int) -> datetime:
        """When something may happen next: a second on at first (shops are slow), then the next thing that
        waits."""
        now = self.clock.now()
        soon = now + timedelta(seconds=IDLE_S)
        if idle <= HOOK_TRIES:
            return soon
        waiting = self.store.read(jobs.next_at)
        reading = self.store.read(lambda tx: sync.next_at(tx, self.hub.channels, self._every_s))
        moments = [one for one in (waiting, reading, self._late[0][0] if self._late else None) if one]
        return max(soon, min(moments, default=now + timedelta(seconds=60)))

    def _deliver(self) -> int:
        """Posts the webhooks that are due, as the faults will have it."""
        now = self.clock.now()
        for name, shop in self.shops.items():
            for posted in shop.due(now):
                for wait_s, copy in (self.post or self.faults.for_hook)(posted):
                    heapq.heappush(
                        self._late, (now + timedelta(seconds=wait_s), next(self._tick), name, copy)
                    )
        done = 0
        while self._late and self._late[0][0] <= now:
            _at, _tick, name, posted = heapq.heappop(self._late)
            self._post(name, posted)
            done += 1
        return done

    def _post(self, name: str, posted: Posted) -> None:
        door = posted.url.rsplit("/", 1)[-1]
        status: int | None = None
        try:
            answer = sync.receive(
                self.store, self.hub.channels, door, headers=posted.headers, body=posted.body
            )
            status = answer.status
        finally:
            self.shops[name].answered(posted.id, status, self.clock.now())


def _around(seed: int, clock: VirtualClock) -> Circumstances:
    """Keys, ids and time of a world's store, the same for the same seed."""
    keys = Keyring({"k0000001": b"\x01" * 32}, "k0000001", draw=Random(seed + 2).randbytes)
    return circumstances(keys, clock=clock, random=Random(seed + 3))


class _Watched(httpx2.BaseTransport):
    """A transport whose every call goes through `send`."""

    def __init__(self, inner: httpx2.BaseTransport, send: Send) -> None:
        self._inner, self._watch = inner, send

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return self._watch(self._inner, request)
