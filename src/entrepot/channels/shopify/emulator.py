"""One emulated Shopify shop: a web shop, tills in its locations, an API, webhooks. Implements
kit.emulate.Emulator.

This file holds what the world does; the other emulator files are the shop, with their sources. It needs
graphql-core (extra `emulators`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

import msgspec

from entrepot.channels.kit.emulate import Good, Placed, Posted, Request
from entrepot.channels.shopify.emulator_api import Doors
from entrepot.channels.shopify.emulator_bulk import Bulks
from entrepot.channels.shopify.emulator_cost import Points
from entrepot.channels.shopify.emulator_grants import Client, Grants
from entrepot.channels.shopify.emulator_hooks import Hooks
from entrepot.channels.shopify.emulator_moves import move
from entrepot.channels.shopify.emulator_orders import Book, Terms
from entrepot.channels.shopify.emulator_refunds import Desk, left, refund_body
from entrepot.channels.shopify.emulator_shop import Article, Shop
from entrepot.channels.shopify.emulator_state import State
from entrepot.channels.shopify.emulator_wire import Currencies, Json, Numbers, number, stamp
from entrepot.contract import Response

TOKEN = "shpat_0123456789abcdef0123456789abcdef"
CLIENT_ID = "0123456789abcdef0123456789abcdef"
CLIENT_SECRET = "shpss_emulated_0123456789abcdef"
DOMAIN = "emulated.myshopify.com"
PLACES = ("Warehouse", "High Street")
SCOPES = (
    "read_orders", "read_products", "write_inventory", "read_locations",
    "read_merchant_managed_fulfillment_orders", "read_returns",
)  # fmt: skip


class Shopify:
    """A shop whose checkout refuses what no location has, and whose tills sell it all the same."""

    def __init__(
        self,
        *,
        places: Sequence[str] = PLACES,
        currency: str = "USD",
        presentment: str = "",
        rate: str = "1",
        terms: Terms | None = None,
        points: Points | None = None,
        scopes: tuple[str, ...] = SCOPES,
        hook_delay_s: float = 1.0,
        bulk_s: float = 8.0,
        address: str = f"https://{DOMAIN}",
        public: bool = False,
    ) -> None:
        numbers = Numbers()
        money = Currencies(shop=currency, presentment=presentment or currency, rate=Decimal(rate))
        hooks = Hooks(DOMAIN, CLIENT_SECRET, "2026-07", delay_s=hook_delay_s, numbers=numbers)
        shop = Shop(DOMAIN, places, money, hooks=hooks, numbers=numbers)
        book = Book(shop, hooks, numbers, terms or Terms())
        self._state = State(shop, book, hooks, Bulks(numbers, takes_s=bulk_s), scopes=scopes)
        client = Client(id=CLIENT_ID, secret=CLIENT_SECRET, scopes=scopes, public=public)
        self._grants = Grants(DOMAIN, client, token=TOKEN)
        self._doors = Doors(self._state, self._grants, points=points or Points())
        self._address, self._desk = address, Desk(book)
        self._placed: dict[str, Placed] = {}

    def handle(self, request: Request, now: datetime) -> Response:
        """Shopify's answer to one call."""
        return self._doors.handle(request, now)

    def due(self, now: datetime) -> list[Posted]:
        """Webhooks to be sent by now."""
        return self._state.hooks.due(now)

    def answered(self, id: str, status: int | None, now: datetime) -> None:
        """What the receiver said."""
        self._state.hooks.answered(id, status, now)

    def settings(self) -> dict[str, str]:
        """What a merchant copies from the Dev Dashboard."""
        return {"store": self._address, "client_secret": CLIENT_SECRET, "token": TOKEN}

    def locations(self) -> tuple[str, ...]:
        """The ids of the locations, the first one named first."""
        return tuple(self._state.shop.locations)

    def stock_good(self, good: Good, now: datetime, *, policy: str = "DENY", tracked: bool = True) -> str:
        """Adds a good, stocked everywhere; '' in its stock means the first location. Its inventory item."""
        article = self._state.shop.add(good, now, policy=policy, tracked=tracked)
        for location, units in good.stock.items():
            self._state.shop.set((article.item, location or self._state.shop.main), units, now)
        return article.item

    def place(
        self,
        basket: Mapping[str, int],
        now: datetime,
        *,
        location: str = "",
        buyer: str = "",
        paid: bool = True,
    ) -> str | None:
        """A purchase on the web, or at the till of a location. None for goods it does not know, or, on the
        web, that all locations together do not have."""
        shop, book = self._state.shop, self._state.book
        wanted = {sku: units for sku, units in basket.items() if units > 0}
        if not wanted or not wanted.keys() <= shop.articles.keys():
            return None
        found = {sku: self._sources(shop.articles[sku], units, location) for sku, units in wanted.items()}
        if not all(found.values()):
            return None
        if not location:
            found = self._together(wanted) or found
        lines = {sku: book.line(shop.articles[sku], units) for sku, units in wanted.items()}
        order = book.open(list(lines.values()), now, store=location, buyer=buyer)
        for sku, line in lines.items():
            book.assign(order, line, found[sku], now)
        if paid:
            book.pay(order, now, gateway="cash" if location else "emulated")
        if location:
            book.fulfil(order, now, location=location)
        book.touch(order, now, "orders/create")
        id = number(order["id"])
        self._placed[id] = Placed(external_id=id, at=now, location=location, units=wanted)
        return id

    def _sources(self, article: Article, units: int, location: str) -> dict[str, int]:
        """Where the units are taken from; {} if the checkout refuses them."""
        shop = self._state.shop
        if location or not article.tracked or article.policy == "CONTINUE":
            return {location or shop.main: units}
        found: dict[str, int] = {}
        for place in sorted(shop.locations, key=lambda id: shop.available(article, id) < units):
            count = min(units - sum(found.values()), max(shop.available(article, place), 0))
            found |= {place: count} if count else {}
        return found if sum(found.values()) == units else {}

    def _together(self, wanted: Mapping[str, int]) -> dict[str, dict[str, int]]:
        """Everything from one location, if one has it all: the first rule of order routing."""
        shop = self._state.shop
        for place in shop.locations:
            if all(shop.available(shop.articles[sku], place) >= units for sku, units in wanted.items()):
                return {sku: {place: units} for sku, units in wanted.items()}
        return {}

    def pay(self, external_id: str, now: datetime) -> None:
        """The buyer pays what is owed."""
        order = self._order(external_id)
        self._state.book.pay(order, now)
        self._state.book.touch(order, now)

    def fulfil(self, external_id: str, now: datetime, *, location: str = "", tracking: str = "") -> None:
        """What is still to be sent is sent, from one location or from all."""
        order = self._order(external_id)
        self._state.book.fulfil(order, now, location=location, tracking=tracking)
        self._state.book.touch(order, now)

    def move(self, external_id: str, location: str, now: datetime) -> None:
        """What is still to be sent is to be sent from another location."""
        order = self._order(external_id)
        move(self._state.shop, order, location, now)
        self._state.book.touch(order, now)

    def cancel(self, external_id: str, now: datetime) -> None:
        """The order is cancelled, restocked and given back; what was sent comes back as a return."""
        order = self._state.book.orders.get(external_id)
        if order is None or order["cancelledAt"]:
            return
        everything = {line["id"]: left(line) for line in order["lineItems"]}
        sent = bool(order["fulfillments"])
        self._desk.take_off(order, everything, now, restock=True, money=True, whole=not sent)
        if not sent:
            order |= {
                "cancelledAt": stamp(now),
                "cancelReason": "CUSTOMER",
                "closedAt": stamp(now),
                "closed": True,
            }
            for one in order["fulfillmentOrders"]:
                one["status"] = "CANCELLED"
        self._state.book.touch(order, now, *(() if sent else ("orders/cancelled",)))

    def edit(self, external_id: str, units: Mapping[str, int], now: datetime) -> None:
        """New quantities: more and new lines are owed, fewer are removed and restocked. Only of goods not
        sent."""
        order = self._state.book.orders.get(external_id)
        if order is None or order["cancelledAt"] or order["fulfillments"]:
            return
        fewer: dict[str, int] = {}
        for sku, count in units.items():
            line = _line(order, sku)
            held = left(line) if line else 0
            if count < held and line:
                fewer[line["id"]] = held - count
            elif count > held:
                self._more(order, sku, count - held, now)
        self._desk.take_off(order, fewer, now, restock=True, money=False)
        self._state.book.touch(order, now)
        edit = {"id": 1, "order_id": int(external_id), "committed_at": stamp(now), "line_items": {}}
        self._state.book.tell("orders/edited", {"order_edit": edit}, now)

    def _more(self, order: Json, sku: str, units: int, now: datetime) -> None:
        """Units added to a line, or as a new one; nothing if the shop does not have them."""
        line = _line(order, sku)
        book = self._state.book
        article = self._state.shop.articles[sku]
        where = self._sources(article, units, "")
        if not where:
            return
        if line is None:
            line = book.line(article, units)
            order["lineItems"].append(line)
        else:
            line |= {"quantity": line["quantity"] + units, "currentQuantity": line["currentQuantity"] + units}
            book.price_line(line)
        book.assign(order, line, where, now)
        book.price(order)

    def refund(self, external_id: str, units: Mapping[str, int], now: datetime, *, restock: bool) -> None:
        """Units are refunded: those that were not sent leave the order, the others come back by a return."""
        order = self._order(external_id)
        lines = {one["id"]: units.get(one["sku"], 0) for one in order["lineItems"]}
        made = self._desk.take_off(order, lines, now, restock=restock, money=True)
        if made:
            self._state.book.touch(order, now)
            self._state.book.tell("refunds/create", refund_body(order, made), now)

    def settle(self, external_id: str, now: datetime) -> None:
        """What is owed to the buyer after an edit is given back."""
        order = self._order(external_id)
        self._desk.settle(order, now)
        self._state.book.touch(order, now)

    def give(self, external_id: str, minor: int, now: datetime) -> None:
        """A gesture: money without goods."""
        order = self._order(external_id)
        self._desk.gesture(order, minor, now)
        self._state.book.touch(order, now)

    def erase(self, external_id: str, now: datetime) -> None:
        """The merchant cancels the order and deletes it."""
        self.cancel(external_id, now)
        if self._state.book.orders.pop(external_id, None):
            self._state.book.tell("orders/delete", {"id": int(external_id)}, now)

    def set_stock(self, sku: str, quantity: int, now: datetime, *, location: str = "") -> None:
        """Somebody edits `available` in the admin."""
        slot = (self._state.shop.articles[sku].item, location or self._state.shop.main)
        self._state.shop.set(slot, quantity, now)

    def uninstall(self, now: datetime) -> None:
        """The merchant removes the app: its tokens end, and Shopify says so once."""
        self._grants.revoke()
        self._state.book.tell("app/uninstalled", {"id": 1, "myshopify_domain": DOMAIN}, now)

    def retire(self, version: str) -> None:
        """Shopify no longer keeps a version: the oldest that it keeps answers in its place."""
        self._doors.served = tuple(one for one in (*self._doors.served, "2027-01") if one > version)

    def pretend(self, variants: int) -> None:
        """The shop says that it has so many variants more."""
        self._state.padding = variants

    def shown(self) -> dict[tuple[str, str], int]:
        """`available` of every tracked item in every location."""
        tracked = {one.item for one in self._state.shop.articles.values() if one.tracked}
        return {slot: one.available for slot, one in self._state.shop.figures.items() if slot[0] in tracked}

    def placed(self) -> list[Placed]:
        """What the shoppers bought, less what was removed, cancelled or refunded."""
        return [self._truth(one) for one in self._placed.values()]

    def _truth(self, one: Placed) -> Placed:
        order = self._state.book.orders.get(one.external_id)
        units = dict.fromkeys(one.units, 0)
        for line in order["lineItems"] if order else ():
            units[line["sku"]] = units.get(line["sku"], 0) + left(line)
        return msgspec.structs.replace(one, units=units)

    def _order(self, id: str) -> Json:
        return self._state.book.orders[id]


def _line(order: Json, sku: str) -> Json | None:
    return next((one for one in order["lineItems"] if one["sku"] == sku), None)
