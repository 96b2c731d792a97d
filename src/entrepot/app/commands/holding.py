"""Goods held for somebody, moved between locations, set aside."""

import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from entrepot import catalog, connections, ledger, places
from entrepot.app.commands import given
from entrepot.app.commands.arguments import Answer
from entrepot.app.commands.goods import own_item, sku_of
from entrepot.app.commands.holding_arguments import (
    ExtendHold,
    MakeHold,
    MoveStock,
    PutBack,
    ReleaseHold,
    SendTransfer,
    SetAside,
    TransferArrived,
    TransferLineWanted,
)
from entrepot.app.wiring import Hub
from entrepot.catalog import Sku
from entrepot.db import Tx
from entrepot.kernel import Refusal, pieces
from entrepot.ledger import Hold, Move, Posting, Sending, Transfer, TransferLine, Wish
from entrepot.places import Kind, Location, Place, Places

REASON = re.compile(r"[a-z][a-z0-9 _-]{0,39}")
LINES_MAX = 5_000


def make_hold(tx: Tx, _hub: Hub, command: MakeHold) -> Answer:
    reference = given.name(command.reference, "reference")
    sku = sku_of(tx, command.sku)
    wanted = _pieces(command.quantity, sku, "quantity")
    here = places.load(tx)
    if bool(command.location) == bool(command.seller):
        raise Refusal("location", "a hold needs a location or a seller", field="location")
    seller = connections.seller(tx, command.seller) if command.seller else None
    network = places.networks(tx)[seller.network_id] if seller else (here.location(command.location).id,)
    made = ledger.hold(
        tx,
        here,
        Wish(
            reference=reference,
            sku_id=sku.id,
            recipe=sku.recipe,
            pieces=wanted,
            network=network,
            until=_aware(command.until, "until"),
            connection_id=seller.id if seller else "",
        ),
    )
    return _hold(made, sku)


def extend_hold(tx: Tx, _hub: Hub, command: ExtendHold) -> Answer:
    until = _aware(command.until, "until")
    held = ledger.extend(tx, command.hold, until)
    return _hold(held, catalog.skus(tx, ids=[held.sku_id])[0])


def release_hold(tx: Tx, _hub: Hub, command: ReleaseHold) -> Answer:
    held = ledger.still_open(tx, command.hold)
    sku = catalog.skus(tx, ids=[held.sku_id])[0]
    wanted = _pieces(command.quantity, sku, "quantity") if command.quantity else held.quantity
    left = ledger.release_hold(tx, places.load(tx), held.id, pieces=wanted, recipe=sku.recipe)
    return _hold(left, sku)


def move_stock(tx: Tx, _hub: Hub, command: MoveStock) -> Answer:
    here = places.load(tx)
    source, target = _two(here, command.source, command.target)
    booked, moved = _book(
        tx,
        here,
        command,
        source=here.at(source.id, Kind.SHELF),
        target=here.at(target.id, Kind.SHELF),
        cause=f"move:{command.reference}",
        reason="moved",
    )
    return {
        "sku": command.sku,
        "moved": moved,
        "source": source.code,
        "target": target.code,
        "booked": booked,
    }


def set_aside(tx: Tx, _hub: Hub, command: SetAside) -> Answer:
    reason = _reason(command.reason)
    here = places.load(tx)
    location = here.location(command.location)
    here = places.ensure(tx, here, location.id, Kind.UNAVAILABLE, reason=reason)
    shelf, aside = here.at(location.id, Kind.SHELF), here.at(location.id, Kind.UNAVAILABLE, reason)
    cause = f"set_aside:{command.reference}"
    booked, moved = _book(tx, here, command, source=shelf, target=aside, cause=cause, reason=reason)
    return {
        "sku": command.sku,
        "location": location.code,
        "set_aside": moved,
        "reason": reason,
        "booked": booked,
    }


def put_back(tx: Tx, _hub: Hub, command: PutBack) -> Answer:
    reason = _reason(command.reason)
    here = places.load(tx)
    location = here.location(command.location)
    if not here.has(location.id, Kind.UNAVAILABLE, reason):
        raise Refusal("not_enough", f"nothing was set aside as {reason!r} at {location.code}", field="reason")
    shelf, aside = here.at(location.id, Kind.SHELF), here.at(location.id, Kind.UNAVAILABLE, reason)
    cause = f"put_back:{command.reference}"
    booked, moved = _book(tx, here, command, source=aside, target=shelf, cause=cause, reason=reason)
    return {
        "sku": command.sku,
        "location": location.code,
        "put_back": moved,
        "reason": reason,
        "booked": booked,
    }


def send_transfer(tx: Tx, _hub: Hub, command: SendTransfer) -> Answer:
    reference = given.name(command.reference, "reference")
    here = places.load(tx)
    source, target = _two(here, command.source, command.target)
    lines = [
        TransferLine(sku_id=sku.id, item_id=own_item(sku), lot=_lot(one.lot, f"lines[{n}].lot"), sent=count)
        for n, (one, sku, count) in enumerate(_counted(tx, command.lines, least=1))
    ]
    sending = Sending(reference=reference, source_id=source.id, target_id=target.id, lines=tuple(lines))
    return _transfer(tx, here, ledger.send(tx, here, sending))


def transfer_arrived(tx: Tx, _hub: Hub, command: TransferArrived) -> Answer:
    reference = given.name(command.reference, "reference")
    here = places.load(tx)
    counted = {(own_item(sku), one.lot): count for one, sku, count in _counted(tx, command.lines, least=0)}
    location = here.location(command.location)
    arrived = ledger.arrive(
        tx,
        here,
        command.transfer,
        counted,
        at=location.id,
        complete=command.complete,
        reference=reference,
    )
    return _transfer(tx, here, arrived)


def _book(
    tx: Tx,
    here: Places,
    command: MoveStock | SetAside | PutBack,
    *,
    source: Place,
    target: Place,
    cause: str,
    reason: str,
) -> tuple[bool, int]:
    """Whether a move between two places was booked now, and its pieces."""
    given.name(command.reference, "reference")
    sku = sku_of(tx, command.sku)
    count = _pieces(command.quantity, sku, "quantity")
    move = Move(
        item_id=own_item(sku),
        source_id=source.id,
        target_id=target.id,
        quantity=count,
        lot=_lot(command.lot, "lot"),
    )
    posting = Posting(cause=cause, moves=(move,), happened_at=tx.now, reason=reason)
    return bool(ledger.post(tx, here, [posting])), count


def _counted(
    tx: Tx, lines: Sequence[TransferLineWanted], *, least: int
) -> list[tuple[TransferLineWanted, Sku, int]]:
    """Lines with their SKU and pieces; Refusal with the line, `line_twice` for one that stands there
    twice."""
    if not 0 < len(lines) <= LINES_MAX:
        raise Refusal("lines", f"a transfer has 1 to {LINES_MAX} lines, not {len(lines)}", field="lines")
    codes = [given.code(one.sku, f"lines[{n}].sku") for n, one in enumerate(lines)]
    known = {sku.code: sku for sku in catalog.skus(tx, codes=set(codes))}
    met: set[tuple[str, str]] = set()
    found = []
    for n, (one, code) in enumerate(zip(lines, codes, strict=True)):
        if code not in known:
            raise Refusal("sku_unknown", f"there is no SKU {code!r}", field=f"lines[{n}].sku")
        if (code, one.lot) in met:
            raise Refusal("line_twice", f"{code} stands there twice", field=f"lines[{n}].sku")
        met.add((code, one.lot))
        nothing = not least and one.quantity.strip() == "0"
        count = 0 if nothing else _pieces(one.quantity, known[code], f"lines[{n}].quantity")
        found.append((one, known[code], count))
    return found


def _pieces(text: str, sku: Sku, field: str) -> int:
    units: Decimal = given.quantity(text, field)
    try:
        return pieces(units, sku.scale)
    except Refusal as refusal:
        raise Refusal("quantity", refusal.why, remedy=refusal.remedy, field=field) from None


def _two(here: Places, source: str, target: str) -> tuple[Location, Location]:
    if source == target:
        raise Refusal("locations_equal", "goods move between two locations", field="target")
    return here.location(source), here.location(target)


def _reason(text: str) -> str:
    if not REASON.fullmatch(text):
        raise Refusal(
            "reason",
            f"{text[:40]!r} is no reason: small letters, digits, blanks, - and _, at most 40, as in damaged",
            field="reason",
        )
    return text.strip()


def _lot(text: str, field: str) -> str:
    return given.name(text, field) if text else ""


def _aware(moment: datetime, field: str) -> datetime:
    if moment.tzinfo is None:
        raise Refusal("until", "a time needs its zone", field=field)
    return moment


def _hold(one: Hold, sku: Sku) -> Answer:
    return {
        "hold": one.id,
        "reference": one.reference,
        "sku": sku.code,
        "state": one.state,
        "asked": one.asked,
        "quantity": one.quantity,
        "until": one.ends_at,
    }


def _transfer(tx: Tx, here: Places, one: Transfer) -> Answer:
    codes = {sku.id: sku.code for sku in catalog.skus(tx, ids={line.sku_id for line in one.lines})}
    return {
        "transfer": one.id,
        "reference": one.reference,
        "source": here.locations[one.source_id].code,
        "target": here.locations[one.target_id].code,
        "state": one.state,
        "lines": [
            {
                "sku": codes[line.sku_id],
                "lot": line.lot,
                "sent": line.sent,
                "arrived": line.arrived,
                "lost": line.lost,
                "on_its_way": line.on_its_way,
            }
            for line in one.lines
        ],
    }
