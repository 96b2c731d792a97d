"""Transfers: goods leave one location, are on their way, and are counted where they arrive. What was not
found when the last of it was counted is lost; what was found beside it is found."""

from collections.abc import Mapping, Sequence

import msgspec

from entrepot.db import Event, Tx, events
from entrepot.kernel import Refusal
from entrepot.ledger import rows, transfer_rows
from entrepot.ledger.model import Move, Posting
from entrepot.ledger.post import post
from entrepot.ledger.transfer_rows import Transfer, TransferLine, TransferState
from entrepot.places import Kind, Places

Key = tuple[str, str]  # item id, lot


class Sending(msgspec.Struct, frozen=True, kw_only=True):
    """What is to leave `source_id` for `target_id`, locations of ours."""

    reference: str
    source_id: str
    target_id: str
    lines: tuple[TransferLine, ...]


def send(tx: Tx, here: Places, sending: Sending) -> Transfer:
    """Goods leave a shelf: they are in transit to the other location. The same reference with the same goods
    is the transfer that is there. Refusal `reference_reused`, `locations_equal`, `not_enough`."""
    known = transfer_rows.named(tx, sending.reference)
    if known is not None:
        return _same(known, sending)
    if sending.source_id == sending.target_id:
        raise Refusal("locations_equal", "a transfer needs two locations", field="target")
    made = Transfer(
        id=tx.ids.new(),
        reference=sending.reference,
        source_id=sending.source_id,
        target_id=sending.target_id,
        state=TransferState.IN_TRANSIT,
        lines=sending.lines,
    )
    shelf, transit = here.at(made.source_id, Kind.SHELF), here.at(made.target_id, Kind.TRANSIT)
    moves = tuple(
        Move(item_id=one.item_id, lot=one.lot, source_id=shelf.id, target_id=transit.id, quantity=one.sent)
        for one in made.lines
    )
    post(tx, here, [Posting(cause=f"transfer:{made.id}", moves=moves, happened_at=tx.now, reason="sent")])
    transfer_rows.insert(tx, made)
    _tell(tx, made, "TransferSent")
    return made


def arrive(
    tx: Tx,
    here: Places,
    id: str,
    counted: Mapping[Key, int],
    *,
    at: str,
    complete: bool,
    reference: str,
) -> Transfer:
    """Goods were counted `at` the other location and lie on its shelf. `complete`: nothing more of it comes.

    The same reference twice is counted once. Refusal `transfer_unknown`, `transfer_ended`, `not_sent` for
    goods that are not of this transfer, `quantity`.
    """
    held = transfer_rows.held(tx, id)
    if held is None:
        raise Refusal("transfer_unknown", f"there is no transfer {id[:40]!r}", field="transfer")
    if held.target_id != at:
        goes = here.locations[held.target_id].code
        raise Refusal("not_sent", f"the transfer {held.reference!r} goes to {goes}", field="location")
    cause = f"transfer:{id}:{reference}"
    if tx.rows(rows.booked(cause)):
        return held
    if held.state is TransferState.RECEIVED:
        raise Refusal("transfer_ended", f"the transfer {held.reference!r} has arrived", field="transfer")
    _check(held, counted)
    after = [_arrived(one, counted.get((one.item_id, one.lot), 0), complete=complete) for one in held.lines]
    moves = [
        move
        for before, now in zip(held.lines, after, strict=True)
        for move in _moves(here, held, before, now)
    ]
    post(tx, here, [Posting(cause=cause, moves=tuple(moves), happened_at=tx.now, reason="arrived")])
    over = complete or not any(one.on_its_way for one in after)
    state = TransferState.RECEIVED if over else TransferState.PARTLY_RECEIVED
    now = msgspec.structs.replace(held, state=state, lines=tuple(after))
    transfer_rows.update(tx, now)
    _tell(tx, now, "TransferArrived")
    return now


def _arrived(line: TransferLine, counted: int, *, complete: bool) -> TransferLine:
    """A line after a count."""
    arrived = line.arrived + counted
    lost = max(line.sent - arrived, 0) if complete else line.lost
    return msgspec.structs.replace(line, arrived=arrived, lost=lost)


def _moves(here: Places, held: Transfer, before: TransferLine, now: TransferLine) -> list[Move]:
    """What a count moves: onto the shelf what was on its way, from `lost` what nobody had sent, to `lost`
    what will not come."""
    transit, shelf = here.at(held.target_id, Kind.TRANSIT), here.at(held.target_id, Kind.SHELF)
    lost = here.outer(Kind.LOST)
    came = now.arrived - before.arrived
    expected = min(came, before.on_its_way)
    wanted = (
        (transit, shelf, expected),
        (lost, shelf, came - expected),
        (transit, lost, now.lost - before.lost),
    )
    return [
        Move(item_id=now.item_id, lot=now.lot, source_id=source.id, target_id=target.id, quantity=quantity)
        for source, target, quantity in wanted
        if quantity
    ]


def _check(held: Transfer, counted: Mapping[Key, int]) -> None:
    sent = {(one.item_id, one.lot) for one in held.lines}
    if any(key not in sent for key in counted):
        raise Refusal(
            "not_sent",
            f"what was counted is not of the transfer {held.reference!r}",
            remedy="Receive it by itself",
            field="lines",
        )
    if any(quantity < 0 for quantity in counted.values()):
        raise Refusal("quantity", "a count cannot be negative", field="lines")


def _same(known: Transfer, sending: Sending) -> Transfer:
    def said(lines: Sequence[TransferLine]) -> list[tuple[str, str, int]]:
        return sorted((one.item_id, one.lot, one.sent) for one in lines)

    same = (known.source_id, known.target_id) == (sending.source_id, sending.target_id)
    if not same or said(known.lines) != said(sending.lines):
        raise Refusal(
            "reference_reused",
            f"{sending.reference!r} is a transfer of something else",
            remedy="Give each transfer a reference of its own",
            field="reference",
        )
    return known


def _tell(tx: Tx, one: Transfer, kind: str) -> None:
    body = {"transfer": one.id, "source": one.source_id, "target": one.target_id, "state": one.state}
    events.append(tx, [Event(stream=f"transfer:{one.id}", kind=kind, body=body)])
