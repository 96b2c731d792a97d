"""A page of the ledger: what one batch touches of balances and claims, worked on in memory, written at once.

The verbs are pure over the page; `write` turns what they did into about seven statements, whatever the size
of the batch. Rows are read in key order under lock, so two batches on PostgreSQL wait for each other instead
of crossing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from entrepot.db import Tx
from entrepot.kernel import Refusal
from entrepot.ledger import rows
from entrepot.ledger.claims import Claims
from entrepot.ledger.model import BINDING, OPEN, Move, Posting, Reservation, State, Why
from entrepot.places import Kind, Place, Places, ensure

Key = tuple[str, str, str]  # item id, place id, lot


class Page:
    """Working copy of some items' balances and some lines' reservations. Open it with `open_page`."""

    def __init__(
        self, tx: Tx, places: Places, balances: dict[Key, int], reservations: Iterable[Reservation]
    ) -> None:
        self._tx, self.places = tx, places
        self._balances = balances
        self._changes: dict[Key, int] = defaultdict(int)
        self._moves: dict[str, list[Move]] = defaultdict(list)
        self._happened: dict[str, datetime] = {}
        self._reasons: dict[str, str] = {}
        self._claims = Claims(tx.ids, reservations)
        self._returned: dict[tuple[str, str], int] = defaultdict(int)
        self._lots: dict[tuple[str, str], set[str]] = defaultdict(set)
        for item_id, place_id, lot in balances:
            self._lots[item_id, place_id].add(lot)
        self.disturbed: set[str] = set()
        """Lines that lost goods to a till or found some: their shorts are to be looked at again."""
        self.broken: set[str] = set()
        """Items of promises that were broken: another shelf may have them."""

    # reading

    def available(self, item_id: str, location_id: str) -> int:
        """Pieces on the shelf of a location."""
        return sum(number for _lot, number in self._on(self.places.at(location_id, Kind.SHELF), item_id))

    def of_line(self, line_id: str, item_id: str, states: Iterable[State]) -> list[Reservation]:
        """The line's reservations in those states, oldest first."""
        return self._claims.of_line(line_id, item_id, states)

    # verbs

    def set_aside(self, location_id: str, reason: str) -> None:
        """Makes sure that a location has a place for goods that are unavailable for `reason`."""
        self.places = ensure(self._tx, self.places, location_id, Kind.UNAVAILABLE, reason=reason)

    def move(
        self, why: Why, item_id: str, source: Place, target: Place, *, quantity: int, lot: str = ""
    ) -> None:
        """Books one move. The page's figures follow at once; the store's CHECK has the last word."""
        self._moves[why.cause].append(
            Move(item_id=item_id, source_id=source.id, target_id=target.id, quantity=quantity, lot=lot)
        )
        self._happened[why.cause] = why.happened_at
        for place, sign in ((source, -1), (target, 1)):
            key = (item_id, place.id, lot)
            self._balances[key] = self._balances.get(key, 0) + sign * quantity
            self._changes[key] += sign * quantity
            self._lots[item_id, place.id].add(lot)

    def book(
        self,
        why: Why,
        line_id: str,
        item_id: str,
        *,
        quantity: int,
        network: Sequence[str],
        held: bool = False,
    ) -> int:
        """Claims pieces for a line; never refuses. The first location in network order that holds all of them
        gives them, else the locations give what they have in that order, and the rest waits as short. Returns
        the rest."""
        state = State.HELD if held else State.RESERVED
        whole = [one for one in network if self.available(item_id, one) >= quantity]
        missing = quantity
        for location_id in whole[:1] or network:
            for lot, part in self._promise(why, item_id, location_id, quantity=missing):
                self._claims.add(
                    line_id, item_id, quantity=part, state=state, location_id=location_id, lot=lot
                )
                missing -= part
        if missing:
            self._claims.add(line_id, item_id, quantity=missing, state=State.SHORT)
            self.disturbed.add(line_id)
        return missing

    def release(self, why: Why, line_id: str, item_id: str, *, quantity: int, reason: str = "",
                end: State = State.RELEASED) -> int:  # fmt: skip
        """Gives up pieces of a line: waiting ones first, then the newest. With a `reason` the goods are set
        aside as unavailable instead of going back to the shelf. Returns how many the line did not have."""
        order = {State.SHORT: 0, State.HELD: 1, State.RESERVED: 1, State.PICKED: 2}
        newest_first = reversed(self.of_line(line_id, item_id, OPEN))
        for one in sorted(newest_first, key=lambda one: order[one.state]):
            if not quantity:
                break
            part = self._claims.split(one, min(quantity, one.quantity))
            quantity -= part.quantity
            if part.state in BINDING:
                kind = Kind.UNAVAILABLE if reason else Kind.SHELF
                if reason:
                    self.set_aside(part.location_id, reason)
                self._unbind(why, part, self.places.at(part.location_id, kind, reason))
            else:
                self.disturbed.add(line_id)
            self._claims.step(part, end)
        return quantity

    def hand_on(self, hold_id: str, line_id: str, item_id: str, *, quantity: int) -> None:
        """Held pieces become another line's, where they lie. What a till took of them waits no more."""
        for one in sorted(self.of_line(hold_id, item_id, OPEN), key=lambda one: one.state is State.SHORT):
            if part := min(quantity, one.quantity):
                taken, quantity = self._claims.split(one, part), quantity - part
                if taken.state is State.SHORT:
                    self._claims.step(taken, State.RELEASED)
                else:
                    self._claims.hand_on(taken, line_id)

    def consume(self, why: Why, line_id: str, item_id: str, *, quantity: int) -> int:
        """Sends bound pieces of a line out of the house, oldest first. Returns how many were not bound."""
        for one in self.of_line(line_id, item_id, BINDING):
            if not quantity:
                break
            part = self._claims.split(one, min(quantity, one.quantity))
            quantity -= part.quantity
            self._unbind(why, part, self.places.outer(Kind.GONE))
            self._claims.step(part, State.CONSUMED)
        return quantity

    def hand_over(self, why: Why, line_id: str, item_id: str, *, quantity: int, location_id: str) -> None:
        """Books goods that a customer has carried away: from the shelf; if it is empty, from the newest
        promise that nobody has picked, whose line becomes short; if there is none, the pieces are found."""
        shelf, gone = self.places.at(location_id, Kind.SHELF), self.places.outer(Kind.GONE)
        for lot, number in self._on(shelf, item_id):
            part = min(quantity, number)
            if part:
                self.move(why, item_id, shelf, gone, quantity=part, lot=lot)
                self._consumed(line_id, item_id, location_id, quantity=part, lot=lot)
                quantity -= part
        for one in self._unpicked(item_id, location_id):
            if not quantity:
                return
            taken = self._displace(why, one, gone, quantity=quantity)
            self._consumed(line_id, item_id, location_id, quantity=taken, lot=one.lot)
            quantity -= taken
        if quantity:
            self.move(why, item_id, self.places.outer(Kind.LOST), gone, quantity=quantity)
            self._consumed(line_id, item_id, location_id, quantity=quantity)

    def lose(self, why: Why, item_id: str, location_id: str, *, quantity: int, lot: str = "") -> None:
        """Books pieces that a count did not find: off the shelf, then off the newest unpicked promises, whose
        lines become short. Refusal `picked` if the rest is picked already and so must be there."""
        shelf, lost = self.places.at(location_id, Kind.SHELF), self.places.outer(Kind.LOST)
        part = min(quantity, self._balances.get((item_id, shelf.id, lot), 0))
        if part:
            self.move(why, item_id, shelf, lost, quantity=part, lot=lot)
            quantity -= part
        for one in self._unpicked(item_id, location_id):
            if quantity and one.lot == lot:
                quantity -= self._displace(why, one, lost, quantity=quantity)
        if quantity:
            raise Refusal(
                "picked", f"{quantity} of the missing pieces are picked already: put them back, then count"
            )

    def end(self, why: Why, reservation_id: str, *, quantity: int, consume: bool) -> None:
        """Ends `quantity` pieces of one reservation; Refusal `quantity` if it has not that many to end."""
        one = self._claims.one(reservation_id)
        allowed = BINDING if consume else OPEN
        if not 0 < quantity <= one.quantity or one.state not in allowed:
            raise Refusal(
                "quantity", f"reservation {one.id} is {one.state} with {one.quantity} pieces, not {quantity}"
            )
        part = self._claims.split(one, quantity)
        if part.state in BINDING:
            shelf = self.places.at(part.location_id, Kind.SHELF)
            self._unbind(why, part, self.places.outer(Kind.GONE) if consume else shelf)
        else:
            self.disturbed.add(part.line_id)
        self._claims.step(part, State.CONSUMED if consume else State.RELEASED)

    def because(self, cause: str, reason: str) -> None:
        """Names the reason of a cause."""
        self._reasons[cause] = reason

    def take_back(
        self, why: Why, line_id: str, item_id: str, *, quantity: int, kind: Kind, earlier: int = 0
    ) -> None:
        """Goods of a line come back to where they left from, those that left first come back first: onto the
        shelf, or to be inspected (`Kind.BACK`). `earlier` pieces came back before this page was opened."""
        passed = earlier + self._returned[line_id, item_id]
        self._returned[line_id, item_id] += quantity
        for one in self.of_line(line_id, item_id, {State.CONSUMED}):
            here = max(one.quantity - passed, 0)
            passed -= one.quantity - here
            if part := min(quantity, here):
                target = self.places.at(one.location_id, kind)
                self.move(why, item_id, self.places.outer(Kind.GONE), target, quantity=part, lot=one.lot)
                quantity -= part
        assert quantity == 0, f"line {line_id} takes back {quantity} pieces more than it sent"

    def fill(self, why: Why, one: Reservation, network: Sequence[str]) -> int:
        """Gives a waiting reservation what the shelves have by now. Returns how many pieces it got."""
        missing = one.quantity
        for location_id in network:
            for lot, part in self._promise(why, one.item_id, location_id, quantity=missing):
                served = self._claims.split(self._claims.one(one.id), part)
                self._claims.step(served, State.RESERVED, location_id=location_id, lot=lot)
                missing -= part
        if missing < one.quantity:
            self.disturbed.add(one.line_id)
        return one.quantity - missing

    def confirm(self, line_id: str, item_id: str) -> None:
        """What was held for a line is now reserved for it: it was paid."""
        for one in self.of_line(line_id, item_id, {State.HELD}):
            self._claims.step(one, State.RESERVED)

    # writing

    def write(self) -> Mapping[Key, int]:
        """Writes what the verbs did; by how much each balance changed."""
        postings = [
            Posting(
                cause=cause,
                moves=tuple(self._moves[cause]),
                happened_at=self._happened.get(cause, self._tx.now),
                reason=self._reasons.get(cause, ""),
            )
            for cause in dict.fromkeys([*self._moves, *self._reasons])
        ]
        rows.insert_postings(self._tx, postings)
        rows.change_balances(self._tx, self._changes, self.places)
        rows.insert_reservations(self._tx, self._claims.new())
        rows.update_reservations(self._tx, self._claims.changed())
        return self._changes

    # inside

    def _on(self, place: Place, item_id: str) -> list[tuple[str, int]]:
        """(lot, pieces) of an item at a place, lots in order."""
        return [
            (lot, self._balances[item_id, place.id, lot]) for lot in sorted(self._lots[item_id, place.id])
        ]

    def _promise(self, why: Why, item_id: str, location_id: str, *, quantity: int) -> list[tuple[str, int]]:
        """Moves up to `quantity` pieces from a shelf to the promises beside it; what it gave, lot by lot."""
        shelf, promised = self.places.at(location_id, Kind.SHELF), self.places.at(location_id, Kind.PROMISED)
        given = []
        for lot, number in self._on(shelf, item_id):
            part = min(quantity, number)
            if part > 0:
                self.move(why, item_id, shelf, promised, quantity=part, lot=lot)
                given.append((lot, part))
                quantity -= part
        return given

    def _unpicked(self, item_id: str, location_id: str) -> list[Reservation]:
        """Promises of an item at a location that nobody has picked, of whatever line, newest first."""
        self._claims.meet(rows.promises(self._tx, item_id, location_id))
        return self._claims.unpicked(item_id, location_id)

    def _displace(self, why: Why, one: Reservation, target: Place, *, quantity: int) -> int:
        """Takes up to `quantity` promised pieces from a line, which becomes short; how many."""
        taken = self._claims.split(one, min(quantity, one.quantity))
        self._unbind(why, taken, target)
        self._claims.step(taken, State.SHORT, location_id="", lot="")
        self.broken.add(taken.item_id)
        self.disturbed.add(taken.line_id)
        return taken.quantity

    def _unbind(self, why: Why, one: Reservation, target: Place) -> None:
        promised = self.places.at(one.location_id, Kind.PROMISED)
        self.move(why, one.item_id, promised, target, quantity=one.quantity, lot=one.lot)

    def _consumed(
        self, line_id: str, item_id: str, location_id: str, *, quantity: int, lot: str = ""
    ) -> None:
        self._claims.add(
            line_id, item_id, quantity=quantity, state=State.CONSUMED, location_id=location_id, lot=lot
        )


def open_page(tx: Tx, places: Places, *, items: Iterable[str], lines: Iterable[str]) -> Page:
    """The page with every balance of `items` and every reservation of `lines`, locked until the commit."""
    return Page(tx, places, rows.balances(tx, sorted(set(items))), rows.reservations(tx, sorted(set(lines))))
