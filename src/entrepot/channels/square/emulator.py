"""One emulated Square account: several stores with tills, an API, webhooks. Implements kit.emulate.Emulator.

This file holds what the world does; emulator_api, emulator_catalogue, emulator_stock, emulator_orders,
emulator_refunds and emulator_hooks are the account, with their sources.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from entrepot.channels.kit.emulate import Bucket, Good, Placed, Posted, Request
from entrepot.channels.kit.numbers import exact
from entrepot.channels.square.emulator_api import Account
from entrepot.channels.square.emulator_catalogue import Shop, Tax
from entrepot.channels.square.emulator_grants import Client
from entrepot.channels.square.emulator_wire import stamp
from entrepot.contract import Response

Json = dict[str, Any]
TOKEN = "EAAAl-emulated-token"
CLIENT_ID = "sq0idp-emulated-application"
CLIENT_SECRET = "sq0csp-emulated-secret"
STORES = ("Old Town", "Riverside", "Station")


class Basket(msgspec.Struct, frozen=True, kw_only=True):
    """What a shopper took in a store, as it was."""

    id: str
    units: Mapping[str, int]
    store: str
    at: datetime
    buyer: str = ""


class Square:
    """An account whose tills sell whatever is in stock or not: `place` refuses nothing but unknown goods.

    Stores are LOC1, LOC2, … in the order of their names.
    """

    def __init__(
        self,
        *,
        stores: Sequence[str] = STORES,
        currency: str = "USD",
        country: str = "US",
        tax: Tax | None = None,
        quota: Bucket | None = None,
        hook_delay_s: float = 1.0,
    ) -> None:
        shop = Shop("MLEMULATED0001", stores, currency=currency, country=country, tax=tax)
        client = Client(id=CLIENT_ID, secret=CLIENT_SECRET, token=TOKEN)
        self._account = Account(shop, client=client, quota=quota, hook_delay_s=hook_delay_s)
        self._offline: dict[str, list[Basket]] = {}
        self._placed: dict[str, Basket] = {}

    def handle(self, request: Request, now: datetime) -> Response:
        """Square's answer to one call."""
        return self._account.handle(request, now)

    def due(self, now: datetime) -> list[Posted]:
        """Webhooks to be sent by now."""
        return self._account.hooks.due(now)

    def answered(self, id: str, status: int | None, now: datetime) -> None:
        """What the receiver said."""
        self._account.hooks.answered(id, status, now)

    def settings(self) -> dict[str, str]:
        """The token; the address is where the emulator is served."""
        return {"token": TOKEN, "base_url": "https://connect.square.example"}

    def locations(self) -> tuple[str, ...]:
        """The ids of the stores, the main one first."""
        return tuple(self._account.shop.locations)

    def stock_good(self, good: Good, now: datetime) -> str:
        """Adds a good to the catalogue of every store; '' in its stock means the main store."""
        article = self._account.shop.add(good, now)
        for location, units in good.stock.items():
            self._set((article.variation, location or self._account.shop.main), units, now)
        body = {"catalog_version": {"updated_at": stamp(now)}}
        self._account.hooks.tell(
            "catalog.version.updated", f"catalog-{stamp(now)}", body, now, word="catalog_version"
        )
        self._account.settle(now)
        return article.variation

    def place(
        self, basket: Mapping[str, int], now: datetime, *, location: str = "", buyer: str = ""
    ) -> str | None:
        """A sale at the till of a store, the main one if none is named; None only for goods it does not know.

        An offline till keeps the sale to itself until `go_online`; its id is known all the same.
        """
        if not set(basket) <= set(self._account.shop.articles):
            return None
        id, store = self._account.book.id("ORDER"), location or self._account.shop.main
        sale = Basket(id=id, units=dict(basket), store=store, buyer=buyer, at=now)
        self._placed[id] = sale
        if store in self._offline:
            self._offline[store].append(sale)
        else:
            self._ring_up(sale, now)
        return id

    def _ring_up(self, sale: Basket, now: datetime) -> None:
        asked = self._asked(sale.units, sale.store) | {"source": {"name": "Square Point of Sale"}}
        asked |= {"customer_id": sale.buyer} if sale.buyer else {}
        order = self._account.book.open(asked, now, id=sale.id, at=sale.at)
        self._account.book.pay(order, now, method="CASH", at=sale.at)
        self._account.settle(now)

    def _asked(self, basket: Mapping[str, int], store: str) -> Json:
        lines = [
            {"catalog_object_id": self._account.shop.articles[sku].variation, "quantity": str(units)}
            for sku, units in basket.items()
            if units > 0
        ]
        return {"location_id": store, "line_items": lines}

    def go_offline(self, location: str) -> None:
        """The till of a store loses its connection."""
        self._offline.setdefault(location, [])

    def go_online(self, location: str, now: datetime) -> None:
        """The till hands in what it sold meanwhile: created when it was sold, updated now."""
        for sale in self._offline.pop(location, []):
            self._ring_up(sale, now)

    def order_online(
        self, basket: Mapping[str, int], now: datetime, *, location: str = "", kind: str = "SHIPMENT",
        paid: bool = True,
    ) -> str:  # fmt: skip
        """A shopper orders through an application of the merchant, with a fulfilment, paid by card."""
        recipient = {"display_name": "Emulated Buyer", "phone_number": "+15550100"}
        details = {f"{kind.lower()}_details": {"recipient": recipient}}
        asked = self._asked(basket, location or self._account.shop.main)
        body = {"order": asked | {"fulfillments": [{"type": kind} | details]}}
        order = self._account.book.create(body, now)["order"]
        self._placed[order["id"]] = Basket(
            id=order["id"], units=dict(basket), store=order["location_id"], at=now
        )
        if paid:
            self._account.book.pay(order, now)
        self._account.settle(now)
        return str(order["id"])

    def pay(self, external_id: str, now: datetime) -> None:
        """The shopper pays what is due."""
        self._account.book.pay(self._account.book.order(external_id), now)
        self._account.settle(now)

    def fulfil(self, external_id: str, now: datetime, *, tracking: str = "", carrier: str = "") -> None:
        """The store completes every fulfilment of an online order."""
        parcel = {"tracking_number": tracking, "carrier": carrier} if tracking else {}
        self._move(external_id, "COMPLETED", now, parcel)

    def _move(self, id: str, state: str, now: datetime, parcel: Json | None = None) -> None:
        order = self._account.book.order(id)
        moves = [
            {"uid": one["uid"], "state": state} | ({"shipment_details": parcel} if parcel else {})
            for one in order.get("fulfillments", ())
        ]
        asked = {"version": order["version"], "fulfillments": moves}
        self._account.book.update(id, {"order": asked}, now)
        self._account.settle(now)

    def cancel(self, external_id: str, now: datetime) -> None:
        """An unpaid order is cancelled. A paid one cannot be: its fulfilments are, and everything is
        refunded.
        """
        if self._forget(external_id):
            return
        order = self._account.book.order(external_id)
        if not order.get("tenders"):
            self._account.book.void(order, now)
            self._account.book.touch(order, now)
        else:
            if order["state"] == "OPEN":
                self._move(external_id, "CANCELED", now)
            left = self._left(order)
            self._account.desk.take_back(order, left, now, restock=True)
        self._account.settle(now)

    def _forget(self, id: str) -> bool:
        """A sale voided at an offline till never reaches Square."""
        for queue in self._offline.values():
            for sale in [one for one in queue if one.id == id]:
                queue.remove(sale)
                self._placed[id] = msgspec.structs.replace(sale, units=dict.fromkeys(sale.units, 0))
                return True
        return False

    def _left(self, order: Json) -> dict[str, Decimal]:
        """Units by line that did not come back yet."""
        back = self._account.book.units(order)
        lines = order["line_items"] if order["state"] != "CANCELED" else []
        return {line["uid"]: exact(line["quantity"]) - back.get(line["uid"], Decimal(0)) for line in lines}

    def edit(self, external_id: str, units: Mapping[str, int], now: datetime) -> None:
        """New quantities in an order that nobody paid. Nothing happens to others: Square refuses that."""
        order = self._account.book.orders.get(external_id)
        if order is None or order.get("tenders") or order["state"] != "OPEN":
            return
        uids = {line.get("catalog_object_id", ""): line["uid"] for line in order["line_items"]}
        lines = []
        for sku, count in units.items():
            variation = self._account.shop.articles[sku].variation
            known = {"uid": uids[variation]} if variation in uids else {}
            if known or count:
                lines.append({"catalog_object_id": variation, "quantity": str(count)} | known)
        self._account.book.rewrite(order, lines)
        self._account.book.touch(order, now)

    def refund(self, external_id: str, units: Mapping[str, int], now: datetime, *, restock: bool) -> None:
        """An itemised return at the counter."""
        order = self._account.book.order(external_id)
        wanted = {self._account.shop.articles[sku].variation: Decimal(count) for sku, count in units.items()}
        left = self._left(order)
        back = {
            line["uid"]: min(left.get(line["uid"], Decimal(0)), wanted[line["catalog_object_id"]])
            for line in order["line_items"]
            if line.get("catalog_object_id") in wanted
        }
        self._account.desk.take_back(order, back, now, restock=restock)
        self._account.settle(now)

    def give(self, external_id: str, minor: int, now: datetime) -> None:
        """A gesture: money of the first payment without goods, no more than is left of it."""
        paid = self._account.desk.payment(self._account.book.order(external_id)["tenders"][0]["payment_id"])
        left = paid["total_money"]["amount"] - paid.get("refunded_money", {}).get("amount", 0)
        money = {"amount": min(minor, left), "currency": paid["total_money"]["currency"]}
        if left > 0:
            self._account.desk.give_back({"payment_id": paid["id"], "amount_money": money}, now)

    def erase(self, external_id: str, now: datetime) -> None:
        """Nothing happens: Square deletes no orders."""

    def set_stock(self, sku: str, quantity: int, now: datetime, *, location: str = "") -> None:
        """Somebody counts at the till or in the Dashboard."""
        slot = (self._account.shop.articles[sku].variation, location or self._account.shop.main)
        self._set(slot, quantity, now)
        self._account.settle(now)

    def _set(self, slot: tuple[str, str], units: int, now: datetime) -> None:
        self._account.known(slot)
        self._account.inventory.set(slot, Decimal(units), occurred_at=now, now=now)

    def shown(self) -> dict[tuple[str, str], int]:
        """Every variation in every store: all stock is tracked, what was never counted is zero."""
        return {
            (article.variation, location): int(self._account.inventory.count((article.variation, location)))
            for article in self._account.shop.articles.values()
            for location in self._account.shop.locations
        }

    def placed(self) -> list[Placed]:
        """What the shoppers bought, less what was cancelled and what they brought back."""
        return [self._truth(sale) for sale in self._placed.values()]

    def _truth(self, sale: Basket) -> Placed:
        order = self._account.book.orders.get(sale.id)
        units = dict.fromkeys(sale.units, 0) if order else dict(sale.units)
        left = self._left(order) if order else {}
        for line in order["line_items"] if order else ():
            sku = self._account.shop.variation(line["catalog_object_id"]).sku
            units[sku] = units.get(sku, 0) + int(left.get(line["uid"], Decimal(0)))
        return Placed(external_id=sale.id, at=sale.at, location=sale.store, units=units)
