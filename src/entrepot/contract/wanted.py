"""Requests to a channel and its answers, row by row. A request's idempotency key has at most 45 letters."""

from datetime import datetime

import msgspec

KEY_MAX = 45


class StockWanted(msgspec.Struct, frozen=True, kw_only=True):
    """`quantity` is what the slot should show; `delta` the difference to what we believe it shows.

    An absolute adapter sends `quantity`, a delta adapter `delta`, a compare-and-set adapter both (`expected`
    is the figure it must still show). `at` is the hub's time, for platforms that order writes by the caller's
    time; the same key always comes with the same content.
    """

    key: str
    item: str
    location: str
    quantity: int
    delta: int = 0
    expected: int | None = None
    at: datetime


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """Done, at `at` in the channel's clock. `quantity`: what it says it shows now, None if it does not."""

    key: str
    at: datetime
    quantity: int | None = None


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """Taken for later: ask again with `ticket`."""

    key: str
    ticket: str


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """The row is wrong and stays wrong until somebody does something. `code` is the platform's own word.

    `stale`: nothing is wrong but the comparison: another figure stands there, to be read and planned anew.
    """

    key: str
    code: str
    why: str
    gone: bool = False  # the item is no longer there
    stale: bool = False


class Unknown(msgspec.Struct, frozen=True, kw_only=True):
    """Nobody knows whether it was done: it stays in flight and is sent again with the same key."""

    key: str
    why: str


Answer = Applied | Accepted | Refused | Unknown
