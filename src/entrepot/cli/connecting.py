"""`entrepot connect`, `reconnect`, `connections` and `flow`: which channels there are, and what may flow."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from entrepot import channels
from entrepot.cli.showing import Json, emit, moment, note, pairs, read, settings, show, table, tell, when
from entrepot.connections import needed
from entrepot.contract import About, Setting
from entrepot.kernel import Refusal
from entrepot.monitor.views import accounts

Given = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="NAME=VALUE", help="A setting of the platform; NAME=@FILE reads it from a file."
    ),
]
Consent = Annotated[
    bool, typer.Option("--consent", help="Prints the address at which a person consents at the platform.")
]


def add_to(app: typer.Typer) -> None:
    """Adds the four commands."""
    for command in (connect, reconnect, connections, flow):
        app.command()(command)


def connect(
    platform: Annotated[
        str, typer.Argument(metavar="PLATFORM", help="As `entrepot channels list` names it.")
    ],
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="What to call this connection: small letters, digits and -.")
    ],
    *,
    given: Given = None,
    consent: Consent = False,
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
    a terminal; what is secret is not shown. With --consent a person consents at the platform, where the
    address that they come back to must be known: it is printed too. The hub must run by then.
    """
    about: About = channels.load(platform).ABOUT
    answer = tell(
        "connection.add",
        platform=about.name,
        name=name,
        settings=_settings(about, pairs(given or (), "--set"), consent=consent),
        hub_url=url or settings().hub_url,
        locations=location or [],
        since=moment(since, "--since").isoformat() if since else None,
        consent=consent,
    )
    made = answer["connection"]
    said = f"Connected {made}; webhooks come to {answer['webhooks_to']}\nStock is only observed. "
    right = f"When it looks right: entrepot flow {made} stock_out on"
    show(answer, f"{said}{right}", as_json=json)
    _ask_consent(answer, as_json=json)


def reconnect(
    connection: Annotated[str, typer.Argument(metavar="CONNECTION", help="The name of a connection.")],
    *,
    given: Given = None,
    consent: Consent = False,
    json: Json = False,
) -> None:
    """Gives a connection new credentials, or others of its settings, and looks at the account again.

    What is not named stays as it is. With --consent a person consents at the platform once more; until then
    the account goes on with what it has.
    """
    settings = {name: _read(name, value) for name, value in pairs(given or (), "--set").items()}
    answer = tell("connection.renew", connection=connection, settings=settings, consent=consent)
    show(answer, f"{answer['connection']}: kept; the hub looks at the account again", as_json=json)
    _ask_consent(answer, as_json=json)


def _ask_consent(answer: Mapping[str, str], *, as_json: bool) -> None:
    """Says what a person does who is to consent, with the address on one line, however long it is."""
    if "consent_at" in answer and not as_json:
        typer.echo(f"Open within half an hour, while the hub runs:\n\n{answer['consent_at']}\n")
        typer.echo(f"The platform must know the address that leads back: {answer['comes_back_to']}")


def connections(*, json: Json = False) -> None:
    """Every connection: whether it lets us in, what flows, when its orders were last read, what to mend."""
    found = read(accounts)
    if json:
        emit({"connections": found})
        return
    table("", ["name", "platform", "state", "orders in", "stock out", "last sweep", "why"],
          [[one.name, one.platform, one.state, one.flows.get("orders_in"), one.flows.get("stock_out"),
            when(one.last_sweep), one.why] for one in found])  # fmt: skip
    for one in found:
        for problem in one.problems:
            note(f"{one.name}: {problem}")


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


def _settings(about: About, given: Mapping[str, str], *, consent: bool) -> dict[str, str]:
    """What was given, with files read; what is missing comes from the environment or is asked for."""
    secret = {one.name for one in about.settings if one.secret}
    bare = [name for name, value in given.items() if name in secret and value and not value.startswith("@")]
    if bare:
        note(f"note: others on this machine can see {bare[0]} on the command line; {bare[0]}=@FILE hides it")
    found = {name: _read(name, value) for name, value in given.items()}
    known = [*found, *(["token"] if os.environ.get(f"ENTREPOT_{about.name}_TOKEN".upper()) else [])]
    missing = [one for one in needed(about, known, consent=consent) if not found.get(one.name)]
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
