"""Facts become rows: which tiles, which exceptions in which words, and the HTML of each."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

import msgspec

from entrepot.kernel.money import text
from entrepot.orders.views import Problem
from entrepot.web import words
from entrepot.web.drawing import row
from entrepot.web.facts import Facts, SkuFacts, state, waiting_since
from entrepot.web.frame import Rows

TONES = {
    "in sync": "good", "settling": "busy", "observed only": "quiet", "out of sync": "bad", "refused": "bad",
    "not offered": "quiet", "accepted": "good", "awaiting payment": "busy", "partly shipped": "busy", "unknown": "bad",
    "ready": "good", "reconnect": "bad", "on": "good", "observe": "busy",
}  # fmt: skip
"""Word on a chip → its tone; a word that is not here is quiet."""

SEGMENTS = ("in sync", "settling", "observed only", "out of sync", "refused")
MARKS = 8


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """Something that waits for a person: what, where, what the machine knows of it, what to do."""

    key: str
    what: str
    where: str
    detail: str
    to_do: str
    since: datetime | None


class Tile(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of the top line. `segments`: (tone, from, width) of a bar of `whole`."""

    key: str
    label: str
    value: str
    said: str
    tone: str = "quiet"
    segments: tuple[tuple[str, int, int], ...] = ()
    whole: int = 0


def draw(facts: Facts) -> dict[str, Rows]:
    """The lists of the page by name."""
    marks = {account.name: n % MARKS for n, account in enumerate(facts.accounts)}
    around = {"now": facts.now, "tones": TONES, "marks": marks}
    listed = list(troubles(facts))
    return {
        "tiles": tuple((tile.key, row("tile", tile=tile)) for tile in tiles(facts)),
        "orders": tuple((one.id, row("order", order=one, total=text(one.total), what=words.WHAT, **around))
                        for one in facts.orders),
        "exceptions": tuple((one.key, row("exception", trouble=one, **around)) for one in listed),
        "stock": tuple((one.sku.id, _sku(one, around, facts.now)) for one in facts.skus),
        "connections": tuple((one.name, row("connection", account=one, **around)) for one in facts.accounts),
    }  # fmt: skip


def tiles(facts: Facts) -> list[Tile]:
    """The top line."""
    waiting = waiting_since(facts)
    lag_s = words.age(waiting, facts.now).total_seconds() if waiting else 0.0
    count = trouble_count(facts)
    return [
        _sync(facts),
        Tile(
            key="orders",
            label="Orders in 24 hours",
            value=words.number(facts.last_day),
            said=f"{words.number(facts.last_minute)} in the last minute",
        ),
        Tile(
            key="exceptions",
            label="Exceptions",
            value=words.number(count),
            said="wait for a person" if count else "nothing waits for a person",
            tone="bad" if count else "quiet",
        ),
        Tile(
            key="lag",
            label="Oldest lag",
            value=words.span(lag_s) if waiting else "none",
            said="the longest that anything waits" if waiting else "nothing is on its way",
            tone="bad" if lag_s > 60 else "quiet",
        ),
    ]


def _sync(facts: Facts) -> Tile:
    counts = Counter(state(one, facts.now) for one in facts.slots)
    matched, whole = counts["in sync"], len(facts.slots)
    segments, at = [], 0
    for word in SEGMENTS:
        segments.append((TONES[word], at, counts[word]))
        at += counts[word]
    said = f"{words.number(matched)} of {words.counted(whole, 'slot shows', 'slots show')} what we want"
    return Tile(
        key="sync",
        label="In sync",
        value=words.share(matched, whole),
        said=said if whole else "no slot wants anything yet",
        tone="bad" if counts["out of sync"] or counts["refused"] else "quiet",
        segments=tuple(segments),
        whole=whole,
    )


def trouble_count(facts: Facts) -> int:
    """Everything that waits for a person, also what the page has no room for."""
    refused = sum(1 for one in facts.slots if one.slot.trouble)
    shut = sum(1 for one in facts.accounts if one.state == "reconnect")
    return facts.problem_count + len(facts.letters) + refused + shut


def troubles(facts: Facts) -> Iterator[Trouble]:
    """What waits for a person: first what stops whole channels, then slots, deliveries, lines of orders."""
    for account in facts.accounts:
        if account.state == "reconnect":
            yield Trouble(key=f"connection:{account.name}", what="The platform refuses our credentials",
                          where=account.name, detail=account.why, since=None,
                          to_do="Connect it again with new credentials.")  # fmt: skip
    for one in facts.slots:
        if one.slot.trouble:
            yield Trouble(key=f"slot:{one.slot.id}", what="The channel refuses this stock figure",
                          where=" · ".join(name for name in (one.channel, one.place, one.title) if name),
                          detail=one.slot.trouble, since=one.wanted_at,
                          to_do="Look at the listing in the channel; it is tried again when stock moves.")  # fmt: skip
    for letter in facts.letters:
        delivery = letter.what == "delivery"
        yield Trouble(key=f"letter:{letter.id}", since=letter.since, detail=letter.why,
                      what="A delivery could not be booked" if delivery else f"A job failed for good: {letter.what}",
                      where="" if delivery else letter.about,
                      to_do="Read it, mend its content if need be, and replay it.")  # fmt: skip
    for problem in facts.problems:
        yield _order_trouble(problem)


def _order_trouble(problem: Problem) -> Trouble:
    return Trouble(
        key=f"order:{problem.id}",
        what=words.WHAT[problem.kind],
        where=" · ".join(part for part in (problem.channel, f"order {problem.number}", problem.sku) if part),
        detail=problem.detail,
        to_do=words.TO_DO[problem.kind],
        since=problem.opened_at,
    )


def _sku(one: SkuFacts, around: dict[str, object], now: datetime) -> str:
    return row("sku", one=one, states=[state(shown, now) for shown in one.slots], **around)
