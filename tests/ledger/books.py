"""A ledger to write tests on: two locations, two items, and short words for what lies where."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import func, select, union_all

from entrepot import catalog, ledger, places
from entrepot.db import InlineStore, Tx, tables
from entrepot.kernel import VirtualClock
from entrepot.ledger import Counted, Move, Page, Posting, Why
from entrepot.places import Kind, Place, Places
from tests.db.stores import NOON, inline

T = TypeVar("T")


def at(minutes: int) -> datetime:
    """So many minutes after noon."""
    return NOON + timedelta(minutes=minutes)


class Books:
    """Items A and B at main and shop. Each act is a transaction of its own, a second after the last."""

    def __init__(self) -> None:
        self.clock = VirtualClock(NOON)
        self.store: InlineStore = inline(self.clock)
        self.ids: dict[str, str] = {}
        self._acts = 0
        self.store.run(self._found)

    def _found(self, tx: Tx) -> None:
        places.seed(tx)
        for code in ("main", "shop"):
            self.ids[code] = places.add_location(tx, code).id
        for code, sku in catalog.add_skus(tx, {"A": "", "B": ""}).items():
            self.ids[code] = sku.recipe[0][0]

    def run(self, work: Callable[[Tx, Places], T]) -> T:
        """One transaction."""
        self.clock.sleep(1)
        return self.store.run(lambda tx: work(tx, places.load(tx)))

    def cause(self) -> str:
        """One that was not used yet."""
        self._acts += 1
        return f"act:{self._acts}"

    def on(self, act: Callable[[Page, Why], T], *, lines: Sequence[str] = (), items: str = "AB") -> T:
        """A verb on a page of these lines and items, written."""

        def work(tx: Tx, here: Places) -> T:
            page = ledger.open_page(tx, here, items=[self.ids[item] for item in items], lines=lines)
            result = act(page, Why(self.cause(), tx.now))
            ledger.written(tx, page)
            return result

        return self.run(work)

    def place(self, name: str) -> Place:
        """'main shelf', 'main unavailable broken', 'gone'."""
        here = self.store.read(places.load)
        words = name.split()
        if len(words) == 1:
            return here.outer(Kind(words[0]))
        return here.at(self.ids[words[0]], Kind(words[1]), " ".join(words[2:]))

    def move(self, source: str, target: str, quantity: int, *, item: str = "A", lot: str = "") -> Move:
        return Move(
            item_id=self.ids[item],
            source_id=self.place(source).id,
            target_id=self.place(target).id,
            quantity=quantity,
            lot=lot,
        )

    def post(self, *moves: Move, cause: str = "", happened_at: datetime | None = None) -> int:
        """How many postings were new. The moves happened now, unless it is said when."""
        cause = cause or self.cause()

        def work(tx: Tx, here: Places) -> int:
            posting = Posting(cause=cause, moves=moves, happened_at=happened_at or tx.now)
            return len(ledger.post(tx, here, [posting]))

        return self.run(work)

    def receive(self, quantity: int, *, at: str = "main", item: str = "A", lot: str = "") -> None:
        self.post(self.move("supplier", f"{at} shelf", quantity, item=item, lot=lot))

    def book(
        self, line: str, quantity: int, network: str = "main shop", *, item: str = "A", held: bool = False
    ) -> int:
        """Books pieces for a line; how many are short."""
        ids = [self.ids[code] for code in network.split()]
        return self.on(
            lambda page, why: page.book(why, line, self.ids[item], quantity=quantity, network=ids, held=held),
            lines=[line],
        )

    def sell(self, line: str, quantity: int, at: str = "main") -> None:
        """A till hands pieces over."""
        self.on(
            lambda page, why: page.hand_over(
                why, line, self.ids["A"], quantity=quantity, location_id=self.ids[at]
            ),
            lines=[line],
        )

    def pick(self, line: str) -> None:
        """Somebody takes the line's goods off the shelf: the step is not one of the ledger's verbs yet."""
        table = tables.reservation
        picked = table.update().where(table.c.line_id == line, table.c.state == "reserved")
        self.store.run(lambda tx: tx.run(picked.values(state="picked")))

    def count(
        self,
        quantity: int,
        *,
        at: str = "main",
        as_of: datetime | None = None,
        lot: str = "",
        cause: str = "",
    ) -> int:
        """A person counts item A; how many figures differed."""
        one = Counted(item_id=self.ids["A"], location_id=self.ids[at], quantity=quantity, lot=lot)
        cause = cause or self.cause()
        return self.run(
            lambda tx, here: ledger.count(
                tx, here, [one], as_of=as_of or tx.now, cause=cause, reason="counted"
            )
        )

    def fill(self, **networks: str) -> int:
        """Waiting lines get what came; line='locations in order'."""
        ids = {line: [self.ids[code] for code in network.split()] for line, network in networks.items()}
        items = [self.ids["A"], self.ids["B"]]
        return self.run(lambda tx, here: ledger.fill(tx, here, items, ids))

    # reading

    def lies(self, item: str = "A") -> dict[str, int]:
        """Where pieces are: 'main shelf', 'main shelf #lot', 'gone' → pieces, without zeros."""
        here = self.store.read(places.load)
        codes = {location.id: location.code for location in here.locations.values()}
        table = tables.balance
        rows = self.store.read(
            lambda tx: tx.rows(select(table).where(table.c.item_id == self.ids[item], table.c.quantity != 0))
        )
        lies = {}
        for row in rows:
            place = here.by_id[row.place_id]
            words = [
                codes.get(place.location_id, ""),
                place.kind,
                place.reason,
                f"#{row.lot}" if row.lot else "",
            ]
            lies[" ".join(word for word in words if word)] = row.quantity
        return lies

    def claims(self, line: str) -> list[str]:
        """The line's reservations: 'reserved 3 main', 'short 1', 'picked 2 main #lot', sorted."""
        codes = {id: code for code, id in self.ids.items()}
        table = tables.reservation
        rows = self.store.read(lambda tx: tx.rows(select(table).where(table.c.line_id == line)))
        words = [
            (row.state, f"{row.quantity}", codes.get(row.location_id, ""), f"#{row.lot}" if row.lot else "")
            for row in rows
        ]
        return sorted(" ".join(word for word in one if word) for one in words)

    def reservation(self, line: str) -> str:
        """The id of the line's only reservation."""
        table = tables.reservation
        (row,) = self.store.read(lambda tx: tx.rows(select(table).where(table.c.line_id == line)))
        return str(row.id)

    def told(self, kind: str) -> list[str]:
        """The streams of the events of a kind, in order."""
        event = tables.event
        statement = select(event.c.stream).where(event.c.kind == kind).order_by(event.c.id)
        return [row.stream for row in self.store.read(lambda tx: tx.rows(statement))]

    def unbalanced(self) -> list[tuple[str, str, str]]:
        """(item, place, lot) whose balance is not the sum of its moves, as the database adds them up."""
        move, balance = tables.move, tables.balance
        parts = union_all(
            select(
                move.c.item_id, move.c.target_id.label("place_id"), move.c.lot, move.c.quantity.label("n")
            ),
            select(
                move.c.item_id, move.c.source_id.label("place_id"), move.c.lot, (-move.c.quantity).label("n")
            ),
            select(balance.c.item_id, balance.c.place_id, balance.c.lot, (-balance.c.quantity).label("n")),
        ).subquery()
        keys = (parts.c.item_id, parts.c.place_id, parts.c.lot)
        statement = select(*keys).group_by(*keys).having(func.sum(parts.c.n) != 0)
        rows = self.store.read(lambda tx: tx.rows(statement))
        return [(row.item_id, row.place_id, row.lot) for row in rows]
