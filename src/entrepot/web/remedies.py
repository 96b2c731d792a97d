"""What can be done about an exception, as a screen offers it: a command with fields to fill in, or a way to
the screen where it is done."""

from collections.abc import Iterator, Sequence
from urllib.parse import urlencode

import msgspec

from entrepot.db import Tx
from entrepot.orders import Kind
from entrepot.orders.remedies import offered as remedies_of
from entrepot.orders.views import Problem
from entrepot.web.suggest import suggestions
from entrepot.web.words import sku_path

LABELS = {
    "sku": "Our SKU",
    "why": "Why it may stay so",
    "reason": "Reason",
    "location": "From",
}
CONFIRM = {"order.give_up": "Give up what is missing?"}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A field of a remedy. `options`: (value, name) of those to choose from, or with `free` to be
    suggested."""

    name: str
    label: str
    value: str = ""
    options: tuple[tuple[str, str], ...] = ()
    free: bool = True


class Offered(msgspec.Struct, frozen=True, kw_only=True):
    """`command` with what it is `given` and what it `asks` for; without one a way to `path`. `confirm` is
    asked before."""

    label: str
    command: str = ""
    given: dict[str, str] = {}
    asks: tuple[Asked, ...] = ()
    path: str = ""
    confirm: str = ""
    first: bool = False


def offered(tx: Tx, problem: Problem, locations: Sequence[str]) -> list[Offered]:
    """What can be done about an open exception, what helps soonest first."""
    found = [*_story(problem)]
    for one in remedies_of(problem):
        path = _elsewhere(one.command, problem)
        if path:
            found.append(Offered(label=one.label, path=path))
            continue
        asks = tuple(_asked(tx, name, problem, locations) for name in one.asks)
        found.append(
            Offered(
                label=one.label,
                command=one.command,
                given=dict(one.arguments),
                asks=asks,
                confirm=CONFIRM.get(one.command, ""),
            )
        )
    return [msgspec.structs.replace(way, first=not n) for n, way in enumerate(found)]


def _story(problem: Problem) -> Iterator[Offered]:
    if problem.kind is Kind.SHORT and problem.sku:
        path = f"{sku_path(problem.sku)}?around={problem.order_id}"
        yield Offered(label="See how it came to be", path=path)


def _elsewhere(command: str, problem: Problem) -> str:
    """The screen where a remedy has its own form; '' if it fits on a button."""
    if command == "sku.add":
        return f"/skus/new?{urlencode({'sku': problem.sku_text})}"
    if command == "location.map":
        return "/locations"
    return f"{sku_path(problem.sku)}#change" if command in ("stock.receive", "stock.count") else ""


def _asked(tx: Tx, name: str, problem: Problem, locations: Sequence[str]) -> Asked:
    label = LABELS.get(name, name.capitalize())
    if name == "sku":
        likely = suggestions(tx, {"": f"{problem.sku_text} {problem.sku}"})[""]
        return Asked(name=name, label=label, value=likely[0][0] if likely else "", options=tuple(likely))
    if name == "location":
        return Asked(name=name, label=label, options=tuple((code, code) for code in locations), free=False)
    return Asked(name=name, label=label)
