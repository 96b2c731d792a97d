"""`entrepot channels read` and `share`: what an adapter understands of documents that lie on disk; and the
commands that belong to writing one."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from entrepot import channels
from entrepot.channels.kit.files import read_file
from entrepot.channels.kit.share import UNKNOWN, Share, share, together
from entrepot.cli.beginning import new
from entrepot.cli.recording import record_account
from entrepot.cli.showing import Json, console, emit, table
from entrepot.cli.understood import print_passage
from entrepot.contract import Disagreement, DocumentKind, OrderSeen, Passage, disagreements
from entrepot.kernel import Refusal

Platform = Annotated[str, typer.Argument(metavar="PLATFORM", help="As `entrepot channels list` names it.")]

WORDS = {"OrderSeen": "order", "ListingSeen": "listing", "StockSeen": "stock", "LocationSeen": "location",
         "Hint": "hint", "Gone": "gone", "RefundSeen": "refund", "ReturnSeen": "return"}  # fmt: skip


def add_to(app: typer.Typer) -> None:
    """Adds the commands to `entrepot channels`."""
    app.command("read")(read)
    app.command("share")(tell_share)
    app.command("record")(record_account)
    app.command("new")(new)


def read(
    platform: Platform,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A JSON document of the platform.")],
    *,
    kind: Annotated[
        DocumentKind | None,
        typer.Option(metavar="KIND", help="order, webhook, listing, stock, location or return."),
    ] = None,
    json: Json = False,
) -> None:
    """Prints what the adapter understands of a document, and whether its orders agree to the cent.

    An order, a list, a webhook's body, products, stock, locations, refunds, however they are wrapped. Nothing
    is asked of the platform. What cannot be read ends in a named exception and exit 2.
    """
    found = read_file(channels.load(platform), file, kind)
    understood(found)
    if json:
        emit(_answer(platform, found))
        return
    for passage in found:
        print_passage(passage)


def tell_share(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Has a folder of payloads per platform.")],
    *,
    every: Annotated[
        bool, typer.Option("--all", help="Also name the files that hold nothing for the hub.")
    ] = False,
    json: Json = False,
) -> None:
    """Reads every file below FOLDER/PLATFORM/ and prints the share of orders that agree to the cent."""
    shares = shares_of(folder)
    if json:
        emit({"platforms": [_figures(one) for one in shares], "all": _figures(together(shares))})
        return
    numbers = ["files", "understood", "orders", "agree", "share", "in part only"]
    rows = shares if len(shares) == 1 else [*shares, together(shares)]
    table("", ["platform", *numbers],
          [[one.platform, one.files, one.understood, one.orders, one.agreeing, percent(one), one.partial]
           for one in rows], right=numbers)  # fmt: skip
    for one in shares:
        told = [row for row in one.exceptions if every or row.code != UNKNOWN]
        if told:
            console().print(f"\n{one.platform}", markup=False)
        for row in told:
            sentence = f"  {f'{row.file} {row.at}'.strip()}: {row.code}: {row.why}"
            console().print(sentence, markup=False, highlight=False, soft_wrap=True)


def shares_of(folder: Path) -> list[Share]:
    """The share of each platform that has a folder there; Refusal `folder_empty` where none has."""
    names = [name for name in channels.names() if (folder / name).is_dir()]
    if not names:
        raise Refusal("folder_empty", f"{folder} has no folder named as a platform",
                      remedy="`entrepot channels list` names them")  # fmt: skip
    return [share(name, channels.load(name), folder / name) for name in names]


def percent(one: Share) -> str:
    """'94.1 %', rounded down; '–' without orders."""
    return f"{one.share_bp // 100}.{one.share_bp // 10 % 10} %" if one.orders else "–"


def understood(found: Sequence[Passage]) -> None:
    """Refusal of the first part, where no part could be understood."""
    refused = [one for one in found if one.code]
    if refused and len(refused) == len(found):
        one = refused[0]
        raise Refusal(
            one.code, f"{one.kind.value}{' at ' + one.at if one.at else ''}: {one.why}", field=one.field
        )


def _answer(platform: str, found: Sequence[Passage]) -> dict[str, Any]:
    kinds = sorted({one.kind.value for one in found})
    orders = [seen for one in found for seen in one.seen if isinstance(seen, OrderSeen)]
    wrong = list(_wrong(found))
    return {
        "platform": platform,
        "kind": kinds[0] if len(kinds) == 1 else "mixed",
        "seen": [_seen(one.at, seen) for one in found for seen in one.seen],
        "refused": [{"at": one.at, "kind": one.kind, "code": one.code, "why": one.why, "field": one.field}
                    for one in found if one.code],
        "agrees_to_the_cent": not wrong if orders else None,
        "disagreements": wrong,
    }  # fmt: skip


def _seen(at: str, seen: Any) -> dict[str, Any]:
    """A testimony with its name, without the raw bytes it came from. Decimals are text."""
    fields = msgspec.to_builtins(seen)
    fields.pop("raw", None)
    return {"what": WORDS[type(seen).__name__], "at": at, **fields}


def _wrong(found: Sequence[Passage]) -> Iterator[dict[str, Any]]:
    for one in found:
        for seen in one.seen:
            figures: list[Disagreement] = disagreements(seen) if isinstance(seen, OrderSeen) else []
            yield from ({"at": one.at, **msgspec.to_builtins(figure)} for figure in figures)


def _figures(one: Share) -> dict[str, Any]:
    figures: dict[str, Any] = msgspec.to_builtins(one)
    return figures | {"share_bp": one.share_bp}
