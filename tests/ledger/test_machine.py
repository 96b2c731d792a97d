"""Random steps on a real ledger beside a slow model, and after every step what must always hold."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from hypothesis import note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import func, select

from entrepot import ledger
from entrepot.db import tables
from entrepot.kernel import Refusal
from entrepot.ledger import Counted
from entrepot.places import Kind
from tests.ledger.books import Books
from tests.ledger.model import OPEN, Model, Piece, Refused
from tests.ledger.test_states import ALLOWED

ITEMS = st.sampled_from("AB")
LINES = st.sampled_from(["one", "two", "three"])
PLACES = st.sampled_from(["main", "shop"])
NETWORKS = st.sampled_from([["main", "shop"], ["shop", "main"], ["main"], ["shop"]])
LOTS = st.sampled_from(["", "L1", "L2"])
SOME = st.integers(1, 6)


class LedgerMachine(RuleBasedStateMachine):
    """A ledger over a SQLite store in memory. Lines are per item: 'one A', 'one B'."""

    @initialize()
    def open(self) -> None:
        self.books = Books()
        self.returned: Counter[str] = Counter()
        self.states: dict[str, tuple[str, int]] = {}
        self.history: list[tuple[datetime, dict[str, dict[tuple[str, str], int]]]] = []

    def teardown(self) -> None:
        if hasattr(self, "books"):
            self.books.store.close()

    # the store, as the model sees it

    def model(self, item: str) -> Model:
        codes = {id: code for code, id in self.books.ids.items()}
        table = tables.reservation
        mine = select(table).where(table.c.item_id == self.books.ids[item])
        pieces = [
            Piece(
                age=(row.created_at, row.id),
                line=row.line_id,
                state=row.state,
                location=codes.get(row.location_id, ""),
                lot=row.lot,
            )
            for row in self.books.store.read(lambda tx: tx.rows(mine))
            for _ in range(row.quantity)
        ]
        return Model(self.lies(item), pieces, self.books.clock.now())

    def lies(self, item: str) -> dict[tuple[str, str], int]:
        found = {}
        for name, n in self.books.lies(item).items():
            place, _, lot = name.partition(" #")
            found[place, lot] = n
        return found

    def step(self, item: str, expect: Callable[[Model], None], act: Callable[[], Any]) -> bool:
        """Does the same in the model and in the store and compares; False if both refused."""
        model, untouched = self.model(item), self.model(item).figures()
        refused = ""
        try:
            expect(model)
        except Refused as refusal:
            refused = str(refusal)
        if refused:
            with pytest.raises(Refusal) as said:
                act()
            assert (said.value.code, self.model(item).figures()) == (refused, untouched)
            return False
        act()
        found, wanted = self.model(item).figures(), model.figures()
        note(f"{found}")
        assert found == wanted
        return True

    def ids(self, network: list[str]) -> list[str]:
        return [self.books.ids[code] for code in network]

    # steps

    @rule(item=ITEMS, at=PLACES, lot=LOTS, n=SOME)
    def receive(self, item: str, at: str, lot: str, n: int) -> None:
        self.step(
            item,
            lambda model: model.move("supplier", f"{at} shelf", lot, n),
            lambda: self.books.receive(n, at=at, item=item, lot=lot),
        )

    @rule(item=ITEMS, at=PLACES, lot=LOTS, n=st.integers(-6, 6).filter(bool))
    def adjust(self, item: str, at: str, lot: str, n: int) -> None:
        places = ("lost", f"{at} shelf") if n > 0 else (f"{at} shelf", "lost")
        self.step(
            item,
            lambda model: model.adjust(at, lot, n),
            lambda: self.books.post(self.books.move(*places, abs(n), item=item, lot=lot)),
        )

    @rule(item=ITEMS, line=LINES, n=SOME, network=NETWORKS, held=st.booleans())
    def book(self, item: str, line: str, n: int, network: list[str], held: bool) -> None:
        self.step(
            item,
            lambda model: model.book(f"{line} {item}", n, network, "held" if held else "reserved"),
            lambda: self.books.book(f"{line} {item}", n, " ".join(network), item=item, held=held),
        )

    @rule(item=ITEMS, line=LINES, n=SOME, network=NETWORKS)
    def reserve(self, item: str, line: str, n: int, network: list[str]) -> None:
        arguments: dict[str, Any] = {
            "line_id": f"{line} {item}",
            "item_id": self.books.ids[item],
            "quantity": n,
            "network": self.ids(network),
            "cause": self.books.cause(),
        }
        self.step(
            item,
            lambda model: model.reserve(f"{line} {item}", n, network),
            lambda: self.books.run(lambda tx, here: ledger.reserve(tx, here, **arguments)),
        )

    @rule(item=ITEMS, line=LINES)
    def confirm(self, item: str, line: str) -> None:
        self.verb(item, line, lambda model, line: model.confirm(line), "confirm")

    @rule(item=ITEMS, line=LINES)
    def pick(self, item: str, line: str) -> None:
        self.books.pick(f"{line} {item}")

    @rule(item=ITEMS, line=LINES, n=SOME, reason=st.sampled_from(["", "broken"]))
    def release(self, item: str, line: str, n: int, reason: str) -> None:
        self.verb(
            item,
            line,
            lambda model, line: model.release(line, n, reason),
            "release",
            quantity=n,
            reason=reason,
        )

    @rule(item=ITEMS, line=LINES, n=SOME)
    def consume(self, item: str, line: str, n: int) -> None:
        self.verb(item, line, lambda model, line: model.consume(line, n), "consume", quantity=n)

    @rule(item=ITEMS, line=LINES, n=SOME, at=PLACES)
    def hand_over(self, item: str, line: str, n: int, at: str) -> None:
        where = self.books.ids[at]
        self.verb(
            item,
            line,
            lambda model, line: model.hand_over(line, n, at),
            "hand_over",
            quantity=n,
            location_id=where,
        )

    def verb(
        self, item: str, line: str, expect: Callable[[Model, str], None], name: str, **arguments: Any
    ) -> None:
        """A verb of the page on one line."""
        mine, item_id = f"{line} {item}", self.books.ids[item]

        def act(page: ledger.Page, why: ledger.Why) -> None:
            if name == "confirm":
                page.confirm(mine, item_id)
            else:
                getattr(page, name)(why, mine, item_id, **arguments)

        self.step(
            item, lambda model: expect(model, mine), lambda: self.books.on(act, lines=[mine], items=item)
        )

    @rule(item=ITEMS, line=LINES, n=SOME, kind=st.sampled_from([Kind.SHELF, Kind.BACK]))
    def take_back(self, item: str, line: str, n: int, kind: Kind) -> None:
        mine = f"{line} {item}"
        earlier = self.returned[mine]
        n = min(n, len(self.model(item).of(mine, ["consumed"])) - earlier)
        if n > 0:
            self.returned[mine] += n
            self.verb(
                item,
                line,
                lambda model, line: model.take_back(line, n, kind, earlier),
                "take_back",
                quantity=n,
                kind=kind,
                earlier=earlier,
            )

    @rule(item=ITEMS, network=NETWORKS)
    def fill(self, item: str, network: list[str]) -> None:
        networks = dict.fromkeys([f"{line} {item}" for line in ("one", "two", "three")], self.ids(network))
        self.step(
            item,
            lambda model: model.fill(network),
            lambda: self.books.run(lambda tx, here: ledger.fill(tx, here, [self.books.ids[item]], networks)),
        )

    @precondition(lambda self: self.states)
    @rule(data=st.data(), n=SOME, consume=st.booleans())
    def end_by_id(self, data: st.DataObject, n: int, consume: bool) -> None:
        """Releases or consumes some pieces of any reservation there ever was."""
        id = data.draw(st.sampled_from(sorted(self.states)))
        item = data.draw(ITEMS)
        verb, cause = (ledger.consume if consume else ledger.release), self.books.cause()

        def expect(model: Model) -> None:
            mine = [one for one in model.pieces if one.age[1] == id]
            if len(mine) < n or mine[0].state not in OPEN or (consume and mine[0].state == "short"):
                raise Refused("quantity")
            for piece in mine[:n]:
                (model.send if consume else model.give_up)(piece)

        if any(one.age[1] == id for one in self.model(item).pieces):
            self.step(
                item,
                expect,
                lambda: self.books.run(
                    lambda tx, here: verb(tx, here, reservation_id=id, quantity=n, cause=cause)
                ),
            )

    @precondition(lambda self: self.history)
    @rule(data=st.data(), item=ITEMS, at=PLACES, lot=LOTS, n=st.integers(0, 9))
    def count(self, data: st.DataObject, item: str, at: str, lot: str, n: int) -> None:
        """Somebody counted, now or at any earlier moment."""
        as_of, then = data.draw(st.sampled_from(self.history))
        lay = sum(then[item].get((f"{at} {kind}", lot), 0) for kind in ("shelf", "promised"))
        one = Counted(item_id=self.books.ids[item], location_id=self.books.ids[at], quantity=n, lot=lot)
        cause = self.books.cause()
        booked = self.step(
            item,
            lambda model: model.count(at, lot, n - lay),
            lambda: self.books.run(
                lambda tx, here: ledger.count(tx, here, [one], as_of=as_of, cause=cause, reason="counted")
            ),
        )
        for moment, lies in self.history:
            if booked and moment >= as_of:  # what a count corrects was so since then
                spot = (f"{at} shelf", lot)
                lies[item][spot] = lies[item].get(spot, 0) + n - lay

    # what always holds

    @invariant()
    def every_figure_is_the_sum_of_its_moves(self) -> None:
        assert self.books.unbalanced() == []
        balance = tables.balance
        below = select(balance).where(balance.c.bounded, balance.c.quantity < 0)
        sums = select(func.sum(balance.c.quantity)).group_by(balance.c.item_id)
        assert self.books.store.read(lambda tx: tx.rows(below)) == []
        assert [row[0] for row in self.books.store.read(lambda tx: tx.rows(sums)) if row[0]] == []

    @invariant()
    def what_is_promised_is_what_lines_have_bound(self) -> None:
        balance, place, claim = tables.balance, tables.place, tables.reservation
        promised = (
            select(balance.c.item_id, place.c.location_id, balance.c.lot, balance.c.quantity)
            .join(place, place.c.id == balance.c.place_id)
            .where(place.c.kind == "promised", balance.c.quantity != 0)
        )
        keys = (claim.c.item_id, claim.c.location_id, claim.c.lot)
        bound = (
            select(*keys, func.sum(claim.c.quantity))
            .where(claim.c.state.in_(["held", "reserved", "picked"]))
            .group_by(*keys)
        )
        there, claimed = self.books.store.read(lambda tx: (tx.rows(promised), tx.rows(bound)))
        assert sorted(map(tuple, there)) == sorted(map(tuple, claimed))

    @invariant()
    def reservations_only_go_where_the_table_lets_them(self) -> None:
        rows = self.books.store.read(lambda tx: tx.rows(select(tables.reservation)))
        now = {row.id: (row.state, row.quantity) for row in rows}
        for id, (state, quantity) in self.states.items():
            after, left = now[id]
            assert after == state or (state, after) in ALLOWED
            assert 0 < left <= quantity
        self.states = now
        self.history.append((self.books.clock.now(), {item: self.lies(item) for item in "AB"}))


TestLedgerMachine = LedgerMachine.TestCase
TestLedgerMachine.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
