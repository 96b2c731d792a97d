"""What is replaced in a conversation, and what survives."""

from decimal import Decimal
from typing import Any

import pytest

from entrepot.channels.kit.disguise import Disguise


def disguised(value: Any, *secrets: str) -> Any:
    disguise = Disguise(secrets, ["shop.real.example"])
    disguise.learn(value)
    return disguise.disguised(value)


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ({"billing": {"first_name": "Jane"}}, {"billing": {"first_name": "firstname 1"}}),
        ({"billing": {"city": "Ghent", "country": "BE"}}, {"billing": {"city": "city 1", "country": "BE"}}),
        ({"shipping": {"state": "CA"}}, {"shipping": {"state": "CA"}}),
        ({"shipping": {"state": "Flanders"}}, {"shipping": {"state": "state 1"}}),
        ({"email": "jane@real.example"}, {"email": "person1@example.invalid"}),
        ({"phone": "0301 2345"}, {"phone": "0000 0000"}),
        ({"customer": {"id": 7, "anything": "Jane"}}, {"customer": {"id": 7, "anything": "anything 1"}}),
        ({"note": "ring twice"}, {"note": "note 1"}),
        ({"access_token": "abc"}, {"access_token": "secret-1"}),
        ({"card": {"last_4": "1111"}}, {"card": {"last_4": "0000"}}),
        ({"browser_ip": "10.1.2.3"}, {"browser_ip": "00.0.0.0"}),
        ({"latitude": Decimal("51.05")}, {"latitude": 0}),
        ({"meta": [{"key": "_vat", "value": "BE1"}]}, {"meta": [{"key": "_vat", "value": "value 1"}]}),
        ({"meta_data": [{"key": "_n", "value": "3"}]}, {"meta_data": [{"key": "_n", "value": "3"}]}),
        (
            {"order_status_url": "https://shop.real.example/orders/key"},
            {"order_status_url": "https://shop.example/hidden/1"},
        ),
    ],
    ids=str,
)  # fmt: skip
def test_what_stands_under_a_telling_name_is_replaced(said: Any, left: Any) -> None:
    assert disguised(said) == left


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("write to jane.doe@real.example", "write to person2@example.invalid"),
        ("call +49 30 1234567", "call +10000000000"),
        ("from 203.0.113.9", "from 192.0.2.1"),
        ("card 4111 1111 1111 1111", "card 0000000000000000000"),
        ("order 4111111111111112", "order 4111111111111112"),  # no card: its last digit is wrong
        ("https://shop.real.example/wp-json", "https://shop.example/wp-json"),
        ("key ck_12345678 is old", "key secret-1 is old"),
        ("version 10.7.0", "version 10.7.0"),
    ],
)
def test_what_a_text_gives_away_is_replaced(said: str, left: str) -> None:
    assert disguised({"text": said}, "ck_12345678") == {"text": left}


def test_the_same_text_has_the_same_stand_in_wherever_it_comes() -> None:
    said = {
        "billing": {"last_name": "Quayside"},
        "lines": [{"title": "Mug for Quayside"}],
        "seen": "Quayside",
    }
    assert disguised(said) == {
        "billing": {"last_name": "lastname 1"},
        "lines": [{"title": "Mug for lastname 1"}],
        "seen": "lastname 1",
    }


def test_half_a_name_is_somebody_too() -> None:
    said = {"recipient": {"display_name": "Jane Quayside"}, "title": "A gift for Jane"}
    assert disguised(said)["title"] == "A gift for displayname 2"


def test_a_word_of_the_platform_survives_a_note_that_reads_the_same() -> None:
    assert disguised({"note": "completed", "status": "completed"}) == {
        "note": "note-1",
        "status": "completed",
    }


def test_what_adapters_read_survives() -> None:
    said = {
        "id": 4111111111111111,
        "name": "#1001",
        "total": "12.50",
        "currency": "EUR",
        "line_items": [{"name": "Cup", "sku": "CUP-1", "quantity": 2, "price": Decimal("6.25")}],
        "created_at": "2026-03-01T10:00:00Z",
        "paid": True,
        "nothing": None,
    }
    assert disguised(said) == said
