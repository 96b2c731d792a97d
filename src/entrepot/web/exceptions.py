"""Exceptions: what waits for a person in the order in which it came up, and the dead letters beside it."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from entrepot.access import Permission
from entrepot.db import Tx
from entrepot.db.letters import paged
from entrepot.kernel import Refusal
from entrepot.orders import Kind
from entrepot.orders.lists import problems
from entrepot.web import words
from entrepot.web.desk import AnyRequest, Desk
from entrepot.web.form import of_query
from entrepot.web.troubles import letter_trouble, slot_trouble
from entrepot.web.views import names_of_connections, refused

ROWS, REFUSED_MAX = 50, 50


def screens(desk: Desk) -> list[HTTPRouteHandler]:
    """GET /exceptions and GET /letters."""

    @get("/exceptions", opt={"permission": Permission.ORDERS_READ})
    async def exceptions(request: AnyRequest) -> Response[str]:
        seat = await desk.seat(request)
        given = dict(request.query_params)
        found = await desk.read(partial(_orders, given=given))
        kept = {name: given[name] for name in ("kind", "channel") if given.get(name)}
        query = urlencode(kept)
        return await desk.show(
            request,
            seat,
            "exceptions.html",
            form=of_query(kept),
            kinds=words.WHAT,
            what=words.WHAT,
            to_do=words.TO_DO,
            first=f"/exceptions?{query}" if given.get("after") else "",
            next=f"/exceptions?{query}{'&' if query else ''}after=",
            **found,
        )

    @get("/letters", opt={"permission": Permission.LETTERS_READ})
    async def letters(request: AnyRequest) -> Response[str]:
        seat = await desk.seat(request)
        after = request.query_params.get("after", "")[:1000]
        page = await desk.read(lambda tx: paged(tx, after=after, limit=ROWS))
        rows = [(one, letter_trouble(one)) for one in page.rows]
        first = "/letters" if after else ""
        return await desk.show(request, seat, "letters.html", rows=rows, after=page.after, first=first)

    return [exceptions, letters]


def _orders(tx: Tx, *, given: Mapping[str, str]) -> dict[str, Any]:
    kind, after = given.get("kind", ""), given.get("after", "")[:1000]
    asked = {"kind": kind if kind in list(Kind) else "", "connection": given.get("channel", "")[:100]}
    refusal = ""
    try:
        page = problems(tx, **asked, after=after, limit=ROWS)
    except Refusal as error:
        page, refusal = problems(tx, limit=ROWS), f"{words.upper_first(error.why)}."
    slots = [slot_trouble(one) for one in refused(tx, REFUSED_MAX)] if not any(asked.values()) else []
    return {"page": page, "refused": refusal, "slots": slots, "channels": names_of_connections(tx)}
