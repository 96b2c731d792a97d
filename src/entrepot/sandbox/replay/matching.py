"""Matching: which sale a line that takes goods back is about, and how much each item must have in stock for
nothing to be short.
"""

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from entrepot.sandbox.replay.daybook import Daybook, Part
from entrepot.sandbox.replay.kinds import Kind

SALES = """
SELECT l.n, l.rank, l.remaining FROM line l JOIN invoice i ON i.rank = l.rank
WHERE l.sku = ?1 AND l.kind IN ('sale', 'gift') AND l.customer = ?2 AND l.remaining > 0
  AND (i.at < ?3 OR (i.at = ?3 AND l.rank < ?4))
ORDER BY (l.pence * ?5 = ?6 * l.quantity) DESC, (l.remaining = ?5) DESC, i.at DESC, l.n DESC
"""
PAID = """
SELECT coalesce(sum(pence), 0) FROM line
WHERE rank = ? AND kind NOT IN ('cancelled', 'returned_without_original')
"""
TAKERS = """
SELECT l.n, l.rank, l.sku, -l.quantity, -l.pence, l.customer, i.at
FROM line l JOIN invoice i ON i.rank = l.rank
WHERE l.kind = 'returned_without_original' ORDER BY i.at, l.rank, l.n
"""


def match(book: Daybook) -> None:
    """Finds for every line that takes goods back the sales it is about: of the same customer and SKU, earlier
    and with units left; first those at the same price, among them the one with just as many units, then the
    latest. It may take several. What finds none (or names no customer) is a return without its original.

    A refund never exceeds what is left of its order, as no shop gives back more than it was paid.
    """
    left = _Left(book)
    book.db.execute("BEGIN")
    for row in book.ask(TAKERS):
        _keep(book, list(_parts(book, left, Taker(*row))))
    book.db.execute("COMMIT")


class Taker(msgspec.Struct, frozen=True):
    """A line that takes `units` goods back, for `pence`."""

    n: int
    rank: int
    sku: str
    units: int
    pence: int
    customer: str
    at: str


def _parts(book: Daybook, left: "_Left", taker: Taker) -> Iterator[Part]:
    """The sales that a line takes back, and the rest that found none."""
    units, pence = taker.units, taker.pence
    sales = (taker.sku, taker.customer, taker.at, taker.rank, units, pence)
    for target, rank, there in book.ask(SALES, *sales) if taker.customer else ():
        taken = min(units, there)
        money = pence if taken == units else pence * taken // units
        if taken and left.take(rank, money):
            yield Part(n=taker.n, target=target, target_rank=rank, units=taken, pence=money, rank=taker.rank)
            units, pence = units - taken, pence - money
    if units:
        yield Part(n=taker.n, target=None, target_rank=None, units=units, pence=pence, rank=taker.rank)


class _Left:
    """Pence that an order can still give back: asked for once, then remembered for orders that gave some."""

    def __init__(self, book: Daybook) -> None:
        self._book, self._left = book, dict[int, int]()

    def take(self, rank: int, pence: int) -> bool:
        """Whether the order can give that much back; then it has."""
        if rank not in self._left:
            self._left[rank] = self._book.ask(PAID, rank)[0][0]
        if pence > max(self._left[rank], 0):
            return False
        self._left[rank] -= pence
        return True


def _keep(book: Daybook, parts: list[Part]) -> None:
    """Keeps the parts of one line; a line of which every unit was matched is cancelled."""
    for one in parts:
        book.db.execute(
            "INSERT INTO part VALUES (?, ?, ?, ?, ?, ?)",
            (one.n, one.target, one.target_rank, one.units, one.pence, one.rank),
        )
        if one.target is not None:
            book.db.execute("UPDATE line SET remaining = remaining - ? WHERE n = ?", (one.units, one.target))
    if parts and parts[-1].target is not None:
        book.db.execute("UPDATE line SET kind = ? WHERE n = ?", (Kind.CANCELLED.value, parts[0].n))


def net_opening(book: Daybook) -> dict[str, int]:
    """SKU → the fewest pieces at the start with which nothing falls short: the deepest point of what went out
    less what came in, where what came in on a day is for sale on the next.

    At least the file's net sales, and more where goods came back only after others had sold them again.
    """
    deepest: dict[str, int] = defaultdict(int)
    balance: dict[str, int] = defaultdict(int)
    for sku, _day, out, back in book.db.execute(
        """SELECT l.sku, i.day,
             sum(CASE WHEN l.kind IN ('sale', 'gift') THEN l.quantity
                      WHEN l.kind = 'correction' AND l.quantity < 0 THEN -l.quantity ELSE 0 END),
             sum(CASE WHEN l.kind IN ('cancelled', 'returned_without_original') THEN -l.quantity
                      WHEN l.kind = 'correction' AND l.quantity > 0 THEN l.quantity ELSE 0 END)
           FROM line l JOIN invoice i ON i.rank = l.rank
           WHERE l.kind IN ('sale', 'gift', 'cancelled', 'returned_without_original', 'correction')
           GROUP BY l.sku, i.day ORDER BY l.sku, i.day"""
    ):
        balance[sku] += out
        deepest[sku] = max(deepest[sku], balance[sku])
        balance[sku] -= back
    return dict(deepest)


def net_sales(book: Daybook) -> dict[str, int]:
    """SKU → pieces that the file says left, less those that came in; without lines that the hub refused."""
    return dict(
        book.ask(
            """SELECT sku, sum(CASE WHEN kind = 'correction' THEN -quantity ELSE quantity END) FROM line
               WHERE kind IN ('sale', 'gift', 'cancelled', 'returned_without_original', 'correction')
               AND n NOT IN (SELECT n FROM refused) GROUP BY sku"""
        )
    )
