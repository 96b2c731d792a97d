"""How the conformance suite opens the emulated Shopify shop and moves it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from entrepot.channels.kit.trial import Trial, Word
from entrepot.channels.shopify.emulator import Shopify
from entrepot.channels.shopify.emulator_orders import Terms
from entrepot.channels.shopify.sale import order_seen
from entrepot.contract import OrderSeen


def _open(*, currency: str = "EUR", tax_percent: str = "0") -> Shopify:
    return Shopify(currency=currency, terms=Terms(tax_percent=tax_percent))


def _narrow() -> Shopify:
    return Shopify()


def _buy(shop: Shopify, basket: Mapping[str, int], now: datetime, paid: bool) -> str | None:
    return shop.place(basket, now, buyer="Mopsy", paid=paid)


def _pay(shop: Shopify, id: str, now: datetime) -> None:
    shop.pay(id, now)


def _send(shop: Shopify, id: str, now: datetime) -> None:
    shop.fulfil(id, now)


def _read(sample: Mapping[str, Any]) -> OrderSeen:
    return order_seen(sample["payload"])


TRIAL = Trial(
    open=_open,
    narrow=_narrow,
    buy=_buy,
    pay=_pay,
    send=_send,
    read=_read,
    words=(
        Word(key="financial_status", beside="line_items", tells="payment"),
        Word(key="status", beside="tracking_info"),
    ),
    page_size="page",
    goods=101,
)
