"""The daybook: the whole history on disk before any of it is played, so that memory stays flat.

A file of SQLite beside the hub's store, thrown away at the end: what the file says, which sale each
cancellation takes back, and at last what the hub holds of each line. It is no part of the hub.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from entrepot.kernel import Refusal
from entrepot.sandbox.replay.kinds import GOODS_KINDS, Kind, Rules
from entrepot.sandbox.replay.reading import Entry

SCHEMA = """
CREATE TABLE invoice (rank INTEGER PRIMARY KEY, number TEXT NOT NULL UNIQUE, at TEXT NOT NULL,
                      day TEXT NOT NULL, customer TEXT NOT NULL, country TEXT NOT NULL);
CREATE TABLE line (n INTEGER PRIMARY KEY, rank INTEGER NOT NULL, code TEXT NOT NULL, sku TEXT NOT NULL,
                   title TEXT NOT NULL, quantity INTEGER NOT NULL, pence INTEGER NOT NULL, kind TEXT NOT NULL,
                   remaining INTEGER NOT NULL, customer TEXT NOT NULL);
CREATE TABLE part (n INTEGER NOT NULL, target INTEGER, target_rank INTEGER, units INTEGER NOT NULL,
                   pence INTEGER NOT NULL, rank INTEGER NOT NULL);
CREATE TABLE held (n INTEGER NOT NULL, units INTEGER NOT NULL, pence INTEGER NOT NULL);
CREATE TABLE refused (n INTEGER PRIMARY KEY, why TEXT NOT NULL);
"""
INDEXES = """
CREATE INDEX line_rank ON line (rank);
CREATE INDEX line_sold ON line (sku, customer) WHERE kind IN ('sale', 'gift');
CREATE INDEX invoice_day ON invoice (day, rank);
CREATE INDEX part_rank ON part (rank);
CREATE INDEX part_target ON part (target_rank, rank);
"""
BATCH = 2000


class Invoice(msgspec.Struct, frozen=True, kw_only=True):
    """`rank` counts invoices in the order in which the file first names them."""

    rank: int
    number: str
    at: datetime
    customer: str
    country: str


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """`n` is the file's line number; `sku` the code in capitals."""

    n: int
    rank: int
    code: str
    sku: str
    title: str
    quantity: int
    pence: int
    kind: Kind


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of a line that takes goods back: `units` of the sale `target` of invoice `target_rank`; both
    None for goods whose sale is not in the file. `pence` is what is given back, not negative."""

    n: int
    target: int | None
    target_rank: int | None
    units: int
    pence: int
    rank: int


class Sums(msgspec.Struct, kw_only=True):
    """What the file amounts to, added up while it was read. `exact` before rounding lines to pence."""

    lines: int = 0
    units: int = 0
    pence: int = 0
    exact: Decimal = Decimal(0)
    rounded: int = 0


class Daybook:
    """Write it once with `write`, then read it day by day."""

    def __init__(self, path: Path, rules: Rules) -> None:
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-16384", "temp_store=FILE"):
            self.db.execute(f"PRAGMA {pragma}")
        self.db.executescript(SCHEMA)
        self._rules = rules
        self.sums = Sums()

    def close(self) -> None:
        self.db.close()

    def write(self, entries: Iterable[Entry]) -> None:
        """Keeps every line with its kind. An invoice's lines may stand apart. Refusal `history_invoice` if
        they name two customers, `history_empty` if there is no line."""
        number, rank, customer = "", 0, ""
        waiting: list[tuple[Any, ...]] = []
        self.db.execute("BEGIN")
        for one in entries:
            if one.invoice != number:
                number, (rank, customer) = one.invoice, self._invoice(one)
            if one.customer != customer:
                raise Refusal("history_invoice", f"line {one.number}: invoice {number} names two customers",
                              remedy="Nothing was played. Mend the line")  # fmt: skip
            waiting.append(self._row(one, rank))
            if len(waiting) >= BATCH:
                self._keep(waiting)
        self._keep(waiting)
        if not self.sums.lines:
            raise Refusal("history_empty", "the file has no line below its header")
        self.db.executescript(INDEXES)
        self._settle()
        self.db.execute("COMMIT") if self.db.in_transaction else None

    def _keep(self, waiting: list[tuple[Any, ...]]) -> None:
        self.db.executemany("INSERT INTO line VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", waiting)
        waiting.clear()

    def _invoice(self, one: Entry) -> tuple[int, str]:
        """(rank, customer) of an entry's invoice, kept if it is new."""
        at = one.at.isoformat()
        self.db.execute(
            "INSERT OR IGNORE INTO invoice (number, at, day, customer, country) VALUES (?, ?, ?, ?, ?)",
            (one.invoice, at, at[:10], one.customer, one.country),
        )
        found = self.db.execute(
            "SELECT rank, customer FROM invoice WHERE number = ?", (one.invoice,)
        ).fetchone()
        return int(found[0]), str(found[1])

    def _row(self, one: Entry, rank: int) -> tuple[Any, ...]:
        kind = self._rules.kind(
            one.invoice, one.code, quantity=one.quantity, pence=one.pence, customer=one.customer
        )
        sums = self.sums
        sums.lines += 1
        sums.units += one.quantity
        sums.pence += one.pence
        sums.exact += one.exact
        sums.rounded += one.exact * 100 != one.pence
        return (one.number, rank, one.code, one.code.upper(), one.title, one.quantity, one.pence, kind.value,
                one.quantity, one.customer)  # fmt: skip

    def _settle(self) -> None:
        """Goods for nothing are a correction where their whole invoice is about nothing and nobody."""
        self.db.execute(
            """UPDATE line SET kind = 'correction' WHERE kind = 'gift' AND rank IN
               (SELECT i.rank FROM invoice i JOIN line l ON l.rank = i.rank WHERE i.customer = ''
                AND i.rank IN (SELECT rank FROM line WHERE kind = 'gift')
                GROUP BY i.rank HAVING max(abs(l.pence)) = 0)"""
        )

    # reading

    def days(self) -> list[str]:
        """The days on which anything happened, in UTC."""
        return [row[0] for row in self.db.execute("SELECT DISTINCT day FROM invoice ORDER BY day")]

    def of_day(self, day: str) -> Iterator[tuple[Invoice, list[Line]]]:
        """The invoices of a day with their lines, in the order of the file."""
        ranks = self.db.execute("SELECT * FROM invoice WHERE day = ? ORDER BY at, rank", (day,)).fetchall()
        return ((_invoice(row), self.lines(row[0])) for row in ranks)

    def refunded_on(self, day: str) -> list[int]:
        """The ranks of the invoices of which goods were taken back that day."""
        rows = self.db.execute(
            """SELECT DISTINCT p.target_rank FROM part p JOIN invoice i ON i.rank = p.rank
               WHERE i.day = ? AND p.target IS NOT NULL ORDER BY 1""",
            (day,),
        )
        return [row[0] for row in rows]

    def lines(self, rank: int) -> list[Line]:
        """The lines of an invoice, in the order of the file."""
        found = self.db.execute(
            "SELECT n, rank, code, sku, title, quantity, pence, kind FROM line WHERE rank = ? ORDER BY n",
            (rank,),
        )
        return [
            Line(
                n=n,
                rank=rank,
                code=code,
                sku=sku,
                title=title,
                quantity=quantity,
                pence=pence,
                kind=Kind(kind),
            )
            for n, rank, code, sku, title, quantity, pence, kind in found
        ]

    def invoice(self, rank: int) -> Invoice:
        return _invoice(self.db.execute("SELECT * FROM invoice WHERE rank = ?", (rank,)).fetchone())

    def goods(self) -> list[tuple[str, str, str]]:
        """(code as written, SKU, title) of everything that is goods; the title of the first line that sells
        it."""
        kinds = _list(GOODS_KINDS)
        rows = self.db.execute(
            f"""SELECT code, sku, coalesce(min(CASE WHEN kind = 'sale' AND title <> ''
                  THEN printf('%09d', n) || title END), '000000000' || code)
                FROM line WHERE kind IN ({kinds}) GROUP BY code ORDER BY code"""  # noqa: S608
        )
        return [(code, sku, title[9:]) for code, sku, title in rows]

    def ask(self, statement: str, *values: object) -> Sequence[tuple[Any, ...]]:
        """All rows of a reading statement."""
        return self.db.execute(statement, values).fetchall()


def _invoice(row: tuple[Any, ...]) -> Invoice:
    rank, number, at, _day, customer, country = row
    return Invoice(
        rank=rank, number=number, at=datetime.fromisoformat(at), customer=customer, country=country
    )


def _list(kinds: Iterable[Kind]) -> str:
    return ", ".join(f"'{kind}'" for kind in sorted(kinds))
