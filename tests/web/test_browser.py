"""The live page in a real browser: it moves by itself, fits, and complains of nothing."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from entrepot import web
from entrepot.contract import Commercial
from tests.web.browsing import uncomplaining
from tests.web.links import Links
from tests.web.shop import Shop

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture(params=[1440, 390])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """A page at the width of a desk, and at that of a phone; what it complains of fails the test."""
    with uncomplaining(browser, width=request.param) as page:
        yield page


def opened(page: Page, login: Links, serving: web.Serving) -> None:
    page.goto(serving.url + login.link())
    expect(page.locator("[data-link]").first).to_have_text("live")


def test_the_page_moves_by_itself_and_fits(
    shop: Shop, login: Links, serving: web.Serving, page: Page
) -> None:
    opened(page, login, serving)
    expect(page.locator("#orders .calm")).to_be_visible()
    shop.order("web-shop", "900", {"11": ("CUP", 3)}, "37.50")
    order = page.locator("#orders .order")
    expect(order).to_have_count(1)
    expect(order.locator(".over")).to_have_text("900")
    expect(page.locator("#orders .calm")).to_be_hidden()
    expect(page.locator("[data-key='orders'] strong")).to_have_text("1")
    assert page.evaluate("document.documentElement.scrollWidth") == page.evaluate("innerWidth")


def test_a_row_that_changes_is_changed_in_place_and_the_others_are_let_be(
    shop: Shop, login: Links, serving: web.Serving, page: Page
) -> None:
    for number in ("900", "901", "902"):
        shop.clock.sleep(1)
        shop.order("web-shop", number, {"11": ("CUP", 1)})
    opened(page, login, serving)
    numbers, chips = page.locator(".order .over"), page.locator(".order .chip")
    expect(numbers).to_have_text(["902", "901", "900"])
    page.evaluate("for (const row of document.querySelectorAll('.order')) row.dataset.marked = 'yes'")
    shop.clock.sleep(1)
    shop.order("web-shop", "901", {"11": ("CUP", 1)}, commercial=Commercial.CANCELLED)
    expect(chips).to_have_text(["accepted", "cancelled", "accepted"])
    expect(numbers).to_have_text(["902", "901", "900"])
    assert page.evaluate("[...document.querySelectorAll('.order')].map(row => row.dataset.marked ?? '')") == [
        "yes", "", "yes",
    ]  # fmt: skip


def test_the_page_says_that_it_lost_the_hub(login: Links, serving: web.Serving, page: Page) -> None:
    opened(page, login, serving)
    serving.stop()
    expect(page.locator("[data-link]").first).to_have_text("connecting again")


def test_without_scripts_the_page_is_whole(
    shop: Shop, login: Links, serving: web.Serving, page: Page
) -> None:
    shop.order("web-shop", "900", {"11": ("CUP", 3)}, "37.50")
    context = page.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]
    plain = context.new_page()
    plain.goto(serving.url + login.link())
    expect(plain.locator(".order .over")).to_have_text("900")
    assert "This page updates itself only with JavaScript." in plain.content()
