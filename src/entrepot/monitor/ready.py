"""Readiness: what is still missing before goods and orders flow, and how to mend it."""

from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import urlsplit

import msgspec

from entrepot import channels
from entrepot.connections import Flow, Level, State
from entrepot.contract import About
from entrepot.db import Tx, tables
from entrepot.monitor import views
from entrepot.monitor.views import Account

LOOPBACK = {"localhost", "127.0.0.1", "::1", "0.0.0.0"}  # noqa: S104 — an address to recognise, not to listen on


SOON = timedelta(days=90)
"""So long before its end a version of a platform's API is named."""


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
        *(finding for one in accounts if one.calls for finding in _of(one)),
        *_versions(tx, accounts),
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


def _access(one: Account) -> Iterator[Finding]:
    """Whether one connection lets us in, and what stands in its way."""
    if one.state == State.WAITING:
        yield Finding(what=f"{one.name}: {one.why}", mend=f"entrepot reconnect {one.name} --consent")
    elif one.state != State.READY:
        yield Finding(
            what=f"{one.name} does not let us in: {one.why}",
            mend=f"entrepot reconnect {one.name}, with --set and what is new, or with --consent",
        )
    for problem in one.problems:
        yield Finding(what=f"{one.name}: {problem}", mend=f"do that, then: entrepot reconnect {one.name}")


def _of(one: Account) -> Iterator[Finding]:
    """What one connection lacks."""
    yield from _access(one)
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


def _versions(tx: Tx, accounts: list[Account]) -> Iterator[Finding]:
    """Versions of APIs that end soon, or have ended, and accounts whose platform nobody here speaks."""
    known = channels.names()
    for platform in sorted({one.platform for one in accounts if one.calls}):
        if platform in known:
            yield from ending(channels.load(platform).ABOUT, tx.now.date())
        else:
            yield Finding(
                what=f"there is no adapter for {platform} here", mend="install the package that has it again"
            )


def ending(about: About, today: date) -> Iterator[Finding]:
    """What the end of the API's version that we speak asks for, from 90 days before it."""
    end = date.fromisoformat(about.end_of_life) if about.end_of_life else date.max
    if end - SOON <= today:
        ends = "ends" if today < end else "ended"
        yield Finding(
            what=f"{about.title}: the API version {about.api_version} that this hub speaks {ends} on {end}",
            mend="update this hub",
            missing=today >= end,
        )


def _dead_letters(tx: Tx, accounts: list[Account]) -> Iterator[Finding]:
    queues = views.queues(tx, {one.id: one.name for one in accounts})
    if dead := sum(one.dead for one in queues.values()):
        yield Finding(what=f"dead letters: {dead}", mend="entrepot letters list")
