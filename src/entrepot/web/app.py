"""The application: which rooms of the web edge answer where."""

import threading
from collections.abc import Callable, Sequence

from litestar import Litestar
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.types import ControllerRouterHandler

from entrepot.app import Hub
from entrepot.web import (
    account,
    acts,
    channel,
    channels,
    consent,
    design,
    edge,
    exceptions,
    hooks,
    letters,
    locations,
    order,
    orders,
    pages,
    people,
    signing,
    sku,
    status,
    stock,
    today,
)
from entrepot.web.desk import Desk
from entrepot.web.live import Live
from entrepot.web.seat import Seats


def make_app(
    hub: Hub,
    *,
    token: str,
    doors: Sequence[ControllerRouterHandler] = (),
    stopping: threading.Event | None = None,
    started: Callable[[], None] = lambda: None,
) -> Litestar:
    """The ASGI application over a hub. `token` opens status.json to programs; `doors` are the routes of other
    rooms (`entrepot.api`); streams end when `stopping` is set; `started` is called once it can answer."""
    seats = Seats(hub.store)
    desk = Desk(hub, seats)
    entrance = signing.Entrance(desk)
    ends = stopping or threading.Event()
    return Litestar(
        [
            hooks.door(hub),
            consent.way_back(hub),
            *_screens(desk, ends),
            acts.click(desk),
            pages.themes(desk),
            *signing.ways_in(entrance),
            *account.screens(entrance),
            *people.screens(desk),
            *pages.files(),
            status.page(hub, token=token, seats=seats),
            *doors,
        ],
        exception_handlers={Exception: edge.failed},
        before_send=[edge.add_headers],
        state=State({"stopping": ends}),  # what streams of other rooms look at
        on_startup=[started],
        openapi_config=None,
        logging_config=None,
    )


def _screens(desk: Desk, stopping: threading.Event) -> list[HTTPRouteHandler]:
    """What people work with; all of them share the frames of what is live."""
    live = Live(desk.hub)
    return [
        *today.screens(desk, live, stopping),
        *orders.screens(desk),
        *order.screens(desk),
        *exceptions.screens(desk),
        *letters.screens(desk),
        *stock.screens(desk),
        *sku.screens(desk),
        *channels.screens(desk, live),
        *channel.screens(desk, live),
        *locations.screens(desk),
        *design.screens(desk),
    ]
