"""Shopify's own client (ShopifyAPI) at the emulated shop, over TLS: changed in nothing but its address.

The client builds `https://{shop}.{myshopify_domain}:{port}` from settings of its own: here 127.0.0.1 and the
port where the shop is served, with a throw-away certificate that it is told to trust as any other.
"""

import json
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlsplit
from urllib.request import urlopen

import httpx2
import pytest

from entrepot.channels.kit.emulate import Good
from entrepot.kernel import SystemClock, VirtualClock
from tests.channels.shopify.world import SCHEMAS, Points, Shopify
from tests.channels.vendors.served import Door, Witness, certificate_for_loopback, serving
from tests.channels.vendors.shopify_schema import wrong_questions

shopify = pytest.importorskip("shopify", reason="ShopifyAPI drives the emulated shop")

CLIENT_ID = "0123456789abcdef0123456789abcdef"
CLIENT_SECRET = "shpss_emulated_0123456789abcdef"
VERSION = "2026-07"
ITEMS = """query Items($after: String) { productVariants(first: 100, after: $after) {
  nodes { sku inventoryItem { id inventoryLevels(first: 5) { nodes {
    id location { id name } quantities(names: ["available", "committed", "on_hand"]) { name quantity } } } } }
  pageInfo { hasNextPage endCursor } } }"""
ORDERS = """query Orders($after: String, $query: String) {
  orders(first: 2, after: $after, query: $query, sortKey: UPDATED_AT) {
    nodes { name displayFinancialStatus totalPriceSet { shopMoney { amount currencyCode } } }
    pageInfo { hasNextPage endCursor } } }"""
SET = """mutation Set($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { reason changes { name delta } } userErrors { field message code } } }"""


class Stage:
    """A shop behind an address, its clock, and the vendor's client on it."""

    def __init__(self, **shop: Any) -> None:
        self.clock, self.door = VirtualClock(SystemClock().now()), Door()
        self.shop = Shopify(**shop)
        self.witness = Witness(self.shop)
        self.address = f"https://127.0.0.1:{self.door.port}"
        self.here, self.there = self.shop.locations()

    def activate(self, token: str = "", version: str = VERSION) -> None:
        """From now on the client calls this shop, with the merchant's token or another."""
        session = shopify.Session("127.0.0.1", version, token or self.shop.settings()["token"])
        shopify.ShopifyResource.activate_session(session)

    def ask(self, question: str, **variables: Any) -> Any:
        """The whole answer to one question, by the vendor's client."""
        return json.loads(shopify.GraphQL().execute(question, variables))

    def good(self, sku: str, *, here: int = 0) -> str:
        good = Good(sku=sku, title=sku.title(), price="10.00", stock={self.here: here})
        return f"gid://shopify/InventoryItem/{self.shop.stock_good(good, self.clock.now())}"


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A certificate for 127.0.0.1 that this process trusts while the test lasts."""
    path = certificate_for_loopback(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return path


def served(stage: Stage, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    settings = {"myshopify_domain": "0.0.1", "port": stage.door.port}
    for name, value in {**settings, "api_key": CLIENT_ID, "secret": CLIENT_SECRET}.items():
        monkeypatch.setattr(shopify.Session, name, value)
    stage.activate()
    return serving(stage.witness, stage.clock, stage.door, certificate=certificate)


@pytest.fixture
def stage(trusted: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """Every question that was answered is one that the vendor's schema allows, where that is at hand."""
    staged = Stage()
    with served(staged, trusted, monkeypatch):
        yield staged
    shopify.ShopifyResource.clear_session()
    if SCHEMAS.is_dir():
        assert wrong_questions(staged.witness.seen) == []


def test_shop_locations_and_variants_are_read_to_the_last_page(stage: Stage) -> None:
    for n in range(150):
        stage.good(f"SKU-{n:03}", here=n)
    told = stage.ask(
        "{ shop { myshopifyDomain currencyCode } locations(first: 5) { nodes { id name isActive } } }"
    )
    assert told["data"]["shop"] == {"myshopifyDomain": "emulated.myshopify.com", "currencyCode": "USD"}
    assert [one["name"] for one in told["data"]["locations"]["nodes"]] == ["Warehouse", "High Street"]
    first = stage.ask(ITEMS)["data"]["productVariants"]
    second = stage.ask(ITEMS, after=first["pageInfo"]["endCursor"])["data"]["productVariants"]
    nodes = [*first["nodes"], *second["nodes"]]
    assert (len(nodes), nodes[-1]["sku"], second["pageInfo"]["hasNextPage"]) == (150, "SKU-149", False)
    levels = nodes[7]["inventoryItem"]["inventoryLevels"]["nodes"]
    assert levels[0]["quantities"] == [
        {"name": "available", "quantity": 7},
        {"name": "committed", "quantity": 0},
        {"name": "on_hand", "quantity": 7},
    ]


def setting(stage: Stage, item: str, quantity: int, expected: int) -> dict[str, Any]:
    row = {
        "inventoryItemId": item,
        "locationId": f"gid://shopify/Location/{stage.here}",
        "quantity": quantity,
        "changeFromQuantity": expected,
    }
    return {"name": "available", "reason": "correction", "quantities": [row]}


def test_a_figure_is_set_against_the_one_that_was_read_and_once_per_key(stage: Stage) -> None:
    cup = stage.good("CUP", here=5)
    for _ in range(2):
        told = stage.ask(SET, input=setting(stage, cup, 9, 5), key="k-1")
        assert told["data"]["inventorySetQuantities"] == {
            "inventoryAdjustmentGroup": {
                "reason": "correction",
                "changes": [{"name": "available", "delta": 4}, {"name": "on_hand", "delta": 4}],
            },
            "userErrors": [],
        }
    stale = stage.ask(SET, input=setting(stage, cup, 7, 5), key="k-2")["data"]["inventorySetQuantities"]
    assert [(one["code"], one["field"]) for one in stale["userErrors"]] == [
        ("CHANGE_FROM_QUANTITY_STALE", ["input", "quantities", "0", "changeFromQuantity"])
    ]
    other = stage.ask(SET, input=setting(stage, cup, 7, 9), key="k-1")["data"]["inventorySetQuantities"]
    assert [one["code"] for one in other["userErrors"]] == ["IDEMPOTENCY_KEY_PARAMETER_MISMATCH"]


def test_orders_are_searched_by_time_to_the_last_page(stage: Stage) -> None:
    stage.good("CUP", here=9)
    began = stage.clock.now()
    for _ in range(5):
        stage.clock.sleep(60)
        stage.shop.place({"CUP": 1}, stage.clock.now())
    since = f"updated_at:>='{began.strftime('%Y-%m-%dT%H:%M:%SZ')}'"
    pages = [stage.ask(ORDERS, query=since)["data"]["orders"]]
    for _ in range(2):
        after = pages[-1]["pageInfo"]["endCursor"]
        pages.append(stage.ask(ORDERS, query=since, after=after)["data"]["orders"])
    assert [one["pageInfo"]["hasNextPage"] for one in pages] == [True, True, False]
    found = [one for page in pages for one in page["nodes"]]
    assert [one["name"] for one in found] == ["#1001", "#1002", "#1003", "#1004", "#1005"]
    assert found[0] == {
        "name": "#1001",
        "displayFinancialStatus": "PAID",
        "totalPriceSet": {"shopMoney": {"amount": "10.0", "currencyCode": "USD"}},
    }


def test_a_subscription_is_made_once_listed_and_deleted(stage: Stage) -> None:
    create = """mutation Create($uri: String!) { webhookSubscriptionCreate(topic: ORDERS_CREATE,
        webhookSubscription: {uri: $uri, format: JSON}) {
        webhookSubscription { id topic uri } userErrors { field message } } }"""
    delete = """mutation Delete($id: ID!) { webhookSubscriptionDelete(id: $id) {
        deletedWebhookSubscriptionId userErrors { field message } } }"""
    made = stage.ask(create, uri="https://hub.example/hooks")["data"]["webhookSubscriptionCreate"]
    assert made["userErrors"] == []
    assert made["webhookSubscription"]["topic"] == "ORDERS_CREATE"
    again = stage.ask(create, uri="https://hub.example/hooks")["data"]["webhookSubscriptionCreate"]
    assert again["userErrors"][0]["message"] == "Address for this topic has already been taken"
    listed = stage.ask("{ webhookSubscriptions(first: 5) { nodes { id uri topic } } }")
    assert listed["data"]["webhookSubscriptions"]["nodes"] == [made["webhookSubscription"]]
    id = made["webhookSubscription"]["id"]
    assert stage.ask(delete, id=id)["data"]["webhookSubscriptionDelete"] == {
        "deletedWebhookSubscriptionId": id,
        "userErrors": [],
    }


def test_a_merchant_comes_back_with_a_code_that_the_client_checks_and_exchanges(stage: Stage) -> None:
    session = shopify.Session("127.0.0.1", VERSION)
    url = session.create_permission_url(["read_orders", "write_inventory"], "https://hub.example/back", "s&1")
    back = httpx2.get(url, verify=ssl.create_default_context(), trust_env=False)
    query = dict(parse_qsl(urlsplit(back.headers["location"]).query))
    assert query["state"] == "s&1"
    with pytest.raises(shopify.ValidationException):
        session.request_token(query | {"shop": "other.myshopify.com"})
    token = session.request_token(query)
    stage.activate(token)
    assert stage.ask("{ shop { name } }")["data"]["shop"]["name"] == "Emulated Shop"
    with pytest.raises(HTTPError) as used:
        shopify.Session("127.0.0.1", VERSION).request_token(query)
    assert used.value.code == 400


def test_a_stranger_is_turned_away(stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    stage.activate("shpat_stranger")
    with pytest.raises(HTTPError) as stranger:
        stage.ask("{ shop { name } }")
    assert stranger.value.code == 401
    assert "Invalid API key or access token" in capsys.readouterr().out


def test_a_retired_version_is_answered_by_the_oldest_that_is_kept(stage: Stage) -> None:
    stage.activate(version="2024-10")
    assert stage.ask("{ shop { name } }")["data"]["shop"]["name"] == "Emulated Shop"
    assert stage.witness.seen[-1].response.headers["x-shopify-api-version"] == "2026-01"


def test_a_question_that_the_schema_does_not_know_is_refused_with_its_place(stage: Stage) -> None:
    told = stage.ask("{ shop { wisdom } }")
    assert told["errors"][0]["message"].startswith("Field 'wisdom' doesn't exist on type 'Shop'")
    assert told["errors"][0]["extensions"] == {
        "code": "undefinedField",
        "typeName": "Shop",
        "fieldName": "wisdom",
    }


def test_a_question_without_points_is_throttled_inside_a_200(
    trusted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(points=Points(most=4, per_s=1))
    with served(stage, trusted, monkeypatch):
        told = stage.ask("{ locations(first: 5) { nodes { id } } }")
        asked = "{ locations(first: 1) { nodes { id } } }"
        for _ in range(4):
            told = stage.ask(asked)
    shopify.ShopifyResource.clear_session()
    assert told["errors"] == [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]
    assert told["extensions"]["cost"]["throttleStatus"]["restoreRate"] == 1


def test_a_bulk_operation_ends_in_a_file_of_lines(stage: Stage) -> None:
    cup = stage.good("CUP", here=5)
    asked = "{ inventoryItems { edges { node { id sku } } } }"
    run = """mutation Run($query: String!) { bulkOperationRunQuery(query: $query) {
        bulkOperation { id status } userErrors { field message } } }"""
    started = stage.ask(run, query=asked)["data"]["bulkOperationRunQuery"]
    assert started["userErrors"] == []
    assert started["bulkOperation"]["status"] == "RUNNING"
    stage.clock.sleep(60)
    look = "query Look($id: ID!) { bulkOperation(id: $id) { status objectCount url } }"
    done = stage.ask(look, id=started["bulkOperation"]["id"])["data"]["bulkOperation"]
    with urlopen(done["url"]) as file:
        rows = [json.loads(line) for line in file]
    assert (done["status"], done["objectCount"]) == ("COMPLETED", "1")
    assert rows == [{"id": cup, "sku": "CUP"}]
