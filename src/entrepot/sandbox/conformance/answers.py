"""Whatever a platform answers becomes one of a few causes; nothing is swallowed and nothing crashes."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

from entrepot.contract import Applied, Channel, Response
from entrepot.kernel import Cause, ChannelError, Refusal
from entrepot.sandbox.conformance.bench import START, Bench
from entrepot.sandbox.conformance.promise import Broken, holds, same
from entrepot.sandbox.conformance.wire import HTML, JSON, Rule, cut, instead, lost, problem, rewritten

Reading = Callable[[], Iterable[object]]


def a_404_is_missing(channel: Channel) -> None:
    """404: an order that is not there is missing, not a crash and not nothing."""
    bench, every = _bench(channel)
    bench.wire.rule = instead(problem(404))
    _fails("read_order", every["read_order"], Cause.MISSING)


def a_403_is_denied(channel: Channel) -> None:
    """403: whoever may not read is told so."""
    _all_fail(channel, instead(problem(403)), Cause.DENIED)


def a_409_is_a_conflict(channel: Channel) -> None:
    """409: a conflict is told as one."""
    _all_fail(channel, instead(problem(409)), Cause.CONFLICT)


def a_500_is_down(channel: Channel) -> None:
    """500: the platform is down, and waiting may help."""
    _all_fail(channel, instead(problem(500)), Cause.DOWN)


def html_is_nonsense(channel: Channel) -> None:
    """A page of HTML with a 200, as maintenance shows it, is nonsense."""
    _all_fail(channel, instead(HTML), Cause.NONSENSE)


def cut_json_is_nonsense(channel: Channel) -> None:
    """Half an answer is nonsense, never half an order."""
    _all_fail(channel, cut, Cause.NONSENSE)


def a_time_out_is_lost(channel: Channel) -> None:
    """An answer that does not come is lost, and told so."""
    _all_fail(channel, lost, Cause.LOST)


def a_429_waits_the_seconds_that_it_names(channel: Channel) -> None:
    """429 with Retry-After in seconds: the account waits that long, and no further call is made."""
    _waits(channel, lambda _bench: "77")


def a_429_waits_until_the_date_that_it_names(channel: Channel) -> None:
    """429 with Retry-After as a date: the account waits until then, and no further call is made."""
    _waits(channel, lambda bench: format_datetime(bench.now + timedelta(seconds=77), usegmt=True))


def an_answer_without_content_is_no_crash(channel: Channel) -> None:
    """A 200 without the thing that was asked for is an error of the contract: no crash, and no order."""
    for body in (b"{}", b"[]", b"null", b"", b'{"id":null}', b'"order"', b'{"errors":[]}'):
        bench, every = _bench(channel)
        bench.wire.rule = instead(Response(status=200, body=body, headers=JSON))
        for name, read in every.items():
            try:
                seen = list(read())
            except (ChannelError, Refusal):
                continue
            holds(f"{name} took {body.decode()!r} for {seen}", name != "read_order")


def an_order_in_another_shape_is_no_crash(channel: Channel) -> None:
    """An order that lacks a field, or has nonsense there, is read, hinted at or refused: it is no crash."""
    bench = Bench(channel)
    bench.good("CUP")
    id = bench.buy(CUP=2)
    bench.wait(60)
    bench.shop.refund(id, {"CUP": 1}, bench.now, restock=True)
    for name in fields(bench, id):
        for nonsense in (None, "moon", -1, [7]):
            bench.wire.rule = rewritten(lambda one, at=name, by=nonsense: _spoil(one, at, by))  # type: ignore[misc]
            with suppress(ChannelError, Refusal):
                channel.read_order(bench.api, id)
            if hasattr(channel, "read_orders") and name != "id":  # what has no id cannot be named
                _swept(bench, f"{name} {nonsense!r}")


def _swept(bench: Bench, where: str) -> None:
    """One order that cannot be understood does not end a sweep."""
    try:
        seen = bench.sweep(START)
    except (ChannelError, Refusal) as error:
        raise Broken(f"an order with {where} ended the sweep: {error}") from None
    holds(f"an order with {where} is not in the sweep", seen)


def fields(bench: Bench, id: str) -> list[str]:
    """The fields of an order as the platform tells it."""
    met: set[str] = set()
    bench.wire.rule = rewritten(lambda one: met.update(one) if "line_items" in one else None)
    bench.order(id)
    holds("no answer holds an order: an object with line_items", met)
    return sorted(met)


def _spoil(one: dict[str, Any], name: str, nonsense: object) -> None:
    if "line_items" in one and name in one:
        one[name] = nonsense


def a_write_that_failed_is_not_called_done(channel: Channel) -> None:
    """A write that the platform did not take is never answered as applied."""
    failures = {str(status): instead(problem(status)) for status in (401, 403, 404, 409, 422, 429, 500, 503)}
    for name, rule in (failures | {"HTML": instead(HTML)}).items():
        bench, _readings = _bench(channel)
        slot = bench.slot(bench.good("POT"))
        bench.wire.rule = rule
        try:
            answers = bench.write(bench.wanted("k1", slot, 7))
        except ChannelError:
            continue
        holds(f"after {name} the answer was {answers}",
              [one.key for one in answers] == ["k1"] and not isinstance(answers[0], Applied))  # fmt: skip


def a_write_waits_when_it_is_told_to(channel: Channel) -> None:
    """429 stops a write at once: no further row is tried."""
    bench, _readings = _bench(channel)
    rows = [bench.wanted(f"k{n}", bench.slot(bench.good(f"POT{n}")), 7) for n in range(3)]
    bench.wire.rule, before = instead(problem(429, headers={"retry-after": "77"})), len(bench.wire.calls)
    try:
        answers = bench.write(*rows)
    except ChannelError as error:
        same("the cause, and the wait that is asked for", (error.cause, error.wait_s), (Cause.BUSY, 77.0))
    else:
        raise Broken(f"the write went on as if nothing were: {answers}")
    same("calls that were made", len(bench.wire.calls) - before, 1)


def _all_fail(channel: Channel, rule: Rule, cause: Cause) -> None:
    bench, every = _bench(channel)
    bench.wire.rule = rule
    for name, read in every.items():
        _fails(name, read, cause)


def _fails(name: str, read: Reading, cause: Cause) -> ChannelError:
    """The error; Broken if there is none, or another one."""
    try:
        came = list(read())
    except ChannelError as error:
        same(f"the cause that {name} gives", error.cause, cause)
        return error
    raise Broken(f"{name} went on as if nothing were: {came!r}")


def _waits(channel: Channel, spell: Callable[[Bench], str]) -> None:
    bench, every = _bench(channel)
    for name, read in every.items():
        before = len(bench.wire.calls)
        bench.wire.rule = instead(problem(429, headers={"retry-after": spell(bench)}))
        error = _fails(name, read, Cause.BUSY)
        holds(
            f"{name} was told to wait 77 seconds and asks for {error.wait_s}", 76 <= (error.wait_s or 0) <= 77
        )
        same(f"calls of {name}, the one that was told to wait included", len(bench.wire.calls) - before, 1)


def _bench(channel: Channel) -> tuple[Bench, dict[str, Reading]]:
    """A bench with an order, and the readings that the adapter has."""
    bench = Bench(channel)
    bench.good("CUP")
    return bench, readings(bench, bench.buy(CUP=1))


def readings(bench: Bench, id: str) -> dict[str, Reading]:
    """The readings that the adapter has, by their names; `id` is an order that is there."""
    channel, slots = bench.channel, list(bench.shop.shown())
    every: dict[str, Reading] = {
        "read_order": lambda: [channel.read_order(bench.api, id)],
        "read_orders": lambda: channel.read_orders(bench.api, START),
        "read_listings": lambda: channel.read_listings(bench.api),
        "read_stock": lambda: channel.read_stock(bench.api, slots),
        "read_locations": lambda: channel.read_locations(bench.api),
    }
    return {name: read for name, read in every.items() if hasattr(channel, name)}
