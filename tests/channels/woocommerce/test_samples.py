"""Our own samples with their expected reading."""

from pathlib import Path
from typing import Any

import pytest

from entrepot.channels import woocommerce
from entrepot.channels.kit.json import decode
from entrepot.channels.woocommerce.orders import order_seen
from entrepot.contract import OrderSeen, RefundSeen, disagreements

OURS = sorted((Path(woocommerce.__file__).parent / "samples").glob("*.json"))


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_a_sample_is_read_as_expected(path: Path) -> None:
    sample = decode(path.read_bytes())
    read, expected = reading(order_seen(sample["payload"], sample.get("refunds"))), sample["expected"]
    assert {name: read[name] for name in expected} == expected


def reading(order: OrderSeen) -> dict[str, Any]:
    """What we compare, as texts."""
    return {
        "external_id": order.external_id,
        "number": order.number,
        "version": order.version.key,
        "commercial": order.commercial.value,
        "payment": order.payment.value,
        "total": str(order.total),
        "lines": [
            [row.item, row.sku, str(row.ordered), str(row.amount), str(row.taken)] for row in order.lines
        ],
        "moved": [[str(row.cancelled), str(row.shipped), str(row.returned)] for row in order.lines],
        "refunds": [[row.external_id, str(row.amount), backs(row)] for row in order.refunds],
        "charges": [[row.kind.value, str(row.amount)] for row in order.charges],
        "taxes": [[row.title, str(row.amount), row.rate] for row in order.taxes],
        "disagreements": [str(row) for row in disagreements(order)],
        "notes": list(order.notes),
    }


def backs(refund: RefundSeen) -> list[list[object]]:
    return [[back.line, str(back.quantity), back.restocked] for back in refund.lines]
