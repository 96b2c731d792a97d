"""The only place that reads the clock. Everything else is handed one."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Aware UTC now, and a wait. A simulation's wait moves its own time on and returns at once."""

    def now(self) -> datetime: ...

    def sleep(self, wait_s: float) -> None: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, wait_s: float) -> None:
        time.sleep(wait_s)


class VirtualClock:
    """A clock that stands still until somebody moves it on; sleeping moves it on."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def sleep(self, wait_s: float) -> None:
        self._now += timedelta(seconds=max(wait_s, 0.0))
