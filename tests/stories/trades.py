"""What people do with orders at a platform, as deeds that a history is made of, and what is true of it there.

What the platform would not allow in the order's state, or what would change nothing, does not happen.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from entrepot.channels.kit.emulate import Emulator, Good

SCARCE = "JUG"
"""Sold beyond what is there, where the platform lets people do that."""

ORDERS_MAX = 3
OFTEN = {"order": 2, "buy": 2, "edit": 4, "refund": 3, "ship": 4, "move": 3, "throw away": 2}
"""How many times more likely than the others these are."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A deed on the `order`-th order (counted round), `wait_s` after the one before, with units of SKUs.
    `amid`: while the hub's next call is under way, between the platform's answer and the hub's booking."""

    verb: str
    wait_s: float
    order: int
    units: Mapping[str, int]
    place: int
    flag: bool
    amid: bool = False


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """A step on its way: the shop, the order's id there ('' before the first), its places, and the time."""

    shop: Any
    id: str
    step: Step
    place: str
    now: datetime


Place = Callable[[Deed], str | None]
Change = Callable[[Deed], bool]


class Trade(msgspec.Struct, frozen=True, kw_only=True):
    """A platform: how a shop of it is opened, and its verbs. Those of `placing` make an order and answer with
    its id, None if it was refused; the others change one. `gone`: the orders that the shop no longer has."""

    name: str
    opened: Callable[[], Emulator]
    stocked: Callable[[Any, Good, datetime], str]
    placing: Mapping[str, Place]
    changing: Mapping[str, Change]
    gone: Callable[[Any], frozenset[str]]
    left: Callable[[Any], Counter[tuple[str, str]]]
    places: Callable[[Any], Mapping[tuple[str, str], str]]
    closing: Callable[[Any, datetime], None] = lambda _shop, _now: None

    @property
    def verbs(self) -> Sequence[str]:
        """What may happen after the first order, the frequent ones more than once."""
        return [verb for verb in (*self.placing, *self.changing) for _ in range(OFTEN.get(verb, 1))]
