"""The last calls of every account, in the memory of this process: what was said last, without secrets."""

import threading
from collections import defaultdict, deque
from datetime import datetime

import msgspec

KEPT = 25


class Called(msgspec.Struct, frozen=True, kw_only=True):
    """A call as the adapters' api tells of it: without query, body or secrets. `status` 0: no answer came."""

    method: str
    path: str
    status: int
    took_ms: int
    at: datetime


class LastCalls:
    """A recorder that keeps the last calls of each account."""

    def __init__(self) -> None:
        self._calls: dict[str, deque[Called]] = defaultdict(lambda: deque(maxlen=KEPT))
        self._lock = threading.Lock()

    def call(self, *, account: str, method: str, path: str, status: int, took_ms: int, at: datetime) -> None:
        """Keeps a call."""
        with self._lock:
            self._calls[account].append(
                Called(method=method, path=path, status=status, took_ms=took_ms, at=at)
            )

    def of(self, account: str) -> list[Called]:
        """The last calls of an account, newest first."""
        with self._lock:
            return list(reversed(self._calls.get(account, ())))
