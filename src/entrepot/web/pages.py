"""What every page leans on: the theme, files, and whether we are alive."""

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from entrepot.access import Permission
from entrepot.web import drawing
from entrepot.web.desk import FORM_MAX, AnyRequest, Desk, away, local
from entrepot.web.shell import THEME_COOKIE, THEMES

FOR_GOOD = "public, max-age=31536000, immutable"
YEAR_S = 31_536_000


def themes(desk: Desk) -> HTTPRouteHandler:
    """POST /theme: light, dark, or as the system has it; kept by the browser."""

    @post("/theme", opt={"permission": Permission.STATUS_READ}, request_max_body_size=FORM_MAX)
    async def theme(request: AnyRequest) -> Redirect:
        form = await desk.form(request, await desk.seat(request))
        answer, wanted = away(local(form.one("back"))), form.one("theme")
        if wanted in THEMES:
            answer.set_cookie(THEME_COOKIE, wanted, max_age=YEAR_S, httponly=True, samesite="lax")
        else:
            answer.delete_cookie(THEME_COOKIE)
        return answer

    return theme


def files() -> list[HTTPRouteHandler]:
    """Style sheets, scripts, fonts: under their digest, to be kept for good."""

    @get("/assets/{digest:str}/{name:str}")
    async def asset(digest: FromPath[str], name: FromPath[str]) -> Response[bytes]:
        found = drawing.ASSETS.get(name)
        if found is None or found.digest != digest:
            raise NotFoundException
        return Response(found.content, media_type=found.media_type, headers={"cache-control": FOR_GOOD})

    @get("/healthz")
    async def health() -> Response[str]:
        return Response("ok", media_type="text/plain")

    return [asset, health]
