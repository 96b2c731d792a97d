"""The emulated shop by itself: where it must say no as Shopify does, and what it must keep apart."""

from copy import deepcopy
from typing import Any

import pytest

from entrepot.channels.kit.json import decode
from entrepot.channels.shopify import queries
from tests.channels.shopify.world import Points, World

SHOP = "{ shop { name } }"


def quantities(world: World, item: str, **changed: Any) -> dict[str, Any]:
    row = {
        "inventoryItemId": f"gid://shopify/InventoryItem/{item}",
        "locationId": f"gid://shopify/Location/{world.here}",
        "quantity": 9,
        "changeFromQuantity": 5,
    }
    general = {
        name: changed.pop(name) for name in ("name", "reason", "referenceDocumentUri") if name in changed
    }
    row = {name: value for name, value in (row | changed).items() if value != "left out"}
    return {
        "input": {"name": "available", "reason": "correction", "quantities": [row], **general},
        "key": "k",
    }


def set_codes(world: World, variables: dict[str, Any]) -> list[str]:
    told = world.ask(queries.SET, variables)["data"]["inventorySetQuantities"]
    return [one["code"] for one in told["userErrors"]]


def test_strangers_are_turned_away() -> None:
    world = World()
    status, _, body = world.call("POST", "/admin/api/2026-07/graphql.json", {"query": SHOP}, token="stranger")
    assert (status, decode(body)["errors"][:21]) == (401, "[API] Invalid API key")
    assert world.call("GET", "/admin/api/2026-07/orders.json")[0] == 404


@pytest.mark.parametrize(
    ("asked", "answered"), [("2026-07", "2026-07"), ("2026-01", "2026-01"), ("2024-01", "2026-01")]
)
def test_a_retired_version_is_answered_by_the_oldest_that_is_kept(asked: str, answered: str) -> None:
    status, headers, _ = World().call("POST", f"/admin/api/{asked}/graphql.json", {"query": SHOP})
    assert (status, headers["x-shopify-api-version"]) == (200, answered)
    assert ("x-shopify-api-version-warning" in headers) is (asked != answered)


def test_points_are_spent_told_and_restored() -> None:
    world = World(points=Points(most=1_000, per_s=50))
    world.good("CUP", here=5)
    costs = [world.ask(queries.ITEMS)["extensions"]["cost"] for _ in range(2)]
    assert [one["throttleStatus"]["currentlyAvailable"] for one in costs] == [990, 980]
    assert costs[0] == {
        "requestedQueryCost": 134,
        "actualQueryCost": 10,
        "throttleStatus": {"maximumAvailable": 1000, "currentlyAvailable": 990, "restoreRate": 50},
    }
    world.wait(1)
    assert world.ask(SHOP)["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] == 999


def test_a_question_without_enough_points_is_throttled_and_not_done() -> None:
    world = World(points=Points(most=30, per_s=10))
    cup = world.good("CUP", here=5)
    for _ in range(2):
        world.ask(queries.SET, quantities(world, cup, quantity=5) | {"key": f"k{world.now}"})
        world.ask(queries.SET, quantities(world, cup, quantity=5) | {"key": "other"})
    told = world.ask(queries.SET, quantities(world, cup))
    assert told["errors"] == [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]
    assert told["extensions"]["cost"]["throttleStatus"] == {
        "maximumAvailable": 30,
        "currentlyAvailable": 0,
        "restoreRate": 10,
    }
    assert world.shown(cup) == 5


def test_a_question_that_costs_more_than_a_thousand_is_refused() -> None:
    refunds = "refunds(first: 250) { refundLineItems(first: 250) { nodes { lineItem { id } } } }"
    deep = f"{{ orders(first: 250, sortKey: UPDATED_AT) {{ nodes {{ id {refunds} }} }} }}"
    assert World().ask(deep)["errors"][0]["extensions"]["code"] == "MAX_COST_EXCEEDED"


def test_a_question_that_the_schema_does_not_allow_is_refused() -> None:
    for question in ("{ shop { wisdom } }", "{", "query Q($id: Nonsense) { shop { name } }"):
        assert "data" not in World().ask(question)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"inventoryItemId": "gid://shopify/InventoryItem/999"}, "INVALID_INVENTORY_ITEM"),
        ({"locationId": "gid://shopify/Location/999"}, "INVALID_LOCATION"),
        ({"changeFromQuantity": 4}, "CHANGE_FROM_QUANTITY_STALE"),
        ({"quantity": 1_000_000_001}, "INVALID_QUANTITY_TOO_HIGH"),
        ({"quantity": -1_000_000_001}, "INVALID_QUANTITY_TOO_LOW"),
        ({"name": "on_hand", "quantity": -1}, "INVALID_QUANTITY_NEGATIVE"),
        ({"name": "committed"}, "INVALID_NAME"),
        ({"reason": "because"}, "INVALID_REASON"),
        ({"referenceDocumentUri": "gid://shopify/Order/1"}, "INVALID_REFERENCE_DOCUMENT"),
    ],
)
def test_a_change_that_shopify_would_not_make_is_refused_in_its_words(
    changed: dict[str, Any], code: str
) -> None:
    world = World()
    cup = world.good("CUP", here=5)
    assert set_codes(world, quantities(world, cup, **changed)) == [code]
    assert world.shown(cup) == 5


def test_null_compares_with_nothing_and_leaving_it_out_is_an_error_of_the_whole() -> None:
    world = World()
    cup = world.good("CUP", here=5)
    told = world.ask(queries.SET, quantities(world, cup, changeFromQuantity="left out"))
    assert told["errors"][0]["extensions"]["code"] == "INVALID_FIELD_ARGUMENTS"
    assert set_codes(world, quantities(world, cup, changeFromQuantity=None)) == []
    assert world.shown(cup) == 9


def test_a_change_without_a_key_is_refused_as_a_whole() -> None:
    world = World()
    cup = world.good("CUP", here=5)
    bare = queries.SET.replace(" @idempotent(key: $key)", "").replace(", $key: String!", "")
    told = world.ask(bare, {"input": quantities(world, cup)["input"]})
    assert told["errors"][0]["message"] == (
        "The @idempotent directive is required for this mutation but was not provided."
    )
    assert (told["data"], world.shown(cup)) == ({"inventorySetQuantities": None}, 5)


def test_a_wrong_row_spoils_the_whole_change() -> None:
    world = World()
    cup = world.good("CUP", here=5)
    both = quantities(world, cup)
    both["input"]["quantities"] += quantities(world, "999")["input"]["quantities"]
    told = world.ask(queries.SET, both)["data"]["inventorySetQuantities"]["userErrors"]
    assert [one["field"] for one in told] == [["input", "quantities", "1", "inventoryItemId"]]
    assert world.shown(cup) == 5


def test_a_key_again_gets_the_first_answer_and_with_other_content_an_error() -> None:
    world = World()
    cup = world.good("CUP", here=5)
    first = world.ask(queries.SET, quantities(world, cup))["data"]
    world.wait(10)
    assert world.ask(queries.SET, quantities(world, cup))["data"] == first
    assert set_codes(world, quantities(world, cup, quantity=8)) == ["IDEMPOTENCY_KEY_PARAMETER_MISMATCH"]
    assert world.shown(cup) == 9


def test_a_key_whose_change_failed_is_spent() -> None:
    world = World()
    cup = world.good("CUP", here=5)
    stale = quantities(world, cup, changeFromQuantity=4)
    assert [set_codes(world, stale), set_codes(world, stale)] == [
        ["CHANGE_FROM_QUANTITY_STALE"],
        ["IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED"],
    ]


def test_the_checkout_refuses_what_no_location_has_and_the_till_does_not() -> None:
    world = World()
    cup = world.good("CUP", here=1, there=1)
    assert world.shop.place({"CUP": 3}, world.now) is None
    assert world.shop.place({"NOPE": 1}, world.now) is None
    both = world.buy(cup=2)
    assert [world.shown(cup), world.shown(cup, world.there)] == [0, 0]
    world.buy(at=world.there, cup=1)
    assert world.shown(cup, world.there) == -1
    assert {one.external_id: one.units["CUP"] for one in world.shop.placed()}[both] == 2


def test_what_continues_selling_sells_below_zero() -> None:
    world = World()
    cup = world.good("CUP", policy="CONTINUE")
    world.buy(cup=2)
    assert world.shown(cup) == -2


def test_a_page_is_continued_where_it_ended_whatever_changed_meanwhile() -> None:
    world = World()
    world.good("CUP", here=50)
    ids = []
    for _ in range(4):
        ids.append(world.buy(cup=1))
        world.wait(1)
    asked = """query Q($after: String) { orders(first: 2, after: $after, sortKey: UPDATED_AT) {
        nodes { legacyResourceId } pageInfo { endCursor hasNextPage }
    } }"""
    first = world.ask(asked)["data"]["orders"]
    world.shop.cancel(ids[0], world.now)
    second = world.ask(asked, {"after": first["pageInfo"]["endCursor"]})["data"]["orders"]
    assert [one["legacyResourceId"] for one in (*first["nodes"], *second["nodes"])] == ids
    assert second["pageInfo"]["hasNextPage"] is True


def test_a_list_without_a_size_is_refused() -> None:
    assert World().ask("{ locations { nodes { id } } }")["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert (
        World().ask("{ locations(first: 251) { nodes { id } } }")["errors"][0]["extensions"]["code"]
        == "BAD_REQUEST"
    )


def test_bulk_operations_take_their_time_and_five_run_at_once() -> None:
    world = World(bulk_s=60.0)
    world.good("CUP", here=5)
    started = [
        world.ask(queries.BULK, {"query": queries.ALL_ITEMS})["data"]["bulkOperationRunQuery"]
        for _ in range(6)
    ]
    assert [bool(one["bulkOperation"]) for one in started] == [True] * 5 + [False]
    assert started[5]["userErrors"][0]["code"] == "LIMIT_REACHED"
    assert {one["status"] for one in world.ask(queries.BULKS)["data"]["bulkOperations"]["nodes"]} == {
        "RUNNING"
    }
    world.wait(60)
    done = world.ask(queries.BULKS)["data"]["bulkOperations"]["nodes"][0]
    _, headers, body = world.call("GET", done["url"].removeprefix(world.settings["store"]))
    kinds = [one["id"].split("/")[3] for one in map(decode, body.splitlines())]
    assert (done["status"], headers["content-type"]) == ("COMPLETED", "application/jsonl")
    assert kinds == ["InventoryItem", "ProductVariant", "InventoryLevel", "InventoryLevel"]


def test_a_copied_shop_goes_its_own_way() -> None:
    world = World()
    cup = world.good("CUP", here=5)
    id = world.buy(cup=1)
    twin = deepcopy(world.shop)
    twin.cancel(id, world.now)
    twin.place({"CUP": 2}, world.now)
    assert (twin.shown()[cup, world.here], world.shown(cup)) == (3, 4)
    assert world.order(id).lines[0].cancelled == 0
    world.shop = twin
    assert world.order(id).lines[0].cancelled == 1


@pytest.mark.parametrize(
    ("question", "needed"),
    [
        ("{ orders(first: 1) { nodes { id } } }", "read_orders"),
        ("{ productVariants(first: 1) { nodes { id } } }", "read_products"),
        ("{ inventoryItems(first: 1) { nodes { id } } }", "read_inventory"),
        ("{ locations(first: 1) { nodes { id } } }", "read_locations"),
    ],
)
def test_a_field_without_its_scope_is_denied_inside_a_200(question: str, needed: str) -> None:
    (error,) = World(scopes=("read_reports",)).ask(question)["errors"]
    field = question.split("(", maxsplit=1)[0].removeprefix("{ ")
    assert error["message"] == f"Access denied for {field} field. Required access: `{needed}` access scope."
    assert error["extensions"] == {"code": "ACCESS_DENIED"}
    assert "errors" not in World(scopes=(needed,)).ask(question)


def test_to_write_includes_to_read_and_not_the_other_way() -> None:
    world = World(scopes=("write_inventory",))
    assert "errors" not in world.ask("{ inventoryItems(first: 1) { nodes { id } } }")
    reader = World(scopes=("read_inventory", "read_locations"))
    cup = reader.good("CUP", here=5)
    told = reader.ask(queries.SET, quantities(reader, cup))
    assert told["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"
    assert reader.shown(cup) == 5


def test_orders_older_than_sixty_days_are_told_only_to_apps_that_may_read_all() -> None:
    asked = "{ orders(first: 5) { nodes { name } } }"
    for scopes, names in ((("read_orders",), []), (("read_orders", "read_all_orders"), [{"name": "#1001"}])):
        world = World(scopes=scopes)
        world.good("CUP", here=5)
        world.buy(cup=1)
        world.wait(60 * 86_400)
        assert world.ask(asked)["data"]["orders"]["nodes"] == [{"name": "#1001"}]
        world.wait(1)
        assert world.ask(asked)["data"]["orders"]["nodes"] == names


def test_a_list_of_more_than_250_is_refused_as_a_whole() -> None:
    world = World()
    cup = world.good("CUP", here=5)
    many = quantities(world, cup)
    many["input"]["quantities"] *= 251
    (error,) = world.ask(queries.SET, many)["errors"]
    assert error["message"] == "The input array size of 251 is greater than the maximum allowed of 250."
    assert error["extensions"] == {"code": "MAX_INPUT_SIZE_EXCEEDED"}
    ids = [f"gid://shopify/Order/{n}" for n in range(251)]
    told = world.ask("query Q($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ids})
    assert told["errors"][0]["extensions"]["code"] == "MAX_INPUT_SIZE_EXCEEDED"


def test_a_field_that_is_not_there_is_refused_in_shopifys_words() -> None:
    (error,) = World().ask("{ shop { wisdom } }")["errors"]
    assert error["message"] == "Field 'wisdom' doesn't exist on type 'Shop'"
    assert error["extensions"] == {"code": "undefinedField", "typeName": "Shop", "fieldName": "wisdom"}
