"""`entrepot channels record`: what a connected account really answers, kept without secrets and people."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from entrepot import channels, connections
from entrepot.app.calls import LastCalls
from entrepot.channels.kit.api import HttpApi
from entrepot.channels.kit.json import encode
from entrepot.channels.kit.record import Reading, record
from entrepot.cli.showing import Json, emit, moment, note, read, table
from entrepot.connections import Connection, LocalPermits
from entrepot.kernel import Refusal, SystemClock

THIRTY_DAYS = timedelta(days=30)


def record_account(
    connection: Annotated[str, typer.Argument(metavar="CONNECTION", help="The name of a connection.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where to write it; never overwritten.")],
    *,
    since: Annotated[
        str, typer.Option(metavar="TIME", help="Orders changed since then (thirty days ago).")
    ] = "",
    most: Annotated[int, typer.Option(min=1, max=1000, help="How much of each kind.")] = 20,
    json: Json = False,
) -> None:
    """Saves a real conversation with an account: its orders, listings, stock and locations, a few of each.

    Only readings are made. Secrets and personal data are replaced before anything is written: look at the
    file all the same before you hand it on. `entrepot channels read` reads it, and a test can play it again.
    """
    if out.exists():
        raise Refusal("file_exists", f"{out} is there already", remedy="Name another file", field="--out")
    account = read(lambda tx: connections.named(tx, connection))
    document, fared = _converse(account, since=since, most=most)
    if not document["conversation"]:
        raise Refusal("nothing_recorded", f"{connection} answered nothing: {fared[0].why}")
    _write(out, encode(document) + b"\n")
    calls = len(document["conversation"])
    if json:
        emit({"file": str(out), "platform": account.platform, "calls": calls, "readings": fared})
        return
    table("", ["reading", "told", "why it stopped"],
          [[one.function, one.told, one.why or "–"] for one in fared], right=["told"])  # fmt: skip
    note(f"{calls} calls kept in {out}")


def _converse(account: Connection, *, since: str, most: int) -> tuple[dict[str, Any], list[Reading]]:
    channel, clock, permits = channels.load(account.platform), SystemClock(), LocalPermits()
    permits.allow(account.id, channel.ABOUT.pace)
    began = moment(since, "--since") if since else clock.now() - THIRTY_DAYS
    api = HttpApi(
        channel.ABOUT,
        account=account.id,
        settings=account.settings,
        clock=clock,
        permits=permits,
        recorder=LastCalls(),
    )
    try:
        return record(channel, api, since=began, most=most)
    finally:
        api.close()


def _write(out: Path, content: bytes) -> None:
    """Makes a file that only its owner can read."""
    handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
