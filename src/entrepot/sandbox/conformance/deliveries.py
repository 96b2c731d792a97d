"""Webhooks: subscribed once, understood or passed over, told apart."""

from collections.abc import Iterator

import msgspec

from entrepot.channels.kit.json import decode, encode
from entrepot.channels.kit.webhook import delivery_key
from entrepot.contract import Channel, Delivery, Hint, OrderSeen, Seen, StockSeen
from entrepot.kernel import Cause, ChannelError, Refusal
from entrepot.sandbox.conformance.bench import Bench
from entrepot.sandbox.conformance.pages import named
from entrepot.sandbox.conformance.promise import Broken, Excused, holds, same

BODIES = (b"", b"{}", b"[]", b"null", b"7", b'{"id":{}}', b'{"id":"x","type":"x","data":7}', b"<html></html>")


def a_webhook_names_the_order(channel: Channel) -> None:
    """A few seconds after an order was placed, changed or cancelled a webhook names it."""
    bench = Bench(channel)
    bench.good("CUP")
    bench.subscribe()
    id = bench.buy(paid=False, CUP=2)
    holds(f"no webhook named order {id} when it was placed", id in _heard(bench))
    bench.trial.pay(bench.shop, id, bench.now)
    holds(f"no webhook named order {id} when it was paid", id in _heard(bench))
    bench.trial.send(bench.shop, id, bench.now)
    holds(f"no webhook named order {id} when it was sent", id in _heard(bench))
    other = bench.buy(paid=False, CUP=2)
    _heard(bench)
    bench.shop.cancel(other, bench.now)
    holds(f"no webhook named order {other} when it was cancelled", other in _heard(bench))


def a_sale_on_the_spot_is_told(channel: Channel) -> None:
    """A sale over the counter, or in the shop itself, is named by a webhook too."""
    bench = Bench(channel)
    bench.good("CUP")
    bench.subscribe()
    where = bench.slot(next(iter(bench.shop.shown()))[0])[1]
    id = str(bench.shop.place({"CUP": 2}, bench.now, location=where))
    holds(f"no webhook named sale {id}", id in _heard(bench))


def a_webhook_tells_no_more_than_a_reading(channel: Channel) -> None:
    """An order told by a webhook says what a reading says; where it cannot, it is only a hint."""
    bench = Bench(channel)
    bench.good("CUP")
    bench.subscribe()
    id = bench.buy(CUP=3)
    for refunded in (0, 1):
        if refunded:
            bench.shop.refund(id, {"CUP": refunded}, bench.now, restock=True)
        for posted in bench.posts():
            for seen in bench.hears(posted):
                if isinstance(seen, OrderSeen):
                    read = bench.order(seen.external_id)
                    same("the version that the webhook tells", seen.version, read.version)
                    same("the lines that it tells", seen.lines, read.lines)
        bench.wait(60)


def a_deletion_is_told(channel: Channel) -> None:
    """An order that is deleted at the channel is told as gone, or as something to be read, and then
    missing."""
    bench = Bench(channel)
    bench.good("CUP")
    bench.subscribe()
    id = bench.buy(CUP=2)
    bench.posts()
    bench.shop.erase(id, bench.now)
    if any(one.external_id == id and any(one.units.values()) for one in bench.shop.placed()):
        raise Excused("the platform deletes no orders")
    heard = [one for posted in bench.posts() for one in bench.hears(posted)]
    holds(f"no webhook said that order {id} was deleted", id in named(heard))
    for one in heard:
        told = isinstance(one, OrderSeen) and one.external_id == id
        holds("a webhook told a deleted order as if it stood", not told)
    try:
        found = channel.read_order(bench.api, id)
    except ChannelError as error:
        same("reading an order that was deleted", error.cause, Cause.MISSING)
    else:
        raise Broken(f"an order that was deleted was read as {type(found).__name__}")


def subscribing_twice_is_subscribing_once(channel: Channel) -> None:
    """Subscribing a second time makes no second subscription: every event comes once."""
    bench = Bench(channel)
    bench.good("CUP")
    bench.subscribe()
    bench.subscribe()
    bench.buy(CUP=1)
    bodies = [(posted.body, posted.headers.get(bench.about.topic_header, "")) for posted in bench.posts()]
    holds("no webhook came at all", bodies)
    same("webhooks that came twice", len(bodies) - len(set(bodies)), 0)


def unsubscribed_is_silent(channel: Channel) -> None:
    """After unsubscribing no webhook comes."""
    bench = Bench(channel)
    bench.good("CUP")
    bench.subscribe()
    channel.unsubscribe(bench.api)
    bench.buy(CUP=1)
    same("webhooks after unsubscribing", len(bench.posts()), 0)


def a_strange_topic_is_passed_over(channel: Channel) -> None:
    """A topic that we did not ask for teaches nothing, and is no error."""
    bench = Bench(channel)
    if not bench.about.topic_header:
        raise Excused("the body names its topic")
    bench.good("CUP")
    bench.subscribe()
    bench.buy(CUP=1)
    for posted in bench.posts():
        one = bench.delivery(posted)
        strange = msgspec.structs.replace(one, headers={**one.headers, bench.about.topic_header: "moon/rise"})
        same("what a strange topic taught", list(channel.read_events(strange, bench.settings)), [])


def a_malformed_delivery_is_no_crash(channel: Channel) -> None:
    """A delivery in no known shape is refused or passed over: it is no crash, and no order."""
    bench = Bench(channel)
    bench.good("CUP")
    bench.subscribe()
    bench.buy(CUP=1)
    for posted in bench.posts():
        one = bench.delivery(posted)
        for body in (*BODIES, one.body[: len(one.body) // 2]):
            seen = _taught(bench, msgspec.structs.replace(one, body=body))
            told = [each for each in seen if not (isinstance(each, Hint) and not each.id)]
            same(f"what {body[:40]!r} taught", told, [])
        for body in _spoilt(one.body):
            _taught(bench, msgspec.structs.replace(one, body=body))


def _taught(bench: Bench, delivery: Delivery) -> list[Seen]:
    """What a delivery says; nothing if it is refused."""
    try:
        return list(bench.channel.read_events(delivery, bench.settings))
    except (ChannelError, Refusal):
        return []


def _spoilt(body: bytes) -> Iterator[bytes]:
    """The body with each of its fields gone or full of nonsense, in turn."""
    value = decode(body) if body.startswith(b"{") else {}
    for name in value:
        yield encode({key: inner for key, inner in value.items() if key != name})
        yield from (encode({**value, name: nonsense}) for nonsense in (7, "moon", [7], {"object": 7}))


def deliveries_are_told_apart(channel: Channel) -> None:
    """Two deliveries have two keys; the same one that comes twice has one."""
    bench = Bench(channel)
    bench.good("CUP")
    bench.subscribe()
    posts = []
    for _ in range(3):
        bench.buy(CUP=1)
        posts += bench.posts()
    keys = [delivery_key(bench.about, bench.delivery(posted)) for posted in posts]
    same("deliveries that share a key", len(posts) - len(set(keys)), 0)
    same(
        "keys of the same deliveries again",
        [delivery_key(bench.about, bench.delivery(one)) for one in posts],
        keys,
    )


def a_figure_told_is_the_figure_shown(channel: Channel) -> None:
    """A figure that a webhook tells is the one that the channel shows, at a time of its own clock."""
    bench = Bench(channel)
    item = bench.good("CUP")
    bench.subscribe()
    slot = bench.slot(item)
    bench.wait(60)
    bench.shop.set_stock("CUP", 33, bench.now)
    at = bench.now
    told = [one for posted in bench.posts() for one in bench.hears(posted) if isinstance(one, StockSeen)]
    if not told:
        raise Excused("its webhooks tell no figures")
    same("figures of the slot", {int(one.quantity) for one in told if (one.item, one.location) == slot}, {33})
    holds(f"the figure is of {told[0].at}, not of {at}", abs((told[0].at - at).total_seconds()) <= 1)


def a_probe_says_what_is_wrong(channel: Channel) -> None:
    """A first look finds nothing wrong with an account in order, and does not pass over a refused key."""
    bench = Bench(channel)
    found = channel.probe(bench.api)
    holds("the account has no name", found.account)
    same("problems of an account in order", found.problems, ())
    try:
        problems = channel.probe(bench.door(_wrong(bench))).problems
    except ChannelError as error:
        same("a wrong key", error.cause, Cause.DENIED)
    else:
        holds("a wrong key is no problem, says the probe", problems)


def _wrong(bench: Bench) -> dict[str, str]:
    """The secrets of the account, each with its first letters changed."""
    secrets = [one.name for one in bench.about.settings if one.secret and bench.settings.get(one.name)]
    if not secrets:
        raise Broken("none of the settings that open the account is marked as secret")
    return {name: bench.settings[name].swapcase()[::-1] for name in secrets}


def _heard(bench: Bench) -> set[str]:
    """The orders that the webhooks of the next seconds name."""
    return named([one for posted in bench.posts() for one in bench.hears(posted)])
