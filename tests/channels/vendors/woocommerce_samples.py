"""The shapes that WooCommerce documents and was recorded with: which fields, of which JSON types.

There is no description of the API to hold answers to: a store describes itself at run time. The payloads are
not ours to publish: ENTREPOT_SAMPLES names a folder that has the documented (2017 to 2024) and the recorded
ones (10.7, 2026-05).
"""

import json
import os
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from tests.channels.vendors.shapes import Shape, walk

FOLDER = Path(os.environ.get("ENTREPOT_SAMPLES", "samples-not-here")) / "woocommerce"
samples_here = pytest.mark.skipif(not FOLDER.is_dir(), reason="ENTREPOT_SAMPLES names no recorded payloads")

FILES = {
    "order": ("docs_orders_*", "recorded_get-order", "recorded_order_*", "iosfixture_order"),
    "product": (
        "docs_products_*",
        "recorded_get-product",
        "recorded_list-products",
        "recorded_batch-*",
        "iosfixture_product-stock",
    ),
    "variation": (
        "docs_product-variations_*",
        "recorded_*product-variation*",
        "iosfixture_product-variation",
    ),
    "refund": (
        "docs_order-refunds_*",
        "recorded_create-refund",
        "recorded_list-refunds",
        "iosfixture_refunds-all",
    ),
    "webhook": ("docs_webhooks_*", "recorded_*webhook*"),
}
"""Resource -> patterns of the files that show it; the fixtures of the vendor's own app show numbers where the
others happen to be empty."""


@lru_cache(maxsize=8)
def known(resource: str) -> Shape:
    """Path ('line_items.price') -> the JSON types that were seen there."""
    found: Shape = {}
    for pattern in FILES[resource]:
        for path in sorted(FOLDER.glob(f"{pattern}.json")):
            for row in _rows(json.loads(path.read_text())):
                for place, kind in walk(row):
                    found.setdefault(place, set()).add(kind)
    if resource == "refund":  # its lines are an order's lines, and no sample has one with tax
        lines = {place: kinds for place, kinds in known("order").items() if place.startswith("line_items")}
        found = {place: found.get(place, set()) | lines.get(place, set()) for place in found.keys() | lines}
    return found


def strange(resource: str, answers: Iterable[Any]) -> set[str]:
    """What answers have that no sample has: 'path: type'."""
    shape = known(resource)
    pairs = {pair for answer in answers for pair in walk(answer)}
    return {f"{place}: {kind}" for place, kind in pairs if kind not in shape.get(place, set())}


def missing(resource: str, answers: Iterable[Any]) -> set[str]:
    """The fields of the resource itself that samples have and no answer has."""
    told = {name for answer in answers for name in answer}
    return {place for place in known(resource) if "." not in place} - told


def _rows(sample: Any) -> list[Any]:
    """The resources of a sample: itself, a list of them, or the rows of a batch."""
    if isinstance(sample, dict) and sample.keys() == {"data"}:
        return _rows(sample["data"])
    if isinstance(sample, list):
        return sample
    if {"create", "update", "delete"} & sample.keys():
        return [row for name in ("create", "update", "delete") for row in sample.get(name, [])]
    return [sample]
