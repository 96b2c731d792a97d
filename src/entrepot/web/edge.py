"""The outer edge: headers on every answer, and what becomes of an error that nobody below dealt with.

Besides the worker this is the only place that takes any exception: it records it and shows no trace of it.
"""

from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.datastructures import MutableScopeHeaders
from litestar.exceptions import HTTPException
from litestar.types import Message, Scope
from sqlalchemy.exc import SQLAlchemyError

from entrepot.kernel import Refusal
from entrepot.web import drawing
from entrepot.web.form import Form

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
TRY_AGAIN_S = "5"
PROBLEM = "application/problem+json"

SAID = {
    400: ("bad_request", "This request cannot be understood"),
    401: ("not_signed_in", "You are not signed in"),
    403: ("forbidden", "You may not do that"),
    404: ("not_found", "There is nothing here"),
    405: ("method", "This address does not take that method"),
    408: ("too_slow", "The request took too long to arrive"),
    413: ("too_large", "The request is too large"),
    503: ("not_now", "The store cannot be reached now"),
}
WHAT = {
    403: "Your role does not include it; an owner can give you another one. A form that is too old is "
    "refused too: load its page again.",
    404: "It is not there any more, or the address is mistyped.",
    405: "Go back, and take the way that the page offers.",
    413: "Give it in smaller parts.",
    503: "Nothing was changed. Load the page again in a few seconds.",
}
"""Status → what a person can do about it."""

BROKEN = ("internal", "Something went wrong on our side. It was recorded")

TRY_AGAIN = "Go back and try again. If it stays so, the log of the hub says what happened."

log = structlog.get_logger("entrepot.web")


async def add_headers(message: Message, scope: Scope) -> None:
    """Puts the security headers on an answer; pages are not kept by anybody unless their handler says so."""
    if message["type"] != "http.response.start":
        return
    headers = MutableScopeHeaders.from_message(message)
    for name, value in HEADERS.items():
        headers[name] = value
    headers.setdefault("cache-control", "no-store")
    if scope.get("scheme") == "https":
        headers["strict-transport-security"] = "max-age=31536000"


def failed(request: Request[Any, Any, Any], error: Exception) -> Response[str] | Response[bytes]:
    """The answer to an error: a page for people, a problem document for programs, a line for platforms."""
    status = _status(error)
    if status >= 500:
        log.error("request failed", method=request.method, path=_room(request), exc_info=error)
    code, title = SAID.get(status, BROKEN)
    if isinstance(error, Refusal):
        code, title = error.code, f"{error.why[:1].upper()}{error.why[1:]}"
    headers = dict(getattr(error, "headers", None) or {})
    if status == 503:
        headers["retry-after"] = TRY_AGAIN_S
    if status in (408, 413):
        headers["connection"] = "close"  # the rest of the body is not read
    path = request.url.path
    again = path if request.method == "GET" and not path.startswith("/login/") else "/"
    return _answer(path, status, headers, code=code, title=title, again=again)


def _answer(
    path: str, status: int, headers: dict[str, str], *, code: str, title: str, again: str
) -> Response[Any]:
    """`again`: where somebody goes once they are signed in."""
    if path.startswith("/hooks/"):
        return Response(title, status_code=status, headers=headers, media_type="text/plain")
    if path.startswith("/api/") or path.endswith(".json"):
        body = {"type": f"urn:entrepot:problem:{code}", "title": title, "status": status, "code": code}
        return Response(msgspec.json.encode(body), status_code=status, headers=headers, media_type=PROBLEM)
    page = (
        drawing.page("signed_out.html", title=title, form=Form(), to=again)
        if status == 401
        else drawing.page("problem.html", title=title, status=status, what=WHAT.get(status, TRY_AGAIN))
    )
    return Response(page, status_code=status, headers=headers, media_type="text/html")


def _status(error: Exception) -> int:
    if isinstance(error, HTTPException):
        return error.status_code
    if isinstance(error, Refusal):
        return 404 if error.code.endswith("_unknown") else 422
    return 503 if isinstance(error, SQLAlchemyError) else 500


def _room(request: Request[Any, Any, Any]) -> str:
    """The path without what may be secret in it (the link of a login)."""
    return "/" + request.url.path.strip("/").partition("/")[0]
