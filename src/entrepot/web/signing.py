"""Signing in and out: by a link that works once, with a password, with a code; and how links make users.

Passwords are compared in few threads, each of which takes 64 MB for a tenth of a second.
"""

from collections.abc import Callable
from functools import partial
from typing import TypeVar
from urllib.parse import quote

from anyio import CapacityLimiter, to_thread
from litestar import Response, get, post
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from entrepot import access
from entrepot.access import Locks, Needs, Seated, User, Visit, links, passwords
from entrepot.access.links import Kind, Link
from entrepot.db import Store, Tx
from entrepot.kernel import Refusal
from entrepot.web import drawing
from entrepot.web.desk import HTML, AnyRequest, Desk, local, theme
from entrepot.web.form import Form
from entrepot.web.seat import cookie, forget, keep, ours

T = TypeVar("T")
FORM_MAX = 16 * 1024
AT_ONCE = 2

CODE, SIGN_IN = "/sign-in/code", "/sign-in"


class Entrance:
    """Where people sign in: the locks on those who were wrong too often, and the threads for passwords."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.store, self.locks = desk, desk.hub.store, Locks()
        self._threads = CapacityLimiter(AT_ONCE)

    async def slowly(self, work: Callable[[], T]) -> T:
        """Does something that compares or makes a password's hash."""
        return await to_thread.run_sync(work, limiter=self._threads)

    async def seated(self, request: AnyRequest, opened: str, to: str) -> Redirect:
        """The way on, with the cookie of a new session; the one that the browser had before ends."""
        if before := cookie(request):
            end = partial(access.leave, session=before)
            await self.desk.run(partial(self.store.run, end, source="web"))
        return keep(Redirect(to, status_code=303), request, opened)

    async def form(self, request: AnyRequest) -> Form:
        """A form of somebody without a session; 403 unless a page of ours sent it."""
        ours(request)
        return await self.desk.fields(request)


def ways_in(entrance: Entrance) -> list[HTTPRouteHandler]:
    """The routes of signing in and out."""
    return [*_by_link(entrance), *_by_password(entrance), *_by_code(entrance), _out(entrance)]


def visit(request: AnyRequest) -> Visit:
    """Who comes."""
    address = request.client.host if request.client else ""
    return Visit(address=address, agent=request.headers.get("user-agent", ""))


def card(request: AnyRequest, template: str, *, status: int = 200, **values: object) -> Response[str]:
    """A page without the frame."""
    page = drawing.page(template, theme=theme(request), **values)
    return Response(page, status_code=status, media_type=HTML)


def _by_link(entrance: Entrance) -> list[HTTPRouteHandler]:
    store, desk = entrance.store, entrance.desk

    @get("/login/{link:str}")
    async def enter(request: AnyRequest, link: FromPath[str]) -> Response[str] | Redirect:
        found = await desk.read(partial(links.look_up, secret=link))
        if found is None:
            raise NotAuthorizedException
        if found.kind is not Kind.ENTER:
            return card(request, "join.html", form=Form(), link=link, invited=found)
        opened = await desk.run(partial(_enter, store, link, visit(request).agent))
        if opened is None:
            raise NotAuthorizedException
        return await entrance.seated(request, opened, "/")

    @post("/login/{link:str}", request_max_body_size=FORM_MAX)
    async def join(request: AnyRequest, link: FromPath[str]) -> Response[str] | Redirect:
        form = await entrance.form(request)
        found = await desk.read(partial(links.look_up, secret=link))
        if found is None or found.kind is Kind.ENTER:
            raise NotAuthorizedException
        try:
            opened = await entrance.slowly(
                partial(_join, store, link, form, found=found, agent=visit(request).agent)
            )
        except Refusal as refused:
            said = form.refused(refused, "login", "name", "password")
            return card(request, "join.html", status=422, form=said, link=link, invited=found)
        return await entrance.seated(request, opened, "/")

    return [enter, join]


def _by_password(entrance: Entrance) -> list[HTTPRouteHandler]:
    store, locks = entrance.store, entrance.locks

    @get(SIGN_IN)
    async def ask(request: AnyRequest) -> Response[str]:
        to = local(request.query_params.get("to", "/"))
        return card(request, "signed_out.html", form=Form(), to=to, title="Sign in")

    @post(SIGN_IN, request_max_body_size=FORM_MAX)
    async def sign_in(request: AnyRequest) -> Response[str] | Redirect:
        form = await entrance.form(request)
        to = local(form.one("to", "/"))
        given = {"login": form.one("login"), "password": form.one("password")}
        try:
            opened = await entrance.slowly(partial(access.sign_in, store, locks, visit(request), **given))
        except Refusal as refused:
            said = form.refused(refused)
            status = 429 if refused.code == "locked" else 422
            return card(request, "signed_out.html", status=status, form=said, to=to, title="Sign in")
        found = await entrance.desk.read(partial(access.who_sits, session=opened))
        coded = found is not None and found.needs is Needs.TOTP
        return await entrance.seated(request, opened, f"{CODE}?to={quote(to)}" if coded else to)

    return [ask, sign_in]


def _by_code(entrance: Entrance) -> list[HTTPRouteHandler]:
    store, locks = entrance.store, entrance.locks

    async def waiting(request: AnyRequest) -> Seated:
        found = await entrance.desk.seats.any(request)
        if found is None or found.needs is not Needs.TOTP:
            raise NotAuthorizedException
        return found

    @get(CODE)
    async def ask(request: AnyRequest) -> Response[str]:
        seat = await waiting(request)
        to = local(request.query_params.get("to", "/"))
        return card(request, "code.html", form=Form(), to=to, seat=seat)

    @post(CODE, request_max_body_size=FORM_MAX)
    async def give(request: AnyRequest) -> Response[str] | Redirect:
        seat = await waiting(request)
        form = await entrance.desk.form(request, seat)
        to, code = local(form.one("to", "/")), form.one("code")
        give = partial(access.give_code, store, locks, visit(request), seated=seat, code=code)
        try:
            opened = await entrance.desk.run(give)
        except Refusal as refused:
            status = 429 if refused.code == "locked" else 422
            said = form.refused(refused, "code")
            return card(request, "code.html", status=status, form=said, to=to, seat=seat)
        return keep(Redirect(to, status_code=303), request, opened)

    return [ask, give]


def _out(entrance: Entrance) -> HTTPRouteHandler:
    @post("/logout", request_max_body_size=FORM_MAX)
    async def leave(request: AnyRequest) -> Redirect:
        seat = await entrance.desk.seats.any(request)
        if seat is not None:
            await entrance.desk.form(request, seat)
            end = partial(access.leave, session=cookie(request))
            await entrance.desk.run(partial(entrance.store.run, end, actor=seat.who.actor, source="web"))
        return forget(Redirect(SIGN_IN, status_code=303), request)

    return leave


def _enter(store: Store, link: str, agent: str) -> str | None:
    """What the cookie of a session holds that a link opens."""

    def work(tx: Tx) -> str | None:
        user = links.enter(tx, link)
        return _opened(tx, user, agent) if user else None

    return store.run(work, source="web")


def _join(store: Store, link: str, form: Form, *, found: Link, agent: str) -> str:
    """The same for somebody whom a link makes a user. Refusal of `access.links.accept`, or `password`."""
    login, name = (found.login or form.one("login")).strip().lower(), form.one("name").strip()
    if form.one("password") != form.one("again"):
        raise Refusal("password", "the two passwords differ", field="password")
    passwords.check_password(form.one("password"), login)
    kept = passwords.hash_password(form.one("password"))

    def work(tx: Tx) -> str:
        return _opened(tx, links.accept(tx, link, login=login, name=name, password=kept), agent)

    return store.run(work, source="web")


def _opened(tx: Tx, user: User, agent: str) -> str:
    return access.open_session(tx, user, by_link=True, needs=Needs.NOTHING, agent=agent)
