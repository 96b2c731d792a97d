"""Card numbers are masked wherever they stand; what only looks like one stays as it is."""

import json

import pytest

from entrepot.sync.cards import masked


@pytest.mark.parametrize(
    ("card", "shown"),
    [
        ("4111111111111111", "411111******1111"),  # Visa
        ("4111 1111 1111 1111", "4111 11** **** 1111"),
        ("4111-1111-1111-1111", "4111-11**-****-1111"),
        ("4222222222222", "422222***2222"),  # an old Visa
        ("4444444444444444442", "444444*********4442"),  # Visa of 19 digits
        ("5500005555555559", "550000******5559"),  # Mastercard
        ("2223003122003222", "222300******3222"),  # Mastercard, new range
        ("378282246310005", "378282*****0005"),  # American Express
        ("3782 822463 10005", "3782 82**** *0005"),
        ("30569309025904", "305693****5904"),  # Diners Club
        ("36700102000000", "367001****0000"),
        ("3530111333300000", "353011******0000"),  # JCB
        ("6011111111111117", "601111******1117"),  # Discover
    ],
)
def test_a_card_number_keeps_its_first_six_and_last_four_digits(card: str, shown: str) -> None:
    assert masked(card.encode()).decode() == shown
    body = json.dumps({"note": f"card {card}."})
    assert json.loads(masked(body.encode())) == {"note": f"card {shown}."}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("4111111111111111 123", "411111******1111 123"),  # with its check number
        ("4111 1111 1111 1111 12 29", "4111 11** **** 1111 12 29"),  # with its expiry
        ("22 4111 1111 1111 1111", "22 4111 11** **** 1111"),
        ("2026-11-21 4111111111111111", "2026-11-21 411111******1111"),
        ("4111111111111111 5500005555555559", "411111******1111 550000******5559"),
        ("a=4111111111111111&b=2", "a=411111******1111&b=2"),
        ("4111111111111111.", "411111******1111."),
    ],
)
def test_it_is_found_between_other_numbers(text: str, shown: str) -> None:
    assert masked(text.encode()).decode() == shown


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111112",  # wrong check digit
        "1234567812345670",  # right check digit, no issuer
        "411111111111111",  # right beginning, wrong length
        "41111111111111111111111",
        "order 100234567890123",
        "20261121103045123456",
        "1763722800000",
        "2026-11-21T10:30:45.123456Z",
        "+49 151 12345678",
        "+4915112345678",
        "0049 151 1234 5678",
        "4006381333931",  # EAN-13
        "4260123400026",  # EAN-13 that passes Luhn's test too
        "5901234123457",
        "4111111111111111ab",
        "12.4111111111111111",  # a fraction
        "4111111111111111.25",
        "10.378282246310005",
        '{"id": 4222222222222, "n": 1}',  # an id of 13 digits
    ],
)
def test_what_is_no_card_number_stays(text: str) -> None:
    assert masked(text.encode()).decode() == text


def test_the_ean_of_the_table_would_pass_for_a_card() -> None:
    """Keeps the case above honest."""
    digits = [int(digit) for digit in reversed("4260123400026")]
    doubled = [digit if n % 2 == 0 else sum(divmod(2 * digit, 10)) for n, digit in enumerate(digits)]
    assert sum(doubled) % 10 == 0


@pytest.mark.parametrize("text", ['{"value":4111111111111111,"n":1}', '{"cards": [ 4111111111111111 ]}'])
def test_a_number_of_json_stays_a_number(text: str) -> None:
    after = masked(text.encode())
    assert b"4111110000001111" in after
    assert json.loads(after)


def test_a_body_without_cards_stays_byte_for_byte() -> None:
    body = json.dumps({"id": 727, "total": "24.90", "billing": {"phone": "555 0100 1234"}}).encode()
    assert masked(body) is body or masked(body) == body


def test_a_long_row_of_digits_is_looked_through_at_once() -> None:
    assert masked(b"1" * 200_000) == b"1" * 200_000
    assert masked(b"4 " * 100_000).count(b"*") == 0
