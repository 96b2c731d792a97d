"""The emulated shop's schema is a part of Shopify's own, its answers have the shapes that Shopify documents.

The whole schema and the samples are not ours to publish: ENTREPOT_SPECS and ENTREPOT_SAMPLES name folders.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.channels.shopify.world import RECORDED, Terms, World, recorded_here, schemas_here
from tests.channels.vendors.shapes import Shape, walk
from tests.channels.vendors.shopify_schema import OURS, theirs, unlike

ORDERS = (
    "rest_docs_order_get*", "rest_docs_order_post_20*", "rest_docs_order_put*", "rest_pyfixture_order",
    "webhook_orders_cancelled*", "rest_scraper_order",
)  # fmt: skip
NEWER = frozenset({
    "duties_included", "fulfillments.line_items.current_quantity", "line_items.current_quantity",
    "refunds.return", "shipping_lines.is_removed", "shipping_lines.tax_lines",
})  # fmt: skip
"""Paths of fields that are younger than the samples (2019 to 2023): the REST order of 2025, read 2026-11."""

ALSO = frozenset({"email: null", "location_id: number"})
"""Types that the REST reference allows where the samples happen to have the other one."""

UNTOLD = frozenset({
    "app_id", "browser_ip", "cart_token", "checkout_id", "checkout_token", "client_details",
    "current_subtotal_price", "current_subtotal_price_set", "current_total_discounts",
    "current_total_discounts_set", "current_total_duties_set", "current_total_tax", "current_total_tax_set",
    "customer_locale", "device_id", "discount_applications", "estimated_taxes", "gateway", "landing_site",
    "landing_site_ref", "merchant_of_record_app_id", "order_status_url", "payment_details", "payment_terms",
    "processing_method", "reference", "referring_site", "source", "source_identifier", "source_url",
    "subtotal_price", "subtotal_price_set", "total_discounts", "total_discounts_set",
    "total_line_items_price", "total_line_items_price_set", "total_outstanding", "total_price_usd",
    "total_shipping_price_set", "total_weight", "user_id",
})  # fmt: skip
"""Fields of an order's webhook that the emulated shop leaves out."""


@schemas_here
def test_every_type_field_argument_and_value_is_the_vendors() -> None:
    assert unlike(OURS, theirs()) == []


@schemas_here
def test_a_schema_that_says_something_else_is_found() -> None:
    changed = OURS.replace("  currencyCode: CurrencyCode!\n", "  currencyCode: String\n").replace(
        "  AT_LEAST\n", "  ABOUT\n"
    )
    changed = changed.replace("  changeFromQuantity: Int\n", "").replace(
        "scalar Decimal", "enum Decimal { ONE }"
    )
    found = unlike(changed, theirs())
    assert "CountPrecision.ABOUT: no such value" in found
    assert "MoneyV2.currencyCode: String, not CurrencyCode!" in found
    assert "Decimal: an enum, not a scalar" in found


def test_the_schema_has_the_vendors_names_and_none_of_its_prose() -> None:
    lines = OURS.splitlines()
    assert '"""' not in OURS
    assert [line for line in lines if line.startswith("#")] == lines[:3]
    assert not re.search(r"[.!?]\s*$", "\n".join(lines[3:]).replace("!", ""), re.MULTILINE)


@recorded_here
def test_the_order_of_a_webhook_has_only_fields_that_shopifys_rest_orders_have() -> None:
    known: Shape = {}
    for row in documented():
        for place, kind in walk(row):
            known.setdefault(place, set()).add(kind)
    told = list(posted())
    strange = {
        f"{place}: {kind}"
        for body in told
        for place, kind in walk(body)
        if kind not in known.get(place, set()) and not _newer(place)
    }
    assert strange == ALSO
    assert {place for place in known if "." not in place} - {name for body in told for name in body} == UNTOLD


def _newer(place: str) -> bool:
    return any(place == one or place.startswith(f"{one}.") for one in NEWER)


def documented() -> Iterator[Any]:
    """Every order among the samples."""
    paths: list[Path] = [path for pattern in ORDERS for path in sorted(RECORDED.glob(f"{pattern}.json"))]
    for path in paths:
        body = json.loads(path.read_bytes())
        if ".request" not in path.name:
            yield from [body["order"]] if "order" in body else body.get("orders", [body])


def posted() -> Iterator[Any]:
    """The orders that the emulated shop tells of: one sent and partly refunded, one sold at a till."""
    world = World(terms=Terms(tax_percent="20", shipping="5.00", discount_percent="10"))
    world.subscribe()
    world.good("CUP", here=9)
    id = world.shop.place({"CUP": 3}, world.now, buyer="Ada")
    assert id is not None
    world.shop.fulfil(id, world.now, tracking="T1")
    world.shop.refund(id, {"CUP": 1}, world.now, restock=True)
    world.buy(at=world.there, cup=1)
    world.wait(2)
    for one in world.shop.due(world.now):
        if one.headers["x-shopify-topic"] in {"orders/create", "orders/updated"}:
            yield json.loads(one.body)
