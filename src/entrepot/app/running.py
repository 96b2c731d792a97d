"""The running hub: one thread that books, one per account that calls, one that minds the timetable, and a
foreman who wakes each when there is something for it to do.

The foreman is woken by every commit of this process and looks which queues have something due; without
commits he sleeps until the next job is due, at most a second. A worker that falls over prints why and is
stood up again within that second.

Several processes may work on one PostgreSQL database. Nobody tells a foreman of the commits of others: he
looks twice a second, because a NOTIFY would make every commit wait for every other one's.
"""

import secrets
import threading
from collections.abc import Callable
from time import monotonic
from typing import Self

import structlog
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from entrepot.app.home import Lock, Notice, forget_notice, take_or_find, write_notice
from entrepot.app.keys import keyring
from entrepot.app.performing import open_for_command, open_for_reading
from entrepot.app.settings import Settings
from entrepot.app.store import circumstances, open_for_hub
from entrepot.app.wiring import Hub
from entrepot.db import Store, jobs
from entrepot.kernel import Cause, ChannelError, Clock, Refusal, SystemClock
from entrepot.sync.views import Waiting, waiting

__all__ = ["Running", "open_for_command", "open_for_reading"]

TICK_S = 1.0
"""New accounts, the timetable and workers that fell over are looked at this often."""

POLL_S = 0.5
"""A database that others write too is looked at this often."""

STOP_S = 2.5
"""Calls that take longer to end are left behind: what they were about is in the store."""

TIMETABLE = "timetable"

log = structlog.get_logger("entrepot.running")


class _Waking:
    """The machine's clock, whose sleepers are woken when the hub stops: their call is put back for later."""

    def __init__(self, clock: Clock, stopping: threading.Event) -> None:
        self._clock, self._stopping = clock, stopping
        self.now = clock.now

    def sleep(self, wait_s: float) -> None:
        if self._stopping.wait(wait_s):
            raise ChannelError(Cause.BUSY, "the hub stops", wait_s=0.0)


class Worker:
    """A thread that does rounds while they find something to do, then waits to be woken."""

    def __init__(self, name: str, step: Callable[[], object], stopping: threading.Event) -> None:
        self._step, self._stopping = step, stopping
        self._go, self.idle = threading.Event(), False
        self._go.set()
        self.thread = threading.Thread(target=self._serve, name=f"entrepot-{name}", daemon=True)
        self.thread.start()

    def wake(self) -> None:
        """There may be something to do."""
        self._go.set()

    def _serve(self) -> None:
        while not self._stopping.is_set():
            self.idle = True
            self._go.wait()
            self.idle = False
            self._go.clear()
            try:
                while not self._stopping.is_set() and self._step():
                    pass
            except OperationalError as error:
                why = type(error.orig).__name__
                log.warning("the store cannot be used", worker=self.thread.name, why=why)


class Running:
    """A hub at work in its home; a context manager. Refusal `hub_running` if another one is, unless they
    share a PostgreSQL database: of those there may be several.

    `wire` makes the hub over its store: a sandbox puts emulators in the place of the network there.
    """

    def __init__(
        self, settings: Settings, *, wire: Callable[[Store], Hub] = Hub, clock: Clock | None = None
    ) -> None:
        self.settings, self.token = settings, secrets.token_urlsafe(32)
        self._stopping, self._woken = threading.Event(), threading.Event()
        self._lock = Lock(settings.home)
        clock = clock or SystemClock()
        if not settings.shared:
            self._take_home(clock)
        try:
            around = circumstances(keyring(settings.home, make=True), clock=_Waking(clock, self._stopping))
            self.store = open_for_hub(settings.database, around)
        except BaseException:
            self._lock.give_back()
            raise
        self.store.on_commit = self._woken.set
        self.hub = wire(self.store)
        self._workers: dict[str, Worker] = {}
        self._stand_up()
        self._foreman = threading.Thread(target=self._lead, name="entrepot-foreman", daemon=True)
        self._foreman.start()

    def announce(self, url: str) -> None:
        """Says where the hub can be reached: from now on commands come through there. Those of a shared
        database go to the database."""
        if not self.settings.shared:
            here = url.replace("//0.0.0.0", "//127.0.0.1")
            write_notice(self.settings.home, Notice(url=here, token=self.token))

    def stop(self) -> None:
        """Ends every thread, closes the store and gives the home back, in less than three seconds. Twice is
        once."""
        if self._stopping.is_set():
            return
        if not self.settings.shared:
            forget_notice(self.settings.home)
        self._stopping.set()
        self._woken.set()
        until = monotonic() + STOP_S
        self._foreman.join(STOP_S)
        for worker in self._workers.values():
            worker.wake()
        for worker in self._workers.values():
            worker.thread.join(max(until - monotonic(), 0.0))
        self.hub.close()
        self._lock.give_back()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def _take_home(self, clock: Clock) -> None:
        home = self.settings.home
        if (other := take_or_find(self._lock, home, clock)) is not None:
            raise Refusal("hub_running", f"a hub runs in {home} already, at {other.url}",
                          remedy="Stop it first, or set ENTREPOT_HOME to another folder")  # fmt: skip

    def _keep_time(self) -> None:
        """Queues the readings whose time has come, unless another process does it now."""
        with self.store.holding(TIMETABLE) as mine:
            if mine is not None:
                self.hub.timetable()

    def _lead(self) -> None:
        """The foreman's round. A store that cannot be read now can be in a second."""
        tick_at, wait_s = 0.0, 0.0
        longest_s = POLL_S if self.settings.shared else TICK_S
        while not self._stopping.is_set():
            try:
                if monotonic() >= tick_at:
                    tick_at = monotonic() + TICK_S
                    self._stand_up()
                    self._workers[TIMETABLE].wake()
                wait_s = min(self._hand_out(), tick_at - monotonic(), longest_s)
            except SQLAlchemyError as error:
                log.warning("the store cannot be read", why=type(error).__name__)
                wait_s = TICK_S
            self._woken.wait(max(wait_s, 0.0))
            self._woken.clear()

    def _stand_up(self) -> None:
        """Makes sure that there is a worker for every account, for the bookings and for the timetable."""
        steps: dict[str, Callable[[], object]] = {
            jobs.BOOK: self.hub.book.step,
            TIMETABLE: self._keep_time,
        }
        steps |= {jobs.call_queue(id): self.hub.caller(id).step for id in self.hub.accounts()}
        for name, step in steps.items():
            if name not in self._workers or not self._workers[name].thread.is_alive():
                self._workers[name] = Worker(name, step, self._stopping)

    def _hand_out(self) -> float:
        """Wakes whoever has something due; a busy worker looks once more. Seconds until the next thing is
        due."""
        for name, worker in self._workers.items():
            if not worker.idle and name != TIMETABLE:
                worker.wake()
        idle = [name for name, worker in self._workers.items() if worker.idle]
        found = self.store.read(lambda tx: waiting(tx, [*idle, *(["inbox"] if jobs.BOOK in idle else [])]))
        for name, what in found.items():
            if what.due:
                self._workers[jobs.BOOK if name == "inbox" else name].wake()
        return self._next_s(found)

    def _next_s(self, found: dict[str, Waiting]) -> float:
        moments = [what.next_at for what in found.values() if what.next_at is not None]
        if not moments:
            return TICK_S
        return (min(moments) - self.store.clock.now()).total_seconds()
