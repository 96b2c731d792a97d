"""Answering one request: it is read strictly, done in one transaction, and answered with what a program
needs to go on: the next page, the version it saw, whether it was answered before."""

import re
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from anyio import CapacityLimiter, fail_after, to_thread
from litestar import Request, Response
from litestar.exceptions import HTTPException

from entrepot.access import Who
from entrepot.api import strict
from entrepot.api.problems import carried
from entrepot.api.route import TEXT_MAX, Ask, Route
from entrepot.app import Hub, command_of, performing_once
from entrepot.app.commands import SECRET_ANSWERS
from entrepot.db import Tx, answers
from entrepot.db.answers import Kept
from entrepot.db.paging import Page
from entrepot.kernel import Refusal

AnyRequest = Request[Any, Any, Any]

JSON = "application/json"
READ_S = 15.0
SOURCE = "api"
KEY = "idempotency-key"
PART = re.compile(r"{(\w+)}")
FRESH = {"cache-control": "private, no-cache"}


async def answer(route: Route, request: AnyRequest, hub: Hub, threads: CapacityLimiter) -> Response[bytes]:
    """The answer of a route of the table; Refusal or HTTPException for the problem document."""
    check_accept(request, JSON)
    ask = Ask(
        hub, request.state["who"], _path(request), strict.query(request.scope["query_string"], route.query)
    )
    if route.method == "GET":
        work: Callable[[], Response[bytes]] = partial(_look, route, ask, request)
    else:
        given, raw = await _given(request)
        work = partial(_do, route, ask, request, given=given, raw=raw)
    return await to_thread.run_sync(work, limiter=threads)


async def command(request: AnyRequest, hub: Hub, threads: CapacityLimiter) -> Response[bytes]:
    """The answer of a command by its name."""
    given, raw = await _given(request)
    who, name = request.state["who"], request.path_params["name"]
    work = partial(_perform, hub, who, request, name=name, given=given, raw=raw)
    return await to_thread.run_sync(work, limiter=threads)


def _look(route: Route, ask: Ask, request: AnyRequest) -> Response[bytes]:
    """What is to be seen, with its version; 304 for somebody who has seen it."""
    if route.looks is not None:
        return _response(request, msgspec.json.encode(route.looks(ask)), route.status)
    assert route.reads is not None
    found = ask.hub.store.read(partial(_reading, route.reads, ask))
    body = _found(found, ask)
    headers = FRESH | {"etag": _version(body)}
    if isinstance(found, Page):
        headers |= _next(request, ask.query, found)
    if _matches(request.headers.get("if-none-match", ""), headers["etag"]):
        return Response(b"", status_code=304, headers=carried(request) | headers)
    return _response(request, body, route.status, headers)


def _do(route: Route, ask: Ask, request: AnyRequest, *, given: Any, raw: bytes) -> Response[bytes]:
    """Does what a route's command says. An edit that others may make too needs the version that was seen."""
    if isinstance(given, dict):
        _check_members(given, route)
        given = given | {argument: ask.path[part] for part, argument in route.given.items()}
    seen = request.headers.get("if-match", "")
    if route.guarded is not None and not seen:
        raise Refusal(
            "precondition_missing",
            "somebody else may have edited this meanwhile",
            remedy="Read it, then send its ETag as If-Match",
            field="If-Match",
        )
    try:
        work = command_of(ask.hub, route.command, given, who=ask.who)
        kept, again = _once(
            ask,
            request,
            partial(_kept, route=route, ask=ask, seen=seen, work=work),
            raw,
            keep=route.command not in SECRET_ANSWERS,
        )
    except Refusal as refusal:
        raise _named(refusal, route) from None
    headers = _again(again)
    if route.method == "PUT":
        headers |= {"etag": _version(kept.body)}
    headers |= _made(route, kept.body)
    return _response(request, kept.body, kept.status, headers)


def _perform(
    hub: Hub, who: Who, request: AnyRequest, *, name: str, given: Any, raw: bytes
) -> Response[bytes]:
    work = command_of(hub, name, given, who=who)

    def kept(tx: Tx) -> Kept:
        return Kept(status=200, body=msgspec.json.encode(work(tx)))

    ask = Ask(hub, who, {}, None)
    done, again = _once(ask, request, kept, raw, keep=name not in SECRET_ANSWERS)
    return _response(request, done.body, done.status, _again(again))


def _kept(tx: Tx, route: Route, ask: Ask, *, seen: str, work: Callable[[Tx], Any]) -> Kept:
    if route.guarded is None:
        return Kept(status=route.status, body=msgspec.json.encode(work(tx)))
    tx.alone(f"edit:{route.path}:{sorted(ask.path.items())}")
    if not _matches(seen, _version(_found(route.guarded(tx, ask), ask))):
        raise Refusal(
            "precondition_failed",
            "somebody else has edited this since you read it",
            remedy="Read it again, look what changed, and send the new ETag as If-Match",
            field="If-Match",
        )
    done = work(tx)
    body = _found(route.guarded(tx, ask), ask) if route.method == "PUT" else msgspec.json.encode(done)
    return Kept(status=route.status, body=body)


def _once(
    ask: Ask, request: AnyRequest, work: Callable[[Tx], Kept], raw: bytes, *, keep: bool = True
) -> tuple[Kept, bool]:
    """What the work answers; under an idempotency key what it answered the first time."""
    key = request.headers.get(KEY)
    if key is None or not keep or request.method != "POST":
        return ask.hub.store.run(work, actor=ask.who.actor, source=SOURCE), False
    said = answers.digest(request.method, request.url.path, raw)
    once = performing_once(ask.hub, work, who=ask.who, key=key, digest=said, source=SOURCE)
    return once.kept, once.again


def _reading(reads: Callable[[Tx, Ask], Any], ask: Ask, tx: Tx) -> Any:
    return reads(tx, ask)


def _found(found: Any, ask: Ask) -> bytes:
    if found is None:
        raise Refusal(
            "not_found", f"there is no {' '.join(ask.path.values())}", field=next(iter(ask.path), "")
        )
    return msgspec.json.encode(found)


def _named(refusal: Refusal, route: Route) -> Refusal:
    """A refusal as it concerns the request: what the path names and nobody knows is not found."""
    parts = {argument: part for part, argument in route.given.items()}
    if refusal.code.endswith("_unknown") and refusal.field in parts:
        return Refusal("not_found", refusal.why, remedy=refusal.remedy, field=parts[refusal.field])
    return refusal


def _check_members(given: dict[str, Any], route: Route) -> None:
    """Refusal `arguments` for a member that the path says already."""
    for argument in route.given.values():
        if argument in given:
            raise Refusal("arguments", f"Object contains unknown field `{argument}`", field=argument)


async def _given(request: AnyRequest) -> tuple[Any, bytes]:
    """The body of a request, decoded and as it came."""
    kind = request.headers.get("content-type", JSON).partition(";")[0].strip().lower()
    if kind != JSON:
        raise Refusal("media_type", f"the body is to be {JSON}", remedy=f"Send Content-Type: {JSON}")
    try:
        with fail_after(READ_S):
            raw = await request.body()
    except TimeoutError:
        raise HTTPException(status_code=408) from None
    return await to_thread.run_sync(strict.body, raw), raw


def _path(request: AnyRequest) -> dict[str, str]:
    """The parts of the path; Refusal `not_found` for one that can name nothing."""
    parts = {name: str(value) for name, value in request.path_params.items()}
    for name, value in parts.items():
        if len(value) > TEXT_MAX or not value.isprintable():
            raise Refusal("not_found", "nothing has such a name", field=name)
    return parts


def check_accept(request: AnyRequest, kind: str) -> None:
    """Refusal `not_acceptable` for somebody who takes something else only."""
    given = [one.partition(";")[0].strip().lower() for one in request.headers.get("accept", "*/*").split(",")]
    family = f"{kind.partition('/')[0]}/*"
    if not {kind, family, "*/*", ""} & set(given):
        raise Refusal("accept", f"the answer is {kind}", remedy=f"Send Accept: {kind}", field="Accept")


def _version(body: bytes) -> str:
    return f'"{sha256(body).hexdigest()[:32]}"'


def _matches(given: str, version: str) -> bool:
    """Whether a list of ETags names this one; those that a proxy made weak count as well."""
    return given.strip() == "*" or version in [one.strip().removeprefix("W/") for one in given.split(",")]


def _next(request: AnyRequest, query: Any, page: Page[Any]) -> dict[str, str]:
    """The link to the page behind this one."""
    if not page.after:
        return {}
    given = {name: value for name, value in request.query_params.items() if name != "after"}
    where = urlencode(given | {"after": page.after, "limit": query.limit}, quote_via=quote)
    return {"link": f'<{request.url.path}?{where}>; rel="next"'}


def _made(route: Route, body: bytes) -> dict[str, str]:
    """Where what was made is found; nowhere by a name with a slash: no path can hold it."""
    fields = {name: str(value) for name, value in msgspec.json.decode(body).items()}
    if not route.made or any("/" in fields[name] for name in PART.findall(route.made)):
        return {}
    where = route.made.format(**{name: quote(value, safe="") for name, value in fields.items()})
    return {"location": f"/api/v1{where}"}


def _again(again: bool) -> dict[str, str]:
    return {"idempotency-replayed": "true"} if again else {}


def _response(
    request: AnyRequest, body: bytes, status: int, headers: dict[str, str] | None = None
) -> Response[bytes]:
    return Response(body, status_code=status, headers=carried(request) | (headers or {}), media_type=JSON)
