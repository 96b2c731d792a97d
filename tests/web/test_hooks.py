"""The webhook door over HTTP: signed, bounded, stored before it is answered."""

import socket
from base64 import b64encode
from hashlib import sha256
from hmac import digest
from urllib.parse import urlsplit

from litestar import Litestar
from litestar.testing import TestClient

from entrepot import web
from entrepot.db import ThreadedStore, inbox
from tests.web.shop import Shop

BODY = b'{"id": 900, "number": "900"}'


def headers(shop: Shop, body: bytes = BODY) -> dict[str, str]:
    signature = b64encode(digest(shop.secret("web-shop").encode(), body, sha256)).decode()
    return {
        "x-wc-webhook-topic": "order.created",
        "x-wc-webhook-signature": signature,
        "content-type": "application/json",
    }


def waiting(shop: Shop) -> list[bytes]:
    return [letter.delivery.body for letter in shop.store.read(lambda tx: inbox.take(tx, 10))]


def test_a_signed_delivery_is_stored_and_answered(shop: Shop, client: TestClient[Litestar]) -> None:
    answer = client.post("/hooks/web-shop", content=BODY, headers=headers(shop))
    assert [answer.status_code, answer.text] == [200, "ok"]
    assert waiting(shop) == [BODY]


def test_the_same_delivery_twice_is_stored_once(shop: Shop, client: TestClient[Litestar]) -> None:
    answers = [
        client.post("/hooks/web-shop", content=BODY, headers=headers(shop)).status_code for _ in range(2)
    ]
    assert answers == [200, 200]
    assert waiting(shop) == [BODY]


def test_a_delivery_with_a_wrong_signature_is_refused(shop: Shop, client: TestClient[Litestar]) -> None:
    answer = client.post("/hooks/web-shop", content=BODY + b" ", headers=headers(shop))
    assert [answer.status_code, waiting(shop)] == [401, []]


def test_a_delivery_to_a_door_that_is_not_there_is_refused(client: TestClient[Litestar]) -> None:
    answer = client.post("/hooks/nobody", content=BODY)
    assert [answer.status_code, answer.text] == [404, "no such door"]


def test_two_megabytes_are_taken_and_one_byte_more_is_not(shop: Shop, client: TestClient[Litestar]) -> None:
    most = b'{"pad": "' + b"x" * (2 * 1024 * 1024 - 11) + b'"}'
    assert len(most) == 2097152
    assert client.post("/hooks/web-shop", content=most, headers=headers(shop, most)).status_code == 200
    more = most + b" "
    assert client.post("/hooks/web-shop", content=more, headers=headers(shop, more)).status_code == 413


def test_a_body_announced_too_large_is_refused_before_it_is_sent(serving: web.Serving) -> None:
    with connection(serving) as line:
        line.sendall(b"POST /hooks/web-shop HTTP/1.1\r\nHost: hub\r\nContent-Length: 2097153\r\n\r\n")
        assert line.recv(65536).startswith(b"HTTP/1.1 413 ")


def test_a_body_without_a_length_is_refused_as_soon_as_it_is_too_large(serving: web.Serving) -> None:
    with connection(serving) as line:
        line.sendall(b"POST /hooks/web-shop HTTP/1.1\r\nHost: hub\r\nTransfer-Encoding: chunked\r\n\r\n")
        line.sendall(b"200001\r\n" + b"x" * 0x200001)  # not ended: it would go on
        assert line.recv(65536).startswith(b"HTTP/1.1 413 ")


def test_a_store_that_cannot_be_written_asks_to_try_again(shop: Shop, client: TestClient[Litestar]) -> None:
    assert isinstance(shop.store, ThreadedStore)
    with shop.store._writer.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")
    answer = client.post("/hooks/web-shop", content=BODY, headers=headers(shop))
    assert [answer.status_code, answer.headers["retry-after"]] == [503, "30"]


def test_every_answer_of_the_door_bears_the_security_headers(client: TestClient[Litestar]) -> None:
    answer = client.post("/hooks/nobody", content=BODY)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; ")


def connection(serving: web.Serving) -> socket.socket:
    where = urlsplit(serving.url)
    assert where.hostname is not None
    assert where.port is not None
    return socket.create_connection((where.hostname, where.port), timeout=10)
