"""The table of routes, resource by resource, in the order of the document."""

from entrepot.api.resources import (
    catalog,
    channels,
    events,
    holding,
    hub,
    letters,
    orders,
    selling,
    stock,
    tokens,
)
from entrepot.api.route import Route

ROUTES: tuple[Route, ...] = (
    *orders.ROUTES,
    *selling.ROUTES,
    *stock.ROUTES,
    *holding.ROUTES,
    *catalog.ROUTES,
    *channels.ROUTES,
    *letters.ROUTES,
    *events.ROUTES,
    *tokens.ROUTES,
    *hub.ROUTES,
)
