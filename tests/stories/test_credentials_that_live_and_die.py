"""Accounts whose tokens end: renewed while the hub runs, refused and mended, looked after from day to day."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx2
import pytest
from sqlalchemy import select

from entrepot import connections, sync
from entrepot.app import come_back
from entrepot.channels.kit.emulate import Emulator, Good, Request
from entrepot.channels.square.emulator import CLIENT_ID as SQUARE_ID
from entrepot.channels.square.emulator import CLIENT_SECRET as SQUARE_SECRET
from entrepot.channels.square.emulator import Square
from entrepot.connections import Connection
from entrepot.contract import Probed
from entrepot.db import letters, tables
from entrepot.monitor import readiness
from entrepot.sandbox.world import World
from tests.channels.shopify.world import Shopify

DAY, HOUR = 86_400.0, 3_600.0
SECRET = "shpss_emulated_0123456789abcdef"
APP = {"client_id": "0123456789abcdef0123456789abcdef", "client_secret": SECRET}
TOKENS = "/admin/oauth/access_token"

SELDOM = {**sync.EVERY_S, "sweep_orders": HOUR / 2, "read_stock": HOUR / 2, "keep_hooks": HOUR / 2,
          "read_listings": DAY}  # fmt: skip
"""Readings are rare, so that days pass quickly."""

Fault = Callable[[httpx2.Request], str | None]


class Shop:
    """A hub and one account at a platform; what the hub calls is noted, and may be lost on demand."""

    def __init__(
        self, shop: Emulator, platform: str, settings: dict[str, str], *, consent: bool = False
    ) -> None:
        self.calls: list[str] = []
        self.fault: Fault = lambda _request: None
        self.world = World(send=self._send, every_s=SELDOM)
        self.world.tell("location.add", code="main")
        self.world.tell("sku.add", sku="CUP")
        self.world.tell("stock.receive", sku="CUP", location="main", quantity="9", reference="r")
        self.shop = self.world.shops["web"] = shop
        shop.stock_good(Good(sku="CUP", title="Cup", price="10.00", stock={"": 9}), self.world.clock.now())
        self.connected = self.world.tell(
            "connection.add", platform=platform, name="web", settings=settings, hub_url="https://hub.example",
            consent=consent,
        )  # fmt: skip

    def _send(self, inner: httpx2.BaseTransport, request: httpx2.Request) -> httpx2.Response:
        self.calls.append(request.url.path)
        match self.fault(request):
            case "401":
                return httpx2.Response(401, json={"errors": "as told"})
            case "500":
                return httpx2.Response(500, json={"errors": "as told"})
            case "lost":
                inner.handle_request(request)
                raise httpx2.ReadTimeout("as told", request=request)
            case _:
                return inner.handle_request(request)

    @property
    def account(self) -> Connection:
        return self.world.store.read(lambda tx: connections.named(tx, "web"))

    @property
    def renewals(self) -> int:
        return sum(path in {TOKENS, "/oauth2/token"} for path in self.calls)

    def consent(self, url: str) -> list[tuple[str, str]]:
        """What a person brings back from the page of consent."""
        bare, _, query = unquote(url).partition("?")
        asked = Request(
            method="GET",
            path=urlsplit(bare).path,
            query=tuple(parse_qsl(query)),
            headers={},
            body=b"",
            url=url,
        )
        answer = self.shop.handle(asked, self.world.clock.now())
        return parse_qsl(urlsplit(answer.headers["location"]).query)

    def missing(self) -> list[str]:
        """What `entrepot check` names for the account itself, without what every new one lacks."""
        usual = ("stock_out only observes", "not mapped yet", "orders were never read")
        found = [one.what for one in self.world.store.read(readiness)]
        return [one for one in found if not any(word in one for word in usual)]

    def told(self, kind: str) -> list[dict[str, Any]]:
        event = tables.event
        statement = select(event.c.body).where(event.c.kind == kind).order_by(event.c.id)
        return [row.body for row in self.world.store.read(lambda tx: tx.rows(statement))]


def own_app() -> Shop:
    """A shop whose owner made an app: its id and secret are all there is."""
    return Shop(Shopify(), "shopify", {"store": "https://emulated.myshopify.com", **APP})


def consented() -> Shop:
    """A shop whose owner consented to the app of somebody else: tokens of an hour, refresh tokens."""
    shop = Shop(Shopify(), "shopify", {"store": "https://emulated.myshopify.com", **APP}, consent=True)
    assert come_back(shop.world.hub, "web", shop.consent(str(shop.connected["consent_at"]))).status == 200
    shop.world.run(60)
    return shop


def test_an_app_of_the_own_shop_draws_its_first_token_by_itself_and_a_new_one_every_day() -> None:
    shop = own_app()
    shop.world.run(60)
    assert shop.account.state == "ready"
    assert (shop.account.account, shop.missing()) == ("emulated.myshopify.com", [])
    assert shop.renewals == 1

    shop.world.run(DAY)
    assert shop.renewals == 2
    assert (shop.account.state, shop.world.store.read(letters.listed)) == ("ready", [])
    assert shop.told("ConnectionShutOut") == []


def test_nothing_is_called_before_somebody_has_consented() -> None:
    shop = Shop(Shopify(), "shopify", {"store": "https://emulated.myshopify.com", **APP}, consent=True)
    shop.world.run(HOUR)
    assert (shop.calls, shop.account.state) == ([], "waiting")
    assert shop.missing() == ["web: nobody has consented at the platform yet"]


def test_a_token_of_an_hour_is_renewed_before_it_ends_and_no_call_is_ever_refused() -> None:
    shop = consented()
    assert (shop.account.state, shop.renewals) == ("ready", 1)
    refused: list[int] = []

    def watching(request: httpx2.Request) -> None:
        token = request.headers.get("x-shopify-access-token")
        held = shop.account.settings["token"]
        refused.extend([1] if token not in {None, held} else [])

    shop.fault = watching
    shop.world.run(5 * HOUR)
    assert (shop.renewals, refused) == (6, [])
    assert shop.world.store.read(letters.listed) == []


def test_a_token_that_is_refused_is_renewed_once_and_the_call_made_again() -> None:
    shop = consented()
    old = shop.account.settings["token"]
    shop.fault = lambda request: "401" if request.headers.get("x-shopify-access-token") == old else None
    shop.calls.clear()
    shop.world.run(HOUR / 2)
    assert shop.renewals == 1
    assert shop.account.settings["token"] != old
    assert (shop.account.state, shop.told("ConnectionShutOut")) == ("ready", [])


def test_a_second_refusal_asks_for_a_person_and_for_no_further_token() -> None:
    shop = consented()
    shop.fault = lambda request: None if request.url.path == TOKENS else "401"
    shop.calls.clear()
    shop.world.run(HOUR / 2 + 60)
    assert shop.account.state == "reconnect"
    assert shop.account.why.endswith("401, and for a new token too: connect again")
    assert shop.renewals == len(shop.calls) // 3, "every call is made twice and renewed once"


def test_the_answer_to_a_renewal_is_lost_and_the_same_refresh_token_serves_once_more() -> None:
    shop = consented()
    lost = iter(["lost"])
    shop.fault = lambda request: next(lost, None) if request.url.path == TOKENS else None
    shop.world.run(2 * HOUR)
    assert next(lost, "all lost") == "all lost"
    assert (shop.account.state, shop.told("ConnectionShutOut")) == ("ready", [])
    assert shop.world.store.read(letters.listed) == []


def test_a_platform_that_renews_nothing_for_a_while_stops_nothing_as_long_as_the_token_lives() -> None:
    shop = consented()
    shop.world.run(HOUR - 370)
    shop.fault = lambda request: "500" if request.url.path == TOKENS else None
    shop.calls.clear()
    for _minute in range(4):
        shop.world.run(60)
        shop.world.tell("connection.renew", connection="web")  # makes the hub call
    assert shop.renewals > 1
    assert len(shop.calls) > shop.renewals, "it goes on with the old token"
    assert shop.world.store.read(letters.listed) == []
    shop.fault = lambda _request: None
    shop.world.run(HOUR)
    assert (shop.account.state, shop.world.store.read(letters.listed)) == ("ready", [])


def test_a_merchant_removes_the_app_and_installs_it_again() -> None:
    shop = consented()
    assert isinstance(shop.shop, Shopify)
    shop.shop.uninstall(shop.world.clock.now())
    shop.world.run(600)
    assert shop.account.state == "reconnect"
    assert any(one.startswith("web does not let us in") for one in shop.missing())

    asked = shop.world.tell("connection.renew", connection="web", consent=True)
    assert come_back(shop.world.hub, "web", shop.consent(str(asked["consent_at"]))).status == 200
    shop.world.run(60)
    assert (shop.account.state, shop.missing()) == ("ready", [])
    assert [one["connection"] for one in shop.told("ConsentGiven")] == [shop.account.id] * 2


def test_a_hub_that_dies_between_the_grant_and_its_keeping_asks_again_with_the_old_refresh_token() -> None:
    shop = consented()
    before = dict(shop.account.settings)

    class Death(BaseException):
        """The process ends."""

    def die(request: httpx2.Request) -> None:
        if request.url.path == TOKENS:
            shop.shop.handle(_asked(request), shop.world.clock.now())
            raise Death

    shop.fault = die
    with pytest.raises(Death):
        shop.world.run(2 * HOUR)
    assert shop.account.settings["refresh_token"] == before["refresh_token"]

    shop.fault = lambda _request: None
    shop.world.restart()
    shop.world.run(HOUR)
    assert shop.account.state == "ready"
    assert shop.account.settings["refresh_token"] != before["refresh_token"]


def _asked(request: httpx2.Request) -> Request:
    url = str(request.url)
    return Request(
        method=request.method, path=request.url.path, query=(), headers=dict(request.headers.items()),
        body=request.read(), url=url,
    )  # fmt: skip


def test_a_version_that_is_retired_is_noticed_at_the_next_call_and_forgotten_when_it_is_kept_again() -> None:
    shop = own_app()
    shop.world.run(60)
    assert isinstance(shop.shop, Shopify)
    kept = shop.shop._doors.served
    shop.shop.retire("2026-07")
    shop.world.run(HOUR / 2)  # a sweep, and no look at the account
    named = (
        "web: Shopify answers with API version 2026-10 in place of 2026-07, which it no longer keeps: "
        "update this hub before its answers change under it."
    )
    assert shop.missing() == [named]
    (change,) = shop.told("AccountProblemsChanged")
    assert (len(change["appeared"]), change["gone"]) == (1, [])

    shop.world.tell("connection.renew", connection="web")
    shop.world.run(60)
    assert shop.missing() == [named], "the look at the account names it in the same words"
    shop.shop._doors.served = kept
    shop.world.tell("connection.renew", connection="web")
    shop.world.run(60)
    assert shop.missing() == []
    assert shop.account.state == "ready"


def test_a_scope_that_is_missing_is_named_until_it_is_there() -> None:
    scopes = ("read_orders", "read_products", "write_inventory", "read_locations", "read_returns")
    shop = Shop(Shopify(scopes=scopes), "shopify", {"store": "https://emulated.myshopify.com", **APP})
    shop.world.run(60)
    (problem,) = shop.missing()
    assert problem == (
        "web: The app lacks read_merchant_managed_fulfillment_orders: add the access scopes and install it "
        "again."
    )
    whole = Shopify()
    shop.shop = shop.world.shops["web"] = whole
    shop.world.restart()
    shop.world.tell("connection.renew", connection="web")
    shop.world.run(60)
    assert shop.missing() == []


def test_square_by_consent_is_renewed_a_week_after_it_was_granted() -> None:
    settings = {
        "base_url": "https://connect.square.example",
        "client_id": SQUARE_ID,
        "client_secret": SQUARE_SECRET,
    }
    shop = Shop(Square(stores=("Old Town",)), "square", settings, consent=True)
    assert come_back(shop.world.hub, "web", shop.consent(str(shop.connected["consent_at"]))).status == 200
    shop.world.run(60)
    assert (shop.account.state, shop.account.account) == ("ready", "MLEMULATED0001")
    (problem,) = shop.missing()
    assert problem.startswith(
        "web: Webhooks of an account that was connected by consent are subscribed by hand"
    )
    first = shop.account.settings["token"]

    shop.world.clock.sleep(6 * DAY)
    shop.world.run(60)
    assert shop.account.settings["token"] == first
    shop.world.clock.sleep(DAY)
    shop.world.run(60)
    assert shop.account.settings["token"] != first
    assert (shop.renewals, shop.account.state) == (2, "ready")


def test_consent_of_another_account_than_before_is_a_problem_and_keeps_the_first_ones_name() -> None:
    settings = {
        "base_url": "https://connect.square.example",
        "client_id": SQUARE_ID,
        "client_secret": SQUARE_SECRET,
    }
    shop = Shop(Square(stores=("Old Town",)), "square", settings, consent=True)
    come_back(shop.world.hub, "web", shop.consent(str(shop.connected["consent_at"])))
    shop.world.run(60)
    id, other = shop.account.id, Probed(account="MLANOTHER0002", facts={"business": "Other"})
    shop.world.store.run(lambda tx: connections.see_account(tx, id, other))
    assert shop.account.account == "MLEMULATED0001"
    assert any("This is another account than before: MLANOTHER0002" in one for one in shop.missing())
