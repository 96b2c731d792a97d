"""The door: signed, of a size, stored once, masked; and what it answers when it cannot."""

import base64
import hmac
import json
from typing import Any

import pytest
from sqlalchemy import text

from entrepot.connections import keep_settings
from entrepot.contract import Delivery
from entrepot.db import inbox
from tests.sync.shops import Shops

TOPIC = "order.updated"


def order(**more: Any) -> bytes:
    """An order resource of WooCommerce, as short as the adapter reads it."""
    plain = {
        "id": 500,
        "number": "500",
        "status": "processing",
        "currency": "EUR",
        "total": "0.00",
        "line_items": [],
        "date_created_gmt": "2026-03-02T08:10:00",
        "date_modified_gmt": "2026-03-02T08:10:00",
        "date_paid_gmt": "2026-03-02T08:10:00",
    }
    return json.dumps(plain | more).encode()


def signed(
    shops: Shops, body: bytes, *, topic: str = TOPIC, id: str = "d1", secret: str | None = None
) -> dict[str, str]:
    """Headers as WooCommerce sends them."""
    key = shops.connection("web").settings["webhook_secret"] if secret is None else secret
    return {
        "X-WC-Webhook-Topic": topic,
        "X-WC-Webhook-Delivery-ID": id,
        "X-WC-Webhook-Signature": base64.b64encode(hmac.digest(key.encode(), body, "sha256")).decode(),
    }


def stored(shops: Shops) -> int:
    return len(shops.deliveries())


def letter(shops: Shops) -> Delivery:
    """The delivery that was stored last."""

    def ask(tx: Any) -> Delivery:
        id = tx.rows(text("SELECT id FROM inbox ORDER BY id DESC LIMIT 1"))[0].id
        found = inbox.show(tx, id)
        assert found is not None
        return found.delivery

    return shops.world.store.read(ask)


def test_a_signed_delivery_is_stored_and_answered() -> None:
    shops, body = Shops(), order()
    before = stored(shops)

    answer = shops.receive("web", signed(shops, body), body)

    assert (answer.status, answer.body) == (200, b"ok")
    assert stored(shops) == before + 1
    assert letter(shops).body == body


def test_the_same_delivery_twice_is_stored_once() -> None:
    shops, body = Shops(), order()
    before = stored(shops)

    answers = [shops.receive("web", signed(shops, body), body).status for _ in range(3)]

    assert answers == [200, 200, 200]
    assert stored(shops) == before + 1


def test_two_deliveries_of_one_second_share_an_id_at_woocommerce_and_both_are_stored() -> None:
    shops, first, second = Shops(), order(id=1), order(id=2)
    before = stored(shops)

    for body in (first, second):
        assert shops.receive("web", signed(shops, body, id="same"), body).status == 200

    assert stored(shops) == before + 2


def test_the_same_body_under_another_topic_is_another_delivery() -> None:
    shops, body = Shops(), order()
    before = stored(shops)
    for topic in ("order.created", "order.updated"):
        shops.receive("web", signed(shops, body, topic=topic), body)
    assert stored(shops) == before + 2


@pytest.mark.parametrize("secret", ["", "wrong", "made-up-by-the-shop"])
def test_a_delivery_with_a_wrong_signature_is_refused(secret: str) -> None:
    shops, body = Shops(), order()
    before = stored(shops)
    assert shops.receive("web", signed(shops, body, secret=secret), body).status == 401
    assert stored(shops) == before


@pytest.mark.parametrize("lost", ["X-WC-Webhook-Signature", "everything"])
def test_a_delivery_without_a_signature_is_refused(lost: str) -> None:
    shops, body = Shops(), order()
    headers = {name: value for name, value in signed(shops, body).items() if lost not in {name, "everything"}}
    assert shops.receive("web", headers, body).status == 401


def test_a_body_that_was_changed_on_the_way_is_refused() -> None:
    shops, body = Shops(), order()
    assert shops.receive("web", signed(shops, body), body + b" ").status == 401


def test_without_a_secret_of_ours_everything_is_refused() -> None:
    shops, body = Shops(), order()
    about, connection = shops.world.hub.channels["woocommerce"].ABOUT, shops.connection("web")
    shops.world.store.run(lambda tx: keep_settings(tx, about, connection, {"webhook_secret": ""}))

    assert shops.receive("web", signed(shops, body, secret=""), body).status == 401


def test_squares_signature_covers_the_address_that_was_registered() -> None:
    shops, body = Shops(), b'{"type":"webhooks.test_notification","event_id":"e"}'
    key = shops.connection("tills").settings["signature_key"]

    def header(url: str) -> dict[str, str]:
        code = hmac.digest(key.encode(), url.encode() + body, "sha256")
        return {"x-square-hmacsha256-signature": base64.b64encode(code).decode()}

    assert shops.receive("tills", header("https://hub.example/hooks/other"), body).status == 401
    assert shops.receive("tills", header("https://hub.example/hooks/tills/"), body).status == 401
    assert shops.receive("tills", header("https://hub.example/hooks/tills"), body).status == 200


def test_the_secret_of_one_connection_opens_no_other() -> None:
    shops, body = Shops(), order()
    assert shops.receive("tills", signed(shops, body), body).status == 401


def test_nobody_lives_behind_another_name() -> None:
    shops, body = Shops(), order()
    assert shops.receive("nobody", signed(shops, body), body).status == 404
    assert shops.receive("", signed(shops, body), body).status == 404


def test_two_megabytes_come_in_and_not_a_byte_more() -> None:
    shops = Shops()
    empty = order(note="")
    full = order(note="x" * (2 * 1024 * 1024 - len(empty)))
    assert len(full) == 2 * 1024 * 1024
    assert shops.receive("web", signed(shops, full), full).status == 200
    assert shops.receive("web", signed(shops, full + b" "), full + b" ").status == 413


def test_a_store_that_cannot_keep_it_asks_to_come_again() -> None:
    shops, body = Shops(), order()
    headers = signed(shops, body)
    _raw(shops, "ALTER TABLE inbox RENAME TO away")

    answer = shops.receive("web", headers, body)
    assert (answer.status, answer.headers["retry-after"]) == (503, "30")

    _raw(shops, "ALTER TABLE away RENAME TO inbox")
    assert shops.receive("web", headers, body).status == 200


def test_a_store_that_is_away_asks_to_come_again() -> None:
    shops, body = Shops(), order()
    headers = signed(shops, body)
    _raw(shops, "ALTER TABLE connection RENAME TO away")
    assert shops.receive("web", headers, body).status == 503


def test_the_ping_of_a_new_webhook_is_answered_and_not_stored() -> None:
    shops = Shops()
    before = stored(shops)
    assert shops.receive("web", {}, b"webhook_id=7").status == 200
    assert stored(shops) == before


def test_card_numbers_are_masked_before_they_are_stored() -> None:
    shops = Shops()
    body = order(meta_data=[{"key": "card", "value": "4111 1111 1111 1111"}])

    assert shops.receive("web", signed(shops, body), body).status == 200

    kept = json.loads(letter(shops).body)
    assert kept["meta_data"] == [{"key": "card", "value": "4111 11** **** 1111"}]


def test_what_is_stored_is_sealed() -> None:
    shops, body = Shops(), order(customer_note="a-very-private-word")
    shops.receive("web", signed(shops, body), body)
    assert b"a-very-private-word" not in shops.world.store.snapshot()


def _raw(shops: Shops, statement: str) -> None:
    with shops.world.store.engine.connect() as connection, connection.begin():
        connection.execute(text(statement))
