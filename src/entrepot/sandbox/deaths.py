"""Deaths: the hub's process ends at the k-th side effect, a commit or a call, before it or just after it."""

from collections.abc import Callable
from enum import StrEnum

import httpx2


class Died(BaseException):
    """The process is gone. No handler of errors may catch this."""


class How(StrEnum):
    BEFORE = "before"  # it dies, and the effect never happens
    AFTER = "after"  # the effect happens, and it dies before it knows
    LOST = "answer lost"  # a call has its effect, the hub lives and never hears the answer


class Deaths:
    """Counts side effects once armed, and ends the hub at number `at` (from 1; 0: never). Hand `commit` and
    `send` to a World."""

    def __init__(self) -> None:
        self.at, self.how, self.count = 0, How.BEFORE, 0
        self.calls: list[int] = []
        self._armed = False

    def arm(self, at: int, how: How) -> None:
        """From now on effects are counted."""
        self.at, self.how, self._armed = at, how, True

    def commit(self, go: Callable[[], None]) -> None:
        """A commit: an answer that is lost after it is a death after it."""
        if self._now(call=False):
            if self.how is not How.BEFORE:
                go()
            raise Died(f"at commit {self.count}, {self.how}")
        go()

    def send(self, inner: httpx2.BaseTransport, request: httpx2.Request) -> httpx2.Response:
        """A call to a platform."""
        if not self._now(call=True):
            return inner.handle_request(request)
        if self.how is not How.BEFORE:
            inner.handle_request(request)
        if self.how is How.LOST:
            raise httpx2.ReadTimeout("the answer was lost", request=request)
        raise Died(f"at call {self.count}, {self.how}")

    def _now(self, *, call: bool) -> bool:
        if not self._armed:
            return False
        self.count += 1
        if call:
            self.calls.append(self.count)
        return self.count == self.at
