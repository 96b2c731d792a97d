"""Goods come in, are corrected, are counted."""

from datetime import timedelta

from entrepot import ledger, places
from entrepot.app.commands.arguments import AdjustStock, Answer, CountStock, ReceiveStock
from entrepot.app.commands.goods import own_item, pieces_of, sku_of
from entrepot.app.wiring import Hub
from entrepot.db import Tx
from entrepot.kernel import Refusal
from entrepot.kernel.money import parse
from entrepot.ledger import Counted, Move, Posting
from entrepot.places import Kind, Places


def receive(tx: Tx, _hub: Hub, command: ReceiveStock) -> Answer:
    here = places.load(tx)
    sku = sku_of(tx, command.sku)
    if bool(command.cost) != bool(command.currency):
        raise Refusal("cost", "a cost needs its currency, and a currency its cost", field="cost")
    cost = parse(command.cost, command.currency) if command.cost else None
    quantity = _positive(pieces_of(command.quantity, sku))
    source, target = here.outer(Kind.SUPPLIER), here.at(here.location(command.location).id, Kind.SHELF)
    move = Move(
        item_id=own_item(sku),
        source_id=source.id,
        target_id=target.id,
        quantity=quantity,
        lot=command.lot,
        cost=cost,
    )
    booked = _post(tx, here, move, cause=f"receipt:{command.reference}", reason="received")
    return {"sku": sku.code, "location": command.location, "received": quantity, "booked": booked}


def adjust(tx: Tx, _hub: Hub, command: AdjustStock) -> Answer:
    here = places.load(tx)
    sku = sku_of(tx, command.sku)
    change = pieces_of(command.quantity, sku)
    if change == 0 or not command.reason.strip():
        raise Refusal(
            "adjustment", "an adjustment needs a quantity that is not zero, and a reason", field="quantity"
        )
    lost, shelf = here.outer(Kind.LOST), here.at(here.location(command.location).id, Kind.SHELF)
    source, target = (lost, shelf) if change > 0 else (shelf, lost)
    move = Move(
        item_id=own_item(sku),
        source_id=source.id,
        target_id=target.id,
        quantity=abs(change),
        lot=command.lot,
    )
    cause = f"adjustment:{command.reference}"
    booked = _post(tx, here, move, cause=cause, reason=command.reason.strip())
    return {"sku": sku.code, "location": command.location, "adjusted": change, "booked": booked}


def count(tx: Tx, _hub: Hub, command: CountStock) -> Answer:
    here = places.load(tx)
    sku = sku_of(tx, command.sku)
    as_of = command.as_of or tx.now
    if as_of.tzinfo is None or as_of > tx.now + timedelta(minutes=5):
        raise Refusal("as_of", "a count's time needs its zone and cannot lie ahead", field="as_of")
    counted = Counted(
        item_id=own_item(sku),
        location_id=here.location(command.location).id,
        quantity=pieces_of(command.quantity, sku),
        lot=command.lot,
    )
    differs = ledger.count(
        tx, here, [counted], as_of=as_of, cause=f"count:{command.reference}", reason="counted"
    )
    return {
        "sku": sku.code,
        "location": command.location,
        "counted": counted.quantity,
        "differed": bool(differs),
    }


def _positive(quantity: int) -> int:
    if quantity <= 0:
        raise Refusal("quantity", f"more than nothing must be received, not {quantity}", field="quantity")
    return quantity


def _post(tx: Tx, here: Places, move: Move, *, cause: str, reason: str) -> bool:
    """False if the cause was booked before with the same move."""
    posting = Posting(cause=cause, moves=(move,), happened_at=tx.now, reason=reason)
    return bool(ledger.post(tx, here, [posting]))
