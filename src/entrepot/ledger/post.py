"""Postings by people and programs: receipts, adjustments, counts, holds that may be refused."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

import msgspec

from entrepot.db import Event, Tx, events
from entrepot.kernel import Refusal
from entrepot.ledger import rows
from entrepot.ledger.model import Posting, Why
from entrepot.ledger.page import Key, Page, open_page
from entrepot.places import Kind, Places


def post(tx: Tx, places: Places, postings: Sequence[Posting]) -> list[Posting]:
    """Books those postings that are new. The same cause with the same moves is no news, with others a Refusal
    `cause_reused`; more out of a bounded place than it holds is a Refusal `not_enough`. Returns the new
    ones."""
    new = rows.unknown_postings(tx, postings)
    check(new)
    changes: dict[Key, int] = {}
    for posting in new:
        for move in posting.moves:
            for place_id, sign in ((move.source_id, -1), (move.target_id, 1)):
                key = (move.item_id, place_id, move.lot)
                changes[key] = changes.get(key, 0) + sign * move.quantity
    held = rows.balances(tx, sorted({item_id for item_id, _place, _lot in changes}))
    for key, change in changes.items():
        if places.by_id[key[1]].bounded and held.get(key, 0) + change < 0:
            place = places.by_id[key[1]]
            raise Refusal(
                "not_enough",
                f"{place.kind} holds {held.get(key, 0)} pieces, {-change} were to leave",
                remedy="Count the place first, or move fewer",
            )
    rows.insert_postings(tx, new)
    rows.change_balances(tx, changes, places)
    moved(tx, places, changes)
    return new


def check(postings: Iterable[Posting]) -> None:
    """Refusal `quantity` for a move of nothing, less than nothing, or from a place to itself."""
    for posting in postings:
        for move in posting.moves:
            if move.quantity <= 0 or move.source_id == move.target_id:
                raise Refusal("quantity", f"{posting.cause}: a move needs a positive quantity and two places")


def moved(tx: Tx, places: Places, changes: Mapping[Key, int], broken: Collection[str] = ()) -> frozenset[str]:
    """Tells whoever waits which items arrived on a shelf and of which a promise was broken, and then whoever
    shows them which moved. The ids of those that moved."""
    items = frozenset(item_id for item_id, _place, _lot in changes)
    arrived = {
        item_id
        for (item_id, place_id, _lot), change in changes.items()
        if change > 0 and places.by_id[place_id].kind is Kind.SHELF
    }
    told = (("PromiseBroken", broken), ("StockArrived", arrived), ("StockMoved", items))
    events.append(
        tx,
        [
            Event(stream=f"item:{item_id}", kind=kind, body={"item": item_id}, key=item_id)
            for kind, of in told
            for item_id in sorted(of)
        ],
    )
    return items


def written(tx: Tx, page: Page) -> frozenset[str]:
    """Writes a page and says what moved and which lines are to be looked at again; the ids of what moved."""
    items = moved(tx, page.places, page.write(), page.broken)
    events.append(
        tx,
        [
            Event(stream=f"line:{line_id}", kind="PromiseChanged", body={"line": line_id}, key=line_id)
            for line_id in sorted(page.disturbed)
        ],
    )
    return items


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """What a person counted: `quantity` pieces lie on the shelf of a location, promised ones among them."""

    item_id: str
    location_id: str
    quantity: int
    lot: str = ""


def count(
    tx: Tx, places: Places, counted: Sequence[Counted], *, as_of: datetime, cause: str, reason: str
) -> int:
    """Turns a statement ("there are 7") into moves against `lost`: the difference to what lay there at
    `as_of`.

    What moved after `as_of` stays moved. Missing pieces come off the shelf first; where the shelf has too
    few, the newest promises fall short. Returns how many figures differed. The same cause again is no news.
    """
    for one in counted:
        if one.quantity < 0:
            raise Refusal("quantity", f"a count cannot be negative: {one.quantity}", field="quantity")
    if tx.rows(rows.booked(cause)):
        return 0
    page = open_page(tx, places, items=[one.item_id for one in counted], lines=())
    then = rows.on_hand_at(tx, [one.item_id for one in counted], as_of, places)
    differences = 0
    lost, why = places.outer(Kind.LOST), Why(cause, as_of)
    for one in counted:
        difference = one.quantity - then.get((one.item_id, one.location_id, one.lot), 0)
        shelf = places.at(one.location_id, Kind.SHELF)
        if difference > 0:
            page.move(why, one.item_id, lost, shelf, quantity=difference, lot=one.lot)
        elif difference < 0:
            page.lose(why, one.item_id, one.location_id, quantity=-difference, lot=one.lot)
        differences += 1 if difference else 0
    page.because(cause, reason)
    written(tx, page)
    return differences


def reserve(
    tx: Tx,
    places: Places,
    *,
    line_id: str,
    item_id: str,
    quantity: int,
    network: Sequence[str],
    cause: str,
) -> None:
    """Holds pieces for a cart or a program, or refuses: Refusal `not_available` says how many there are. The
    same cause again is no news."""
    if quantity <= 0:
        raise Refusal(
            "quantity", f"a reservation needs a positive quantity, not {quantity}", field="quantity"
        )
    if tx.rows(rows.booked(cause)):
        return
    page = open_page(tx, places, items=[item_id], lines=[line_id])
    there = sum(page.available(item_id, location_id) for location_id in network)
    if there < quantity:
        raise Refusal(
            "not_available", f"{quantity} pieces were asked for, {there} are available", field="quantity"
        )
    page.book(Why(cause, tx.now), line_id, item_id, quantity=quantity, network=network, held=True)
    written(tx, page)


def release(tx: Tx, places: Places, *, reservation_id: str, quantity: int, cause: str) -> None:
    """Gives back `quantity` pieces of a reservation; Refusal `reservation_unknown` or `quantity`."""
    _end(tx, places, reservation_id, quantity=quantity, cause=cause, consume=False)


def consume(tx: Tx, places: Places, *, reservation_id: str, quantity: int, cause: str) -> None:
    """Sends `quantity` pieces of a reservation out of the house; Refusal as `release`."""
    _end(tx, places, reservation_id, quantity=quantity, cause=cause, consume=True)


def _end(tx: Tx, places: Places, reservation_id: str, *, quantity: int, cause: str, consume: bool) -> None:
    if tx.rows(rows.booked(cause)):
        return
    found = rows.reservation(tx, reservation_id)
    if found is None:
        raise Refusal("reservation_unknown", f"there is no reservation {reservation_id}")
    page = open_page(tx, places, items=[found.item_id], lines=[found.line_id])
    page.end(Why(cause, tx.now), reservation_id, quantity=quantity, consume=consume)
    written(tx, page)


def waiting_lines(tx: Tx, item_ids: Sequence[str]) -> list[str]:
    """Lines that wait for these items, those that wait longest first. Balances are locked before claims, here
    as by every page."""
    rows.balances(tx, sorted(item_ids))
    return list(dict.fromkeys(one.line_id for one in rows.shorts(tx, sorted(item_ids))))


def fill(tx: Tx, places: Places, item_ids: Sequence[str], networks: Mapping[str, Sequence[str]]) -> int:
    """Gives waiting reservations what the shelves have, oldest first. `networks`: line id → locations in
    order; a line that is not in it waits on. Returns how many pieces were given."""
    waiting = [one for one in rows.shorts(tx, sorted(item_ids)) if one.line_id in networks]
    if not waiting:
        return 0
    page = open_page(
        tx, places, items=[one.item_id for one in waiting], lines=[one.line_id for one in waiting]
    )
    why = Why(f"fill:{tx.ids.new()}", tx.now)
    given = sum(page.fill(why, one, networks[one.line_id]) for one in waiting)
    if given:
        written(tx, page)
    return given
