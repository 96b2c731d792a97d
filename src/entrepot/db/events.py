"""Events: what happened, appended in the transaction in which it did. No personal data in them."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import bindparam, func, insert, select

from entrepot.db import jobs, tables
from entrepot.db.tx import Tx

_before = tables.event.alias("before")
_NEXT = insert(tables.event).values(
    version=select(func.coalesce(func.max(_before.c.version), 0) + 1)
    .where(_before.c.stream == bindparam("of"))
    .scalar_subquery()
)
"""An event after the last one of its stream, which stands at the end of an index, however long the stream."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """`stream` is '<kind of thing>:<id>'; `body` small and canonical; `key` is what reactions are ordered and
    merged by, the stream if ''."""

    stream: str
    kind: str
    body: dict[str, Any] = {}
    key: str = ""


def append(tx: Tx, events: Sequence[Event]) -> None:
    """Appends to the streams, each without gaps, and enqueues a job for every reaction wired by the app."""
    tx.write(
        _NEXT,
        [
            {
                "id": tx.ids.new(),
                "stream": event.stream,
                "of": event.stream,
                "kind": event.kind,
                "body": event.body,
                "actor": tx.actor,
                "source": tx.source,
                "correlation": tx.correlation,
                "at": tx.now,
            }
            for event in events
        ],
    )
    jobs.enqueue(
        tx, [_reaction(event, kind) for event in events for kind in tx.reactions.get(event.kind, ())]
    )


def _reaction(event: Event, kind: str) -> jobs.Job:
    key = event.key or event.stream
    return jobs.Job(kind=kind, key=key, once=f"{kind}:{key}", body=event.body)
