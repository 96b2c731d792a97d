"""Everything the emulated shop consists of, and the changes that an app may make to it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from entrepot.channels.kit.json import digest
from entrepot.channels.shopify.emulator_bulk import Bulks
from entrepot.channels.shopify.emulator_hooks import Hooks
from entrepot.channels.shopify.emulator_orders import Book
from entrepot.channels.shopify.emulator_shop import Shop
from entrepot.channels.shopify.emulator_wire import Json, Wrong, gid, number, stamp

NAMES = frozenset({"available", "on_hand"})
REASONS = frozenset({
    "correction", "cycle_count_available", "damaged", "movement_canceled", "movement_created",
    "movement_received", "movement_updated", "other", "promotion", "quality_control", "received",
    "reservation_created", "reservation_deleted", "reservation_updated", "restock", "safety_stock",
    "shrinkage",
})  # fmt: skip
QUANTITY_MAX = 1_000_000_000
INPUT_MAX = 250
"""Members of a list that is handed in (limits guide, read 2026-09)."""


class State:
    """One shop as one app sees it."""

    def __init__(
        self, shop: Shop, book: Book, hooks: Hooks, bulks: Bulks, *, scopes: tuple[str, ...]
    ) -> None:
        self.shop, self.book, self.hooks, self.bulks, self.scopes = shop, book, hooks, bulks, scopes
        self._kept: dict[str, tuple[str, Json]] = {}
        self._groups = 0
        self.padding = 0

    def told(self) -> Json:
        """The Shop."""
        return {
            "id": gid("Shop", 1),
            "name": "Emulated Shop",
            "myshopifyDomain": self.shop.domain,
            "currencyCode": self.shop.currencies.shop,
            "taxesIncluded": self.book.terms.tax_included,
            "plan": {"publicDisplayName": "Basic", "shopifyPlus": False},
        }

    def installation(self) -> Json:
        """The AppInstallation."""
        scopes = [{"handle": one, "description": one} for one in self.scopes]
        return {"id": gid("AppInstallation", 1), "accessScopes": scopes}

    def variants(self) -> int:
        """How many variants the shop says it has."""
        return len(self.shop.articles) + self.padding

    def node(self, id: str) -> Json | None:
        """Any node by its id; None where there is none, or none that the emulator finds by id."""
        kind, key = str(id).split("/")[3], number(id)
        if kind in {"InventoryItem", "ProductVariant"}:
            found = [one for one in self.shop.articles.values() if key in {one.item, one.variant}]
            tell = self.shop.item if kind == "InventoryItem" else self.shop.variant
            return tell(found[0]) if found else None
        tables: Mapping[str, Mapping[str, Json]] = {
            "Order": self.book.orders,
            "WebhookSubscription": self.hooks.subscriptions,
            "Location": {key: self.shop.location(key) or {}} if key in self.shop.locations else {},
        }
        if kind in {"Refund", "Fulfillment", "FulfillmentOrder"}:
            name = kind[0].lower() + kind[1:] + "s"
            every = (one for order in self.book.orders.values() for one in order[name])
            return next((one for one in every if one["id"] == id), None)
        return tables.get(kind, {}).get(key)

    def set_quantities(self, key: str, asked: Json, now: datetime) -> Json:
        """inventorySetQuantities: a key with the same input gets the first answer again; all rows or none."""
        if (size := len(asked["quantities"])) > INPUT_MAX:
            text = f"The input array size of {size} is greater than the maximum allowed of {INPUT_MAX}."
            raise Wrong(text, "MAX_INPUT_SIZE_EXCEEDED")
        content = digest(asked)
        known, kept = self._kept.get(key, ("", {}))
        if kept and known != content:
            return _wrong(
                [_error((), "IDEMPOTENCY_KEY_PARAMETER_MISMATCH", "The key was used with other input.")]
            )
        if kept and kept["userErrors"]:
            return _wrong([_error((), "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED", "The previous attempt failed.")])
        if not kept:
            kept = self._set(asked, now)
            self._kept[key] = (content, kept)
        return kept

    def _set(self, asked: Json, now: datetime) -> Json:
        errors = _general(asked) or [
            error for n, row in enumerate(asked["quantities"]) for error in self._row(n, row, asked["name"])
        ]
        if errors:
            return _wrong(errors)
        changes = []
        for row in asked["quantities"]:
            slot = number(row["inventoryItemId"]), number(row["locationId"])
            committed = self.shop.figures[slot].committed if asked["name"] == "on_hand" else 0
            delta = self.shop.set(slot, row["quantity"] - committed, now)
            changes += [self._change(name, delta, slot) for name in ("available", "on_hand") if delta]
        self._groups += 1
        group = {
            "id": gid("InventoryAdjustmentGroup", self._groups),
            "createdAt": stamp(now),
            "reason": asked["reason"],
            "referenceDocumentUri": asked.get("referenceDocumentUri"),
            "changes": changes,
        }
        return {"inventoryAdjustmentGroup": group if changes else None, "userErrors": []}

    def _row(self, n: int, row: Json, name: str) -> list[Json]:
        slot = number(row["inventoryItemId"]), number(row["locationId"])
        article, wanted = self.shop.of_item(slot[0]), row["changeFromQuantity"]
        if article is None:
            text = "The specified inventory item could not be found."
            return [_error((n, "inventoryItemId"), "INVALID_INVENTORY_ITEM", text)]
        if slot[1] not in self.shop.locations:
            return [
                _error((n, "locationId"), "INVALID_LOCATION", "The specified location could not be found.")
            ]
        if slot not in self.shop.figures:
            text = "The specified inventory item is not stocked at the location."
            return [_error((n, "locationId"), "ITEM_NOT_STOCKED_AT_LOCATION", text)]
        if name == "on_hand" and row["quantity"] < 0:
            return [_error((n, "quantity"), "INVALID_QUANTITY_NEGATIVE", "The quantity can't be negative.")]
        if abs(row["quantity"]) > QUANTITY_MAX:
            code = f"INVALID_QUANTITY_TOO_{'HIGH' if row['quantity'] > 0 else 'LOW'}"
            return [_error((n, "quantity"), code, "The quantity is out of bounds.")]
        if wanted is not None and wanted != self.shop.figures[slot].quantity(name):
            text = "The changeFromQuantity argument no longer matches the persisted quantity."
            return [_error((n, "changeFromQuantity"), "CHANGE_FROM_QUANTITY_STALE", text)]
        return []

    def _change(self, name: str, delta: int, slot: tuple[str, str]) -> Json:
        item, location = {"id": gid("InventoryItem", slot[0])}, self.shop.location(slot[1])
        return {"name": name, "delta": delta, "quantityAfterChange": None, "item": item, "location": location}

    def subscribe(self, topic: str, asked: Mapping[str, Any], now: datetime) -> Json:
        """webhookSubscriptionCreate."""
        uri = str(asked.get("uri") or "")
        if not uri.startswith(("https://", "http://127.0.0.1")):
            return _not_made("Address protocol must be https")
        made = self.hooks.subscribe(topic, uri, now)
        if made is None:
            return _not_made("Address for this topic has already been taken")
        return {"webhookSubscription": made, "userErrors": []}

    def unsubscribe(self, id: str) -> Json:
        """webhookSubscriptionDelete."""
        if self.hooks.subscriptions.pop(number(id), None) is None:
            error = {"field": ["id"], "message": "Webhook subscription does not exist"}
            return {"deletedWebhookSubscriptionId": None, "userErrors": [error]}
        return {"deletedWebhookSubscriptionId": id, "userErrors": []}


def _general(asked: Json) -> list[Json]:
    errors = []
    if asked["name"] not in NAMES:
        errors.append(_error(("name",), "INVALID_NAME", "The quantity name must be available or on_hand."))
    if asked["reason"] not in REASONS:
        errors.append(_error(("reason",), "INVALID_REASON", "The specified reason is invalid."))
    uri = asked.get("referenceDocumentUri")
    if uri is not None and ("://" not in uri or uri.startswith("gid://shopify")):
        text = "The reference document URI is invalid."
        errors.append(_error(("referenceDocumentUri",), "INVALID_REFERENCE_DOCUMENT", text))
    pairs = [(row["inventoryItemId"], row["locationId"]) for row in asked["quantities"]]
    if len(set(pairs)) < len(pairs):
        text = "The combination of inventory item and location must be unique."
        errors.append(_error((), "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR", text))
    return errors


def _error(place: tuple[object, ...], code: str, message: str) -> Json:
    row = place and isinstance(place[0], int)
    way = ["input", *(["quantities"] if row else []), *(str(part) for part in place)]
    return {"field": way, "message": message, "code": code}


def _wrong(errors: list[Json]) -> Json:
    return {"inventoryAdjustmentGroup": None, "userErrors": errors}


def _not_made(message: str) -> Json:
    error = {"field": ["webhookSubscription", "callbackUrl"], "message": message}
    return {"webhookSubscription": None, "userErrors": [error]}
