"""Readiness: what is still missing before goods and orders flow, and how to mend it."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import msgspec

from entrepot.connections import Flow, Level, State
from entrepot.db import Tx, tables
from entrepot.monitor import views
from entrepot.monitor.views import Account

LOOPBACK = {"localhost", "127.0.0.1", "::1", "0.0.0.0"}  # noqa: S104 — an address to recognise, not to listen on


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """`missing`: the set-up is not ready without it; else it is only worth knowing. `mend` is what to do or
    type."""

    what: str
    mend: str
    missing: bool = True


def readiness(tx: Tx) -> list[Finding]:
    """What a store still lacks, in the order in which one would mend it."""
    accounts = views.accounts(tx)
    return [
        *_first_steps(tx, accounts),
        *_unmapped(tx),
        *(finding for one in accounts for finding in _of(one)),
        *_dead_letters(tx, accounts),
    ]


def _first_steps(tx: Tx, accounts: list[Account]) -> Iterator[Finding]:
    if not views.counted(tx, tables.location):
        yield Finding(what="there is no location with goods yet", mend="entrepot location add main")
    if not views.counted(tx, tables.sku):
        yield Finding(what="there is no SKU yet", mend="entrepot stock import FILE.csv --create")
    elif not views.counted(tx, tables.posting):
        yield Finding(what="no stock was ever booked", mend="entrepot stock import FILE.csv")
    if not accounts:
        yield Finding(
            what="no channel is connected yet", mend="entrepot channels list, then entrepot connect"
        )


def _unmapped(tx: Tx) -> Iterator[Finding]:
    for one in views.unmapped_locations(tx):
        yield Finding(
            what=f"{one.connection}: {one.count} of its locations are not mapped yet, such as {one.title!r}",
            mend=f"entrepot location map {one.connection} {one.example} LOCATION",
        )
    for one in views.unmapped_listings(tx):
        yield Finding(
            what=f"{one.connection}: {one.count} listings have no SKU yet, such as {one.title!r}",
            mend=f"entrepot sku map {one.connection} {one.example} SKU",
        )


def _of(one: Account) -> Iterator[Finding]:
    """What one connection lacks."""
    if one.state != State.READY:
        yield Finding(
            what=f"{one.name} does not let us in: {one.why}", mend="give the hub new credentials for it"
        )
    orders_in, stock_out = one.flows.get(Flow.ORDERS_IN), one.flows.get(Flow.STOCK_OUT)
    if orders_in != Level.ON:
        yield Finding(
            what=f"{one.name}: orders_in is {orders_in}", mend=f"entrepot flow {one.name} orders_in on"
        )
    if stock_out == Level.OBSERVE:
        yield Finding(
            what=f"{one.name}: stock_out only observes, nothing is written to the channel",
            mend=f"look at `entrepot connections`, then: entrepot flow {one.name} stock_out on",
        )
    if stock_out == Level.OFF:
        yield Finding(
            what=f"{one.name}: stock_out is off", mend=f"entrepot flow {one.name} stock_out on", missing=False
        )
    if one.last_sweep is None:
        yield Finding(
            what=f"{one.name}: its orders were never read to the end", mend="entrepot serve", missing=False
        )
    if urlsplit(one.callback_url).hostname in LOOPBACK:
        yield Finding(
            what=f"{one.name}: its webhooks go to {one.callback_url}, which only this machine can reach",
            mend="connect with --url and the hub's public address; until then orders come with every sweep",
            missing=False,
        )


def _dead_letters(tx: Tx, accounts: list[Account]) -> Iterator[Finding]:
    queues = views.queues(tx, {one.id: one.name for one in accounts})
    if dead := sum(one.dead for one in queues.values()):
        yield Finding(what=f"dead letters: {dead}", mend="entrepot letters list")
