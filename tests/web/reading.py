"""Screens read as a person reads them: their words, without marks and what only eyes skip."""

import re
from html import unescape

from litestar import Litestar
from litestar.testing import TestClient

CSRF = re.compile(r'name="csrf" value="([0-9a-f]+)"')
LEFT_OUT = re.compile(
    r'(?s)<span class="mark.*?</span>|<thead>.*?</thead>|<svg.*?</svg>|<datalist.*?</datalist>|'
    r'<p class="calm">.*?</p>'
)


def words(html: str) -> str:
    """The words of some HTML, blanks folded."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", LEFT_OUT.sub("", html))).split())


def main(html: str) -> str:
    """The words of a screen without its frame."""
    return words(html.partition('<main id="main"')[2].partition(">")[2].partition("</main>")[0])


def panel(html: str, title: str) -> str:
    """The words of one panel, by its heading."""
    for part in html.split("<section ")[1:]:
        head = re.search(r"(?s)<h2[^>]*>(.*?)</h2>", part)
        if head and words(head[1]) == title:
            return words(part.partition(">")[2].partition("</section>")[0]).removeprefix(title).strip()
    raise AssertionError(f"there is no panel {title!r}")


def send(client: TestClient[Litestar], page: str, to: str, **fields: str | list[str]) -> tuple[int, str]:
    """Sends a form that stands on `page` to `to`; (status, words) of what is shown at the end."""
    csrf = CSRF.search(client.get(page).text)
    assert csrf is not None, f"{page} has no form"
    answer = client.post(to, data={"csrf": csrf[1], **fields})
    return answer.status_code, main(answer.text)
