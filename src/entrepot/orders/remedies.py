"""What a person can do about an exception: the printed table of remedies, each a command of the hub.

A remedy that is for orders of a platform, or of sellers inside the hub only, says so. `fills` are arguments
that the exception itself knows; `asks` are those that a person must give.
"""

from collections.abc import Mapping

import msgspec

from entrepot.connections import OWN
from entrepot.orders.model import Kind
from entrepot.orders.views import Problem

ACCEPTABLE = frozenset({Kind.TOTAL, Kind.WORD, Kind.STEP, Kind.SENT, Kind.COUNTS})
"""Kinds that stand in the way of nothing: a person may say that it stays so."""


class Remedy(msgspec.Struct, frozen=True, kw_only=True):
    """`command` is what is given to the hub; `label` what stands on the button. `own`: only for orders of
    sellers inside the hub (True), only for those of a platform (False), or for all (None)."""

    command: str
    label: str
    fills: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    own: bool | None = None


_ACCEPT = Remedy(command="exception.accept", label="It may stay so", fills=("exception",), asks=("why",))
_READ = Remedy(command="order.refetch", label="Read it again at the channel", fills=("order",), own=False)

REMEDIES: dict[Kind, tuple[Remedy, ...]] = {
    Kind.UNMAPPED: (
        Remedy(command="sku.map", label="Say which SKU it is", fills=("connection", "item"), asks=("sku",)),
        Remedy(command="sku.add", label="Add it as a new SKU", fills=("sku",)),
        _READ,
    ),
    Kind.NOT_WHOLE: (_READ,),
    Kind.LOCATION: (
        Remedy(command="location.map", label="Say which location it is", fills=("connection",),
               asks=("external", "location")),
        _READ,
    ),
    Kind.TOTAL: (_ACCEPT, _READ),
    Kind.WORD: (_ACCEPT, _READ),
    Kind.STEP: (_ACCEPT, _READ),
    Kind.SENT: (_ACCEPT, _READ),
    Kind.COUNTS: (_READ, _ACCEPT),
    Kind.SHORT: (
        Remedy(command="order.source", label="Send it from another location", fills=("order", "line"),
               asks=("location",)),
        Remedy(command="stock.receive", label="Receive goods", fills=("sku",),
               asks=("location", "quantity", "reference")),
        Remedy(command="stock.count", label="Count the shelf", fills=("sku",),
               asks=("location", "quantity", "reference")),
        Remedy(command="order.give_up", label="Give up what is missing", fills=("order", "line"),
               asks=("reason",), own=True),
        _READ,
    ),
}  # fmt: skip
"""Kind of exception → what can be done, the best first."""


class Offered(msgspec.Struct, frozen=True, kw_only=True):
    """A remedy for one exception: the command with the arguments that are known, and those to be asked
    for."""

    command: str
    label: str
    arguments: Mapping[str, str]
    asks: tuple[str, ...]


def remedies(kind: Kind, *, own: bool) -> tuple[Remedy, ...]:
    """What can be done about a kind, in an order of a seller inside the hub or of a platform."""
    return tuple(one for one in REMEDIES[kind] if one.own in (None, own))


def offered(problem: Problem) -> list[Offered]:
    """What can be done about an open exception. A remedy whose arguments it does not know is left out: a line
    without an item of the channel cannot be mapped, one without a text cannot become a SKU."""
    known = {
        "exception": problem.id,
        "order": problem.order_id,
        "line": problem.line_id,
        "connection": problem.channel,
        "item": problem.item,
        "sku": problem.sku_text if problem.kind is Kind.UNMAPPED else problem.sku,
    }
    return [
        Offered(
            command=one.command,
            label=one.label,
            arguments={name: known[name] for name in one.fills},
            asks=one.asks,
        )
        for one in remedies(problem.kind, own=problem.platform == OWN)
        if all(known[name] for name in one.fills)
    ]
