"""The door fails closed: nothing is learnt from a delivery that the platform did not sign."""

import json

import msgspec

from entrepot.contract import Channel, Delivery
from entrepot.sandbox.conformance.bench import Bench
from entrepot.sandbox.conformance.promise import Broken, Excused, holds


def a_signed_delivery_is_let_in(channel: Channel) -> None:
    """What the platform signed is let in, whatever stands in it."""
    bench, deliveries = _signed(channel)
    for one in deliveries:
        holds("a webhook of the platform itself is not let in", bench.lets_in(one))


def another_secret_is_refused(channel: Channel) -> None:
    """A delivery that another secret signed is refused."""
    bench, deliveries = _signed(channel)
    for one in deliveries:
        refused = not bench.lets_in(one, **{bench.about.signature.secret: "another-secret"})
        holds("a delivery was let in that another secret signed", refused)


def a_missing_signature_is_refused(channel: Channel) -> None:
    """A delivery without a signature, or with a blank one, is refused."""
    bench, deliveries = _signed(channel)
    header = bench.about.signature.header.lower()
    for one in deliveries:
        without = {name: value for name, value in one.headers.items() if name != header}
        for headers in (
            without,
            {**without, header: ""},
            {**without, header: " "},
            {**without, header: "AAAA"},
        ):
            holds(f"a delivery was let in with the signature {headers.get(header)!r}",
                  not bench.lets_in(msgspec.structs.replace(one, headers=headers)))  # fmt: skip


def an_empty_secret_refuses_everything(channel: Channel) -> None:
    """Without a secret of ours nothing is let in, also not what an empty secret signed."""
    bench, deliveries = _signed(channel)
    for one in deliveries:
        holds("a delivery was let in though we hold no secret",
              not bench.lets_in(one, **{bench.about.signature.secret: ""}))  # fmt: skip


def a_body_written_anew_is_refused(channel: Channel) -> None:
    """The signature is over the raw bytes: the same JSON written anew is refused."""
    bench, deliveries = _signed(channel)
    for one in deliveries:
        value = json.loads(one.body)
        for body in (json.dumps(value).encode(), json.dumps(value, indent=1).encode(), one.body + b" "):
            if body != one.body:
                holds("a delivery was let in though its body was written anew",
                      not bench.lets_in(msgspec.structs.replace(one, body=body)))  # fmt: skip


def another_address_is_refused(channel: Channel) -> None:
    """Where the signature covers our address, a delivery to another one is refused."""
    bench, deliveries = _signed(channel)
    if not bench.about.signature.covers_url:
        raise Excused("its signature does not cover the address")
    for one in deliveries:
        elsewhere = msgspec.structs.replace(one, url="https://hub.example/hooks/other")
        holds("a delivery to another address was let in", not bench.lets_in(elsewhere))


def _signed(channel: Channel) -> tuple[Bench, list[Delivery]]:
    """A bench, and what it posts of an order that was placed, paid and refunded; pings left out."""
    bench = Bench(channel)
    bench.good("CUP")
    bench.subscribe()
    id = bench.buy(CUP=3)
    found = bench.posts()
    bench.shop.refund(id, {"CUP": 1}, bench.now, restock=True)
    found += bench.posts()
    header = bench.about.signature.header.lower()
    deliveries = [bench.delivery(posted) for posted in found]
    deliveries = [one for one in deliveries if header in one.headers]
    if not deliveries:
        raise Broken(f"none of {len(found)} webhooks carries the header {header} that ABOUT.signature names")
    return bench, deliveries
