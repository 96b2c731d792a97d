"""Emulators in memory and over HTTP, with and without faults."""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
import uvicorn

from entrepot.channels.kit.emulate import (
    Bucket,
    Emulator,
    EmulatorTransport,
    Fault,
    Faults,
    Good,
    Placed,
    Posted,
    Request,
    Router,
    asgi,
    reply,
)
from entrepot.contract import Response
from entrepot.kernel import Cause, ChannelError, VirtualClock
from tests.channels.kit.world import about, api_on

START = datetime(2026, 1, 1, tzinfo=UTC)


class Counter:
    """The smallest platform: POST /count/{name} counts, GET echoes; it keeps the requests it was asked."""

    def __init__(self) -> None:
        self.asked: list[Request] = []

    def handle(self, request: Request, now: datetime) -> Response:
        self.asked.append(request)
        return reply(200, {"asked": len(self.asked), "query": request.query}, {"X-Path": "seen"})

    def due(self, now: datetime) -> list[Posted]:
        return []

    def answered(self, id: str, status: int | None, now: datetime) -> None: ...

    def settings(self) -> dict[str, str]:
        return {}

    def stock_good(self, good: Good, now: datetime) -> str:
        return good.sku

    def place(
        self, basket: Mapping[str, int], now: datetime, *, location: str = "", buyer: str = ""
    ) -> str | None:
        return None

    def cancel(self, external_id: str, now: datetime) -> None: ...

    def edit(self, external_id: str, units: Mapping[str, int], now: datetime) -> None: ...

    def refund(self, external_id: str, units: Mapping[str, int], now: datetime, *, restock: bool) -> None: ...

    def erase(self, external_id: str, now: datetime) -> None: ...

    def set_stock(self, sku: str, quantity: int, now: datetime, *, location: str = "") -> None: ...

    def shown(self) -> dict[tuple[str, str], int]:
        return {}

    def placed(self) -> list[Placed]:
        return []


def always(fault: Fault | None) -> Faults:
    return Faults(Random(1), **({fault.value: 1.0} if fault else {}))


def test_a_call_in_memory_reaches_the_emulator_as_it_was_made() -> None:
    emulator, clock = Counter(), VirtualClock()
    answer = api_on(EmulatorTransport(emulator, clock), clock=clock).get("/a b/ü", tag=["1", "2"], empty="")
    asked = emulator.asked[0]
    assert (asked.method, asked.path, asked.body) == ("GET", "/api/a b/ü", b"")
    assert asked.query == (("tag", "1"), ("tag", "2"), ("empty", ""))
    assert asked.headers["authorization"] == "Bearer tok-4711-secret"
    assert asked.url == "https://shop.example/api/a%20b/%C3%BC?tag=1&tag=2&empty="
    assert (answer.at, answer.headers["x-path"]) == (START, "seen")


def test_an_answer_is_dated_by_the_emulators_own_clock() -> None:
    later = VirtualClock(START + timedelta(hours=1))
    api = api_on(EmulatorTransport(Counter(), later))
    assert api.get("/").at == START + timedelta(hours=1)
    assert api.ahead == timedelta(hours=1)


def test_a_date_that_the_emulator_set_is_kept() -> None:
    class Elsewhere(Counter):
        def handle(self, request: Request, now: datetime) -> Response:
            return reply(204, headers={"Date": "Sun, 06 Nov 1994 08:49:37 GMT"})

    answer = api_on(EmulatorTransport(Elsewhere(), VirtualClock())).get("/")
    assert answer.at == datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)


FATES = [
    (Fault.BUSY, Cause.BUSY, 1.0, 0),
    (Fault.BROKEN, Cause.DOWN, None, 0),
    (Fault.REFUSED, Cause.DOWN, None, 0),
    (Fault.LOST, Cause.LOST, None, 1),
]


@pytest.mark.parametrize(("fault", "cause", "wait_s", "done"), FATES)
def test_a_fault_in_memory_is_what_the_caller_would_meet(
    fault: Fault, cause: Cause, wait_s: float | None, done: int
) -> None:
    emulator, clock, faults = Counter(), VirtualClock(), always(fault)
    with pytest.raises(ChannelError) as failed:
        api_on(EmulatorTransport(emulator, clock, faults), clock=clock).post("/count", {})
    assert (failed.value.cause, failed.value.wait_s) == (cause, wait_s)
    assert len(emulator.asked) == done
    assert faults.counts == {fault: 1}


@contextmanager
def served(emulator: Emulator, faults: Faults | None = None) -> Iterator[str]:
    """The emulator on a free port of this machine; the socket listens before the server runs."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        application = asgi(emulator, VirtualClock(), faults)
        server = uvicorn.Server(
            uvicorn.Config(application, log_level="critical", lifespan="on", date_header=False)
        )
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/api"
        server.should_exit = True
        thread.join()


def test_a_call_over_http_reaches_the_emulator_as_it_was_made() -> None:
    emulator = Counter()
    with served(emulator) as address:
        api = api_on(None, about=about(base_url=address))
        answer = api.post("/a b/ü", {"n": 1})
        api.close()
    asked = emulator.asked[0]
    assert (asked.method, asked.path, asked.body) == ("POST", "/api/a b/ü", b'{"n":1}')
    assert asked.headers["content-type"] == "application/json"
    assert asked.url == address + "/a%20b/%C3%BC"
    assert (answer.at, answer.json["asked"]) == (START, 1)


@pytest.mark.parametrize(
    ("fault", "cause", "done"),
    [
        (Fault.BUSY, Cause.BUSY, 0),
        (Fault.BROKEN, Cause.DOWN, 0),
        (Fault.REFUSED, Cause.LOST, 0),
        (Fault.LOST, Cause.LOST, 1),
    ],
)
def test_a_fault_over_http_is_what_the_caller_would_meet(fault: Fault, cause: Cause, done: int) -> None:
    emulator = Counter()
    with served(emulator, always(fault)) as address:
        api = api_on(None, about=about(base_url=address))
        with pytest.raises(ChannelError) as failed:
            api.post("/count", {})
        api.close()
    assert failed.value.cause is cause
    assert len(emulator.asked) == done


def test_the_same_seed_makes_the_same_faults() -> None:
    def story(seed: int) -> list[object]:
        faults = Faults(
            Random(seed), call_429=0.2, answer_lost=0.1, hook_lost=0.3, hook_doubled=0.3, hook_late_s=9
        )
        return [faults.for_call() if n % 2 else faults.for_hook(HOOK) for n in range(200)]

    assert story(7) == story(7)
    assert story(7) != story(8)


HOOK = Posted(id="1", url="https://hub.example/h", headers={}, body=b"{}")


def test_faults_come_about_as_often_as_the_dial_says() -> None:
    faults = Faults(Random(1), call_429=0.1, call_500=0.2, call_refused=0.05, answer_lost=0.15)
    fates = [faults.for_call() for _ in range(10_000)]
    assert faults.counts == {
        "call_429": fates.count(Fault.BUSY),
        "call_500": fates.count(Fault.BROKEN),
        "call_refused": fates.count(Fault.REFUSED),
        "answer_lost": fates.count(Fault.LOST),
    }
    assert 900 < faults.counts["call_429"] < 1100
    assert 1850 < faults.counts["call_500"] < 2150
    assert 420 < faults.counts["call_refused"] < 580
    assert 1380 < faults.counts["answer_lost"] < 1620


def test_a_dial_at_zero_does_nothing() -> None:
    faults = Faults(Random(1))
    assert [faults.for_call() for _ in range(100)] == [None] * 100
    assert faults.for_hook(HOOK) == [(0.0, HOOK)]
    assert faults.counts == {}


@pytest.mark.parametrize(
    ("faults", "copies"),
    [(Faults(Random(1), hook_lost=1.0, hook_doubled=1.0), 0), (Faults(Random(1), hook_doubled=1.0), 2)],
)
def test_a_hook_may_be_lost_or_doubled(faults: Faults, copies: int) -> None:
    assert len(faults.for_hook(HOOK)) == copies


def test_late_hooks_overtake_each_other() -> None:
    faults = Faults(Random(1), hook_late_s=60.0)
    delays = [delay_s for _ in range(50) for delay_s, _ in faults.for_hook(HOOK)]
    assert all(0 <= delay_s < 60 for delay_s in delays)
    assert delays != sorted(delays)
    assert faults.counts == {"hook_late": 50}


def test_more_faults_of_calls_do_not_change_which_hooks_are_lost() -> None:
    def lost(call_500: float) -> list[bool]:
        faults = Faults(Random(3), call_500=call_500, hook_lost=0.5)
        return [not faults.for_hook(HOOK) for _ in range(100) if faults.for_call() or call_500 >= 0]

    assert lost(0.0) == lost(0.9)


def test_faults_of_a_call_that_add_up_to_more_than_all_are_a_bug() -> None:
    with pytest.raises(AssertionError):
        Faults(Random(1), call_429=0.6, answer_lost=0.6)


def test_a_bucket_gives_a_burst_and_then_its_pace() -> None:
    bucket, waits = Bucket(per_s=2.0, burst=3), []
    for at_s in (0.0, 0.0, 0.0, 0.0, 0.25, 0.5, 0.5, 100.0, 100.0, 100.0, 100.0):
        bucket, wait_s = bucket.take(START + timedelta(seconds=at_s))
        waits.append(wait_s)
    assert waits == [0.0, 0.0, 0.0, 0.5, 0.25, 0.0, 0.5, 0.0, 0.0, 0.0, 0.5]


def test_a_clock_that_steps_back_does_not_fill_or_drain_a_bucket() -> None:
    bucket, _ = Bucket(per_s=1.0, burst=1).take(START)
    bucket, wait_s = bucket.take(START - timedelta(hours=1))
    assert wait_s == 1.0


def named(name: str) -> Callable[[], str]:
    return lambda: name


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/orders/17", ("order", {"id": "17"})),
        ("POST", "/products/batch", ("batch", {})),
        ("POST", "/products/5", ("product", {"id": "5"})),
        ("GET", "/products/5/variations/6.json", ("variation", {"parent": "5", "id": "6.json"})),
        ("DELETE", "/orders/17", None),
        ("GET", "/orders/17/refunds", None),
        ("GET", "/orders/", None),
        ("GET", "/v2.1", ("exact", {})),
        ("GET", "/v2x1", None),
    ],
)
def test_a_route_is_found_by_method_and_path(
    method: str, path: str, expected: tuple[str, dict[str, str]] | None
) -> None:
    router = Router(
        {
            "GET /orders/{id}": named("order"),
            "POST /products/batch": named("batch"),
            "POST /products/{id}": named("product"),
            "GET /products/{parent}/variations/{id}": named("variation"),
            "GET /v2.1": named("exact"),
        }
    )
    found = router.find(method, path)
    assert (found and (found[0](), found[1])) == expected


def test_a_reply_without_json_has_no_body() -> None:
    assert reply(204) == Response(status=204)
    assert reply(404, {"b": 1, "a": []}).body == b'{"a":[],"b":1}'
