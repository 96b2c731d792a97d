"""How the emulated Square speaks: errors, times, pages, idempotency. Shapes of the OpenAPI description."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec

from entrepot.channels.kit.emulate import reply
from entrepot.channels.kit.json import decode, digest
from entrepot.channels.kit.times import utc
from entrepot.contract import Response
from entrepot.kernel import ChannelError, Refusal

Json = dict[str, Any]
CATEGORIES = {401: "AUTHENTICATION_ERROR", 403: "AUTHENTICATION_ERROR", 429: "RATE_LIMIT_ERROR"}


class Wrong(Exception):
    """What Square says no to: becomes an answer with `errors`."""

    def __init__(
        self, code: str, detail: str, *, field: str = "", status: int = 400, category: str = ""
    ) -> None:
        super().__init__(code, detail, field, status)
        self.code, self.detail, self.field, self.status = code, detail, field, status
        plain = "API_ERROR" if status >= 500 else "INVALID_REQUEST_ERROR"
        self.category = category or CATEGORIES.get(status, plain)


def wrong(error: Wrong) -> Response:
    """The answer to a call that cannot be done."""
    told = {"category": error.category, "code": error.code, "detail": error.detail}
    return reply(error.status, {"errors": [told | ({"field": error.field} if error.field else {})]})


def missing(kind: str, id: str, field: str = "") -> Wrong:
    """404: there is no such thing."""
    return Wrong("NOT_FOUND", f"{kind} with ID `{id}` not found.", field=field, status=404)


def stamp(moment: datetime) -> str:
    """RFC 3339 with milliseconds, as Square writes times."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(text: object, field: str) -> datetime:
    """The time that a request names."""
    try:
        return utc(text)
    except Refusal:
        raise Wrong("INVALID_TIME", "not an RFC 3339 time with a zone", field=field) from None


def quantity(number: Decimal) -> str:
    """Decimal text without trailing zeros: '3', '1.5', '-2'."""
    plain = f"{number:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def body_of(raw: bytes) -> dict[str, Any]:
    """The JSON object of a request."""
    try:
        value = decode(raw or b"{}")
    except ChannelError as error:
        raise Wrong("EXPECTED_JSON_BODY", error.why) from None
    if not isinstance(value, dict):
        raise Wrong("EXPECTED_OBJECT", "the body is not an object")
    return value


Doing = Callable[[], dict[str, Any]]


class Page(msgspec.Struct, frozen=True):
    """Some rows of a list, and the cursor of the next ones, '' at the end."""

    rows: list[Any]
    cursor: str

    def json(self, name: str) -> dict[str, Any]:
        """The answer's body: no `cursor` at the end, and no rows where there are none, as Square does."""
        return ({name: self.rows} if self.rows else {}) | ({"cursor": self.cursor} if self.cursor else {})


def page(rows: Sequence[Any], cursor: object, limit: object, *, default: int, most: int) -> Page:
    """One page of `rows`. A cursor names the place where the last page ended."""
    size = int(str(limit)) if str(limit or "").isdigit() else default
    size = min(size or default, most)
    try:
        start = int(urlsafe_b64decode(str(cursor)).decode()) if cursor else 0
    except ValueError:
        raise Wrong("INVALID_CURSOR", "the cursor is not one of ours", field="cursor") from None
    end = start + size
    more = urlsafe_b64encode(str(end).encode()).decode() if end < len(rows) else ""
    return Page(list(rows[start:end]), more)


class Replays:
    """Idempotency: a key with the same body gets the first answer again, with another body an error.

    Only answers that were a success are kept (a refused request may be mended and sent again with its key).
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], tuple[str, Response]] = {}

    def once(
        self, place: str, body: Mapping[str, Any], do: Doing, *, longest: int, required: bool = True
    ) -> Response:
        """The answer of `do`, done at most once per key of at most `longest` letters."""
        key = body.get("idempotency_key")
        if not key and not required:
            return reply(200, do())
        if not isinstance(key, str) or not key:
            raise Wrong("MISSING_REQUIRED_PARAMETER", "a key is required", field="idempotency_key")
        if len(key) > longest:
            raise Wrong("VALUE_TOO_LONG", f"at most {longest} letters", field="idempotency_key")
        content = digest(body)
        known, answer = self._kept.get((place, key), ("", None))
        if answer:
            if known == content:
                return answer
            detail = "The idempotency key can only be retried with the same request data."
            raise Wrong("IDEMPOTENCY_KEY_REUSED", detail, field="idempotency_key")
        answer = reply(200, do())
        self._kept[place, key] = (content, answer)
        return answer
