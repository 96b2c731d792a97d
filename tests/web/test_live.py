"""The stream: everything at first, then only what a commit changed; and it ends when it should."""

import json
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from subprocess import PIPE, Popen
from time import monotonic
from typing import Any

import httpx2
import pytest

from entrepot import web
from entrepot.kernel import Refusal
from entrepot.web.frame import Frame, changes, event
from tests.web.links import Links
from tests.web.shop import Shop, small


@contextmanager
def watching(serving: web.Serving, login: Links) -> Iterator[Iterator[dict[str, Any]]]:
    """What a browser that is signed in hears on the stream."""
    with httpx2.Client(base_url=serving.url, follow_redirects=True, timeout=20) as browser:
        browser.get(login.link())
        with browser.stream("GET", "/live") as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            yield (json.loads(line[6:]) for line in answer.iter_lines() if line.startswith("data: "))


def test_only_rows_that_differ_are_sent() -> None:
    before = Frame(1, {"orders": (("b", "<li>b"), ("a", "<li>a")), "tiles": (("lag", "<div>0"),)})
    after = Frame(
        2, {"orders": (("c", "<li>c"), ("b", "<li>B"), ("a", "<li>a")), "tiles": (("lag", "<div>0"),)}
    )
    assert changes(before, after) == {
        "orders": {"keys": ["c", "b", "a"], "rows": {"c": "<li>c", "b": "<li>B"}}
    }
    assert [event(after, after), event(None, Frame(1, {}))] == [b"", b""]


def test_a_browser_hears_everything_at_first_and_then_what_was_committed(
    shop: Shop, login: Links, serving: web.Serving
) -> None:
    with watching(serving, login) as heard:
        first = next(heard)
        assert list(first) == ["tiles", "exceptions", "astray", "orders", "connections", "badge"]
        assert list(first["connections"]["rows"]) == first["connections"]["keys"]
        shop.order("web-shop", "900", {"11": ("CUP", 1)})
        for news in heard:
            if "orders" in news:
                break
        (row,) = news["orders"]["rows"].values()
        assert ">900</a>" in row
        assert "exceptions" not in news


def test_two_browsers_hear_the_same(shop: Shop, login: Links, serving: web.Serving) -> None:
    with watching(serving, login) as one, watching(serving, login) as two:
        assert next(one) == next(two)
        shop.order("web-shop", "900", {"11": ("CUP", 1)})
        rows = [next(news["orders"]["rows"] for news in heard if "orders" in news) for heard in (one, two)]
        assert rows[0] == rows[1]


def test_the_stream_ends_when_the_server_stops(login: Links, serving: web.Serving) -> None:
    with watching(serving, login) as heard:
        next(heard)
        began = monotonic()
        serving.stop()
        assert list(heard) == []
        assert monotonic() - began < 1.9  # well within the time that open requests are given


def test_the_stream_ends_when_the_session_does(shop: Shop, login: Links, serving: web.Serving) -> None:
    with watching(serving, login) as heard:
        next(heard)
        shop.clock.sleep(13 * 3600)
        list(heard)


def test_the_second_packet_of_an_answer_does_not_wait_for_the_first(serving: web.Serving) -> None:
    nodelay = serving._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    assert nodelay == 1  # connections inherit it


def test_a_taken_port_is_refused_in_words(shop: Shop, login: Links, serving: web.Serving) -> None:
    port = int(serving.url.rpartition(":")[2])
    with pytest.raises(Refusal) as refused:
        web.start(shop.hub, token="t", port=port)
    assert refused.value.why == f"cannot listen on 127.0.0.1, port {port}: Address already in use"


def test_a_served_hub_ends_when_it_is_told_to_although_somebody_watches(tmp_path: Path) -> None:
    program = f"from tests.web.test_live import serve_until_told; serve_until_told({str(tmp_path)!r})"
    with Popen([sys.executable, "-c", program], stdout=PIPE, text=True) as running:
        assert running.stdout is not None
        url = running.stdout.readline().strip()
        with httpx2.Client(follow_redirects=True, timeout=20) as browser:
            browser.get(url)
            with browser.stream("GET", f"{url.partition('/login')[0]}/live") as answer:
                lines = answer.iter_lines()
                assert next(lines) == "retry: 1000"
                began = monotonic()
                running.terminate()
                list(lines)
        assert [running.wait(20), monotonic() - began < 1.9] == [0, True]


def serve_until_told(folder: str) -> None:
    """Serves a small shop and prints where to log in."""
    shop = small(Path(folder))
    login = Links(shop.store)
    ready = partial(_say, login)
    web.serve(shop.hub, token="t", host="127.0.0.1", port=0, ready=ready)
    shop.close()


def _say(login: Links, url: str) -> None:
    sys.stdout.write(f"{url}{login.link()}\n")
    sys.stdout.flush()
