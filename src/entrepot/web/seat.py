"""Who sits at the pages: the session that a request carries, and whether a form is really theirs."""

import hmac
from functools import partial
from typing import Any, TypeVar

from anyio import to_thread
from litestar import Request, Response
from litestar.exceptions import PermissionDeniedException

from entrepot import access
from entrepot.access import Seated
from entrepot.db import Store

COOKIE, SECURE_COOKIE = "entrepot_session", "__Host-entrepot_session"
"""Over https no other host, no path and nobody in between can set it: its name says so to the browser."""

KEPT_S = 7 * 24 * 3600
CSRF_HEADER = "x-csrf"

AnyRequest = Request[Any, Any, Any]
Answer = TypeVar("Answer", bound=Response[Any])
OURS = frozenset({"same-origin", "none"})
"""What a browser says of where a form comes from, if it is ours or typed by hand."""


class Seats:
    """Finds the session of a request."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def of(self, request: AnyRequest) -> Seated | None:
        """The open session; None if there is none, or it still waits for a code."""
        found = await self.any(request)
        return None if found is None or found.needs else found

    async def still(self, request: AnyRequest) -> bool:
        """Whether the session is open still. To look is no use: a screen that lies open keeps nobody in."""
        look = partial(self._store.read, partial(access.who_sits, session=cookie(request)))
        found = await to_thread.run_sync(look)
        return found is not None and not found.needs

    async def any(self, request: AnyRequest) -> Seated | None:
        """The open session, also one that waits for a code."""
        session = cookie(request)
        return await to_thread.run_sync(partial(access.sits, self._store, session)) if session else None


def check(request: AnyRequest, seat: Seated, csrf: str) -> None:
    """403 unless a change was asked for by a page of this session: the token stands in the form, or in the
    header x-csrf."""
    ours(request)
    given = csrf or request.headers.get(CSRF_HEADER, "")
    if not hmac.compare_digest(given.encode("utf-8", "surrogatepass"), seat.csrf.encode()):
        raise PermissionDeniedException(detail="csrf")


def ours(request: AnyRequest) -> None:
    """403 if the browser says that another site's page sent this. Our pages tell no referrer, so their Origin
    is null: where the browser does not say more, the form's token decides."""
    site, origin = request.headers.get("sec-fetch-site", ""), request.headers.get("origin", "")
    home = f"{request.url.scheme}://{request.url.netloc}"
    if (site not in OURS) if site else origin not in {"", "null", home}:
        raise PermissionDeniedException(detail="origin")


def cookie(request: AnyRequest) -> str:
    """What the session's cookie holds; '' without one."""
    return request.cookies.get(_name(request), "")


def keep(answer: Answer, request: AnyRequest, session: str) -> Answer:
    """The answer with the cookie of a session."""
    secure = request.url.scheme == "https"
    answer.set_cookie(
        _name(request), session, max_age=KEPT_S, path="/", httponly=True, samesite="lax", secure=secure
    )
    return answer


def forget(answer: Answer, request: AnyRequest) -> Answer:
    """The answer that takes the cookie away."""
    secure = request.url.scheme == "https"
    answer.set_cookie(_name(request), "", max_age=0, path="/", httponly=True, samesite="lax", secure=secure)
    return answer


def _name(request: AnyRequest) -> str:
    return SECURE_COOKIE if request.url.scheme == "https" else COOKIE
