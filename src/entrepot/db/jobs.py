"""Jobs: work to be done later, written in the transaction that wants it. Two kinds of queue: `book` (database
only) and `call:<connection>` (HTTP to one account).

In order per key; a failure parks the key, not the queue; the last attempt makes a dead letter. A job with a
`once` name says "look again", not what to do: it is not added while another of that name waits. One that a
process has claimed already waits no longer, because that process may have looked before; so two may be there
at times, and the second finds nothing to do.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

import msgspec
from sqlalchemy import Select, and_, delete, exists, func, insert, or_, select, update

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
    """Adds jobs; one whose `once` name is already waiting is not added again, and waits for our commit."""
    if not jobs:
        return
    named = _waiting(tx, {job.once for job in jobs if job.once is not None})
    rows = []
    for job in jobs:
        if job.once is None or job.once not in named:
            rows.append(_row(tx, job))
            named.add(job.once or "")
    tx.write(insert(tables.job), rows)


def _waiting(tx: Tx, names: Iterable[str]) -> set[str]:
    """Which of these names wait and are nobody's yet. Until our commit nobody can claim them: whoever does
    then sees what we wrote."""
    job, found = tables.job, set()
    for some in chunks(sorted(names)):
        statement = select(job.c.once).where(job.c.once.in_(some), job.c.state == "ready")
        keeping = tx.locked(statement.order_by(job.c.id), read=True, key_share=True, skip_locked=True)
        found |= {row.once for row in tx.rows(keeping)}
    return found


def _row(tx: Tx, job: Job) -> dict[str, Any]:
    return {
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


def take(tx: Tx, queue: str, limit: int) -> list[Job]:
    """The next due jobs of one kind: the kind of the first that is due. A job waits for the earlier ones of
    its key that are parked or of another kind."""
    return [_job(row) for row in _due(tx, queue, limit, lambda statement: statement)]


def claim(tx: Tx, queue: str, limit: int) -> list[Job]:
    """The same of the jobs that no other transaction has claimed; they are ours until this one ends. Of one
    key only one process has jobs at a time: the others' wait, whatever their ids say (clocks differ)."""
    job = tables.job
    rows = _due(tx, queue, limit, lambda statement: tx.locked(statement, skip_locked=True, of=job))
    if tx.database == "sqlite" or not rows:  # there is nobody else
        return [_job(row) for row in rows]
    keys = {f"job:{queue}:{row.key}": row.key for row in rows}
    ours = {keys[name] for name in tx.keep(keys)}
    mine, behind = {row.id for row in rows if row.key in ours}, set[str]()
    here = and_(job.c.queue == queue, job.c.key.in_(sorted(ours)), job.c.state == "ready")
    earlier = select(job.c.id, job.c.key).where(here, job.c.id <= rows[-1].id).order_by(job.c.id)
    for row in tx.rows(earlier):  # looked at only now that the keys are ours
        if row.id not in mine:
            behind.add(row.key)
        elif row.key in behind:
            mine.discard(row.id)
    return [_job(row) for row in rows if row.id in mine]


def _due(tx: Tx, queue: str, limit: int, locked: Callable[[Select[Any]], Select[Any]]) -> Sequence[Any]:
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
    first = select(job.c.rank, job.c.kind).where(due).order_by(job.c.rank, job.c.id).limit(1)
    head = tx.row(locked(first))
    if head is None:
        return []
    same = and_(due, job.c.rank == head.rank, job.c.kind == head.kind)
    return tx.rows(locked(select(job).where(same).order_by(job.c.id).limit(limit)))


def done(tx: Tx, ids: Sequence[str]) -> None:
    """Removes finished jobs."""
    for some in chunks(ids):
        tx.run(delete(tables.job).where(tables.job.c.id.in_(some)))


def park(tx: Tx, ids: Sequence[str], why: str, *, wait_s: float | None, count: bool) -> None:
    """Puts jobs back for `wait_s` (None: the longer, the more attempts). `count` says whether it was an
    attempt; the last one makes a dead letter."""
    job = tables.job
    for some in chunks(ids):
        mine = and_(job.c.id.in_(some), job.c.state == "ready")
        for row in tx.rows(select(job.c.id, job.c.attempts).where(mine).order_by(job.c.id)):
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


def hurry(tx: Tx, queue: str) -> None:
    """What waits in a queue for later is due now: the reason for waiting is gone."""
    job = tables.job
    waiting = and_(job.c.queue == queue, job.c.state == "ready", job.c.run_at > tx.now)
    tx.run(update(job).where(waiting).values(run_at=tx.now))


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
