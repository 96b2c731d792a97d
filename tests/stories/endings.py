"""How a history ended: what the hub holds, and what is wrong with it beside the truth and beside a fresh hub.

Four things may depend on what was seen on the way, and on nothing else:

- `found`: a till that sold what no shelf had proves that there was more. A hub that hears of it only after
  other goods came back has no need to find any.
- whose line waits for a scarce good, and so what of it is set aside as not for sale: only bound goods can be.
- at which of our locations goods lie that a channel without locations sold.
- what WooCommerce refunded as not for sale, and forgot with the order's cancellation: who saw it before that
  has set it aside for a person to look at.

So scarce goods are compared by what is certain: shelf, promises and goods set aside, less what was found. An
order that is no longer at its shop is unknown to a hub that comes later: only that it claims nothing is said.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import cast

import msgspec
from sqlalchemy import func, select

from entrepot import connections, ledger, places
from entrepot.channels.kit.emulate import Emulator, Placed
from entrepot.contract import Commercial
from entrepot.db import Tx, tables
from entrepot.monitor import verify
from entrepot.orders import rows
from entrepot.sandbox.truth import check
from entrepot.sandbox.world import World
from tests.stories.histories import STOCK, Life, quiet
from tests.stories.trades import SCARCE

OF_THE_WAY = frozenset({"short", "odd_step"})
"""Exceptions that tell of the way, or of who waits for a scarce good."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """What a line amounts to, in pieces."""

    sku: str
    open: int
    shipped: int
    returned: int
    unsellable: int
    shelved: int
    kept: int

    @property
    def back(self) -> int:
        """Returned, and lying there to be inspected."""
        return self.returned - self.shelved - self.kept

    @property
    def nothing(self) -> bool:
        """Removed before anything left: another hub may never have heard of it."""
        return not any((self.open, self.shipped, self.unsellable))


class End(msgspec.Struct, frozen=True, kw_only=True):
    """An order at the end: its lines by the channel's id, its three words, its total, its open exceptions."""

    lines: dict[str, Line]
    words: tuple[str, str, str]
    total: int
    wrong: frozenset[tuple[str, str]]


class Standing:
    """A shop's truth about the orders that it still has."""

    def __init__(self, shop: Emulator, gone: frozenset[str]) -> None:
        self._shop, self._gone = shop, gone

    def placed(self) -> list[Placed]:
        return [one for one in self._shop.placed() if one.external_id not in self._gone]

    def shown(self) -> dict[tuple[str, str], int]:
        return self._shop.shown()


def orders(world: World) -> dict[str, End]:
    """The channel's id → the order as the hub holds it."""
    return world.store.read(_orders)


def _orders(tx: Tx) -> dict[str, End]:
    order, line, sku, wrong = tables.orders, tables.order_line, tables.sku, tables.exception
    lines: dict[str, dict[str, Line]] = defaultdict(dict)
    for row in tx.rows(select(line, sku.c.code).join(sku, sku.c.id == line.c.sku_id)):
        found = Line(
            sku=row.code,
            open=row.ordered - row.cancelled - row.shipped,
            **{name: getattr(row, name) for name in ("shipped", "returned", "unsellable", "shelved", "kept")},
        )
        if not found.nothing:
            lines[row.order_id][row.external_id] = found
    named: dict[str, set[tuple[str, str]]] = defaultdict(set)
    open_ = select(wrong, line.c.external_id).outerjoin(line, line.c.id == wrong.c.line_id)
    for row in tx.rows(open_.where(wrong.c.closed_at.is_(None), wrong.c.kind.not_in(OF_THE_WAY))):
        named[row.order_id].add((row.external_id or "", row.kind))
    return {
        row.external_id: End(
            lines=dict(lines[row.id]),
            words=(row.commercial, row.payment, row.fulfilment),
            total=row.total,
            wrong=frozenset(named[row.id]),
        )
        for row in tx.rows(select(order))
    }


def stock(world: World) -> dict[str, Counter[str]]:
    """SKU → kind of place → pieces there; `found` is what the ledger had to find beside the opening."""
    (name,) = world.hub.channels
    opening = quiet(name).store.read(_balances)
    figures = world.store.read(_balances)
    for sku, kinds in figures.items():
        kinds["found"] = opening[sku]["lost"] - kinds["lost"]
    return figures


def _balances(tx: Tx) -> dict[str, Counter[str]]:
    b, p, item = tables.balance, tables.place, tables.item
    statement = (
        select(item.c.code, p.c.kind, func.sum(b.c.quantity).label("n"))
        .join(p, p.c.id == b.c.place_id)
        .join(item, item.c.id == b.c.item_id)
        .group_by(item.c.code, p.c.kind)
    )
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for row in tx.rows(statement):
        found[row.code][row.kind] = row.n
    return found


def short(tx: Tx) -> list[tuple[str, int, int]]:
    """(SKU, pieces that a line waits for, pieces on the shelves that may serve it)."""
    r, item = tables.reservation, tables.item
    waiting = tx.rows(select(r, item.c.code).join(item).where(r.c.state == "short"))
    owners = rows.owners(tx, {row.line_id for row in waiting})
    (account,) = connections.connections(tx)
    ours, network = connections.locations(tx, account.id), places.networks(tx)[account.network_id]
    shelves = ledger.available(tx, {row.item_id for row in waiting})
    found = []
    for row in waiting:
        named = ours.get(owners[row.line_id][2])
        there = (shelves.get((row.item_id, one), 0) for one in ([named] if named else network))
        found.append((row.code, row.quantity, sum(there)))
    return found


def against_the_truth(life: Life) -> list[str]:
    """What is lost, doubled, out of sync, against an invariant, or not conserved."""
    store, gone = life.world.store, life.trade.gone(life.shop)
    standing = cast(dict[str, Emulator], {"shop": Standing(life.shop, gone)})
    outcome, held = check(store, standing), orders(life.world)
    wrong = [
        *life.went_back,
        *outcome.wrong,
        *(f"{one.name}: {one.what}" for one in verify(store).violations),
    ]
    if outcome.lost or outcome.duplicates:
        wrong.append(f"{outcome.lost} lost, {outcome.duplicates} doubled")
    wrong += elsewhere(life, held)
    for id in gone & held.keys():
        wrong += [f"{id} is gone, and claims {one.sku}" for one in held[id].lines.values() if one.open]
    waiting = store.read(short)
    wrong += [f"{n} {sku} wait, and {there} are there" for sku, n, there in waiting if there]
    for sku, figures in stock(life.world).items():
        figures["short"] = sum(n for code, n, _there in waiting if code == sku)
        lines = [line for one in held.values() for line in one.lines.values() if line.sku == sku]
        wrong += [f"{sku}: {what}" for what in not_conserved(sku, figures, lines)]
    return wrong


def elsewhere(life: Life, held: Mapping[str, End]) -> list[str]:
    """Goods that left against the shop's word, and goods that are taken from another place than it says."""
    sent = Counter({(id, one.sku): one.shipped for id, end in held.items() for one in end.lines.values()})
    left = Counter({key: n for key, n in life.trade.left(life.shop).items() if key[0] in held})
    wrong = [
        f"{left[key]} {key[1]} of {key[0]} left, {sent[key]} by the lines"
        for key in sorted(left.keys() | sent.keys())
        if left[key] != sent[key] and key[0] not in life.trade.gone(life.shop)
    ]
    said = life.trade.places(life.shop)
    for id, sku, place in sorted(life.world.store.read(taken_from)):
        if said.get((id, sku), place) != place:
            wrong.append(f"{sku} of {id} are taken from {place}, not from {said[id, sku]}")
    return wrong


def taken_from(tx: Tx) -> set[tuple[str, str, str]]:
    """(order, SKU, the channel's name of the place) of all goods that are bound or that left."""
    r, line, order, sku = tables.reservation, tables.order_line, tables.orders, tables.sku
    (account,) = connections.connections(tx)
    names = {ours: theirs for theirs, ours in connections.locations(tx, account.id).items()}
    statement = (
        select(order.c.external_id, sku.c.code, r.c.location_id)
        .select_from(r)
        .join(line, line.c.id == r.c.line_id)
        .join(order, order.c.id == line.c.order_id)
        .join(sku, sku.c.id == line.c.sku_id)
        .where(r.c.state.in_(("held", "reserved", "picked", "consumed")))
    )
    return {(row.external_id, row.code, names.get(row.location_id, "")) for row in tx.rows(statement)}


def not_conserved(sku: str, figures: Mapping[str, int], lines: Sequence[Line]) -> list[str]:
    """Every piece is where the lines say: (what, here, by the lines)."""
    aside = sum(one.unsellable for one in lines)
    if sku == SCARCE:
        aside = min(aside, figures["unavailable"])
    elsewhere = ("promised", "unavailable", "back", "gone")
    rules = (
        ("on the shelf", figures["shelf"],
         sum(STOCK[sku]) + figures["found"] - sum(figures[kind] for kind in elsewhere)),
        ("promised or short", figures["promised"] + figures["short"], sum(one.open for one in lines)),
        ("gone", figures["gone"], sum(one.shipped - one.shelved - one.back for one in lines)),
        ("back", figures["back"], sum(one.back for one in lines)),
        ("set aside", figures["unavailable"], aside),
        ("short or found", figures["short"] + figures["found"] if sku != SCARCE else 0, 0),
    )  # fmt: skip
    return [f"{here} {what}, {said} by the lines" for what, here, said in rules if here != said]


def against_another(life: Life, other: World) -> list[str]:
    """What another hub, that has seen the same shop otherwise, holds otherwise."""
    mine, theirs = orders(life.world), orders(other)
    there = (mine.keys() | theirs.keys()) - life.trade.gone(life.shop)
    forgotten = {
        line.sku
        for one in (*mine.values(), *theirs.values())
        for line in one.lines.values()
        if line.unsellable and one.words[0] == Commercial.CANCELLED
    }
    mine, theirs = ({id: _certain_of(one) for id, one in some.items()} for some in (mine, theirs))
    wrong = [
        f"{id}: {mine.get(id)} and {theirs.get(id)}" for id in sorted(there) if mine.get(id) != theirs.get(id)
    ]
    if mine.keys() | theirs.keys() != there:
        return wrong  # what it knows of an order that the shop threw away, nobody else needs to know
    for sku, figures in stock(life.world).items():
        loose = sku == SCARCE or sku in forgotten
        here, elsewhere = _certain(figures, loose=loose), _certain(stock(other)[sku], loose=loose)
        if here != elsewhere:
            wrong.append(f"{sku}: {here} and {elsewhere}")
    return wrong


def _certain_of(order: End) -> End:
    """The order without what was set aside of one that is cancelled."""
    if order.words[0] != Commercial.CANCELLED:
        return order
    lines = {id: msgspec.structs.replace(one, unsellable=0) for id, one in order.lines.items()}
    return msgspec.structs.replace(order, lines={id: one for id, one in lines.items() if not one.nothing})


def _certain(figures: Mapping[str, int], *, loose: bool) -> dict[str, int]:
    """What does not depend on the way."""
    kinds = ("gone", "back") if loose else ("gone", "back", "shelf", "promised", "unavailable")
    certain = {kind: figures[kind] for kind in kinds}
    if loose:
        certain["here"] = figures["shelf"] + figures["promised"] + figures["unavailable"] - figures["found"]
    return certain
