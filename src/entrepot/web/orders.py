"""Orders: a list that is narrowed, searched and paged, views that are kept, and what is done to many at
once."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from entrepot.access import Permission
from entrepot.db import Tx
from entrepot.kernel import Refusal
from entrepot.orders import Kind
from entrepot.orders.lists import Asked
from entrepot.orders.lists import orders as listed
from entrepot.orders.model import STATUSES
from entrepot.web import saved, words
from entrepot.web.desk import FORM_MAX, AnyRequest, Desk, away, local
from entrepot.web.form import of_query
from entrepot.web.views import exceptions_of, names_of_connections

FILTERS = frozenset({"q", "channel", "status", "exception", "span"})
SPANS = {"1": "Last 24 hours", "7": "Last 7 days", "30": "Last 30 days", "90": "Last 90 days"}
ROWS = 50
MANY = {
    "order.refetch": ("order is", "orders are", "read again"),
    "exception.accept": ("exception", "exceptions", "may stay so"),
    "order.cancel": ("order is", "orders are", "cancelled"),
}
"""What can be done to chosen orders → how it is told."""

FIRST_VIEWS = (
    ("", "All"),
    ("exception=any", "With exceptions"),
    ("status=awaiting+payment", "Awaiting payment"),
    ("status=partly+shipped", "Partly shipped"),
)


def screens(desk: Desk) -> list[HTTPRouteHandler]:
    """The list, what is done to chosen rows, and the saved views."""

    @get("/orders", opt={"permission": Permission.ORDERS_READ})
    async def orders(request: AnyRequest) -> Response[str]:
        seat = await desk.seat(request)
        given = dict(request.query_params)
        found = await desk.read(partial(_read, given=given, actor=seat.who.actor))
        return await desk.show(request, seat, "orders.html", **found, **_around(given))

    @post("/orders/chosen", opt={"permission": Permission.ORDERS_WRITE}, request_max_body_size=FORM_MAX)
    async def chosen(request: AnyRequest) -> Redirect:
        seat = await desk.seat(request)
        form = await desk.form(request, seat)
        back, act = local(form.one("back"), "/orders"), form.one("act")
        ids = form.every("chosen")[:ROWS]
        if act not in MANY or not ids:
            return away(back, "No order was chosen.", "busy")
        given = await desk.read(partial(_given, act=act, ids=ids, why=form.one("why").strip()))
        refused: list[str] = []
        for arguments in given:
            try:
                await desk.tell(seat, act, arguments)
            except Refusal as error:
                refused.append(error.why)
        return _told(back, act, len(given), refused)

    return [orders, chosen, *saved.saving(desk, "orders", FILTERS, Permission.ORDERS_READ)]


def asked(given: Mapping[str, str], now: datetime) -> Asked:
    """The filters of an address; words that are none are left out, as if nobody had said them."""
    span, exception, status = (given.get(name, "") for name in ("span", "exception", "status"))
    return Asked(
        search=given.get("q", "").strip()[:100],
        connection=given.get("channel", "")[:100],
        status=status if status in STATUSES else "",
        exception=exception if exception == "any" or exception in list(Kind) else "",
        placed_from=now - timedelta(days=int(span)) if span in SPANS else None,
    )


def _read(tx: Tx, *, given: Mapping[str, str], actor: str) -> dict[str, Any]:
    refused = ""
    try:
        page = listed(tx, asked(given, tx.now), after=given.get("after", "")[:1000], limit=ROWS)
    except Refusal as error:
        page, refused = listed(tx, Asked(), limit=ROWS), f"{words.upper_first(error.why)}."
    return {
        "page": page,
        "refused": refused,
        "channels": names_of_connections(tx),
        "kept": saved.views(tx, actor, "orders"),
    }


def _around(given: Mapping[str, str]) -> dict[str, Any]:
    """The filters as the screen shows them, and the addresses of other pages and views."""
    kept = {name: value for name, value in given.items() if name in FILTERS and value}
    query = urlencode(sorted(kept.items()))
    return {
        "form": of_query(kept),
        "query": query,
        "first": f"/orders?{query}" if given.get("after") else "",
        "next": f"/orders?{query}{'&' if query else ''}after=",
        "statuses": STATUSES,
        "kinds": words.WHAT,
        "spans": SPANS,
        "first_views": FIRST_VIEWS,
    }


def _given(tx: Tx, *, act: str, ids: list[str], why: str) -> list[dict[str, str]]:
    """The arguments of each command that a click on chosen orders gives."""
    if act == "exception.accept":
        return [{"exception": id, "why": why} for id in exceptions_of(tx, ids)]
    return [{"order": id, "reason": why} if act == "order.cancel" else {"order": id} for id in ids]


def _told(back: str, act: str, count: int, refused: list[str]) -> Redirect:
    one, many, done = MANY[act]
    said = f"{words.counted(count - len(refused), one, many)} {done}"
    if not refused:
        return away(back, f"{said}.")
    return away(back, f"{said}; {len(refused)} not: {refused[0]}.", "bad")
