"""What the pages say in words: exceptions, states and spans of time, for people who sell things."""

from datetime import datetime, timedelta
from urllib.parse import quote
from zlib import crc32

from entrepot.orders import Kind

TONES = {
    "in sync": "good", "settling": "busy", "out of sync": "bad", "refused": "bad", "observed only": "busy",
    "accepted": "good", "awaiting payment": "busy", "partly shipped": "busy", "unknown": "bad",
    "open": "good", "paid": "good", "authorised": "busy", "pending": "busy", "failed": "bad",
    "charged back": "bad", "partly refunded": "busy", "waiting": "busy", "partly": "busy", "shipped": "good",
    "ready": "good", "reconnect": "bad", "on": "good", "observe": "busy",
    "reserved": "good", "held": "busy", "picked": "good", "short": "bad", "active": "good",
}  # fmt: skip
"""Word on a chip → its tone; a word that is not here is quiet."""

HUES = 8

WHAT: dict[Kind, str] = {
    Kind.UNMAPPED: "Nobody has said which SKU this is",
    Kind.NOT_WHOLE: "The quantity is not a whole number of pieces",
    Kind.LOCATION: "The channel names a location that is none of ours yet",
    Kind.TOTAL: "The order's figures do not add up",
    Kind.WORD: "The channel said something we do not know",
    Kind.STEP: "The order took a step that we did not expect",
    Kind.SENT: "Cancelled after it had left",
    Kind.COUNTS: "The line's counts contradict each other",
    Kind.SHORT: "Sold, but no location holds it",
}
"""Kind of exception → what happened."""

TO_DO: dict[Kind, str] = {
    Kind.UNMAPPED: "Add the SKU, or map the item to one; the line then reserves by itself.",
    Kind.NOT_WHOLE: "Give the SKU the scale in which it is sold.",
    Kind.LOCATION: "Map it to one of our locations; the order then goes on by itself.",
    Kind.TOTAL: "Compare with the order in the channel. The goods are reserved.",
    Kind.WORD: "Look at the order in the channel. Everything we understood is booked.",
    Kind.STEP: "Look at the order in the channel. We follow what it says.",
    Kind.SENT: "Stop the parcel, or expect it back.",
    Kind.COUNTS: "Look at the order in the channel. We keep the counts we had.",
    Kind.SHORT: "Receive or count the goods, or cancel the line in the channel.",
}
"""Kind of exception → what a person can do about it."""


JOBS = {
    "push_stock": "a stock figure could not be written",
    "fetch_order": "an order could not be read",
    "sweep_orders": "orders could not be read",
    "read_listings": "listings could not be read",
    "read_locations": "locations could not be read",
    "read_stock": "stock figures could not be read",
    "keep_hooks": "webhooks could not be set up",
    "probe": "the account could not be looked at",
}
"""Kind of job → what it means that it failed for good; of another its name is said."""


def span(seconds: float) -> str:
    """How long, in one unit: '0 s', '0.4 s', '12 s', '3 min', '5 h', '2 d'."""
    if seconds < 9.95:
        return f"{seconds:.1f} s" if seconds >= 0.05 else "0 s"
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"


def share(part: int, whole: int) -> str:
    """The share in percent, rounded down so that only everything is '100 %'; '–' of nothing."""
    if not whole:
        return "–"
    tenths = part * 1000 // whole
    return "100 %" if part == whole else f"{tenths // 10}.{tenths % 10} %"


def short(name: str, longest: int = 14) -> str:
    """An order's number as people read it: the end of one that is too long to be read at all."""
    return name if len(name) <= longest else f"…{name[-8:]}"


def number(count: int) -> str:
    """A count with thin spaces between the thousands."""
    return f"{count:,}".replace(",", "\u202f")


def counted(count: int, one: str, many: str) -> str:
    """The count and its noun."""
    return f"{number(count)} {one if count == 1 else many}"


def age(moment: datetime, now: datetime) -> timedelta:
    """How long ago, never negative: a channel's clock may be ahead of ours."""
    return max(now - moment, timedelta(0))


def mark(name: str) -> str:
    """Two capitals that stand for a channel: of its first two words, or the first two letters of its only
    one."""
    words = [word for word in name.split("-") if word]
    letters = "".join(word[0] for word in words[:2]) if len(words) > 1 else name[:2]
    return letters.upper()


def counted_up_to(count: int, most: int) -> str:
    """The count, or '99+' where counting ended at the most."""
    return f"{most - 1}+" if count >= most else number(count)


def hue(name: str) -> int:
    """Which of the eight hues a channel's mark has."""
    return crc32(name.encode()) % HUES


def plain(word: str) -> str:
    """A word of the machine as people write it: 'partly_refunded' is 'partly refunded'."""
    return word.replace("_", " ")


def upper_first(said: str) -> str:
    """A sentence begins with a capital."""
    return said[:1].upper() + said[1:]


def milliseconds(ms: int | None) -> str:
    """A short time in one unit: '–' if none was measured, '340 ms', '1.2 s', '3 min'."""
    if ms is None:
        return "–"
    return f"{ms} ms" if ms < 1000 else span(ms / 1000)


def spaced(kind: str) -> str:
    """The kind of an event in words: 'StockMoved' is 'Stock moved'."""
    parts = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in kind)
    return upper_first(parts.strip())


def sku_path(code: str) -> str:
    """The screen of a SKU."""
    return f"/stock/{quote(code, safe='')}"


def zulu(moment: datetime) -> str:
    """A moment as an address has it."""
    return moment.isoformat().replace("+00:00", "Z")


def pair(word: str) -> tuple[str, str]:
    """A choice whose name is its own value."""
    return word, word
