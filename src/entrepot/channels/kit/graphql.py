"""GraphQL over HTTP: one question, its errors by code, cursor connections to the last page, cost throttling.

Errors stand inside a 200: `errors` where the question was wrong or refused, and, where a platform follows
Shopify's manner, `userErrors` beside the result of a change. Shapes: GraphQL over HTTP; the throttle
as Shopify's Admin API tells it (`extensions.cost`, read 2026-09).
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from entrepot.channels.kit.redact import quotable
from entrepot.contract import Api, Reply
from entrepot.kernel import Cause, ChannelError, Refusal

PAGES_MAX = 10_000
THROTTLED = "THROTTLED"
BUSY_S = 2.0
"""The pause after a throttled call that does not say what it would cost."""

WAIT_MAX_S = 60.0

CAUSES = {
    "ACCESS_DENIED": Cause.DENIED,
    "UNAUTHORIZED": Cause.DENIED,
    "NOT_FOUND": Cause.MISSING,
    "INTERNAL_SERVER_ERROR": Cause.DOWN,
    "SERVICE_UNAVAILABLE": Cause.DOWN,
    "TIMEOUT": Cause.DOWN,
}
"""What a code in `errors` amounts to; any other is our question's fault."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a question: its data, and the reply they came in."""

    data: Mapping[str, Any]
    reply: Reply


class UserError(msgspec.Struct, frozen=True, kw_only=True):
    """A change that was refused: `field` is the way to the input at fault, `code` '' where there is none."""

    field: tuple[str, ...]
    code: str
    message: str


def ask(
    api: Api, path: str, query: str, variables: Mapping[str, Any] | None = None, *, changes: bool = False
) -> Told:
    """Puts a question, or makes a change (`changes`: not repeated by itself).

    A field that we may not see is None where the rest can be told: that is the one error that is passed over.
    Any other raises a ChannelError, a crash in a change as LOST; `code` is the platform's.
    """
    asked = {"query": query, "variables": dict(variables or {})}
    reply = api.post(path, asked, safe=not changes)
    body = reply.json if isinstance(reply.json, dict) else {}
    data, errors = body.get("data"), body.get("errors")
    if errors and not _only_hidden(data, errors):
        raise _failure(errors, asked, api, changes=changes)
    if not isinstance(data, dict):
        raise ChannelError(Cause.NONSENSE, f"{path}: an answer of GraphQL without data")
    return Told(data=data, reply=reply)


def pages(api: Api, path: str, query: str, variables: Mapping[str, Any], *, root: str) -> Iterator[Told]:
    """Every page of the connection `root`; the query takes $after and asks `pageInfo {hasNextPage
    endCursor}`.

    ChannelError NONSENSE where a cursor comes twice or after 10,000 pages.
    """
    seen: set[str] = set()
    after: str | None = None
    for _ in range(PAGES_MAX):
        told = ask(api, path, query, {**variables, "after": after})
        yield told
        after = next_cursor(told.data[root])
        if after is None:
            return
        if after in seen:
            raise ChannelError(Cause.NONSENSE, f"{path}: the list {root} repeats a page")
        seen.add(after)
    raise ChannelError(Cause.NONSENSE, f"{path}: the list {root} has more than {PAGES_MAX} pages")


def nodes(connection: Any) -> list[dict[str, Any]]:
    """The objects of a connection ({nodes}), of a plain list, of nothing; those we may not see left out.
    Refusal `shape` for what cannot hold any."""
    members = connection.get("nodes") if isinstance(connection, dict) else connection
    if members and not isinstance(members, Iterable):
        raise Refusal("shape", f"{type(members).__name__} stands where GraphQL should tell a list")
    return [one for one in members or () if isinstance(one, dict)]


def next_cursor(connection: Any) -> str | None:
    """Where the next page begins, None after the last; ChannelError NONSENSE where it is not named."""
    info = connection.get("pageInfo") or {}
    if not info.get("hasNextPage"):
        return None
    if not info.get("endCursor"):
        raise ChannelError(Cause.NONSENSE, "a connection of GraphQL goes on, but does not say where")
    return str(info["endCursor"])


def user_errors(result: Any) -> list[UserError]:
    """The `userErrors` of one change's result."""
    return [
        UserError(
            field=tuple(str(part) for part in one.get("field") or ()),
            code=str(one.get("code") or ""),
            message=str(one.get("message") or ""),
        )
        for one in (result or {}).get("userErrors") or ()
    ]


def throttled_s(value: Any) -> float | None:
    """Seconds to wait if a body says that it was throttled, None if it does not: (cost - left) / restored."""
    errors = value.get("errors") if isinstance(value, dict) else None
    if not isinstance(errors, list) or THROTTLED not in {_code(error) for error in errors}:
        return None
    cost = (value.get("extensions") or {}).get("cost") or {}
    status = cost.get("throttleStatus") or {}
    try:
        short = cost["requestedQueryCost"] - status["currentlyAvailable"]
        wait_s = math.ceil(short / status["restoreRate"])
    except (KeyError, TypeError, ArithmeticError):
        return BUSY_S
    return min(max(float(wait_s), 1.0), WAIT_MAX_S)


def _only_hidden(data: Any, errors: Any) -> bool:
    """Whether nothing worse happened than that some fields are hidden from us, and something is left to
    tell."""
    told = isinstance(data, dict) and all(value is not None for value in data.values())
    return told and isinstance(errors, list) and {_code(error) for error in errors} == {"ACCESS_DENIED"}


def _failure(errors: Any, asked: Any, api: Api, *, changes: bool) -> ChannelError:
    first = errors[0] if isinstance(errors, list) and errors else {"message": errors}
    code = _code(first)
    cause = CAUSES.get(code, Cause.REFUSED)
    if changes and cause is Cause.DOWN:
        cause = Cause.LOST
    message = str(first.get("message") or "") if isinstance(first, dict) else ""
    said = quotable(message, secrets=api.settings.values(), said=asked["variables"])
    return ChannelError(cause, ", ".join(filter(None, ("graphql", code, said))), code=code)


def _code(error: Any) -> str:
    extensions = error.get("extensions") if isinstance(error, dict) else None
    return str(extensions.get("code") or "") if isinstance(extensions, dict) else ""
