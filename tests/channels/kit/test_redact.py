"""What may be shown of a call."""

import pytest

from entrepot.channels.kit.redact import quotable, without_secrets


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/orders/820982911946154508", "/orders/820982911946154508"),
        ("/customers/jane.doe@example.com/orders", "/customers/…/orders"),
        ("/customers/jane%40example.com", "/customers/…"),
        ("/hooks/s3cret/x", "/hooks/…/x"),
    ],
)
def test_a_path_keeps_its_ids_and_loses_its_secrets(path: str, expected: str) -> None:
    assert without_secrets(path, ["s3cret", ""]) == expected


@pytest.mark.parametrize(
    ("text", "said", "expected"),
    [
        ("Invalid parameter(s): per_page", None, "Invalid parameter(s): per_page"),
        ("woocommerce_rest_product_invalid_id", None, "woocommerce_rest_product_invalid_id"),
        ("mail jane@example.com is taken", None, "mail … is taken"),
        ("call +49 (30) 1234-567 first", None, "call … first"),
        ("card 4111 1111 1111 1111 declined", None, "card … declined"),
        ("key sk0live0aB3dE5fG7hI9 revoked", None, "key … revoked"),
        ("bad s3cret", None, "bad …"),
        ("'Doe' is no first name of JANE", {"to": [{"name": "Jane Doe"}]}, "'…' is no first name of …"),
        ("Main Street 5 unknown", {"street": " Main  Street 5"}, "… unknown"),
        ("other", {"word": "the"}, "other"),
        ("line one\n\tline two\x00", None, "line one line two"),
        ("x." * 200, None, "x." * 99 + "x…"),
    ],
)
def test_a_platforms_sentence_is_made_safe(text: str, said: object, expected: str) -> None:
    assert quotable(text, secrets=["s3cret"], said=said) == expected
