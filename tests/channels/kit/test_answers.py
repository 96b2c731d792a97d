"""The error table of all platforms, and what their error bodies say."""

from datetime import UTC, datetime
from typing import Any

import pytest

from entrepot.channels.kit.answers import cause, complaint, wait_s
from entrepot.kernel import Cause

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "read", "write"),
    [
        (302, Cause.REFUSED, Cause.REFUSED),
        (400, Cause.REFUSED, Cause.REFUSED),
        (401, Cause.DENIED, Cause.DENIED),
        (403, Cause.DENIED, Cause.DENIED),
        (404, Cause.MISSING, Cause.MISSING),
        (408, Cause.DOWN, Cause.DOWN),
        (409, Cause.CONFLICT, Cause.CONFLICT),
        (410, Cause.MISSING, Cause.MISSING),
        (412, Cause.CONFLICT, Cause.CONFLICT),
        (418, Cause.REFUSED, Cause.REFUSED),
        (422, Cause.REFUSED, Cause.REFUSED),
        (429, Cause.BUSY, Cause.BUSY),
        (500, Cause.DOWN, Cause.DOWN),
        (502, Cause.DOWN, Cause.LOST),
        (503, Cause.DOWN, Cause.DOWN),
        (504, Cause.DOWN, Cause.LOST),
        (521, Cause.DOWN, Cause.DOWN),
        (524, Cause.DOWN, Cause.LOST),
    ],
)
def test_every_status_has_its_cause(status: int, read: Cause, write: Cause) -> None:
    assert (cause(status, reads=True), cause(status, reads=False)) == (read, write)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("1", 1.0),
        ("0", 0.0),
        ("2.5", 2.5),
        ("999999999", 86_400.0),
        ("Thu, 01 Jan 2026 12:00:30 GMT", 30.0),
        ("Thu, 01 Jan 2026 11:00:00 GMT", 0.0),
        ("Fri, 01 Jan 2027 12:00:00 GMT", 86_400.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1e9", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(header: str, expected: float | None) -> None:
    assert wait_s({"retry-after": header}, NOW) == expected


@pytest.mark.parametrize(
    ("body", "code", "sentence"),
    [
        # WooCommerce, Square, OAuth 2, Stripe, BigCommerce, Shopify, Magento, and what is none of them.
        (
            {
                "code": "rest_invalid_param",
                "message": "Invalid parameter(s): per_page",
                "data": {"status": 400},
            },
            "rest_invalid_param",
            "Invalid parameter(s): per_page",
        ),
        (
            {"errors": [{"category": "API_ERROR", "code": "NOT_FOUND", "detail": "No such order"}]},
            "NOT_FOUND",
            "No such order",
        ),
        ({"error": "invalid_grant", "error_description": "expired"}, "invalid_grant", "expired"),
        ({"error": {"type": "card_error", "message": "declined"}}, "card_error", "declined"),
        ({"status": 422, "title": "Wrong", "type": "https://x.example/e"}, "https://x.example/e", "Wrong"),
        ({"errors": "Not Found"}, "", "Not Found"),
        ({"message": "No such entity with %1"}, "", "No such entity with %1"),
        ([{"code": 7, "message": "seven"}], "7", "seven"),
        ({"errors": []}, "", ""),
        ({"errors": {"base": ["no"]}}, "", ""),
        ({"code": "has blanks in it"}, "", ""),
        ([], "", ""),
        ("text", "", ""),
        (None, "", ""),
    ],
    ids=str,
)
def test_a_complaint_is_found_in_the_usual_shapes(body: Any, code: str, sentence: str) -> None:
    assert complaint(body) == (code, sentence)
