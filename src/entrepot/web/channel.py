"""One channel: whether it lets us in, what flows and what switching on would do, what is to be mended, its
listings that are no SKU of ours yet, and new credentials."""

from functools import partial
from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from entrepot import places
from entrepot.access import Permission, Seated
from entrepot.catalog.views import listings
from entrepot.connections import Flow, Level
from entrepot.connections.views import ConnectionView, connection
from entrepot.contract import About
from entrepot.db import Tx
from entrepot.kernel import Refusal
from entrepot.sync.views import astray
from entrepot.web import views
from entrepot.web.channels import PREFIX, about_of, at_setting, settings_of, ways_to_connect
from entrepot.web.desk import FORM_MAX, AnyRequest, Desk, away
from entrepot.web.form import Form
from entrepot.web.live import Live
from entrepot.web.suggest import suggestions

LISTINGS, REFUSED_MAX, ASTRAY, CALLS = 25, 20, 20, 12

DOES: dict[tuple[Flow, Level], str] = {
    (Flow.ORDERS_IN, Level.OFF): "No order is taken in any more. What is sold there is not booked: the other "
    "channels may sell the same goods again.",
    (Flow.ORDERS_IN, Level.OBSERVE): "Orders are read and shown.",
    (Flow.ORDERS_IN, Level.ON): "Every order comes in as it is placed, and claims its goods.",
    (Flow.STOCK_OUT, Level.OFF): "Nothing is worked out for this channel, nothing is written to it.",
    (Flow.STOCK_OUT, Level.OBSERVE): "What each slot should show is worked out and shown here. Nothing is "
    "written to the channel.",
    (Flow.STOCK_OUT, Level.ON): "The hub writes its own figure into every slot that shows another one, and "
    "keeps it so.",
}
"""What it means to turn a flow to a level."""

FLOWS = {Flow.ORDERS_IN: "Orders in", Flow.STOCK_OUT: "Stock out"}
READINGS = {
    "probe": "A look at the account",
    "read_locations": "Locations",
    "read_listings": "Listings",
    "sweep_orders": "Orders",
    "read_stock": "Stock figures",
    "keep_hooks": "Webhooks",
}


def screens(desk: Desk, live: Live) -> list[HTTPRouteHandler]:
    """GET /channels/{name}, its flows and its credentials."""

    @get("/channels/{name:str}", opt={"permission": Permission.CHANNELS_READ})
    async def channel(request: AnyRequest, name: FromPath[str]) -> Response[str]:
        seat = await desk.seat(request)
        after = request.query_params.get("after", "")[:1000]
        found = await desk.read(partial(_read, name=name, after=after))
        synced = {one.name: one for one in (await live.status()).connections}.get(name)
        return await desk.show(
            request,
            seat,
            "channel.html",
            about=_about(desk, found["one"]),
            synced=synced,
            calls=desk.hub.calls_left(found["one"].id),
            said=desk.hub.last_calls(found["one"].id)[:CALLS],
            flows=FLOWS,
            does=DOES,
            readings=READINGS,
            **found,
        )

    return [channel, *_turning(desk, live), *_credentials(desk)]


def _turning(desk: Desk, live: Live) -> list[HTTPRouteHandler]:
    @get("/channels/{name:str}/flows/{flow:str}/{level:str}", opt={"permission": Permission.CHANNELS_WRITE})
    async def review(
        request: AnyRequest, name: FromPath[str], flow: FromPath[str], level: FromPath[str]
    ) -> Response[str]:
        seat = await desk.seat(request)
        kind, to = _flow(flow, level)
        found = await desk.read(partial(_plan, name=name))
        synced = {one.name: one for one in (await live.status()).connections}.get(name)
        return await desk.show(
            request,
            seat,
            "flow.html",
            flow=kind,
            level=to,
            title=FLOWS[kind],
            does=DOES[kind, to],
            writes=(kind, to) == (Flow.STOCK_OUT, Level.ON),
            pairs=synced.pairs if synced else 0,
            would=synced.pairs - synced.in_sync - synced.refused if synced else 0,
            **found,
        )

    @post(
        "/channels/{name:str}/flows/{flow:str}/{level:str}",
        opt={"permission": Permission.CHANNELS_WRITE},
        request_max_body_size=FORM_MAX,
    )
    async def turn(
        request: AnyRequest, name: FromPath[str], flow: FromPath[str], level: FromPath[str]
    ) -> Redirect:
        seat = await desk.seat(request)
        await desk.form(request, seat)
        kind, to = _flow(flow, level)
        given = {"connection": name, "flow": str(kind), "level": str(to)}
        said = f"{FLOWS[kind]} of {name}: {to}."
        return await desk.act(seat, "connection.flow", given, to=f"/channels/{name}", said=said)

    return [review, turn]


def _credentials(desk: Desk) -> list[HTTPRouteHandler]:
    async def drawn(
        request: AnyRequest, seat: Seated, one: ConnectionView, form: Form, *, status: int = 200
    ) -> Response[str]:
        about = about_of(desk, one.platform)
        ways = ways_to_connect(about)
        return await desk.show(
            request, seat, "reconnect.html", status=status, one=one, about=about, form=form, **ways
        )

    @get("/channels/{name:str}/credentials", opt={"permission": Permission.CHANNELS_WRITE})
    async def ask(request: AnyRequest, name: FromPath[str]) -> Response[str]:
        seat = await desk.seat(request)
        return await drawn(request, seat, await desk.read(partial(_one, name=name)), Form())

    @post(
        "/channels/{name:str}/credentials",
        opt={"permission": Permission.CHANNELS_WRITE},
        request_max_body_size=FORM_MAX,
    )
    async def renew(request: AnyRequest, name: FromPath[str]) -> Response[str] | Redirect:
        seat = await desk.seat(request)
        form = await desk.form(request, seat)
        one = await desk.read(partial(_one, name=name))
        about, consent = about_of(desk, one.platform), form.one("way") == "consent"
        given = {"connection": name, "settings": settings_of(about, form), "consent": consent}
        try:
            answer = await desk.tell(seat, "connection.renew", given)
        except Refusal as refused:
            return await drawn(request, seat, one, at_setting(form, refused, about), status=422)
        if "consent_at" in answer:
            return await desk.show(request, seat, "consent.html", answer=answer, about=about)
        return away(f"/channels/{name}", "Kept. The hub looks at the account again.")

    return [ask, renew]


def _one(tx: Tx, *, name: str) -> ConnectionView:
    found = connection(tx, name)
    if found is None:
        raise NotFoundException
    return found


def _read(tx: Tx, *, name: str, after: str) -> dict[str, Any]:
    one = _one(tx, name=name)
    try:
        page = listings(tx, connection=name, mapped=False, after=after, limit=LISTINGS)
    except Refusal:
        page = listings(tx, connection=name, mapped=False, limit=LISTINGS)
    likely = suggestions(tx, {row.id: f"{row.sku_text} {row.title}" for row in page.rows})
    ours = places.load(tx).locations.values()
    return {
        "one": one,
        "page": page,
        "likely": likely,
        "first": f"/channels/{name}" if after else "",
        "refused": views.refused(tx, REFUSED_MAX, one.id),
        "locations": sorted(place.code for place in ours),
        "prefix": PREFIX,
    }


def _plan(tx: Tx, *, name: str) -> dict[str, Any]:
    """Slots that show another figure than we want, those that have waited longest first."""
    one = _one(tx, name=name)
    return {"one": one, "examples": astray(tx, [one.id], ASTRAY)}


def _flow(flow: str, level: str) -> tuple[Flow, Level]:
    if flow not in list(Flow) or level not in list(Level):
        raise NotFoundException
    return Flow(flow), Level(level)


def _about(desk: Desk, one: ConnectionView) -> About | None:
    channel = desk.hub.channels.get(one.platform)
    return channel.ABOUT if channel else None
