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
from entrepot.places import Kind
from tests.ledger.books import Books
from tests.ledger.model import OPEN, Model, Piece, Refused
from tests.ledger.test_states import ALLOWED

LINES = st.sampled_from(["one", "two"])
PLACES = st.sampled_from(["main", "shop"])
NETWORKS = st.sampled_from([["main", "shop"], ["shop", "main"], ["main"]])
LOTS = st.sampled_from(["", "L1"])
SOME = st.integers(1, 4)


class LedgerMachine(RuleBasedStateMachine):
    """A ledger over a SQLite store in memory. All steps are on item A; item B lies beside it, untouched."""

    @initialize()
    def open(self) -> None:
        self.books = Books()
        for at, lot, n in (("main", "", 2), ("main", "L1", 1), ("shop", "", 1)):
            for item in "AB":
                self.books.receive(n, at=at, item=item, lot=lot)
        self.books.book("beside", 4, item="B")
        self.beside = self.books.lies("B"), self.books.claims("beside")
        self.returned: Counter[str] = Counter()
        self.states: dict[str, tuple[str, int]] = {}
        self.history: list[tuple[datetime, dict[tuple[str, str], int]]] = []

    def teardown(self) -> None:
        if hasattr(self, "books"):
            assert (self.books.lies("B"), self.books.claims("beside")) == self.beside
            self.books.store.close()

    # the store, as the model sees it

    def model(self) -> Model:
        codes = {id: code for code, id in self.books.ids.items()}
        table = tables.reservation
        mine = select(table).where(table.c.item_id == self.books.ids["A"])
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
        return Model(self.lies(), pieces, self.books.clock.now())

    def lies(self) -> dict[tuple[str, str], int]:
        found = {}
        for name, n in self.books.lies().items():
            place, _, lot = name.partition(" #")
            found[place, lot] = n
        return found

    def step(self, expect: Callable[[Model], None], act: Callable[[], Any]) -> bool:
        """Does the same in the model and in the store and compares; False if both refused."""
        model = self.model()
        untouched, refused = model.figures(), ""
        try:
            expect(model)
        except Refused as refusal:
            refused = str(refusal)
        if refused:
            with pytest.raises(Refusal) as said:
                act()
            assert (said.value.code, self.model().figures()) == (refused, untouched)
            return False
        act()
        found, wanted = self.model().figures(), model.figures()
        note(f"{found}")
        assert found == wanted
        return True

    def verb(self, line: str, expect: Callable[[Model], None], name: str, **arguments: Any) -> None:
        """A verb of the page on one line."""

        def act(page: ledger.Page, why: ledger.Why) -> None:
            getattr(page, name)(why, line, self.books.ids["A"], **arguments)

        self.step(expect, lambda: self.books.on(act, lines=[line], items="A"))

    def ids(self, network: list[str]) -> list[str]:
        return [self.books.ids[code] for code in network]

    # steps

    @rule(at=PLACES, lot=LOTS, n=SOME)
    def receive(self, at: str, lot: str, n: int) -> None:
        self.step(
            lambda model: model.move("supplier", f"{at} shelf", lot, n),
            lambda: self.books.receive(n, at=at, lot=lot),
        )

    @rule(at=PLACES, lot=LOTS, n=st.integers(-4, 4).filter(bool))
    def adjust(self, at: str, lot: str, n: int) -> None:
        places = ("lost", f"{at} shelf") if n > 0 else (f"{at} shelf", "lost")
        self.step(
            lambda model: model.adjust(at, lot, n),
            lambda: self.books.post(self.books.move(*places, abs(n), lot=lot)),
        )

    @rule(line=LINES, n=SOME, network=NETWORKS, held=st.booleans(), picked=st.booleans())
    def book(self, line: str, n: int, network: list[str], held: bool, picked: bool) -> None:
        self.step(
            lambda model: model.book(line, n, network, "held" if held else "reserved"),
            lambda: self.books.book(line, n, " ".join(network), held=held),
        )
        if picked:
            self.books.pick(line)

    @rule(line=LINES, n=SOME, network=NETWORKS)
    def reserve(self, line: str, n: int, network: list[str]) -> None:
        cause = self.books.cause()
        self.step(
            lambda model: model.reserve(line, n, network),
            lambda: self.books.run(
                lambda tx, here: ledger.reserve(
                    tx,
                    here,
                    line_id=line,
                    item_id=self.books.ids["A"],
                    quantity=n,
                    network=self.ids(network),
                    cause=cause,
                )
            ),
        )

    @rule(line=LINES)
    def confirm(self, line: str) -> None:
        self.step(
            lambda model: model.confirm(line),
            lambda: self.books.on(lambda page, _why: page.confirm(line, self.books.ids["A"]), lines=[line]),
        )

    @rule(line=LINES, n=SOME, reason=st.sampled_from(["", "broken"]))
    def release(self, line: str, n: int, reason: str) -> None:
        self.verb(line, lambda model: model.release(line, n, reason), "release", quantity=n, reason=reason)

    @rule(line=LINES, n=SOME)
    def consume(self, line: str, n: int) -> None:
        self.verb(line, lambda model: model.consume(line, n), "consume", quantity=n)

    @rule(line=LINES, n=st.integers(2, 7), at=PLACES)
    def hand_over(self, line: str, n: int, at: str) -> None:
        where = self.books.ids[at]
        self.verb(
            line, lambda model: model.hand_over(line, n, at), "hand_over", quantity=n, location_id=where
        )

    @rule(line=LINES, n=SOME, kind=st.sampled_from([Kind.SHELF, Kind.BACK]))
    def take_back(self, line: str, n: int, kind: Kind) -> None:
        earlier = self.returned[line]
        n = min(n, len(self.model().of(line, ["consumed"])) - earlier)
        if n > 0:
            self.returned[line] += n
            self.verb(
                line,
                lambda model: model.take_back(line, n, kind, earlier),
                "take_back",
                quantity=n,
                kind=kind,
                earlier=earlier,
            )

    @rule(network=NETWORKS)
    def fill(self, network: list[str]) -> None:
        ids = [self.books.ids["A"]]
        networks = dict.fromkeys(["one", "two"], self.ids(network))
        self.step(
            lambda model: model.fill(network),
            lambda: self.books.run(lambda tx, here: ledger.fill(tx, here, ids, networks)),
        )

    @precondition(lambda self: self.states)
    @rule(data=st.data(), n=st.integers(1, 2), consume=st.booleans())
    def end_by_id(self, data: st.DataObject, n: int, consume: bool) -> None:
        """Releases or consumes some pieces of a reservation, of an ended one where none is open."""
        open_ones = sorted(id for id, (state, _n) in self.states.items() if state in OPEN)
        id = data.draw(st.sampled_from(open_ones or sorted(self.states)))
        verb, cause = (ledger.consume if consume else ledger.release), self.books.cause()

        def expect(model: Model) -> None:
            mine = [one for one in model.pieces if one.age[1] == id]
            if len(mine) < n or mine[0].state not in OPEN or (consume and mine[0].state == "short"):
                raise Refused("quantity")
            for piece in mine[:n]:
                (model.send if consume else model.give_up)(piece)

        self.step(
            expect,
            lambda: self.books.run(
                lambda tx, here: verb(tx, here, reservation_id=id, quantity=n, cause=cause)
            ),
        )

    @rule(data=st.data(), at=PLACES, lot=LOTS, off=st.integers(-4, 4))
    def count(self, data: st.DataObject, at: str, lot: str, off: int) -> None:
        """Somebody counted, now or at an earlier moment, and `off` pieces more were there than booked."""
        as_of, then = data.draw(st.sampled_from(self.history[-6:][::-1]))
        lay = sum(then.get((f"{at} {kind}", lot), 0) for kind in ("shelf", "promised"))
        n = max(lay + off, 0)
        booked = self.step(
            lambda model: model.count(at, lot, n - lay),
            lambda: self.books.count(n, at=at, as_of=as_of, lot=lot),
        )
        for moment, lies in self.history:
            if booked and moment >= as_of:  # what a count corrects was so since then
                spot = (f"{at} shelf", lot)
                lies[spot] = lies.get(spot, 0) + n - lay

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
        table = tables.reservation
        mine = select(table).where(table.c.item_id == self.books.ids["A"])
        now = {row.id: (row.state, row.quantity) for row in self.books.store.read(lambda tx: tx.rows(mine))}
        for id, (state, quantity) in self.states.items():
            after, left = now[id]
            assert after == state or (state, after) in ALLOWED
            assert 0 < left <= quantity
        self.states = now
        self.history.append((self.books.clock.now(), self.lies()))


TestLedgerMachine = pytest.mark.timeout(600)(LedgerMachine.TestCase)  # a failure takes minutes to shrink
TestLedgerMachine.settings = settings(max_examples=30, stateful_step_count=50, deadline=None)
