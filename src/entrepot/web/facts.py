"""What the live page knows at one moment, read in one transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from entrepot import catalog
from entrepot.catalog import Sku
from entrepot.db import Tx, letters
from entrepot.db.letters import DeadLetter
from entrepot.orders import views as orders
from entrepot.orders.views import OrderView, Problem
from entrepot.web import views
from entrepot.web.views import Account, Held, Shown

ORDERS_MAX, PROBLEMS_MAX, SKUS_MAX = 40, 60, 80
YOUNG = timedelta(seconds=60)
"""A slot whose wanted figure changed less than this ago is settling; later it is out of sync."""


class SkuFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A SKU, its slots, and what its item is held where (nothing for a bundle, which holds no goods itself)."""

    sku: Sku
    held: tuple[Held, ...]
    slots: tuple[Shown, ...]


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """`slots` are all slots of which something is wanted; `skus` those that the page has room for, of `sku_count`."""

    now: datetime
    slots: tuple[Shown, ...]
    skus: tuple[SkuFacts, ...]
    sku_count: int
    orders: tuple[OrderView, ...]
    last_day: int
    last_minute: int
    problems: tuple[Problem, ...]
    problem_count: int
    letters: tuple[DeadLetter, ...]
    accounts: tuple[Account, ...]
    oldest_delivery: datetime | None


def gather(tx: Tx) -> Facts:
    """Everything the page shows."""
    slots = views.slots(tx)
    skus, sku_count = _skus(tx, slots)
    return Facts(
        now=tx.now,
        slots=tuple(one for one in slots if one.slot.wanted is not None),
        skus=tuple(skus),
        sku_count=sku_count,
        orders=tuple(orders.newest(tx, ORDERS_MAX)),
        last_day=orders.arrived(tx, tx.now - timedelta(days=1)),
        last_minute=orders.arrived(tx, tx.now - timedelta(minutes=1)),
        problems=tuple(orders.problems(tx, PROBLEMS_MAX)),
        problem_count=orders.problem_count(tx),
        letters=tuple(letters.listed(tx, PROBLEMS_MAX)),
        accounts=tuple(views.accounts(tx)),
        oldest_delivery=views.oldest_delivery(tx),
    )


def waiting_since(facts: Facts) -> datetime | None:
    """Since when the oldest thing waits that is on its way: a delivery to be booked, a figure to be shown."""
    moments = [one.wanted_at for one in facts.slots if one.written and not one.in_sync and not one.slot.trouble]
    return min((moment for moment in [*moments, facts.oldest_delivery] if moment is not None), default=None)


def state(shown: Shown, now: datetime) -> str:
    """One word for a slot: 'refused', 'not offered', 'in sync', 'settling', 'observed only', 'out of sync'."""
    slot = shown.slot
    if slot.trouble:
        return "refused"
    if slot.wanted is None:
        return "not offered"
    if shown.in_sync:
        return "in sync"
    if not shown.written:
        return "observed only"
    young = shown.wanted_at is not None and now - shown.wanted_at < YOUNG
    return "settling" if young or slot.flight else "out of sync"


def _skus(tx: Tx, slots: Sequence[Shown]) -> tuple[list[SkuFacts], int]:
    """The SKUs to show, those with trouble among them whatever their code, and how many there are."""
    trouble = [one.slot.sku_id for one in slots if one.slot.sku_id and state(one, tx.now) in ("refused", "out of sync")]
    ids, count = views.sku_ids(tx, SKUS_MAX, trouble)
    skus = sorted(catalog.skus(tx, ids=ids), key=lambda sku: sku.code)
    own = {sku.id: sku.recipe[0][0] for sku in skus if len(sku.recipe) == 1 and sku.recipe[0][1] == 1}
    held = views.stock(tx, set(own.values()))
    by_sku: dict[str, list[Shown]] = {id: [] for id in ids}
    for one in slots:
        if one.slot.sku_id in by_sku:
            by_sku[one.slot.sku_id].append(one)
    return [
        SkuFacts(sku=sku, held=tuple(held.get(own.get(sku.id, ""), ())), slots=tuple(by_sku[sku.id])) for sku in skus
    ], count
