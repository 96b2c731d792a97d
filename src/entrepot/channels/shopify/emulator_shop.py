"""The emulated shop's catalogue, locations and inventory. One product, variant and inventory item per good.

Source: inventory states guide, read 2026-09: an order moves units from `available` to `committed`, its
fulfillment takes them away; `on_hand` is both and what is set aside.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from entrepot.channels.kit.emulate import Good
from entrepot.channels.shopify.emulator_hooks import Hooks
from entrepot.channels.shopify.emulator_wire import Currencies, Json, Numbers, gid, node, number, stamp

Slot = tuple[str, str]


class Article(msgspec.Struct, frozen=True, kw_only=True):
    """A good as the shop keeps it. `price` in minor units of the buyers' currency, `text` in the shop's."""

    item: str
    variant: str
    product: str
    sku: str
    title: str
    price: int
    text: str
    gtin: str
    policy: str
    tracked: bool
    updated_at: datetime


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """What is where."""

    available: int = 0
    committed: int = 0
    updated_at: datetime

    def quantity(self, name: str) -> int:
        """A quantity by its name; those that nothing here changes are zero."""
        known = {"available": self.available, "committed": self.committed}
        return self.available + self.committed if name == "on_hand" else known.get(name, 0)


class Shop:
    """One shop with locations; ids are decimal texts."""

    def __init__(
        self, domain: str, places: Sequence[str], currencies: Currencies, *, hooks: Hooks, numbers: Numbers
    ) -> None:
        self.domain, self.currencies = domain, currencies
        self._hooks, self._numbers = hooks, numbers
        self.locations = {numbers.draw(): name for name in places}
        self.articles: dict[str, Article] = {}
        self.figures: dict[Slot, Figure] = {}

    @property
    def main(self) -> str:
        """The location that is meant where none is named."""
        return next(iter(self.locations))

    def add(self, good: Good, now: datetime, *, policy: str = "DENY", tracked: bool = True) -> Article:
        """A new article stocked in every location, or the same one with a new price and title."""
        known = self.articles.get(good.sku)
        article = Article(
            item=known.item if known else self._numbers.draw(),
            variant=known.variant if known else self._numbers.draw(),
            product=known.product if known else self._numbers.draw(),
            sku=good.sku,
            title=good.title,
            price=self.currencies.minor(good.price),
            text=good.price,
            gtin=good.gtin,
            policy=policy,
            tracked=tracked,
            updated_at=now,
        )
        self.articles[good.sku] = article
        for location in self.locations:
            self.figures.setdefault((article.item, location), Figure(updated_at=now))
        topic = "products/update" if known else "products/create"
        self._hooks.tell(topic, {"id": int(article.product), "title": article.title}, now)
        return article

    def of_item(self, item: str) -> Article | None:
        """The article of an inventory item."""
        return next((one for one in self.articles.values() if one.item == item), None)

    def available(self, article: Article, location: str) -> int:
        """What may still be sold there."""
        return self.figures[article.item, location].available

    def set(self, slot: Slot, available: int, now: datetime) -> int:
        """Sets `available`; by how much it changed. A change is told."""
        delta = available - self.figures[slot].available
        if delta:
            self.move(slot, now, available=delta)
        return delta

    def move(self, slot: Slot, now: datetime, *, available: int = 0, committed: int = 0) -> None:
        """Adds to what is available and committed; nothing for what is not tracked or not stocked there."""
        article, known = self.of_item(slot[0]), self.figures.get(slot)
        if article is None or not article.tracked or known is None:
            return
        figure = Figure(
            available=known.available + available, committed=known.committed + committed, updated_at=now
        )
        self.figures[slot] = figure
        if available:
            body = {
                "inventory_item_id": int(slot[0]),
                "location_id": int(slot[1]),
                "available": figure.available,
                "updated_at": stamp(now),
                "admin_graphql_api_id": self.level(slot)["id"],
            }
            self._hooks.tell("inventory_levels/update", body, now)

    def location(self, id: str) -> Json | None:
        """A Location."""
        if id not in self.locations:
            return None
        address = {"city": "Emulated", "countryCode": "US"}
        return {**node("Location", id), "name": self.locations[id], "isActive": True, "address": address}

    def item(self, article: Article) -> Json:
        """An InventoryItem with its levels and its variant."""
        told: dict[str, Any] = {
            **node("InventoryItem", article.item),
            "sku": article.sku,
            "tracked": article.tracked,
            "updatedAt": stamp(article.updated_at),
            "inventoryLevels": [self.level(slot) for slot in self.figures if slot[0] == article.item],
        }
        told["variants"] = [self._variant(article, told)]
        return told

    def variant(self, article: Article) -> Json:
        """A ProductVariant with its inventory item."""
        return self._variant(article, self.item(article))

    def _variant(self, article: Article, item: Json) -> Json:
        product = {
            **node("Product", article.product),
            "title": article.title,
            "status": "ACTIVE",
            "handle": article.sku.lower(),
        }
        return {
            **node("ProductVariant", article.variant),
            "sku": article.sku,
            "title": "Default Title",
            "displayName": f"{article.title} - Default Title",
            "barcode": article.gtin or None,
            "price": article.text,
            "inventoryPolicy": article.policy,
            "inventoryItem": item,
            "product": product,
            "updatedAt": stamp(article.updated_at),
        }

    def level(self, slot: Slot) -> Json:
        """An InventoryLevel; its quantities are looked up by name."""
        item, location = slot
        return {
            "id": f"{gid('InventoryLevel', number(location))}?inventory_item_id={item}",
            "isActive": True,
            "location": self.location(location),
            "item": {"id": gid("InventoryItem", item)},
            "updatedAt": stamp(self.figures[slot].updated_at),
            "figure": self.figures[slot],
        }
