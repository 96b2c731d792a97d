"""Samples: our own with their expected reading, and what vendors document (orders: ../test_payloads.py)."""

from pathlib import Path
from typing import Any

import pytest

from entrepot.channels import shopify
from entrepot.channels.kit.json import decode
from entrepot.channels.shopify import channel, connect, queries
from entrepot.channels.shopify.sale import order_seen
from entrepot.contract import Hint, Kind, OrderSeen, disagreements
from tests.channels.shopify.world import (
    RECORDED,
    SCHEMAS,
    build_schema,
    emulator_part,
    event,
    parse,
    recorded_here,
    schemas_here,
    validate,
)

FOLDER = Path(shopify.__file__).parent
OURS = sorted((FOLDER / "samples").glob("*.json"))
ASKED = sorted(name for name, text in vars(queries).items() if str(text).startswith(("query ", "mutation ")))


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_a_sample_is_read_as_expected(path: Path) -> None:
    sample = decode(path.read_bytes())
    read, expected = reading(order_seen(sample["payload"])), sample["expected"]
    assert {name: read[name] for name in expected} == expected


@recorded_here
def test_the_vendors_own_test_notification_is_a_hint_of_an_order_above_2_to_the_53() -> None:
    body = decode((RECORDED / "webhook_orders_cancelled_test_notification.json").read_bytes())
    heard = channel.read_events(event("orders/cancelled", body), {})
    assert heard == [Hint(Kind.ORDER, "820982911946154508")]


@recorded_here
def test_the_vendors_callback_vectors_hold() -> None:
    for vector in decode((RECORDED / "signature_vectors_oauth_callback.json").read_bytes()):
        pairs = [
            (name, str(one))
            for name, value in vector["params"].items()
            for one in (value if isinstance(value, list) else [value])
        ]
        assert connect.callback_valid([*pairs, ("hmac", vector["hmac"])], vector["secret"]) is vector["valid"]


@schemas_here
def test_the_vendors_schema_allows_what_we_ask() -> None:
    text = (SCHEMAS / f"admin-{channel.ABOUT.api_version}.graphql").read_text()
    schema = build_schema(text, assume_valid=True)  # its own interfaces disagree about what is deprecated
    questions = [getattr(queries, name) for name in ASKED] + [queries.ALL_ITEMS]
    questions += [queries.rest_of(*part) for part in queries.PARTS]
    assert len(questions) == 20
    assert [error for question in questions for error in validate(schema, parse(question))] == []


@schemas_here
def test_the_emulators_schema_is_the_vendors() -> None:
    text = (SCHEMAS / f"admin-{channel.ABOUT.api_version}.graphql").read_text()
    assert emulator_part.part(text) == (FOLDER / "emulator.graphql").read_text()


def reading(order: OrderSeen) -> dict[str, Any]:
    """What we compare, as texts."""
    return {
        "external_id": order.external_id,
        "number": order.number,
        "version": order.version.key,
        "commercial": order.commercial.value,
        "payment": order.payment.value,
        "total": str(order.total),
        "settled": str(order.settled) if order.settled else "",
        "location": order.location,
        "lines": [
            [row.item, row.sku, f"{row.ordered:f}", str(row.amount), f"{row.taken:f}", row.location]
            for row in order.lines
        ],
        "handed_over": [row.handed_over for row in order.lines],
        "moved": [[str(row.cancelled), str(row.shipped), str(row.returned)] for row in order.lines],
        "charges": [[row.kind.value, str(row.amount)] for row in order.charges],
        "discounts": [[row.title, str(row.amount), row.line] for row in order.discounts],
        "taxes": [[row.title, str(row.amount), row.rate] for row in order.taxes],
        "payments": [[row.external_id, str(row.amount), row.state.value] for row in order.payments],
        "shipments": [[row.external_id, row.carrier, row.tracking, row.location] for row in order.shipments],
        "refunds": [
            [
                row.external_id,
                str(row.amount),
                row.place,
                [[one.line, str(one.quantity), one.restocked] for one in row.lines],
            ]
            for row in order.refunds
        ],
        "disagreements": [str(row) for row in disagreements(order)],
        "notes": list(order.notes),
    }
