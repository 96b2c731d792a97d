"""Claims: some lines' reservations, worked on in memory. Knows which are new and which have changed."""

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from entrepot.kernel import Ids
from entrepot.ledger.model import STATES, Reservation, State


class Claims:
    """Working copy of reservations. A split part inherits the age of what it was split from."""

    def __init__(self, ids: Ids, reservations: Iterable[Reservation]) -> None:
        self._ids = ids
        self._every: dict[str, Reservation] = {}
        self._by_line: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._by_item: dict[str, list[str]] = defaultdict(list)
        self._new: set[str] = set()
        self._changed: set[str] = set()
        self.meet(reservations)

    def one(self, id: str) -> Reservation:
        """A reservation as it stands now."""
        return self._every[id]

    def meet(self, reservations: Iterable[Reservation]) -> None:
        """Takes in reservations of other lines; one that is here already stays as it was worked on."""
        for one in reservations:
            if one.id not in self._every:
                self._enter(one)

    def of_line(self, line_id: str, item_id: str, states: Iterable[State]) -> list[Reservation]:
        """The line's reservations in those states, oldest first."""
        wanted = frozenset(states)
        every = [self._every[id] for id in self._by_line.get((line_id, item_id), ())]
        return sorted((one for one in every if one.state in wanted), key=Reservation.age)

    def unpicked(self, item_id: str, location_id: str) -> list[Reservation]:
        """Promises of an item at a location that nobody has picked, newest first."""
        every = [self._every[id] for id in self._by_item.get(item_id, ())]
        here = (
            one
            for one in every
            if one.location_id == location_id and one.state in (State.HELD, State.RESERVED)
        )
        return sorted(here, key=Reservation.age, reverse=True)

    def add(
        self,
        line_id: str,
        item_id: str,
        *,
        quantity: int,
        state: State,
        location_id: str = "",
        lot: str = "",
    ) -> None:
        """A new reservation."""
        self._keep(
            Reservation(
                id=self._ids.new(),
                line_id=line_id,
                item_id=item_id,
                quantity=quantity,
                state=state,
                location_id=location_id,
                lot=lot,
            ),
            new=True,
        )

    def split(self, one: Reservation, quantity: int) -> Reservation:
        """The part of a reservation that something happens to: itself, or a new one beside what is left."""
        if quantity == one.quantity:
            return one
        self._keep(msgspec.structs.replace(one, quantity=one.quantity - quantity))
        part = msgspec.structs.replace(one, id=self._ids.new(), quantity=quantity)
        self._keep(part, new=True)
        return part

    def hand_on(self, one: Reservation, line_id: str) -> None:
        """What was one line's is another's from now on."""
        self._by_line[one.line_id, one.item_id].remove(one.id)
        self._by_line[line_id, one.item_id].append(one.id)
        self._keep(msgspec.structs.replace(one, line_id=line_id))

    def step(self, one: Reservation, state: State, **more: str) -> None:
        """Moves a reservation on; AssertionError for a step that the table does not allow."""
        assert state in STATES[one.state], f"a reservation cannot go from {one.state} to {state}"
        self._keep(msgspec.structs.replace(one, state=state, **more))

    def new(self) -> list[Reservation]:
        """Those that are not stored yet."""
        return [one for id, one in self._every.items() if id in self._new]

    def changed(self) -> list[Reservation]:
        """Stored ones that are to be written again."""
        stored = self._changed - self._new
        return [one for id, one in self._every.items() if id in stored]

    def _enter(self, one: Reservation) -> None:
        """A reservation that was not here; its item never changes."""
        self._every[one.id] = one
        self._by_line[one.line_id, one.item_id].append(one.id)
        self._by_item[one.item_id].append(one.id)

    def _keep(self, one: Reservation, *, new: bool = False) -> None:
        if new:
            self._new.add(one.id)
            self._enter(one)
        else:
            self._changed.add(one.id)
            self._every[one.id] = one
