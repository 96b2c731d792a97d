"""How long somebody waits who was wrong too often: a rule, and what is remembered of addresses and of logins
that do not exist."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime, timedelta

from entrepot.kernel import Refusal

FREE, FREE_OF_ADDRESS = 4, 19
"""So many wrong passwords or codes in a row cost nothing. A whole shop may come from one address."""

FIRST_S, LONGEST_S = 30, 900
KEPT_MAX = 10_000
FORGOTTEN = timedelta(hours=1)


def wait_s(failures: int, free: int = FREE) -> int:
    """Seconds until the next try is looked at: none, then 30, 60, 120 … up to a quarter of an hour."""
    return 0 if failures <= free else min(FIRST_S << min(failures - free - 1, 10), LONGEST_S)


def locked(until: datetime, now: datetime) -> Refusal:
    """What somebody is told who has to wait, whether the password was right or not."""
    seconds = max(int((until - now).total_seconds()) + 1, 1)
    return Refusal(
        "locked",
        f"too many wrong tries: wait {seconds} seconds",
        remedy="An owner can lift it, or print a link with entrepot login-link",
    )


class Locks:
    """Failures by address, and by logins that do not exist, in the memory of this process: ten thousand at
    most, the oldest go first."""

    def __init__(self) -> None:
        self._failures: OrderedDict[str, tuple[int, datetime, datetime]] = OrderedDict()
        self._alone = threading.Lock()

    def check(self, names: Sequence[str], now: datetime) -> None:
        """Refusal `locked` if one of the names has to wait."""
        with self._alone:
            until = max((self._failures[name][1] for name in names if name in self._failures), default=now)
        if until > now:
            raise locked(until, now)

    def fail(self, name: str, now: datetime, *, free: int = FREE) -> None:
        """Counts a failure. After an hour without one they are forgotten."""
        with self._alone:
            before, _until, last = self._failures.pop(name, (0, now, now))
            failures = 1 if last < now - FORGOTTEN else before + 1
            until = now + timedelta(seconds=wait_s(failures, free))
            self._failures[name] = failures, until, now
            while len(self._failures) > KEPT_MAX:
                self._failures.popitem(last=False)
