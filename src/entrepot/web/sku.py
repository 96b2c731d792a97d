"""One SKU: what lies where, who waits for it, what each channel shows, how it came to be so; and what changes
it."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from entrepot import access, catalog, places
from entrepot.access import Permission, Seated
from entrepot.catalog.views import sku as named
from entrepot.db import Tx
from entrepot.kernel import Refusal
from entrepot.ledger import views as ledger
from entrepot.web import views
from entrepot.web.chart import steps
from entrepot.web.desk import FORM_MAX, AnyRequest, Desk, away, may_do
from entrepot.web.form import Form
from entrepot.web.past import Around, Past, moment, of_order, order_of, past
from entrepot.web.story import Told, told
from entrepot.web.words import sku_path

CHANGES: dict[str, tuple[tuple[str, ...], str]] = {
    "stock.receive": (("quantity", "location", "reference"), "Received and booked."),
    "stock.adjust": (("quantity", "location", "reason", "reference"), "Corrected and booked."),
    "stock.count": (("quantity", "location", "reference"), "Counted. A difference is booked."),
    "stock.move": (("quantity", "source", "target", "reference"), "Moved and booked."),
    "stock.set_aside": (("quantity", "location", "reason", "reference"), "Set aside: it is not for sale."),
    "stock.put_back": (("quantity", "location", "reason", "reference"), "Put back: it is for sale again."),
    "sku.recipe": (("parts",), "The recipe is another one."),
    "sku.title": (("title", "was"), "The title is another one."),
}
"""What can be done on this screen → its fields, and what is said when it is done."""

STOCK: tuple[tuple[str, str, str], ...] = (
    ("stock.receive", "Receive", "Goods that came in."),
    ("stock.count", "Count", "All that is there, what is promised too."),
    ("stock.adjust", "Correct", "By so many; fewer with a minus."),
    ("stock.move", "Move", "From one shelf to another, at once."),
    ("stock.set_aside", "Set aside", "It is there, and not for sale: damaged, display, quarantine."),
    ("stock.put_back", "Put back", "What was set aside for a reason is for sale again."),
)
"""Changes of stock: command, what stands on the button, and what it is for."""

LABELS = {
    "location": "Location",
    "source": "From",
    "target": "To",
    "quantity": "Sold units",
    "reason": "Reason",
}
PROMISES_MAX = 50


def screens(desk: Desk) -> list[HTTPRouteHandler]:
    """GET and POST /stock/{code}."""

    async def drawn(
        request: AnyRequest, seat: Seated, code: str, form: Form, *, status: int = 200
    ) -> Response[str]:
        found = await desk.read(partial(_read, code=code, query=dict(request.query_params)))
        reference = desk.hub.store.clock.now().strftime("web-%Y%m%d%H%M%S%f")
        changes = [name for name in CHANGES if may_do(seat, name)]
        return await desk.show(
            request,
            seat,
            "sku.html",
            status=status,
            form=form,
            reference=reference,
            changes=changes,
            stock=[(*one, CHANGES[one[0]][0]) for one in STOCK if one[0] in changes],
            labels=LABELS,
            places_of=places_of(seat, found["locations"]),
            **found,
        )

    @get("/stock/{code:path}", opt={"permission": Permission.STOCK_READ})
    async def sku(request: AnyRequest, code: FromPath[str]) -> Response[str]:
        return await drawn(request, await desk.seat(request), _code(code), Form())

    @post("/stock/{code:path}", opt={"permission": Permission.STOCK_READ}, request_max_body_size=FORM_MAX)
    async def change(request: AnyRequest, code: FromPath[str]) -> Response[str] | Redirect:
        seat = await desk.seat(request)
        form = await desk.form(request, seat)
        command = form.one("act")
        if command not in CHANGES:
            raise NotFoundException
        fields, said = CHANGES[command]
        try:
            await desk.tell(seat, command, _given(form, _code(code), fields))
        except Refusal as refused:
            return await drawn(request, seat, _code(code), form.refused(refused, *fields), status=422)
        return away(f"{sku_path(_code(code))}#change", said)

    return [sku, change]


def places_of(seat: Seated, codes: list[str]) -> list[str]:
    """The locations whose stock somebody may change."""
    bound = seat.who.locations
    return codes if bound is None else [code for code in codes if code in bound]


def _code(path: str) -> str:
    """The code of an address; one may hold a stroke."""
    return path.removeprefix("/")


def _given(form: Form, code: str, fields: tuple[str, ...]) -> dict[str, Any]:
    """The fields as the command takes them; a recipe is a line 'item × pieces' for each part."""
    given: dict[str, Any] = {name: form.one(name).strip() for name in fields if form.one(name).strip()}
    if "parts" in given:
        given["parts"] = parts(given["parts"])
    return {"sku": code, **given}


def parts(text: str) -> dict[str, int]:
    """Lines 'ITEM 2' → item and pieces. Refusal `parts`."""
    found: dict[str, int] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        item, _, number = line.replace("×", " ").rpartition(" ")
        if not item.strip() or not (number.isascii() and number.isdigit() and len(number) < 7):
            raise Refusal("parts", f"{line[:60]!r} is no item and its pieces", field="parts")
        found[item.strip()] = int(number)
    return found


def _read(tx: Tx, *, code: str, query: Mapping[str, str]) -> dict[str, Any]:
    view = named(tx, code)
    if view is None:
        raise NotFoundException
    sku = catalog.skus(tx, codes=[code])[0]
    around = order_of(tx, query["around"][:60]) if query.get("around") else None
    back = past(tx, sku, at=moment(query.get("at", "")), around=around, until=moment(query.get("until", "")))
    items = [part.item_id for part in view.recipe]
    promises = ledger.promises(tx, items, limit=PROMISES_MAX)
    return {
        "sku": view,
        "own": sku_path(code),
        "bundle": len(view.recipe) != 1 or view.recipe[0].pieces != 1,
        "past": back,
        "around": around,
        "chart": steps(back.available, since=back.since, until=back.until, at=back.at),
        "now_figures": {(one.item, one.location): one for one in ledger.figures(tx, items)},
        "slots": [(one, views.state(one, tx.now)) for one in views.slots(tx, [sku.id])],
        "promises": promises,
        "numbers": views.numbers_of_orders(tx, {one.order_id for one in promises}),
        "story": _story(back, around, access.views.names(tx, {one.actor for one in back.entries})),
        "locations": sorted(one.code for one in places.load(tx).locations.values()),
    }


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the time line. `mine`: of the order that is asked about; `ahead` of the moment that is
    looked at; `again`: at the same moment as the one above it."""

    told: Told
    mine: bool
    ahead: bool
    again: bool


def _story(back: Past, around: Around | None, names: Mapping[str, str]) -> list[Happened]:
    """The newest first."""
    entries = list(reversed(back.entries))
    above = [None, *(entry.at for entry in entries)]
    return [
        Happened(
            told=told(entry, names),
            mine=around is not None and of_order(entry, around.id),
            ahead=back.at is not None and entry.at > back.at,
            again=entry.at == at,
        )
        for entry, at in zip(entries, above, strict=False)
    ]
