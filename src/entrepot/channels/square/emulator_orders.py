"""The emulated Square's orders, payments and refunds, made at the till or through the API.

Source: Orders, Payments and Refunds API, read 2026-09. A till sale is COMPLETED at once, has no version and
publishes no order events; an order through the API has both. Stock goes down when an order is fully paid
(App Marketplace requirements of the Inventory API). A refund through the API gives no goods back.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from entrepot.channels.kit.numbers import exact
from entrepot.channels.square import emulator_papers as papers
from entrepot.channels.square.emulator_catalogue import Shop
from entrepot.channels.square.emulator_hooks import Hooks
from entrepot.channels.square.emulator_stock import Inventory
from entrepot.channels.square.emulator_wire import Wrong, missing, quantity, stamp

Json = dict[str, Any]

TAKEN = ("reference_id", "customer_id", "ticket_name", "metadata")
KNOWN = frozenset({"location_id", "line_items", "fulfillments", "source", "state", *TAKEN})
"""What of an order the emulator takes from a request."""

WRITABLE = frozenset({"version", "location_id", "line_items", "fulfillments", "state", "reference_id"})
CLOSED = frozenset({"COMPLETED", "CANCELED"})


class Book:
    """Every order, payment and refund of the account, as Square's own JSON."""

    def __init__(self, shop: Shop, inventory: Inventory, hooks: Hooks) -> None:
        self._shop, self._inventory, self._hooks = shop, inventory, hooks
        self.orders: dict[str, Json] = {}
        self.payments: dict[str, Json] = {}
        self.refunds: dict[str, Json] = {}
        self._number = 0

    def id(self, kind: str) -> str:
        """A new id; it only has to be opaque."""
        self._number += 1
        return f"{kind}{self._number:016d}ZZY"

    def order(self, id: str) -> Json:
        """The order; 404 if there is none."""
        if id not in self.orders:
            raise missing("Order", id)
        return self.orders[id]

    def units(self, order: Json) -> dict[str, Decimal]:
        """Units that came back, by line."""
        back: dict[str, Decimal] = {}
        for one in self.orders.values():
            for part in one.get("returns", ()):
                for line in part["return_line_items"] if part["source_order_id"] == order["id"] else ():
                    uid = line.get("source_line_item_uid", "")
                    back[uid] = back.get(uid, Decimal(0)) + exact(line["quantity"])
        return back

    def open(self, asked: Json, now: datetime, *, id: str = "", at: datetime | None = None) -> Json:
        """An order that is not paid yet, created at `at` and known to Square since `now`."""
        lines = [
            papers.asked_line(f"line-{n}", line, self._shop)
            for n, line in enumerate(asked.get("line_items") or (), 1)
        ]
        order: Json = {
            "id": id or self.id("ORDER"),
            "location_id": self._shop.place(asked.get("location_id")),
            "created_at": stamp(at or now),
            "updated_at": stamp(now),
            "state": "OPEN",
            "source": asked.get("source") or {"name": "Emulated application"},
            "line_items": lines,
        }
        order |= {name: asked[name] for name in TAKEN if asked.get(name)}
        fulfilments = [_fulfilment(n, one) for n, one in enumerate(asked.get("fulfillments") or (), 1)]
        order |= {"fulfillments": fulfilments} if fulfilments else {}
        self.orders[order["id"]] = papers.priced(order, self._shop)
        return self.orders[order["id"]]

    def create(self, body: Json, now: datetime) -> Json:
        """CreateOrder."""
        asked = body.get("order") or {}
        if odd := sorted(set(asked) - KNOWN):
            raise Wrong("NOT_IMPLEMENTED", f"the emulator does not price {', '.join(odd)}", status=501)
        if asked.get("state", "OPEN") not in {"OPEN", "DRAFT"}:
            raise Wrong("INVALID_VALUE", "an order is created OPEN or DRAFT", field="order.state")
        order = self.open(asked, now)
        order |= {"version": 1, "state": asked.get("state", "OPEN")}
        self._tell(order, "created", now)
        return {"order": order}

    def pay(
        self, order: Json, now: datetime, *, method: str = "CARD", at: datetime | None = None, tip: int = 0
    ) -> Json:
        """The rest that is due, at once; goods leave the count, and without fulfilments the order is done."""
        due = order["net_amount_due_money"]["amount"]
        paid = papers.payment(
            self.id("PAYMENT"), order, amount=due, tip=tip, method=method, at=at or now, now=now
        )
        self.payments[paid["id"]] = paid
        order |= {"tenders": [*order.get("tenders", ()), papers.tender(paid, order["id"])]}
        order |= papers.priced(order, self._shop)
        for line in order["line_items"]:
            if "catalog_object_id" in line:
                self._inventory.adjust(
                    (line["catalog_object_id"], order["location_id"]), "IN_STOCK", "SOLD",
                    exact(line["quantity"]), occurred_at=at or now, now=now, transaction=order["id"],
                )  # fmt: skip
        if not order.get("fulfillments"):
            order |= {"state": "COMPLETED", "closed_at": stamp(at or now)}
        self.touch(order, now)
        self._hooks.tell("payment.created", paid["id"], {"payment": paid}, now)
        self._hooks.tell("payment.updated", paid["id"], {"payment": paid}, now)
        return paid

    def update(self, id: str, body: Json, now: datetime) -> Json:
        """UpdateOrder: sparse, with the version that it changes."""
        order, asked = self.order(id), body.get("order") or {}
        if "version" not in order:
            raise Wrong("BAD_REQUEST", "Orders created outside of the Orders API cannot be updated.")
        if order["state"] in CLOSED:
            raise Wrong(
                "BAD_REQUEST", f"Order is {order['state']} and cannot be updated.", field="order.state"
            )
        if asked.get("version") != order["version"]:
            detail = f"Expected version {order['version']} but received {asked.get('version')}."
            raise Wrong("VERSION_MISMATCH", detail, field="order.version")
        if odd := sorted(set(asked) - WRITABLE):
            raise Wrong("NOT_IMPLEMENTED", f"the emulator does not change {', '.join(odd)}", status=501)
        if asked.get("line_items"):
            self.rewrite(order, asked["line_items"])
        if asked.get("reference_id"):
            order |= {"reference_id": asked["reference_id"]}
        moved = _moved(order, asked.get("fulfillments") or [], now)
        if asked.get("state") == "CANCELED":
            self.void(order, now)
        self.touch(order, now)
        if moved:
            self._tell(order, "fulfillment.updated", now, {"fulfillment_update": moved})
        return {"order": order}

    def rewrite(self, order: Json, lines: list[Json]) -> None:
        """New lines and new quantities by uid ('0' removes); not once money was taken."""
        if order.get("tenders"):
            detail = "LineItems cannot be modified for finalized tenders."
            raise Wrong("BAD_REQUEST", detail, field="order.line_items")
        kept = {line["uid"]: line for line in order["line_items"]}
        for n, asked in enumerate(lines, len(kept) + 1):
            uid = asked.get("uid") or f"line-{n}"
            units = exact(str(asked.get("quantity", "")))
            if units == 0:
                kept.pop(uid, None)
            elif uid in kept:
                kept[uid] = kept[uid] | {"quantity": quantity(units)}
            else:
                kept[uid] = papers.asked_line(uid, asked, self._shop)
        order["line_items"] = list(kept.values())
        order |= papers.priced(order, self._shop)

    def void(self, order: Json, now: datetime) -> None:
        """Cancels an order that nobody paid."""
        if order.get("tenders"):
            detail = "A paid order cannot be canceled: refund it."
            raise Wrong("BAD_REQUEST", detail, field="order.state")
        for one in order.get("fulfillments", ()):
            one |= {"state": "CANCELED"}
        order |= {"state": "CANCELED", "closed_at": stamp(now)}

    def touch(self, order: Json, now: datetime) -> None:
        """The order changed: a later time, and where it has one a higher version and an event."""
        order["updated_at"] = stamp(now)
        states = {one["state"] for one in order.get("fulfillments", ())}
        if order["state"] == "OPEN" and states == {"COMPLETED"} and order.get("tenders"):
            order |= {"state": "COMPLETED", "closed_at": stamp(now)}
        if "version" in order:
            order["version"] += 1
            self._tell(order, "updated", now)

    def _tell(self, order: Json, what: str, now: datetime, more: Json | None = None) -> None:
        word = f"order_{what.replace('.', '_')}"
        names = ("created_at", "location_id", "state", "version")
        thin = {name: order[name] for name in (*names, *(() if what == "created" else ("updated_at",)))}
        body = {word: thin | {"order_id": order["id"]} | (more or {})}
        self._hooks.tell(f"order.{what}", order["id"], body, now, word=word)

    def fetched(self, body: Json) -> Json:
        """BatchRetrieveOrders: unknown ids are left out."""
        ids = body.get("order_ids") or []
        if len(ids) > 100:
            raise Wrong("ARRAY_LENGTH_TOO_LONG", "at most 100 ids", field="order_ids")
        found = [self.orders[id] for id in ids if id in self.orders]
        return {"orders": found} if found else {}


def _fulfilment(number: int, asked: Json) -> Json:
    """A fulfilment of all lines, proposed."""
    if asked.get("type") not in {"PICKUP", "SHIPMENT", "DELIVERY"}:
        raise Wrong("INVALID_ENUM_VALUE", "no such type", field="order.fulfillments.type")
    details = {name: value for name, value in asked.items() if name.endswith("_details")}
    head = {"uid": asked.get("uid") or f"fulfilment-{number}", "type": asked["type"], "state": "PROPOSED"}
    return head | {"line_item_application": "ALL"} | details


def _moved(order: Json, asked: list[Json], now: datetime) -> list[Json]:
    """Fulfilments changed by uid; what the event says of it."""
    known = {one["uid"]: one for one in order.get("fulfillments", ())}
    moves = []
    for wish in asked:
        one = known.get(wish.get("uid", ""))
        if one is None:
            raise Wrong("INVALID_VALUE", "no such fulfillment", field="order.fulfillments.uid")
        before = one["state"]
        details: Json = {}
        for name, value in wish.items():
            details |= {name: one.get(name, {}) | value} if name.endswith("_details") else {}
        one |= {"state": wish.get("state", before)} | details
        if one["type"] == "SHIPMENT" and one["state"] == "COMPLETED":
            one["shipment_details"] = one.get("shipment_details", {}) | {"shipped_at": stamp(now)}
        if one["state"] != before:
            moves.append({"fulfillment_uid": one["uid"], "old_state": before, "new_state": one["state"]})
    return moves
