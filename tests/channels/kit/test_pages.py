"""Lists are read to the last page, and no further."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from entrepot.channels.kit.json import decode, encode
from entrepot.channels.kit.pages import cursor_pages, link_pages, next_link, query_pages
from entrepot.kernel import Cause, ChannelError
from tests.channels.kit.world import api_on

Answer = Callable[[httpx2.Request], httpx2.Response]


def answered(json: Any, **headers: str) -> httpx2.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx2.Response(200, content=encode(json), headers=named)


def counted(*, pages: int, link: bool) -> Answer:
    """A list of `pages` pages with one row each, in WooCommerce's manner."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        page = int(request.url.params.get("page", "1"))
        more = f'<https://shop.example/api/orders?consumer_secret=cs_1&page={page + 1}>; rel="next"'
        headers = {"link": more if page < pages else ""} if link else {"x_wp_totalpages": str(pages)}
        return answered([page], **headers)

    return answer


@pytest.mark.parametrize("link", [True, False])
def test_counted_pages_are_read_to_the_last(link: bool) -> None:
    api = api_on(counted(pages=3, link=link))
    assert [reply.json for reply in link_pages(api, "/orders", per_page=1)] == [[1], [2], [3]]


def test_one_empty_page_is_the_last() -> None:
    api = api_on(lambda request: answered([], x_wp_totalpages="0"))
    assert [reply.json for reply in link_pages(api, "/orders")] == [[]]


def test_the_link_of_a_counted_list_keeps_our_own_parameters_and_nothing_else() -> None:
    asked: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.url.query.decode())
        return counted(pages=2, link=True)(request)

    list(link_pages(api_on(answer), "/orders", per_page=100))
    assert asked == ["per_page=100", "per_page=100&page=2"]


def test_a_link_without_a_number_replaces_our_parameters_and_stays_on_our_host() -> None:
    asked: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        asked.append(str(request.url))
        link = '<https://evil.example/steal?page_info=abc&limit=5>; rel="next"' if len(asked) == 1 else ""
        return answered([len(asked)], link=link)

    list(link_pages(api_on(answer), "/orders", status="any"))
    assert asked == [
        "https://shop.example/api/orders?status=any",
        "https://shop.example/api/orders?page_info=abc&limit=5",
    ]


def looping_link(request: httpx2.Request) -> httpx2.Response:
    return answered([request.url.params.get("page_info", "")], link='<https://x/?page_info=a>; rel="next"')


def deaf(request: httpx2.Request) -> httpx2.Response:
    """Answers the first page whatever was asked, as a page cache does."""
    return answered([1, 2, 3], x_wp_totalpages="5")


@pytest.mark.parametrize("answer", [looping_link, deaf])
def test_a_list_that_repeats_a_page_is_refused(answer: Answer) -> None:
    with pytest.raises(ChannelError) as failed:
        list(link_pages(api_on(answer), "/orders"))
    assert failed.value.cause is Cause.NONSENSE


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", ""),
        ('<https://x/?page=2>; rel="next"', "https://x/?page=2"),
        ('<https://x/?p=1>; rel="prev", <https://x/?a=1,2&p=3>; rel="next"', "https://x/?a=1,2&p=3"),
        ("<https://x/?p=3>; rel=next", "https://x/?p=3"),
        ('<https://x/?p=9>; rel="last",<https://x/?p=3>; title="a, b"; rel="first next"', "https://x/?p=3"),
        ('<https://x/?p=9>; rel="nextish"', ""),
        ("garbage", ""),
    ],
)
def test_the_next_link_is_found_among_others(header: str, expected: str) -> None:
    assert next_link(header) == expected


def following(*cursors: str) -> Answer:
    """A list whose answers hand out these cursors in turn."""
    left = list(cursors)

    def answer(request: httpx2.Request) -> httpx2.Response:
        sent = decode(request.content) if request.content else dict(request.url.params)
        return answered({"sent": sent, **({"cursor": left.pop(0)} if left else {})})

    return answer


def test_a_search_follows_its_cursor_to_the_end() -> None:
    pages = cursor_pages(api_on(following("a", "b")), "/orders/search", {"limit": 2})
    assert [page.json["sent"] for page in pages] == [
        {"limit": 2},
        {"limit": 2, "cursor": "a"},
        {"limit": 2, "cursor": "b"},
    ]


def test_a_list_follows_its_cursor_in_the_query() -> None:
    pages = query_pages(api_on(following("a")), "/catalog", types="ITEM")
    assert [page.json["sent"] for page in pages] == [{"types": "ITEM"}, {"types": "ITEM", "cursor": "a"}]


def test_an_empty_cursor_is_the_end() -> None:
    assert len(list(cursor_pages(api_on(following("")), "/orders/search", {}))) == 1


def test_a_cursor_that_comes_back_is_refused() -> None:
    with pytest.raises(ChannelError) as failed:
        list(cursor_pages(api_on(following("a", "b", "a")), "/orders/search", {}))
    assert failed.value.cause is Cause.NONSENSE


def test_a_page_that_is_no_object_is_refused() -> None:
    with pytest.raises(ChannelError) as failed:
        list(cursor_pages(api_on(lambda request: answered([1])), "/orders/search", {}))
    assert failed.value.cause is Cause.NONSENSE


def test_a_search_is_repeated_at_once_when_the_platform_was_down() -> None:
    answers = [httpx2.Response(500), answered({"orders": []})]
    pages = list(cursor_pages(api_on(lambda request: answers.pop(0)), "/orders/search", {}))
    assert [page.status for page in pages] == [200]


def test_an_endless_list_is_cut_off() -> None:
    count = iter(range(20_000))
    with pytest.raises(ChannelError) as failed:
        for _ in query_pages(api_on(lambda request: answered({"cursor": str(next(count))})), "/catalog"):
            pass
    assert failed.value.cause is Cause.NONSENSE
    assert next(count) == 10_000
