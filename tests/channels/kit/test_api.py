"""The door to a platform: what is sent, what comes back, what is repeated, what is never said."""

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal

import httpx2
import pytest

from entrepot.channels.kit.api import HttpApi
from entrepot.contract import Auth
from entrepot.kernel import Cause, ChannelError, Refusal, VirtualClock
from tests.channels.kit.world import SETTINGS, Notebook, Pacemaker, about, api_on

START = datetime(2026, 1, 1, tzinfo=UTC)


def in_turn(*answers: httpx2.Response | Exception) -> Callable[[httpx2.Request], httpx2.Response]:
    """A platform that answers with these, one after the other."""
    left = list(answers)

    def answer(request: httpx2.Request) -> httpx2.Response:
        given = left.pop(0)
        if isinstance(given, Exception):
            raise given
        return given

    return answer


def failure(api: HttpApi, method: str = "get") -> ChannelError:
    with pytest.raises(ChannelError) as failed:
        api.get("/orders") if method == "get" else api.post("/orders", {"a": 1})
    return failed.value


def test_a_call_carries_credentials_parameters_and_a_canonical_body() -> None:
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(200, content=b'{"id": 1}')

    api = api_on(answer)
    api.get("orders", status=["a", "b c"], after=None, gmt=True, page=2)
    api.put("/stock/Grün ö", {"b": Decimal("1.50"), "a": 1})
    assert str(seen[0].url) == "https://shop.example/api/orders?status=a&status=b%20c&gmt=true&page=2"
    assert seen[0].headers["authorization"] == "Bearer tok-4711-secret"
    assert seen[0].headers["corner-version"] == "1"
    assert str(seen[1].url) == "https://shop.example/api/stock/Gr%C3%BCn%20%C3%B6"
    assert seen[1].content == b'{"a":1,"b":1.50}'
    assert seen[1].headers["content-type"] == "application/json"


def test_a_base_url_may_be_a_setting_with_a_route_in_its_query() -> None:
    seen: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(str(request.url))
        return httpx2.Response(200)

    settings = {**SETTINGS, "store": "http://old.example"}
    api_on(answer, about=about(base_url="{store}/?rest_route=/wc/v3"), settings=settings).get(
        "/orders", page=1
    )
    assert seen == ["http://old.example/?rest_route=/wc/v3/orders&page=1"]


def test_plain_http_is_signed_in_the_query() -> None:
    seen: list[httpx2.QueryParams] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request.url.params)
        return httpx2.Response(200)

    plain = about(Auth.BASIC, base_url="http://shop.example/wp-json/wc/v3")
    api_on(answer, about=plain, settings={**SETTINGS, "credentials_in": "oauth1"}).get("/orders", page=1)
    assert seen[0]["oauth_timestamp"] == "1767225600"
    assert len(seen[0]["oauth_signature"]) == 44
    assert SETTINGS["secret"] not in str(seen[0])


def test_a_reply_has_exact_numbers_and_the_platforms_own_time() -> None:
    headers = {"Date": "Sun, 06 Nov 1994 08:49:37 GMT", "X-Total": "5"}
    reply = api_on(in_turn(httpx2.Response(201, content=b'{"price": 1.10}', headers=headers))).get("/orders")
    assert (reply.status, reply.json, reply.headers["x-total"]) == (201, {"price": Decimal("1.10")}, "5")
    assert reply.at == datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)
    assert reply.began_at == START


def test_the_platforms_clock_may_be_ahead_of_ours() -> None:
    fast = httpx2.Response(500, headers={"Date": "Thu, 01 Jan 2026 00:05:00 GMT"})
    api = api_on(in_turn(fast, httpx2.ConnectError("x"), httpx2.Response(200)))
    assert api.ahead.total_seconds() == 0
    failure(api, "post")
    assert api.ahead.total_seconds() == 300
    failure(api, "post")
    assert api.ahead.total_seconds() == 300
    api.post("/orders", {})
    assert api.ahead.total_seconds() == 0


@pytest.mark.parametrize("headers", [{}, {"Date": "now"}])
def test_without_a_readable_date_the_hubs_time_serves(headers: dict[str, str]) -> None:
    reply = api_on(in_turn(httpx2.Response(204, headers=headers))).delete("/orders/1")
    assert (reply.json, reply.at) == (None, START)


CUT = httpx2.Response(200, content=b'{"orders": [')
PAGE = httpx2.Response(200, content=b"<html>Maintenance</html>")


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (httpx2.Response(401), Cause.DENIED),
        (httpx2.Response(404), Cause.MISSING),
        (httpx2.Response(409), Cause.CONFLICT),
        (httpx2.Response(429), Cause.BUSY),
        (httpx2.Response(500), Cause.DOWN),
        (httpx2.Response(504), Cause.LOST),
        (httpx2.Response(422), Cause.REFUSED),
        (httpx2.Response(307, headers={"location": "https://other.example/?token=x"}), Cause.REFUSED),
        (CUT, Cause.NONSENSE),
        (PAGE, Cause.NONSENSE),
        (
            httpx2.Response(200, stream=httpx2.ByteStream(b"PK"), headers={"content-encoding": "gzip"}),
            Cause.NONSENSE,
        ),
        (httpx2.ConnectError("x"), Cause.DOWN),
        (httpx2.ConnectTimeout("x"), Cause.DOWN),
        (httpx2.PoolTimeout("x"), Cause.DOWN),
        (httpx2.ReadTimeout("x"), Cause.LOST),
        (httpx2.WriteTimeout("x"), Cause.LOST),
        (httpx2.ReadError("x"), Cause.LOST),
        (httpx2.RemoteProtocolError("x"), Cause.LOST),
        (httpx2.LocalProtocolError("x"), Cause.REFUSED),
    ],
)
def test_every_failure_of_a_write_is_one_cause_and_is_not_repeated(
    answer: httpx2.Response | Exception, cause: Cause
) -> None:
    notebook = Notebook()
    assert failure(api_on(in_turn(answer), recorder=notebook), "post").cause is cause
    assert len(notebook.calls) == 1


def test_an_error_names_the_call_and_the_platforms_own_words() -> None:
    body = b'{"code": "rest_invalid_param", "message": "Invalid parameter(s): per_page"}'
    error = failure(api_on(in_turn(httpx2.Response(400, content=body))))
    assert str(error) == "refused: GET /orders: 400, rest_invalid_param, Invalid parameter(s): per_page"
    assert error.code == "rest_invalid_param"


@pytest.mark.parametrize(
    "bad", [httpx2.Response(500), httpx2.ReadTimeout("x"), httpx2.ConnectError("x"), CUT]
)
def test_a_read_is_repeated_twice_after_short_pauses(bad: httpx2.Response | Exception) -> None:
    clock, notebook = VirtualClock(), Notebook()
    good = httpx2.Response(200, content=b"[]")
    assert api_on(in_turn(bad, bad, good), clock=clock, recorder=notebook).get("/orders").json == []
    assert (clock.now() - START).total_seconds() == 1.25
    assert len(notebook.calls) == 3


def test_a_third_failure_is_raised() -> None:
    clock = VirtualClock()
    assert failure(api_on(lambda request: httpx2.Response(500), clock=clock)).cause is Cause.DOWN
    assert (clock.now() - START).total_seconds() == 1.25


@pytest.mark.parametrize("status", [400, 401, 404, 409, 429])
def test_what_a_quick_repetition_cannot_mend_is_not_repeated(status: int) -> None:
    clock = VirtualClock()
    failure(api_on(in_turn(httpx2.Response(status)), clock=clock))
    assert clock.now() == START


def test_a_post_is_repeated_only_if_it_is_safe() -> None:
    api = api_on(in_turn(httpx2.Response(500), httpx2.Response(200, content=b"{}")))
    assert api.post("/orders/search", {}, safe=True).json == {}


@pytest.mark.parametrize(
    ("answer", "wait_s", "told"),
    [
        (httpx2.Response(429, headers={"retry-after": "7"}), 7.0, [7.0]),
        (httpx2.Response(429, headers={"retry-after": "Thu, 01 Jan 2026 00:00:09 GMT"}), 9.0, [9.0]),
        (httpx2.Response(429), None, [5.0]),
        (httpx2.Response(503, headers={"retry-after": "30"}), 30.0, [30.0]),
        (httpx2.Response(503), None, []),
    ],
)
def test_the_pace_is_told_how_long_the_platform_wants_to_rest(
    answer: httpx2.Response, wait_s: float | None, told: list[float]
) -> None:
    pacemaker = Pacemaker()
    assert failure(api_on(in_turn(answer), permits=pacemaker), "post").wait_s == wait_s
    assert pacemaker.told == told


def test_a_read_does_not_sit_out_a_long_rest() -> None:
    clock = VirtualClock()
    answer = in_turn(httpx2.Response(503, headers={"retry-after": "30"}))
    assert failure(api_on(answer, clock=clock)).wait_s == 30.0
    assert clock.now() == START


def test_a_short_wait_for_a_permit_is_sat_out() -> None:
    clock = VirtualClock()
    api = api_on(in_turn(httpx2.Response(200)), clock=clock, permits=Pacemaker(1.5, 0.25))
    assert api.get("/orders").status == 200
    assert (clock.now() - START).total_seconds() == 1.75


@pytest.mark.parametrize(
    ("waits_s", "wait_s", "slept_s"), [((2.5,), 2.5, 0.0), ((1.5, 1.0), 1.0, 1.5), ((1e-9,) * 20, 2.0, 0.01)]
)
def test_a_long_wait_for_a_permit_is_left_to_the_queue(
    waits_s: tuple[float, ...], wait_s: float, slept_s: float
) -> None:
    clock, notebook = VirtualClock(), Notebook()
    error = failure(api_on(in_turn(), clock=clock, permits=Pacemaker(*waits_s), recorder=notebook))
    assert (error.cause, error.wait_s) == (Cause.BUSY, wait_s)
    assert (clock.now() - START).total_seconds() == slept_s
    assert notebook.calls == []


class Drip(httpx2.SyncByteStream):
    """A body that never ends; every chunk takes `step_s`."""

    def __init__(self, chunk: bytes, clock: VirtualClock, step_s: float) -> None:
        self._chunk, self._clock, self._step_s = chunk, clock, step_s

    def __iter__(self) -> Iterator[bytes]:
        while True:
            self._clock.sleep(self._step_s)
            yield self._chunk


@pytest.mark.parametrize(("size", "step_s", "cause"), [(1 << 20, 0.0, Cause.NONSENSE), (1, 10.0, Cause.LOST)])
def test_an_answer_without_end_is_cut_off(size: int, step_s: float, cause: Cause) -> None:
    clock = VirtualClock()
    answer = httpx2.Response(200, stream=Drip(b" " * size, clock, step_s))
    assert failure(api_on(in_turn(answer), clock=clock), "post").cause is cause


@pytest.mark.parametrize("id", ["../customers/1", "x/../y", "%2e%2e/y", "1?force=true", "1#x", "a\\b", "."])
def test_an_id_cannot_lead_the_path_astray(id: str) -> None:
    notebook = Notebook()
    with pytest.raises(Refusal) as refused:
        api_on(in_turn(), recorder=notebook).get(f"/orders/{id}")
    assert refused.value.code == "path_malformed"
    assert notebook.calls == []


@pytest.mark.parametrize(
    ("base_url", "code"),
    [
        ("{store}/api", "setting_missing"),
        ("shop.example/api", "setting_malformed"),
        ("ftp://shop.example", "setting_malformed"),
        ("https://", "setting_malformed"),
        ("https://user:word@shop.example", "setting_malformed"),
        ("https://shop.example:port", "setting_malformed"),
    ],
)
def test_an_address_that_cannot_be_called_is_refused_at_once(base_url: str, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        api_on(in_turn(), about=about(base_url=base_url))
    assert refused.value.code == code
    assert "word" not in refused.value.why.replace("password", "")


MARKERS = [
    "tok-4711-secret",
    "ck_1234567890",
    "cs_0987654321",
    "Jefe",
    "Planted",
    "Marker Street",
    "planted@",
    "5550199",
]


def leaky(request: httpx2.Request) -> httpx2.Response:
    """A platform that answers with everything it was told."""
    told = (
        f"{request.headers} {request.url} {request.content!r} Planted planted@example.com +1 555 0199 5550199"
    )
    body = (
        b'{"code": "Planted", "message": %s}'
        % ('"' + told.replace("\\", "").replace('"', "'") + '"').encode()
    )
    return httpx2.Response(422, content=body, headers={"x-echo": "planted@example.com"})


def cutting(request: httpx2.Request) -> httpx2.Response:
    raise httpx2.ReadTimeout(f"{request.headers} {request.url} {request.content!r}", request=request)


def garbling(request: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(200, content=b"Planted planted@example.com Marker Street tok-4711-secret")


@pytest.mark.parametrize("platform", [leaky, cutting, garbling])
@pytest.mark.parametrize("auth", [Auth.BASIC, Auth.BEARER])
def test_no_secret_and_no_person_is_ever_in_an_error_a_recording_or_a_log(
    platform: Callable[[httpx2.Request], httpx2.Response], auth: Auth, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    notebook = Notebook()
    settings = {**SETTINGS, "credentials_in": "query"}
    api = api_on(platform, about=about(auth), settings=settings, recorder=notebook)
    body = {"name": "Planted", "street": "Marker Street", "mail": "planted@example.com", "phone": "5550199"}
    errors = []
    with pytest.raises(ChannelError) as failed:
        api.post("/customers/planted@example.com/Jefe", body)
    errors.append(failed.value)
    with pytest.raises(ChannelError) as failed:
        api.delete("/customers", search="Planted", street="Marker Street", token="tok-4711-secret")
    errors.append(failed.value)
    assert [(error.__context__, error.__cause__) for error in errors] == [(None, None)] * 2
    shown = f"{errors} {[str(error) for error in errors]} {[error.code for error in errors]}"
    for marker in MARKERS:
        assert marker not in shown + repr(notebook.calls) + caplog.text
