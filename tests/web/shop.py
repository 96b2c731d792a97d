"""A merchant's hub for these tests: three locations, four channels, and orders, without any network in
between."""

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from entrepot import connections, orders, sync
from entrepot.access import at_command_line
from entrepot.app import Hub, circumstances, from_environment, open_for_hub, perform
from entrepot.connections import Connection
from entrepot.contract import Commercial, LineSeen, ListingSeen, LocationSeen, OrderSeen, Payment, Version
from entrepot.db import HubStore, Tx, jobs
from entrepot.kernel import Keyring, Money, VirtualClock
from entrepot.orders import Testimony
from entrepot.sync import believed, rows
from entrepot.sync.read import book_listings

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HUB_URL = "https://hub.example"
SETTINGS: dict[str, dict[str, str]] = {
    "woocommerce": {"store": "https://shop.example", "key": "ck_" + "a" * 40, "secret": "cs_" + "b" * 40},
    "square": {"token": "t"},
}
BATCH = 1000
GOODS = {
    "MUG-INDIGO": "Mug, indigo glaze", "MUG-SAND": "Mug, sand glaze", "BOWL-LARGE": "Serving bowl, 28 cm",
    "PLATE-22": "Plate, 22 cm", "TEAPOT-1L": "Teapot, one litre", "KETTLE-GOOSE": "Gooseneck kettle",
    "LINEN-NAPKIN-4": "Linen napkins, four", "TRAY-OAK": "Oak tray", "CANDLE-TALLOW": "Candle, beeswax",
    "VASE-REED": "Reed vase", "APRON-NAVY": "Apron, navy", "KNIFE-PARING": "Paring knife",
}  # fmt: skip
PRICES = dict(zip(GOODS, (18, 18, 46, 22, 64, 89, 28, 39, 12, 34, 42, 31), strict=True))


class Shop:
    """A hub over a store in a folder, with a clock that stands still until it is moved."""

    def __init__(self, folder: Path, start: datetime = START) -> None:
        self.clock = VirtualClock(start)
        keys = Keyring({"k0000001": b"\x01" * 32}, "k0000001")
        around = circumstances(keys, clock=self.clock, random=Random(7))
        database = from_environment({**os.environ, "ENTREPOT_HOME": str(folder)}).database
        self.store: HubStore = open_for_hub(database, around)
        self.hub = Hub(self.store)

    def tell(self, command: str, **arguments: object) -> dict[str, Any]:
        """A person gives a command."""
        return perform(self.hub, command, arguments, who=at_command_line("person"), source="test")

    def connect(self, name: str, platform: str, places: Mapping[str, str] | None = None) -> Connection:
        """A channel with stock flowing out; `places`: its location's name → our location's code."""
        since = (self.clock.now() - timedelta(days=1)).isoformat()
        self.tell("connection.add", platform=platform, name=name, settings=SETTINGS[platform],
                  hub_url=HUB_URL, since=since)  # fmt: skip
        self.tell("connection.flow", connection=name, flow="stock_out", level="on")
        connection = self.channel(name)
        seen = [LocationSeen(external_id=external, name=external) for external in places or {}]
        self.store.run(lambda tx: connections.see_locations(tx, connection.id, seen))
        for external, ours in (places or {}).items():
            self.tell("location.map", connection=name, external=external, location=ours)
        return connection

    def channel(self, name: str) -> Connection:
        """A connection as it is now."""
        found = self.store.read(lambda tx: connections.connection(tx, name=name))
        assert found is not None
        return found

    def secret(self, name: str, setting: str = "webhook_secret") -> str:
        """What signs a channel's webhooks."""
        return self.channel(name).settings[setting]

    def list(self, name: str, items: Mapping[str, str], places: Sequence[str] = ("",)) -> None:
        """The channel shows these items: its item → the SKU text it has there."""
        connection = self.channel(name)
        seen = [
            ListingSeen(item=item, sku=sku, title=GOODS.get(sku, sku.title()), locations=tuple(places))
            for item, sku in items.items()
        ]
        self.store.run(lambda tx: book_listings(tx, connection.id, seen))
        self.settle()

    def order(self, name: str, number: str, lines: Mapping[str, tuple[str, int]], total: str = "10.00", *,
              payment: Payment = Payment.PAID, place: str = "", over_the_counter: bool = False,
              commercial: Commercial = Commercial.OPEN, delay_s: float = 0.4) -> None:  # fmt: skip
        """A channel tells of an order. `lines`: its item → (SKU text, units)."""
        now, connection = self.clock.now(), self.channel(name)
        amount = Money(int(Decimal(total) * 100), "EUR")
        seen = OrderSeen(
            external_id=number,
            number=number,
            version=Version(now.isoformat(), number),
            placed_at=now - timedelta(seconds=delay_s),
            changed_at=now,
            commercial=commercial,
            payment=payment,
            currency="EUR",
            total=amount,
            tax_inclusive=True,
            lines=tuple(
                _line(
                    item, sku, units, amount if not n else Money(0, "EUR"), place if over_the_counter else ""
                )
                for n, (item, (sku, units)) in enumerate(lines.items())
            ),
            location=place,
        )
        self.store.run(lambda tx: self._take(tx, connection, seen))
        self.settle()

    def settle(self) -> None:
        """Does all that only needs the database."""
        while self.hub.book.step():
            pass

    def push(self, *names: str) -> None:
        """The channels show what we want, and have answered so."""
        for name in names:
            connection = self.channel(name)
            self.store.run(lambda tx, connection=connection: _answered(tx, connection))  # type: ignore[misc]

    def close(self) -> None:
        """Ends the store's threads."""
        self.hub.close()

    def _take(self, tx: Tx, connection: Connection, seen: OrderSeen) -> None:
        taken = orders.take(tx, connection, [Testimony(order=seen, as_of=tx.now)])
        about = self.hub.channels[connection.platform].ABOUT
        sync.after_orders(tx, connection, taken, per_location=about.stock.per_location)


def _line(item: str, sku: str, units: int, amount: Money, place: str) -> LineSeen:
    return LineSeen(
        external_id=item,
        item=item,
        sku=sku,
        title=GOODS.get(sku, ""),
        ordered=Decimal(units),
        amount=amount,
        taken=Decimal(units),
        handed_over=place,
    )


def _answered(tx: Tx, connection: Connection) -> None:
    """Every slot of the connection was written, answered and read again."""
    figures = {
        one.id: one.wanted for one in rows.slots_of_connection(tx, connection.id) if one.wanted is not None
    }
    other = {id: n for id, n in figures.items() if believed(rows.slots(tx, [id])[0]) != n}
    rows.set_sent(tx, [(id, n, tx.ids.new(), 0) for id, n in other.items()])
    rows.set_base(tx, {id: (n, tx.now) for id, n in other.items()})
    rows.set_acknowledged(tx, other)
    rows.set_observed(tx, {id: (n, tx.now) for id, n in other.items()}, changed=other)
    jobs.done(tx, [job.id for job in jobs.take(tx, jobs.call_queue(connection.id), BATCH)])


def small(folder: Path) -> Shop:
    """Two locations, a web shop and a till that both sell cups, ten of them here and two there, all in
    sync."""
    shop = Shop(folder)
    shop.tell("location.add", code="main")
    shop.tell("location.add", code="corner")
    shop.tell("sku.add", sku="CUP", title="A cup")
    shop.tell("stock.receive", sku="CUP", location="main", quantity="10", reference="r1")
    shop.tell("stock.receive", sku="CUP", location="corner", quantity="2", reference="r2")
    shop.connect("web-shop", "woocommerce")
    shop.connect("till", "square", {"Corner": "corner"})
    shop.list("web-shop", {"11": "CUP"})
    shop.list("till", {"C1": "CUP"}, ["Corner"])
    shop.push("web-shop", "till")
    return shop


def busy(folder: Path, start: datetime) -> Shop:
    """Most of an hour of a merchant with three locations and four channels, with what goes wrong in an
    hour."""
    shop, random = Shop(folder, start), Random(11)
    for code in ("warehouse", "harbour", "market"):
        shop.tell("location.add", code=code)
    for n, (sku, title) in enumerate(GOODS.items()):
        shop.tell("sku.add", sku=sku, title=title)
        for code, least in (("warehouse", 30), ("harbour", 6), ("market", 4)):
            shop.tell("stock.receive", sku=sku, location=code, quantity=str(random.randint(least, least * 3)),
                      reference=f"{n}{code}")  # fmt: skip
    _channels(shop)
    for n in range(36):
        shop.clock.sleep(random.uniform(20, 110))
        _sale(shop, random, n)
        if n % 2:
            shop.push("web-shop", "harbour-till", "outlet", "market-till")
    _mishaps(shop)
    return shop


def _channels(shop: Shop) -> None:
    shop.connect("web-shop", "woocommerce")
    shop.connect("outlet", "woocommerce")
    shop.connect("harbour-till", "square", {"Harbour": "harbour"})
    shop.connect("market-till", "square", {"Market hall": "market"})
    items = {f"{100 + n}": sku for n, sku in enumerate(GOODS)}
    shop.list("web-shop", items)
    shop.list("outlet", dict(list(items.items())[::2]))
    shop.list("harbour-till", dict(list(items.items())[:9]), ["Harbour"])
    shop.list("market-till", dict(list(items.items())[3:8]), ["Market hall"])
    shop.push("web-shop", "outlet", "harbour-till", "market-till")
    shop.tell("connection.flow", connection="market-till", flow="stock_out", level="observe")
    for name in ("web-shop", "outlet", "harbour-till", "market-till"):
        id = shop.channel(name).id
        shop.store.run(lambda tx, id=id: connections.set_watermark(tx, id, "sweep_orders", tx.now))  # type: ignore[misc]


def _sale(shop: Shop, random: Random, n: int) -> None:
    name = random.choice(("web-shop", "web-shop", "web-shop", "outlet", "harbour-till", "market-till"))
    shown = {
        "web-shop": range(12),
        "outlet": range(0, 12, 2),
        "harbour-till": range(9),
        "market-till": range(3, 8),
    }
    chosen = random.sample(list(shown[name]), random.choice((1, 1, 1, 2, 3)))
    skus = list(GOODS)
    lines = {f"{100 + one}": (skus[one], random.choice((1, 1, 1, 2, 4))) for one in chosen}
    total = sum(PRICES[sku] * units for sku, units in lines.values())
    place = {"harbour-till": "Harbour", "market-till": "Market hall"}.get(name, "")
    payment = Payment.PENDING if name == "outlet" and n % 3 == 0 else Payment.PAID
    commercial = Commercial.CANCELLED if n == 20 else Commercial.OPEN
    shop.order(name, f"{2041 + n}", lines, f"{total}.00", place=place, over_the_counter=bool(place),
               payment=payment, commercial=commercial, delay_s=random.uniform(0.2, 1.4))  # fmt: skip


def _mishaps(shop: Shop) -> None:
    """A SKU nobody knows, more sold than there is, a total that does not add up, a slot that is refused."""
    shop.clock.sleep(31)
    shop.order("outlet", "2077", {"990": ("GIFT-BOX-XL", 1), "104": ("TEAPOT-1L", 1)}, "79.00")
    shop.clock.sleep(12)
    shop.order("web-shop", "2078", {"109": ("VASE-REED", 240)}, "8160.00")
    shop.push("web-shop", "outlet", "harbour-till")
    shop.clock.sleep(9)
    shop.order("web-shop", "2079", {"100": ("MUG-INDIGO", 2), "106": ("LINEN-NAPKIN-4", 1)}, "64.00")
    shop.push("web-shop", "harbour-till")
    slots = shop.store.read(lambda tx: rows.slots_of_items(tx, shop.channel("outlet").id, ["110"]))
    shop.store.run(
        lambda tx: rows.set_trouble(tx, {slots[0].id: "woocommerce_rest_product_invalid_id: Invalid ID."})
    )
    shop.clock.sleep(2)
