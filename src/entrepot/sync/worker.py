"""The workers: one for everything that only needs the database, one per account for calls. Each is a `step`.

This file and the web edge are the only ones that catch everything: what went wrong is counted, recorded with
the row it went wrong for, and the others go on.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import msgspec
import structlog
from sqlalchemy.exc import OperationalError

from entrepot import connections
from entrepot.contract import Api, Channel
from entrepot.db import ClaimLost, Job, Store, Tx, inbox, jobs
from entrepot.db.inbox import Letter
from entrepot.kernel import Cause, ChannelError, Refusal
from entrepot.sync.call import Call, Handlers
from entrepot.sync.pull import Opened, book

BATCH = 200
JOBS = 500
"""Jobs of one kind in one go: a SKU's new figures are a few rows each."""

RECONNECT_S = 900.0
"""An account whose credentials are refused is tried again after this long."""

OF_THE_ACCOUNT = frozenset({Cause.BUSY, Cause.DOWN, Cause.LOST, Cause.DENIED})
"""Failures that say nothing of a single row: every further call would only meet the same."""

BookHandler = Callable[[Tx, Sequence[Job]], None]

T = TypeVar("T")

log = structlog.get_logger("entrepot.worker")


class BookWorker:
    """Takes deliveries in and runs the jobs of the `book` queue, in order per key. What a round has claimed
    is booked and finished in one go: a process that dies on the way leaves everything to the others."""

    def __init__(
        self, store: Store, channels: Mapping[str, Channel], handlers: Mapping[str, BookHandler]
    ) -> None:
        self._store, self._channels, self._handlers = store, channels, handlers

    def step(self) -> int:
        """One round; how much there was to do."""
        return self._pull() + self._book()

    def _pull(self) -> int:
        with self._store.claiming() as mine:
            letters, accounts = mine.read(lambda tx: (inbox.claim(tx, BATCH), connections.connections(tx)))
            by_id = {one.id: one for one in accounts}
            opened: list[Opened] = []
            for letter in letters:
                connection = by_id[letter.connection_id]
                read_events = self._channels[connection.platform].read_events
                try:
                    seen = read_events(letter.delivery, connection.settings)
                except Exception as error:
                    _letter_failed(mine, letter, error)
                else:
                    opened.append(Opened(letter=letter, connection=connection, seen=seen))
            halve(
                opened,
                lambda some: mine.run(lambda tx: book(tx, self._channels, some), source="webhook"),
                lambda one, error: _letter_failed(mine, one.letter, error),
            )
        return len(letters)

    def _book(self) -> int:
        with self._store.claiming() as mine:
            due = mine.read(lambda tx: jobs.claim(tx, jobs.BOOK, JOBS))
            halve(due, lambda some: self._run(mine, some), lambda one, error: _job_failed(mine, one, error))
        return len(due)

    def _run(self, mine: Store, due: Sequence[Job]) -> None:
        handler = self._handlers[due[0].kind]

        def work(tx: Tx) -> None:
            handler(tx, due)
            jobs.done(tx, [job.id for job in due])

        mine.run(work, source=due[0].kind, correlation=due[0].correlation)


def _job_failed(store: Store, job: Job, error: Exception) -> None:
    log.warning("job failed", job=job.id, kind=job.kind, key=job.key, why=why(error))
    store.run(lambda tx: jobs.park(tx, [job.id], why(error), wait_s=None, count=_counts(error)))


def _letter_failed(store: Store, letter: Letter, error: Exception) -> None:
    log.warning("delivery failed", delivery=letter.id, connection=letter.connection_id, why=why(error))
    hopeless = isinstance(error, Refusal | ChannelError) and not getattr(error, "retry", False)
    store.run(lambda tx: inbox.fail(tx, letter, why(error), hopeless=hopeless))


class CallWorker:
    """Runs the calls of one account, so that none waits for another account's platform. One process at a time
    calls an account: it commits on the connection that says so, and with that connection it loses the right
    to."""

    def __init__(
        self,
        store: Store,
        connection_id: str,
        *,
        channels: Mapping[str, Channel],
        handlers: Handlers,
        api: Callable[[connections.Connection], Api],
    ) -> None:
        self._store, self._connection_id = store, connection_id
        self._channels, self._handlers, self._api = channels, handlers, api

    def step(self) -> int:
        """One round: the due jobs of one kind; how many there were. None if another process calls the account
        now."""
        queue = jobs.call_queue(self._connection_id)
        if not self._store.read(lambda tx: jobs.take(tx, queue, 1)):
            return 0
        with self._store.holding(queue) as mine:
            try:
                return 0 if mine is None else self._call(mine, queue)
            except ClaimLost:
                log.warning("the account is somebody else's now", connection=self._connection_id)
                return 0

    def _call(self, mine: Store, queue: str) -> int:
        connection, due = mine.read(
            lambda tx: (connections.connection(tx, id=self._connection_id), jobs.take(tx, queue, BATCH))
        )
        if not due or connection is None or connection.platform not in self._channels:
            return 0  # the jobs of a platform that is not installed wait until it is
        call = Call(
            store=mine,
            connection=connection,
            channel=self._channels[connection.platform],
            api=self._api(connection),
            jobs=due,
            halve=halve,
        )
        self._do(call)
        return len(due)

    def _do(self, call: Call) -> None:
        """Does the jobs of a call. What is wrong with one of them stops only that one."""
        kind, half = call.jobs[0].kind, len(call.jobs) // 2
        try:
            self._handlers[kind](call)
        except ClaimLost:
            raise  # nothing more can be recorded, and nothing more may be called
        except Exception as error:
            whole = isinstance(error, ChannelError) and error.cause in OF_THE_ACCOUNT
            if half and not whole:
                self._do(msgspec.structs.replace(call, jobs=call.jobs[:half]))
                self._do(msgspec.structs.replace(call, jobs=call.jobs[half:]))
            elif isinstance(error, ChannelError):
                self._put_back(call, error)
            else:
                text, count = why(error), _counts(error)
                log.warning("call failed", kind=kind, connection=call.connection.name, why=text)
                call.store.run(lambda tx: jobs.park(tx, call.ids, text, wait_s=None, count=count))

    def _put_back(self, call: Call, error: ChannelError) -> None:
        log.info("call put back", kind=call.jobs[0].kind, connection=call.connection.name, why=str(error))

        def work(tx: Tx) -> None:
            denied = error.cause is Cause.DENIED
            if denied:
                connections.shut_out(tx, call.connection.id, str(error))
            wait_s = RECONNECT_S if denied else error.wait_s
            jobs.park(
                tx, call.ids, str(error), wait_s=wait_s, count=not denied and error.cause is not Cause.BUSY
            )

        call.store.run(work)


def halve(
    batch: Sequence[T], run: Callable[[Sequence[T]], None], failed: Callable[[T, Exception], None]
) -> None:
    """Runs a batch; one that fails is cut in two until the bad row is found, and only that one fails."""
    if not batch:
        return
    try:
        run(batch)
    except Exception as error:
        if len(batch) == 1:
            failed(batch[0], error)
            return
        middle = len(batch) // 2
        halve(batch[:middle], run, failed)
        halve(batch[middle:], run, failed)


def why(error: Exception) -> str:
    """What an error says of itself, without the data it came with."""
    if isinstance(error, Refusal):
        return f"{error.code}: {error}"
    if isinstance(error, ChannelError):
        return str(error)
    return f"{type(error).__name__} in {_place(error)}"


def _place(error: Exception) -> str:
    """file:line where an error was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return "?"
    return f"{trace.tb_frame.f_code.co_filename.rsplit('/', 2)[-1]}:{trace.tb_lineno}"


def _counts(error: Exception) -> bool:
    """A locked database is no fault of the job."""
    return not isinstance(error, OperationalError)
