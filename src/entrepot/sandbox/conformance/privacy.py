"""Secrets and personal data are told to nobody: no log line, error, record of a call, event, job or row
has them."""

import logging
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from sqlalchemy import select

from entrepot import connections
from entrepot.contract import AddressSeen, Channel, CustomerSeen
from entrepot.db import Tx, tables
from entrepot.kernel import ChannelError, Refusal
from entrepot.sandbox.conformance.answers import fields, readings
from entrepot.sandbox.conformance.bench import HOOKS, Bench, about_of
from entrepot.sandbox.conformance.effects import NAME, ROUGH, opened, trade
from entrepot.sandbox.conformance.promise import Excused, holds
from entrepot.sandbox.conformance.wire import instead, problem, rewritten
from entrepot.sandbox.world import World

MAIL, PHONE = "mopsy.quayside@buyers.example", "+31 6 1234 5678"
STATUSES = (400, 401, 403, 404, 409, 422, 429, 500, 503)
PEOPLE = ("billing", "shipping", "shipping_address", "fulfillments", "customer")
"""Where platforms put a buyer in the JSON of an order."""

SHORTEST = 5
"""Shorter words stand anywhere by chance."""


def nobody_is_told_a_secret_or_a_buyer(channel: Channel) -> None:
    """After trade under failing calls no row of the store and no log line holds a secret of the connection or
    names a buyer; what is sealed may."""
    bench = Bench(channel)
    bench.good("CUP")
    people = _people(bench, bench.buy(CUP=1))
    with _listening() as heard:
        world, shop = opened(channel, ROUGH)
        trade(world, shop, channel)
    held = world.store.read(lambda tx: connections.connection(tx, name=NAME))
    settings = held.settings if held else {}
    secrets = [settings.get(one.name, "") for one in about_of(channel).settings if one.secret]
    holds("the connection has no secret", any(secrets))
    _untold([*secrets, *people], {"a row": _rows(world), "a log line": heard})


def errors_quote_no_secret(channel: Channel) -> None:
    """An error quotes neither our keys nor a buyer's address, also where the platform's own words do."""
    bench = Bench(channel)
    bench.good("CUP")
    id = bench.buy(CUP=1)
    slot = bench.slot(bench.good("POT"))
    secrets = [bench.settings.get(one.name, "") for one in bench.about.settings if one.secret]
    calls: dict[str, Callable[[], Iterable[object]]] = dict(readings(bench, id))
    if hasattr(channel, "write_stock"):
        calls["write_stock"] = lambda: bench.write(bench.wanted("k1", slot, 7))
    if hasattr(channel, "subscribe"):
        calls["subscribe"] = lambda: [channel.subscribe(bench.api, HOOKS)]
    if hasattr(channel, "probe"):
        calls["probe"] = lambda: [channel.probe(bench.api)]
    told: list[str] = []
    with _listening() as heard:
        for body in _complaints(secrets):
            for status in STATUSES:
                bench.wire.rule = instead(problem(status, body))
                told += [_said(call) for call in calls.values()]
    _untold(
        [*secrets, MAIL, PHONE], {"an error": told, "a log line": heard, "a record": bench.notebook.lines}
    )


def an_order_in_no_shape_names_nobody(channel: Channel) -> None:
    """An order that cannot be understood is refused in words that name no buyer."""
    bench = Bench(channel)
    bench.good("CUP")
    id = bench.buy(CUP=1)
    people = _people(bench, id)
    told = []
    for name in fields(bench, id):
        for spoil in (_with_people, _with_nonsense):
            bench.wire.rule = rewritten(lambda one, name=name, spoil=spoil: spoil(one, name))  # type: ignore[misc]
            told.append(_said(lambda: [channel.read_order(bench.api, id).external_id]))
    _untold(people, {"an error": told})


def _with_people(one: dict[str, Any], name: str) -> None:
    """Puts an order's buyer where one of its fields stood."""
    if "line_items" in one and name in one:
        one[name] = {"moon": [one.get(each) for each in PEOPLE]}


def _with_nonsense(one: dict[str, Any], name: str) -> None:
    if "line_items" in one and name in one:
        one[name] = [7]


def _people(bench: Bench, id: str) -> list[str]:
    """What names the buyer of an order, as the adapter reads it."""
    order = bench.order(id)
    people = [one for one in (order.customer, order.ship_to, order.bill_to) if one]
    found = {text for one in people for text in _names(one) if len(text) >= SHORTEST}
    if not found:
        raise Excused("it tells no buyers")
    return sorted(found)


def _names(one: CustomerSeen | AddressSeen) -> tuple[str, ...]:
    if isinstance(one, CustomerSeen):
        return one.name, one.email, one.phone
    return one.name, one.phone, one.postcode, *one.street


def _complaints(secrets: Iterable[str]) -> Iterator[object]:
    """Error bodies in the usual shapes, with everything in them that must not be quoted."""
    for secret in filter(None, secrets):
        sentence = f"the key {secret} may not see {MAIL}, {PHONE}"
        yield {"message": sentence, "code": secret}
        yield {"errors": [{"detail": sentence, "code": secret, "category": secret, "field": secret}]}
        yield {"errors": sentence}
        yield {"error": {"message": sentence, "type": secret}, "error_description": sentence}


def _said(call: Callable[[], Iterable[object]]) -> str:
    """All the words of what came of a call."""
    try:
        return repr(list(call()))
    except (ChannelError, Refusal) as error:
        return f"{error} {error!r} {error.args} {error.__cause__!r} {error.__context__!r}"


def _untold(words: Iterable[str], told: dict[str, list[str]]) -> None:
    """Broken if one of the words stands somewhere, plainly or as base64."""
    for word in filter(lambda one: len(one) >= SHORTEST, words):
        forms = {word, b64encode(word.encode()).decode().rstrip("=")}
        for where, texts in told.items():
            met = next((text for text in texts if any(form in text for form in forms)), None)
            if met is not None:
                at = next(met.index(form) for form in forms if form in met)
                holds(f"{where} tells {word[:3]}…: {met[max(at - 60, 0) : at]}", False)


def _rows(world: World) -> list[str]:
    """Every row of every table as text."""

    def ask(tx: Tx) -> list[str]:
        every = tables.metadata.sorted_tables
        return [f"{table.name} {tuple(_text(value) for value in row)}" for table in every
                for row in tx.rows(select(table))]  # fmt: skip

    return world.store.read(ask)


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


class _Ears(logging.Handler):
    """Keeps every log line."""

    def __init__(self, heard: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self._heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        self._heard.append(record.getMessage())


@contextmanager
def _listening() -> Iterator[list[str]]:
    """All that is logged meanwhile, by whichever library."""
    heard: list[str] = []
    ears, root = _Ears(heard), logging.getLogger()
    before = root.level
    root.addHandler(ears)
    root.setLevel(logging.DEBUG)
    try:
        with structlog.testing.capture_logs() as entries:
            yield heard
        heard += [repr(entry) for entry in entries]
    finally:
        root.setLevel(before)
        root.removeHandler(ears)
