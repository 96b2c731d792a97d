"""The goods of a filled store: what SKUs there are, where they lie, and how they came and went."""

from collections import Counter, defaultdict
from datetime import datetime

from entrepot import catalog
from entrepot.catalog import Sku
from entrepot.db import Tx
from entrepot.ledger import Move, Posting, rows
from entrepot.places import Kind, Places

RECEIVED = 120
"""Pieces of an item in one delivery of a supplier."""

COLOURS = ("indigo", "ochre", "slate", "olive", "coral", "ivory", "amber", "teal")
STUFFS = ("oak", "linen", "glazed", "brass", "wool", "glass", "cork", "steel", "walnut", "paper")
THINGS = (
    "mug",
    "tray",
    "bowl",
    "vase",
    "apron",
    "kettle",
    "napkin",
    "stool",
    "lamp",
    "clock",
    "basket",
    "rug",
)


class Goods:
    """What lies where is known here while the store is written, and written at its end."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.skus: list[Sku] = []
        self._locations = list(places.locations)
        self._shelf: dict[tuple[str, str], int] = defaultdict(int)
        self._balances: Counter[tuple[str, str, str]] = Counter()
        self._deliveries = 0

    def stock(self, tx: Tx, numbers: range) -> None:
        """New SKUs, each with goods on two shelves."""
        made = list(catalog.add_skus(tx, {code(n): title(n) for n in numbers}).values())
        moves = [self.received(sku, location_id) for sku in made for location_id in self.homes(sku)]
        self.post(tx, [self.delivery(moves, tx.now)])
        self.skus += made

    def homes(self, sku: Sku) -> tuple[str, str]:
        """The two locations that hold a SKU."""
        n = int(sku.code[-6:])
        return self._locations[n % len(self._locations)], self._locations[(n + 3) % len(self._locations)]

    def available(self, sku: Sku) -> int:
        """Pieces on all shelves."""
        return sum(self._shelf[sku.recipe[0][0], id] for id in self._locations)

    def taken(self, sku: Sku, location_id: str, pieces: int) -> list[Move]:
        """Takes pieces off a shelf; what has to be received before."""
        item_id = sku.recipe[0][0]
        short = self._shelf[item_id, location_id] < pieces
        moves = [self.received(sku, location_id)] if short else []
        self._shelf[item_id, location_id] -= pieces
        return moves

    def received(self, sku: Sku, location_id: str) -> Move:
        """A supplier's delivery onto a shelf."""
        item_id, shelf = sku.recipe[0][0], self.places.at(location_id, Kind.SHELF)
        self._shelf[item_id, location_id] += RECEIVED
        source = self.places.outer(Kind.SUPPLIER)
        return Move(item_id=item_id, source_id=source.id, target_id=shelf.id, quantity=RECEIVED)

    def delivery(self, moves: list[Move], at: datetime) -> Posting:
        self._deliveries += 1
        cause = f"receipt:bench:{self._deliveries}"
        return Posting(cause=cause, moves=tuple(moves), happened_at=at, reason="delivery")

    def post(self, tx: Tx, postings: list[Posting]) -> None:
        """Writes moves; the balances follow in `settle`."""
        for posting in postings:
            for move in posting.moves:
                self._balances[move.item_id, move.source_id, move.lot] -= move.quantity
                self._balances[move.item_id, move.target_id, move.lot] += move.quantity
        rows.insert_postings(tx, postings)

    def settle(self, tx: Tx) -> None:
        """Writes what all the moves come to."""
        rows.change_balances(tx, self._balances, self.places)


def code(n: int) -> str:
    return f"{THINGS[n % len(THINGS)]}-{COLOURS[n // 7 % len(COLOURS)]}-{n:06}".upper()


def title(n: int) -> str:
    stuff, thing = STUFFS[n // 3 % len(STUFFS)], THINGS[n % len(THINGS)]
    return f"{stuff.capitalize()} {thing}, {COLOURS[n // 7 % len(COLOURS)]}, no. {n}"
