"""`entrepot sku` and `entrepot location`: what is sold, what it is made of, where it lies, and what channels
call it."""

from typing import Annotated

import typer

from entrepot import places
from entrepot.cli.showing import Json, emit, pairs, read, show, table, tell
from entrepot.kernel import Refusal

skus = typer.Typer(no_args_is_help=True, help="What is sold, what it is made of, and what channels call it.")
locations = typer.Typer(no_args_is_help=True, help="Where goods lie: warehouses, stores.")

Sku = Annotated[str, typer.Argument(metavar="SKU", help="Our code of it.")]
Connection = Annotated[str, typer.Argument(metavar="CONNECTION", help="The name of a connection.")]


@skus.command("add")
def add_sku(
    sku: Sku,
    *,
    title: Annotated[str, typer.Option(help="What people call it.")] = "",
    scale: Annotated[
        int, typer.Option(help="Pieces in one sold unit: 1000 to count a kilogram in grams.")
    ] = 1,
    json: Json = False,
) -> None:
    """A new SKU, with an item of its own. Listings whose text is this code are linked."""
    answer = tell("sku.add", sku=sku, title=title, scale=scale)
    show(answer, f"SKU {answer['sku']}, {answer['listings_linked']} listings linked", as_json=json)


@skus.command("recipe")
def set_recipe(
    sku: Sku,
    parts: Annotated[
        list[str], typer.Argument(metavar="ITEM=PIECES...", help="What one sold unit is made of.")
    ],
    *,
    json: Json = False,
) -> None:
    """Makes a SKU draw on other items: a bundle, a multipack."""
    answer = tell(
        "sku.recipe", sku=sku, parts={item: _pieces(text) for item, text in pairs(parts, "parts").items()}
    )
    made = ", ".join(f"{pieces} × {item}" for item, pieces in answer["parts"].items())
    show(answer, f"SKU {answer['sku']} is made of {made}", as_json=json)


@skus.command("map")
def map_sku(
    connection: Connection,
    item: Annotated[str, typer.Argument(metavar="ITEM", help="The channel's item.")],
    sku: Sku,
    *,
    json: Json = False,
) -> None:
    """Says which SKU a channel's item is. Orders that waited for it go on by themselves."""
    answer = tell("sku.map", connection=connection, item=item, sku=sku)
    show(answer, f"{answer['item']} of {answer['connection']} is SKU {answer['sku']}", as_json=json)


@locations.command("add")
def add_location(
    code: Annotated[str, typer.Argument(metavar="CODE", help="Small letters, digits and . _ -")],
    *,
    name: Annotated[str, typer.Option(help="What people call it.")] = "",
    json: Json = False,
) -> None:
    """A new place with goods of its own."""
    answer = tell("location.add", code=code, name=name)
    show(answer, f"Location {answer['location']} ({answer['name']})", as_json=json)


@locations.command("map")
def map_location(
    connection: Connection,
    external: Annotated[str, typer.Argument(metavar="EXTERNAL", help="The channel's location.")],
    location: Annotated[str, typer.Argument(metavar="LOCATION", help="The code of ours.")],
    *,
    json: Json = False,
) -> None:
    """Says which location of ours a channel's location is."""
    answer = tell("location.map", connection=connection, external=external, location=location)
    show(answer, f"{answer['external']} of {answer['connection']} is {answer['location']}", as_json=json)


@locations.command("list")
def list_locations(*, json: Json = False) -> None:
    """Our locations."""
    found = list(read(places.load).locations.values())
    if json:
        emit(
            {"locations": [{"code": one.code, "name": one.name, "authority": one.authority} for one in found]}
        )
        return
    table("", ["code", "name", "counted by"], [[one.code, one.name, one.authority] for one in found])


def _pieces(text: str) -> int:
    if not text.strip().isdecimal():
        raise Refusal("pieces", f"{text!r} is no number of pieces", field="parts")
    return int(text)
