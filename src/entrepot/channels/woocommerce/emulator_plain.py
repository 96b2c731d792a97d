"""What the emulated shop shows of products and never changes, as a fresh shop has it (10.7, recorded
2026-05)."""

from typing import Any

EITHER: dict[str, Any] = {
    "description": "",
    "date_on_sale_from": None,
    "date_on_sale_from_gmt": None,
    "date_on_sale_to": None,
    "date_on_sale_to_gmt": None,
    "on_sale": False,
    "purchasable": True,
    "virtual": False,
    "downloadable": False,
    "downloads": [],
    "download_limit": -1,
    "download_expiry": -1,
    "tax_status": "taxable",
    "tax_class": "",
    "low_stock_amount": None,
    "weight": "",
    "dimensions": {"length": "", "width": "", "height": ""},
    "shipping_class": "",
    "shipping_class_id": 0,
    "menu_order": 0,
    "meta_data": [],
}
"""Of products and of variations."""

PRODUCT: dict[str, Any] = {
    **EITHER,
    "featured": False,
    "catalog_visibility": "visible",
    "short_description": "",
    "total_sales": 0,
    "external_url": "",
    "button_text": "",
    "sold_individually": False,
    "shipping_required": True,
    "shipping_taxable": True,
    "reviews_allowed": True,
    "average_rating": "0.00",
    "rating_count": 0,
    "upsell_ids": [],
    "cross_sell_ids": [],
    "purchase_note": "",
    "categories": [{"id": 15, "name": "Uncategorized", "slug": "uncategorized"}],
    "brands": [],
    "tags": [],
    "images": [],
    "default_attributes": [],
    "grouped_products": [],
    "related_ids": [],
    "post_password": "",
}

VARIATION: dict[str, Any] = {**EITHER, "image": None}
