"""Tries every promise on an adapter."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

import msgspec

from entrepot.contract import CAPABILITIES, Channel
from entrepot.kernel import ChannelError, Refusal
from entrepot.sandbox.conformance.bench import about_of
from entrepot.sandbox.conformance.promise import Broken, Excused, Outcome, Promise, Verdict
from entrepot.sandbox.conformance.promises import PROMISES

WHY_MAX = 400

ORDERS = ("read_order", "read_orders", "read_events")
STOCK = (*ORDERS, "read_listings", "read_stock", "write_stock")
LATER = ("read_ticket", "read_queue", "door", "read_locations")
"""Functions that a platform may not need at all: they say nothing about how far an adapter goes."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """How an adapter did: what became of each promise, in the order of the table."""

    name: str
    tier: str
    outcomes: tuple[Outcome, ...]


def check(channel: Channel, promises: Iterable[Promise] = PROMISES) -> Report:
    """Tries the promises on an adapter, one after the other and each on an account of its own."""
    about = about_of(channel)
    return Report(name=about.name, tier=tier(channel), outcomes=tuple(_tried(channel, promises)))


def tier(channel: Channel) -> str:
    """How far an adapter goes, by the functions it has: 'orders' (it reads them), 'orders and stock' (it
    keeps the channel's figures too), 'whole' (everything of the contract that a platform can have), ''
    (not even orders)."""
    missing = {name for name in CAPABILITIES if not hasattr(channel, name)}
    if not missing - set(LATER):
        return "whole"
    if not missing & set(STOCK):
        return "orders and stock"
    return "" if missing & set(ORDERS) else "orders"


def _tried(channel: Channel, promises: Iterable[Promise]) -> Iterator[Outcome]:
    for promise in promises:
        yield tried(channel, promise)


def tried(channel: Channel, promise: Promise) -> Outcome:
    """What becomes of one promise. Whatever an adapter raises that is no part of the contract breaks it:
    the promise is tried in a thread, which hands over the error whatever it is."""
    missing = [name for name in promise.needs if not hasattr(channel, name)]
    if missing:
        reason = about_of(channel).lacks.get(missing[0], "")
        return _outcome(promise, Verdict.EXCUSED, f"no {missing[0]}: {reason}")
    with ThreadPoolExecutor(max_workers=1) as pool:
        error = pool.submit(promise.prove, channel).exception()
    match error:
        case None:
            return _outcome(promise, Verdict.KEPT)
        case Excused():
            return _outcome(promise, Verdict.EXCUSED, str(error))
        case Broken():
            return _outcome(promise, Verdict.BROKEN, str(error))
        case ChannelError() | Refusal():
            return _outcome(promise, Verdict.BROKEN, f"{type(error).__name__}: {error}")
        case _:
            return _outcome(promise, Verdict.BROKEN, f"it crashed with {type(error).__name__}: {error}")


def _outcome(promise: Promise, verdict: Verdict, why: str = "") -> Outcome:
    short = why if len(why) <= WHY_MAX else why[: WHY_MAX - 1] + "…"
    return Outcome(promise=promise.name, sentence=promise.sentence, verdict=verdict, why=short)
