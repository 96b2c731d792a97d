"""An entry of a SKU's past in words: what moved, which figure a slot had, what was told."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from entrepot.sync.history import Entry
from entrepot.web import words

FIGURES = {
    "wanted": "wants to show",
    "sent": "was sent",
    "acknowledged": "has acknowledged",
    "observed": "was read and shows",
}
EVENTS: dict[str, tuple[str, str]] = {
    "OrderReceived": ("The order came in", "good"),
    "OrderPlaced": ("The order was placed here", "good"),
    "OrderChanged": ("The order changed", ""),
    "RefetchAsked": ("Somebody had it read again", ""),
    "ExceptionAccepted": ("An exception may stay so", "good"),
    "ExceptionReopened": ("An exception waits again", "busy"),
    "LineShort": ("A line is short", "bad"),
    "LineServed": ("A line that was short is served", "good"),
    "PromiseBroken": ("A till took what was promised", "bad"),
    "PromiseChanged": ("A promise changed", ""),
    "StockArrived": ("Goods arrived on a shelf", "good"),
    "StockMoved": ("Stock moved", ""),
    "SlotDrifted": ("A slot shows something else than we believed", "bad"),
    "SlotRefused": ("The channel refuses the figure", "bad"),
}
CAUSES = {
    "receipt": "received", "adjustment": "corrected", "count": "counted", "order": "order",
    "transfer": "transfer", "hold": "hold", "import": "imported",
}  # fmt: skip


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """`order_id` '' if no order caused it; `tone` of its dot."""

    at: datetime
    kind: str
    what: str
    about: str
    by: str
    order_id: str
    tone: str


def told(entry: Entry, names: Mapping[str, str]) -> Told:
    """An entry as a time line shows it; `names` of who acted (`access.views.names`)."""
    about, tone = entry.about, ""
    if entry.kind == "move":
        what, tone = f"Moved {entry.what}", "move"
        about = _cause(entry.cause)
    elif entry.kind == "figure":
        figure, _, quantity = entry.what.partition(" ")
        what = f"{entry.about} {FIGURES.get(figure, figure)} {quantity}"
        tone = "good" if figure in ("acknowledged", "observed") else "busy"
        about = ""
    else:
        what, tone = EVENTS.get(entry.what, (words.spaced(entry.what), ""))
        about = str(entry.body.get("detail") or entry.body.get("why") or "")
    return Told(
        at=entry.at,
        kind=entry.kind,
        what=what,
        about=about,
        by=names.get(entry.actor, ""),
        order_id=_order(entry),
        tone=tone,
    )


def _order(entry: Entry) -> str:
    for text in (entry.cause, entry.about):
        kind, _, rest = text.partition(":")
        if kind == "order" and rest:
            return rest.partition(":")[0]
    return str(entry.body.get("order", ""))


def _cause(cause: str) -> str:
    kind, _, rest = cause.partition(":")
    return "" if kind == "order" else " ".join(part for part in (CAUSES.get(kind, kind), rest[:40]) if part)
