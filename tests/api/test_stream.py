"""The stream of events: nothing is skipped, and whoever was away goes on where they were."""

import threading
from collections.abc import Iterator
from typing import Any

import httpx2
import msgspec
import pytest

from entrepot import api as room
from entrepot import web
from tests.api.programs import TOKEN, Program
from tests.web.shop import Shop


@pytest.fixture
def serving(shop: Shop) -> Iterator[web.Serving]:
    """The door behind a real server: a stream does not end by itself."""
    serving = web.start(shop.hub, token=TOKEN, doors=(room.door(shop.hub, TOKEN),))
    yield serving
    serving.stop()


def follow(serving: web.Serving, count: int, *, last: str = "", **query: str) -> list[dict[str, Any]]:
    """The next events of a stream: id, event and data of each."""
    headers = {"authorization": f"Bearer {TOKEN}"} | ({"last-event-id": last} if last else {})
    found: list[dict[str, Any]] = []
    one: dict[str, Any] = {}
    where = f"{serving.url}/api/v1/events/stream"
    with (
        httpx2.Client(trust_env=False, timeout=10) as client,
        client.stream("GET", where, params=query, headers=headers) as stream,
    ):
        assert stream.headers["content-type"].startswith("text/event-stream")
        for line in stream.iter_lines():
            name, _, value = line.partition(": ")
            if line:
                one[name] = value
            elif "id" in one:
                found.append(one | {"data": msgspec.json.decode(one["data"])})
            if not line:
                one = {}
            if len(found) == count:
                return found
    raise AssertionError("the stream ended")


def test_every_event_comes_in_its_order(shop: Shop, serving: web.Serving, api: Program) -> None:
    told = list(reversed(api.get("/events", limit=200)["rows"]))
    found = follow(serving, len(told), after="first")
    assert [one["data"] for one in found] == told
    assert [(one["id"], one["event"]) for one in found] == [(one["id"], one["kind"]) for one in told]


def test_who_was_away_goes_on_behind_the_last_event(shop: Shop, serving: web.Serving, api: Program) -> None:
    first, second, *_others = follow(serving, 5, after="first")
    assert follow(serving, 1, last=first["id"]) == [second]
    assert follow(serving, 1, after=first["id"]) == [second]


def test_without_a_beginning_it_is_what_comes_next(shop: Shop, serving: web.Serving) -> None:
    seen: list[Any] = []
    waiting = threading.Thread(target=lambda: seen.extend(follow(serving, 1, streams="order:")))
    waiting.start()
    for number in range(200):
        if seen:
            break
        shop.order("web-shop", f"n{number}", {"11": ("CUP", 1)})
        waiting.join(0.1)
    waiting.join()
    assert [one["event"] for one in seen] == ["OrderReceived"]


def test_a_stream_may_be_of_some_kinds_and_streams(shop: Shop, serving: web.Serving) -> None:
    shop.order("web-shop", "n1", {"11": ("CUP", 1)})
    [one] = follow(serving, 1, after="first", streams="order:", kinds="OrderReceived,OrderChanged")
    assert one["data"]["kind"] == "OrderReceived"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"after": "01kjpymt2ts8195cekya7dw3bw"}, (400, "cursor", "after")),
        ({"after": "a\0b"}, (400, "query", "")),
        ({"kinds": ",".join("abcdefghijklmnopqrstuvw")}, (400, "query", "kinds")),
        ({"colour": "red"}, (400, "query", "colour")),
    ],
)
def test_a_beginning_that_is_none_is_refused(
    stranger: Program, query: dict[str, str], said: tuple[int, str, str]
) -> None:
    assert stranger.refused("GET", "/events/stream", params=query) == said


def test_a_stream_is_accepted_as_one(stranger: Program) -> None:
    said = stranger.refused("GET", "/events/stream", headers={"accept": "application/json"})
    assert said == (406, "accept", "Accept")


def test_a_stream_ends_with_the_server(shop: Shop, serving: web.Serving) -> None:
    headers = {"authorization": f"Bearer {TOKEN}"}
    where = f"{serving.url}/api/v1/events/stream"
    with (
        httpx2.Client(trust_env=False, timeout=10) as client,
        client.stream("GET", where, headers=headers) as one,
    ):
        threading.Thread(target=serving.stop).start()
        assert b"".join(one.iter_bytes()) == b"retry: 1000\n\n"
