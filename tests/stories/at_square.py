"""What people do with an order at the tills and in the online shop of a Square account."""

from collections import Counter
from datetime import datetime
from typing import Any

from entrepot.channels.square.emulator import Square
from tests.stories.trades import Deed, Trade


def _order(deed: Deed) -> dict[str, Any]:
    """{} for a sale that an offline till has not handed in."""
    found: dict[str, Any] = deed.shop._account.book.orders.get(deed.id, {})
    return found


def _sell(deed: Deed) -> str | None:
    number: str | None = deed.shop.place(deed.step.units, deed.now, location=deed.place)
    return number


def _online(deed: Deed) -> str | None:
    kind = "SHIPMENT" if deed.step.order else "PICKUP"
    number: str = deed.shop.order_online(
        deed.step.units, deed.now, location=deed.place, kind=kind, paid=deed.step.flag
    )
    return number


def _pay(deed: Deed) -> bool:
    order = _order(deed)
    if order.get("state") != "OPEN" or order.get("tenders"):
        return False
    deed.shop.pay(deed.id, deed.now)
    return True


def _ship(deed: Deed) -> bool:
    order = _order(deed)
    states = {one["state"] for one in order.get("fulfillments", ())}
    if not order.get("tenders") or order["state"] != "OPEN" or states != {"PROPOSED"}:
        return False
    deed.shop.fulfil(deed.id, deed.now)
    return True


def _cancel(deed: Deed) -> bool:
    offline = any(sale.id == deed.id for sales in deed.shop._offline.values() for sale in sales)
    if not offline and _order(deed).get("state", "CANCELED") == "CANCELED":
        return False
    deed.shop.cancel(deed.id, deed.now)
    return True


def _edit(deed: Deed) -> bool:
    order = _order(deed)
    articles = deed.shop._account.shop.articles
    wanted = {articles[sku].variation: n for sku, n in deed.step.units.items()}
    held = {line["catalog_object_id"]: int(line["quantity"]) for line in order.get("line_items", ())}
    if order.get("state") != "OPEN" or order.get("tenders") or not any((held | wanted).values()):
        return False
    deed.shop.edit(deed.id, deed.step.units, deed.now)
    return True


def _refund(deed: Deed) -> bool:
    if not _order(deed).get("tenders") or not any(deed.step.units.values()):
        return False
    deed.shop.refund(deed.id, deed.step.units, deed.now, restock=deed.step.flag)
    return True


def _give(deed: Deed) -> bool:
    if not _order(deed).get("tenders"):
        return False
    deed.shop.give(deed.id, 100, deed.now)
    return True


def _line_cut(deed: Deed) -> bool:
    """A till loses its connection, or finds it again."""
    if deed.place in deed.shop._offline:
        deed.shop.go_online(deed.place, deed.now)
    else:
        deed.shop.go_offline(deed.place)
    return True


def _closing(shop: Square, now: datetime) -> None:
    for place in shop.locations():
        shop.go_online(place, now)


def _left(shop: Any) -> Counter[tuple[str, str]]:
    """What a till handed over, and what was fulfilled: the whole order, also what was given back before."""
    found: Counter[tuple[str, str]] = Counter()
    for id in shop._placed:
        order = shop._account.book.orders.get(id, {})
        states = {one["state"] for one in order.get("fulfillments", ())}
        if states == {"COMPLETED"} or (not states and order.get("state") == "COMPLETED"):
            for line in order["line_items"]:
                found[id, _sku(shop, line)] += int(line["quantity"])
    return found


def _places(shop: Any) -> dict[tuple[str, str], str]:
    orders = {id: shop._account.book.orders.get(id, {}) for id in shop._placed}
    return {
        (id, _sku(shop, line)): order["location_id"]
        for id, order in orders.items()
        for line in order.get("line_items", ())
    }


def _sku(shop: Any, line: dict[str, Any]) -> str:
    sku: str = shop._account.shop.variation(line["catalog_object_id"]).sku
    return sku


SQUARE = Trade(
    name="square",
    opened=lambda: Square(stores=("Old Town", "Riverside")),
    stocked=lambda shop, good, now: shop.stock_good(good, now),
    placing={"sell": _sell, "order": _online},
    changing={
        "pay": _pay,
        "ship": _ship,
        "edit": _edit,
        "refund": _refund,
        "give money": _give,
        "cancel": _cancel,
        "cut the line": _line_cut,
    },
    gone=lambda shop: frozenset(shop._placed) - frozenset(shop._account.book.orders),
    left=_left,
    places=_places,
    closing=_closing,
)
