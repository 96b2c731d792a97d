"""What an HTTP answer means: a Reply, or the one error table of all platforms."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from entrepot.channels.kit.graphql import throttled_s
from entrepot.channels.kit.json import decode, decode_lines
from entrepot.channels.kit.redact import quotable, without_secrets
from entrepot.channels.kit.times import http_date
from entrepot.contract import Reply
from entrepot.kernel import Cause, ChannelError, Refusal

WAIT_MAX_S = 86_400.0
"""A longer Retry-After is taken for a day: nobody means a year."""

_CAUSES = {
    401: Cause.DENIED,
    403: Cause.DENIED,
    404: Cause.MISSING,
    408: Cause.DOWN,  # the request did not arrive in full
    409: Cause.CONFLICT,
    410: Cause.MISSING,
    412: Cause.CONFLICT,  # a version that is no longer current
    429: Cause.BUSY,
}
_GATEWAY = frozenset({502, 504, 520, 524})
"""A gateway passed it on and got no proper answer (520, 524: Cloudflare): a write may have happened."""

LINES = frozenset({"application/jsonl", "application/x-ndjson", "application/jsonlines"})
"""Media types of one JSON value per line."""

_CODE = re.compile(r"[\w.:/-]{1,80}", re.ASCII)
_INNER = ("errors", "error")
_CODES = ("code", "error", "type", "category")
_SENTENCES = ("message", "detail", "error_description", "description", "title", "error", "errors")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A call as the adapter made it. `reads`: it changes nothing, so it may be repeated at once.

    `address`: a whole address that the platform named, called without our credentials; `path` stands for it.
    """

    method: str
    path: str
    address: str = ""
    query: tuple[tuple[str, str], ...] = ()
    body: Any = None
    reads: bool = False


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """An answer as it came: header names in lower case, the body unpacked."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    began_at: datetime
    at: datetime


def judge(asked: Asked, answered: Answered, secrets: Iterable[str]) -> Reply | ChannelError:
    """The Reply of a 2xx answer in JSON (None for an empty body, a list for JSON lines); otherwise the error
    it amounts to. GraphQL says inside a 200 that it is busy."""
    where = place(asked, secrets)
    if not 200 <= answered.status < 300:
        return _failure(asked, answered, secrets)
    try:
        value = _value(answered)
    except ChannelError as error:
        return ChannelError(error.cause, f"{where}: {answered.status}, {error.why}")
    if (throttle_s := throttled_s(value)) is not None:
        return ChannelError(Cause.BUSY, f"{where}: throttled", wait_s=throttle_s, code="THROTTLED")
    return Reply(
        status=answered.status,
        headers=answered.headers,
        json=value,
        at=platform_time(answered),
        began_at=answered.began_at,
    )


def platform_time(answered: Answered) -> datetime:
    """The platform's own time as it answered, in whole seconds; the hub's where it does not say."""
    try:
        return http_date(answered.headers.get("date", ""))
    except Refusal:
        return answered.at


def place(asked: Asked, secrets: Iterable[str]) -> str:
    """'GET /orders/12': what a person needs to find the call, without its query."""
    return f"{asked.method} /{without_secrets(asked.path.lstrip('/'), secrets)}"


def cause(status: int, *, reads: bool) -> Cause:
    """The row of the error table for a status that is not 2xx."""
    if status in _GATEWAY:
        return Cause.DOWN if reads else Cause.LOST
    return _CAUSES.get(status, Cause.DOWN if status >= 500 else Cause.REFUSED)


def wait_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that a Retry-After header (a number, or a date) asks for as of `now`; None if it does not."""
    wish = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]+)?", wish):
        return min(float(wish), WAIT_MAX_S)
    try:
        return min(max((http_date(wish) - now).total_seconds(), 0.0), WAIT_MAX_S)
    except Refusal:
        return None


def complaint(value: Any) -> tuple[str, str]:
    """(code, sentence) of an error body in any of the usual shapes; '' for what it does not say.

    {code, message}; {error: {…}}; {errors: [{…}]}; {errors: "…"}; {error, error_description}; RFC 9457.
    """
    for _ in range(3):
        inner = (
            next((value[key] for key in _INNER if key in value), None) if isinstance(value, dict) else value
        )
        if isinstance(inner, list):
            inner = inner[0] if inner else None
        if not isinstance(inner, dict):
            break
        value = inner
    if not isinstance(value, dict):
        return "", ""
    found = next((code for key in _CODES if (code := _short(value.get(key))) and _CODE.fullmatch(code)), "")
    return found, next((said for key in _SENTENCES if (said := _short(value.get(key)))), "")


def _failure(asked: Asked, answered: Answered, secrets: Iterable[str]) -> ChannelError:
    why = [f"{place(asked, secrets)}: {answered.status}"]
    code, sentence = "", ""
    if 300 <= answered.status < 400:
        why.append("the platform sends us to another address: correct the address in the settings")
    else:
        said = [asked.body, [value for _, value in asked.query]]
        code, sentence = (quotable(word, secrets=secrets, said=said) for word in _complaint(answered.body))
    return ChannelError(
        cause(answered.status, reads=asked.reads),
        ", ".join(filter(None, [*why, code, sentence])),
        wait_s=wait_s(answered.headers, answered.at),
        code=code,
    )


def _value(answered: Answered) -> Any:
    if answered.headers.get("content-type", "").partition(";")[0].strip() in LINES:
        return decode_lines(answered.body)
    return decode(answered.body) if answered.body.strip() else None


def _complaint(body: bytes) -> tuple[str, str]:
    try:
        return complaint(decode(body))
    except ChannelError:
        return "", ""


def _short(value: Any) -> str:
    return value if isinstance(value, str) else str(value) if type(value) is int else ""
