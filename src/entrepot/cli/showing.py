"""What commands share: where the hub lives, reading and telling it, and how an answer is shown."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from entrepot.app import Settings, from_environment
from entrepot.app.performing import open_for_command, open_for_reading
from entrepot.db import Tx
from entrepot.kernel import Refusal

T = TypeVar("T")

Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
"""The option that every command has."""


def settings() -> Settings:
    """Where the hub lives, by the environment."""
    return from_environment()


def tell(command: str, **arguments: Any) -> dict[str, Any]:
    """Gives the hub a command, wherever it runs; its answer."""
    with open_for_command(settings()) as perform:
        return perform(command, arguments)


def read(work: Callable[[Tx], T]) -> T:
    """Reads in one transaction."""
    with open_for_reading(settings()) as store:
        return store.read(work)


def emit(answer: object) -> None:
    """One JSON object on standard output."""
    typer.echo(msgspec.json.encode(answer).decode())


def show(answer: Mapping[str, Any], sentence: str, *, as_json: bool) -> None:
    """A command's answer, or the sentence for people."""
    if as_json:
        emit(answer)
    else:
        console().print(sentence, markup=False, highlight=False)


def console() -> Console:
    """Standard output, 80 columns wide where it is no terminal."""
    return Console(file=sys.stdout, highlight=False)


def complain(refusal: Refusal) -> None:
    """One line on standard error: what, where, what to do."""
    typer.echo(f"entrepot: {refusal}", err=True)


def note(sentence: str) -> None:
    """A remark that is no part of the answer."""
    typer.echo(sentence, err=True)


def table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[str] = ()
) -> None:
    """A table for people; the columns named in `right` are numbers."""
    out = console()
    if title:
        out.print(f"\n[bold]{title}[/bold]")
    drawn = Table(box=None, pad_edge=False, header_style="dim")
    for column in columns:
        drawn.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(_cell(value) for value in row))
    out.print(drawn)


def moment(text: str, name: str) -> datetime:
    """An ISO 8601 time; UTC if it names no zone. Refusal `time` for anything else."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        remedy = "Write 2026-11-21T14:30:00+01:00, or UTC without a zone"
        raise Refusal("time", f"{text!r} is no time", remedy=remedy, field=name) from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def when(at: datetime | None) -> str:
    """A time for people: UTC to the second."""
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else "–"


def lasting(seconds: float) -> str:
    """A span for people."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.1f} s" if seconds else "–"


def pairs(given: Iterable[str], name: str) -> dict[str, str]:
    """'a=1', 'b=2' → {'a': '1', 'b': '2'}; Refusal `pair` for a text without '='."""
    found = {}
    for text in given:
        key, sign, value = text.partition("=")
        if not sign or not key.strip():
            raise Refusal("pair", f"{name} are written name=value", field=name)
        found[key.strip()] = value
    return found


def _cell(value: object) -> str:
    """Text that rich shows as it is: square brackets are no markup here."""
    text = "–" if value is None else str(value)
    return text.replace("[", r"\[")
