"""Lists and batches as every wc/v3 controller has them: pages, filters of time, one answer per row."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode

from entrepot.channels.kit.emulate import Request, reply
from entrepot.channels.kit.json import decode
from entrepot.channels.woocommerce.emulator_keys import failure
from entrepot.channels.woocommerce.emulator_shapes import ZONE
from entrepot.contract import Response

BATCH_MAX = 100
PER_PAGE_MAX = 100

Shape = dict[str, Any]
Row = TypeVar("Row")


class Invalid(Exception):
    """A parameter that WordPress refuses: its name and the sentence about it."""

    def __init__(self, parameter: str, sentence: str) -> None:
        super().__init__(parameter, sentence)
        self.parameter, self.sentence = parameter, sentence

    def answer(self) -> Response:
        """The 400 for it."""
        message = f"Invalid parameter(s): {self.parameter}"
        return failure("rest_invalid_param", message, 400, params={self.parameter: self.sentence})


def paged(request: Request, objects: Sequence[Row], show: Callable[[Row], Shape]) -> Response:
    """One page of `objects`, with the totals and the Link header; an empty list after the last page."""
    query = dict(request.query)
    page, size = number(query, "page", 1, 1_000_000), number(query, "per_page", 10, PER_PAGE_MAX)
    pages = -(-len(objects) // size)
    near = {"prev": min(page - 1, pages), "next": page + 1 if page < pages else 0}
    base = request.url.partition("?")[0]
    links = [
        f'<{base}?{urlencode({**query, "page": target})}>; rel="{name}"'
        for name, target in near.items()
        if target > 0
    ]
    headers = {"x-wp-total": str(len(objects)), "x-wp-totalpages": str(pages)}
    if links:
        headers["link"] = ", ".join(links)
    return reply(200, [show(row) for row in objects[(page - 1) * size : page * size]], headers)


def number(query: Mapping[str, str], name: str, default: int, highest: int) -> int:
    """A whole number from 1 to `highest`; Invalid otherwise."""
    text = query.get(name, str(default))
    if not text.isdecimal() or not 1 <= int(text) <= highest:
        raise Invalid(name, f"{name} must be between 1 (inclusive) and {highest} (inclusive)")
    return int(text)


def numbers(query: Mapping[str, str], name: str) -> list[int]:
    """Whole numbers between commas; none if the parameter is not given."""
    parts = [part.strip() for part in query.get(name, "").split(",") if part.strip()]
    if not all(part.isdecimal() for part in parts):
        raise Invalid(name, f"{name}[0] is not of type integer.")
    return [int(part) for part in parts]


def flag(query: Mapping[str, str], name: str) -> bool:
    """A boolean as WordPress reads it: true or 1, in letters of any size; Invalid for another word."""
    word = query.get(name, "false").lower()
    if word not in {"true", "1", "false", "0"}:
        raise Invalid(name, f"{name} is not of type boolean.")
    return word in {"true", "1"}


def window(query: Mapping[str, str]) -> Callable[[datetime, datetime], bool]:
    """Whether (created, modified) pass `after`, `before`, `modified_after`, `modified_before`, all exclusive.

    In whole seconds, and in the shop's own zone unless `dates_are_gmt` is true.
    """
    shift = timedelta(0) if flag(query, "dates_are_gmt") else ZONE
    made, changed = (
        (_time(query, f"{prefix}after", "0001-01-01"), _time(query, f"{prefix}before", "9999-12-31"))
        for prefix in ("", "modified_")
    )

    def passes(created: datetime, modified: datetime) -> bool:
        times = ((made, created), (changed, modified))
        return all(low < (at + shift).replace(microsecond=0) < high for (low, high), at in times)

    return passes


def ordered(query: Mapping[str, str], objects: Sequence[Row], key: Callable[[Row, str], Any]) -> list[Row]:
    """`orderby` (date by default) and `order` (desc by default); the id settles what is equal."""
    by, direction = query.get("orderby", "date"), query.get("order", "desc")
    if by not in {"date", "id", "modified"}:
        raise Invalid("orderby", "orderby is not one of date, id, modified.")
    if direction not in {"asc", "desc"}:
        raise Invalid("order", "order is not one of asc, desc.")
    return sorted(objects, key=lambda row: (key(row, by), key(row, "id")), reverse=direction == "desc")


def batched(body: Shape, acts: Mapping[str, Callable[[Any], Response]]) -> Response:
    """`acts` on each row of create, update and delete; a failed row carries its `error` inside the 200."""
    rows = {name: body.get(name) or [] for name in ("create", "update", "delete")}
    if sum(len(given) for given in rows.values()) > BATCH_MAX:
        message = f"Unable to accept more than {BATCH_MAX} items for this request."
        return failure("woocommerce_rest_request_entity_too_large", message, 413)
    done: dict[str, list[Shape]] = {}
    for name, given in rows.items():
        for row in given:
            done.setdefault(name, []).append(_row(row, acts[name](row)))
    return reply(200, done or [])


def body_of(request: Request) -> Shape:
    """The JSON object of a call, {} for none; ChannelError for what is not JSON."""
    value = decode(request.body) if request.body else {}
    return value if isinstance(value, dict) else {}


def whole(value: Any) -> int:
    """An id as a number; 0, which nothing has, for any other text."""
    return int(value) if str(value).isdecimal() else 0


def invalid_id(kind: str, status: int) -> Response:
    """The answer for an id that is not there: 404 to those who read, 400 to those who write."""
    return failure(f"woocommerce_rest_{kind}_invalid_id", "Invalid ID.", status)


def _row(asked: Any, answer: Response) -> Shape:
    value: Shape = decode(answer.body)
    if answer.status < 300:
        return value
    return {"id": asked.get("id", 0) if isinstance(asked, dict) else asked, "error": value}


def _time(query: Mapping[str, str], name: str, default: str) -> datetime:
    try:
        return datetime.fromisoformat(query.get(name) or default).replace(tzinfo=UTC)
    except ValueError:
        raise Invalid(name, f"Invalid date: {name}") from None
