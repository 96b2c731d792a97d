"""What the conformance suite must know of an emulated platform beyond the protocol `Emulator`.

A folder says it in `trial.py`, as `TRIAL`: how an account is opened and moved, where the closed words of
its JSON stand, how a sample is read. Only the sandbox and tests import it.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

import msgspec

from entrepot.channels.kit.emulate import Emulator
from entrepot.contract import OrderSeen


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """A word of a closed set: the member `key` of every JSON object that has `beside` too.

    `tells` is the field of OrderSeen that an unknown one leaves UNKNOWN: 'commercial', 'payment' or
    'payments'; '' where it becomes a note only.
    """

    key: str
    beside: str
    tells: str = ""


class Open(Protocol):
    def __call__(self, *, currency: str = "EUR", tax_percent: str = "0") -> Emulator:
        """A new account that trades in `currency`; the tax is on every good, added or included as the
        platform does it by default."""


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """`buy`: a person orders {sku: units} to be sent to an address, paid at once or not; the order's id.
    `pay` and `send` complete it. `narrow`: an account with the smallest quota that the vendor gives.
    `page_size`: the parameter of a call by which the size of a page is asked for, '' where questions
    have it written out; `orders`, `goods`: how many it takes to fill more than two pages, of three
    where there is a parameter."""

    open: Open
    narrow: Callable[[], Emulator]
    buy: Callable[[Any, Mapping[str, int], datetime, bool], str | None]
    pay: Callable[[Any, str, datetime], None]
    send: Callable[[Any, str, datetime], None]
    read: Callable[[Mapping[str, Any]], OrderSeen]
    words: tuple[Word, ...]
    page_size: str = ""
    orders: int = 8
    goods: int = 8
