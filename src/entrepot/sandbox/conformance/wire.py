"""The wire between the door and an emulated platform: counts the calls, and does to one what a rule says."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx2
import msgspec

from entrepot.channels.kit.emulate import Emulator, EmulatorTransport
from entrepot.channels.kit.json import decode, encode
from entrepot.contract import Response
from entrepot.kernel import ChannelError, Clock

Ask = Callable[[], httpx2.Response]
Rule = Callable[[httpx2.Request, Ask], httpx2.Response]
"""What happens to a call. `ask` lets the emulator do it and gives its answer."""

JSON = {"content-type": "application/json"}
HTML = Response(
    status=200,
    body=b"<!DOCTYPE html><html><title>Maintenance</title></html>",
    headers={"content-type": "text/html"},
)


class Wire(httpx2.BaseTransport):
    """`calls` are 'METHOD path' in their order, `statuses` what was answered (0: nothing), `bodies` what was
    sent.

    `pages`: every page is asked for with this size (`page_size` names the parameter).
    """

    def __init__(self, emulator: Emulator, clock: Clock, page_size: str = "") -> None:
        self._plain = EmulatorTransport(emulator, clock)
        self._page_size = page_size
        self.rule: Rule | None = None
        self.pages = 0
        self.calls: list[str] = []
        self.statuses: list[int] = []
        self.bodies: list[bytes] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """The answer as the rule will have it."""
        asked = _narrower(request, self._page_size, self.pages) if self.pages and self._page_size else request
        self.calls.append(f"{asked.method} {asked.url.path}")
        self.bodies.append(asked.read())
        self.statuses.append(0)
        place = len(self.statuses) - 1

        def ask() -> httpx2.Response:
            return self._plain.handle_request(asked)

        given = self.rule(asked, ask) if self.rule else ask()
        self.statuses[place] = _status(given)
        return given


def instead(response: Response) -> Rule:
    """Every call is answered so; the platform hears of none."""
    return lambda _request, _ask: _given(response)


def lost(request: httpx2.Request, ask: Ask) -> httpx2.Response:
    """The platform does it, and its answer never arrives."""
    ask()
    raise httpx2.ReadTimeout("the answer was lost", request=request)


def cut(_request: httpx2.Request, ask: Ask) -> httpx2.Response:
    """Of the answer only the first half arrives, as if it were whole."""
    given = ask()
    return _given(
        Response(status=given.status_code, body=given.read()[: len(given.read()) // 2], headers=JSON)
    )


def after(count: int, rule: Rule) -> Rule:
    """The first `count` calls as they are, the rule from then on."""
    left = iter(range(count))
    return lambda request, ask: ask() if next(left, None) is not None else rule(request, ask)


def once(rule: Rule) -> Rule:
    """The rule for the first call alone."""
    left = iter(range(1))
    return lambda request, ask: rule(request, ask) if next(left, None) is not None else ask()


def changes_only(rule: Rule, reads: Callable[[httpx2.Request], bool]) -> Rule:
    """The rule for calls that `reads` does not take for reading."""
    return lambda request, ask: ask() if reads(request) else rule(request, ask)


def rewritten(change: Callable[[dict[str, Any]], None]) -> Rule:
    """Every object of every JSON answer is handed to `change`."""

    def rule(_request: httpx2.Request, ask: Ask) -> httpx2.Response:
        given = ask()
        try:
            value = decode(given.read())
        except ChannelError:
            return given
        for one in objects(value):
            change(one)
        headers = {name: text for name, text in given.headers.items() if name != "content-length"}
        return httpx2.Response(given.status_code, headers=headers, content=encode(value))

    return rule


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object of a JSON value, the outer ones first."""
    if isinstance(value, dict):
        yield value
    for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(child)


def problem(status: int, body: object = None, headers: Mapping[str, str] | None = None) -> Response:
    """An answer that is an error, in JSON."""
    body = {"message": "no"} if body is None else body
    return Response(status=status, body=msgspec.json.encode(body), headers={**JSON, **(headers or {})})


def _narrower(request: httpx2.Request, name: str, size: int) -> httpx2.Request:
    """The call as if it asked for pages of `size`, in its query or its body."""
    url = re.sub(rf"([?&]{name}=)\d+", rf"\g<1>{size}", str(request.url))
    body = re.sub(rf'("{name}":)\d+'.encode(), rf"\g<1>{size}".encode(), request.read())
    headers = [(key, value) for key, value in request.headers.items() if key != "content-length"]
    return httpx2.Request(request.method, url, headers=headers, content=body)


def _given(response: Response) -> httpx2.Response:
    return httpx2.Response(response.status, headers=dict(response.headers), content=response.body)


def _status(given: httpx2.Response) -> int:
    """The status; 429 also for GraphQL's THROTTLED, which is a 200."""
    return 429 if b'"THROTTLED"' in given.read() else given.status_code
