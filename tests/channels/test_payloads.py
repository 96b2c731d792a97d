"""Every recorded payload is read, or ends in a named exception: none in a crash, none in a guess."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from entrepot import channels
from entrepot.channels.kit.files import read_file
from entrepot.channels.kit.share import share, together
from entrepot.contract import DocumentKind, OrderSeen, Passage
from entrepot.kernel import Refusal

SAMPLES = Path(os.environ.get("ENTREPOT_SAMPLES") or "samples-not-here")
"""Recorded payloads of others are not ours to publish: ENTREPOT_SAMPLES names a folder that has them."""

PLATFORMS = ("shopify", "square", "woocommerce")
FILES = [
    pytest.param(name, path, id=f"{name}/{path.name}")
    for name in PLATFORMS
    for path in sorted((SAMPLES / name).rglob("*.json"))
] or [pytest.param("", Path(), id="none", marks=pytest.mark.skip("ENTREPOT_SAMPLES names no payloads"))]

samples_here = pytest.mark.skipif(not SAMPLES.is_dir(), reason="ENTREPOT_SAMPLES names no recorded payloads")


@pytest.mark.parametrize(("name", "path"), FILES)
def test_a_payload_is_read_or_refused_by_name(name: str, path: Path) -> None:
    for kind in (None, *DocumentKind):
        passages, code = understood(name, path, kind)
        assert code in {"", "document_malformed", "document_unknown"}
        assert {one.code for one in passages} <= {"", "document_incomplete"}
        assert all(one.field for one in passages if one.code)
        assert all(kind in {None, one.kind} for one in passages)
        orders = [seen for one in passages for seen in one.seen if isinstance(seen, OrderSeen)]
        assert all(order.changed_at.utcoffset() == timedelta(0) for order in orders)


def understood(name: str, path: Path, kind: DocumentKind | None) -> tuple[list[Passage], str]:
    """The passages, or the code of the refusal."""
    try:
        return read_file(channels.load(name), path, kind), ""
    except Refusal as refusal:
        return [], refusal.code


@samples_here
def test_nine_of_ten_orders_agree_to_the_cent() -> None:
    shares = {name: share(name, channels.load(name), SAMPLES / name) for name in PLATFORMS}
    figures = {name: (one.agreeing, one.orders, one.partial) for name, one in shares.items()}
    assert figures == {"shopify": (16, 17, 13), "square": (19, 19, 1), "woocommerce": (9, 12, 0)}
    assert together(list(shares.values())).share_bp == 9166
    disagreeing = [
        row.file for one in shares.values() for row in one.exceptions if row.code == "order_disagrees"
    ]
    assert disagreeing == [
        "rest_pyfixture_order.json",
        "iosfixture_order-auto-draft-status.json",
        "iosfixture_order-with-attribution-info.json",
        "iosfixture_order.json",
    ]


@samples_here
@pytest.mark.parametrize(
    ("name", "file", "why"),
    [
        ("shopify", "rest_docs_giftcard_get_200_retrieve-a-single-gift-card", "it seems to be: a gift card"),
        (
            "shopify",
            "rest_docs_draftorder_get_200_list-all-draft-orders",
            "it seems to be: 5 × a draft order",
        ),
        ("square", "webhook_payout-paid-event", "it seems to be: an event payout.paid"),
        ("square", "spec_create-order-request", "it seems to be: a request to Square"),
        ("woocommerce", "docs_coupons_list-all-coupons", "it seems to be: 2 × a coupon"),
        ("woocommerce", "docs_taxes_create-a-tax-rate", "it seems to be: a tax rate"),
    ],
)
def test_what_is_of_no_use_is_called_by_its_name(name: str, file: str, why: str) -> None:
    with pytest.raises(Refusal, match=why) as refused:
        read_file(channels.load(name), SAMPLES / name / f"{file}.json")
    assert refused.value.code == "document_unknown"


@samples_here
@pytest.mark.parametrize(
    ("name", "file", "at", "field"),
    [
        ("shopify", "rest_scraper_order", "order", "order.updated_at"),
        ("shopify", "rest_pyfixture_orders", "orders[0]", "orders[0].line_items"),
        ("shopify", "rest_pyfixture_location", "location", "location.active"),
        ("square", "spec_batch-retrieve-orders-response", "orders[0]", "orders[0].created_at"),
    ],
)
def test_what_says_too_little_names_what_it_lacks(name: str, file: str, at: str, field: str) -> None:
    found = read_file(channels.load(name), SAMPLES / name / f"{file}.json")
    assert (found[0].code, found[0].at, found[0].field) == ("document_incomplete", at, field)
