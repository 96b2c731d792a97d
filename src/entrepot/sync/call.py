"""What a handler of calls is handed: one account, its adapter, its api, and the store."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

import msgspec

from entrepot.connections import Connection
from entrepot.contract import Api, Channel
from entrepot.db import Job, Store, Tx, jobs

T = TypeVar("T")


class Halve(Protocol):
    """Runs a batch; one that fails is cut in two until the bad row is found, and only that one fails."""

    def __call__(
        self, batch: Sequence[T], run: Callable[[Sequence[T]], None], failed: Callable[[T, Exception], None]
    ) -> None: ...


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """Some due jobs of one kind for one account. The handler finishes them in its own last transaction; those
    it leaves are put back when it raises ChannelError."""

    store: Store
    connection: Connection
    channel: Channel
    api: Api
    jobs: Sequence[Job]
    halve: Halve

    @property
    def ids(self) -> list[str]:
        return [job.id for job in self.jobs]

    def done(self, tx: Tx) -> None:
        """Finishes all jobs of this call."""
        jobs.done(tx, self.ids)


Handler = Callable[[Call], None]
Handlers = Mapping[str, Handler]


def fetch_job(connection_id: str, order_id: str, *, run_at: datetime | None = None) -> Job:
    """Ask the channel for an order, at `run_at` or now."""
    return Job(
        kind="fetch_order",
        queue=jobs.call_queue(connection_id),
        key=f"order:{order_id}",
        once=f"fetch:{connection_id}:{order_id}",
        body={"order": order_id},
        run_at=run_at,
    )
