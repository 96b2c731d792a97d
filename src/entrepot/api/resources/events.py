"""Events: what happened. To follow them without missing one there is the stream."""

from typing import Annotated

from msgspec import Meta

from entrepot.access import Permission
from entrepot.api.route import Ask, Paged, Route, Text
from entrepot.db import Tx, told
from entrepot.db.events import Told
from entrepot.db.paging import Page


class EventQuery(Paged, frozen=True):
    stream: Annotated[
        Text, Meta(description="Only of this stream: '<kind of thing>:<id>'.", examples=["order:01kj…"])
    ] = ""


def _events(tx: Tx, ask: Ask) -> Page[Told]:
    return told.events(tx, stream=ask.query.stream, after=ask.query.after, limit=ask.query.limit)


ROUTES = (
    Route(
        method="GET",
        path="/events",
        permission=Permission.EVENTS_READ,
        tag="Events",
        name="list_events",
        summary="Events, the newest first",
        about="Nothing personal is in them.",
        query=EventQuery,
        answer=Page[Told],
        reads=_events,
    ),
)
