"""Refusals as problem documents (RFC 9457): type, title, status, detail, and our own code, field and
remedy."""

import re
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from entrepot.kernel import Refusal

MEDIA_TYPE = "application/problem+json"

STATUS = {"command_unknown": 404, "json": 400}
TAKEN = re.compile(r"_(exists|taken)$")

HTTP = {
    401: ("not_authorised", "The token is missing or wrong", "Send the header Authorization: Bearer <token>"),
    413: ("too_large", "The body is too large", "Send at most 64 MB at once"),
}


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`type` names the kind of problem for good; `code` is its last part. `field` is the path of what is
    wrong."""

    type: str
    title: str
    status: int
    code: str
    detail: str = ""
    field: str = ""
    remedy: str = ""


def refused(refusal: Refusal) -> Response[bytes]:
    """The problem of a refusal: 404 and 400 where the request names nothing we know or is no JSON, 409 for
    what exists already, 422 for everything else that the domain says no to."""
    status = STATUS.get(refusal.code, 409 if TAKEN.search(refusal.code) else 422)
    return _response(
        Problem(
            type=f"urn:entrepot:problem:{refusal.code}",
            title=refusal.code.replace("_", " ").capitalize(),
            status=status,
            code=refusal.code,
            detail=refusal.why,
            field=refusal.field,
            remedy=refusal.remedy,
        )
    )


def _refused(_request: Request[Any, Any, Any], refusal: Refusal) -> Response[bytes]:
    return refused(refusal)


def _http(_request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    code, title, remedy = HTTP.get(error.status_code, ("http", error.detail, ""))
    problem = Problem(
        type=f"urn:entrepot:problem:{code}", title=title, status=error.status_code, code=code, remedy=remedy
    )
    return _response(problem, headers=dict(error.headers or {}))


def _response(problem: Problem, headers: dict[str, str] | None = None) -> Response[bytes]:
    return Response(
        msgspec.json.encode(problem), status_code=problem.status, headers=headers, media_type=MEDIA_TYPE
    )


PROBLEMS: ExceptionHandlersMap = {Refusal: _refused, HTTPException: _http}
