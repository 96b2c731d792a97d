"""The emulated shop's REST API: what each route of wc/v3 that the hub uses answers."""

from datetime import datetime
from typing import Any

from entrepot.channels.kit.emulate import Request, Router, reply
from entrepot.channels.kit.numbers import exact
from entrepot.channels.woocommerce.emulator_hooks import Hooks
from entrepot.channels.woocommerce.emulator_keys import failure
from entrepot.channels.woocommerce.emulator_lists import (
    Invalid,
    Shape,
    batched,
    body_of,
    invalid_id,
    numbers,
    ordered,
    paged,
    whole,
    window,
)
from entrepot.channels.woocommerce.emulator_rest_hooks import Call, HookRoutes
from entrepot.channels.woocommerce.emulator_rest_orders import OrderRoutes
from entrepot.channels.woocommerce.emulator_shapes import product_shape
from entrepot.channels.woocommerce.emulator_shop import Product, Shop
from entrepot.contract import Response
from entrepot.kernel import ChannelError


class Rest:
    """Answers calls to one shop; `path` begins after /wp-json/wc/v3."""

    def __init__(self, shop: Shop, hooks: Hooks, address: str) -> None:
        self._shop, self._address = shop, address
        self._router: Router[Call] = Router(
            {
                **HookRoutes(hooks).rows,
                **OrderRoutes(shop).rows,
                "GET /products": self._products,
                "POST /products/batch": self._products_batch,
                "GET /products/{id}": self._product,
                "PUT /products/{id}": self._product_update,
                "GET /products/{parent}/variations": self._variations,
                "POST /products/{parent}/variations/batch": self._variations_batch,
                "GET /products/{parent}/variations/{id}": self._variation,
                "PUT /products/{parent}/variations/{id}": self._variation_update,
                "GET /system_status": self._status,
                "GET /settings/{group}/{id}": self._setting,
            }
        )

    def answer(self, request: Request, path: str, now: datetime) -> Response:
        """The route's answer; 404 `rest_no_route`, 400 `rest_invalid_param` or `rest_invalid_json`."""
        found = self._router.find(request.method, path.rstrip("/"))
        if found is None:
            return failure("rest_no_route", "No route was found matching the URL and request method.", 404)
        call, names = found
        try:
            return call(request, names, now)
        except Invalid as error:
            return error.answer()
        except ChannelError:
            return failure("rest_invalid_json", "Invalid JSON body passed.", 400)

    def _products(self, request: Request, _names: dict[str, str], _now: datetime) -> Response:
        query = dict(request.query)
        include, passes = numbers(query, "include"), window(query)
        skus = [sku for sku in query.get("sku", "").split(",") if sku]
        found = [
            product
            for product in self._shop.products.values()
            if (not include or product.id in include)
            and (product.sku in skus if skus else not product.parent)
            and passes(product.created, product.modified)
        ]
        return paged(request, ordered(query, found, _key), self._show)

    def _variations(self, request: Request, names: dict[str, str], _now: datetime) -> Response:
        query, parent = dict(request.query), int(names["parent"]) if names["parent"].isdecimal() else 0
        include = numbers(query, "include")
        found = [row for row in self._shop.variations(parent) if not include or row.id in include]
        return paged(request, ordered(query, found, _key), self._show)

    def _product(self, _request: Request, names: dict[str, str], _now: datetime) -> Response:
        product = self._found(names["id"])
        return reply(200, self._show(product)) if product else invalid_id("product", 404)

    def _variation(self, _request: Request, names: dict[str, str], _now: datetime) -> Response:
        variation = self._found(names["id"])
        if variation is None or str(variation.parent) != names["parent"]:
            return invalid_id("product_variation", 404)
        return reply(200, self._show(variation))

    def _product_update(self, request: Request, names: dict[str, str], now: datetime) -> Response:
        return self._write_product({**body_of(request), "id": names["id"]}, now)

    def _variation_update(self, request: Request, names: dict[str, str], now: datetime) -> Response:
        return self._write_variation({**body_of(request), "id": names["id"]}, now)

    def _products_batch(self, request: Request, _names: dict[str, str], now: datetime) -> Response:
        acts = {
            "create": _unsupported,
            "update": lambda row: self._write_product(row, now),
            "delete": _unsupported,
        }
        return batched(body_of(request), acts)

    def _variations_batch(self, request: Request, _names: dict[str, str], now: datetime) -> Response:
        acts = {
            "create": _unsupported,
            "update": lambda row: self._write_variation(row, now),
            "delete": _unsupported,
        }
        return batched(body_of(request), acts)

    def _write_product(self, row: Shape, now: datetime) -> Response:
        product = self._found(row.get("id"))
        if product is None:
            return invalid_id("product", 400)
        if product.parent:
            sentence = (
                "To manipulate product variations you should use the /products/<id>/variations/<id> endpoint."
            )
            return failure("woocommerce_rest_invalid_product_id", sentence, 404)
        return self._write(product, row, now)

    def _write_variation(self, row: Shape, now: datetime) -> Response:
        product = self._found(row.get("id"))
        return self._write(product, row, now) if product else invalid_id("product_variation", 400)

    def _write(self, product: Product, row: Shape, now: datetime) -> Response:
        """A figure is ignored where stock is not managed, and hidden where the parent's is shown."""
        if isinstance(row.get("manage_stock"), bool):
            product.managed = row["manage_stock"]
        if row.get("backorders") in {"no", "notify", "yes"}:
            product.backorders = row["backorders"]
        quantity = product.stock if row.get("stock_quantity") is None else int(exact(row["stock_quantity"]))
        self._shop.write_stock(product, quantity if product.managed else 0, now)
        return reply(200, self._show(product))

    def _status(self, _request: Request, _names: dict[str, str], _now: datetime) -> Response:
        environment = {"home_url": self._address, "version": "10.7.0", "wp_version": "6.9"}
        return reply(
            200,
            {
                "environment": environment,
                "settings": {"currency": self._shop.currency, "number_of_decimals": 2},
            },
        )

    def _setting(self, _request: Request, names: dict[str, str], _now: datetime) -> Response:
        if (names["group"], names["id"]) != ("products", "woocommerce_manage_stock"):
            return failure("rest_setting_setting_invalid", "Invalid setting.", 404)
        return reply(200, {"id": names["id"], "type": "checkbox", "default": "yes", "value": "yes"})

    def _show(self, product: Product) -> Shape:
        return product_shape(self._shop, product)

    def _found(self, id: Any) -> Product | None:
        return self._shop.products.get(whole(id))


def _key(row: Product, by: str) -> Any:
    return {"id": row.id, "date": row.created, "modified": row.modified}[by]


def _unsupported(_row: Any) -> Response:
    return failure("emulator_lacks_this", "This emulator does not create or delete products.", 501)
