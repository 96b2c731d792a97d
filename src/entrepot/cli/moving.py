"""`entrepot stock move`, `set-aside`, `put-back`, `entrepot transfers` and `entrepot holds`: goods that
change their place, travel between two, or are kept for somebody."""

from datetime import timedelta
from typing import Annotated, Any

import typer

from entrepot.cli.showing import Json, emit, moment, note, pairs, read, show, table, tell, when
from entrepot.cli.stock import Location, Lot, Reference, Sku
from entrepot.db.paging import LIMIT
from entrepot.kernel import Ids, SystemClock, SystemRandom
from entrepot.ledger import kept

transfers = typer.Typer(no_args_is_help=True, help="Goods on their way between two locations.")
holds = typer.Typer(no_args_is_help=True, help="Goods kept for somebody until a moment.")

Quantity = Annotated[str, typer.Argument(metavar="QUANTITY", help="Sold units.")]
Source = Annotated[str, typer.Argument(metavar="FROM", help="The code of the location they leave.")]
Target = Annotated[str, typer.Argument(metavar="TO", help="The code of the location they go to.")]
Reason = Annotated[str, typer.Option(help="Such as damaged, display, quarantine: small letters.")]
Goods = Annotated[list[str], typer.Argument(metavar="SKU=QUANTITY...", help="What, in sold units.")]
Until = Annotated[str, typer.Argument(metavar="UNTIL", help="A time, or a span ahead: 30min, 12h, 7d.")]
After = Annotated[str, typer.Option(help="Go on behind a page, with the cursor that it gave.")]
Limit = Annotated[int, typer.Option(help="At most so many, up to 200.")]

SPANS = {"min": "minutes", "h": "hours", "d": "days"}


def add_to(stock: typer.Typer) -> None:
    """Puts what moves goods between places among the commands of `entrepot stock`."""
    stock.command("move")(move)
    stock.command("set-aside")(set_aside)
    stock.command("put-back")(put_back)


def move(
    sku: Sku,
    quantity: Quantity,
    source: Source,
    target: Target,
    *,
    reference: Reference = "",
    lot: Lot = "",
    json: Json = False,
) -> None:
    """From the shelf of one location to that of another, at once."""
    named = _named(reference)
    answer = tell(
        "stock.move", sku=sku, quantity=quantity, source=source, target=target, reference=named, lot=lot
    )
    said = f"{answer['moved']} pieces of {answer['sku']} moved from {source} to {target}"
    _show(answer, said, named, as_json=json)


def set_aside(
    sku: Sku,
    location: Location,
    quantity: Quantity,
    *,
    reason: Reason,
    reference: Reference = "",
    lot: Lot = "",
    json: Json = False,
) -> None:
    """Goods are there, and not for sale."""
    named = _named(reference)
    answer = tell(
        "stock.set_aside",
        sku=sku,
        quantity=quantity,
        location=location,
        reason=reason,
        reference=named,
        lot=lot,
    )
    said = f"{answer['set_aside']} pieces of {answer['sku']} at {location} set aside: {reason}"
    _show(answer, said, named, as_json=json)


def put_back(
    sku: Sku,
    location: Location,
    quantity: Quantity,
    *,
    reason: Reason,
    reference: Reference = "",
    lot: Lot = "",
    json: Json = False,
) -> None:
    """Goods that were set aside are for sale again."""
    named = _named(reference)
    answer = tell(
        "stock.put_back",
        sku=sku,
        quantity=quantity,
        location=location,
        reason=reason,
        reference=named,
        lot=lot,
    )
    said = f"{answer['put_back']} pieces of {answer['sku']} at {location} are for sale again"
    _show(answer, said, named, as_json=json)


@transfers.command("list")
def list_transfers(*, after: After = "", limit: Limit = LIMIT, json: Json = False) -> None:
    """The newest first."""
    found = read(lambda tx: kept.transfers(tx, after=after, limit=limit))
    if json:
        emit({"transfers": found.rows, "after": found.after})
        return
    table("", ["id", "reference", "from", "to", "state", "sent (UTC)", "goods"],
          [[one.id, one.reference, one.source, one.target, one.state, when(one.sent_at),
            ", ".join(f"{line.arrived} of {line.sent} {line.sku}" for line in one.lines)]
           for one in found.rows])  # fmt: skip
    _more(found.after)


@transfers.command("send")
def send(
    source: Source, target: Target, goods: Goods, *, reference: Reference = "", json: Json = False
) -> None:
    """Goods leave a shelf for another location: they are in transit until they are counted there."""
    answer = tell(
        "transfer.send", source=source, target=target, lines=_lines(goods), reference=_named(reference)
    )
    said = f"Transfer {answer['transfer']} is on its way from {source} to {target}"
    show(answer, f"{said} (reference {answer['reference']})", as_json=json)


@transfers.command("arrive")
def arrive(
    transfer: Annotated[str, typer.Argument(metavar="ID", help="As `entrepot transfers list` names it.")],
    location: Location,
    goods: Goods,
    *,
    more: Annotated[
        bool, typer.Option("--more", help="More of it is still to come: nothing is lost yet.")
    ] = False,
    reference: Reference = "",
    json: Json = False,
) -> None:
    """Goods were counted where they went: what is missing is lost, what is more is found."""
    answer = tell(
        "transfer.arrive",
        transfer=transfer,
        location=location,
        lines=_lines(goods),
        complete=not more,
        reference=_named(reference),
    )
    counts = ", ".join(f"{line['arrived']} of {line['sent']} {line['sku']}" for line in answer["lines"])
    show(answer, f"Transfer {answer['reference']} is {answer['state']}: {counts}", as_json=json)


@holds.command("list")
def list_holds(
    *,
    sku: Annotated[str, typer.Option(help="Only of this SKU.")] = "",
    state: Annotated[str, typer.Option(help="Only held, used, released or expired ones.")] = "",
    after: After = "",
    limit: Limit = LIMIT,
    json: Json = False,
) -> None:
    """The newest first."""
    found = read(lambda tx: kept.holds(tx, sku=sku, state=state, after=after, limit=limit))
    if json:
        emit({"holds": found.rows, "after": found.after})
        return
    table("", ["id", "reference", "SKU", "seller", "state", "held", "asked", "until (UTC)"],
          [[one.id, one.reference, one.sku, one.seller, one.state, one.quantity, one.asked, when(one.ends_at)]
           for one in found.rows], right=["held", "asked"])  # fmt: skip
    _more(found.after)


@holds.command("make")
def make(
    sku: Sku,
    quantity: Quantity,
    until: Until,
    *,
    location: Annotated[str, typer.Option(help="Held at this location.")] = "",
    seller: Annotated[
        str, typer.Option(help="Held wherever this seller sells from, for its orders only.")
    ] = "",
    reference: Reference = "",
    json: Json = False,
) -> None:
    """All of it is held, or none. At most for 30 days."""
    answer = tell(
        "hold.make",
        sku=sku,
        quantity=quantity,
        until=_until(until),
        location=location,
        seller=seller,
        reference=_named(reference),
    )
    _show_hold(answer, as_json=json)


@holds.command("extend")
def extend(
    hold: Annotated[str, typer.Argument(metavar="ID", help="As `entrepot holds list` names it.")],
    until: Until,
    *,
    json: Json = False,
) -> None:
    """It ends at another moment, sooner or later."""
    _show_hold(tell("hold.extend", hold=hold, until=_until(until)), as_json=json)


@holds.command("release")
def release(
    hold: Annotated[str, typer.Argument(metavar="ID", help="As `entrepot holds list` names it.")],
    quantity: Annotated[
        str, typer.Argument(metavar="[QUANTITY]", help="Sold units; all of it if not given.")
    ] = "",
    *,
    json: Json = False,
) -> None:
    """Goods go back on the shelf."""
    _show_hold(tell("hold.release", hold=hold, quantity=quantity), as_json=json)


def _lines(goods: list[str]) -> list[dict[str, str]]:
    return [{"sku": sku, "quantity": units} for sku, units in pairs(goods, "goods").items()]


def _until(text: str) -> str:
    """A time, or what it is so far ahead of now. Refusal `time`."""
    for unit, name in SPANS.items():
        count = text.strip().removesuffix(unit)
        if count != text.strip() and count.isdecimal() and len(count) < 6:
            return (SystemClock().now() + timedelta(**{name: int(count)})).isoformat()
    return moment(text, "until").isoformat()


def _named(reference: str) -> str:
    return reference or f"cli-{Ids(SystemClock(), SystemRandom()).new()}"


def _show(answer: dict[str, Any], said: str, reference: str, *, as_json: bool) -> None:
    before = f"Reference {reference} was booked before: nothing was booked now"
    shown = f"{said} (reference {reference})" if answer["booked"] else before
    show(answer | {"reference": reference}, shown, as_json=as_json)


def _show_hold(answer: dict[str, Any], *, as_json: bool) -> None:
    said = f"Hold {answer['hold']} ({answer['reference']}) is {answer['state']}"
    show(
        answer,
        f"{said}: {answer['quantity']} of {answer['asked']} pieces of {answer['sku']}",
        as_json=as_json,
    )


def _more(after: str) -> None:
    if after:
        note(f"There are more: --after {after}")
