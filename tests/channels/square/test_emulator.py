"""The emulated account by itself: where it must say no as Square does."""

from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest

from entrepot.channels.kit.emulate import Bucket
from tests.channels.square.world import OLD_TOWN, World

CREATE = "/v2/inventory/changes/batch-create"


def refused(answer: tuple[int, Any]) -> tuple[int, str, str]:
    status, body = answer
    (error,) = body["errors"]
    return status, error["category"], error["code"]


def counted(key: str, item: str, quantity: str, at: str) -> dict[str, Any]:
    count = {"catalog_object_id": item, "location_id": OLD_TOWN, "state": "IN_STOCK", "quantity": quantity}
    return {
        "idempotency_key": key,
        "changes": [{"type": "PHYSICAL_COUNT", "physical_count": {**count, "occurred_at": at}}],
    }


def moved(item: str, at: str, **changed: Any) -> dict[str, Any]:
    change = {
        "catalog_object_id": item,
        "location_id": OLD_TOWN,
        "from_state": "IN_STOCK",
        "to_state": "SOLD",
        "quantity": "1",
        "occurred_at": at,
        **changed,
    }
    return {"idempotency_key": "m", "changes": [{"type": "ADJUSTMENT", "adjustment": change}]}


def test_strangers_are_turned_away() -> None:
    answer = World().ask("GET", "/v2/locations", token="stranger")
    assert refused(answer) == (401, "AUTHENTICATION_ERROR", "UNAUTHORIZED")


def test_a_quota_is_kept() -> None:
    world = World(quota=Bucket(per_s=1, burst=2))
    answers = [world.ask("GET", "/v2/locations") for _ in range(3)]
    assert [status for status, _ in answers] == [200, 200, 429]
    assert refused(answers[2]) == (429, "RATE_LIMIT_ERROR", "RATE_LIMITED")
    world.wait(1)
    assert world.ask("GET", "/v2/locations")[0] == 200


def test_what_is_not_there_is_missing() -> None:
    for path in ("/v2/nothing", "/v2/orders/NOPE", "/v2/payments/NOPE", "/v2/catalog/object/NOPE"):
        assert refused(World().ask("GET", path)) == (404, "INVALID_REQUEST_ERROR", "NOT_FOUND")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"to_state": "NONE"}, "INVALID_VALUE"),
        ({"from_state": "RETURNED_BY_CUSTOMER", "to_state": "IN_STOCK"}, "INVALID_VALUE"),
        ({"quantity": "-1"}, "INVALID_VALUE"),
        ({"quantity": "0.123456"}, "INVALID_VALUE"),
        ({"quantity": 1}, "EXPECTED_STRING"),
        ({"occurred_at": "2026-01-01T00:00:01Z"}, "INVALID_TIME"),
        ({"occurred_at": "2025-12-30T23:59:59Z"}, "INVALID_TIME"),
        ({"occurred_at": "now"}, "INVALID_TIME"),
        ({"location_id": "LOC99"}, "NOT_FOUND"),
    ],
)
def test_a_change_that_square_would_not_make_is_refused(changed: dict[str, Any], code: str) -> None:
    world = World()
    cup = world.good("CUP", LOC1=5)
    assert refused(world.ask("POST", CREATE, moved(cup, "2026-01-01T00:00:00Z", **changed)))[2] == code
    assert world.shown(cup) == 5


def test_changes_apply_in_the_order_in_which_they_happened() -> None:
    world = World()
    cup = world.good("CUP", LOC1=5)
    world.wait(3600)
    world.sell(cup=2)
    world.ask("POST", CREATE, counted("late", cup, "9", "2026-01-01T00:30:00Z"))
    assert world.shown(cup) == 7
    world.ask("POST", CREATE, counted("latest", cup, "9", "2026-01-01T01:00:00Z"))
    assert world.shown(cup) == 9


def test_a_wrong_change_spoils_the_whole_call() -> None:
    world = World()
    cup = world.good("CUP", LOC1=5)
    body = moved(cup, "2026-01-01T00:00:00Z")
    body["changes"] += moved("NOPE", "2026-01-01T00:00:00Z")["changes"]
    assert world.ask("POST", CREATE, body)[0] == 404
    assert world.shown(cup) == 5


def test_more_than_a_hundred_changes_are_too_many() -> None:
    world = World()
    cup = world.good("CUP", LOC1=5)
    body = moved(cup, "2026-01-01T00:00:00Z")
    body["changes"] *= 101
    assert refused(world.ask("POST", CREATE, body))[2] == "ARRAY_LENGTH_TOO_LONG"


def test_an_order_is_changed_only_at_its_latest_version() -> None:
    world = World()
    world.good("CUP", LOC1=5)
    id = world.square.order_online({"CUP": 1}, world.now, paid=False)
    named = {"version": 1, "location_id": OLD_TOWN, "reference_id": "A-1"}
    assert world.ask("PUT", f"/v2/orders/{id}", {"order": named})[1]["order"]["version"] == 2
    assert refused(world.ask("PUT", f"/v2/orders/{id}", {"order": named}))[2] == "VERSION_MISMATCH"


def test_a_till_sale_cannot_be_changed() -> None:
    world = World()
    world.good("CUP", LOC1=5)
    id = world.sell(cup=1)
    assert refused(world.ask("PUT", f"/v2/orders/{id}", {"order": {"version": 1}}))[2] == "BAD_REQUEST"


def test_a_search_must_sort_by_the_time_it_filters_by() -> None:
    span = {"updated_at": {"start_at": "2026-01-01T00:00:00Z"}}
    query = {"filter": {"date_time_filter": span}, "sort": {"sort_field": "CREATED_AT"}}
    body = {"location_ids": [OLD_TOWN], "query": query}
    assert refused(World().ask("POST", "/v2/orders/search", body))[2] == "BAD_REQUEST"


def test_no_more_than_was_paid_is_given_back() -> None:
    world = World()
    world.good("CUP", "10.00", LOC1=5)
    payment = world.order(world.sell(cup=1)).payments[0].external_id
    money = {"amount": 1001, "currency": "USD"}
    body = {"idempotency_key": "r", "payment_id": payment, "amount_money": money}
    assert refused(world.ask("POST", "/v2/refunds", body))[2] == "REFUND_AMOUNT_INVALID"


def test_a_copied_account_goes_its_own_way() -> None:
    world = World()
    cup = world.good("CUP", LOC1=5)
    twin = deepcopy(world.square)
    twin.place({"CUP": 2}, world.now + timedelta(seconds=1), location=OLD_TOWN)
    assert (twin.shown()[cup, OLD_TOWN], world.shown(cup)) == (3, 5)
    world.square = twin
    slot = {"catalog_object_ids": [cup], "location_ids": [OLD_TOWN]}
    assert world.ask("POST", "/v2/inventory/counts/batch-retrieve", slot)[1]["counts"][0]["quantity"] == "3"


def test_a_key_is_as_long_as_the_call_allows_and_no_longer() -> None:
    world = World()
    cup = world.good("CUP", LOC1=500)
    paid = world.order(world.sell(cup=1)).payments[0].external_id
    hook = {"name": "hub", "event_types": ["order.created"], "notification_url": "https://hub.example"}
    order = {"location_id": OLD_TOWN, "line_items": [{"catalog_object_id": cup, "quantity": "1"}]}
    money = {"amount": 1, "currency": "USD"}
    calls: list[tuple[str, int, dict[str, Any]]] = [
        (CREATE, 128, {"changes": moved(cup, "2026-01-01T00:00:00Z")["changes"]}),
        ("/v2/orders", 192, {"order": order}),
        ("/v2/payments", 45, {"source_id": "cnon:card-nonce-ok", "amount_money": money}),
        ("/v2/refunds", 45, {"payment_id": paid, "amount_money": money}),
        ("/v2/webhooks/subscriptions", 45, {"subscription": hook}),
    ]
    for path, longest, body in calls:
        assert world.ask("POST", path, body | {"idempotency_key": "k" * longest})[0] == 200
        too_long = world.ask("POST", path, body | {"idempotency_key": "k" * (longest + 1)})
        assert refused(too_long)[2] == "VALUE_TOO_LONG"


def test_a_search_names_at_most_ten_locations_and_a_fetch_at_most_a_hundred_orders() -> None:
    world = World(stores=[f"Store {n}" for n in range(11)])
    places = [f"LOC{n}" for n in range(1, 12)]
    assert world.ask("POST", "/v2/orders/search", {"location_ids": places[:10]})[0] == 200
    assert refused(world.ask("POST", "/v2/orders/search", {"location_ids": places}))[0] == 400
    ids = {"order_ids": [f"ORDER{n}" for n in range(101)]}
    assert refused(world.ask("POST", "/v2/orders/batch-retrieve", ids))[2] == "ARRAY_LENGTH_TOO_LONG"


def test_a_payment_of_cash_says_what_was_given() -> None:
    world = World()
    world.good("CUP", "12.50", LOC1=5)
    money = {"amount": 1250, "currency": "USD"}
    order = world.square.order_online({"CUP": 1}, world.now, paid=False)
    body = {"idempotency_key": "p-1", "source_id": "CASH", "amount_money": money, "order_id": order}
    assert refused(world.ask("POST", "/v2/payments", body))[2] == "MISSING_REQUIRED_PARAMETER"
    body |= {"cash_details": {"buyer_supplied_money": money}}
    paid = world.ask("POST", "/v2/payments", body)[1]["payment"]
    assert (paid["source_type"], paid["cash_details"]["buyer_supplied_money"]) == ("CASH", money)
    assert world.ask("POST", "/v2/payments", body)[1]["payment"]["id"] == paid["id"]


def test_a_refused_delivery_is_repeated_for_a_day_and_three_weeks_of_them_switch_it_off() -> None:
    world = World()
    world.good("CUP", LOC1=500)
    hook = {"name": "hub", "event_types": ["payment.created"], "notification_url": "https://hub.example"}
    made = world.ask("POST", "/v2/webhooks/subscriptions", {"subscription": hook})[1]["subscription"]
    path = f"/v2/webhooks/subscriptions/{made['id']}"
    world.sell(cup=1)
    tried = []
    for minute in range(25 * 60):
        for posted in world.square.due(world.now):
            tried.append((minute, posted.headers.get("square-retry-number", "0")))
            world.square.answered(posted.id, 500, world.now)
        world.wait(60)
    assert tried == [
        (1, "0"), (2, "1"), (4, "2"), (8, "3"), (16, "4"), (32, "5"), (64, "6"), (128, "7"), (256, "8"),
        (512, "9"), (1024, "10"),
    ]  # fmt: skip
    assert world.ask("GET", path)[1]["subscription"]["enabled"] is True
    world.wait(21 * 86_400)
    world.sell(cup=1)
    world.wait(60)
    for posted in world.square.due(world.now):
        world.square.answered(posted.id, 500, world.now)
    assert world.ask("GET", path)[1]["subscription"]["enabled"] is False


def test_scopes_of_a_renewed_token_are_at_most_those_that_were_granted() -> None:
    world = World()
    ours = {"client_id": "sq0idp-emulated-application", "client_secret": "sq0csp-emulated-secret"}
    asked = "client_id=sq0idp-emulated-application&scope=ITEMS_READ&redirect_uri=https://b"
    assert world.ask("GET", f"/oauth2/authorize?{asked}")[0] == 302
    code = {"grant_type": "authorization_code", "code": "sq0cgb-000000000000000000000001"}
    granted = world.ask("POST", "/oauth2/token", ours | code)[1]
    renew = {"grant_type": "refresh_token", "refresh_token": granted["refresh_token"]}
    narrow = ours | renew | {"scopes": ["ITEMS_READ", "PAYMENTS_READ"], "short_lived": True}
    token = world.ask("POST", "/oauth2/token", narrow)[1]
    assert (token["short_lived"], token["expires_at"]) == (True, "2026-01-02T00:00:00.000Z")
    status = world.ask("POST", "/oauth2/token/status", token=token["access_token"])[1]
    assert status["scopes"] == ["ITEMS_READ"]
    wrong = ours | {"client_secret": "guessed"} | renew
    assert refused(world.ask("POST", "/oauth2/token", wrong))[:2] == (401, "AUTHENTICATION_ERROR")
