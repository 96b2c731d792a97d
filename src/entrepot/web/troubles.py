"""What waits for a person, in their words: what happened, where, what to do, and where to do it."""

from collections.abc import Iterator
from datetime import datetime

import msgspec

from entrepot.connections import State
from entrepot.db.letters import DeadLetter
from entrepot.monitor import Status
from entrepot.orders.views import Problem
from entrepot.web import words
from entrepot.web.facts import Facts
from entrepot.web.views import Shown


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """Something that waits for a person: what, where, what the machine knows of it, what to do; `path` is the
    screen to do it on."""

    key: str
    what: str
    where: str
    detail: str
    to_do: str
    path: str
    since: datetime | None = None


def trouble_count(status: Status) -> int:
    """Everything that waits for a person, also what a screen has no room for."""
    stopped = sum(one.refused + (one.state != State.READY) for one in status.connections)
    return sum(status.exceptions.values()) + status.dead_letters + stopped


def troubles(facts: Facts) -> Iterator[Trouble]:
    """What waits for a person: first what stops whole channels, then slots, deliveries, lines of orders."""
    for account in facts.status.connections:
        if account.state != State.READY:
            waits = account.state == State.WAITING
            yield Trouble(
                key=f"connection:{account.name}",
                what="Somebody must consent at the platform"
                if waits
                else "The platform refuses our credentials",
                where=account.name,
                detail=account.why,
                to_do="Open the page of consent." if waits else "Connect it again with new credentials.",
                path=f"/channels/{account.name}",
            )
    yield from (slot_trouble(one) for one in facts.refused)
    yield from (letter_trouble(one) for one in facts.letters)
    yield from (order_trouble(one) for one in facts.problems)


def slot_trouble(one: Shown) -> Trouble:
    return Trouble(
        key=f"slot:{one.slot.id}",
        what="The channel refuses our stock figure",
        where=joined(one.channel, one.place, one.title),
        detail=one.slot.trouble,
        to_do="Look at the listing in the channel; it is tried again when the stock moves.",
        path=f"/channels/{one.channel}",
        since=one.wanted_at,
    )


def letter_trouble(letter: DeadLetter) -> Trouble:
    delivery = letter.what == "delivery"
    return Trouble(
        key=f"letter:{letter.id}",
        what=what_failed(letter),
        where="" if delivery else letter.about,
        detail=letter.why,
        to_do="Read it, mend its content if need be, and replay it.",
        path=f"/letters/{letter.id}",
        since=letter.since,
    )


def what_failed(letter: DeadLetter) -> str:
    """What a dead letter was to do, and did not."""
    if letter.what == "delivery":
        return "A delivery could not be booked"
    return words.upper_first(words.JOBS.get(letter.what, f"a job failed for good: {letter.what}"))


def order_trouble(problem: Problem) -> Trouble:
    return Trouble(
        key=f"order:{problem.id}",
        what=words.WHAT[problem.kind],
        where=joined(problem.channel, f"order {problem.number}", problem.sku),
        detail=problem.detail,
        to_do=words.TO_DO[problem.kind],
        path=f"/orders/{problem.order_id}",
        since=problem.opened_at,
    )


def joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
