"""Invariants of what waits and what is kept: events, deliveries, jobs, writes in flight."""

from datetime import timedelta

from sqlalchemy import and_, exists, func, literal, not_, or_, select

from entrepot.db import Tx, jobs, tables
from entrepot.monitor.found import MOST, Found
from entrepot.monitor.views import CALLS, counted

_event, _inbox, _job, _slot = tables.event, tables.inbox, tables.job, tables.slot

LATE = timedelta(hours=1)
STATES = ("new", "done", "dead")


def streams_have_no_gaps(tx: Tx) -> Found:
    """No event of a stream is missing, doubled or taken out afterwards: versions run 1, 2, 3, …"""
    first, last, n = func.min(_event.c.version), func.max(_event.c.version), func.count()
    statement = (
        select(_event.c.stream, first.label("first"), last.label("last"), n.label("n"))
        .group_by(_event.c.stream)
        .having(or_(first != 1, last != n))
        .limit(MOST)
    )
    return Found(
        checked=counted(tx, _event),
        violations=[
            (row.stream, f"{row.n} events, numbered {row.first} to {row.last}") for row in tx.rows(statement)
        ],
    )


def deliveries_are_booked(tx: Tx) -> Found:
    """No delivery gets stuck: each is done, or dead and listed, or new and not an hour late."""
    wrong = or_(
        _inbox.c.state.not_in(STATES),
        and_(_inbox.c.state == "new", _inbox.c.run_at < tx.now - LATE),
        and_(_inbox.c.state == "done", _inbox.c.done_at.is_(None)),
    )
    return Found(
        checked=counted(tx, _inbox),
        violations=[
            (row.id, f"{row.state}, was due {row.run_at:%Y-%m-%d %H:%M:%S} UTC")
            for row in tx.rows(select(_inbox).where(wrong).order_by(_inbox.c.id).limit(MOST))
        ],
    )


def jobs_have_somebody_to_do_them(tx: Tx) -> Found:
    """No job waits for ever: its queue is the hub's own or that of a connection that exists."""
    connection = tables.connection
    owned = exists().where(_job.c.queue == literal(CALLS) + connection.c.id)
    orphaned = and_(_job.c.state == "ready", _job.c.queue != jobs.BOOK, not_(owned))
    return Found(
        checked=counted(tx, _job, _job.c.state == "ready"),
        violations=[
            (row.id, f"{row.kind} waits in {row.queue}, which nobody works on")
            for row in tx.rows(select(_job).where(orphaned).order_by(_job.c.id).limit(MOST))
        ],
    )


def flights_were_sent(tx: Tx) -> Found:
    """No write is on its way that nobody noted before: a flight has the figure that was sent, and when."""
    unsent = and_(_slot.c.flight != "", or_(_slot.c.sent.is_(None), _slot.c.sent_at.is_(None)))
    landed = and_(_slot.c.flight == "", _slot.c.flight_delta != 0)
    return Found(
        checked=counted(tx, _slot),
        violations=[
            (row.id, f"flight {row.flight!r} of {row.flight_delta:+d}, sent {row.sent}")
            for row in tx.rows(select(_slot).where(or_(unsent, landed)).order_by(_slot.c.id).limit(MOST))
        ],
    )
