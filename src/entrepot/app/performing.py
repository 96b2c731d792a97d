"""How a program beside the hub gives commands and reads: in its own process while no hub runs or the store is
a PostgreSQL database, else through the hub.

Reading opens the store read-only in either case.
"""

import getpass
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx2
import msgspec
from sqlalchemy import Engine

from entrepot import channels
from entrepot.access import at_command_line
from entrepot.app.callers import LOGIN_HEADER
from entrepot.app.commands import perform
from entrepot.app.commands.arguments import Answer
from entrepot.app.home import Lock, Notice, take_or_find
from entrepot.app.keys import KEY_FILE, keyring
from entrepot.app.settings import Settings
from entrepot.app.store import circumstances, open_inline, open_reading, same_keys
from entrepot.app.wiring import Hub
from entrepot.contract import Channel
from entrepot.db import ReadingStore
from entrepot.db.engine import plain
from entrepot.db.migrate import HEAD, current
from entrepot.kernel import Clock, Keyring, Refusal, SystemClock

Perform = Callable[[str, Mapping[str, Any]], Answer]

TIMEOUT = httpx2.Timeout(600.0, connect=5.0)
"""An import of a million rows takes minutes."""

NEEDS_CHANNELS = frozenset({"connection.add", "connection.renew"})
"""The others start a third faster without the adapters."""


class Problem(msgspec.Struct, kw_only=True):
    """A problem document (RFC 9457) as the hub answers it."""

    code: str = "hub_answer"
    detail: str = ""
    title: str = ""
    remedy: str = ""
    field: str = ""


@contextmanager
def open_for_command(settings: Settings, *, clock: Clock | None = None) -> Iterator[Perform]:
    """A way to give commands by name: `perform("sku.add", {"sku": "CUP"})`. Makes the store on the first day.

    Refusal: the command's own, wherever it is done; `hub_busy`, `hub_silent` or `hub_answer` if the hub
    cannot be asked.
    """
    clock = clock or SystemClock()
    if settings.shared:
        with _own_store(settings, clock) as perform_here:
            yield perform_here
        return
    with Lock(settings.home) as lock:
        notice = take_or_find(lock, settings.home, clock)
        if notice is not None:
            with _client(notice) as client:
                yield lambda name, given: _ask(client, notice, name, given)
            return
        with _own_store(settings, clock) as perform_here:
            yield perform_here


@contextmanager
def _own_store(settings: Settings, clock: Clock) -> Iterator[Perform]:
    """A way to give commands to the store itself, in this process."""
    store = open_inline(settings.database, circumstances(keyring(settings.home, make=True), clock=clock))
    try:
        if settings.shared:
            same_keys(store)
        yield lambda name, given: perform(
            Hub(store, found=_adapters(name)),
            name,
            dict(given),
            who=at_command_line(_login()),
            source="command line",
        )
    finally:
        store.close()


@contextmanager
def open_for_reading(settings: Settings, *, clock: Clock | None = None) -> Iterator[ReadingStore]:
    """The store, to read from beside a running hub or without one. What is sealed opens only with the key
    file.

    Refusal `store_missing` if there is none, `store_older` or `store_newer` if it is of another version.
    """
    keys = keyring(settings.home) if (settings.home / KEY_FILE).exists() else _no_keys()
    store = open_reading(settings.database, circumstances(keys, clock=clock))
    try:
        _same_version(plain(settings.database) if settings.shared else store.engine)
        yield store
    finally:
        store.close()


def _no_keys() -> Keyring:
    """A keyring that opens nothing anybody has sealed."""
    return Keyring({"nothing0": bytes(32)}, "nothing0")


def _same_version(engine: Engine) -> None:
    with engine.connect() as connection:
        here = current(connection)
    if not here:
        raise Refusal("store_missing", "there is no store in the database", remedy="Start the hub once")
    if here != HEAD:
        older = here < HEAD
        raise Refusal(
            "store_older" if older else "store_newer",
            f"the store has revision {here}, this version knows {HEAD}",
            remedy="Start the hub once" if older else "Use the newer version of entrepot",
        )


def _adapters(name: str) -> dict[str, Channel]:
    return channels.walk() if name in NEEDS_CHANNELS else {}


def _client(notice: Notice) -> httpx2.Client:
    return httpx2.Client(
        base_url=notice.url,
        timeout=TIMEOUT,
        trust_env=False,  # a proxy leads out, never to ourselves
        headers={
            "authorization": f"Bearer {notice.token}",
            "content-type": "application/json",
            LOGIN_HEADER: _login().encode("ascii", "ignore").decode(),
        },
    )


def _ask(client: httpx2.Client, notice: Notice, name: str, given: Mapping[str, Any]) -> Answer:
    """The running hub's answer to a command; its refusals are raised again."""
    try:
        reply = client.post(f"/api/v1/commands/{name}", content=msgspec.json.encode(given))
    except httpx2.TransportError as error:
        raise Refusal(
            "hub_silent",
            f"the hub at {notice.url} holds the lock but does not answer ({type(error).__name__})",
            remedy="Look at its output; stop and start it",
        ) from None
    if reply.is_success:
        return msgspec.json.decode(reply.content, type=dict[str, Any])
    raise _refusal(reply, notice)


def _refusal(reply: httpx2.Response, notice: Notice) -> Refusal:
    try:
        problem = msgspec.json.decode(reply.content, type=Problem)
    except msgspec.DecodeError:
        problem = Problem()
    said = problem.detail or problem.title or f"the hub at {notice.url} answered {reply.status_code}"
    return Refusal(problem.code, said, remedy=problem.remedy, field=problem.field)


def _login() -> str:
    """The person at the keyboard, as the system knows them; '' in a container whose user has no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
