"""Permits: how many calls an account may make. A bucket per account, emptied by the platform's own 429."""

import threading
from datetime import datetime, timedelta

from entrepot.contract import Pace


class Bucket:
    """`burst` calls at once, then `per_s` a second; nothing before `closed_until`."""

    def __init__(self, pace: Pace, now: datetime) -> None:
        self.pace, self.level, self.at = pace, float(pace.burst), now
        self.closed_until: datetime | None = None

    def take(self, now: datetime) -> float:
        """0 and one call less, or the seconds until there is one."""
        if self.closed_until is not None and now < self.closed_until:
            return (self.closed_until - now).total_seconds()
        self.level, self.at = self.now(now), now
        if self.level < 1:
            return (1 - self.level) / self.pace.per_s
        self.level -= 1
        return 0.0

    def now(self, now: datetime) -> float:
        """The calls that it holds, without taking one."""
        passed_s = max((now - self.at).total_seconds(), 0.0)
        return min(self.pace.burst, self.level + passed_s * self.pace.per_s)


class LocalPermits:
    """Buckets in this process's memory: full after a restart, until the platform's 429 corrects that."""

    def __init__(self) -> None:
        self._buckets: dict[str, Bucket] = {}
        self._paces: dict[str, Pace] = {}
        self._lock = threading.Lock()

    def allow(self, account: str, pace: Pace) -> None:
        """Says how fast an account may be called."""
        self._paces[account] = pace

    def take(self, account: str, now: datetime) -> float:
        with self._lock:
            return self._bucket(account, now).take(now)

    def left(self, account: str, now: datetime) -> tuple[int, Pace] | None:
        """Calls that could be made at once, and the pace; None of an account that nobody has called."""
        with self._lock:
            if account not in self._buckets:
                return None
            bucket = self._buckets[account]
            return int(bucket.now(now)), bucket.pace

    def busy(self, account: str, wait_s: float, now: datetime) -> None:
        """The platform said: not before `wait_s`."""
        with self._lock:
            bucket = self._bucket(account, now)
            bucket.level, bucket.at = 0.0, now
            until = now + timedelta(seconds=wait_s)
            bucket.closed_until = max(bucket.closed_until or until, until)

    def _bucket(self, account: str, now: datetime) -> Bucket:
        if account not in self._buckets:
            self._buckets[account] = Bucket(self._paces[account], now)
        return self._buckets[account]
