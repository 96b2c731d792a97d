"""Makes the README's pictures: most of an hour of a merchant, in a hub of its own, seen by Chromium.

Run it by hand when a screen changed, look at what it made, commit the result. The times on them are those of
the run, the rest is the same each time.
"""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, ViewportSize, sync_playwright

from entrepot import web
from entrepot.kernel import SystemClock
from tests.web.browsing import OPTIONS
from tests.web.links import Links
from tests.web.shop import busy

PICTURES = Path(__file__).resolve().parent.parent / "docs/pictures"
WIDTH, HEIGHT = 1440, 900

SHOTS: dict[str, tuple[str, str]] = {
    "live": ("/", "light"),
    "orders": ("/orders", "light"),
    "order": ("order 2078", "light"),
    "past": ("past of order 2078", "light"),
    "channel": ("/channels/outlet", "dark"),
}
"""File → (the screen, its theme)."""


def main() -> None:
    """Usage: python -m tools.pictures. Exits 1 without Chromium."""
    chromium = which("chromium")
    if chromium is None:
        sys.exit("pictures need chromium: apt-get install chromium")
    with hub() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        for name, (screen, theme) in SHOTS.items():
            take(browser, address, name, screen=screen, theme=theme)
        browser.close()
    print(f"{len(SHOTS)} pictures in {PICTURES.relative_to(PICTURES.parent.parent)}")


class Address:
    """Where the hub is, and who gives links to it."""

    def __init__(self, url: str, links: Links) -> None:
        self.url, self._links = url, links

    def link(self) -> str:
        """An address that signs in once."""
        return self.url + self._links.link()


@contextmanager
def hub() -> Iterator[Address]:
    """A busy shop's hub, served until the context is left."""
    with TemporaryDirectory() as home:
        shop = busy(Path(home), SystemClock().now() - timedelta(minutes=45))
        serving = web.start(shop.hub, token="of the pictures")
        try:
            yield Address(serving.url, Links(shop.store))
        finally:
            serving.stop()
            shop.close()


def take(browser: Browser, address: Address, name: str, *, screen: str, theme: str) -> None:
    """One picture. 'order N' is found in the list; its 'past' by the link on it."""
    size = ViewportSize(width=WIDTH, height=HEIGHT)
    context = browser.new_context(viewport=size, color_scheme="dark" if theme == "dark" else "light")
    page = context.new_page()
    page.goto(address.link())
    number = re.search(r"order (\d+)", screen)
    page.goto(address.url + (screen if number is None else "/orders"))
    if number is not None:
        page.get_by_role("link", name=number[1]).click()
    if screen.startswith("past"):
        page.get_by_role("link", name="See how it came to be").click()
    page.wait_for_load_state("load")
    page.evaluate("document.fonts.ready")
    page.locator(".side [data-link][data-state=live]").wait_for()
    page.screenshot(path=PICTURES / f"{name}.png")
    context.close()


if __name__ == "__main__":
    main()
