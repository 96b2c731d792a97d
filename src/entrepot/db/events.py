"""Events: what happened, appended in the transaction in which it did. No personal data in them."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import func, insert, select

from entrepot.db import jobs, tables
from entrepot.db.tx import Tx, chunks


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """`stream` is '<kind of thing>:<id>'; `body` small and canonical; `key` is what reactions are ordered and
    merged by, the stream if ''."""

    stream: str
    kind: str
    body: dict[str, Any] = {}
    key: str = ""


def append(tx: Tx, events: Sequence[Event]) -> None:
    """Appends to the streams, each without gaps, and enqueues a job for every reaction wired by the app."""
    if not events:
        return
    versions = Counter(_versions(tx, sorted({event.stream for event in events})))
    rows = []
    for event in events:
        versions[event.stream] += 1
        rows.append(
            {
                "id": tx.ids.new(),
                "stream": event.stream,
                "version": versions[event.stream],
                "kind": event.kind,
                "body": event.body,
                "actor": tx.actor,
                "source": tx.source,
                "correlation": tx.correlation,
                "at": tx.now,
            }
        )
    tx.write(insert(tables.event), rows)
    jobs.enqueue(
        tx, [_reaction(event, kind) for event in events for kind in tx.reactions.get(event.kind, ())]
    )


def _reaction(event: Event, kind: str) -> jobs.Job:
    key = event.key or event.stream
    return jobs.Job(kind=kind, key=key, once=f"{kind}:{key}", body=event.body)


def _versions(tx: Tx, streams: list[str]) -> dict[str, int]:
    table = tables.event
    found: dict[str, int] = {}
    for some in chunks(streams):
        statement = select(table.c.stream, func.max(table.c.version).label("newest")).where(
            table.c.stream.in_(some)
        )
        found |= {row.stream: row.newest for row in tx.rows(statement.group_by(table.c.stream))}
    return found
