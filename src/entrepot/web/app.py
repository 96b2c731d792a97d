"""The application: which rooms of the web edge answer where."""

import threading
from collections.abc import Callable, Sequence

from litestar import Litestar
from litestar.types import ControllerRouterHandler

from entrepot.app import Hub
from entrepot.web import consent, edge, hooks, pages, status
from entrepot.web.live import Live
from entrepot.web.login import Login


def make_app(
    hub: Hub,
    *,
    token: str,
    login: Login,
    doors: Sequence[ControllerRouterHandler] = (),
    stopping: threading.Event | None = None,
    started: Callable[[], None] = lambda: None,
) -> Litestar:
    """The ASGI application over a hub. `token` opens status.json to programs; `doors` are the routes of other
    rooms (`entrepot.api`); streams end when `stopping` is set; `started` is called once it can answer."""
    return Litestar(
        [
            hooks.door(hub),
            consent.way_back(hub),
            *pages.screens(Live(hub), login, stopping or threading.Event()),
            *pages.ways_in(login),
            *pages.files(),
            status.page(hub, token=token, login=login),
            *doors,
        ],
        exception_handlers={Exception: edge.failed},
        before_send=[edge.add_headers],
        on_startup=[started],
        openapi_config=None,
        logging_config=None,
    )
