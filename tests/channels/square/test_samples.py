"""Samples: our own with their expected reading, and recorded ones (orders: ../test_payloads.py)."""

from pathlib import Path
from typing import Any

import pytest

from entrepot.channels import square
from entrepot.channels.kit.json import decode
from entrepot.channels.square import channel
from entrepot.channels.square.catalogue import listing
from entrepot.channels.square.sale import Back, sale, tied_sales
from entrepot.contract import OrderSeen, RefundSeen, disagreements
from tests.channels.square.world import RECORDED, event, recorded_here

OURS = sorted((Path(square.__file__).parent / "samples").glob("*.json"))


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_a_sample_is_read_as_expected(path: Path) -> None:
    sample = decode(path.read_bytes())
    backs = [Back(back["refund"], back["order"]) for back in sample.get("backs", ())]
    read, expected = reading(sale(sample["payload"], backs)), sample["expected"]
    assert {name: read[name] for name in expected} == expected


@recorded_here
def test_the_recorded_return_is_tied_to_its_recorded_sale() -> None:
    orders = decode((RECORDED / "recorded_list-orders.json").read_bytes())["orders"]
    by_id = {order["id"]: order for order in orders}
    back = by_id["PfKGiDtJFOq2DpSxUNraSjVLMEMZY"]
    assert tied_sales(back) == {"nT6eTFlDa7Ko7PDjNEJX7ij1jpeZY"}
    refund = decode((RECORDED / "recorded_get-refund.json").read_bytes())["refund"]
    seen = sale(by_id["nT6eTFlDa7Ko7PDjNEJX7ij1jpeZY"], [Back(refund, back)])
    assert (seen.payment.value, str(seen.refunds[0].amount)) == ("partly_refunded", "2.00 USD")
    assert seen.lines[0].returned == 0


@recorded_here
def test_every_recorded_variation_is_read() -> None:
    found = []
    for name in ("catalog-objects", "search-catalog-objects"):
        for item in decode((RECORDED / f"recorded_{name}.json").read_bytes())["objects"]:
            data = item.get("item_data") or {}
            found += [listing(item, one, ["L1"]) for one in data.get("variations", ())]
    assert len(found) >= 5
    assert {seen.locations for seen in found} == {()}


@recorded_here
def test_every_documented_webhook_is_read() -> None:
    paths = sorted(RECORDED.glob("webhook_*.json"))
    read = {path.stem: channel.read_events(event(decode(path.read_bytes())), {}) for path in paths}
    assert {name for name, seen in read.items() if not seen} == {
        "webhook_gift-card-activity-created-event",
        "webhook_payout-paid-event",
    }


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
            [row.item, f"{row.ordered:f}", str(row.amount), f"{row.taken:f}", row.handed_over]
            for row in order.lines
        ],
        "moved": [[str(row.cancelled), str(row.shipped), str(row.returned)] for row in order.lines],
        "refunds": [[row.external_id, str(row.amount), row.place, goods(row)] for row in order.refunds],
        "charges": [[row.kind.value, str(row.amount)] for row in order.charges],
        "taxes": [[row.title, str(row.amount), row.rate] for row in order.taxes],
        "disagreements": [str(row) for row in disagreements(order)],
        "notes": list(order.notes),
    }


def goods(refund: RefundSeen) -> list[list[object]]:
    return [[back.line, str(back.quantity), back.restocked] for back in refund.lines]
