"""What is read again and again: each reading is a job that exists once, due so long after the last whole
one."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from sqlalchemy import select

from entrepot import connections
from entrepot.connections import Flow, Level, State
from entrepot.contract import Channel
from entrepot.db import Job, Tx, jobs, tables

EVERY_S: dict[str, float] = {
    "probe": 86_400.0,
    "read_locations": 86_400.0,
    "read_listings": 3_600.0,
    "sweep_orders": 300.0,
    "read_stock": 300.0,
    "keep_hooks": 900.0,
}
"""Seconds between two readings, in the order in which a new connection does them."""

NEEDS: dict[str, str] = {
    "probe": "probe",
    "read_locations": "read_locations",
    "read_listings": "read_listings",
    "sweep_orders": "read_orders",
    "read_stock": "read_stock",
    "keep_hooks": "subscribe",
}
"""The adapter's function that each reading stands on; without it there is no such job."""


def due(tx: Tx, channels: Mapping[str, Channel], every_s: Mapping[str, float]) -> list[Job]:
    """The readings whose time has come and that nobody has queued yet."""
    return [job for job, at in _unqueued(tx, channels, every_s) if at is None or at <= tx.now]


def next_at(tx: Tx, channels: Mapping[str, Channel], every_s: Mapping[str, float]) -> datetime | None:
    """When the next reading that nobody has queued yet is due; None if there is none."""
    moments = [at or tx.now for _job, at in _unqueued(tx, channels, every_s)]
    return min(moments, default=None)


def _unqueued(
    tx: Tx, channels: Mapping[str, Channel], every_s: Mapping[str, float]
) -> Iterator[tuple[Job, datetime | None]]:
    """The readings that are not queued, and when each is due: None for one that was never done."""
    waiting = {row.once for row in tx.rows(select(tables.job.c.once).where(tables.job.c.state == "ready"))}
    marks = connections.watermarks(tx)
    for connection in connections.connections(tx):
        if connection.flow(Flow.ORDERS_IN) is Level.OFF and connection.flow(Flow.STOCK_OUT) is Level.OFF:
            continue
        if connection.state is State.WAITING:
            continue
        for kind, function in NEEDS.items():
            job = reading_job(connection.id, kind)
            if not hasattr(channels.get(connection.platform), function) or job.once in waiting:
                continue
            mark = marks.get((connection.id, kind))
            yield job, mark[1] + timedelta(seconds=every_s[kind]) if mark else None


def enqueue_due(tx: Tx, channels: Mapping[str, Channel], every_s: Mapping[str, float]) -> None:
    jobs.enqueue(tx, due(tx, channels, every_s))


def reading_job(connection_id: str, kind: str) -> Job:
    """One reading of one account, once."""
    return Job(kind=kind, queue=jobs.call_queue(connection_id), key=kind, once=f"{kind}:{connection_id}")


def look_again(tx: Tx, connection_id: str) -> None:
    """An account has other credentials: a look at it, now, and everything that waited for them with it."""
    jobs.enqueue(tx, [reading_job(connection_id, "probe")])
    jobs.hurry(tx, jobs.call_queue(connection_id))


def observe_job(connection_id: str) -> Job:
    """Read the stock figures of one account soon: a slot cannot be written before it was read."""
    return reading_job(connection_id, "read_stock")
