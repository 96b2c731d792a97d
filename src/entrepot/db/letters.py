"""Dead letters: jobs and deliveries that failed for good. A person can list, read, edit and replay them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Table, select, update

from entrepot.db import inbox, tables
from entrepot.db.paging import LIMIT, By, Page, cursor, page
from entrepot.db.tx import Tx
from entrepot.kernel import Refusal


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """`what` is 'delivery' or the job's kind; `body` is only filled by `show`."""

    id: str
    what: str
    about: str
    why: str
    attempts: int
    since: datetime
    body: str = ""


def listed(tx: Tx, limit: int = 200) -> list[DeadLetter]:
    """The oldest dead letters, without their content."""
    box, job = tables.inbox, tables.job
    deliveries = tx.rows(select(box).where(box.c.state == "dead").order_by(box.c.id).limit(limit))
    works = tx.rows(select(job).where(job.c.state == "dead").order_by(job.c.id).limit(limit))
    found = [_letter(row) for row in deliveries]
    found += [_job(row) for row in works]
    return sorted(found, key=lambda one: one.id)[:limit]


def paged(tx: Tx, *, after: str = "", limit: int = LIMIT) -> Page[DeadLetter]:
    """Dead letters in pages, the oldest first, without their content."""
    box, job = tables.inbox, tables.job
    outside = [column for column in box.c if column.name != "sealed"]
    deliveries = page(tx, select(*outside).where(box.c.state == "dead"), _by(box), after=after, limit=limit)
    works = page(tx, select(job).where(job.c.state == "dead"), _by(job), after=after, limit=limit)
    found = sorted([*map(_letter, deliveries.rows), *map(_job, works.rows)], key=lambda one: one.id)
    more = len(found) > limit or deliveries.after or works.after
    return Page(rows=tuple(found[:limit]), after=cursor(_by(box), [found[limit - 1].id]) if more else "")


def show(tx: Tx, id: str) -> DeadLetter:
    """One dead letter with its content (a delivery's may name people: show it only to who may see them).
    Refusal `letter_unknown`, or `letter_forgotten` once its key is gone."""
    job = tx.row(select(tables.job).where(tables.job.c.id == id, tables.job.c.state == "dead"))
    if job is not None:
        return msgspec.structs.replace(_job(job), body=msgspec.json.encode(job.body).decode())
    row = _delivery(tx, id)
    opened = inbox.show(tx, id)
    if opened is None:
        raise Refusal("letter_forgotten", f"the content of {id} was forgotten")
    return DeadLetter(
        id=id,
        what="delivery",
        about=row.connection_id,
        why=row.why,
        attempts=row.attempts,
        since=row.received_at,
        body=opened.delivery.body.decode("utf-8", "replace"),
    )


def edit(tx: Tx, id: str, body: str) -> None:
    """Gives a dead letter another content and lets it try again; Refusal `letter_body` if it is no JSON."""
    try:
        content = msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise Refusal("letter_body", f"the new content is no JSON: {error}", field="body") from None
    if tx.row(select(tables.job.c.id).where(tables.job.c.id == id, tables.job.c.state == "dead")) is not None:
        tx.run(update(tables.job).where(tables.job.c.id == id).values(body=content))
    else:
        _delivery(tx, id)
        opened = inbox.show(tx, id)
        if opened is None:
            raise Refusal("letter_forgotten", f"the content of {id} was forgotten")
        inbox.replace(tx, opened, msgspec.structs.replace(opened.delivery, body=body.encode()))
    replay(tx, [id])


def replay(tx: Tx, ids: Sequence[str]) -> int:
    """Lets dead letters try again with a fresh count of attempts: the named ones, or all. How many there
    were.

    A job whose `once` name waits already is dropped: the waiting one does its work.
    """
    box, job = tables.inbox, tables.job
    dead = select(job.c.id, job.c.once).where(job.c.state == "dead").order_by(job.c.id)
    works = tx.rows(dead.where(job.c.id.in_(ids)) if ids else dead)
    waiting = set(tx.run(select(job.c.once).where(job.c.state == "ready", job.c.once.is_not(None))).scalars())
    for row in works:
        if row.once is not None and row.once in waiting:
            tx.run(job.delete().where(job.c.id == row.id))
            continue
        waiting.add(row.once)
        tx.run(update(job).where(job.c.id == row.id).values(state="ready", attempts=0, run_at=tx.now, why=""))
    letters = update(box).where(box.c.state == "dead")
    done = tx.run(
        (letters.where(box.c.id.in_(ids)) if ids else letters).values(state="new", attempts=0, run_at=tx.now)
    )
    return len(works) + done.rowcount


def _delivery(tx: Tx, id: str) -> Any:
    row = tx.row(select(tables.inbox).where(tables.inbox.c.id == id, tables.inbox.c.state == "dead"))
    if row is None:
        raise Refusal("letter_unknown", f"there is no dead letter {id}")
    return row


def _job(row: Any) -> DeadLetter:
    return DeadLetter(
        id=row.id, what=row.kind, about=row.key, why=row.why, attempts=row.attempts, since=row.created_at
    )


def _letter(row: Any) -> DeadLetter:
    return DeadLetter(
        id=row.id,
        what="delivery",
        about=row.connection_id,
        why=row.why,
        attempts=row.attempts,
        since=row.received_at,
    )


def _by(table: Table) -> By:
    """Both tables are paged by the ids of letters, so that one cursor is good for both."""
    return By("letters", (table.c.id,), down=False)
