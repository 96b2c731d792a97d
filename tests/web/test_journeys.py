"""What people come for, in a real browser: from what is wrong to its being mended."""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from entrepot import web
from entrepot.db import tables
from tests.web.browsing import uncomplaining
from tests.web.conftest import TOKEN
from tests.web.links import Links
from tests.web.shop import Shop
from tests.web.test_screens import dead_delivery, order_id

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture
def page(browser: Browser, login: Links, serving: web.Serving) -> Iterator[Page]:
    """A page at the width of a desk, signed in."""
    with uncomplaining(browser) as page:
        page.goto(serving.url + login.link())
        yield page


def test_from_an_order_that_arrives_to_its_line_being_mapped(
    shop: Shop, serving: web.Serving, page: Page
) -> None:
    shop.list("web-shop", {"12": "CUP-BLUE"})
    shop.order("web-shop", "901", {"12": ("CUP-BLUE", 1)})
    page.locator("#exceptions").get_by_role("link", name="Nobody has said which SKU this is").click()
    expect(page.get_by_label("Our SKU")).to_have_value("CUP")
    page.get_by_role("button", name="Say which SKU it is").click()
    expect(page.get_by_text("Mapped. What waited for it goes on by itself.")).to_be_visible()
    shop.settle()
    page.reload()
    expect(page.locator(".problem-panel")).to_have_count(0)
    expect(page.get_by_text("reserved")).to_be_visible()
    page.goto(f"{serving.url}/exceptions")
    expect(page.get_by_text("Nothing waits for a person")).to_be_visible()


def test_a_dead_letter_is_read_mended_and_replayed(shop: Shop, page: Page) -> None:
    dead_delivery(shop)
    page.keyboard.press("g")
    page.keyboard.press("e")
    page.get_by_role("link", name="Dead letters").click()
    page.get_by_role("link", name="A delivery could not be booked").click()
    expect(page.locator("pre")).to_contain_text('"email": "•••"')
    page.get_by_role("link", name="Show and edit the whole").click()
    content = page.get_by_label("Content")
    expect(content).to_have_value(re.compile("mara@example.net"))
    content.fill("{")
    page.get_by_role("button", name="Keep and replay").click()
    expect(page.get_by_text("The new content is no JSON")).to_be_visible()
    expect(content).to_have_value("{")
    content.fill('{"id": 7, "total": "10.00"}')
    page.get_by_role("button", name="Keep and replay").click()
    expect(page.get_by_text("No dead letter")).to_be_visible()
    box = tables.inbox
    assert shop.store.read(lambda tx: tx.rows(select(box.c.state))[0].state) == "new"


def test_a_sku_is_followed_back_in_time(shop: Shop, page: Page) -> None:
    for number, pieces in (("901", 3), ("902", 4), ("903", 9)):
        shop.clock.sleep(60)
        shop.order("web-shop", number, {"11": ("CUP", pieces)})
    page.goto(re.sub("/$", f"/orders/{order_id(shop, '903')}", page.url))
    page.get_by_role("link", name="See how it came to be").click()
    expect(page.locator(".when-said")).to_contain_text("around order 903")
    together = page.locator("tfoot td")
    expect(together).to_have_text(["Together", "12", "12", "0", ""])
    page.get_by_label("Moment").first.press("ArrowLeft")
    expect(together).to_have_text(["Together", "12", "7", "5", ""])
    expect(page.get_by_label("Moment").first).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(together).to_have_text(["Together", "12", "3", "9", ""])
    expect(page.locator(".timeline .ghost").first).to_be_visible()
    page.get_by_role("link", name="Back to now").click()
    expect(together).to_have_text(["Together", "12", "12", "0", ""])
    expect(page.locator(".when-said")).to_have_text("As it is now")


def test_stock_is_switched_on_after_one_has_seen_what_that_does(shop: Shop, page: Page) -> None:
    shop.tell("connection.flow", connection="web-shop", flow="stock_out", level="observe")
    shop.tell("stock.receive", sku="CUP", location="main", quantity="5", reference="r3")
    shop.settle()
    page.goto(re.sub("/$", "/channels", page.url))
    page.get_by_role("link", name="web-shop").click()
    page.get_by_role("group", name="Stock out").get_by_role("link", name="on", exact=True).click()
    expect(page.locator(".plan")).to_have_text("1 of 1 slots would be written.")
    page.get_by_role("button", name="Switch on and write 1").click()
    expect(page.get_by_text("Stock out of web-shop: on.")).to_be_visible()
    assert shop.channel("web-shop").flows["stock_out"] == "on"


def test_the_stream_drops_and_comes_back_by_itself(
    shop: Shop, login: Links, serving: web.Serving, page: Page
) -> None:
    link = page.locator(".side [data-link]")
    expect(link).to_have_text("live")
    port = int(serving.url.rpartition(":")[2])
    serving.stop()
    expect(page.locator("[data-dropped]")).to_be_visible()
    expect(link).to_have_text("connecting again")
    again = web.start(shop.hub, token=TOKEN, port=port)
    try:
        expect(link).to_have_text("live", timeout=10_000)
        expect(page.locator("[data-dropped]")).to_be_hidden()
        shop.order("web-shop", "901", {"11": ("CUP", 1)})
        expect(page.locator("#orders .order")).to_have_count(1)
    finally:
        again.stop()


def test_everything_is_reached_by_keys(shop: Shop, page: Page) -> None:
    for number in ("901", "902", "903"):
        shop.order("web-shop", number, {"11": ("CUP", 1)})
    page.keyboard.press("g")
    page.keyboard.press("o")
    expect(page.get_by_role("heading", name="Orders", exact=True)).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="902")).to_be_focused()
    page.keyboard.press("x")
    expect(page.locator(".chosen")).to_contain_text("1 chosen")
    page.keyboard.press("/")
    expect(page.get_by_label("Search orders")).to_be_focused()
    page.keyboard.type("901")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="901")).to_be_visible()


def test_what_cannot_be_undone_is_asked_first(shop: Shop, page: Page) -> None:
    shop.order("web-shop", "901", {"11": ("CUP", 1)})
    page.goto(re.sub("/$", "/orders", page.url))
    page.get_by_label("Choose order 901").check()
    page.get_by_label("Why").fill("too late")
    page.get_by_role("button", name="Cancel orders").click()
    asked = page.get_by_role("dialog", name="Cancel 1 orders?")
    asked.get_by_role("button", name="Cancel", exact=True).click()
    expect(asked).to_be_hidden()
    page.get_by_role("button", name="Cancel orders").click()
    asked.get_by_role("button", name="Cancel orders").click()
    expect(page.get_by_text("0 orders are cancelled; 1 not")).to_be_visible()


def test_the_theme_changes_at_once_and_stays(page: Page) -> None:
    side = page.locator(".side")
    with page.expect_response("**/theme"):
        side.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def paths(shop: Shop) -> list[str]:
    """Every screen, with something on it."""
    shop.list("web-shop", {"12": "CUP-BLUE"})
    shop.order("web-shop", "901", {"11": ("CUP", 15), "13": ("LID", 1)})
    letter, order = dead_delivery(shop), order_id(shop, "901")
    return [
        "/", "/orders?channel=web-shop", f"/orders/{order}", "/stock", "/stock/CUP",
        f"/stock/CUP?around={order}", "/skus/new", "/exceptions", "/letters", f"/letters/{letter}?whole=yes",
        "/channels", "/channels/web-shop", "/platforms", "/platforms/square",
        "/channels/web-shop/flows/stock_out/off", "/channels/web-shop/credentials", "/locations", "/design",
    ]  # fmt: skip


def test_every_screen_fits_and_nothing_on_it_stands_in_anybodys_way(
    shop: Shop, serving: web.Serving, page: Page
) -> None:
    found: list[str] = []
    for path in paths(shop):
        page.goto(serving.url + path)
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            found += [f"{path} {theme}: {said}" for said in obstacles(page)]
        for width in (2560, 1024, 390):
            page.set_viewport_size({"width": width, "height": 900})
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found.append(f"{path} is wider than {width}")
        page.set_viewport_size({"width": 1440, "height": 900})
    assert found == []


def obstacles(page: Page) -> list[str]:
    """What axe-core calls serious or worse."""
    return [
        f"{one['id']}: {'; '.join(node['html'][:120] for node in one['nodes'][:3])}"
        for one in Axe().run(page).response["violations"]
        if one["impact"] in ("serious", "critical")
    ]
