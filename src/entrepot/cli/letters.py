"""`entrepot letters`: jobs and deliveries that failed for good, to be read, edited and tried again."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from entrepot.cli.showing import Json, console, emit, read, show, table, tell, when
from entrepot.db import letters

app = typer.Typer(no_args_is_help=True, help="Dead letters: jobs and deliveries that failed for good.")

Letter = Annotated[str, typer.Argument(metavar="ID", help="As `entrepot letters list` names it.")]


@app.command("list")
def list_letters(*, json: Json = False) -> None:
    """The oldest 200, without their content."""
    found = read(letters.listed)
    if json:
        emit({"letters": found})
        return
    table("", ["id", "what", "since (UTC)", "tries", "why"],
          [[one.id, one.what, when(one.since), one.attempts, one.why] for one in found],
          right=["tries"])  # fmt: skip


@app.command("show")
def show_letter(id: Letter, *, json: Json = False) -> None:
    """One of them with its content, which may name people."""
    found = read(lambda tx: letters.show(tx, id))
    if json:
        emit(found)
        return
    out = console()
    said = f"{found.what} about {found.about}, since {when(found.since)} UTC, tried {found.attempts} times"
    out.print(f"{said}\n{found.why}\n", markup=False)
    out.print(found.body, markup=False, soft_wrap=True)


@app.command("edit")
def edit_letter(
    id: Letter,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="The new content, JSON; - reads standard input.")
    ],
    *,
    json: Json = False,
) -> None:
    """Puts another content in its place and tries it again."""
    body = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    answer = tell("letters.edit", id=id, body=body)
    show(answer, f"{answer['edited']} is tried again with its new content", as_json=json)


@app.command("replay")
def replay_letters(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Which; all if none is named.")
    ] = None,
    *,
    json: Json = False,
) -> None:
    """Tries them again with a fresh count of attempts."""
    answer = tell("letters.replay", ids=ids or [])
    show(answer, f"{answer['replayed']} are tried again", as_json=json)
