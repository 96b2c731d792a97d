"""How the conformance suite opens the emulated Square account and moves it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from entrepot.channels.kit.emulate import Bucket
from entrepot.channels.kit.trial import Trial, Word
from entrepot.channels.square.emulator import Square
from entrepot.channels.square.emulator_catalogue import Tax
from entrepot.channels.square.sale import Back, sale
from entrepot.contract import OrderSeen

QUOTA = Bucket(per_s=10, burst=20)
"""Square publishes no numbers: a little above our own pace."""


def _open(*, currency: str = "EUR", tax_percent: str = "0") -> Square:
    tax = None if tax_percent == "0" else Tax("VAT", tax_percent, "ADDITIVE")
    return Square(currency=currency, tax=tax)


def _narrow() -> Square:
    return Square(quota=QUOTA)


def _buy(till: Square, basket: Mapping[str, int], now: datetime, paid: bool) -> str | None:
    return till.order_online(basket, now, paid=paid)


def _pay(till: Square, id: str, now: datetime) -> None:
    till.pay(id, now)


def _send(till: Square, id: str, now: datetime) -> None:
    till.fulfil(id, now)


def _read(sample: Mapping[str, Any]) -> OrderSeen:
    return sale(sample["payload"], [Back(one["refund"], one["order"]) for one in sample.get("backs", ())])


TRIAL = Trial(
    open=_open,
    narrow=_narrow,
    buy=_buy,
    pay=_pay,
    send=_send,
    read=_read,
    words=(
        Word(key="state", beside="line_items", tells="commercial"),
        Word(key="status", beside="entry_method", tells="payments"),
        Word(key="state", beside="shipment_details"),
    ),
    page_size="limit",
    goods=120,
)
