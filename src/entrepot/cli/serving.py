"""`entrepot serve`, `demo` and `grow`. The web framework is only imported here, when it is needed."""

from typing import Annotated

import typer

from entrepot.app.growing import grow as copy_store
from entrepot.app.running import Running
from entrepot.cli.people import way_in
from entrepot.cli.showing import Json, note, settings, show


def add_to(app: typer.Typer) -> None:
    """Adds the three commands."""
    for command in (serve, demo, grow):
        app.command()(command)


def serve(
    *,
    host: Annotated[str, typer.Option(help="Where to listen (ENTREPOT_HOST, else 127.0.0.1).")] = "",
    port: Annotated[
        int | None, typer.Option(help="0 takes a free one (ENTREPOT_PORT, else 8000).", min=0, max=65535)
    ] = None,
) -> None:
    """Runs the hub: takes webhooks in, calls the channels, shows its pages. Ends with Ctrl-C or SIGTERM.

    On a PostgreSQL database (ENTREPOT_DATABASE) several may run at once, on one machine or on many.
    """
    from entrepot import api, web

    here = settings()
    with Running(here) as running:

        def ready(url: str) -> None:
            running.announce(url)
            note(f"The hub runs at {url}\n{way_in(running.store, url)}")

        web.serve(
            running.hub,
            token=running.token,
            host=host or here.host,
            port=here.port if port is None else port,
            doors=[api.door(running.hub, running.token)],
            ready=ready,
        )


def demo(
    *,
    orders: Annotated[
        int, typer.Option(help="Shoppers' orders to place, then stop; 0: until Ctrl-C.", min=0)
    ] = 0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same shoppers.")] = 1,
    exit_: Annotated[
        bool, typer.Option("--exit", help="End when the orders are in, with the figures.")
    ] = False,
    port: Annotated[int, typer.Option(help="Where to listen; 0 takes a free one.", min=0, max=65535)] = 8000,
    json: Json = False,
) -> None:
    """A hub, emulated channels and shoppers on this machine. With --exit: 0 only if nothing was lost, doubled
    or is out of sync."""
    from entrepot.cli.demo import run

    raise typer.Exit(run(orders=orders, seed=seed, leave=exit_, as_json=json, port=port))


def grow(*, json: Json = False) -> None:
    """Copies the SQLite store of this home into the empty PostgreSQL database of ENTREPOT_DATABASE. Stop the
    hub first; the file stays as it was."""
    copied = copy_store(settings())
    rows = sum(copied.values())
    show({"rows": rows, "tables": copied}, f"{rows} rows are in the database.", as_json=json)
