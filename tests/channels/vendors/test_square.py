"""Square's own client (squareup) at the emulated account, over HTTP: changed in nothing but `base_url`."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
import square
from square.core.api_error import ApiError
from square.utils.webhooks_helper import verify_signature

from entrepot.channels.kit.emulate import Bucket, Good
from entrepot.channels.square.emulator import CLIENT_ID, CLIENT_SECRET, TOKEN, Square
from entrepot.channels.square.emulator_wire import stamp
from entrepot.kernel import VirtualClock
from tests.channels.vendors import square_spec
from tests.channels.vendors.served import Door, Witness, serving

HOOKS = "https://hub.example/hooks/square-1"
ONCE: Any = {"max_retries": 0}


class Stage:
    """An account behind an address, its clock, and the vendor's client on it."""

    def __init__(self, **account: Any) -> None:
        self.clock, self.door = VirtualClock(), Door()
        self.account = Square(**account)
        self.witness = Witness(self.account)
        self.address = f"http://127.0.0.1:{self.door.port}"
        self.client = self.client_with(TOKEN)

    def client_with(self, token: str) -> square.Square:
        return square.Square(base_url=self.address, token=token)

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def good(self, sku: str, price: str = "10.00", **stock: int) -> str:
        return self.account.stock_good(Good(sku=sku, title=sku.title(), price=price, stock=stock), self.now)


@pytest.fixture
def stage() -> Iterator[Stage]:
    """Everything that was said is held to the description, where that is at hand."""
    staged = Stage()
    with serving(staged.witness, staged.clock, staged.door):
        yield staged
    if square_spec.here():
        assert [fault for one in staged.witness.seen for fault in square_spec.faults(*one)] == []


def refused(caught: pytest.ExceptionInfo[ApiError]) -> tuple[int | None, Any, Any]:
    (error,) = caught.value.errors
    return caught.value.status_code, error.category, error.code


def test_merchant_locations_and_catalogue_are_read_to_the_last_page(stage: Stage) -> None:
    for n in range(205):
        stage.good(f"SKU-{n:03}")
    merchant = stage.client.merchants.get(merchant_id="me").merchant
    locations = stage.client.locations.list().locations
    assert merchant is not None
    assert (merchant.id, merchant.main_location_id, merchant.currency) == ("MLEMULATED0001", "LOC1", "USD")
    assert [one.id for one in locations or ()] == ["LOC1", "LOC2", "LOC3"]
    assert stage.client.locations.get(location_id="main").location == (locations or [None])[0]

    skus = [
        variation.item_variation_data.sku
        for item in stage.client.catalog.list(types="ITEM")
        for variation in item.item_data.variations
    ]
    assert (len(skus), skus[0], skus[-1]) == (205, "SKU-000", "SKU-204")
    assert stage.witness.paths().count("GET /v2/catalog/list") == 3
    found = stage.client.catalog.search(object_types=["ITEM_VARIATION"], limit=1000)
    assert len(found.objects or ()) == 205


def adjusted(item: str, quantity: str, at: datetime) -> Any:
    adjustment = {
        "catalog_object_id": item,
        "location_id": "LOC1",
        "from_state": "NONE",
        "to_state": "IN_STOCK",
        "quantity": quantity,
        "occurred_at": stamp(at),
    }
    return {"type": "ADJUSTMENT", "adjustment": adjustment}


def test_inventory_is_changed_once_per_key_and_read_back(stage: Stage) -> None:
    cup = stage.good("CUP", LOC1=5, LOC2=1)
    changes = [adjusted(cup, "3", stage.now)]
    write = stage.client.inventory.batch_create_changes
    first, again = (write(idempotency_key="k-1", changes=changes) for _ in range(2))
    assert [(one.location_id, one.quantity) for one in first.counts or ()] == [("LOC1", "8")]
    assert again == first
    counts = stage.client.inventory.batch_get_counts(catalog_object_ids=[cup], states=["IN_STOCK"], limit=1)
    assert sorted((one.location_id, one.quantity) for one in counts) == [("LOC1", "8"), ("LOC2", "1")]
    assert [
        one.quantity for one in stage.client.inventory.get(catalog_object_id=cup, location_ids="LOC2")
    ] == ["1"]
    history = stage.client.inventory.batch_get_changes(catalog_object_ids=[cup], location_ids=["LOC1"])
    assert [one.type for one in history] == ["PHYSICAL_COUNT", "ADJUSTMENT"]

    other = [adjusted(cup, "4", stage.now)]
    with pytest.raises(ApiError) as reused:
        stage.client.inventory.batch_create_changes(idempotency_key="k-1", changes=other)
    assert refused(reused) == (400, "INVALID_REQUEST_ERROR", "IDEMPOTENCY_KEY_REUSED")


def test_an_order_is_made_paid_sent_and_given_back(stage: Stage) -> None:
    cup = stage.good("CUP", "12.50", LOC1=5)
    asked: Any = {
        "location_id": "LOC1",
        "line_items": [{"catalog_object_id": cup, "quantity": "2"}],
        "fulfillments": [{"type": "SHIPMENT", "shipment_details": {"recipient": {"display_name": "Ada"}}}],
    }
    made = stage.client.orders.create(idempotency_key="o-1", order=asked).order
    assert made is not None
    assert (made.state, made.version, made.total_money and made.total_money.amount) == ("OPEN", 1, 2500)

    money: Any = {"amount": 2500, "currency": "USD"}
    less: Any = money | {"amount": 1000}
    with pytest.raises(ApiError) as short:
        stage.client.payments.create(
            source_id="cnon:card-nonce-ok", idempotency_key="p-0", amount_money=less, order_id=made.id
        )
    assert refused(short) == (400, "INVALID_REQUEST_ERROR", "PAYMENT_AMOUNT_MISMATCH")
    paid = stage.client.payments.create(
        source_id="cnon:card-nonce-ok", idempotency_key="p-1", amount_money=money, order_id=made.id
    ).payment
    assert paid is not None
    assert (paid.status, paid.source_type, paid.order_id) == ("COMPLETED", "CARD", made.id)

    held = stage.client.orders.get(order_id=str(made.id)).order
    assert held is not None
    moves: Any = [{"uid": one.uid, "state": "COMPLETED"} for one in held.fulfillments or ()]
    sparse: Any = {"location_id": "LOC1", "version": held.version, "fulfillments": moves}
    sent = stage.client.orders.update(order_id=str(made.id), order=sparse).order
    assert sent is not None
    assert sent.state == "COMPLETED"

    back = stage.client.refunds.refund_payment(
        idempotency_key="r-1", payment_id=paid.id, amount_money={"amount": 500, "currency": "USD"}
    ).refund
    assert back is not None
    assert (back.status, back.amount_money.amount) == ("COMPLETED", 500)
    assert [one.id for one in stage.client.refunds.list()] == [back.id]
    seen = stage.client.payments.get(payment_id=str(paid.id)).payment
    assert seen is not None
    assert seen.refunded_money is not None
    assert seen.refunded_money.amount == 500
    assert stage.account.shown()[cup, "LOC1"] == 3  # an amount gives no goods back


def test_a_stale_version_a_closed_order_and_a_declined_card_are_refused(stage: Stage) -> None:
    cup = stage.good("CUP", LOC1=5)
    asked: Any = {"location_id": "LOC1", "line_items": [{"catalog_object_id": cup, "quantity": "1"}]}
    made = stage.client.orders.create(order=asked).order
    assert made is not None
    named: Any = {"location_id": "LOC1", "version": 1, "reference_id": "A-1"}
    stage.client.orders.update(order_id=str(made.id), order=named)
    with pytest.raises(ApiError) as stale:
        stage.client.orders.update(order_id=str(made.id), order=named)
    assert refused(stale) == (400, "INVALID_REQUEST_ERROR", "VERSION_MISMATCH")
    money: Any = {"amount": 1000, "currency": "USD"}
    with pytest.raises(ApiError) as declined:
        stage.client.payments.create(
            source_id="cnon:card-nonce-declined",
            idempotency_key="p-1",
            amount_money=money,
            order_id=made.id,
            request_options=ONCE,
        )
    assert refused(declined) == (402, "PAYMENT_METHOD_ERROR", "GENERIC_DECLINE")
    void: Any = {"location_id": "LOC1", "version": 2, "state": "CANCELED"}
    assert (
        getattr(stage.client.orders.update(order_id=str(made.id), order=void).order, "state", "")
        == "CANCELED"
    )
    again: Any = {"location_id": "LOC1", "version": 3}
    with pytest.raises(ApiError) as closed:
        stage.client.orders.update(order_id=str(made.id), order=again)
    assert refused(closed)[:2] == (400, "INVALID_REQUEST_ERROR")


def test_orders_are_searched_by_time_to_the_last_page(stage: Stage) -> None:
    stage.good("CUP", LOC1=50)
    sold = []
    for _ in range(7):
        sold.append(stage.account.place({"CUP": 1}, stage.now, location="LOC1"))
        stage.clock.sleep(60)
    query: Any = {
        "filter": {"date_time_filter": {"updated_at": {"start_at": "2026-01-01T00:01:00Z"}}},
        "sort": {"sort_field": "UPDATED_AT", "sort_order": "ASC"},
    }
    found: list[Any] = []
    page = stage.client.orders.search(location_ids=["LOC1"], query=query, limit=4)
    found += [one.id for one in page.orders or ()]
    page = stage.client.orders.search(location_ids=["LOC1"], query=query, limit=4, cursor=page.cursor)
    found += [one.id for one in page.orders or ()]
    assert page.cursor is None
    assert found == sold[1:]
    batch = stage.client.orders.batch_get(order_ids=[str(sold[0]), "NOPE"]).orders or []
    assert [(one.id, one.version, one.state) for one in batch] == [(sold[0], None, "COMPLETED")]
    assert len(list(stage.client.payments.list(limit=2, location_id="LOC1"))) == 7


def test_a_subscription_signs_what_the_vendors_own_verifier_accepts(stage: Stage) -> None:
    asked: Any = {"name": "hub", "event_types": ["payment.created"], "notification_url": HOOKS}
    made = stage.client.webhooks.subscriptions.create(idempotency_key="w-1", subscription=asked).subscription
    assert made is not None
    listed = list(stage.client.webhooks.subscriptions.list())
    assert [(one.id, one.signature_key) for one in listed] == [(made.id, None)]
    stage.good("CUP", LOC1=5)
    stage.account.place({"CUP": 1}, stage.now, location="LOC1")
    stage.clock.sleep(2)
    (posted,) = stage.account.due(stage.now)
    signed = {
        "request_body": posted.body.decode(),
        "signature_header": posted.headers["x-square-hmacsha256-signature"],
        "notification_url": posted.url,
    }
    assert verify_signature(signature_key=str(made.signature_key), **signed)
    rotated = stage.client.webhooks.subscriptions.update_signature_key(subscription_id=str(made.id))
    assert rotated.signature_key not in {None, made.signature_key}
    assert not verify_signature(signature_key=str(rotated.signature_key), **signed)
    stage.client.webhooks.subscriptions.test(subscription_id=str(made.id))
    stage.client.webhooks.subscriptions.delete(subscription_id=str(made.id))
    assert list(stage.client.webhooks.subscriptions.list()) == []
    with pytest.raises(ApiError) as gone:
        stage.client.webhooks.subscriptions.get(subscription_id=str(made.id))
    assert refused(gone)[::2] == (404, "NOT_FOUND")


def test_a_merchant_grants_renews_and_ends_access(stage: Stage) -> None:
    url = f"{stage.address}/oauth2/authorize?client_id={CLIENT_ID}&scope=ORDERS_READ+ITEMS_READ"
    back = httpx2.get(f"{url}&state=s-1&redirect_uri=https://hub.example/back", trust_env=False)
    query = parse_qs(urlsplit(back.headers["location"]).query)
    assert query["state"] == ["s-1"]
    ours = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    code = query["code"][0]
    oauth = stage.client.o_auth
    granted = oauth.obtain_token(grant_type="authorization_code", code=code, **ours)
    assert (granted.merchant_id, granted.expires_at) == ("MLEMULATED0001", "2026-01-31T00:00:00.000Z")
    with pytest.raises(ApiError) as claimed:
        oauth.obtain_token(grant_type="authorization_code", code=code, **ours)
    assert (claimed.value.status_code, claimed.value.errors[0].detail) == (
        401,
        "Authorization code is already claimed.",
    )

    theirs = stage.client_with(str(granted.access_token))
    assert len(theirs.locations.list().locations or ()) == 3
    assert theirs.o_auth.retrieve_token_status().scopes == ["ORDERS_READ", "ITEMS_READ"]
    with pytest.raises(ApiError) as not_theirs:
        list(theirs.webhooks.subscriptions.list())
    assert not_theirs.value.status_code == 403
    stage.clock.sleep(30 * 86_400)
    with pytest.raises(ApiError) as expired:
        theirs.locations.list()
    assert refused(expired) == (401, "AUTHENTICATION_ERROR", "ACCESS_TOKEN_EXPIRED")

    renewed = oauth.obtain_token(grant_type="refresh_token", refresh_token=granted.refresh_token, **ours)
    assert renewed.refresh_token == granted.refresh_token
    theirs = stage.client_with(str(renewed.access_token))
    assert len(theirs.locations.list().locations or ()) == 3
    ending: Any = {"additional_headers": {"Authorization": f"Client {CLIENT_SECRET}"}}
    ended = oauth.revoke_token(client_id=CLIENT_ID, access_token=renewed.access_token, request_options=ending)
    assert ended.success is True
    with pytest.raises(ApiError) as revoked:
        theirs.locations.list()
    assert refused(revoked) == (401, "AUTHENTICATION_ERROR", "ACCESS_TOKEN_REVOKED")


def test_strangers_and_what_is_not_there_are_refused(stage: Stage) -> None:
    with pytest.raises(ApiError) as stranger:
        stage.client_with("stranger").locations.list()
    assert refused(stranger) == (401, "AUTHENTICATION_ERROR", "UNAUTHORIZED")
    with pytest.raises(ApiError) as missing:
        stage.client.orders.get(order_id="NOPE")
    assert refused(missing) == (404, "INVALID_REQUEST_ERROR", "NOT_FOUND")


def test_a_busy_account_says_so() -> None:
    stage = Stage(quota=Bucket(per_s=1, burst=1))
    with serving(stage.witness, stage.clock, stage.door):
        stage.client.locations.list()
        with pytest.raises(ApiError) as busy:
            stage.client.locations.list(request_options=ONCE)
    assert refused(busy) == (429, "RATE_LIMIT_ERROR", "RATE_LIMITED")
