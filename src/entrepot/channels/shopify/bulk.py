"""Bulk operations: a question without pages that Shopify works off by itself and answers with a file.

Ask, look again, download: nothing is kept between these steps but what Shopify keeps itself, which is the
text of the question. So the same function is called again until it answers. Source: bulk operations guide,
read 2026-09.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from entrepot.channels.kit.graphql import nodes, user_errors
from entrepot.channels.kit.times import utc
from entrepot.channels.shopify import queries
from entrepot.channels.shopify.api import ask
from entrepot.contract import Api
from entrepot.kernel import Cause, ChannelError

LOOK_AGAIN_S = 5.0
FRESH = timedelta(minutes=15)
"""An answer that is older than this is asked for anew."""

AT_WORK = frozenset({"CREATED", "RUNNING"})
PARENT = "__parentId"


def bulk(api: Api, query: str) -> list[dict[str, Any]]:
    """The rows of the answer: every node of every connection, a part naming its whole in `__parentId`, in no
    order (not grouped since 2026-01: release notes, read 2026-11).

    ChannelError BUSY while Shopify is at work: call it again later. DOWN where the work failed.
    """
    told = ask(api, queries.BULKS)
    ours = [one for one in nodes(told.data["bulkOperations"]) if _same(one.get("query"), query)]
    latest = ours[0] if ours else {}
    if latest.get("status") in AT_WORK:
        raise _at_work()
    done_at = latest.get("completedAt")
    if not done_at or told.reply.at - utc(done_at) > FRESH:
        _start(api, query)
        raise _at_work()
    if latest["status"] != "COMPLETED":
        raise ChannelError(
            Cause.DOWN, f"a bulk operation ended as {latest['status']}", wait_s=FRESH.total_seconds()
        )
    return list(_lines(api, latest.get("url")))


def _start(api: Api, query: str) -> None:
    result = ask(api, queries.BULK, {"query": query}, changes=True).data["bulkOperationRunQuery"]
    errors = user_errors(result)
    if errors and errors[0].code not in {"OPERATION_IN_PROGRESS", "LIMIT_REACHED"}:
        raise ChannelError(
            Cause.REFUSED, f"a bulk operation was refused: {errors[0].code}", code=errors[0].code
        )


def _lines(api: Api, url: str | None) -> Iterator[dict[str, Any]]:
    """The rows of the file; an answer of nothing has no file."""
    if url:
        yield from (one for one in api.get(url).json or () if isinstance(one, dict))


def _same(told: object, query: str) -> bool:
    return isinstance(told, str) and told.split() == query.split()


def _at_work() -> ChannelError:
    return ChannelError(Cause.BUSY, "Shopify works on a bulk operation", wait_s=LOOK_AGAIN_S)
