"""How the conformance suite opens the emulated WooCommerce shop and moves it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from entrepot.channels.kit.emulate import Bucket
from entrepot.channels.kit.trial import Trial, Word
from entrepot.channels.woocommerce.emulator import WooCommerce
from entrepot.channels.woocommerce.orders import order_seen
from entrepot.contract import OrderSeen

HOST = Bucket(per_s=6, burst=12)
"""The core has no quota; so little does a small host allow."""


def _open(*, currency: str = "EUR", tax_percent: str = "0") -> WooCommerce:
    return WooCommerce(currency=currency, tax_percent=tax_percent)


def _narrow() -> WooCommerce:
    return WooCommerce(limit=HOST)


def _buy(shop: WooCommerce, basket: Mapping[str, int], now: datetime, paid: bool) -> str | None:
    return shop.place(basket, now, buyer="Mopsy Quayside", status="processing" if paid else "pending")


def _pay(shop: WooCommerce, id: str, now: datetime) -> None:
    shop.move(id, "processing", now)


def _send(shop: WooCommerce, id: str, now: datetime) -> None:
    shop.move(id, "completed", now)


def _read(sample: Mapping[str, Any]) -> OrderSeen:
    return order_seen(sample["payload"], sample.get("refunds"))


TRIAL = Trial(
    open=_open,
    narrow=_narrow,
    buy=_buy,
    pay=_pay,
    send=_send,
    read=_read,
    words=(Word(key="status", beside="line_items", tells="commercial"),),
    page_size="per_page",
)
