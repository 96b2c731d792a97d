"""Deliveries that name somebody who was forgotten: what they said is dropped, that they came stays.

They are sealed by day, so they are found by looking into those of the accounts that knew the buyer: a job
that goes on from delivery to delivery, and begins where it was if it is cut off. A delivery is the buyer's
if it tells of one of their orders, or if one of its texts leaves one of their traces; of a dead letter, which
may be somebody's only word, only what is surely theirs counts. What comes later is dropped where it is booked
(`pull`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import msgspec

from entrepot import connections, customers, orders
from entrepot.connections import Connection
from entrepot.contract import Channel, OrderSeen
from entrepot.customers import Traces
from entrepot.db import Tx, inbox, jobs
from entrepot.db.inbox import Letter
from entrepot.kernel import ChannelError, Refusal

FORGET = "forget_letters"
AT_ONCE = 50
"""Deliveries in one transaction: opened, decoded and compared in half a millisecond each."""

LOOK_AGAIN = timedelta(seconds=30)
"""After this a delivery that waits to be booked is looked at again."""


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """What is looked for. `orders`: connection → its ids of the buyer's orders."""

    orders: Mapping[str, Sequence[str]]
    traces: Traces
    after: str = ""


def search_job(person_id: str, search: Search, *, run_at: Any = None) -> jobs.Job:
    """The job that does the next part of a search."""
    key = f"person:{person_id}"
    return jobs.Job(kind=FORGET, key=key, body=msgspec.to_builtins(search), run_at=run_at)


def forget_letters(tx: Tx, channel_of: Callable[[str], Channel], job: jobs.Job) -> None:
    """Does a part of a search and leaves the rest to the next job."""
    search = msgspec.convert(job.body, Search)
    accounts = {one.id: one for one in connections.connections(tx) if one.id in search.orders}
    letters, last, states = inbox.after(tx, sorted(accounts), search.after, limit=AT_ONCE)
    sure = customers.tracer(tx, search.traces.sure)
    either = customers.tracer(tx, (*search.traces.sure, *search.traces.likely))
    theirs = [
        one
        for one in letters
        if (either if states[one.id] == "done" else sure)(_texts(one.delivery.body))
        or _tells_of(channel_of, accounts[one.connection_id], one, search.orders)
    ]
    unbooked = [one.id for one in theirs if states[one.id] == "new"]
    inbox.drop(tx, [one.id for one in theirs if states[one.id] != "new"])
    person_id = job.key.removeprefix("person:")
    if unbooked:
        rest = msgspec.structs.replace(search, after=_before(letters, unbooked[0], search.after))
        jobs.enqueue(tx, [search_job(person_id, rest, run_at=tx.now + LOOK_AGAIN)])
    elif last:
        jobs.enqueue(tx, [search_job(person_id, msgspec.structs.replace(search, after=last))])


def drop_forgotten(tx: Tx, connection_id: str, told: Mapping[str, Sequence[OrderSeen]]) -> None:
    """Drops those of these deliveries (id → what it told) that tell of orders of forgotten people."""
    ids = {seen.external_id for every in told.values() for seen in every}
    gone = orders.of_forgotten(tx, connection_id, sorted(ids)) if ids else set()
    if gone:
        inbox.drop(tx, [id for id, every in told.items() if any(seen.external_id in gone for seen in every)])


def _tells_of(
    channel_of: Callable[[str], Channel],
    account: Connection,
    letter: Letter,
    theirs: Mapping[str, Sequence[str]],
) -> bool:
    """Whether a delivery tells of one of their orders."""
    mine = set(theirs[account.id])
    try:
        seen = channel_of(account.platform).read_events(letter.delivery, account.settings)
    except (Refusal, ChannelError, ArithmeticError, LookupError, TypeError, ValueError):
        return not mine.isdisjoint(
            _texts(letter.delivery.body)
        )  # what cannot be read is theirs if it names one of their orders
    return any(isinstance(one, OrderSeen) and one.external_id in mine for one in seen)


def _before(letters: Sequence[Letter], id: str, start: str) -> str:
    """The id of the delivery before this one, to go on behind it."""
    earlier = [one.id for one in letters if one.id < id]
    return earlier[-1] if earlier else start


def _texts(body: bytes) -> list[str]:
    """Every text and number that a body holds; the words of one that is no JSON."""
    try:
        return list(_scalars(msgspec.json.decode(body)))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return body.decode("utf-8", "replace").split()


def _scalars(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
        elif one is not None:
            yield str(one)
