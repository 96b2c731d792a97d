"""`entrepot stock`: what lies where and what the channels show, now or at a moment; receipts, adjustments,
counts."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from entrepot.cli import lookup
from entrepot.cli.showing import Json, emit, moment, show, tell
from entrepot.kernel import Ids, Refusal, SystemClock, SystemRandom


class SkuFirst(TyperGroup):
    """`entrepot stock SKU` means `entrepot stock show SKU`: a first word that is no command is a SKU."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["show", *args]
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=SkuFirst,
    no_args_is_help=True,
    help="What lies where; goods that come in, are corrected, are counted. "
    "`entrepot stock SKU` is short for `entrepot stock show SKU`.",
)

Sku = Annotated[str, typer.Argument(metavar="SKU", help="Our code of it.")]
Location = Annotated[str, typer.Argument(metavar="LOCATION", help="The code of a location of ours.")]
Reference = Annotated[
    str, typer.Option(help="What it is called elsewhere; the same one twice books once. Drawn if not given.")
]
Lot = Annotated[str, typer.Option(help="The lot, where lots are kept apart.")]


@app.command("show")
def show_stock(
    sku: Sku,
    *,
    at: Annotated[
        str, typer.Option(metavar="TIME", help="As it was booked then. ISO 8601, UTC without a zone.")
    ] = "",
    json: Json = False,
) -> None:
    """What lies where of a SKU, who it is promised to, and what every channel shows.

    With --at as it stood at that moment, and what has happened since.
    """
    found = lookup.look_up(sku, moment(at, "--at") if at else None)
    if json:
        emit(found)
    else:
        lookup.print_stock(found)


@app.command()
def receive(
    sku: Sku,
    location: Location,
    quantity: Annotated[str, typer.Argument(metavar="QUANTITY", help="Sold units that came in.")],
    *,
    reference: Reference = "",
    lot: Lot = "",
    cost: Annotated[str, typer.Option(help="Of one piece, as 2.50; needs --currency.")] = "",
    currency: Annotated[str, typer.Option(help="ISO 4217, as EUR.")] = "",
    json: Json = False,
) -> None:
    """Goods came in."""
    answer = _tell(
        "stock.receive",
        reference,
        sku=sku,
        location=location,
        quantity=quantity,
        lot=lot,
        cost=cost,
        currency=currency,
    )
    show(
        answer,
        _booked(answer, f"{answer['received']} pieces of {answer['sku']} received at {location}"),
        as_json=json,
    )


@app.command(context_settings={"ignore_unknown_options": True})
def adjust(
    sku: Sku,
    location: Location,
    quantity: Annotated[
        str, typer.Argument(metavar="QUANTITY", help="Sold units more, or -3 for three fewer.")
    ],
    *,
    reason: Annotated[str, typer.Option(help="Why; it stays with the move.")],
    reference: Reference = "",
    lot: Lot = "",
    json: Json = False,
) -> None:
    """Corrects what lies on a shelf."""
    answer = _tell("stock.adjust", reference, sku=sku, location=location, quantity=quantity, reason=reason,
                   lot=lot)  # fmt: skip
    said = f"{answer['sku']} at {location} adjusted by {answer['adjusted']:+d} pieces"
    show(answer, _booked(answer, said), as_json=json)


@app.command()
def count(
    sku: Sku,
    location: Location,
    quantity: Annotated[
        str, typer.Argument(metavar="QUANTITY", help="Sold units that are there in all, promised ones too.")
    ],
    *,
    as_of: Annotated[
        str, typer.Option(metavar="TIME", help="When it was counted (now). ISO 8601, UTC without a zone.")
    ] = "",
    reference: Reference = "",
    lot: Lot = "",
    json: Json = False,
) -> None:
    """A person counted: the difference is booked."""
    at: datetime | None = moment(as_of, "--as-of") if as_of else None
    answer = _tell("stock.count", reference, sku=sku, location=location, quantity=quantity, lot=lot,
                   as_of=at and at.isoformat())  # fmt: skip
    found = "the difference was booked" if answer["differed"] else "as the ledger had it"
    said = f"{answer['counted']} pieces of {answer['sku']} counted at {location}: {found}"
    show(answer, f"{said} (reference {answer['reference']})", as_json=json)


@app.command("import")
def import_file(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="CSV with sku, location, quantity and, if wanted, lot and title."
        ),
    ],
    *,
    reference: Reference = "",
    create: Annotated[bool, typer.Option("--create", help="Make SKUs and locations that are new.")] = False,
    json: Json = False,
) -> None:
    """Counts from a file. Nothing is booked if a row is wrong: each is named."""
    answer = _tell("stock.import", reference, csv=_text(file), create=create)
    said = f"{answer['rows']} rows, {answer['differed']} figures differed and were booked"
    linked = f"{answer['listings_linked']} listings linked"
    show(answer, f"{said}, {linked} (reference {answer['reference']})", as_json=json)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Refusal(
            "csv", f"{file} is no UTF-8 text", remedy="Save it as CSV, UTF-8", field="file"
        ) from None


def _tell(command: str, reference: str, **arguments: Any) -> dict[str, Any]:
    """The hub's answer, and the reference under which it was booked: drawn if none was given."""
    given = reference or f"cli-{Ids(SystemClock(), SystemRandom()).new()}"
    return tell(command, reference=given, **arguments) | {"reference": given}


def _booked(answer: dict[str, Any], said: str) -> str:
    if answer["booked"]:
        return f"{said} (reference {answer['reference']})"
    return f"Reference {answer['reference']} was booked before: nothing was booked now"
