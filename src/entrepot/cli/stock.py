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

Sku = Annotated[str, typer.Argument(help="Our code of it.")]
Location = Annotated[str, typer.Argument(help="The code of a location of ours.")]
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
    found = lookup.look_up(sku, moment(at, "at") if at else None)
    if json:
        emit(found)
    else:
        lookup.print_stock(found)


@app.command()
def receive(
    sku: Sku,
    location: Location,
    quantity: Annotated[str, typer.Argument(help="Sold units that came in.")],
    *,
    reference: Reference = "",
    lot: Lot = "",
    cost: Annotated[str, typer.Option(help="Of one piece, as 2.50; needs --currency.")] = "",
    currency: Annotated[str, typer.Option(help="ISO 4217, as EUR.")] = "",
    json: Json = False,
) -> None:
    """Goods came in."""
    given = reference or _drawn()
    answer = tell("stock.receive", sku=sku, location=location, quantity=quantity, reference=given, lot=lot, cost=cost,
                  currency=currency) | {"reference": given}  # fmt: skip
    show(
        answer,
        _booked(answer, f"{answer['received']} pieces of {answer['sku']} received at {location}"),
        as_json=json,
    )


@app.command(context_settings={"ignore_unknown_options": True})
def adjust(
    sku: Sku,
    location: Location,
    quantity: Annotated[str, typer.Argument(help="Sold units more, or -3 for three fewer.")],
    *,
    reason: Annotated[str, typer.Option(help="Why; it stays with the move.")],
    reference: Reference = "",
    lot: Lot = "",
    json: Json = False,
) -> None:
    """Corrects what lies on a shelf."""
    given = reference or _drawn()
    answer = tell("stock.adjust", sku=sku, location=location, quantity=quantity, reason=reason, reference=given,
                  lot=lot) | {"reference": given}  # fmt: skip
    said = f"{answer['sku']} at {location} adjusted by {answer['adjusted']:+d} pieces"
    show(answer, _booked(answer, said), as_json=json)


@app.command()
def count(
    sku: Sku,
    location: Location,
    quantity: Annotated[str, typer.Argument(help="Sold units that are there in all, promised ones too.")],
    *,
    as_of: Annotated[
        str, typer.Option(metavar="TIME", help="When it was counted (now). ISO 8601, UTC without a zone.")
    ] = "",
    reference: Reference = "",
    lot: Lot = "",
    json: Json = False,
) -> None:
    """A person counted: the difference is booked."""
    given = reference or _drawn()
    at: datetime | None = moment(as_of, "as_of") if as_of else None
    answer = tell("stock.count", sku=sku, location=location, quantity=quantity, reference=given, lot=lot,
                  as_of=at and at.isoformat()) | {"reference": given}  # fmt: skip
    said = "the difference was booked" if answer["differed"] else "as the ledger had it"
    show(answer, f"{answer['counted']} pieces of {answer['sku']} counted at {location}: {said} (reference {given})",
         as_json=json)  # fmt: skip


@app.command("import")
def import_file(
    file: Annotated[
        Path, typer.Argument(help="CSV with sku, location, quantity and, if wanted, lot and title.")
    ],
    *,
    reference: Reference = "",
    create: Annotated[bool, typer.Option("--create", help="Make SKUs and locations that are new.")] = False,
    json: Json = False,
) -> None:
    """Counts from a file. Nothing is booked if a row is wrong: each is named."""
    given = reference or _drawn()
    answer = tell("stock.import", csv=_text(file), reference=given, create=create) | {"reference": given}
    show(answer, f"{answer['rows']} rows, {answer['differed']} figures differed and were booked, "
                 f"{answer['listings_linked']} listings linked (reference {given})", as_json=json)  # fmt: skip


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Refusal(
            "csv", f"{file} is no UTF-8 text", remedy="Save it as CSV, UTF-8", field="file"
        ) from None


def _drawn() -> str:
    return f"cli-{Ids(SystemClock(), SystemRandom()).new()}"


def _booked(answer: dict[str, Any], said: str) -> str:
    if answer["booked"]:
        return f"{said} (reference {answer['reference']})"
    return f"Reference {answer['reference']} was booked before: nothing was booked now"
