"""The emulated shop's orders, in the shape that GraphQL tells them: how they come to be, are sent and are
paid.

Sources: schema of 2026-07 (what counts before and after returns), answers recorded 2026-04 to 2026-06. What
is given back and taken off is in emulator_refunds.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

import msgspec

from entrepot.channels.shopify.emulator_hooks import Hooks
from entrepot.channels.shopify.emulator_rest import rest_order
from entrepot.channels.shopify.emulator_shop import Article, Shop
from entrepot.channels.shopify.emulator_wire import Json, Numbers, gid, node, number, stamp


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """How the shop prices: a tax in percent, in the prices or on top; shipping; a discount code in
    percent."""

    tax_percent: str = "0"
    tax_included: bool = False
    shipping: str = ""
    discount_percent: str = ""


class Book:
    """Every order of the shop. A key with a blank before it is the emulator's own and told to nobody."""

    def __init__(self, shop: Shop, hooks: Hooks, numbers: Numbers, terms: Terms) -> None:
        self.shop, self.terms = shop, terms
        self._hooks, self._numbers = hooks, numbers
        self.orders: dict[str, Json] = {}

    def draw(self, kind: str) -> Json:
        """A new node."""
        return node(kind, self._numbers.draw())

    def open(self, lines: Sequence[Json], now: datetime, *, store: str = "", buyer: str = "") -> Json:
        """A new order, nothing of it sent or paid. `store`: the till's location, '' for the web."""
        money, id = self.shop.currencies, self._numbers.draw()
        order: Json = {
            **node("Order", id),
            "name": f"#{1000 + len(self.orders) + 1}",
            **dict.fromkeys(("createdAt", "updatedAt", "processedAt"), stamp(now)),
            **dict.fromkeys(("cancelledAt", "closedAt", "cancelReason")),
            "closed": False,
            "test": False,
            "currencyCode": money.shop,
            "presentmentCurrencyCode": money.presentment,
            "taxesIncluded": self.terms.tax_included,
            "dutiesIncluded": False,
            "sourceName": "pos" if store else "web",
            "retailLocation": self.shop.location(store) if store else None,
            "discountCodes": ["EMULATED"] if self.terms.discount_percent else [],
            "email": f"{buyer}@shopper.example" if buyer else None,
            "phone": None,
            "customer": self._customer(buyer),
            "shippingAddress": None if store else _address(buyer),
            "billingAddress": None if store else _address(buyer),
            "totalTipReceivedSet": money.bag(0),
            "originalTotalDutiesSet": None,
            "lineItems": list(lines),
            "shippingLines": [] if store or not self.terms.shipping else [self._shipping()],
            **{name: [] for name in ("additionalFees", "transactions", "fulfillments", "refunds")},
            "fulfillmentOrders": [],
        }
        self.orders[id] = order
        self.price(order)
        return order

    def line(self, article: Article, units: int) -> Json:
        """A line for an article, priced as of now."""
        line: Json = {
            **self.draw("LineItem"),
            "name": article.title,
            "title": article.title,
            "sku": article.sku,
            "quantity": units,
            "currentQuantity": units,
            "isGiftCard": False,
            "requiresShipping": True,
            "variant": self.shop.variant(article),
            "originalUnitPriceSet": self.shop.currencies.bag(article.price),
            " article": article,
            " price": article.price,
        }
        self.price_line(line)
        return line

    def price_line(self, line: Json) -> None:
        """Works out a line's discount and tax for its quantity."""
        gross = line[" price"] * line["quantity"]
        off = percent(gross, self.terms.discount_percent or "0")
        bag = self.shop.currencies.bag
        line[" net"], line[" tax"] = gross - off, self.tax(gross - off)
        line["discountAllocations"] = [{"allocatedAmountSet": bag(off)}] if off else []
        line["taxLines"] = self._tax_lines(line[" tax"])

    def _shipping(self) -> Json:
        price = self.shop.currencies.minor(self.terms.shipping)
        bag = self.shop.currencies.bag(price)
        return {
            **self.draw("ShippingLine"),
            "title": "Standard",
            "isRemoved": False,
            "originalPriceSet": bag,
            "discountedPriceSet": bag,
            "discountAllocations": [],
            "taxLines": self._tax_lines(self.tax(price)),
            " net": price,
            " tax": self.tax(price),
        }

    def tax(self, amount: int) -> int:
        """The tax in an amount, or on it."""
        rate = Decimal(self.terms.tax_percent)
        return rounded(amount * rate / (100 + rate if self.terms.tax_included else 100))

    def _tax_lines(self, amount: int) -> list[Json]:
        if not Decimal(self.terms.tax_percent):
            return []
        rate = Decimal(self.terms.tax_percent) / 100
        return [{"title": "VAT", "rate": float(rate), "priceSet": self.shop.currencies.bag(amount)}]

    def price(self, order: Json) -> None:
        """Works out the whole: before returns, as `totalPriceSet` is."""
        parts = [*order["lineItems"], *order["shippingLines"]]
        tax = sum(part[" tax"] for part in parts)
        order[" total"] = sum(part[" net"] for part in parts) + (0 if self.terms.tax_included else tax)
        bag = self.shop.currencies.bag
        order |= {
            "totalPriceSet": bag(order[" total"]),
            "totalTaxSet": bag(tax),
            "taxLines": self._tax_lines(tax),
        }

    def assign(self, order: Json, line: Json, where: Mapping[str, int], now: datetime) -> None:
        """Takes units of a line from locations, for a fulfillment order each."""
        for location, units in where.items():
            mine = next((one for one in _open(order) if one[" location"] == location), None)
            if mine is None:
                place = self.shop.location(location)
                assigned = {"name": self.shop.locations[location], "countryCode": "US", "location": place}
                mine = {
                    **self.draw("FulfillmentOrder"),
                    "status": "OPEN",
                    "assignedLocation": assigned,
                    "createdAt": stamp(now),
                    "updatedAt": stamp(now),
                    "lineItems": [],
                    " location": location,
                }
                order["fulfillmentOrders"].append(mine)
            self._assign(mine, line, units)
            self.shop.move((line[" article"].item, location), now, available=-units, committed=units)

    def _assign(self, fulfillment_order: Json, line: Json, units: int) -> None:
        known = [one for one in fulfillment_order["lineItems"] if one["lineItem"] is line]
        if known:
            known[0]["totalQuantity"] += units
            known[0]["remainingQuantity"] += units
            return
        item = gid("InventoryItem", line[" article"].item)
        part = {"totalQuantity": units, "remainingQuantity": units, "lineItem": line, "inventoryItemId": item}
        fulfillment_order["lineItems"].append(
            self.draw("FulfillmentOrderLineItem") | part | {"sku": line["sku"]}
        )

    def fulfil(self, order: Json, now: datetime, *, location: str = "", tracking: str = "") -> None:
        """Sends what is still to be sent, of one location or of all: a fulfillment each."""
        for one in [one for one in _open(order) if location in {"", one[" location"]}]:
            parts = [part for part in one["lineItems"] if part["remainingQuantity"]]
            sent = [
                self.draw("FulfillmentLineItem")
                | {"quantity": part["remainingQuantity"], "lineItem": part["lineItem"]}
                for part in parts
            ]
            for part in parts:
                slot = part["lineItem"][" article"].item, one[" location"]
                self.shop.move(slot, now, committed=-part["remainingQuantity"])
                part["remainingQuantity"] = 0
            one |= {"status": "CLOSED", "updatedAt": stamp(now)}
            told = {"company": "Emulated Post", "number": tracking, "url": None}
            made = {
                **self.draw("Fulfillment"),
                "status": "SUCCESS",
                "location": one["assignedLocation"]["location"],
                "trackingInfo": [told] if tracking else [],
                "fulfillmentLineItems": sent,
                "createdAt": stamp(now),
                "updatedAt": stamp(now),
            }
            order["fulfillments"] += [made] if sent else []

    def pay(self, order: Json, now: datetime, *, gateway: str = "emulated") -> None:
        """The buyer pays what is owed."""
        if (owed := self.owed(order)) > 0:
            order["transactions"].append(self.transaction("SALE", owed, now, gateway=gateway))

    def transaction(
        self, kind: str, minor: int, now: datetime, *, gateway: str = "emulated", parent: Json | None = None
    ) -> Json:  # fmt: skip
        """An OrderTransaction that succeeded."""
        return {
            **self.draw("OrderTransaction"),
            "kind": kind,
            "status": "SUCCESS",
            "gateway": gateway,
            "amountSet": self.shop.currencies.bag(minor),
            "processedAt": stamp(now),
            "createdAt": stamp(now),
            "parentTransaction": parent,
            " amount": minor,
        }

    def taken(self, order: Json, kind: str = "SALE") -> int:
        """Money that came in, or (REFUND) went back."""
        return sum(int(one[" amount"]) for one in order["transactions"] if one["kind"] == kind)

    def worth(self, order: Json) -> int:
        """The whole after returns and removals, as `currentTotalPriceSet` is."""
        return int(order[" total"]) - sum(int(one[" value"]) for one in order["refunds"])

    def owed(self, order: Json) -> int:
        """What the buyer still has to pay; less than nothing if money is to be given back."""
        return self.worth(order) - self.taken(order) + self.taken(order, "REFUND")

    def touch(self, order: Json, now: datetime, *topics: str) -> None:
        """The order changed: its state is worked out anew, and told as updated and as `topics`."""
        if self.done(order) and not order["closedAt"]:
            order |= {"closedAt": stamp(now), "closed": True}
        order |= {
            "updatedAt": stamp(now),
            "displayFinancialStatus": self._financial(order),
            "displayFulfillmentStatus": "FULFILLED" if self.done(order) else "UNFULFILLED",
            "currentTotalPriceSet": self.shop.currencies.bag(self.worth(order)),
        }
        for topic in (*topics, *(() if "orders/create" in topics else ("orders/updated",))):
            self._hooks.tell(topic, rest_order(order), now)

    def tell(self, topic: str, body: Json, now: datetime) -> None:
        """An event that does not carry the order."""
        self._hooks.tell(topic, body, now)

    def done(self, order: Json) -> bool:
        """Whether everything is sent and paid."""
        return not _open(order) and bool(order["fulfillments"]) and self.owed(order) == 0

    def _financial(self, order: Json) -> str | None:
        got, back = self.taken(order), self.taken(order, "REFUND")
        if back:
            return "REFUNDED" if back >= got else "PARTIALLY_REFUNDED"
        if not got:
            return "VOIDED" if order["cancelledAt"] else "PENDING"
        return "PARTIALLY_PAID" if self.owed(order) > 0 else "PAID"

    def _customer(self, buyer: str) -> Json | None:
        if not buyer:
            return None
        return {
            **self.draw("Customer"),
            "firstName": buyer,
            "lastName": "Shopper",
            "displayName": f"{buyer} Shopper",
        }


def _open(order: Json) -> list[Json]:
    return [one for one in order["fulfillmentOrders"] if one["status"] == "OPEN"]


def _address(buyer: str) -> Json:
    return {
        "id": gid("MailingAddress", number(1)),
        "firstName": buyer or "Emulated",
        "lastName": "Shopper",
        "name": f"{buyer or 'Emulated'} Shopper",
        "address1": "1 Main Street",
        "city": "Springfield",
        "province": "Illinois",
        "provinceCode": "IL",
        "countryCodeV2": "US",
        "zip": "62701",
    }


def percent(amount: int, rate: str) -> int:
    """So many percent of an amount."""
    return rounded(amount * Decimal(rate) / 100)


def rounded(amount: Decimal) -> int:
    """Half away from zero, to whole minor units."""
    return int(amount.quantize(Decimal(1), ROUND_HALF_UP))
