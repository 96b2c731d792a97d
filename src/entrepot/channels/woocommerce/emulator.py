"""A WooCommerce shop for tests and the sandbox: wc/v3, its webhooks, what shoppers and merchants do in it."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from entrepot.channels.kit.emulate import Bucket, Good, Placed, Posted, Request, reply
from entrepot.channels.woocommerce.emulator_hooks import Hooks
from entrepot.channels.woocommerce.emulator_keys import Keys, turned_away
from entrepot.channels.woocommerce.emulator_rest import Rest
from entrepot.channels.woocommerce.emulator_shapes import order_shape, product_shape
from entrepot.channels.woocommerce.emulator_shop import Order, Product, Shop
from entrepot.contract import Response

ROOT = "/wp-json/wc/v3"
GONE = frozenset({"cancelled", "failed", "trash"})


class WooCommerce:
    """One shop. The core has no quota; `limit` is that of a host, which answers 429 with a page of HTML.

    `tls` says whether the shop believes that it is reached over TLS (usually a proxy in front ends it): only
    then it accepts keys as they are, otherwise OAuth 1 signatures. Prices are entered with tax.
    """

    def __init__(
        self,
        *,
        address: str = "https://shop.example",
        currency: str = "EUR",
        tax_percent: str = "0",
        shipping: str = "0",
        permissions: str = "read_write",
        tls: bool = True,
        limit: Bucket | None = None,
    ) -> None:
        self._address, self._limit = address, limit
        self._keys = Keys(key="ck_" + 20 * "a1", secret="cs_" + 20 * "b2", permissions=permissions, tls=tls)
        self._nonces: dict[str, int] = {}
        self.hooks = Hooks(address, self._payload)
        self.shop = Shop(
            currency=currency,
            tax_percent=Decimal(tax_percent),
            shipping=Decimal(shipping),
            announce=self.hooks.announce,
        )
        self._rest = Rest(self.shop, self.hooks, address)

    def handle(self, request: Request, now: datetime) -> Response:
        """The host's quota, then the index (open to all), then the key, then the route."""
        if self._limit:
            self._limit, wait_s = self._limit.take(now)
            if wait_s:
                html = {"content-type": "text/html", "retry-after": str(int(wait_s) + 1)}
                return Response(
                    status=429, body=b"<html><title>Too Many Requests</title></html>", headers=html
                )
        path = request.path.partition(ROOT)[2]
        if path in {"", "/"} and request.path.rstrip("/").endswith(ROOT):
            return reply(200, {"namespace": "wc/v3", "routes": {}})
        away = turned_away(request, self._keys, self._nonces, now)
        return away or self._rest.answer(request, path, now)

    def due(self, now: datetime) -> list[Posted]:
        return self.hooks.due(now)

    def answered(self, id: str, status: int | None, now: datetime) -> None:
        self.hooks.answered(id, status)

    def settings(self) -> dict[str, str]:
        return {
            "store": self._address,
            "key": self._keys.key,
            "secret": self._keys.secret,
            "credentials_in": "header" if self._keys.tls else "oauth1",
        }

    def stock_good(self, good: Good, now: datetime) -> str:
        return str(self.shop.add_product(good, now).id)

    def stock_variations(
        self, title: str, goods: Mapping[str, Good], now: datetime, *, shared: int | None = None
    ) -> dict[str, str]:
        """A variable product, a variation per option: option -> item. `shared`: one figure, the parent's."""
        root = Good(sku="", title=title, price="", stock={"": shared or 0})
        parent = self.shop.add_product(root, now)
        parent.type, parent.managed = "variable", shared is not None
        items = {}
        for option, good in goods.items():
            variation = self.shop.add_product(good, now, parent=parent)
            variation.option, variation.managed = option, "parent" if shared is not None else True
            items[option] = f"{parent.id}/{variation.id}"
        return items

    def place(
        self,
        basket: Mapping[str, int],
        now: datetime,
        *,
        location: str = "",
        buyer: str = "",
        status: str = "processing",
    ) -> str | None:
        """A checkout; 'processing' is paid at once, 'pending' waits for `move`."""
        order = self.shop.place(basket, now, status=status, buyer=buyer)
        return str(order.id) if order else None

    def move(self, external_id: str, status: str, now: datetime) -> None:
        """The merchant, the gateway or a plugin changes the status: 'completed' ships it."""
        self.shop.move(self._order(external_id), status, now)

    def cancel(self, external_id: str, now: datetime) -> None:
        self.shop.move(self._order(external_id), "cancelled", now)

    def edit(self, external_id: str, units: Mapping[str, int], now: datetime) -> None:
        self.shop.edit(self._order(external_id), units, now)

    def refund(self, external_id: str, units: Mapping[str, int], now: datetime, *, restock: bool) -> None:
        """Units by SKU, at what they cost with tax."""
        order = self._order(external_id)
        lines = [line for line in order.lines if units.get(line.product.sku)]
        parts = [(line.total + line.tax) * units[line.product.sku] / line.quantity for line in lines]
        amount = min(
            self.shop.round(sum(parts, Decimal(0))), self.shop.total(order) - self.shop.refunded(order)
        )
        counted = {line.id: units[line.product.sku] for line in lines}
        self.shop.refund(order, counted, now, amount=amount, restock=restock, reason="")

    def erase(self, external_id: str, now: datetime) -> None:
        self.shop.trash(self._order(external_id), now)

    def restore(self, external_id: str, now: datetime) -> None:
        """Takes an order out of the trash again."""
        self.shop.untrash(self._order(external_id), now)

    def set_stock(self, sku: str, quantity: int, now: datetime, *, location: str = "") -> None:
        self.shop.write_stock(self.shop.holder(self.shop.by_sku(sku)), quantity, now)

    def shown(self) -> dict[tuple[str, str], int]:
        """By slot: variations that share their parent's figure show it once, under the parent."""
        sold = [row for row in self.shop.products.values() if row.managed and row.type != "variable"]
        return {(self._slot(row), ""): self.shop.holder(row).stock for row in sold}

    def placed(self) -> list[Placed]:
        return [
            Placed(external_id=str(order.id), at=order.created, location="", units=self._wanted(order))
            for order in self.shop.orders.values()
        ]

    def _slot(self, product: Product) -> str:
        if product.managed == "parent" or not product.parent:
            return str(self.shop.holder(product).id)
        return f"{product.parent}/{product.id}"

    def _wanted(self, order: Order) -> dict[str, int]:
        """Units by SKU less what was refunded."""
        void = order.status in GONE or (order.status == "refunded" and not order.completed)
        units: dict[str, int] = {}
        for line in order.lines:
            left = 0 if void else line.quantity - self.shop.refunded_units(order, line)
            units[line.product.sku] = units.get(line.product.sku, 0) + left
        return units

    def _order(self, external_id: str) -> Order:
        return self.shop.orders[int(external_id)]

    def _payload(self, resource: str, id: int) -> Any:
        if resource == "order":
            return order_shape(self.shop, self.shop.orders[id])
        return product_shape(self.shop, self.shop.products[id])
