"""The emulated shop behaves as WooCommerce's code does."""

from typing import Any

import pytest

from entrepot.channels.kit.emulate import Request
from entrepot.channels.kit.json import decode, encode
from entrepot.contract import Response
from tests.channels.woocommerce.world import World

BASE = "https://shop.example/wp-json/wc/v3"


def call(
    world: World, path: str, *, method: str = "GET", body: Any = None, key: str | None = None, **query: str
) -> Response:
    keys = (("consumer_key", key or world.settings["key"]), ("consumer_secret", world.settings["secret"]))
    request = Request(
        method=method,
        path=f"/wp-json/wc/v3{path}",
        query=(*query.items(), *keys),
        headers={},
        body=encode(body) if body is not None else b"",
        url=f"{BASE}{path}",
    )
    return world.shop.handle(request, world.now)


def code(answer: Response) -> tuple[int, str]:
    return answer.status, decode(answer.body)["code"]


@pytest.mark.parametrize(
    ("path", "query", "status", "word"),
    [
        ("/orders/4711", {}, 404, "woocommerce_rest_shop_order_invalid_id"),
        ("/products/4711", {}, 404, "woocommerce_rest_product_invalid_id"),
        ("/orders", {"per_page": "101"}, 400, "rest_invalid_param"),
        ("/orders", {"status": "wc-baking"}, 400, "rest_invalid_param"),
        ("/orders", {"modified_after": "yesterday"}, 400, "rest_invalid_param"),
        ("/nowhere", {}, 404, "rest_no_route"),
    ],
)
def test_errors_have_the_shape_of_wordpress(path: str, query: dict[str, str], status: int, word: str) -> None:
    assert code(call(World(), path, **query)) == (status, word)


def test_a_stranger_is_turned_away() -> None:
    assert code(call(World(), "/orders", key="ck_stranger")) == (401, "woocommerce_rest_cannot_view")


def test_a_batch_of_more_than_a_hundred_is_refused_whole() -> None:
    body = {"update": [{"id": n, "stock_quantity": 1} for n in range(101)]}
    answer = call(World(), "/products/batch", method="POST", body=body)
    assert code(answer) == (413, "woocommerce_rest_request_entity_too_large")


def test_lists_count_their_pages_and_link_the_next() -> None:
    world = World()
    for n in range(25):
        world.stock(f"S{n}", 1)
    answer = call(world, "/products", page="2")
    assert len(decode(answer.body)) == 10
    assert (answer.headers["x-wp-total"], answer.headers["x-wp-totalpages"]) == ("25", "3")
    assert "page=1" in answer.headers["link"].split(",")[0]
    assert 'rel="next"' in answer.headers["link"].split(",")[1]
    assert decode(call(world, "/products", page="9").body) == []


def test_products_are_found_by_sku_also_variations() -> None:
    world = World()
    world.stock("CUP", 1)
    world.stock("JUG", 1)
    assert [row["sku"] for row in decode(call(world, "/products", sku="JUG").body)] == ["JUG"]


def test_a_sale_lowers_the_figure_and_cancelling_gives_it_back() -> None:
    world = World()
    cup = world.stock("CUP", 5)
    id = world.buy(cup=2)
    assert world.shop.shown() == {(cup, ""): 3}
    world.shop.cancel(id, world.now)
    assert world.shop.shown() == {(cup, ""): 5}


def test_an_unpaid_order_holds_without_lowering_until_it_is_paid() -> None:
    world = World()
    cup = world.stock("CUP", 2)
    id = world.buy("pending", cup=2)
    assert world.shop.shown() == {(cup, ""): 2}
    assert world.shop.place({"CUP": 1}, world.now) is None
    world.shop.move(id, "processing", world.now)
    assert world.shop.shown() == {(cup, ""): 0}


def test_a_checkout_beyond_the_figure_is_refused_unless_back_orders_are_allowed() -> None:
    world = World()
    cup = world.stock("CUP", 1)
    assert world.shop.place({"CUP": 2}, world.now) is None
    world.shop.shop.by_sku("CUP").backorders = "notify"
    assert world.shop.place({"CUP": 2}, world.now) is not None
    assert world.shop.shown() == {(cup, ""): -1}


def test_an_edited_order_takes_the_difference() -> None:
    world = World()
    cup, jug = world.stock("CUP", 9), world.stock("JUG", 9)
    id = world.buy(cup=2)
    world.shop.edit(id, {"CUP": 5, "JUG": 1}, world.now)
    assert world.shop.shown() == {(cup, ""): 4, (jug, ""): 8}
    world.shop.edit(id, {"CUP": 0}, world.now)
    assert world.shop.shown() == {(cup, ""): 9, (jug, ""): 8}
    assert world.shop.placed()[0].units == {"JUG": 1}


@pytest.mark.parametrize(("restock", "left"), [(True, 4), (False, 3)])
def test_a_refund_gives_goods_back_only_when_asked(restock: bool, left: int) -> None:
    world = World()
    cup = world.stock("CUP", 5)
    world.shop.refund(world.buy(cup=2), {"CUP": 1}, world.now, restock=restock)
    assert world.shop.shown() == {(cup, ""): left}


def test_a_refund_by_the_api_needs_its_amount_to_be_left() -> None:
    world = World()
    world.stock("CUP", 5)
    path = f"/orders/{world.buy(cup=1)}/refunds"
    assert call(world, path, method="POST", body={"amount": "4.00"}).status == 201
    refused = call(world, path, method="POST", body={"amount": "6.01"})
    assert code(refused) == (500, "woocommerce_rest_cannot_create_order_refund")


def test_a_delivery_shows_the_order_as_it_is_when_it_is_sent() -> None:
    world = World()
    world.stock("CUP", 5)
    world.subscribe()
    id = world.buy("pending", cup=1)
    world.shop.move(id, "processing", world.now)
    world.wait(2)
    statuses = {
        decode(posted.body)["status"] for posted in world.shop.due(world.now) if b"line_items" in posted.body
    }
    assert statuses == {"processing"}


@pytest.mark.parametrize(("status", "failures"), [(200, 0), (302, 0), (303, 1), (404, 1), (None, 1)])
def test_success_is_200_to_302(status: int | None, failures: int) -> None:
    world = World()
    world.stock("CUP", 5)
    world.subscribe()
    world.buy("pending", cup=1)
    world.post(status=status)
    created = next(hook for hook in world.shop.hooks.table.values() if hook.topic == "order.created")
    assert created.failures == failures


def test_nothing_is_delivered_twice() -> None:
    world = World()
    world.stock("CUP", 5)
    world.subscribe()
    world.buy(cup=1)
    assert len(world.post(status=500)) == 4
    assert world.post(seconds=3600) == []


def test_the_seventh_failure_in_a_row_switches_a_webhook_off_and_a_success_forgets_them() -> None:
    world = World()
    world.stock("CUP", 50)
    world.subscribe()
    hook = next(one for one in world.shop.hooks.table.values() if one.topic == "order.created")
    for status, state, failures in (
        *((500, "active", n) for n in (1, 2, 3)), (200, "active", 0),
        *((None, "active", n) for n in (1, 2, 3, 4, 5, 6)), (500, "disabled", 6),
    ):  # fmt: skip
        world.buy("pending", cup=1)
        world.post(status=status)
        assert (hook.status, hook.failures) == (state, failures)
    world.buy("pending", cup=1)
    world.wait(2)
    assert not [one for one in world.shop.due(world.now) if one.headers["x-wc-webhook-topic"] == hook.topic]


def test_two_deliveries_of_one_second_share_their_delivery_id() -> None:
    world = World()
    world.stock("CUP", 5)
    world.subscribe()
    world.buy("pending", cup=1)
    world.buy("pending", cup=1)
    world.wait(2)
    created = [
        one for one in world.shop.due(world.now) if one.headers["x-wc-webhook-topic"] == "order.created"
    ]
    assert len(created) == 2
    assert created[0].body != created[1].body
    assert len({one.headers["x-wc-webhook-delivery-id"] for one in created}) == 1


@pytest.mark.parametrize(
    ("word", "status"), [("true", 200), ("True", 200), ("1", 200), ("false", 501), ("", 501)]
)
def test_a_boolean_is_read_in_letters_of_any_size(word: str, status: int) -> None:
    world = World()
    body = {"topic": "order.created", "delivery_url": "https://hub.example"}
    id = decode(call(world, "/webhooks", method="POST", body=body).body)["id"]
    query = {"force": word} if word else {}
    assert call(world, f"/webhooks/{id}", method="DELETE", **query).status == status


def test_a_boolean_that_is_none_is_refused() -> None:
    assert code(call(World(), "/orders", dates_are_gmt="perhaps")) == (400, "rest_invalid_param")


def test_an_order_by_an_application_asks_no_figure_and_lowers_none_until_it_is_paid() -> None:
    world = World()
    cup = world.stock("CUP", 1)
    body = {"line_items": [{"product_id": int(cup), "quantity": 2}], "billing": {"first_name": "Ada"}}
    made = decode(call(world, "/orders", method="POST", body=body).body)
    assert (made["status"], made["billing"]["first_name"], world.shop.shown()) == (
        "pending",
        "Ada",
        {(cup, ""): 1},
    )
    call(world, f"/orders/{made['id']}", method="PUT", body={"status": "processing"})
    assert world.shop.shown() == {(cup, ""): -1}
    paid = call(world, "/orders", method="POST", body=body | {"set_paid": True})
    assert (paid.status, decode(paid.body)["status"], world.shop.shown()) == (
        201,
        "processing",
        {(cup, ""): -3},
    )
    assert code(call(world, "/orders", method="POST", body=body | {"status": "baking"})) == (
        400,
        "rest_invalid_param",
    )


def test_a_refund_names_its_order_only_where_all_refunds_are_listed() -> None:
    world = World()
    world.stock("CUP", 5)
    id = world.buy(cup=2)
    world.shop.refund(id, {"CUP": 1}, world.now, restock=True)
    (everywhere,) = decode(call(world, "/refunds").body)
    (here,) = decode(call(world, f"/orders/{id}/refunds").body)
    assert (everywhere["parent_id"], "parent_id" in here) == (int(id), False)
    line = here["line_items"][0]
    assert (line["quantity"], line["subtotal"], line["total"]) == (-1, "-10.00", "-10.00")
