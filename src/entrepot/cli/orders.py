"""`entrepot orders`, `entrepot exceptions` and `entrepot sellers`: what was ordered wherever, orders of the
hub's own sellers, and what stands in the work queue."""

import sys
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from entrepot import orders as room
from entrepot.cli.showing import Json, console, emit, note, pairs, read, show, table, tell, when
from entrepot.db import Tx
from entrepot.db.paging import LIMIT
from entrepot.kernel import Refusal
from entrepot.ledger import State
from entrepot.orders import detail, lists
from entrepot.orders.detail import OrderDetail, OrderLine
from entrepot.orders.lists import Asked

orders = typer.Typer(
    no_args_is_help=True, help="What was ordered, wherever; orders of the hub's own sellers."
)
exceptions = typer.Typer(no_args_is_help=True, help="What stops an order or a line, and what can be done.")
sellers = typer.Typer(no_args_is_help=True, help="Sellers inside the hub: field sales, B2B, programs.")

Order = Annotated[
    str, typer.Argument(metavar="ORDER", help="Its id, or CONNECTION/NUMBER as its channel has it.")
]
Lines = Annotated[
    list[str] | None,
    typer.Argument(metavar="[LINE=UNITS]...", help="Line numbers or ids; all that is open if none is named."),
]
After = Annotated[str, typer.Option(help="Go on behind a page, with the cursor that it gave.")]
Limit = Annotated[int, typer.Option(help="At most so many, up to 200.")]


@orders.command("list")
def list_orders(
    *,
    connection: Annotated[str, typer.Option(help="Only of this connection.")] = "",
    status: Annotated[str, typer.Option(help="Only in this status, such as accepted.")] = "",
    exception: Annotated[str, typer.Option(help="Only with an open exception of this kind, or any.")] = "",
    sku: Annotated[str, typer.Option(help="Only with a line of this SKU.")] = "",
    search: Annotated[str, typer.Option(help="The beginning of a number, or a SKU.")] = "",
    after: After = "",
    limit: Limit = LIMIT,
    json: Json = False,
) -> None:
    """The newest orders first, or those that are asked for."""
    asked = Asked(connection=connection, status=status, exception=exception, sku=sku, search=search)
    found = read(lambda tx: lists.orders(tx, asked, after=after, limit=limit))
    if json:
        emit({"orders": found.rows, "after": found.after})
        return
    table("", ["id", "number", "channel", "placed (UTC)", "status", "total", "exceptions"],
          [[one.id, one.number, one.channel, when(one.placed_at), one.status, one.total,
            ", ".join(sorted({problem.kind for problem in one.problems}))] for one in found.rows],
          right=["total"])  # fmt: skip
    _more(found.after)


@orders.command("show")
def show_order(order: Order, *, json: Json = False) -> None:
    """One order: its lines and where their goods are, money, parcels, exceptions."""
    found = read(lambda tx: _detail(tx, order))
    if json:
        emit(found)
        return
    seen = found.order
    out = console()
    said = f"{seen.number} of {seen.channel}, placed {when(seen.placed_at)} UTC: {seen.status}, {seen.total}"
    out.print(f"{said}  (version {seen.version})", markup=False)
    table("Lines", ["line", "SKU", "title", "ordered", "cancelled", "shipped", "amount", "goods"],
          [[one.external_id, one.sku or one.sku_text, one.title, one.ordered, one.cancelled, one.shipped,
            one.amount, _goods(one)] for one in found.lines],
          right=["ordered", "cancelled", "shipped", "amount"])  # fmt: skip
    for parcel in found.parcels:
        out.print(f"Parcel {parcel.carrier} {parcel.tracking}, {when(parcel.at)} UTC", markup=False)
    for problem in seen.problems:
        out.print(f"{problem.id}  {problem.kind}: {problem.detail}", markup=False)


@orders.command("place")
def place(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="The order as JSON, as POST /api/v1/orders takes it; - reads standard input."
        ),
    ],
    *,
    json: Json = False,
) -> None:
    """Places an order with a seller of the hub's own. The same reference twice is one order."""
    answer = tell("order.place", **_object(file))
    short = sum(line["short"] for line in answer["lines"])
    what = "placed" if answer["new"] else "was there already"
    said = f"Order {answer['order']} ({answer['number']}) {what}: {answer['total']} {answer['currency']}"
    show(answer, said + (f", {short} pieces wait for goods" if short else ""), as_json=json)


@orders.command("pay")
def pay(
    order: Order,
    state: Annotated[str, typer.Argument(metavar="STATE", help="pending, authorised, paid or failed.")],
    *,
    json: Json = False,
) -> None:
    """What became of the money of an order of the hub's own sellers."""
    _changed(tell("order.pay", order=order, state=state), as_json=json)


@orders.command("ship")
def ship(
    order: Order,
    lines: Lines = None,
    *,
    carrier: Annotated[str, typer.Option(help="Who carries the parcel.")] = "",
    tracking: Annotated[str, typer.Option(help="The parcel's number.")] = "",
    json: Json = False,
) -> None:
    """Goods of an order of the hub's own sellers have left the house."""
    answer = tell(
        "order.ship", order=order, lines=pairs(lines or [], "lines"), carrier=carrier, tracking=tracking
    )
    _changed(answer, as_json=json)


@orders.command("hand-over")
def hand_over(
    order: Order,
    location: Annotated[
        str, typer.Argument(metavar="LOCATION", help="Where the customer carried them away.")
    ],
    lines: Lines = None,
    *,
    json: Json = False,
) -> None:
    """A customer has carried goods out of the door."""
    answer = tell("order.hand_over", order=order, location=location, lines=pairs(lines or [], "lines"))
    _changed(answer, as_json=json)


@orders.command("cancel")
def cancel(
    order: Order,
    lines: Lines = None,
    *,
    reason: Annotated[str, typer.Option(help="Why; it stays with the order. No names of buyers.")],
    json: Json = False,
) -> None:
    """Cancels lines, or all that is open, of an order of the hub's own sellers."""
    _changed(
        tell("order.cancel", order=order, lines=pairs(lines or [], "lines"), reason=reason), as_json=json
    )


@orders.command("refetch")
def refetch(order: Order, *, json: Json = False) -> None:
    """Reads an order again at its channel, at once."""
    answer = tell("order.refetch", order=order)
    show(answer, f"{answer['number']} is read again at {answer['asked']}", as_json=json)


@orders.command("source")
def source(
    order: Order,
    line: Annotated[str, typer.Argument(metavar="LINE", help="Its number or id.")],
    location: Annotated[str, typer.Argument(metavar="LOCATION", help="The code of a location of ours.")],
    *,
    json: Json = False,
) -> None:
    """Sends what nobody has picked of a line from another location."""
    answer = tell("order.source", order=order, line=line, location=location)
    show(answer, f"{answer['moved']} pieces of line {line} are bound at {location}", as_json=json)


@orders.command("give-up")
def give_up(
    order: Order,
    line: Annotated[str, typer.Argument(metavar="LINE", help="Its number or id.")],
    *,
    reason: Annotated[str, typer.Option(help="Why; it stays with the order. No names of buyers.")],
    json: Json = False,
) -> None:
    """Cancels what goods are missing for, in a line of an order of the hub's own sellers."""
    answer = tell("order.give_up", order=order, line=line, reason=reason)
    show(answer, f"Line {line} wants no more than there is (version {answer['version']})", as_json=json)


@exceptions.command("list")
def list_exceptions(
    *,
    kind: Annotated[str, typer.Option(help="Only of this kind, such as short.")] = "",
    connection: Annotated[str, typer.Option(help="Only of this connection.")] = "",
    after: After = "",
    limit: Limit = LIMIT,
    json: Json = False,
) -> None:
    """What is open, the newest first, and what can be done about it."""
    found = read(lambda tx: lists.problems(tx, kind=kind, connection=connection, after=after, limit=limit))
    if json:
        every = [msgspec.structs.asdict(one) | {"remedies": room.offered(one)} for one in found.rows]
        emit({"exceptions": every, "after": found.after})
        return
    table("", ["id", "order", "channel", "since (UTC)", "kind", "what", "remedies"],
          [[one.id, one.number, one.channel, when(one.opened_at), one.kind, one.detail,
            ", ".join(remedy.command for remedy in room.offered(one))] for one in found.rows])  # fmt: skip
    _more(found.after)


@exceptions.command("accept")
def accept(
    exception: Annotated[str, typer.Argument(metavar="ID", help="As `entrepot exceptions list` names it.")],
    *,
    why: Annotated[str, typer.Option(help="Why; it stays with the order. No names of buyers.")],
    json: Json = False,
) -> None:
    """What it names may stay so: it does not come back for the same thing."""
    answer = tell("exception.accept", exception=exception, why=why)
    show(answer, f"{answer['kind']} of order {answer['order']} is accepted", as_json=json)


@exceptions.command("reopen")
def reopen(
    exception: Annotated[str, typer.Argument(metavar="ID", help="One that was accepted.")],
    *,
    why: Annotated[str, typer.Option(help="Why; it stays with the order.")],
    json: Json = False,
) -> None:
    """Takes back that it may stay so."""
    answer = tell("exception.reopen", exception=exception, why=why)
    show(answer, f"{answer['kind']} of order {answer['order']} is open again", as_json=json)


@sellers.command("add")
def add_seller(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Small letters, digits and -")],
    currency: Annotated[str, typer.Argument(metavar="CURRENCY", help="ISO 4217, as EUR.")],
    *,
    location: Annotated[
        list[str] | None, typer.Option(help="Sells from this one; again for the next (all if none is named).")
    ] = None,
    reserve: Annotated[
        str, typer.Option(help="Too few goods: refuse the order, or let it be short.")
    ] = "refuse",
    json: Json = False,
) -> None:
    """A seller inside the hub: orders are placed with it through the API or `entrepot orders place`."""
    answer = tell("seller.add", name=name, currency=currency, locations=location or [], reserve=reserve)
    said = f"Seller {answer['seller']} sells from {', '.join(answer['locations'])} in {answer['currency']}"
    show(answer, said, as_json=json)


def _detail(tx: Tx, name: str) -> OrderDetail:
    found = detail.detail(tx, room.known(tx, name).id)
    assert found is not None
    return found


def _goods(line: OrderLine) -> str:
    """Where the goods of a line are or went: '2 reserved main, 1 short'."""
    said = (one for one in line.claims if one.state not in (State.RELEASED, State.EXPIRED))
    return ", ".join(f"{one.quantity} {one.state} {one.location}".strip() for one in said)


def _object(file: str) -> dict[str, Any]:
    text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise Refusal("json", f"{file} is no JSON object: {error}", field="file") from None


def _changed(answer: dict[str, Any], *, as_json: bool) -> None:
    said = f"Order {answer['number']}: {answer['status']} (version {answer['version']})"
    show(answer, said, as_json=as_json)


def _more(after: str) -> None:
    if after:
        note(f"There are more: --after {after}")
