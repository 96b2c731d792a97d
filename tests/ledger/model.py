"""The ledger's verbs once more, piece by piece and slowly, as their documentation tells them.

Written without the ledger's code. A model is filled from what the store shows before a step; after it the two
are compared.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import msgspec

Spot = tuple[str, str]  # place ('main shelf', 'gone'), lot
Figures = tuple[dict[Spot, int], dict[tuple[str, str, str, str], int]]

BOUND = ("held", "reserved", "picked")
OPEN = (*BOUND, "short")


class Refused(Exception):
    """The step is to be refused; its text is the code."""


class Piece(msgspec.Struct):
    """One piece that a line claims, has sent or has given up. `age` sorts the oldest first."""

    age: tuple[datetime, str]
    line: str
    state: str
    location: str = ""
    lot: str = ""


class Model:
    """One item: what lies where, and every piece of every claim."""

    def __init__(self, lies: dict[Spot, int], pieces: list[Piece], now: datetime) -> None:
        self.lies, self.pieces = Counter(lies), pieces
        self._fresh = (now, "~")  # younger than anything stored

    def figures(self) -> Figures:
        """What is to be compared with the store."""
        claims = Counter((one.line, one.state, one.location, one.lot) for one in self.pieces)
        return {spot: n for spot, n in self.lies.items() if n}, dict(claims)

    def move(self, source: str, target: str, lot: str = "", n: int = 1) -> None:
        self.lies[source, lot] -= n
        self.lies[target, lot] += n

    def shelf(self, location: str) -> list[str]:
        """The lots of the pieces on a shelf, the first to be taken first."""
        return sorted(
            lot for (place, lot), n in self.lies.items() if place == f"{location} shelf" for _ in range(n)
        )

    def of(self, line: str, states: Sequence[str]) -> list[Piece]:
        mine = [one for one in self.pieces if one.line == line and one.state in states]
        return sorted(mine, key=lambda one: one.age)

    def unpicked(self, location: str) -> list[Piece]:
        mine = [one for one in self.pieces if one.location == location and one.state in ("held", "reserved")]
        return sorted(mine, key=lambda one: one.age, reverse=True)

    # verbs

    def adjust(self, location: str, lot: str, n: int) -> None:
        if self.lies[f"{location} shelf", lot] + n < 0:
            raise Refused("not_enough")
        self.move("lost", f"{location} shelf", lot, n)

    def book(self, line: str, n: int, network: Sequence[str], state: str) -> None:
        whole = [one for one in network if len(self.shelf(one)) >= n]
        for _ in range(n):
            piece = Piece(age=self._fresh, line=line, state="short")
            self._serve(piece, whole[:1] or network, state)
            self.pieces.append(piece)

    def reserve(self, line: str, n: int, network: Sequence[str]) -> None:
        if sum(len(self.shelf(one)) for one in network) < n:
            raise Refused("not_available")
        self.book(line, n, network, "held")

    def fill(self, network: Sequence[str]) -> None:
        waiting = [one for one in self.pieces if one.state == "short"]
        for piece in sorted(waiting, key=lambda one: one.age):
            self._serve(piece, network, "reserved")

    def _serve(self, piece: Piece, network: Sequence[str], state: str) -> None:
        for location in network:
            for lot in self.shelf(location)[:1]:
                self.move(f"{location} shelf", f"{location} promised", lot)
                piece.state, piece.location, piece.lot = state, location, lot
                return

    def confirm(self, line: str) -> None:
        for piece in self.of(line, ["held"]):
            piece.state = "reserved"

    def release(self, line: str, n: int, reason: str) -> None:
        rank = {"short": 0, "held": 1, "reserved": 1, "picked": 2}
        newest = self.of(line, OPEN)[::-1]
        for piece in sorted(newest, key=lambda one: rank[one.state])[:n]:
            self.give_up(piece, reason)

    def give_up(self, piece: Piece, reason: str = "") -> None:
        if piece.state in BOUND:
            back = f"{piece.location} unavailable {reason}" if reason else f"{piece.location} shelf"
            self.move(f"{piece.location} promised", back, piece.lot)
        piece.state = "released"

    def consume(self, line: str, n: int) -> None:
        for piece in self.of(line, BOUND)[:n]:
            self.send(piece)

    def send(self, piece: Piece) -> None:
        self.move(f"{piece.location} promised", "gone", piece.lot)
        piece.state = "consumed"

    def hand_over(self, line: str, n: int, location: str) -> None:
        for _ in range(n):
            lot = ""
            if self.shelf(location):
                lot = self.shelf(location)[0]
                self.move(f"{location} shelf", "gone", lot)
            elif self.unpicked(location):
                lot = self._displace(self.unpicked(location)[0], "gone")
            else:
                self.move("lost", "gone")
            self.pieces.append(
                Piece(age=self._fresh, line=line, state="consumed", location=location, lot=lot)
            )

    def _displace(self, piece: Piece, target: str) -> str:
        lot = piece.lot
        self.move(f"{piece.location} promised", target, lot)
        piece.state, piece.location, piece.lot = "short", "", ""
        return lot

    def count(self, location: str, lot: str, difference: int) -> None:
        """`difference` pieces more (or fewer) are there than the books had at the moment of the count."""
        for _ in range(difference):
            self.move("lost", f"{location} shelf", lot)
        for _ in range(-difference):
            mine = [one for one in self.unpicked(location) if one.lot == lot]
            if self.lies[f"{location} shelf", lot] > 0:
                self.move(f"{location} shelf", "lost", lot)
            elif mine:
                self._displace(mine[0], "lost")
            else:
                raise Refused("picked")

    def take_back(self, line: str, n: int, kind: str, earlier: int) -> None:
        for piece in self.of(line, ["consumed"])[earlier : earlier + n]:
            self.move("gone", f"{piece.location} {kind}", piece.lot)
