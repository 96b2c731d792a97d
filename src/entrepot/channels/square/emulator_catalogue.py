"""The emulated Square's shop: its merchant, its locations and its catalogue. One variation per item."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from entrepot.channels.kit.emulate import Good
from entrepot.channels.square.emulator_wire import Wrong, missing, moment, page, stamp
from entrepot.kernel.money import parse

OPENED = "2024-03-01T08:00:00.000Z"


class Tax(msgspec.Struct, frozen=True):
    """A tax on every line. `percent` is decimal text; `kind` ADDITIVE or INCLUSIVE."""

    name: str
    percent: str
    kind: str


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """A good as the shop keeps it. `price` in minor units."""

    item: str
    variation: str
    sku: str
    title: str
    price: int
    gtin: str
    updated_at: datetime


class Shop:
    """A merchant with locations. Ids of locations are LOC1, LOC2, … in the order of their names given."""

    def __init__(
        self, merchant: str, names: Iterable[str], *, currency: str, country: str, tax: Tax | None
    ) -> None:
        self.merchant, self.currency, self.country, self.tax = merchant, currency, country, tax
        self.locations = {f"LOC{n}": name for n, name in enumerate(names, 1)}
        self.articles: dict[str, Article] = {}
        self._skus: dict[str, str] = {}

    @property
    def main(self) -> str:
        """The location that is meant where none is named."""
        return next(iter(self.locations))

    def add(self, good: Good, now: datetime) -> Article:
        """A new article, or the same one with a new price and title."""
        known = self.articles.get(good.sku)
        number = len(self.articles) + 1
        self.articles[good.sku] = Article(
            item=known.item if known else f"ITEM{number:020d}",
            variation=known.variation if known else f"VARIATION{number:015d}",
            sku=good.sku,
            title=good.title,
            price=parse(good.price, self.currency).minor,
            gtin=good.gtin,
            updated_at=now,
        )
        self._skus[self.articles[good.sku].variation] = good.sku
        return self.articles[good.sku]

    def variation(self, id: str) -> Article:
        """The article with this variation; 404 if there is none."""
        if id not in self._skus:
            raise missing("Catalog object", id)
        return self.articles[self._skus[id]]

    def place(self, id: object) -> str:
        """`id` if it is one of the locations."""
        if id not in self.locations:
            raise Wrong("INVALID_VALUE", f"no such location: {id}", field="location_id")
        return str(id)

    def merchant_told(self) -> dict[str, Any]:
        """A Merchant."""
        return {
            "id": self.merchant,
            "business_name": "Emulated Stores",
            "country": self.country,
            "language_code": "en-US",
            "currency": self.currency,
            "status": "ACTIVE",
            "main_location_id": self.main,
            "created_at": OPENED,
        }

    def location_told(self, id: str) -> dict[str, Any]:
        """A Location, also by the word `main`; 404 if there is none."""
        wanted = self.main if id == "main" else id
        for one in self.locations_told():
            if one["id"] == wanted:
                return one
        raise missing("Location", id)

    def locations_told(self) -> list[dict[str, Any]]:
        """Every Location, by name."""
        return [
            {
                "id": id,
                "name": name,
                "timezone": "Etc/UTC",
                "capabilities": ["CREDIT_CARD_PROCESSING"],
                "status": "ACTIVE",
                "created_at": OPENED,
                "merchant_id": self.merchant,
                "country": self.country,
                "language_code": "en-US",
                "currency": self.currency,
                "business_name": "Emulated Stores",
                "type": "PHYSICAL",
            }
            for id, name in sorted(self.locations.items(), key=lambda pair: pair[1])
        ]

    def listed(self, query: Mapping[str, str]) -> dict[str, Any]:
        """ListCatalog: pages of 100."""
        types = {word.strip().upper() for word in query.get("types", "ITEM").split(",")}
        return page(self._objects(types), query.get("cursor"), None, default=100, most=100).json("objects")

    def searched(self, body: dict[str, Any]) -> dict[str, Any]:
        """SearchCatalogObjects by type and time of change; no other query."""
        if body.get("query"):
            raise Wrong("NOT_IMPLEMENTED", "the emulator searches by type and time only", status=501)
        since = moment(body["begin_time"], "begin_time") if body.get("begin_time") else None
        rows = self._objects(set(body.get("object_types") or ["ITEM"]), since)
        found = page(rows, body.get("cursor"), body.get("limit"), default=100, most=1000).json("objects")
        latest = max((article.updated_at for article in self.articles.values()), default=None)
        return found | ({"latest_time": stamp(latest)} if latest else {})

    def fetched(self, body: dict[str, Any]) -> dict[str, Any]:
        """BatchRetrieveCatalogObjects: unknown ids are left out."""
        wanted = body.get("object_ids") or ()
        found = [one for one in self._objects({"ITEM", "ITEM_VARIATION"}) if one["id"] in wanted]
        return {"objects": found} if found else {}

    def object(self, id: str) -> dict[str, Any]:
        """RetrieveCatalogObject."""
        for one in self._objects({"ITEM", "ITEM_VARIATION"}):
            if one["id"] == id:
                return {"object": one}
        raise missing("Catalog object", id)

    def _objects(self, types: set[str], since: datetime | None = None) -> list[dict[str, Any]]:
        fresh = [one for one in self.articles.values() if since is None or one.updated_at > since]
        items = [self._item(one) for one in fresh] if "ITEM" in types else []
        return items + [self._variation(one) for one in fresh if "ITEM_VARIATION" in types]

    def _item(self, article: Article) -> dict[str, Any]:
        data = {
            "name": article.title,
            "product_type": "REGULAR",
            "is_taxable": True,
            "is_archived": False,
            "variations": [self._variation(article)],
        }
        return _head("ITEM", article.item, article.updated_at) | {"item_data": data}

    def _variation(self, article: Article) -> dict[str, Any]:
        data = {
            "item_id": article.item,
            "name": "Regular",
            "sku": article.sku,
            "ordinal": 0,
            "pricing_type": "FIXED_PRICING",
            "price_money": {"amount": article.price, "currency": self.currency},
            "track_inventory": True,
            "sellable": True,
            "stockable": True,
        }
        data |= {"upc": article.gtin} if article.gtin else {}
        head = _head("ITEM_VARIATION", article.variation, article.updated_at)
        return head | {"item_variation_data": data}


def _head(kind: str, id: str, updated_at: datetime) -> dict[str, Any]:
    return {
        "type": kind,
        "id": id,
        "updated_at": stamp(updated_at),
        "version": int(updated_at.timestamp() * 1000),
        "is_deleted": False,
        "present_at_all_locations": True,
    }
