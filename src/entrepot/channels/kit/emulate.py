"""What every emulator is: a plain stateful object that speaks its platform's protocol, and how it is served.

An emulator has no clock, no randomness and no network of its own: requests and times are handed in, webhooks
are handed out. The sandbox serves it over HTTP or in memory, delivers its webhooks, and turns the fault dial.
"""

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import parse_qsl, unquote

import httpx2
import msgspec

from entrepot.channels.kit.faults import Fault, Faults
from entrepot.channels.kit.json import encode
from entrepot.channels.kit.times import http_text
from entrepot.contract import Response
from entrepot.kernel import Clock

__all__ = [
    "Bucket",
    "Emulator",
    "EmulatorTransport",
    "Fault",
    "Faults",
    "Good",
    "Placed",
    "Posted",
    "Request",
    "Router",
    "answer",
    "asgi",
    "reply",
]


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A call that reached the emulated platform. `path` has no query; `query` keeps order and repeats; header
    names are lower case; `url` is the whole address as the caller wrote it (OAuth 1 signs it)."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes
    url: str


class Posted(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook on its way. `id` is the emulator's own name for this attempt."""

    id: str
    url: str
    headers: Mapping[str, str]
    body: bytes


class Good(msgspec.Struct, frozen=True, kw_only=True):
    """Something to sell: `stock` by external location ('' where the platform has one figure)."""

    sku: str
    title: str
    price: str  # decimal text in the shop's currency
    stock: Mapping[str, int]
    gtin: str = ""


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """The truth about an order that the world placed, for the checker at the end."""

    external_id: str
    at: datetime
    location: str
    units: Mapping[str, int]  # sku -> units still wanted (0 after cancellation)


class Emulator(Protocol):
    """One emulated account of a platform."""

    def handle(self, request: Request, now: datetime) -> Response:
        """The answer to one API call; authentication, quota and errors in the platform's own shape."""

    def due(self, now: datetime) -> list[Posted]:
        """Webhooks to be sent by `now`, each handed out once; its answer is reported by `answered`."""

    def answered(self, id: str, status: int | None, now: datetime) -> None:
        """What the receiver said (None: nothing); the vendor's own retry and switch-off rules follow."""

    def settings(self) -> dict[str, str]:
        """What a merchant would type into the connect form of this account: keys that work here."""

    def stock_good(self, good: Good, now: datetime) -> str:
        """Adds a good to the catalogue; its external item."""

    def place(
        self, basket: Mapping[str, int], now: datetime, *, location: str = "", buyer: str = ""
    ) -> str | None:
        """A shopper buys {sku: units}. The order's external id, None where the platform refuses."""

    def cancel(self, external_id: str, now: datetime) -> None:
        """The merchant or buyer cancels the whole order at the channel."""

    def edit(self, external_id: str, units: Mapping[str, int], now: datetime) -> None:
        """The merchant changes the order's lines at the channel: {sku: units}, 0 removes, a new sku adds."""

    def refund(self, external_id: str, units: Mapping[str, int], now: datetime, *, restock: bool) -> None:
        """The merchant refunds units of an order at the channel."""

    def erase(self, external_id: str, now: datetime) -> None:
        """The order vanishes from the channel (trash, deletion), where the platform can do that."""

    def set_stock(self, sku: str, quantity: int, now: datetime, *, location: str = "") -> None:
        """Somebody edits the figure by hand at the channel."""

    def shown(self) -> dict[tuple[str, str], int]:
        """(external item, external location) -> the figure that the channel shows now."""

    def placed(self) -> list[Placed]:
        """Every order that the world placed here, as it stands now."""


def reply(status: int, json: object = None, headers: Mapping[str, str] | None = None) -> Response:
    """An answer with a canonical JSON body; `json` None sends no body."""
    if json is None:
        return Response(status=status, headers=dict(headers or {}))
    return Response(
        status=status,
        body=encode(json),
        headers={"content-type": "application/json; charset=utf-8", **(headers or {})},
    )


Handler = TypeVar("Handler")


class Router(Generic[Handler]):
    """Finds what answers a call: `Router({"GET /orders/{id}": self._order, "POST /orders": self._create})`.

    The first row that fits wins, so a fixed word stands before a {name}; a {name} is one segment of the path.
    """

    def __init__(self, rows: Mapping[str, Handler]) -> None:
        self._rows = [(*_pattern(row), handler) for row, handler in rows.items()]

    def find(self, method: str, path: str) -> tuple[Handler, dict[str, str]] | None:
        """The handler and the named segments of `path`; None if no row fits."""
        for wanted, pattern, handler in self._rows:
            found = pattern.fullmatch(path) if wanted == method else None
            if found:
                return handler, found.groupdict()
        return None


class Bucket(msgspec.Struct, frozen=True, kw_only=True):
    """A token bucket: `burst` calls at once, then `per_s` a second. A value: `take` gives the next one."""

    per_s: float
    burst: int
    spent: float = 0.0  # tokens missing from a full bucket, at `at`
    at: datetime | None = None

    def take(self, now: datetime) -> tuple["Bucket", float]:
        """The bucket after one call and 0.0; or, if it is empty, the seconds until the call may come."""
        gained = (now - self.at).total_seconds() * self.per_s if self.at else 0.0
        spent = max(0.0, self.spent - max(0.0, gained))
        if spent + 1 > self.burst:
            return msgspec.structs.replace(self, spent=spent, at=now), (spent + 1 - self.burst) / self.per_s
        return msgspec.structs.replace(self, spent=spent + 1, at=now), 0.0


def answer(emulator: Emulator, request: Request, now: datetime, fault: Fault | None) -> Response | None:
    """What comes back for a call; None: nothing does. A Date header is added where the emulator set none."""
    match fault:
        case Fault.REFUSED:
            return None
        case Fault.BUSY:
            given = reply(429, {"error": "too many requests"}, {"retry-after": "1"})
        case Fault.BROKEN:
            given = reply(500, {"error": "internal error"})
        case _:
            given = emulator.handle(request, now)
    headers = {name.lower(): value for name, value in given.headers.items()}
    dated = msgspec.structs.replace(given, headers={"date": http_text(now), **headers})
    return None if fault is Fault.LOST else dated


class EmulatorTransport(httpx2.BaseTransport):
    """Calls an emulator in memory, at the clock's time. For `HttpApi(…, transport=…)`."""

    def __init__(self, emulator: Emulator, clock: Clock, faults: Faults | None = None) -> None:
        self._emulator, self._clock, self._faults = emulator, clock, faults

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """The emulator's answer; ConnectError for a refused call, ReadTimeout for an answer that was lost."""
        asked = Request(
            method=request.method,
            path=request.url.path,
            query=_query(request.url.query),
            headers=dict(request.headers.items()),
            body=request.read(),
            url=str(request.url),
        )
        fault = self._faults.for_call() if self._faults else None
        given = answer(self._emulator, asked, self._clock.now(), fault)
        if given is None and fault is Fault.REFUSED:
            raise httpx2.ConnectError("injected: connection refused", request=request)
        if given is None:
            raise httpx2.ReadTimeout("injected: the answer was lost", request=request)
        return httpx2.Response(given.status, headers=dict(given.headers), content=given.body)


Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


def asgi(
    emulator: Emulator, clock: Clock, faults: Faults | None = None
) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """The emulator as an ASGI application; a lost answer is a head that promises a body, then a cut line.

    The emulator is called in the event loop's thread: whoever moves the world calls it there too. Serve it
    with uvicorn's `date_header=False`, else it puts the machine's time before the clock's.
    """

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        assert scope["type"] == "http", "an emulator speaks HTTP only"
        fault = faults.for_call() if faults else None
        asked = _request(scope, await _body(receive))
        given = answer(emulator, asked, clock.now(), fault)
        length = str(len(given.body)) if given else "1"
        headers = {**(given.headers if given else {}), "content-length": length}
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": given.status if given else 200, "headers": raw})
        if given:
            await send({"type": "http.response.body", "body": given.body})

    return application


async def _lifespan(receive: Receive, send: Send) -> None:
    while (message := await receive())["type"] != "lifespan.shutdown":
        await send({"type": f"{message['type']}.complete"})
    await send({"type": "lifespan.shutdown.complete"})


async def _body(receive: Receive) -> bytes:
    parts, more = [], True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


def _request(scope: Scope, body: bytes) -> Request:
    headers = _joined(
        (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]
    )
    raw_path, query = (
        (scope.get("raw_path") or scope["path"].encode()).decode("latin-1"),
        scope["query_string"],
    )
    address = f"{scope.get('scheme', 'http')}://{headers.get('host', '')}{raw_path}"
    return Request(
        method=scope["method"],
        path=unquote(raw_path),
        query=_query(query),
        headers=headers,
        body=body,
        url=f"{address}?{query.decode('latin-1')}" if query else address,
    )


def _joined(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in pairs:
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _query(raw: bytes) -> tuple[tuple[str, str], ...]:
    return tuple(parse_qsl(raw.decode("latin-1"), keep_blank_values=True))


def _pattern(row: str) -> tuple[str, re.Pattern[str]]:
    method, _, path = row.partition(" ")
    words = re.split(r"\{(\w+)\}", path)
    parts = [re.escape(word) if n % 2 == 0 else f"(?P<{word}>[^/]+)" for n, word in enumerate(words)]
    return method, re.compile("".join(parts))
