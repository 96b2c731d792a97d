"""What people do with an order in a Shopify shop."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from importlib import import_module
from typing import Any

from entrepot.channels.kit.emulate import Emulator, Good
from tests.stories.trades import SCARCE, Change, Deed, Trade


def _order(deed: Deed) -> dict[str, Any]:
    """{} for one that was deleted."""
    found: dict[str, Any] = deed.shop._state.book.orders.get(deed.id, {})
    return found


def _buy(deed: Deed) -> str | None:
    number: str | None = deed.shop.place(deed.step.units, deed.now, paid=deed.step.flag)
    return number


def _sell(deed: Deed) -> str | None:
    number: str | None = deed.shop.place(deed.step.units, deed.now, location=deed.place)
    return number


def _changes(verb: Callable[[Deed], None]) -> Change:
    """The verb, for an order that stands; whether it changed anything that matters."""

    def go(deed: Deed) -> bool:
        order = _order(deed)
        if not order or order["cancelledAt"]:
            return False
        before = _sum(order)
        verb(deed)
        return before != _sum(order)

    return go


def _sum(order: Mapping[str, Any]) -> object:
    """What tells an order from what it was."""
    lines = [(line["quantity"], line["currentQuantity"]) for line in order["lineItems"]]
    ways = [(one["status"], one[" location"]) for one in order["fulfillmentOrders"]]
    return lines, ways, len(order["transactions"]), order["cancelledAt"]


def _ship(deed: Deed) -> None:
    """Everything, or what one location has to send."""
    deed.shop.fulfil(deed.id, deed.now, location=deed.place if deed.step.flag else "")


def _give(deed: Deed) -> None:
    book, order = deed.shop._state.book, _order(deed)
    if book.taken(order) - book.taken(order, "REFUND") > 100:
        deed.shop.give(deed.id, 100, deed.now)


def _erase(deed: Deed) -> bool:
    if not _order(deed):
        return False
    deed.shop.erase(deed.id, deed.now)
    return True


def _left(shop: Any) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for id, order in shop._state.book.orders.items():
        for parcel in order["fulfillments"]:
            for part in parcel["fulfillmentLineItems"]:
                found[id, part["lineItem"]["sku"]] += part["quantity"]
    return found


def _places(shop: Any) -> dict[tuple[str, str], str]:
    """Those of a line's fulfillment orders, whatever became of them."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for id, order in shop._state.book.orders.items():
        for one in order["fulfillmentOrders"]:
            for part in one["lineItems"]:
                found[id, part["lineItem"]["sku"]].add(one[" location"])
    return {key: min(places) for key, places in found.items() if len(places) == 1}


def _opened() -> Emulator:
    """Its emulator needs graphql-core, which not everybody has."""
    shop: Emulator = import_module("entrepot.channels.shopify.emulator").Shopify(
        places=("Old Town", "Riverside")
    )
    return shop


def _stocked(shop: Any, good: Good, now: datetime) -> str:
    item: str = shop.stock_good(good, now, policy="CONTINUE" if good.sku == SCARCE else "DENY")
    return item


SHOPIFY = Trade(
    name="shopify",
    opened=_opened,
    stocked=_stocked,
    placing={"buy": _buy, "sell": _sell},
    changing={
        "delete": _erase,
        "move": _changes(lambda deed: deed.shop.move(deed.id, deed.place, deed.now)),
        "pay": _changes(lambda deed: deed.shop.pay(deed.id, deed.now)),
        "edit": _changes(lambda deed: deed.shop.edit(deed.id, deed.step.units, deed.now)),
        "refund": _changes(
            lambda deed: deed.shop.refund(deed.id, deed.step.units, deed.now, restock=deed.step.flag)
        ),
        "ship": _changes(_ship),
        "give money": _changes(_give),
        "settle": _changes(lambda deed: deed.shop.settle(deed.id, deed.now)),
        "cancel": _changes(lambda deed: deed.shop.cancel(deed.id, deed.now)),
    },
    gone=lambda shop: frozenset(shop._placed) - frozenset(shop._state.book.orders),
    left=_left,
    places=_places,
)
