"""Quotas are obeyed, and a token that ended is renewed once."""

from collections.abc import Mapping

from entrepot.connections.permits import LocalPermits
from entrepot.contract import Channel, OrderSeen
from entrepot.kernel import Cause, ChannelError
from entrepot.sandbox.conformance.answers import Reading, readings
from entrepot.sandbox.conformance.bench import START, Bench
from entrepot.sandbox.conformance.pages import named
from entrepot.sandbox.conformance.promise import Broken, Excused, holds, same
from entrepot.sandbox.conformance.wire import instead, once, problem

ORDERS = 40
TURNS_MAX = 400
THROTTLED_SHARE = 0.05
"""A platform that counts points tells only by its no that there are too few: of twenty calls one may be
told so."""


class Renewing:
    """A vault that has one other token to give, and counts how often it is asked for one."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._settings, self.asked = settings, 0

    def current(self) -> Mapping[str, str]:
        return self._settings

    def renewed(self, refused: str) -> Mapping[str, str] | None:
        self.asked += 1
        return self._settings


def a_burst_stays_within_the_quota(channel: Channel) -> None:
    """A burst of work at the declared pace hardly ever meets the vendor's quota, and everything is done at
    last."""
    permits = LocalPermits()
    bench = Bench(channel, narrow=True, permits=permits)
    permits.allow("bench", bench.about.pace)
    bench.good("CUP", 500)
    ids = [bench.buy(CUP=1) for _ in range(ORDERS)]
    seen = {_patiently(bench, id).external_id for id in ids}
    same("orders that were not read", sorted(set(ids) - seen), [])
    holds("the sweep did not name them all", set(ids) <= named(bench.sweep(START)))
    throttled, calls = bench.wire.statuses.count(429), len(bench.wire.statuses)
    holds(f"{throttled} of {calls} calls were too fast", throttled <= THROTTLED_SHARE * calls)


def a_401_is_denied(channel: Channel) -> None:
    """401: whoever is not known is told to connect again, after one call."""
    bench = Bench(channel)
    bench.good("CUP")
    every = readings(bench, bench.buy(CUP=1))
    bench.wire.rule = instead(problem(401))
    for name, read in every.items():
        before = len(bench.wire.calls)
        same(f"the cause that {name} gives", _cause(read), Cause.DENIED)
        same(f"calls of {name}", len(bench.wire.calls) - before, 1)


def a_401_is_mended_by_one_new_token(channel: Channel) -> None:
    """401 where the token can be renewed: one renewal mends it; if not, a person is asked, after one
    renewal."""
    bench = Bench(channel)
    if bench.about.oauth is None:
        raise Excused("its keys do not end")
    bench.good("CUP")
    id = bench.buy(CUP=1)
    vault = Renewing(bench.settings)
    door = bench.door(vault=vault)
    bench.wire.rule = once(instead(problem(401)))
    order = channel.read_order(door, id)
    holds(f"after the renewal came {order!r}", isinstance(order, OrderSeen))
    same("renewals for one 401", vault.asked, 1)
    bench.wire.rule = instead(problem(401))
    same("the cause", _cause(lambda: [channel.read_order(door, id)]), Cause.DENIED)
    same("renewals after a second one", vault.asked, 2)


def _patiently(bench: Bench, id: str) -> OrderSeen:
    """Reads an order, as the hub's queue does it: again when it is told to wait."""
    for _ in range(TURNS_MAX):
        try:
            return bench.order(id)
        except ChannelError as error:
            if error.cause is not Cause.BUSY:
                raise
            bench.wait(error.wait_s or 1.0)
    raise Broken(f"order {id} was never read: it was told to wait {TURNS_MAX} times")


def _cause(read: Reading) -> Cause | None:
    """Why a reading failed; None if it did not."""
    try:
        list(read())
    except ChannelError as error:
        return error.cause
    return None
