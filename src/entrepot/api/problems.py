"""Refusals as problem documents (RFC 9457): type, title, status, detail, and our own code, field and
remedy."""

import re
from typing import Annotated, Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap
from msgspec import Meta

from entrepot.kernel import Refusal

MEDIA_TYPE = "application/problem+json"

STATUS = {
    "accept": 406,
    "command_unknown": 404,
    "cursor": 400,
    "forbidden": 403,
    "idempotency_key": 400,
    "json": 400,
    "limit": 400,
    "location_forbidden": 403,
    "media_type": 415,
    "not_found": 404,
    "precondition_failed": 412,
    "precondition_missing": 428,
    "query": 400,
    "streams_full": 503,
    "too_many_requests": 429,
    "version": 409,
}
"""Codes that are about the request and not about the trade."""

TAKEN = re.compile(r"_(changed|exists|reused|taken)$")

HTTP = {
    400: ("bad_request", "The request cannot be understood", "See what the document says of it"),
    401: ("not_authorised", "The token is missing or wrong", "Send the header Authorization: Bearer <token>"),
    404: ("not_found", "There is nothing here", "See the paths of the document"),
    405: ("method", "This address does not take that method", "See the methods in the header Allow"),
    408: ("too_slow", "The body took too long to arrive", "Send it in one go"),
    413: ("too_large", "The body is too large", "Send at most 1 MB, at most 64 MB to /imports and /commands"),
}


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is wrong, as RFC 9457 has it."""

    type: Annotated[
        str,
        Meta(
            description="Names the kind of problem for good; its last part is `code`.",
            examples=["urn:entrepot:problem:sku_unknown"],
        ),
    ]
    title: Annotated[str, Meta(description="The same in words.", examples=["Sku unknown"])]
    status: Annotated[int, Meta(description="The status of the answer.", examples=[422])]
    code: Annotated[str, Meta(description="The word to decide by.", examples=["sku_unknown"])]
    detail: Annotated[
        str, Meta(description="What is wrong here, for people.", examples=["there is no SKU 'MUG'"])
    ] = ""
    field: Annotated[
        str,
        Meta(
            description="The path of what is wrong: a member of the body, a parameter or a header.",
            examples=["lines[0].sku"],
        ),
    ] = ""
    remedy: Annotated[str, Meta(description="What to do about it.", examples=["entrepot sku add MUG"])] = ""


def status_of(refusal: Refusal) -> int:
    """404 and 400 where the request names nothing we know or cannot be read, 409 for what exists already,
    422 for everything else that the domain says no to."""
    return STATUS.get(refusal.code, 409 if TAKEN.search(refusal.code) else 422)


def refused(refusal: Refusal, headers: dict[str, str] | None = None) -> Response[bytes]:
    """The problem document of a refusal."""
    return _response(
        Problem(
            type=f"urn:entrepot:problem:{refusal.code}",
            title=refusal.code.replace("_", " ").capitalize(),
            status=status_of(refusal),
            code=refusal.code,
            detail=refusal.why,
            field=refusal.field,
            remedy=refusal.remedy,
        ),
        headers,
    )


def _refused(request: Request[Any, Any, Any], refusal: Refusal) -> Response[bytes]:
    return refused(refusal, carried(request))


def _http(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    code, title, remedy = HTTP.get(error.status_code, ("http", error.detail, ""))
    problem = Problem(
        type=f"urn:entrepot:problem:{code}", title=title, status=error.status_code, code=code, remedy=remedy
    )
    return _response(problem, headers=carried(request) | dict(error.headers or {}))


def carried(request: Request[Any, Any, Any]) -> dict[str, str]:
    """Headers that every answer to the request carries: how much of its quota is left."""
    found: dict[str, str] = request.state.get("carried", {})
    return dict(found)


def _response(problem: Problem, headers: dict[str, str] | None = None) -> Response[bytes]:
    return Response(
        msgspec.json.encode(problem), status_code=problem.status, headers=headers, media_type=MEDIA_TYPE
    )


PROBLEMS: ExceptionHandlersMap = {Refusal: _refused, HTTPException: _http}
