"""The town of the stories: a brand with a website and two stores, each with a till, and the questions people
ask."""

from sqlalchemy import func, select

from entrepot.channels.kit.emulate import Good
from entrepot.channels.square.emulator import Square
from entrepot.channels.woocommerce.emulator import WooCommerce
from entrepot.db import Tx, tables
from entrepot.sandbox.world import World

OLD_TOWN, RIVERSIDE = "old-town", "riverside"
PATIENCE_S = 60.0


class Town:
    """`website` is a WooCommerce shop, `tills` a Square account with a till in each of the two stores."""

    def __init__(self, stock: dict[str, dict[str, int]], **world: object) -> None:
        """`stock`: SKU → location → pieces on the shelf."""
        self.world = World(**world)  # type: ignore[arg-type]
        for code in (OLD_TOWN, RIVERSIDE):
            self.world.tell("location.add", code=code)
        lines = [f"{sku},{place},{n}" for sku, shelves in stock.items() for place, n in shelves.items()]
        csv = "\n".join(["sku,location,quantity", *lines])
        self.world.tell("stock.import", csv=csv, reference="opening", create=True)
        self.website = WooCommerce()
        self.tills = Square(stores=("Old Town", "Riverside"))
        self.store_of = dict(zip((OLD_TOWN, RIVERSIDE), self.tills.locations(), strict=True))
        self.items: dict[str, dict[str, str]] = {"web": {}, "tills": {}}
        for sku in stock:
            nothing = dict.fromkeys(self.tills.locations(), 0)
            now = self.world.clock.now()
            self.items["web"][sku] = self.website.stock_good(_good(sku, {"": 0}), now)
            self.items["tills"][sku] = self.tills.stock_good(_good(sku, nothing), now)
        self.world.connect("web", self.website, platform="woocommerce", locations=[OLD_TOWN, RIVERSIDE])
        self.world.connect("tills", self.tills, platform="square", locations=[OLD_TOWN, RIVERSIDE])
        self.world.run(20)
        for code, external in self.store_of.items():
            self.world.tell("location.map", connection="tills", external=external, location=code)
        self.world.run(400)

    def wait(self, seconds: float = PATIENCE_S) -> None:
        """Time passes."""
        self.world.run(seconds)

    def buy_online(self, sku: str, units: int = 1) -> str | None:
        """A shopper checks out on the website; the order's number there, None if it is sold out."""
        return self.website.place({sku: units}, self.world.clock.now())

    def buy_at(self, store: str, sku: str, units: int = 1) -> str | None:
        """A customer carries goods out of a store."""
        return self.tills.place({sku: units}, self.world.clock.now(), location=self.store_of[store])

    def website_shows(self, sku: str) -> int:
        return self.website.shown()[self.items["web"][sku], ""]

    def till_shows(self, store: str, sku: str) -> int:
        return self.tills.shown()[self.items["tills"][sku], self.store_of[store]]

    def shelf(self, sku: str) -> dict[str, int]:
        """Pieces on each store's shelf, by the ledger."""
        return self._at(sku, "shelf")

    def promised(self, sku: str) -> dict[str, int]:
        """Pieces in each store that belong to an order."""
        return self._at(sku, "promised")

    def claims(self, number: str) -> list[tuple[str, str, int]]:
        """(state, location code or '', pieces) of an order's claims on goods."""
        r, line, order, place = tables.reservation, tables.order_line, tables.orders, tables.location
        statement = (
            select(r.c.state, place.c.code, func.sum(r.c.quantity).label("n"))
            .join(line, line.c.id == r.c.line_id)
            .join(order, order.c.id == line.c.order_id)
            .outerjoin(place, place.c.id == r.c.location_id)
            .where(order.c.external_id == number)
            .group_by(r.c.state, place.c.code)
        )
        rows = self.world.store.read(lambda tx: tx.rows(statement))
        return sorted((row.state, row.code or "", row.n) for row in rows)

    def exceptions(self, number: str) -> list[str]:
        """The kinds of an order's open exceptions."""
        ex, order = tables.exception, tables.orders
        statement = (
            select(ex.c.kind)
            .join(order, order.c.id == ex.c.order_id)
            .where(order.c.external_id == number, ex.c.closed_at.is_(None))
            .order_by(ex.c.kind)
        )
        return [row.kind for row in self.world.store.read(lambda tx: tx.rows(statement))]

    def orders(self) -> int:
        """How many orders the hub holds."""
        return int(
            self.world.store.read(lambda tx: tx.rows(select(func.count()).select_from(tables.orders))[0][0])
        )

    def _at(self, sku: str, kind: str) -> dict[str, int]:
        def ask(tx: Tx) -> dict[str, int]:
            b, p, loc, item = tables.balance, tables.place, tables.location, tables.item
            statement = (
                select(loc.c.code, b.c.quantity)
                .join(p, p.c.id == b.c.place_id)
                .join(loc, loc.c.id == p.c.location_id)
                .join(item, item.c.id == b.c.item_id)
                .where(item.c.code == sku, p.c.kind == kind)
            )
            return {row.code: row.quantity for row in tx.rows(statement) if row.quantity}

        return self.world.store.read(ask)


def _good(sku: str, stock: dict[str, int]) -> Good:
    return Good(sku=sku, title=sku.title(), price="12.50", stock=stock)
