"""Jobs: work to be done later, written in the transaction that wants it. Two kinds of queue: `book` (database
only) and `call:<connection>` (HTTP to one account).

In order per key; a failure parks the key, not the queue; the last attempt makes a dead letter. A job with a
`once` name exists at most once while it is ready: it says "look again", not what to do.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

import msgspec
from sqlalchemy import and_, delete, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from entrepot.db import tables
from entrepot.db.tx import Tx, chunks

LANES = 64
ATTEMPTS = 8
BACKOFF_S, BACKOFF_MAX_S = 2.0, 3600.0
BOOK = "book"


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """`rank` 0 goes before 1 in its queue (danger first), equals in the order in which they came. `run_at`
    None: now."""

    kind: str
    key: str
    queue: str = BOOK
    body: Mapping[str, Any] = {}
    rank: int = 1
    once: str | None = None
    run_at: datetime | None = None
    id: str = ""
    attempts: int = 0
    correlation: str = ""
    created_at: datetime | None = None


def call_queue(connection_id: str) -> str:
    """The queue of one account's calls."""
    return f"call:{connection_id}"


def enqueue(tx: Tx, jobs: Sequence[Job]) -> None:
    """Adds jobs; one whose `once` name is already waiting is not added again."""
    if not jobs:
        return
    upsert = postgresql.insert if tx.database == "postgresql" else sqlite.insert
    tx.write(
        upsert(tables.job).on_conflict_do_nothing(),
        [
            {
                "id": tx.ids.new(),
                "queue": job.queue,
                "lane": crc32(job.key.encode()) % LANES,
                "rank": job.rank,
                "kind": job.kind,
                "key": job.key,
                "once": job.once,
                "body": dict(job.body),
                "state": "ready",
                "attempts": 0,
                "run_at": job.run_at or tx.now,
                "created_at": tx.now,
                "correlation": job.correlation or tx.correlation,
                "why": "",
            }
            for job in jobs
        ],
    )


def take(tx: Tx, queue: str, limit: int) -> list[Job]:
    """The next due jobs of one kind: the kind of the first that is due. A job waits for the earlier ones of
    its key that are parked or of another kind."""
    job, earlier = tables.job, tables.job.alias("earlier")
    behind = exists().where(
        and_(
            earlier.c.queue == job.c.queue,
            earlier.c.key == job.c.key,
            earlier.c.id < job.c.id,
            earlier.c.state == "ready",
            or_(earlier.c.run_at > tx.now, earlier.c.kind != job.c.kind),
        )
    )
    due = and_(job.c.queue == queue, job.c.state == "ready", job.c.run_at <= tx.now, ~behind)
    head = tx.row(select(job.c.rank, job.c.kind).where(due).order_by(job.c.rank, job.c.id).limit(1))
    if head is None:
        return []
    same = and_(due, job.c.rank == head.rank, job.c.kind == head.kind)
    return [_job(row) for row in tx.rows(select(job).where(same).order_by(job.c.id).limit(limit))]


def done(tx: Tx, ids: Sequence[str]) -> None:
    """Removes finished jobs."""
    for some in chunks(ids):
        tx.run(delete(tables.job).where(tables.job.c.id.in_(some)))


def park(tx: Tx, ids: Sequence[str], why: str, *, wait_s: float | None, count: bool) -> None:
    """Puts jobs back for `wait_s` (None: the longer, the more attempts). `count` says whether it was an
    attempt; the last one makes a dead letter."""
    job = tables.job
    for some in chunks(ids):
        for row in tx.rows(
            select(job.c.id, job.c.attempts).where(job.c.id.in_(some), job.c.state == "ready")
        ):
            attempts = row.attempts + (1 if count else 0)
            wait = wait_s if wait_s is not None else backoff_s(attempts)
            tx.run(
                update(job)
                .where(job.c.id == row.id)
                .values(
                    attempts=attempts,
                    state="dead" if attempts >= ATTEMPTS else "ready",
                    run_at=tx.now + timedelta(seconds=wait),
                    why=why[:500],
                )
            )


def backoff_s(attempts: int) -> float:
    """Seconds to wait after so many failures: 2, 4, 8, … at most an hour."""
    return min(BACKOFF_S * 2.0 ** max(attempts - 1, 0), BACKOFF_MAX_S)


def waiting(tx: Tx, queue: str, kind: str, *, besides: Sequence[str] = ()) -> bool:
    """Whether a job of this kind waits in a queue, besides the named ones."""
    job = tables.job
    mine = and_(job.c.queue == queue, job.c.kind == kind, job.c.state == "ready", job.c.id.not_in(besides))
    return tx.row(select(job.c.id).where(mine).limit(1)) is not None


def next_at(tx: Tx) -> datetime | None:
    """When the earliest waiting job or delivery is due; None if nothing waits."""
    job, inbox = tables.job, tables.inbox
    legible = inbox.c.seal.in_(select(tables.seal_key.c.name))
    moments = [
        tx.rows(select(func.min(job.c.run_at)).where(job.c.state == "ready"))[0][0],
        tx.rows(select(func.min(inbox.c.run_at)).where(inbox.c.state == "new", legible))[0][0],
    ]
    return min((moment for moment in moments if moment is not None), default=None)


def depth(tx: Tx) -> dict[str, dict[str, Any]]:
    """Per queue: ready, dead, and since when the oldest due one waits."""
    job = tables.job
    statement = select(
        job.c.queue, job.c.state, func.count().label("n"), func.min(job.c.run_at).label("oldest")
    ).group_by(job.c.queue, job.c.state)
    depths: dict[str, dict[str, Any]] = {}
    for row in tx.rows(statement):
        entry = depths.setdefault(row.queue, {"ready": 0, "dead": 0, "oldest_due_s": 0.0})
        entry[row.state] = row.n
        if row.state == "ready":
            entry["oldest_due_s"] = max((tx.now - row.oldest).total_seconds(), 0.0)
    return depths


def _job(row: Any) -> Job:
    return Job(
        id=row.id,
        queue=row.queue,
        rank=row.rank,
        kind=row.kind,
        key=row.key,
        once=row.once,
        body=row.body,
        run_at=row.run_at,
        attempts=row.attempts,
        correlation=row.correlation,
        created_at=row.created_at,
    )
