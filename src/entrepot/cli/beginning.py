"""`entrepot channels new`: a folder with a whole, tiny adapter in it, to be changed into another one."""

from pathlib import Path
from typing import Annotated

import typer

from entrepot import channels
from entrepot.channels.kit.begin import begin, checkout
from entrepot.cli.showing import Json, emit, note


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the platform: small letters, digits, _.")],
    *,
    folder: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where the package goes (./entrepot-NAME).")
    ] = None,
    json: Json = False,
) -> None:
    """Begins an adapter: that of a made-up shop, with its emulator, a sample and tests, all promises kept.

    In a checkout of Entrepot it goes to src/entrepot/channels/NAME; elsewhere, or with --folder, it is a
    package to be installed, which the hub finds by its entry point. Nothing that is there is overwritten.
    """
    root = checkout(Path(channels.__file__).resolve().parent) if folder is None else None
    place = root or folder or Path(f"entrepot-{name.replace('_', '-')}")
    written = begin(name, root=place, inside=root is not None, known=frozenset(channels.names()))
    if json:
        emit({"name": name, "files": [str(path) for path in written]})
        return
    for path in written:
        typer.echo(path)
    if root is None:
        note(f"\nMake it known to the hub:  pip install --editable {place}")
    note(f"Try it:  entrepot channels check {name}")
