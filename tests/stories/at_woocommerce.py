"""What people do with an order in a WooCommerce shop."""

from collections import Counter
from datetime import datetime
from typing import Any

import msgspec

from entrepot.channels.kit.emulate import Good
from entrepot.channels.woocommerce.emulator import WooCommerce
from tests.stories.trades import SCARCE, Change, Deed, Trade

UNSENT = frozenset({"pending", "on-hold", "processing"})


def _order(deed: Deed) -> Any:
    return deed.shop.shop.orders[int(deed.id)]


def _place(deed: Deed) -> str | None:
    status = ("pending", "on-hold")[deed.step.place] if deed.step.flag else "processing"
    number: str | None = deed.shop.place(deed.step.units, deed.now, status=status)
    return number


def _moves(status: str, *allowed: str) -> Change:
    def move(deed: Deed) -> bool:
        if _order(deed).status not in allowed:
            return False
        deed.shop.move(deed.id, status, deed.now)
        return True

    return move


def _ship(deed: Deed) -> bool:
    """Not in the second of a refund: which of the two was first, the shop's whole seconds do not tell."""
    order, second = _order(deed), deed.now.replace(microsecond=0)
    if order.status not in {"processing", "on-hold"} or any(one.at >= second for one in order.refunds):
        return False
    deed.shop.move(deed.id, "completed", deed.now)
    return True


def _edit(deed: Deed) -> bool:
    """Only while nothing was refunded: later WooCommerce's own screen no longer allows it."""
    order, units = _order(deed), dict(deed.step.units)
    held = {line.product.sku: line.quantity for line in order.lines}
    if order.status not in UNSENT or order.refunds or not any((held | units).values()):
        return False
    if held == held | units:
        return False
    deed.shop.edit(deed.id, units, deed.now)
    return True


def _refund(deed: Deed) -> bool:
    order, shop = _order(deed), deed.shop.shop
    left = {line.product.sku: line.quantity - shop.refunded_units(order, line) for line in order.lines}
    units = {sku: min(n, left[sku]) for sku, n in deed.step.units.items() if n and left.get(sku)}
    if order.status not in {"on-hold", "processing", "completed"} or not units:
        return False
    deed.shop.refund(deed.id, units, deed.now, restock=deed.step.flag)
    return True


def _give(deed: Deed) -> bool:
    order, shop = _order(deed), deed.shop.shop
    left = shop.total(order) - shop.refunded(order)
    if order.status not in {"processing", "completed"} or left <= 1:
        return False
    shop.refund(order, {}, deed.now, amount=shop.round(left / 4), restock=False, reason="sorry")
    return True


def _erase(deed: Deed) -> bool:
    if _order(deed).status == "trash":
        return False
    deed.shop.erase(deed.id, deed.now)
    return True


def _restore(deed: Deed) -> bool:
    if _order(deed).status != "trash":
        return False
    deed.shop.restore(deed.id, deed.now)
    return True


def _left(shop: Any) -> Counter[tuple[str, str]]:
    """What was not refunded before the second in which the order was completed: it tells no finer."""
    found: Counter[tuple[str, str]] = Counter()
    for order in shop.shop.orders.values():
        for line in order.lines if order.completed else ():
            second = order.completed.replace(microsecond=0)
            early = sum(one.units.get(line.id, 0) for one in order.refunds if one.at < second)
            found[str(order.id), line.product.sku] += line.quantity - early
    return found


def _stocked(shop: WooCommerce, good: Good, now: datetime) -> str:
    item = shop.stock_good(msgspec.structs.replace(good, stock={"": 0}), now)
    if good.sku == SCARCE:
        shop.shop.by_sku(SCARCE).backorders = "yes"
    return item


WOOCOMMERCE = Trade(
    name="woocommerce",
    opened=WooCommerce,
    stocked=_stocked,
    placing={"place": _place},
    changing={
        "throw away": _erase,
        "restore": _restore,
        "fail": _moves("failed", "pending"),
        "pay": _moves("processing", "pending", "on-hold", "failed"),
        "edit": _edit,
        "refund": _refund,
        "ship": _ship,
        "give money": _give,
        "reopen": _moves("processing", "cancelled"),
        "cancel": _moves("cancelled", *UNSENT),
    },
    gone=lambda shop: frozenset(str(one.id) for one in shop.shop.orders.values() if one.status == "trash"),
    left=_left,
    places=lambda _shop: {},
)
