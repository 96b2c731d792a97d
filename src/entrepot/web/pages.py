"""What people open: the live page and its stream, the way in and out, the files that pages refer to."""

import threading
from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import NotAuthorizedException, NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect, Stream
from markupsafe import Markup

from entrepot.web import drawing
from entrepot.web.live import Live, stream
from entrepot.web.login import SESSION_FOR, Login

COOKIE = "entrepot_session"
FOR_GOOD = "public, max-age=31536000, immutable"
STREAM_HEADERS = {"x-accel-buffering": "no"}

AnyRequest = Request[Any, Any, Any]


def signed_in(request: AnyRequest, login: Login) -> bool:
    """Whether the request carries an open session."""
    return login.knows(request.cookies.get(COOKIE, ""))


def screens(live: Live, login: Login, stopping: threading.Event) -> list[HTTPRouteHandler]:
    """The live page and its stream; both need a session."""

    @get("/")
    async def page(request: AnyRequest) -> Response[str]:
        if not signed_in(request, login):
            raise NotAuthorizedException
        frame = await live.frame(fresh=True)
        lists = {name: [Markup(html) for _key, html in rows] for name, rows in frame.lists.items()}  # noqa: S704
        return _html(drawing.page("live.html", lists=lists))

    @get("/live")
    async def events(request: AnyRequest) -> Stream:
        if not signed_in(request, login):
            raise NotAuthorizedException
        sent = stream(live, stopping, lambda: signed_in(request, login))
        return Stream(sent, media_type="text/event-stream", headers=STREAM_HEADERS)

    return [page, events]


def ways_in(login: Login) -> list[HTTPRouteHandler]:
    """The link that works once, and the way out."""

    @get("/login/{link:str}")
    async def enter(request: AnyRequest, link: FromPath[str]) -> Redirect:
        session = login.open(link)
        if session is None:
            raise NotAuthorizedException
        answer = Redirect("/", status_code=303)
        answer.set_cookie(
            COOKIE,
            session,
            max_age=int(SESSION_FOR.total_seconds()),
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return answer

    @post("/logout")
    async def leave(request: AnyRequest) -> Redirect:
        login.close(request.cookies.get(COOKIE, ""))
        answer = Redirect("/", status_code=303)
        answer.delete_cookie(COOKIE)
        return answer

    return [enter, leave]


def files() -> list[HTTPRouteHandler]:
    """Style sheet, script, fonts: under their digest, to be kept for good."""

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


def _html(page: str) -> Response[str]:
    return Response(page, media_type="text/html; charset=utf-8")
