"""The bench that a promise is tried on: one emulated account, its wire, the real door to it, a clock that
is handed on."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from importlib import import_module
from pathlib import Path

import msgspec

from entrepot.channels.kit.api import HttpApi
from entrepot.channels.kit.emulate import Emulator, Good, Posted
from entrepot.channels.kit.trial import Trial
from entrepot.channels.kit.webhook import verify
from entrepot.contract import (
    About,
    Answer,
    Channel,
    Delivery,
    OrderSeen,
    Permits,
    Seen,
    StockSeen,
    StockWanted,
    Vault,
)
from entrepot.kernel import VirtualClock
from entrepot.sandbox.conformance.promise import Broken, Excused
from entrepot.sandbox.conformance.wire import Wire

HOOKS = "https://hub.example/hooks/bench"
HOOK_SECRET = "recognisable-webhook-secret"
START = datetime.fromisoformat("2026-03-02T08:00:00+00:00")
HOOK_WAIT_S = 5.0


class Free:
    """Permits without limit; `told` keeps the waits that answers asked for."""

    def __init__(self) -> None:
        self.told: list[float] = []

    def take(self, account: str, now: datetime) -> float:
        return 0.0

    def busy(self, account: str, wait_s: float, now: datetime) -> None:
        self.told.append(wait_s)


class Notebook:
    """A recorder that keeps everything it is told, as text."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def call(self, *, account: str, method: str, path: str, status: int, took_ms: int, at: datetime) -> None:
        self.lines.append(f"{account} {method} {path} {status} {took_ms} {at}")


class Bench:
    """One account of a platform, with tax and currency, or with the vendor's `narrow` quota."""

    def __init__(
        self,
        channel: Channel,
        *,
        currency: str = "EUR",
        tax_percent: str = "0",
        narrow: bool = False,
        permits: Permits | None = None,
    ) -> None:
        self.channel, self.about, self.trial = channel, about_of(channel), trial_of(channel)
        self.clock = VirtualClock(START)
        opened = (
            self.trial.narrow() if narrow else self.trial.open(currency=currency, tax_percent=tax_percent)
        )
        self.shop: Emulator = opened
        self.wire = Wire(self.shop, self.clock, self.trial.page_size)
        self.notebook, self.permits = Notebook(), permits or Free()
        self.settings = {**self._defaults(), **self.shop.settings()}

    @cached_property
    def api(self) -> HttpApi:
        """The door, with the settings as they are."""
        return self.door()

    def door(self, changed: Mapping[str, str] | None = None, *, vault: Vault | None = None) -> HttpApi:
        """A door with other settings, or one whose token can be renewed."""
        return HttpApi(
            self.about,
            account="bench",
            settings={**self.settings, **(changed or {})},
            clock=self.clock,
            permits=self.permits,
            recorder=self.notebook,
            transport=self.wire,
            vault=vault,
        )

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def wait(self, seconds: float) -> None:
        self.clock.sleep(seconds)

    # goods

    def good(self, sku: str, units: int = 50, price: str = "10.00") -> str:
        """A new good with so many units in the first location; its item."""
        return self.shop.stock_good(
            Good(sku=sku, title=f"Title {sku}", price=price, stock={"": units}), self.now
        )

    def slot(self, item: str) -> tuple[str, str]:
        """The (item, location) that shows most of an item: the one that `good` filled."""
        found = {slot: units for slot, units in self.shop.shown().items() if slot[0] == item}
        return max(found, key=lambda slot: found[slot])

    def figure(self, item: str) -> int:
        """What the channel shows of an item in all its locations."""
        return sum(units for slot, units in self.shop.shown().items() if slot[0] == item)

    def wanted(
        self, key: str, slot: tuple[str, str], quantity: int, expected: int | None = None
    ) -> StockWanted:
        """A figure to be set; `expected` is what the slot shows now, if nothing else is said."""
        before = self.shop.shown().get(slot, 0) if expected is None else expected
        return StockWanted(
            key=key,
            item=slot[0],
            location=slot[1],
            quantity=quantity,
            delta=quantity - before,
            expected=before,
            at=self.now,
        )

    def write(self, *wanted: StockWanted) -> list[Answer]:
        """The answers of one call of write_stock."""
        return list(self.channel.write_stock(self.api, list(wanted)))

    def stock(self, *slots: tuple[str, str]) -> dict[tuple[str, str], StockSeen]:
        """What read_stock tells of the slots."""
        return {(one.item, one.location): one for one in self.channel.read_stock(self.api, list(slots))}

    # orders

    def buy(self, paid: bool = True, **units: int) -> str:
        """A person orders {sku: units} to be sent."""
        return self.sell(units, paid=paid)

    def sell(self, basket: Mapping[str, int], *, paid: bool = True) -> str:
        """The same for any SKU; Broken where the platform refuses."""
        id = self.trial.buy(self.shop, basket, self.now, paid)
        if id is None:
            raise Broken(f"the emulated shop refused a purchase of {basket}")
        return id

    def order(self, id: str) -> OrderSeen:
        """The order as the adapter reads it by its id."""
        seen = self.channel.read_order(self.api, id)
        if not isinstance(seen, OrderSeen):
            raise Broken(f"reading order {id} gave {seen!r} and no order")
        return seen

    def sweep(self, since: datetime) -> list[Seen]:
        """All that changed since, to the last page."""
        return list(self.channel.read_orders(self.api, since))

    # webhooks

    def subscribe(self) -> None:
        """Subscribes, keeps what the platform answers, and lets its pings go."""
        self.settings |= self.channel.subscribe(self.api, HOOKS).settings
        self.__dict__.pop("api", None)
        self.posts()

    def posts(self, seconds: float = HOOK_WAIT_S) -> list[Posted]:
        """The webhooks that go out within so many seconds, each answered 200."""
        self.wait(seconds)
        found = self.shop.due(self.now)
        for posted in found:
            self.shop.answered(posted.id, 200, self.now)
        return found

    def delivery(self, posted: Posted) -> Delivery:
        """A webhook as the hub's door gets it."""
        headers = {name.lower(): value for name, value in posted.headers.items()}
        return Delivery(headers=headers, body=posted.body, url=posted.url, received_at=self.now)

    def lets_in(self, delivery: Delivery, **settings: str) -> bool:
        """Whether the door takes a delivery for the platform's; a challenge that it answers teaches
        nothing."""
        held = {**self.settings, **settings}
        return self.channel.door(delivery, held) is None and verify(self.about.signature, delivery, held)

    def hears(self, posted: Posted) -> list[Seen]:
        """What one webhook says; nothing for a challenge. Broken if it is not let in."""
        delivery = self.delivery(posted)
        if self.channel.door(delivery, self.settings) is not None:
            return []
        if not verify(self.about.signature, delivery, self.settings):
            raise Broken("a webhook of the platform itself is not let in")
        return list(self.channel.read_events(delivery, self.settings))

    def _defaults(self) -> dict[str, str]:
        """Settings that nobody types: defaults, and the secret for webhooks that the hub makes up."""
        held = {one.name: one.default for one in self.about.settings}
        signing = self.about.signature.secret
        return {**held, signing: HOOK_SECRET} if signing in held else held


def about_of(channel: Channel) -> About:
    """The adapter's ABOUT; Broken if there is none."""
    about = getattr(channel, "ABOUT", None)
    if not isinstance(about, About):
        raise Broken("the adapter has no ABOUT")
    return about


def trial_of(channel: Channel) -> Trial:
    """TRIAL of the module `trial` beside the adapter; Excused if the folder has no emulator."""
    beside = f"{channel.__name__.rpartition('.')[0]}.trial"
    if not (folder_of(channel) / "trial.py").is_file():
        raise Excused("the folder has no trial.py: there is no emulated account to try it on")
    trial = import_module(beside).TRIAL
    if not isinstance(trial, Trial):
        raise Broken(f"TRIAL of {beside} is no Trial")
    return trial


def folder_of(channel: Channel) -> Path:
    """The adapter's folder."""
    return Path(str(channel.__file__)).parent


def plain(seen: msgspec.Struct, *names: str) -> dict[str, object]:
    """Some fields of a testimony, to be compared with literals."""
    return {name: msgspec.to_builtins(getattr(seen, name)) for name in names}


def texts(value: Mapping[str, str]) -> list[str]:
    """Those that are not blank."""
    return [text for text in value.values() if text]
