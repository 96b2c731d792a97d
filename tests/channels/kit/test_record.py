"""Recording a conversation with each emulated platform: nothing secret or personal is in it, and it plays."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from importlib import import_module
from typing import Any

import httpx2
import pytest

from entrepot import channels
from entrepot.channels.kit.api import HttpApi
from entrepot.channels.kit.emulate import EmulatorTransport, Good
from entrepot.channels.kit.json import decode, encode
from entrepot.channels.kit.record import ReadingApi, Replay, record
from entrepot.channels.kit.trial import Trial
from entrepot.contract import AddressSeen, CustomerSeen, OrderSeen, disagreements
from entrepot.kernel import Refusal, VirtualClock

SKUS = ("CUP", "POT", "JUG")


class Free:
    """Permits without limit."""

    def take(self, account: str, now: datetime) -> float:
        return 0.0

    def busy(self, account: str, wait_s: float, now: datetime) -> None:
        return None


class Silent:
    """A recorder that keeps nothing."""

    def call(self, **_facts: object) -> None:
        return None


class Shop:
    """An emulated account in which three people bought something."""

    def __init__(self, name: str) -> None:
        self.channel, self.clock = channels.load(name), VirtualClock()
        trial: Trial = import_module(f"entrepot.channels.{name}.trial").TRIAL
        self.emulator = trial.open()
        for sku in SKUS:
            good = Good(sku=sku, title=sku.title(), price="10.00", stock={"": 50})
            self.emulator.stock_good(good, self.clock.now())
        self.ids = [trial.buy(self.emulator, {sku: 2}, self.clock.now(), True) for sku in SKUS]
        self.clock.sleep(60)

    def api(self, transport: httpx2.BaseTransport | None = None) -> HttpApi:
        return HttpApi(
            self.channel.ABOUT,
            account="shop",
            settings={**self.defaults(), **self.emulator.settings()},
            clock=self.clock,
            permits=Free(),
            recorder=Silent(),
            transport=transport or EmulatorTransport(self.emulator, self.clock),
        )

    def defaults(self) -> dict[str, str]:
        return {one.name: one.default for one in self.channel.ABOUT.settings if one.default}

    @property
    def since(self) -> datetime:
        return self.clock.now() - timedelta(hours=1)

    def recorded(self) -> dict[str, Any]:
        """As it would be written to a file and read again."""
        document, fared = record(self.channel, self.api(), since=self.since, most=20)
        assert [one.why for one in fared] == [""] * len(fared)
        found: dict[str, Any] = decode(encode(document))
        return found


@pytest.fixture(params=["woocommerce", "square", "shopify"])
def shop(request: pytest.FixtureRequest) -> Shop:
    return Shop(request.param)


def texts(seen: CustomerSeen | AddressSeen | None) -> Iterator[str]:
    """What a person or address says, country codes and ids aside."""
    if isinstance(seen, CustomerSeen):
        yield from (seen.name, *seen.name.split(), seen.email, seen.phone)
    elif seen is not None:
        yield from (seen.name, *seen.name.split(), seen.company, *seen.street, seen.city, seen.postcode)
        yield seen.phone


def test_a_recording_holds_no_secret_and_nobody(shop: Shop) -> None:
    orders = [one for one in shop.channel.read_orders(shop.api(), shop.since) if isinstance(one, OrderSeen)]
    people = {
        text
        for order in orders
        for person in (order.customer, order.ship_to, order.bill_to)
        for text in texts(person)
        if len(text) >= 4
    }
    secret = {one.name for one in shop.channel.ABOUT.settings if one.secret}
    secrets = {value for name, value in shop.emulator.settings().items() if name in secret and value}
    written = encode(shop.recorded()).decode()
    assert len(orders) == len(SKUS)
    assert len(people) >= 2
    assert secrets
    assert [text for text in sorted(people | secrets) if text in written] == []


def test_a_recording_is_read_again_and_its_orders_agree(shop: Shop) -> None:
    passages = shop.channel.read_document(shop.recorded(), None, {})
    orders = [seen for one in passages for seen in one.seen if isinstance(seen, OrderSeen)]
    assert sorted(order.external_id for order in orders) == sorted(id for id in shop.ids if id)
    assert [str(found) for order in orders for found in disagreements(order)] == []
    assert [(one.code, one.at) for one in passages if one.kind == "order" and one.code] == []


def test_a_recording_plays_the_same_conversation_again(shop: Shop) -> None:
    replay = Replay(shop.recorded())
    document, fared = record(shop.channel, shop.api(replay), since=shop.since, most=20)
    assert [one.why for one in fared] == [""] * len(fared)
    assert replay.unasked == 0
    orders = next(one.told for one in fared if one.function == "read_orders")
    assert orders == len(SKUS)
    assert len(document["conversation"]) == len(shop.recorded()["conversation"])


def test_a_call_that_was_not_recorded_fails_the_test_that_plays_it(shop: Shop) -> None:
    api = shop.api(Replay({"conversation": []}))
    with pytest.raises(AssertionError, match="was not recorded"):
        list(shop.channel.read_listings(api))


def test_a_recording_writes_nothing_at_the_platform(shop: Shop) -> None:
    before = shop.emulator.shown()
    shop.recorded()
    assert shop.emulator.shown() == before
    api = ReadingApi(shop.api())
    for change in (partial(api.post, "/orders", {}), partial(api.put, "/x", {}), partial(api.delete, "/x")):
        with pytest.raises(Refusal, match="a recording changes nothing"):
            change()
    assert api.kept == []


def test_a_shop_that_shuts_us_out_is_recorded_as_far_as_it_answers(shop: Shop) -> None:
    wrong = shop.emulator.settings()
    secret = next(name for name in ("secret", "token") if name in wrong)
    wrong[secret] = wrong[secret][:-1] + ("0" if wrong[secret][-1] != "0" else "1")
    api = HttpApi(
        shop.channel.ABOUT,
        account="shop",
        settings={**shop.defaults(), **wrong},
        clock=shop.clock,
        permits=Free(),
        recorder=Silent(),
        transport=EmulatorTransport(shop.emulator, shop.clock),
    )
    document, fared = record(shop.channel, api, since=shop.since, most=5)
    assert document["conversation"] == []
    orders = next(one for one in fared if one.function == "read_orders")
    assert orders.told == 0
    assert "401" in orders.why
