"""Recording what a real account answers, and playing it again: for samples, tests and reports of a bug.

Only readings are made, a few of each; nothing is written at the platform. What was said is disguised as a
whole (kit.disguise) before anything of it is handed out.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

import httpx2
import msgspec

from entrepot.channels.kit.disguise import Disguise
from entrepot.channels.kit.json import encode
from entrepot.contract import About, Api, Channel, Reply
from entrepot.kernel import ChannelError, Refusal

HEADERS = frozenset({
    "content-type", "date", "link", "retry-after", "x-wp-total", "x-wp-totalpages", "x-shopify-api-version",
})  # fmt: skip
"""What is kept of an answer's headers: the others may name anybody."""

LINES = "application/jsonl"


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """One call and its answer. `path` follows the base URL."""

    method: str
    path: str
    query: dict[str, Any]
    asked: Any
    status: int
    headers: Mapping[str, str]
    answered: Any


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """How one function of the adapter fared: how many things it told, or why it stopped."""

    function: str
    told: int
    why: str = ""


class ReadingApi:
    """An Api that keeps every exchange and refuses to change anything: Refusal `read_only`."""

    def __init__(self, api: Api) -> None:
        self._api, self.kept = api, list[Exchange]()

    @property
    def settings(self) -> Mapping[str, str]:
        return self._api.settings

    @property
    def ahead(self) -> timedelta:
        return self._api.ahead

    def get(self, path: str, **params: Any) -> Reply:
        return self._keep("GET", path, params, None, self._api.get(path, **params))

    def post(self, path: str, body: Any, *, safe: bool = False) -> Reply:
        if not safe:
            raise _read_only(path)
        return self._keep("POST", path, {}, body, self._api.post(path, body, safe=True))

    def put(self, path: str, body: Any) -> Reply:
        raise _read_only(path)

    def delete(self, path: str, **params: Any) -> Reply:
        raise _read_only(path)

    def _keep(self, method: str, path: str, query: dict[str, Any], body: Any, reply: Reply) -> Reply:  # noqa: PLR0917
        self.kept.append(
            Exchange(
                method=method,
                path=path,
                query={name: value for name, value in query.items() if value is not None},
                asked=body,
                status=reply.status,
                headers={name: value for name, value in reply.headers.items() if name in HEADERS},
                answered=reply.json,
            )
        )
        return reply


def record(channel: Channel, api: Api, *, since: datetime, most: int) -> tuple[dict[str, Any], list[Reading]]:
    """The disguised conversation of one round of readings, `most` things of each kind; and how each fared.

    A function that the adapter lacks is passed over; one that the platform refuses stops by itself.
    """
    reading = ReadingApi(api)
    items: list[tuple[str, str]] = []

    def listings() -> Iterator[object]:
        for one in channel.read_listings(reading):
            items.extend((one.item, place) for place in one.locations)
            yield one

    rounds: tuple[tuple[str, Callable[[], Iterable[object]]], ...] = (
        ("probe", lambda: [channel.probe(reading)]),
        ("read_locations", lambda: channel.read_locations(reading)),
        ("read_listings", listings),
        ("read_orders", lambda: channel.read_orders(reading, since)),
        ("read_stock", lambda: channel.read_stock(reading, items[:most])),
    )
    fared = [_round(name, call, most) for name, call in rounds if hasattr(channel, name)]
    return _document(channel.ABOUT, api.settings, reading.kept), fared


def _round(name: str, call: Callable[[], Iterable[object]], most: int) -> Reading:
    told = 0
    try:
        for _ in islice(call(), most):
            told += 1
    except (ChannelError, Refusal) as error:
        return Reading(function=name, told=told, why=error.why)
    return Reading(function=name, told=told)


def _document(about: About, settings: Mapping[str, str], kept: list[Exchange]) -> dict[str, Any]:
    """The conversation as a document: what `entrepot channels read` reads and `Replay` plays."""
    hosts = [
        urlsplit(value).netloc for value in settings.values() if value.startswith(("http://", "https://"))
    ]
    hidden = [value for value in settings.values() if len(value) >= 6 and "://" not in value]
    hidden = [one for one in hidden if not any(one == setting.default for setting in about.settings)]
    disguise = Disguise(hidden, hosts)
    for one in kept:
        for part in (one.query, one.asked, one.answered):
            disguise.learn(part)
    return {
        "platform": about.name,
        "api_version": about.api_version,
        "conversation": [_told(one, disguise) for one in kept],
    }


def _told(one: Exchange, disguise: Disguise) -> dict[str, Any]:
    request: dict[str, Any] = {"method": one.method, "path": disguise.text(one.path)}
    if one.query:
        request["query"] = disguise.disguised(one.query)
    if one.asked is not None:
        request["body"] = disguise.disguised(one.asked)
    headers = {name: disguise.text(value) for name, value in one.headers.items()}
    body = disguise.disguised(one.answered)
    return {"request": request, "response": {"status": one.status, "headers": headers, "body": body}}


class Replay(httpx2.BaseTransport):
    """Answers a recorded conversation again, for `HttpApi(…, transport=…)`: of equal calls in their order.

    AssertionError for a call that was not recorded, or not so often: the adapter asks for something else now.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._left: list[Mapping[str, Any]] = list(document["conversation"])

    @property
    def unasked(self) -> int:
        """How many recorded calls nobody made."""
        return len(self._left)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        for n, one in enumerate(self._left):
            asked = one["request"]
            if asked["method"] == request.method and request.url.path.endswith(asked["path"]):
                del self._left[n]
                return _response(one["response"])
        raise AssertionError(f"{request.method} {request.url.path} was not recorded")


def _response(answer: Mapping[str, Any]) -> httpx2.Response:
    body, headers = answer["body"], dict(answer["headers"])
    if headers.get("content-type", "").startswith(LINES):
        content = b"\n".join(encode(row) for row in body or ())
    else:
        content = b"" if body is None else encode(body)
    return httpx2.Response(answer["status"], headers=headers, content=content)


def _read_only(path: str) -> Refusal:
    return Refusal("read_only", f"a recording changes nothing, but {path} was to be written")
