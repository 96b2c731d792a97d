"""Locations: ours, and which of ours each channel's is."""

from typing import Any

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from entrepot import places
from entrepot.access import Permission
from entrepot.connections.views import connections
from entrepot.db import Tx
from entrepot.kernel import Refusal
from entrepot.web.desk import FORM_MAX, AnyRequest, Desk, away
from entrepot.web.form import Form


def screens(desk: Desk) -> list[HTTPRouteHandler]:
    """GET and POST /locations."""

    @get("/locations", opt={"permission": Permission.STOCK_READ})
    async def locations(request: AnyRequest) -> Response[str]:
        seat = await desk.seat(request)
        found = await desk.read(_read)
        return await desk.show(request, seat, "locations.html", form=Form(), **found)

    @post("/locations", opt={"permission": Permission.CATALOG_WRITE}, request_max_body_size=FORM_MAX)
    async def add(request: AnyRequest) -> Response[str] | Redirect:
        seat = await desk.seat(request)
        form = await desk.form(request, seat)
        given = {"code": form.one("code").strip(), "name": form.one("name").strip()}
        try:
            answer = await desk.tell(seat, "location.add", given)
        except Refusal as refused:
            found = await desk.read(_read)
            said = form.refused(refused, "code", "name")
            return await desk.show(request, seat, "locations.html", status=422, form=said, **found)
        return away("/locations", f"The location {answer['location']} is there.")

    return [locations, add]


def _read(tx: Tx) -> dict[str, Any]:
    ours = sorted(places.load(tx).locations.values(), key=lambda one: one.code)
    accounts = connections(tx)
    theirs = [(one.name, place) for one in accounts for place in one.places]
    draws = {
        place.code: [one.name for one in accounts if place.code in one.draws_on or not one.draws_on]
        for place in ours
    }
    return {
        "ours": ours,
        "theirs": sorted(theirs, key=lambda pair: (bool(pair[1].location), pair[0])),
        "draws": draws,
    }
