"""One order: its three axes, its lines and who holds them, money, parcels, exceptions with what to do, the
buyer, and its time line."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from entrepot import access, customers, places
from entrepot.access import Permission
from entrepot.connections import OWN
from entrepot.connections.views import connection
from entrepot.customers import Person
from entrepot.db import Tx
from entrepot.db.events import Told
from entrepot.kernel import Money, Refusal
from entrepot.orders.detail import OrderDetail, detail
from entrepot.web import words
from entrepot.web.desk import AnyRequest, Desk
from entrepot.web.remedies import Offered, offered
from entrepot.web.story import EVENTS
from entrepot.web.views import accepted

BODY = ("commercial", "payment", "fulfilment", "detail", "reason", "why")
"""What of an event's body a time line shows."""


def screens(desk: Desk) -> list[HTTPRouteHandler]:
    """GET /orders/{id}."""

    @get("/orders/{id:str}", opt={"permission": Permission.ORDERS_READ})
    async def order(request: AnyRequest, id: FromPath[str]) -> Response[str]:
        seat = await desk.seat(request)
        people = seat.who.may(Permission.PEOPLE_READ)
        found = await desk.read(partial(_read, id=id, people=people))
        return await desk.show(request, seat, "order.html", what=words.WHAT, to_do=words.TO_DO, **found)

    return [order]


def _read(tx: Tx, *, id: str, people: bool) -> dict[str, Any]:
    found = detail(tx, id)
    if found is None:
        raise NotFoundException
    locations = sorted(one.code for one in places.load(tx).locations.values())
    account = connection(tx, found.order.channel)
    person, forgotten = _person(tx, found.person_id) if people else (None, False)
    names = access.views.names(tx, {one.actor for one in found.events})
    return {
        "found": found,
        "sums": sums(found),
        "person": person,
        "forgotten": forgotten,
        "remedies": _remedies(tx, found, locations),
        "locations": locations,
        "own": account is not None and account.platform == OWN,
        "accepted": accepted(tx, id),
        "line_of": {line.id: line for line in found.lines},
        "story": [_said(one, names) for one in reversed(found.events)],
    }


def sums(found: OrderDetail) -> list[tuple[str, Money, bool]]:
    """The money from top to bottom: (what, how much, whether it is the sum)."""
    currency = found.order.total.currency
    goods = Money(sum(line.amount.minor for line in found.lines), currency)
    beside = [(one.title or one.kind, one.amount, False) for one in found.amounts if one.what == "charge"]
    taxes = [
        (f"{one.title or 'Tax'}{' (included)' if found.tax_inclusive else ''}", one.amount, False)
        for one in found.amounts
        if one.what == "tax"
    ]
    return [("Goods", goods, False), *beside, *taxes, ("Total", found.order.total, True)]


def _person(tx: Tx, id: str) -> tuple[Person | None, bool]:
    """The buyer, and whether they were forgotten."""
    if not id:
        return None, False
    try:
        return customers.show(tx, id), False
    except Refusal:
        return None, True


def _remedies(tx: Tx, found: OrderDetail, locations: Sequence[str]) -> Mapping[str, list[Offered]]:
    """Open exception → what can be done about it."""
    return {one.id: offered(tx, one, locations) for one in found.order.problems}


def _said(one: Told, names: Mapping[str, str]) -> dict[str, Any]:
    said, tone = EVENTS.get(one.kind, (words.spaced(one.kind), ""))
    parts = [words.plain(str(one.body[name])) for name in BODY if one.body.get(name)]
    pieces = one.body.get("pieces")
    parts += [words.counted(pieces, "piece", "pieces")] if isinstance(pieces, int) else []
    about = " · ".join(parts)
    return {"at": one.at, "what": said, "tone": tone, "about": about, "by": names.get(one.actor, "")}
