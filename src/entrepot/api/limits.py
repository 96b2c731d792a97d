"""How often a program may ask: a bucket of requests per caller, in memory, filled evenly."""

import threading
from datetime import datetime
from math import ceil

import msgspec

CALLERS_MAX = 10_000
"""Beyond this the callers that were quiet longest are forgotten: their buckets are full anyway."""


class Left(msgspec.Struct, frozen=True):
    """`requests` may follow at once; after `wait_s` there is one more. `refused`: this one was one too
    many."""

    requests: int
    wait_s: int
    refused: bool = False


class Limits:
    """`quota` requests in `window_s`, and as many at once."""

    def __init__(self, quota: int = 1200, window_s: int = 60) -> None:
        self.quota, self.window_s = quota, window_s
        self._buckets: dict[str, tuple[float, datetime]] = {}
        self._lock = threading.Lock()

    def take(self, caller: str, now: datetime) -> Left:
        """Takes one request of a caller's bucket."""
        with self._lock:
            held, since = self._buckets.pop(caller, (float(self.quota), now))
            passed_s = max((now - since).total_seconds(), 0.0)
            held = min(held + passed_s * self.quota / self.window_s, float(self.quota))
            refused = held < 1
            held -= 0 if refused else 1
            self._buckets[caller] = (held, now)
            while len(self._buckets) > CALLERS_MAX:
                del self._buckets[next(iter(self._buckets))]
        return Left(int(held), ceil(max(1 - held, 0) * self.window_s / self.quota), refused)

    def headers(self, left: Left) -> dict[str, str]:
        """RateLimit-Policy and RateLimit as draft-ietf-httpapi-ratelimit-headers-10 has them."""
        return {
            "ratelimit-policy": f'"requests";q={self.quota};w={self.window_s}',
            "ratelimit": f'"requests";r={left.requests};t={max(left.wait_s, 1)}',
        }
