"""The programs' door: POST /api/v1/commands/{name} with JSON arguments does one command and answers what it
did."""

import hmac
from functools import partial
from hashlib import sha256
from typing import Any

import msgspec
from anyio import to_thread
from litestar import Request, Response, Router, post
from litestar.exceptions import HTTPException
from litestar.params import FromPath

from entrepot.api.problems import PROBLEMS, refused
from entrepot.app import Hub, perform
from entrepot.kernel import Refusal

BODY_MAX = 64 * 1024 * 1024
"""A command may carry a whole CSV file."""

ACTOR = "api"


def door(hub: Hub, token: str) -> Router:
    """The routes under /api/v1. Every one needs `Authorization: Bearer <token>`; of the token only a digest
    stays."""
    kept = sha256(token.encode()).digest()

    @post("/commands/{name:str}", status_code=200, request_max_body_size=BODY_MAX)
    async def command(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[bytes]:
        _authorise(request, kept)
        try:
            given = msgspec.json.decode(await request.body() or b"{}")
        except msgspec.DecodeError as error:
            return refused(Refusal("json", f"the body is no JSON: {error}"))
        work = partial(perform, hub, name, given, actor=ACTOR, source=ACTOR)
        answer = await to_thread.run_sync(work)
        return Response(msgspec.json.encode(answer), media_type="application/json")

    return Router("/api/v1", route_handlers=[command], exception_handlers=PROBLEMS)


def _authorise(request: Request[Any, Any, Any], kept: bytes) -> None:
    """HTTPException 401 unless the request bears our token; compared in constant time."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    right = hmac.compare_digest(sha256(given.strip().encode()).digest(), kept)
    if scheme.lower() != "bearer" or not right:
        raise HTTPException(status_code=401, headers={"www-authenticate": 'Bearer realm="entrepot"'})
