"""Events: what happened, appended in the transaction in which it did. No personal data in them.

Ids rise with time and commits come in any order, so whoever follows events follows their `turn`. On SQLite
transactions end in the order of their turns; on PostgreSQL a turn is the transaction's own number, and an
event is shown once no older transaction can still commit.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import BigInteger, ColumnElement, Text, bindparam, cast, func, insert, select, tuple_, update

from entrepot.db import jobs, tables
from entrepot.db.tx import Tx
from entrepot.kernel import Refusal

SCANNED = 5_000
"""So many events are looked through at once for those that somebody wants."""

_event = tables.event
_before = tables.event.alias("before")
_VERSION = (
    select(func.coalesce(func.max(_before.c.version), 0) + 1)
    .where(_before.c.stream == bindparam("of"))
    .scalar_subquery()
)
"""After the last event of a stream, which stands at the end of an index, however long the stream is."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """`stream` is '<kind of thing>:<id>'; `body` small and canonical; `key` is what reactions are ordered and
    merged by, the stream if ''."""

    stream: str
    kind: str
    body: dict[str, Any] = {}
    key: str = ""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """A stored event, as programs read it. `version` counts the events of its stream."""

    id: str
    stream: str
    version: int
    kind: str
    body: dict[str, Any]
    actor: str
    source: str
    correlation: str
    at: datetime


class Following(msgspec.Struct, frozen=True, kw_only=True):
    """Some events in the order in which they are to be followed. `cursor`: go on behind it; it moves on also
    where nobody wanted what was there. `more`: ask again at once."""

    events: tuple[Told, ...]
    cursor: str
    more: bool


def append(tx: Tx, events: Sequence[Event]) -> None:
    """Appends to the streams, each without gaps, and enqueues a job for every reaction wired by the app."""
    if not events:
        return
    tx.write(
        insert(_event).values(turn=_turn(tx), version=_VERSION),
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


def _turn(tx: Tx) -> ColumnElement[int] | int:
    """The number of this transaction, or the next one where there is one writer."""
    if tx.database == "postgresql":
        return _number(func.pg_current_xact_id())
    return int(tx.rows(select(func.coalesce(func.max(_event.c.turn), 0) + 1))[0][0])


def events_after(
    tx: Tx, cursor: str, *, limit: int, streams: str = "", kinds: Sequence[str] = ()
) -> Following:
    """What was committed behind an event; '' begins with the first. None is ever skipped: one that commits
    late comes late. `streams` is how a stream begins ('order:'), `kinds` are those wanted, () all.

    Refusal `cursor` for an event that is not here.
    """
    window = select(_event).where(*_behind(tx, cursor)).order_by(_event.c.turn, _event.c.id).limit(SCANNED)
    seen = window.subquery()
    wanted = select(seen).order_by(seen.c.turn, seen.c.id).limit(limit)
    if streams:
        wanted = wanted.where(seen.c.stream >= streams, seen.c.stream < streams + "\U0010ffff")
    if kinds:
        wanted = wanted.where(seen.c.kind.in_(kinds))
    found = tuple(_told(row) for row in tx.rows(wanted))
    if len(found) == limit:
        return Following(events=found, cursor=found[-1].id, more=True)
    ends = select(seen.c.id, func.count().over().label("n")).order_by(seen.c.turn.desc(), seen.c.id.desc())
    last = tx.row(ends.limit(1))
    if last is None:
        return Following(events=(), cursor=cursor, more=False)
    return Following(events=found, cursor=last.id, more=last.n == SCANNED)


def newest(tx: Tx) -> str:
    """The cursor behind everything that is committed by now."""
    statement = select(_event.c.id).where(*_visible(tx))
    row = tx.row(statement.order_by(_event.c.turn.desc(), _event.c.id.desc()).limit(1))
    return row.id if row else ""


def in_order(tx: Tx) -> bool:
    """Whether no event has a turn that is still to come: those of a database that was copied from another
    server may."""
    if tx.database != "postgresql":
        return True
    highest = func.coalesce(select(func.max(_event.c.turn)).scalar_subquery(), 0)
    coming = _number(func.pg_snapshot_xmax(func.pg_current_snapshot()))
    return bool(tx.rows(select(highest < coming))[0][0])


def keep_order(tx: Tx) -> None:
    """Puts every turn that there is before those of this server, in their order."""
    tx.alone("turns of events")
    if not in_order(tx):
        highest = tx.rows(select(func.max(_event.c.turn)))[0][0]
        tx.run(update(_event).values(turn=_event.c.turn - highest - 1))


def _behind(tx: Tx, cursor: str) -> list[ColumnElement[bool]]:
    visible = _visible(tx)
    if not cursor:
        return visible
    row = tx.row(select(_event.c.turn).where(_event.c.id == cursor))
    if row is None:
        raise Refusal(
            "cursor",
            f"there is no event {cursor[:40]!r} to go on behind",
            remedy="Begin without one",
            field="after",
        )
    return [*visible, tuple_(_event.c.turn, _event.c.id) > tuple_(row.turn, cursor)]


def _visible(tx: Tx) -> list[ColumnElement[bool]]:
    """Only turns behind which nothing older can still be committed."""
    if tx.database != "postgresql":
        return []
    return [_event.c.turn < _number(func.pg_snapshot_xmin(func.pg_current_snapshot()))]


def _number(of: ColumnElement[Any]) -> ColumnElement[int]:
    return cast(cast(of, Text), BigInteger)


def _told(row: Any) -> Told:
    return Told(
        id=row.id,
        stream=row.stream,
        version=row.version,
        kind=row.kind,
        body=row.body,
        actor=row.actor,
        source=row.source,
        correlation=row.correlation,
        at=row.at,
    )


def _reaction(event: Event, kind: str) -> jobs.Job:
    key = event.key or event.stream
    return jobs.Job(kind=kind, key=key, once=f"{kind}:{key}", body=event.body)
