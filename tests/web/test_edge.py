"""What every page has in common: who may see it, its headers, and how it says that something went wrong."""

from types import ModuleType

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from entrepot.web import drawing
from tests.web.conftest import TOKEN
from tests.web.links import Links
from tests.web.shop import Shop

HTML = "text/html; charset=utf-8"


def test_nobody_sees_the_page_without_a_session(client: TestClient[Litestar]) -> None:
    answer = client.get("/")
    assert [answer.status_code, answer.headers["content-type"]] == [401, HTML]
    assert "You are not signed in" in answer.text
    assert [client.get("/live").status_code, client.get("/status.json").status_code] == [401, 401]


def test_the_policy_allows_nothing_inline(client: TestClient[Litestar], login: Links) -> None:
    client.get(login.link())
    answer = client.get("/")
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    assert answer.headers["content-security-policy"] == policy
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert [word for word in ("<style", "style=", "onclick", "<script>") if word in answer.text] == []


@pytest.mark.parametrize(
    ("path", "kind", "said"),
    [
        ("/nowhere", HTML, "There is nothing here"),
        ("/assets/0000/page.css", HTML, "There is nothing here"),
        ("/api/v1/nowhere", "application/problem+json", '"code":"not_found"'),
    ],
)
def test_what_is_not_there_says_so(client: TestClient[Litestar], path: str, kind: str, said: str) -> None:
    answer = client.get(path)
    assert [answer.status_code, answer.headers["content-type"]] == [404, kind]
    assert said in answer.text
    assert "content-security-policy" in answer.headers


def test_a_bug_shows_no_trace(shop: Shop, client: TestClient[Litestar], login: Links) -> None:
    client.get(login.link())
    shop.hub.channels = {
        "woocommerce": ModuleType("hollow")
    }  # the door now breaks on an adapter without functions
    answer = client.post("/hooks/web-shop", content=b"{}")
    assert [answer.status_code, answer.text] == [500, "Something went wrong on our side. It was recorded"]


def test_a_store_that_cannot_be_read_asks_to_try_again(
    shop: Shop, client: TestClient[Litestar], login: Links
) -> None:
    client.get(login.link())
    shop.store.run(lambda tx: tx._connection.exec_driver_sql("DROP TABLE slot_effect"))
    answer = client.get("/")
    assert [answer.status_code, answer.headers["retry-after"]] == [503, "5"]
    assert "The store cannot be reached now" in answer.text
    assert "slot_effect" not in answer.text


def test_health_needs_no_login_and_says_no_more_than_ok(client: TestClient[Litestar]) -> None:
    answer = client.get("/healthz")
    assert [answer.status_code, answer.text] == [200, "ok"]


def test_the_status_is_for_those_who_are_signed_in_and_for_programs(
    client: TestClient[Litestar], login: Links
) -> None:
    token = {"authorization": f"Bearer {TOKEN}"}
    status = client.get("/status.json", headers=token).json()
    assert [status["pairs"], status["in_sync"], status["share"]] == [2, 2, 1.0]
    assert client.get("/status.json", headers={"authorization": "Bearer other"}).status_code == 401
    client.get(login.link())
    assert client.get("/status.json").status_code == 200


def test_files_are_kept_for_good_under_their_digest(client: TestClient[Litestar]) -> None:
    answer = client.get(drawing.address("plex-latin.woff2"))
    assert [answer.status_code, answer.headers["content-type"]] == [200, "font/woff2"]
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert drawing.address("plex-latin.woff2") in client.get(drawing.address("tokens.css")).text
