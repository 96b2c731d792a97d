"""First start, people and forgetting, in a real browser."""

import re

import pyotp
import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update

from entrepot import access, customers, web
from entrepot.access import links, passwords
from entrepot.contract import AddressSeen, CustomerSeen
from entrepot.customers import Person
from entrepot.db import Tx, tables
from tests.web.browsing import uncomplaining
from tests.web.links import Links
from tests.web.shop import Shop
from tests.web.test_journeys import obstacles
from tests.web.test_screens import order_id

pytestmark = pytest.mark.xdist_group("browser")

PASSWORD = "seven quiet otters paddle"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes of a millisecond instead of a tenth of a second."""
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def first_start(shop: Shop, serving: web.Serving, page: Page) -> None:
    """Follows the link that the hub prints, and becomes its owner."""
    page.goto(f"{serving.url}/login/{shop.store.run(links.first_link)}")
    page.get_by_label("Login").fill("anna")
    page.get_by_label("Name").fill("Anna Harbour")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("The same once more").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Needs you")).to_be_visible()


def sign_in(page: Page) -> None:
    page.get_by_label("Login").fill("anna")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_from_the_first_start_to_a_code_at_sign_in(
    shop: Shop, serving: web.Serving, browser: Browser
) -> None:
    with uncomplaining(browser) as page:
        first_start(shop, serving, page)
        page.get_by_role("link", name="Anna Harbour").click()
        page.get_by_role("button", name="Set an app up").click()
        secret = page.locator(".steps code").inner_text().replace(" ", "")
        page.get_by_label("Code").fill(pyotp.TOTP(secret).at(shop.clock.now()))
        page.get_by_role("button", name="Turn it on").click()
        expect(page.locator(".codes code")).to_have_count(10)
        shop.clock.sleep(60)
        page.get_by_role("button", name="Sign out").click()
        sign_in(page)
        page.get_by_label("Code").fill(pyotp.TOTP(secret).at(shop.clock.now()))
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_role("heading", name="Needs you")).to_be_visible()


def test_somebody_is_invited_and_comes_in(shop: Shop, serving: web.Serving, browser: Browser) -> None:
    phone = browser.new_page(viewport={"width": 390, "height": 900})  # its stream is refused in the end
    with uncomplaining(browser) as page:
        first_start(shop, serving, page)
        page.goto(f"{serving.url}/people")
        form = page.locator("form[action='/people/invite']")
        form.get_by_label("Name").fill("Cleo")
        form.get_by_label("Login").fill("cleo")
        form.get_by_label("Role").select_option("store")
        form.get_by_role("button", name="Make a link").click()
        expect(page.get_by_text("Name the locations of somebody who works in a store")).to_be_visible()
        expect(form.get_by_label("Login")).to_have_value("cleo")
        form.get_by_label("main").check()
        form.get_by_role("button", name="Make a link").click()
        phone.goto(page.locator("#made code").inner_text())
        phone.get_by_label("Password").fill(PASSWORD)
        phone.get_by_label("The same once more").fill(PASSWORD)
        phone.get_by_role("button", name="Go on").click()
        expect(phone.get_by_role("heading", name="Needs you")).to_be_visible()
        page.goto(f"{serving.url}/people")
        cleo = page.get_by_role("row", name=re.compile("^Cleo"))
        cleo.get_by_text("Change").click()
        cleo.get_by_role("button", name="End this user").click()
        page.get_by_role("dialog", name="End cleo?").locator("[data-yes]").click()
        expect(page.get_by_text("They are let in no more.")).to_be_visible()
        phone.reload()
        expect(phone.get_by_role("heading", name="You are not signed in")).to_be_visible()
    phone.close()


def test_a_buyer_is_forgotten_from_their_order(
    shop: Shop, serving: web.Serving, login: Links, browser: Browser
) -> None:
    ada = Person(customer=CustomerSeen(name="Ada Example"), ship_to=AddressSeen(street=("Kai 1",)))

    def name_buyer(tx: Tx) -> None:
        (id,) = customers.keep(tx, shop.channel("web-shop").id, [ada])
        tx.run(update(tables.orders).values(person_id=id))

    shop.order("web-shop", "901", {"11": ("CUP", 1)})
    shop.store.run(name_buyer)
    with uncomplaining(browser) as page:
        page.goto(serving.url + login.link())
        page.goto(f"{serving.url}/orders/{order_id(shop, '901')}")
        expect(page.get_by_text("Ada Example")).to_be_visible()
        page.get_by_role("button", name="Forget this buyer").click()
        page.get_by_role("dialog", name="Forget this buyer?").locator("[data-yes]").click()
        expect(page.get_by_text("Forgotten, as was asked.")).to_be_visible()
        expect(page.get_by_text("Ada Example")).to_have_count(0)


def test_nothing_on_these_pages_stands_in_anybodys_way(
    shop: Shop, serving: web.Serving, browser: Browser
) -> None:
    first = f"/login/{shop.store.run(links.first_link)}"
    with uncomplaining(browser) as page:
        found = _obstacles(page, serving.url, [first, "/sign-in"])
        page.goto(serving.url + Links(shop.store).link())
        everything = access.at_command_line()
        shop.store.run(lambda tx: access.make_token(tx, everything, "till", [access.Permission.STATUS_READ]))
        page.goto(f"{serving.url}/account")
        page.get_by_role("button", name="Set an app up").click()
        found += _obstacles(page, serving.url, ["/account", "/people"])
    assert found == []


def _obstacles(page: Page, url: str, paths: list[str]) -> list[str]:
    """What is in the way, in both themes, and what is too wide."""
    found: list[str] = []
    for path in paths:
        page.goto(url + path)
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            found += [f"{path} {theme}: {said}" for said in obstacles(page)]
        for width in (2560, 1024, 390):
            page.set_viewport_size({"width": width, "height": 900})
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found.append(f"{path} is wider than {width}")
        page.set_viewport_size({"width": 1440, "height": 900})
    return found
