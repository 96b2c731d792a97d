"""Reading a list to its last page. A list that never ends or repeats itself is refused, not followed."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from entrepot.channels.kit.json import digest
from entrepot.channels.kit.numbers import integer, text
from entrepot.contract import Api, Reply
from entrepot.kernel import Cause, ChannelError

PAGES_MAX = 10_000
_LINK_LIMIT = 10_000
_LINK = re.compile(r"<([^<>]*)>([^<]*)")
_REL = re.compile(r"""; *rel *= *["']?([^"';,]*)""", re.IGNORECASE)


def link_pages(api: Api, path: str, **params: Any) -> Iterator[Reply]:
    """Every page of a GET list that names its next page in a Link header, or counts them in X-WP-TotalPages.

    Of the link only the query is used, so that our credentials never follow it to another host; if it counts
    pages only `page`, because WooCommerce's link repeats every parameter of the call, also its keys.
    ChannelError NONSENSE where a page comes twice or after 10,000 pages.
    """
    seen: set[str] = set()
    query: dict[str, Any] | None = params
    for _ in range(PAGES_MAX):
        if query is None:
            return
        reply = api.get(path, **query)
        _once(seen, digest(query), path)
        if reply.json:
            _once(seen, digest(reply.json), path)
        yield reply
        query = _next_query(reply.headers, query)
    raise _endless(path)


def cursor_pages(api: Api, path: str, body: Mapping[str, Any], *, field: str = "cursor") -> Iterator[Reply]:
    """Every page of a POST search whose body takes `field` and whose answer names the next one in `field`."""
    return _follow(lambda more: api.post(path, {**body, **more}, safe=True), path, field)


def query_pages(api: Api, path: str, *, field: str = "cursor", **params: Any) -> Iterator[Reply]:
    """Every page of a GET list whose query takes `field` and whose answer names the next one in `field`."""
    return _follow(lambda more: api.get(path, **{**params, **more}), path, field)


def _follow(ask: Callable[[dict[str, str]], Reply], path: str, field: str) -> Iterator[Reply]:
    seen: set[str] = set()
    more: dict[str, str] = {}
    for _ in range(PAGES_MAX):
        reply = ask(more)
        if not isinstance(reply.json, dict):
            raise ChannelError(Cause.NONSENSE, f"{path}: a page is not a JSON object")
        yield reply
        cursor = text(reply.json.get(field))
        if not cursor:
            return
        _once(seen, cursor, path)
        more = {field: cursor}
    raise _endless(path)


def _next_query(headers: Mapping[str, str], query: dict[str, Any]) -> dict[str, Any] | None:
    """The parameters of the next page, None after the last."""
    link = next_link(headers.get("link", ""))
    if link:
        named = {
            key: values if len(values) > 1 else values[0]
            for key, values in parse_qs(urlsplit(link).query).items()
        }
        return {**query, "page": named["page"]} if "page" in named else named
    pages, page = headers.get("x-wp-totalpages"), query.get("page", 1)
    if pages is None or integer(page) >= integer(pages):
        return None
    return {**query, "page": integer(page) + 1}


def next_link(header: str) -> str:
    """The address that a Link header (RFC 8288) calls `next`, '' if it names none."""
    for target, attributes in _LINK.findall(header[:_LINK_LIMIT]):
        relations = _REL.search(attributes)
        if relations and "next" in relations[1].lower().split():
            return str(target)
    return ""


def _once(seen: set[str], page: str, path: str) -> None:
    if page in seen:
        raise ChannelError(Cause.NONSENSE, f"{path}: the list repeats a page")
    seen.add(page)


def _endless(path: str) -> ChannelError:
    return ChannelError(Cause.NONSENSE, f"{path}: the list has more than {PAGES_MAX} pages")
