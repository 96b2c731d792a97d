"""`entrepot replay`: a merchant's own order history through a hub, and whether every line of it arrived."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from entrepot.cli.showing import Json, emit, note, table

GOODS_HELP = "Which codes are goods: a regular expression for the whole code (else the built-in table's)."


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(replay)


def replay(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The history: CSV, gzipped or plain.")],
    *,
    direct: Annotated[
        bool, typer.Option("--direct", help="Straight into the inbox, without the shop's door.")
    ] = False,
    opening: Annotated[
        str, typer.Option(help="Opening stock: net (nothing falls short), or pieces of each item.")
    ] = "net",
    lines: Annotated[int, typer.Option(help="Only the first so many lines; 0: all.", min=0)] = 0,
    home: Annotated[
        Path | None,
        typer.Option(help="A folder to keep the hub in (else an empty ENTREPOT_HOME, else none)."),
    ] = None,
    goods: Annotated[str, typer.Option(help=GOODS_HELP)] = "",
    zone: Annotated[str, typer.Option(help="The time zone of the file's times.")] = "Europe/London",
    currency: Annotated[str, typer.Option(help="The currency of the file's prices.")] = "GBP",
    json: Json = False,
) -> None:
    """Plays an order history through a hub of its own. Exit 0 only if every line, piece and penny of the file
    is accounted for."""
    from entrepot.sandbox.replay import Options, Replay, true
    from entrepot.sandbox.replay.kinds import GOODS

    with _home(home) as folder:
        options = Options(
            file=file,
            home=folder,
            direct=direct,
            opening=opening,
            lines=lines,
            goods=goods or GOODS,
            zone=zone,
            currency=currency,
        )
        answer = Replay(options, note).run()
    if json:
        emit(answer)
    else:
        _show(answer)
    raise typer.Exit(0 if true(answer) else 1)


@contextmanager
def _home(named: Path | None) -> Iterator[Path]:
    """The named folder, or ENTREPOT_HOME if no hub lives there, or one that is thrown away at the end."""
    usual = os.environ.get("ENTREPOT_HOME")
    if named is None and usual and not (Path(usual) / "hub.db").exists():
        named = Path(usual)
    if named is not None:
        yield named
        return
    if usual:
        note(f"The hub in {usual} is left alone; that of this replay is thrown away (--home keeps it).")
    with tempfile.TemporaryDirectory(prefix="entrepot-replay-") as folder:
        yield Path(folder)


def _show(answer: dict[str, Any]) -> None:
    """The account for people."""
    kinds = [(name.replace("_", " "), row["lines"], row["units"], row["total"])
             for name, row in answer["kinds"].items()]  # fmt: skip
    kinds.append(("in the hub", answer["lines"], answer["units"], answer["total"]))
    kinds.append(("in the file", answer["file_lines"], answer["file_units"], answer["file_total"]))
    figures = ("lines", "pieces", answer["currency"])
    table("What the lines are", ("kind", *figures), kinds, right=figures)
    table("Exceptions", ("kind", "number"), sorted(answer["exceptions"].items()), right=("number",))
    matched, short, memory = answer["matched"], answer["short"], answer["memory_mb"]
    note(
        f"""
  {answer["invoices"]} invoices: {answer["orders"]} orders, {answer["cancellations"]} cancellations, \
{answer["adjustments"]} adjustments, {answer["corrections"]} about stock only
  goods taken back: {matched["whole"]} lines matched, {matched["partly"]} in part, \
{matched["not"]} without their sale
  opening stock {answer["opening"]["pieces"]} pieces ({answer["opening"]["rule"]}); short at the end: \
{short["pieces"]} pieces on {short["lines"]} lines
  unaccounted: {answer["unaccounted"]} lines, {answer["items"]["wrong"]} of {answer["items"]["checked"]} items
  took {answer["seconds"]} s: {answer["lines_per_s"]} lines/s, {answer["orders_per_s"]} orders/s, \
{memory["end"]} MB at the end"""
    )
    for difference in answer["wrong"]:
        note(f"  wrong: {difference}")
