"""Several processes on one PostgreSQL database, as far as the database can tell: a store each."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from random import Random
from threading import Event as Gate
from typing import Any

from entrepot.app import REACTIONS
from entrepot.db import Circumstances, InlineStore, Tx
from entrepot.kernel import Ids, Keyring, VirtualClock
from tests.db.stores import KEY, NOON

LONG_S = 20.0


def around(number: int, reactions: Mapping[str, Sequence[str]] = REACTIONS) -> Circumstances:
    """What one process of several has: a clock that stands still, ids and keys of its own draw."""
    clock = VirtualClock(NOON)
    keys = Keyring({"k0000001": KEY}, "k0000001", draw=Random(number).randbytes)
    return Circumstances(clock, Ids(clock, Random(number)), keys, reactions)


def process(url: str, number: int = 1, reactions: Mapping[str, Sequence[str]] = REACTIONS) -> InlineStore:
    """The store of one process."""
    return InlineStore(url, around(number, reactions))


class Slow:
    """A transaction in a thread of its own that has done its work and waits with its commit."""

    def __init__(self, store: InlineStore, work: Callable[[Tx], Any]) -> None:
        self._go, self._worked = Gate(), Gate()
        self._threads = ThreadPoolExecutor(1)

        def wait(tx: Tx) -> Any:
            result = work(tx)
            self._worked.set()
            assert self._go.wait(LONG_S)
            return result

        self._done: Future[Any] = self._threads.submit(store.run, wait)
        assert self._worked.wait(LONG_S), self._done.exception(0)

    def commit(self) -> Any:
        """Lets it commit; its result."""
        self._go.set()
        result = self._done.result(LONG_S)
        self._threads.shutdown()
        return result


@contextmanager
def beside(work: Callable[[], Any]) -> Iterator["Future[Any]"]:
    """Runs `work` in a thread while the block runs."""
    with ThreadPoolExecutor(1) as threads:
        yield threads.submit(work)
