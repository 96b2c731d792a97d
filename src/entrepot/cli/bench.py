"""`entrepot bench`: what is measured of a hub, each with one command. No store in use is touched."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from entrepot.cli.showing import Json, emit, note, table

bench = typer.Typer(no_args_is_help=True, help="Measures a hub on this machine.")

HOME_HELP = "A folder for the store that is measured; one that is filled already is only asked."


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    app.add_typer(bench, name="bench")


@bench.command("lists")
def lists(
    *,
    home: Annotated[Path | None, typer.Option(help=HOME_HELP)] = None,
    database: Annotated[str, typer.Option(help="An empty PostgreSQL database instead of SQLite.")] = "",
    skus: Annotated[int, typer.Option(min=10)] = 100_000,
    orders: Annotated[int, typer.Option(min=10)] = 500_000,
    channels: Annotated[int, typer.Option(min=1, max=50)] = 10,
    times: Annotated[int, typer.Option(min=1, help="How often each is asked for.")] = 40,
    seed: Annotated[int, typer.Option()] = 1,
    json: Json = False,
) -> None:
    """Fills a store as a large merchant has it, and asks for every list and page. Exit 0 if each took less
    than 100 ms at p95."""
    from entrepot.cli.benching import filled, over_http
    from entrepot.sandbox.bench import Sizes, measure

    sizes = Sizes(skus=skus, orders=orders, channels=channels, seed=seed)
    with _home(home) as folder, filled(folder, database, sizes, note) as store, over_http(store) as door:
        report = measure(store, door, times=times, seed=seed)
    if json:
        emit(report)
    else:
        figures = ("times", "p50 ms", "p95 ms", "most ms")
        rows = [(one.name, one.times, one.p50_ms, one.p95_ms, one.most_ms) for one in report.took]
        table(f"Lists and pages on {report.database}", ("what", *figures), rows, right=figures)
        for scan in report.scans:
            note(f"  reads a whole table: {scan.plan}\n    {scan.statement[:300]}")
        for wrong in (*report.refused, *(f"too slow: {one}" for one in report.slow)):
            note(f"  {wrong}")
    raise typer.Exit(1 if report.slow or report.refused else 0)


@contextmanager
def _home(named: Path | None) -> Iterator[Path]:
    if named is not None:
        named.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield named
        return
    with tempfile.TemporaryDirectory(prefix="entrepot-bench-", dir=os.environ.get("TMPDIR")) as folder:
        yield Path(folder)
