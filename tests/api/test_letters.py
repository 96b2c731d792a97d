"""Dead letters at the door: listed in pages, shown, edited as they were seen, tried again."""

from typing import Any

import pytest

from entrepot.contract import Delivery
from entrepot.db import Tx, inbox
from tests.api.programs import Program
from tests.web.shop import Shop


def dead(shop: Shop, key: str, body: bytes = b'{"id": 7}') -> None:
    """A delivery that failed for good."""
    connection = shop.channel("web-shop").id

    def put(tx: Tx) -> None:
        delivery = Delivery(
            headers={}, body=body, url="https://hub.example/hooks/web-shop", received_at=tx.now
        )
        inbox.put(tx, connection_id=connection, key=key, delivery=delivery)

    shop.store.run(put)
    shop.store.run(lambda tx: inbox.fail(tx, inbox.take(tx, 1)[0], "unknown shape", hopeless=True))


@pytest.fixture
def letters(shop: Shop, api: Program) -> list[Any]:
    for number in range(3):
        dead(shop, f"d{number}")
    rows: list[Any] = api.get("/letters")["rows"]
    return rows


def test_dead_letters_come_in_pages_without_their_content(api: Program, letters: list[Any]) -> None:
    assert [(one["what"], one["why"], one["body"]) for one in letters] == [
        ("delivery", "unknown shape", "")
    ] * 3
    first = api.get("/letters", limit=2)
    second = api.get("/letters", limit=2, after=first["after"])
    assert first["rows"] + second["rows"] == letters
    assert second["after"] == ""


def test_a_dead_letter_is_edited_as_it_was_seen(shop: Shop, api: Program, letters: list[Any]) -> None:
    path = f"/letters/{letters[0]['id']}"
    assert api.get(path)["body"] == '{"id": 7}'
    seen = {"if-match": api.last.headers["etag"]}
    body = {"body": '{"id": 8}'}
    assert api.refused("POST", f"{path}/edits", json=body) == (428, "precondition_missing", "If-Match")
    broken = api.refused("POST", f"{path}/edits", json={"body": "{"}, headers=seen)
    assert broken == (422, "letter_body", "body")
    again = {"idempotency-key": "e1"} | seen
    for _ in range(2):
        answer = api.ask("POST", f"{path}/edits", json=body, headers=again)
        assert answer.json() == {"edited": letters[0]["id"]}
    assert api.refused("GET", path) == (404, "not_found", "letter")
    gone = api.refused("POST", f"{path}/edits", json=body, headers=seen)
    assert gone == (404, "not_found", "letter")
    [waiting] = shop.store.read(lambda tx: inbox.take(tx, 10))
    assert waiting.delivery.body == b'{"id": 8}'


def test_dead_letters_are_tried_again(api: Program, letters: list[Any]) -> None:
    assert api.post("/letters/replays", {"ids": [letters[1]["id"]]}) == {"replayed": 1}
    assert api.post("/letters/replays", {}) == {"replayed": 2}
    assert api.get("/letters") == {"rows": [], "after": ""}
