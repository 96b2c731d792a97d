"""The desk: who sits at it, how a screen is shown there, a form read and a command given.

Every screen is a function over a desk. A route names the permission it needs (`opt`); nobody gets further
than `seat` without it. Forms carry a token of the session; every change ends in a redirect with a notice.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar
from urllib.parse import quote, unquote

import msgspec
from anyio import CapacityLimiter, to_thread
from litestar import Request, Response
from litestar.datastructures import Cookie
from litestar.exceptions import NotAuthorizedException, NotFoundException, PermissionDeniedException
from litestar.response import Redirect

from entrepot.access import Permission, Seated
from entrepot.app import COMMANDS, Hub, perform
from entrepot.db import Tx
from entrepot.kernel import Refusal
from entrepot.web import drawing, views
from entrepot.web.body import Hall
from entrepot.web.form import Form, decoded
from entrepot.web.seat import Seats, check
from entrepot.web.shell import NOTICE_COOKIE, THEME_COOKIE, THEMES, Notice, ways

T = TypeVar("T")
AnyRequest = Request[Any, Any, Any]
HTML = "text/html; charset=utf-8"
FORM_MAX = 1024 * 1024
AT_ONCE = 16
"""Threads that read for screens."""

NOTICE_MAX = 300
"""Letters of a notice: with every one written as twelve it still fits into a cookie."""


class Desk:
    """What every screen is given. `seats` knows who sits."""

    def __init__(self, hub: Hub, seats: Seats) -> None:
        self.hub, self.seats = hub, seats
        self._hall, self._threads = Hall(), CapacityLimiter(AT_ONCE)

    async def seat(self, request: AnyRequest) -> Seated:
        """Who asks. 401 without a session, 403 without the route's permission, 404 for an address with a
        letter that no text of the store can hold."""
        found = await self.seats.of(request)
        if found is None:
            raise NotAuthorizedException
        needed: Permission = request.route_handler.opt["permission"]
        if not found.who.may(needed):
            raise PermissionDeniedException(detail=str(needed))
        if "\0" in unquote(here(request)):
            raise NotFoundException
        return found

    async def run(self, work: Callable[[], T]) -> T:
        """Does something that waits for the store, in a thread."""
        return await to_thread.run_sync(work, limiter=self._threads)

    async def read(self, ask: Callable[[Tx], T]) -> T:
        """Reads at one moment of the store."""
        return await self.run(partial(self.hub.store.read, ask))

    async def show(
        self, request: AnyRequest, seat: Seated, template: str, *, status: int = 200, **values: object
    ) -> Response[str]:
        """A screen within the frame that all have: the ways to the others, notices, the theme."""
        waiting = await self.read(views.waiting_for_people)
        notices = _notices(request)
        page = drawing.page(
            template,
            seat=seat,
            ways=ways(seat.who, request.url.path),
            waiting=waiting,
            notices=notices,
            theme=theme(request),
            here=here(request),
            now=self.hub.store.clock.now(),
            may={str(one).replace(".", "_"): seat.who.may(one) for one in Permission},
            may_do=partial(may_do, seat),
            commands=frozenset(COMMANDS),
            nothing=Form(),
            **values,
        )
        answer = Response(page, status_code=status, media_type=HTML)
        if notices:
            answer.delete_cookie(NOTICE_COOKIE)
        return answer

    async def form(self, request: AnyRequest, seat: Seated) -> Form:
        """The form that was sent; 403 unless it carries the session's token."""
        found = await self.fields(request)
        check(request, seat, found.one("csrf"))
        return found

    async def fields(self, request: AnyRequest) -> Form:
        """The form that was sent, whoever sent it."""
        async with self._hall.body(request) as body:
            return decoded(body)

    async def tell(self, seat: Seated, command: str, given: Mapping[str, object]) -> dict[str, Any]:
        """Gives a command in the person's name; Refusal as it says."""
        return await self.run(partial(perform, self.hub, command, given, who=seat.who, source="web"))

    async def act(
        self, seat: Seated, command: str, given: Mapping[str, object], *, to: str, said: str
    ) -> Redirect:
        """One click: gives a command and goes `to` with a notice of what was done, or why not."""
        try:
            await self.tell(seat, command, given)
        except Refusal as refused:
            return away(to, f"{refused.why[:1].upper()}{refused.why[1:]}. {refused.remedy}".strip(), "bad")
        return away(to, said)


def may_do(seat: Seated, command: str) -> bool:
    """Whether there is such a command, and they may give it."""
    return command in COMMANDS and seat.who.may(COMMANDS[command][2])


def away(to: str, said: str = "", tone: str = "good") -> Redirect:
    """A redirect after a change; the next screen says what was done."""
    answer = Redirect(to, status_code=303)
    if said:
        kept = quote(msgspec.json.encode([tone, said[:NOTICE_MAX]]).decode())
        answer.set_cookie(
            Cookie(key=NOTICE_COOKIE, value=kept, max_age=60, httponly=True, samesite="lax", path="/")
        )
    return answer


def here(request: AnyRequest) -> str:
    """The address that was asked for, with its query, to come back to."""
    return f"{request.url.path}{'?' if request.url.query else ''}{request.url.query}"


def local(address: str, default: str = "/") -> str:
    """An address of our own to go back to; never one that leads elsewhere."""
    leads_out = not address.startswith("/") or address.startswith(("//", "/\\"))
    return default if leads_out or any(letter in address for letter in "\r\n\t") else address


def theme(request: AnyRequest) -> str:
    """light, dark, or '' to follow the system."""
    wanted = request.cookies.get(THEME_COOKIE, "")
    return wanted if wanted in THEMES else ""


def _notices(request: AnyRequest) -> list[Notice]:
    kept = request.cookies.get(NOTICE_COOKIE, "")
    try:
        tone, said = msgspec.json.decode(unquote(kept), type=tuple[str, str])
    except msgspec.DecodeError:
        return []
    return [Notice(tone=tone if tone in ("good", "busy", "bad") else "quiet", said=said)]
