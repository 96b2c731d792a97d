"""The way back from a page of consent, over HTTP: the whole flow at emulated platforms, and forgeries."""

import hmac
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from entrepot import connections, web
from entrepot.access import at_command_line
from entrepot.app import Hub, circumstances, open_for_hub, perform
from entrepot.channels.kit.emulate import Emulator, EmulatorTransport, Request
from entrepot.channels.square.emulator import CLIENT_ID as SQUARE_ID
from entrepot.channels.square.emulator import CLIENT_SECRET as SQUARE_SECRET
from entrepot.channels.square.emulator import Square
from entrepot.connections import Connection
from entrepot.db import jobs
from entrepot.kernel import Keyring, VirtualClock
from tests.channels.shopify.world import Shopify
from tests.web.shop import START

SECRET = "shpss_emulated_0123456789abcdef"
SHOPIFY = {
    "store": "https://emulated.myshopify.com",
    "client_id": "0123456789abcdef0123456789abcdef",
    "client_secret": SECRET,
}
SQUARE = {
    "base_url": "https://connect.square.example",
    "client_id": SQUARE_ID,
    "client_secret": SQUARE_SECRET,
}


class Counter:
    """A hub with one account that waits for consent, its platform, and a person with a browser."""

    def __init__(self, folder: Path, platform: str = "shopify") -> None:
        self.clock = VirtualClock(START)
        keys = Keyring({"k0000001": b"\x01" * 32}, "k0000001")
        store = open_for_hub(str(folder / "hub.db"), circumstances(keys, clock=self.clock, random=Random(7)))
        self.shop: Emulator = Square() if platform == "square" else Shopify()
        self.hub = Hub(store, transport=lambda _account: EmulatorTransport(self.shop, self.clock))
        self.tell("location.add", code="main")
        settings = SQUARE if platform == "square" else SHOPIFY
        self.asked = self.tell(
            "connection.add", platform=platform, name="web", settings=settings, consent=True,
            hub_url="https://hub.example",
        )  # fmt: skip
        self.client = TestClient(web.make_app(self.hub, token="t"))

    def tell(self, command: str, **given: object) -> dict[str, Any]:
        return perform(self.hub, command, given, who=at_command_line("person"), source="test")

    @property
    def account(self) -> Connection:
        return self.hub.store.read(lambda tx: connections.named(tx, "web"))

    def consent(self) -> dict[str, str]:
        """What the platform sends a person back with who consents."""
        url = unquote(self.asked["consent_at"])
        bare, _, query = url.partition("?")
        request = Request(
            method="GET", path=urlsplit(bare).path, query=tuple(parse_qsl(query)), headers={}, body=b"",
            url=url,
        )  # fmt: skip
        return dict(
            parse_qsl(urlsplit(self.shop.handle(request, self.clock.now()).headers["location"]).query)
        )

    def open(self, query: dict[str, str], name: str = "web") -> tuple[int, str]:
        """(status, page) that the person sees."""
        answer = self.client.get(f"/connect/{name}?{urlencode(query)}")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        return answer.status_code, answer.text


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    made = Counter(tmp_path)
    yield made
    made.hub.close()


def signed(query: dict[str, str], secret: str = SECRET) -> dict[str, str]:
    """The query as Shopify would sign it."""
    bare = {name: value for name, value in query.items() if name != "hmac"}
    message = "&".join(f"{name}={value}" for name, value in sorted(bare.items()))
    return bare | {"hmac": hmac.new(secret.encode(), message.encode(), sha256).hexdigest()}


def looks(counter: Counter) -> int:
    """Looks at the account that are queued."""
    queue = jobs.call_queue(counter.account.id)
    return counter.hub.store.read(
        lambda tx: len([one for one in jobs.take(tx, queue, 9) if one.kind == "probe"])
    )


@pytest.mark.parametrize("platform", ["shopify", "square"])
def test_a_person_consents_and_the_account_is_connected_and_looked_at(tmp_path: Path, platform: str) -> None:
    counter = Counter(tmp_path, platform)
    assert counter.asked["comes_back_to"] == "https://hub.example/connect/web"
    back = counter.consent()
    status, page = counter.open(back)
    assert (status, "is connected" in page) == (200, True)
    assert counter.account.state == "ready"
    assert counter.account.settings["refresh_token"] != ""
    assert looks(counter) == 1
    counter.hub.timetable()
    while counter.hub.caller(counter.account.id).step():
        pass
    assert counter.account.account in {"emulated.myshopify.com", "MLEMULATED0001"}
    for secret in ("token", "refresh_token", "client_secret"):
        assert counter.account.settings[secret] not in page
    assert back["code"] not in page
    counter.hub.close()


def test_the_same_way_back_twice_connects_once(counter: Counter) -> None:
    back = counter.consent()
    assert counter.open(back)[0] == 200
    held = counter.account
    status, page = counter.open(back)
    assert (status, "used already" in page) == (400, True)
    assert counter.account == held


@pytest.mark.parametrize("state", ["0" * 64, "", "x"])
def test_a_state_that_is_not_ours_is_refused_though_the_platform_signed_it(
    counter: Counter, state: str
) -> None:
    forged = signed(counter.consent() | {"state": state})
    status, page = counter.open(forged)
    assert (status, "not one of this hub" in page) == (400, True)
    assert counter.account.state == "waiting"


@pytest.mark.parametrize(
    "changed", [{"hmac": "0" * 64}, {"hmac": ""}, {"code": "forged"}, {"shop": "evil.myshopify.com"}]
)
def test_what_shopify_did_not_sign_is_refused_and_the_true_way_back_still_works(
    counter: Counter, changed: dict[str, str]
) -> None:
    back = counter.consent()
    status, page = counter.open(back | changed)
    assert (status, "signature is missing or wrong" in page) == (400, True)
    assert counter.account.state == "waiting"
    assert counter.open(back)[0] == 200


@pytest.mark.parametrize("shop", ["other.myshopify.com", "emulated.myshopify.com.evil.example", ""])
def test_the_consent_of_another_shop_is_refused_though_it_is_signed(counter: Counter, shop: str) -> None:
    back = counter.consent()
    status, page = counter.open(signed(back | {"shop": shop}))
    assert (status, "given by another shop" in page) == (400, True)
    assert counter.open(back)[0] == 200


def test_a_person_who_declines_connects_nothing_and_must_ask_anew(counter: Counter) -> None:
    state = counter.consent()["state"]
    declined = {"error": "access_denied", "error_description": "<b>user_denied</b>", "state": state}
    status, page = counter.open(declined)
    assert (status, "was not given the consent" in page) == (400, True)
    assert "user_denied" not in page
    assert counter.account.state == "waiting"
    assert counter.open(counter.consent())[0] == 400
    counter.asked = counter.tell("connection.renew", connection="web", consent=True)
    assert counter.open(counter.consent())[0] == 200


def test_a_code_that_the_platform_does_not_take_is_told_and_a_new_link_asked_for(counter: Counter) -> None:
    status, page = counter.open(signed(counter.consent() | {"code": "unknown"}))
    assert (status, "entrepot reconnect web --consent" in page) == (502, True)
    assert counter.account.state == "waiting"


def test_a_link_is_too_old_after_half_an_hour(counter: Counter) -> None:
    back = counter.consent()
    counter.clock.sleep(1_800)
    assert counter.open(back)[0] == 400
    assert counter.account.state == "waiting"


@pytest.mark.parametrize("name", ["nobody", "Web", "%2e%2e"])
def test_there_is_no_way_back_for_a_connection_that_is_not_there(counter: Counter, name: str) -> None:
    assert counter.open(counter.consent(), name)[0] == 404


def test_a_platform_without_consent_has_no_way_back(counter: Counter) -> None:
    counter.tell(
        "connection.add", platform="woocommerce", name="blog", hub_url="https://hub.example",
        settings={"store": "https://s.example", "key": "ck_" + "a" * 40, "secret": "cs_" + "b" * 40},
    )  # fmt: skip
    assert counter.open(counter.consent(), "blog")[0] == 404


def test_what_a_person_brings_back_is_never_shown_as_it_came(counter: Counter) -> None:
    back = counter.consent() | {"state": "<script>alert(1)</script>"}
    assert "<script>alert" not in counter.open(signed(back))[1]


def test_the_application_is_open_to_that_page_without_a_session(counter: Counter) -> None:
    app = counter.client.app
    assert isinstance(app, Litestar)
    assert counter.client.get("/").status_code == 401
    assert counter.open(counter.consent())[0] == 200
