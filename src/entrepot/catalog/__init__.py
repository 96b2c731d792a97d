"""SKUs and their recipe of items, listings and which SKU each is."""

from entrepot.catalog.add import add_skus, set_recipe
from entrepot.catalog.listings import link, link_by_code, see_listings
from entrepot.catalog.model import Listing, Sku, code_of
from entrepot.catalog.rows import item_ids, listings, skus
from entrepot.catalog.title import retitle

__all__ = [
    "Listing",
    "Sku",
    "add_skus",
    "code_of",
    "item_ids",
    "link",
    "link_by_code",
    "listings",
    "retitle",
    "see_listings",
    "set_recipe",
    "skus",
]
