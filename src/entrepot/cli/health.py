"""`entrepot status`, `verify` and `check`: is it in sync, does it agree with itself, is it set up."""

import stat
from collections.abc import Iterator
from pathlib import Path

import msgspec
import typer

from entrepot.app import Settings
from entrepot.app.home import running
from entrepot.app.keys import KEY_FILE
from entrepot.app.performing import open_for_reading
from entrepot.app.store import at_work, made
from entrepot.cli.showing import Json, console, emit, lasting, note, read, settings, table, when
from entrepot.kernel import Refusal, SystemClock
from entrepot.monitor import Finding, Report, Status, nothing, readiness, take_status
from entrepot.monitor import verify as try_invariants

NOT_WELL = 1


def add_to(app: typer.Typer) -> None:
    """Adds the three commands."""
    for command in (status, verify, check):
        app.command()(command)


def status(*, json: Json = False) -> None:
    """Whether the hub is in sync with every channel, what waits, what is wrong. Exit 0 healthy, 1 not.

    Healthy: no dead letters, every connection lets us in, nothing that could be done waits for 5 minutes, and
    every pair shows what is wanted or the oldest that does not has lagged for less than 60 seconds. A pair is
    a channel's stock figure that we keep: of connections whose stock_out is on.
    """
    here = settings()
    alive = _alive(here)
    try:
        with open_for_reading(here) as store:
            found = take_status(store)
    except Refusal as refusal:
        if refusal.code != "store_missing":
            raise
        note(f"{refusal.why}: nothing has been set up yet")
        found = nothing(SystemClock().now())
    if json:
        emit(msgspec.to_builtins(found) | {"running": alive})
    else:
        _print_status(found, alive)
    raise typer.Exit(0 if found.healthy else NOT_WELL)


def verify(*, json: Json = False) -> None:
    """Tries the invariants of the store, such as: the moves add up to the balances. Exit 0 only if all
    hold."""
    with open_for_reading(settings()) as store:
        report = try_invariants(store)
    if json:
        emit(report)
    else:
        _print_report(report)
    raise typer.Exit(NOT_WELL if report.violations else 0)


def check(*, json: Json = False) -> None:
    """What the set-up still lacks, and what to type to mend it. Exit 1 if something is missing."""
    here = settings()
    found = [*_of_home(here.home), *_of_store(here)]
    if _there(here):
        found += read(readiness)
    missing = [one for one in found if one.missing]
    if json:
        emit({"ready": not missing, "findings": found})
    else:
        for one in found:
            console().print(
                f"{'missing' if one.missing else 'note   '}  {one.what}\n         → {one.mend}", markup=False
            )
        console().print("Something is missing." if missing else "Ready.")
    raise typer.Exit(NOT_WELL if missing else 0)


def _of_home(home: Path) -> Iterator[Finding]:
    """What the folder itself lacks."""
    for path, right in ((home, 700), (home / KEY_FILE, 600)):
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield Finding(what=f"{path} can be read by others on this machine", mend=f"chmod {right} {path}")


def _of_store(here: Settings) -> Iterator[Finding]:
    """Whether there is a store, its keys, and somebody who works on it."""
    keys = here.home / KEY_FILE
    if not _there(here):
        where = "the PostgreSQL database" if here.shared else here.home
        yield Finding(what=f"there is no store in {where} yet", mend="entrepot location add main")
        return
    if not keys.exists():
        yield Finding(
            what=f"the key file {keys} is gone: nothing sealed can be read", mend="restore it from a backup"
        )
    if not _alive(here):
        yield Finding(what="no hub runs here now", mend="entrepot serve", missing=False)


def _there(here: Settings) -> bool:
    return made(here.database) if here.shared else Path(here.database).exists()


def _alive(here: Settings) -> bool:
    return at_work(here.database) if here.shared else running(here.home)


def _print_status(found: Status, alive: bool) -> None:
    out = console()
    out.print(f"{'Healthy' if found.healthy else 'Not healthy'}, {when(found.as_of)} UTC, "
              f"{'the hub runs' if alive else 'no hub runs here'}")  # fmt: skip
    for problem in found.problems:
        out.print(f"  ! {problem}", markup=False)
    out.print(f"{found.in_sync} of {found.pairs} pairs in sync ({found.share:.4%}), "
              f"oldest lag {lasting(found.oldest_lag_s)}")  # fmt: skip
    if found.connections:
        table("Connections", ["name", "platform", "state", "orders", "stock", "pairs", "in sync", "swept"],
              [[one.name, one.platform, one.state, one.flows.get("orders_in"), one.flows.get("stock_out"),
                one.pairs, one.in_sync, f"{one.last_sweep:%H:%M:%S}" if one.last_sweep else None]
               for one in found.connections],
              right=["pairs", "in sync"])  # fmt: skip
    if busy := {name: one for name, one in found.queues.items() if one.ready or one.dead}:
        table("Queues", ["queue", "ready", "dead", "oldest due"],
              [[name, one.ready, one.dead, lasting(one.oldest_due_s)] for name, one in busy.items()],
              right=["ready", "dead", "oldest due"])  # fmt: skip
    if found.exceptions:
        table("Exceptions", ["kind", "open"], found.exceptions.items(), right=["open"])
    if found.out_of_sync:
        table("Not in sync", ["channel", "SKU", "location", "wanted", "shows", "why"],
              [[one.channel, one.sku or one.item, one.location, one.wanted, one.believed, one.why]
               for one in found.out_of_sync],
              right=["wanted", "shows"])  # fmt: skip


def _print_report(report: Report) -> None:
    broken = {one.name for one in report.violations}
    table("", ["invariant", "rows", "holds"],
          [[name.replace("_", " "), rows, "no" if name in broken else "yes"]
           for name, rows in report.checked.items()],
          right=["rows"])  # fmt: skip
    if report.violations:
        table("Violations", ["invariant", "what", "id"],
              [[one.name.replace("_", " "), one.what, one.id] for one in report.violations[:50]])  # fmt: skip
    console().print(f"\n{len(report.violations)} violations, {report.seconds:.2f} s")
