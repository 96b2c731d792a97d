"""`entrepot connect`, `connections` and `flow`: which channels there are, and what may flow."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from entrepot import channels
from entrepot.cli.showing import Json, emit, moment, note, pairs, read, settings, show, table, tell, when
from entrepot.contract import About, Setting
from entrepot.kernel import Refusal
from entrepot.monitor.views import accounts


def add_to(app: typer.Typer) -> None:
    """Adds the three commands."""
    for command in (connect, connections, flow):
        app.command()(command)


def connect(
    platform: Annotated[
        str, typer.Argument(metavar="PLATFORM", help="As `entrepot channels list` names it.")
    ],
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="What to call this connection: small letters, digits and -.")
    ],
    *,
    given: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="A setting of the platform; NAME=@FILE reads it from a file."
        ),
    ] = None,
    url: Annotated[str, typer.Option(help="How the platform reaches this hub: https://hub.example.")] = "",
    location: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE", help="A location of ours it draws on, in order; all if none."),
    ] = None,
    since: Annotated[
        str,
        typer.Option(
            metavar="TIME", help="Take orders placed since then (now). ISO 8601, UTC without a zone."
        ),
    ] = "",
    json: Json = False,
) -> None:
    """Connects an account of a platform. Its stock is only observed until `entrepot flow NAME stock_out on`.

    A setting that is not given is read from the environment, as ENTREPOT_WOOCOMMERCE_SECRET, or asked for on
    a terminal; what is secret is not shown.
    """
    about: About = channels.load(platform).ABOUT
    answer = tell(
        "connection.add",
        platform=about.name,
        name=name,
        settings=_settings(about, pairs(given or (), "--set")),
        hub_url=url or settings().hub_url,
        locations=location or [],
        since=moment(since, "--since").isoformat() if since else None,
    )
    made = answer["connection"]
    said = f"Connected {made}; webhooks come to {answer['webhooks_to']}\nStock is only observed. "
    show(answer, f"{said}When it looks right: entrepot flow {made} stock_out on", as_json=json)


def connections(*, json: Json = False) -> None:
    """Every connection: whether it lets us in, what flows, when its orders were last read."""
    found = read(accounts)
    if json:
        emit({"connections": found})
        return
    table("", ["name", "platform", "state", "orders in", "stock out", "last sweep", "why"],
          [[one.name, one.platform, one.state, one.flows.get("orders_in"), one.flows.get("stock_out"),
            when(one.last_sweep), one.why] for one in found])  # fmt: skip


def flow(
    connection: Annotated[str, typer.Argument(metavar="CONNECTION", help="The name of a connection.")],
    kind: Annotated[str, typer.Argument(metavar="FLOW", help="orders_in or stock_out.")],
    level: Annotated[str, typer.Argument(metavar="LEVEL", help="off, observe or on.")],
    *,
    json: Json = False,
) -> None:
    """Turns a flow off, on, or to observe: everything is worked out and shown, nothing is written."""
    answer = tell("connection.flow", connection=connection, flow=kind, level=level)
    levels = ", ".join(f"{name} {level}" for name, level in answer["flows"].items())
    show(answer, f"{answer['connection']}: {levels}", as_json=json)


def _settings(about: About, given: Mapping[str, str]) -> dict[str, str]:
    """What was given, with files read; what is missing comes from the environment or is asked for."""
    secret = {one.name for one in about.settings if one.secret}
    bare = [name for name, value in given.items() if name in secret and value and not value.startswith("@")]
    if bare:
        note(f"note: others on this machine can see {bare[0]} on the command line; {bare[0]}=@FILE hides it")
    found = {name: _read(name, value) for name, value in given.items()}
    missing = [
        one for one in about.settings if not found.get(one.name) and not one.filled_by_hub and not one.default
    ]
    return found | _asked(about, missing)


def _asked(about: About, missing: Sequence[Setting]) -> dict[str, str]:
    found = {}
    for one in missing:
        value = os.environ.get(f"ENTREPOT_{about.name}_{one.name}".upper(), "")
        if not value and sys.stdin.isatty():
            if one.help:
                note(one.help)
            value = typer.prompt(one.label, hide_input=one.secret, err=True)
        if value:
            found[one.name] = value
    return found


def _read(name: str, value: str) -> str:
    """The value, or what the file behind '@' holds without its last line break; '@@' begins a value with
    '@'."""
    if not value.startswith("@"):
        return value
    if value.startswith("@@"):
        return value[1:]
    try:
        return Path(value[1:]).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise Refusal("setting_file", f"{value[1:]} cannot be read", field=name) from None
