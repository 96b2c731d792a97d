"""Every part of the design system in every state, on one screen: what a new screen is made of."""

from datetime import timedelta

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from entrepot.access import Permission
from entrepot.web.desk import AnyRequest, Desk
from entrepot.web.form import Form
from entrepot.web.words import TONES

FILLED = Form(
    {"name": ("web shop",), "note": ("A line.\nAnother.",), "quantity": ("7",)},
    {"name": "'web shop' cannot name a connection: small letters, digits and -.", "": "Nothing was changed."},
)


def screens(desk: Desk) -> list[HTTPRouteHandler]:
    """GET /design, for owners."""

    @get("/design", opt={"permission": Permission.ACCESS_WRITE})
    async def design(request: AnyRequest) -> Response[str]:
        seat = await desk.seat(request)
        now = desk.hub.store.clock.now()
        return await desk.show(
            request,
            seat,
            "design.html",
            form=Form({"name": ("web-shop",)}),
            filled=FILLED,
            chips=sorted(TONES.items(), key=lambda pair: (pair[1], pair[0])),
            moments=[now - timedelta(seconds=30 * n) for n in range(4)],
        )

    return [design]
