"""A whole replay: read the file, find what belongs together, play it day by day, and settle up."""

import gc
import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, Protocol

import msgspec

from entrepot.app import circumstances, keyring, open_inline
from entrepot.db import InlineStore
from entrepot.kernel import Refusal, VirtualClock
from entrepot.kernel.money import exponent
from entrepot.sandbox.replay.account import Outcome, settle_up
from entrepot.sandbox.replay.daybook import Daybook
from entrepot.sandbox.replay.direct import Direct
from entrepot.sandbox.replay.kinds import GOODS, Rules
from entrepot.sandbox.replay.living import Living
from entrepot.sandbox.replay.matching import match, net_opening, net_sales
from entrepot.sandbox.replay.reading import ZONE, entries

BEFORE = timedelta(days=1)
"""The shop is connected so long before its first invoice."""

NET = "net"
PIECES_MAX = 10**9

Tell = Callable[[str], None]


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """`opening` 'net' or a number of pieces of every item; `lines` 0 plays the whole file."""

    file: Path
    home: Path
    direct: bool = False
    opening: str = NET
    lines: int = 0
    goods: str = GOODS
    zone: str = ZONE
    currency: str = "GBP"


class Player(Protocol):
    """A way to play a day: straight into the inbox, or through the emulated shop."""

    def open(self, opening: dict[str, int], since: datetime) -> None: ...

    def day(self, day: str) -> int: ...

    def settle(self) -> None: ...

    def close(self) -> None: ...


class Replay:
    """One replay in a home of its own. Refusal `home_in_use` if a hub lives there already, `opening`,
    `currency`, and what reading refuses; then nothing was played."""

    def __init__(self, options: Options, tell: Tell) -> None:
        self._options, self._tell = options, tell
        self._pieces = _pieces(options.opening)
        if exponent(options.currency) != 2:
            raise Refusal("currency", f"{options.currency} has no hundredths; a replay counts in them")
        self._memory: list[float] = []
        self._began = perf_counter()

    def run(self) -> dict[str, Any]:
        """Plays it; the JSON of `entrepot replay --json`."""
        home = self._options.home
        if (home / "hub.db").exists():
            raise Refusal(
                "home_in_use", f"a hub lives in {home} already", remedy="Name an empty folder with --home"
            )
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        scratch = home / "replay.day"
        scratch.unlink(missing_ok=True)
        book = Daybook(scratch, Rules(self._options.goods))
        try:
            self._tell(f"Reading {self._options.file} …")
            book.write(entries(self._options.file, zone=self._options.zone, most=self._options.lines))
            match(book)
            return self._play(book)
        finally:
            book.close()
            scratch.unlink(missing_ok=True)

    def _play(self, book: Daybook) -> dict[str, Any]:
        first = datetime.fromisoformat(book.ask("SELECT min(at) FROM invoice")[0][0])
        clock = VirtualClock(first - BEFORE)
        net = net_sales(book)
        opening = net_opening(book) if self._pieces is None else dict.fromkeys(net, self._pieces)
        around = circumstances(keyring(self._options.home, make=True), clock=clock)
        store = open_inline(str(self._options.home / "hub.db"), around)
        player = self._player(store, clock, book)
        try:
            self._tell(f"{book.sums.lines} lines; {len(opening)} items are put on the shelf …")
            player.open(opening, first - BEFORE)
            began = perf_counter()
            with _seldom_collected():
                self._days(player, book)
            played = perf_counter() - began
            self._tell("Settling up …")
            outcome = settle_up(store, book, opening, net_sales(book))
            return self._report(book, outcome, opening=opening, played_s=played)
        finally:
            player.close()

    def _player(self, store: InlineStore, clock: VirtualClock, book: Daybook) -> Player:
        kind = Direct if self._options.direct else Living
        return kind(store, clock, book, currency=self._options.currency)

    def _days(self, player: Player, book: Daybook) -> None:
        done, tenth, told = 0, 0, perf_counter()
        self._memory.append(memory_mb())
        for day in book.days():
            done += player.day(day)
            if not tenth and done * 10 >= book.sums.lines:
                tenth = done
                self._memory.append(memory_mb())
            if perf_counter() - told > 5:
                told = perf_counter()
                self._tell(f"  {day}  {done} of {book.sums.lines} lines, {memory_mb():.0f} MB")
        player.settle()
        self._memory.append(memory_mb())

    def _report(
        self, book: Daybook, found: Outcome, *, opening: dict[str, int], played_s: float
    ) -> dict[str, Any]:
        sums = book.sums
        seconds = perf_counter() - self._began
        return {
            "invoices": found.invoices,
            "orders": found.orders,
            "cancellations": found.cancellations,
            "lines": found.lines,
            "units": found.units,
            "exceptions": found.exceptions,
            "unaccounted": found.unaccounted + sums.lines - found.lines - found.unaccounted,
            "total": pounds(found.pence),
            "file_total": pounds(sums.pence),
            "currency": self._options.currency,
            "file_lines": sums.lines,
            "file_units": sums.units,
            "rounding": {"lines": sums.rounded, "exact_total": f"{sums.exact:f}"},
            "adjustments": found.adjustments,
            "corrections": found.corrections,
            "credit_notes": found.credit_notes,
            "matched": _matched(book),
            "kinds": {
                kind: {"lines": row["lines"], "units": row["units"], "total": pounds(row["pence"])}
                for kind, row in found.by_kind.items()
            },
            "opening": {
                "rule": self._options.opening,
                "items": len(opening),
                "pieces": sum(opening.values()),
            },
            "short": found.short,
            "items": {"checked": found.items, "wrong": found.items_wrong},
            "wrong": list(found.wrong),
            "direct": self._options.direct,
            "zone": self._options.zone,
            "seconds": round(seconds, 2),
            "cpu_seconds": round(process_time(), 2),
            "lines_per_s": round(sums.lines / played_s, 1),
            "orders_per_s": round(found.orders / played_s, 1),
            "memory_mb": dict(zip(("start", "at_10_percent", "end"), self._memory, strict=False))
            | {"peak": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _UNIT, 1)},
        }


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Rows live for a batch and hold no cycles: to look for some after every 700 takes a seventh of the
    time."""
    usual = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()


_UNIT = 1024 * 1024 if sys.platform == "darwin" else 1024
"""What the system counts the largest resident size in: bytes on macOS, kilobytes elsewhere."""


def true(answer: dict[str, Any]) -> bool:
    """Whether everything is accounted for."""
    return (
        not answer["unaccounted"] and answer["total"] == answer["file_total"] and not answer["items"]["wrong"]
    )


def pounds(pence: int) -> str:
    """Decimal text with two digits."""
    return f"{'-' if pence < 0 else ''}{abs(pence) // 100}.{abs(pence) % 100:02d}"


def memory_mb() -> float:
    """Resident memory now, in MB; its highest where the system does not tell."""
    status = Path("/proc/self/statm")
    if not status.exists():
        return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _UNIT, 1)
    return round(int(status.read_text().split()[1]) * resource.getpagesize() / 1024 / 1024, 1)


def _matched(book: Daybook) -> dict[str, int]:
    """Lines that take goods back: wholly matched, in part, not at all; and the orders that were refunded."""
    whole, partly, alone = book.ask(
        """SELECT coalesce(sum(found AND NOT missed), 0), coalesce(sum(found AND missed), 0),
             coalesce(sum(NOT found), 0)
           FROM (SELECT max(target IS NOT NULL) AS found, max(target IS NULL) AS missed
                 FROM part GROUP BY n)"""
    )[0]
    orders = book.ask("SELECT count(DISTINCT target_rank) FROM part")[0][0]
    return {"whole": whole, "partly": partly, "not": alone, "orders_refunded": orders}


def _pieces(opening: str) -> int | None:
    """None for `net`. Refusal `opening` for what is neither that nor a number."""
    if opening == NET:
        return None
    if not (opening.isascii() and opening.isdigit()) or int(opening) > PIECES_MAX:
        raise Refusal(
            "opening", f"{opening!r} is no opening stock", remedy="--opening net, or a number of pieces"
        )
    return int(opening)
