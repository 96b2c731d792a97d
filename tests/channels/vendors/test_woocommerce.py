"""WooCommerce's own client at the emulated shop, over HTTP and TLS: changed in nothing but its address."""

import hmac
from base64 import b64encode
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from entrepot.channels.kit.emulate import Bucket, Good
from entrepot.channels.woocommerce.emulator import WooCommerce
from entrepot.kernel import SystemClock, VirtualClock
from tests.channels.vendors import woocommerce_samples
from tests.channels.vendors.served import Door, Witness, certificate_for_loopback, serving

woocommerce = pytest.importorskip("woocommerce", reason="the vendor's client drives the emulated shop")


class Stage:
    """A shop behind an address, its clock, and the vendor's client on it."""

    def __init__(self, *, scheme: str = "http", **shop: Any) -> None:
        self.clock, self.door = VirtualClock(SystemClock().now()), Door()
        self.address = f"{scheme}://127.0.0.1:{self.door.port}"
        self.shop = WooCommerce(address=self.address, tls=scheme == "https", **shop)
        self.witness = Witness(self.shop)
        self.client = self.client_with()

    def client_with(self, secret: str = "", **more: Any) -> Any:
        known = self.shop.settings()
        keys = {"consumer_key": known["key"], "consumer_secret": secret or known["secret"]}
        return woocommerce.API(url=self.address, version="wc/v3", timeout=10, **keys, **more)

    def stock(self, sku: str, quantity: int) -> int:
        good = Good(sku=sku, title=sku.title(), price="10.00", stock={"": quantity})
        return int(self.shop.stock_good(good, self.clock.now()))


@pytest.fixture
def stage() -> Iterator[Stage]:
    staged = Stage()
    with serving(staged.witness, staged.clock, staged.door):
        yield staged


def refused(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_products_are_read_to_the_last_page_by_count_and_by_link(stage: Stage) -> None:
    ids = [stage.stock(f"S{n}", n) for n in range(25)]
    asked = {"per_page": 10, "orderby": "id", "order": "asc"}
    pages = [stage.client.get("products", params=asked | {"page": page}) for page in (1, 2, 3)]
    assert [row["id"] for page in pages for row in page.json()] == ids
    assert (pages[0].headers["X-WP-Total"], pages[0].headers["X-WP-TotalPages"]) == ("25", "3")
    assert ["next" in page.links for page in pages] == [True, True, False]
    assert stage.client.get("products", params={"page": 9}).json() == []


def test_figures_are_set_one_by_one_and_in_batches_with_an_answer_per_row(stage: Stage) -> None:
    cup, jug = stage.stock("CUP", 5), stage.stock("JUG", 5)
    told = stage.client.put(f"products/{cup}", {"stock_quantity": 9, "manage_stock": True}).json()
    assert (told["stock_quantity"], told["stock_status"]) == (9, "instock")
    rows = [
        {"id": cup, "stock_quantity": 0},
        {"id": 4711, "stock_quantity": 1},
        {"id": jug, "stock_quantity": 2},
    ]
    batch = stage.client.post("products/batch", {"update": rows})
    one, none, two = batch.json()["update"]
    assert batch.status_code == 200
    assert [(one["stock_quantity"], one["stock_status"]), two["stock_quantity"]] == [(0, "outofstock"), 2]
    assert (none["id"], none["error"]["code"]) == (4711, "woocommerce_rest_product_invalid_id")


def test_variations_are_read_and_written_below_their_product(stage: Stage) -> None:
    small = Good(sku="SHIRT-S", title="Shirt S", price="12.00", stock={"": 3})
    item = stage.shop.stock_variations("Shirt", {"S": small}, stage.clock.now())["S"]
    parent, _, variation = item.partition("/")
    (row,) = stage.client.get(f"products/{parent}/variations").json()
    assert (row["id"], row["sku"], row["parent_id"], row["manage_stock"]) == (
        int(variation),
        "SHIRT-S",
        int(parent),
        True,
    )
    asked = {"update": [{"id": int(variation), "stock_quantity": 8}]}
    assert (
        stage.client.post(f"products/{parent}/variations/batch", asked).json()["update"][0]["stock_quantity"]
        == 8
    )


def test_an_order_is_made_paid_completed_and_refunded(stage: Stage) -> None:
    cup = stage.stock("CUP", 5)
    asked = {
        "payment_method": "bacs",
        "billing": {"first_name": "Ada", "last_name": "Shopper"},
        "line_items": [{"product_id": cup, "quantity": 2}],
    }
    made = stage.client.post("orders", asked)
    order = made.json()
    assert (made.status_code, order["status"], order["total"]) == (201, "pending", "20.00")
    assert stage.client.get(f"products/{cup}").json()["stock_quantity"] == 5
    paid = stage.client.put(f"orders/{order['id']}", {"status": "processing"}).json()
    assert (paid["status"], paid["date_paid_gmt"] is not None) == ("processing", True)
    assert stage.client.get(f"products/{cup}").json()["stock_quantity"] == 3
    stage.client.put(f"orders/{order['id']}", {"status": "completed"})

    line = paid["line_items"][0]["id"]
    back = {"amount": "10.00", "reason": "broken", "line_items": [{"id": line, "quantity": 1}]}
    refund = stage.client.post(f"orders/{order['id']}/refunds", back)
    assert (refund.status_code, refund.json()["line_items"][0]["quantity"]) == (201, -1)
    assert stage.client.get(f"products/{cup}").json()["stock_quantity"] == 4
    seen = stage.client.get(f"orders/{order['id']}").json()
    assert [(one["total"], one["reason"]) for one in seen["refunds"]] == [("-10.00", "broken")]
    too_much = stage.client.post(f"orders/{order['id']}/refunds", {"amount": "10.01"})
    assert refused(too_much) == (500, "woocommerce_rest_cannot_create_order_refund")


def test_an_order_that_is_paid_when_it_is_made_lowers_the_figure_at_once(stage: Stage) -> None:
    cup = stage.stock("CUP", 5)
    asked = {"set_paid": True, "line_items": [{"product_id": cup, "quantity": 1}]}
    assert stage.client.post("orders", asked).json()["status"] == "processing"
    assert stage.client.get(f"products/{cup}").json()["stock_quantity"] == 4


def test_orders_are_polled_by_when_they_were_changed(stage: Stage) -> None:
    stage.stock("CUP", 9)
    old = stage.shop.place({"CUP": 1}, stage.clock.now())
    stage.clock.sleep(300)  # signatures work for 15 minutes
    since = stage.clock.now().strftime("%Y-%m-%dT%H:%M:%S")
    stage.clock.sleep(60)
    new = stage.shop.place({"CUP": 1}, stage.clock.now())
    params = {"modified_after": since, "dates_are_gmt": "true", "orderby": "id", "order": "asc"}
    assert [str(row["id"]) for row in stage.client.get("orders", params=params).json()] == [new]
    every = stage.client.get("orders", params={"status": "any", "order": "asc"}).json()
    assert [str(row["id"]) for row in every] == [old, new]


def test_a_webhook_is_made_pinged_signed_listed_and_deleted(stage: Stage) -> None:
    asked = {
        "name": "hub",
        "topic": "order.created",
        "delivery_url": "https://hub.example/hooks/1",
        "secret": "a-secret-of-the-hub",
    }
    made = stage.client.post("webhooks", asked).json()
    assert (made["status"], made["resource"], "secret" in made) == ("active", "order", False)
    (ping,) = stage.shop.due(stage.clock.now())
    assert (ping.body, "x-wc-webhook-signature" in ping.headers) == (
        f"webhook_id={made['id']}".encode(),
        False,
    )
    stage.stock("CUP", 1)
    stage.shop.place({"CUP": 1}, stage.clock.now())
    stage.clock.sleep(2)
    (posted,) = stage.shop.due(stage.clock.now())
    code = hmac.digest(b"a-secret-of-the-hub", posted.body, "sha256")
    assert posted.headers["x-wc-webhook-signature"] == b64encode(code).decode()
    assert [row["id"] for row in stage.client.get("webhooks").json()] == [made["id"]]
    kept = stage.client.delete(f"webhooks/{made['id']}")
    assert refused(kept) == (501, "woocommerce_rest_trash_not_supported")
    assert stage.client.delete(f"webhooks/{made['id']}", params={"force": True}).status_code == 200
    assert refused(stage.client.get(f"webhooks/{made['id']}")) == (
        404,
        "woocommerce_rest_shop_webhook_invalid_id",
    )


def test_strangers_and_readers_are_refused() -> None:
    stage = Stage(permissions="read")
    with serving(stage.witness, stage.clock, stage.door):
        cup = stage.stock("CUP", 1)
        wrong = stage.client_with("cs_wrong").get("products")
        write = stage.client.put(f"products/{cup}", {"stock_quantity": 2})
        read = stage.client.get("products")
    assert refused(wrong) == (401, "woocommerce_rest_authentication_error")
    assert refused(write) == (401, "woocommerce_rest_authentication_error")
    assert read.status_code == 200


def test_a_request_that_is_replayed_is_refused(stage: Stage) -> None:
    first = stage.client.get("products")
    again = woocommerce.api.request(method="GET", url=first.request.url, timeout=10)
    assert (first.status_code, refused(again)) == (200, (401, "woocommerce_rest_authentication_error"))


@pytest.mark.parametrize("in_query", [False, True])
def test_over_tls_the_keys_themselves_are_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_query: bool
) -> None:
    certificate = certificate_for_loopback(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    stage = Stage(scheme="https")
    with serving(stage.witness, stage.clock, stage.door, certificate=certificate):
        answer = stage.client_with(query_string_auth=in_query).get("products")
    assert (answer.status_code, answer.json()) == (200, [])


def test_the_quota_of_a_host_is_a_page_of_html() -> None:
    stage = Stage(limit=Bucket(per_s=1, burst=1))
    with serving(stage.witness, stage.clock, stage.door):
        stage.client.get("products")
        busy = stage.client.get("products")
    assert (busy.status_code, busy.headers["retry-after"]) == (429, "2")
    assert busy.text.startswith("<html>")


@woocommerce_samples.samples_here
def test_every_field_that_the_shop_shows_is_one_that_woocommerce_shows(stage: Stage) -> None:
    told = every_resource(stage)
    assert {name: woocommerce_samples.strange(name, rows) for name, rows in told.items()} == {
        "order": set(),
        "product": set(),
        "variation": set(),
        "refund": set(),
        "webhook": set(),
    }


@woocommerce_samples.samples_here
def test_what_the_shop_does_not_show_is_known_by_name(stage: Stage) -> None:
    told = every_resource(stage)
    assert {name: woocommerce_samples.missing(name, rows) for name, rows in told.items()} == {
        "order": {"_links"},
        "product": {"_links", "permalink_template", "generated_slug"},  # the last two for editors only
        "variation": {"_links"},
        "refund": {"_links"},
        "webhook": {"_links"},
    }


def every_resource(stage: Stage) -> dict[str, list[Any]]:
    """Each resource as the client reads it, after a sale with tax, a refund, a variation and a webhook."""
    stage.shop.shop.tax_percent, stage.shop.shop.shipping = Decimal(21), Decimal(5)
    stage.stock("CUP", 9)
    small = Good(sku="SHIRT-S", title="Shirt S", price="12.00", stock={"": 3})
    item = stage.shop.stock_variations("Shirt", {"S": small}, stage.clock.now())["S"]
    id = stage.shop.place({"CUP": 2, "SHIRT-S": 1}, stage.clock.now(), buyer="Ada Shopper")
    stage.shop.refund(str(id), {"CUP": 1}, stage.clock.now(), restock=True)
    hook = {"topic": "order.created", "delivery_url": "https://hub.example/hooks/1"}
    stage.client.post("webhooks", hook)
    paths = {
        "order": "orders",
        "product": "products",
        "variation": f"products/{item.partition('/')[0]}/variations",
        "refund": f"orders/{id}/refunds",
        "webhook": "webhooks",
    }
    return {name: stage.client.get(path).json() for name, path in paths.items()}
