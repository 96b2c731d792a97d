"""What was told: events in pages, the newest first. Whoever wants to miss none follows them instead
(`events.events_after`)."""

from typing import Any

from sqlalchemy import select

from entrepot.db import tables
from entrepot.db.events import Told
from entrepot.db.paging import LIMIT, By, Page, page, plain_text
from entrepot.db.tx import Tx

_event = tables.event

NEWEST = By("events", (_event.c.id,))


def events(tx: Tx, *, stream: str = "", after: str = "", limit: int = LIMIT) -> Page[Told]:
    """Events, the newest first; with `stream` ('order:<id>') those of one."""
    statement = select(_event)
    if stream:
        statement = statement.where(_event.c.stream == plain_text(stream, "stream"))
    found = page(tx, statement, _of_stream(stream), after=after, limit=limit)
    return found.of([told(row) for row in found.rows])


def told(row: Any) -> Told:
    """A row of the events."""
    return Told(**{name: getattr(row, name) for name in Told.__struct_fields__})


def _of_stream(stream: str) -> By:
    """A stream is read from the index of its versions, which rise with it."""
    return By(f"events of {stream}", (_event.c.version,)) if stream else NEWEST
