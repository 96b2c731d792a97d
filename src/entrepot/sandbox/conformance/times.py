"""Times are aware and UTC, and a version says which of two testimonies is the later one."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx2
import msgspec

from entrepot.channels.kit.times import http_text
from entrepot.contract import Channel, OrderSeen
from entrepot.sandbox.conformance.bench import START, Bench
from entrepot.sandbox.conformance.promise import holds, same
from entrepot.sandbox.conformance.wire import Ask

WHOLE_SECOND = timedelta(seconds=1)
AHEAD_S = 120


def every_time_is_aware_and_utc(channel: Channel) -> None:
    """Every time in every testimony is aware and UTC."""
    bench = Bench(channel)
    bench.good("CUP")
    id = bench.buy(CUP=3)
    bench.trial.send(bench.shop, id, bench.now)
    bench.shop.refund(id, {"CUP": 1}, bench.now, restock=True)
    seen: list[Any] = [bench.order(id), *bench.sweep(START)]
    seen += channel.read_listings(bench.api) if hasattr(channel, "read_listings") else []
    seen += bench.stock(*bench.shop.shown()).values() if hasattr(channel, "read_stock") else []
    found = {where: at for one in seen for where, at in _times(one, type(one).__name__)}
    wrong = [f"{where} {at}" for where, at in found.items() if at.utcoffset() != timedelta(0)]
    same("times that are not UTC", wrong, [])
    holds("there is no time in any testimony", found)


def an_order_is_dated_by_its_own_time(channel: Channel) -> None:
    """An order says when it was placed, paid and last changed, to the second and in UTC."""
    bench = Bench(channel)
    bench.good("CUP")
    bench.wait(5400)
    id = bench.buy(paid=False, CUP=1)
    bench.wait(600)
    bench.trial.pay(bench.shop, id, bench.now)
    order = bench.order(id)
    _about("placed at", order.placed_at, datetime.fromisoformat("2026-03-02T09:30:00+00:00"))
    _about("changed at", order.changed_at, datetime.fromisoformat("2026-03-02T09:40:00+00:00"))
    if order.paid_at:
        _about("paid at", order.paid_at, datetime.fromisoformat("2026-03-02T09:40:00+00:00"))


def a_later_state_has_a_later_version(channel: Channel) -> None:
    """Every change of an order gives it a version that sorts later; without one it keeps its version."""
    bench = Bench(channel)
    bench.good("CUP")
    id = bench.buy(paid=False, CUP=3)
    versions = [bench.order(id).version]
    changes: tuple[Callable[[], None], ...] = (
        lambda: bench.trial.pay(bench.shop, id, bench.now),
        lambda: bench.trial.send(bench.shop, id, bench.now),
        lambda: bench.shop.refund(id, {"CUP": 1}, bench.now, restock=True),
    )
    for change in changes:
        bench.wait(1000)
        same("the version of an order that did not change", bench.order(id).version, versions[-1])
        change()
        versions.append(bench.order(id).version)
    keys = [version.key for version in versions]
    same("keys of the versions, first to last", keys, sorted(set(keys)))


def a_sweep_tells_the_same_as_a_reading(channel: Channel) -> None:
    """An order read in a sweep and read by its id is the same testimony, with the same version."""
    bench = Bench(channel)
    bench.good("CUP")
    id = bench.buy(CUP=3)
    bench.trial.send(bench.shop, id, bench.now)
    bench.wait(60)
    bench.shop.refund(id, {"CUP": 1}, bench.now, restock=True)
    swept = [one.version for one in bench.sweep(START) if isinstance(one, OrderSeen)]
    if swept:
        same("the version in the sweep", swept, [bench.order(id).version])


def a_figure_is_dated_by_the_channel(channel: Channel) -> None:
    """A figure is dated by the channel's clock, not by ours."""
    bench = Bench(channel)
    bench.good("CUP")
    slots = list(bench.shop.shown())
    bench.wire.rule = lambda _request, ask: _ahead(ask, bench.now)
    for one in bench.stock(*slots).values():
        _about("the figure is of", one.at, bench.now + timedelta(seconds=AHEAD_S))


def _ahead(ask: Ask, now: datetime) -> httpx2.Response:
    """The answer of a platform whose clock is two minutes ahead."""
    given = ask()
    given.headers["date"] = http_text(now + timedelta(seconds=AHEAD_S))
    return given


def _about(what: str, came: datetime, expected: datetime) -> None:
    holds(f"{what}: expected {expected}, came {came}",
          came.utcoffset() is not None and abs(came - expected) <= WHOLE_SECOND)  # fmt: skip


def _times(value: Any, where: str) -> Iterator[tuple[str, datetime]]:
    """Every time in a testimony, with where it stands."""
    if isinstance(value, datetime):
        yield where, value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from _times(getattr(value, name), f"{where}.{name}")
    elif isinstance(value, tuple):
        for one in value:
            yield from _times(one, where)
