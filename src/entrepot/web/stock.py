"""Stock: every SKU with what lies where and what its channels show; and a new SKU."""

from collections import defaultdict
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from entrepot.access import Permission
from entrepot.catalog.views import skus as named
from entrepot.db import Tx
from entrepot.kernel import Refusal
from entrepot.sync.lists import stock as listed
from entrepot.web import views, words
from entrepot.web.desk import FORM_MAX, AnyRequest, Desk, away
from entrepot.web.form import Form, of_query
from entrepot.web.words import sku_path

ROWS = 40


def screens(desk: Desk) -> list[HTTPRouteHandler]:
    """GET /stock, GET and POST /skus/new."""

    @get("/stock", opt={"permission": Permission.STOCK_READ})
    async def stock(request: AnyRequest) -> Response[str]:
        seat = await desk.seat(request)
        given = dict(request.query_params)
        search = given.get("q", "").strip()[:100]
        found = await desk.read(partial(_read, search=search, after=given.get("after", "")[:1000]))
        query = urlencode({"q": search}) if search else ""
        return await desk.show(
            request,
            seat,
            "stock.html",
            search=search,
            first=f"/stock?{query}" if given.get("after") else "",
            next=f"/stock?{query}{'&' if query else ''}after=",
            **found,
        )

    @get("/skus/new", opt={"permission": Permission.CATALOG_WRITE})
    async def new(request: AnyRequest) -> Response[str]:
        seat = await desk.seat(request)
        given = {name: request.query_params.get(name, "")[:200] for name in ("sku", "title")}
        return await desk.show(request, seat, "sku_new.html", form=of_query(given))

    @post("/skus/new", opt={"permission": Permission.CATALOG_WRITE}, request_max_body_size=FORM_MAX)
    async def add(request: AnyRequest) -> Response[str] | Redirect:
        seat = await desk.seat(request)
        form = await desk.form(request, seat)
        scale = form.one("scale", "1").strip() or "1"
        given = {"sku": form.one("sku"), "title": form.one("title").strip()}
        try:
            number = int(scale) if scale.isascii() and scale.isdigit() and len(scale) < 7 else 0
            answer = await desk.tell(seat, "sku.add", {**given, "scale": number})
        except Refusal as refused:
            return await desk.show(request, seat, "sku_new.html", status=422, form=form.refused(refused))
        linked = answer["listings_linked"]
        said = f" {words.counted(linked, 'listing is', 'listings are')} mapped to it." if linked else ""
        return away(sku_path(answer["sku"]), f"The SKU is there.{said}")

    return [stock, new, add]


def _read(tx: Tx, *, search: str, after: str) -> dict[str, Any]:
    refused = ""
    try:
        page = listed(tx, search=search, after=after, limit=ROWS)
    except Refusal as error:
        page, refused = listed(tx, limit=ROWS), f"{words.upper_first(error.why)}."
    return {
        "page": page,
        "refused": refused,
        "shown": _shown(tx, [one.sku for one in page.rows]),
        "places": sorted({at.location for one in page.rows for at in one.locations}),
        "empty_store": not page.rows and not search and not named(tx, limit=1).rows,
        "form": Form(),
    }


def _shown(tx: Tx, codes: list[str]) -> Mapping[str, Mapping[str, int]]:
    """Code → state → how many of its slots are in it."""
    ids = views.ids_of_skus(tx, codes)
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for one in views.slots(tx, ids):
        found[ids[one.slot.sku_id]][views.state(one, tx.now)] += 1
    return found
