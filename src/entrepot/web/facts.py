"""What the live page knows at one moment."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from entrepot import catalog
from entrepot.catalog import Sku
from entrepot.db import Store, Tx, letters
from entrepot.db.letters import DeadLetter
from entrepot.ledger import views as ledger
from entrepot.ledger.views import Figures
from entrepot.monitor import Status, take_status
from entrepot.orders import views as orders
from entrepot.orders.views import OrderView, Problem
from entrepot.web import views
from entrepot.web.views import Shown

ORDERS_MAX, TROUBLES_MAX, SKUS_MAX = 40, 60, 80
YOUNG = timedelta(seconds=60)
"""A slot whose wanted figure changed less than this ago is settling; later it is out of sync."""


class SkuFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A SKU, its slots, and what is held of its item where: nothing for a bundle, which holds no goods."""

    sku: Sku
    held: tuple[Figures, ...]
    slots: tuple[Shown, ...]


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """`skus` are those that the page has room for, of `sku_count`. The lists of troubles are cut too;
    `status` has the whole counts."""

    now: datetime
    status: Status
    skus: tuple[SkuFacts, ...]
    sku_count: int
    orders: tuple[OrderView, ...]
    last_day: int
    last_minute: int
    problems: tuple[Problem, ...]
    letters: tuple[DeadLetter, ...]
    refused: tuple[Shown, ...]


def gather(store: Store) -> Facts:
    """Everything the page shows: the status first, the rest in a second reading."""
    status = take_status(store)
    return store.read(lambda tx: _gather(tx, status))


def _gather(tx: Tx, status: Status) -> Facts:
    skus, sku_count = _skus(tx, [one.sku for one in status.out_of_sync if one.sku])
    return Facts(
        now=tx.now,
        status=status,
        skus=tuple(skus),
        sku_count=sku_count,
        orders=tuple(orders.newest(tx, ORDERS_MAX)),
        last_day=orders.arrived(tx, tx.now - timedelta(days=1)),
        last_minute=orders.arrived(tx, tx.now - timedelta(minutes=1)),
        problems=tuple(orders.problems(tx, TROUBLES_MAX)),
        letters=tuple(letters.listed(tx, TROUBLES_MAX)),
        refused=tuple(views.refused(tx, TROUBLES_MAX)),
    )


def _skus(tx: Tx, troubled: Sequence[str]) -> tuple[list[SkuFacts], int]:
    """The SKUs to show, those with trouble among them whatever their code, and how many there are."""
    first = [sku.id for sku in catalog.skus(tx, codes=troubled)]
    ids, count = views.sku_ids(tx, SKUS_MAX, first)
    skus = sorted(catalog.skus(tx, ids=ids), key=lambda sku: sku.code)
    own = {sku.id: sku.recipe[0][0] for sku in skus if len(sku.recipe) == 1 and sku.recipe[0][1] == 1}
    held: dict[str, list[Figures]] = defaultdict(list)
    for figures in ledger.figures(tx, set(own.values())):
        held[figures.item_id].append(figures)
    by_sku: dict[str, list[Shown]] = {id: [] for id in ids}
    for one in views.slots(tx, ids):
        by_sku[one.slot.sku_id].append(one)
    found = [
        SkuFacts(sku=sku, held=tuple(held[own.get(sku.id, "")]), slots=tuple(by_sku[sku.id])) for sku in skus
    ]
    return found, count


def state(shown: Shown, now: datetime) -> str:
    """One word: 'refused', 'not offered', 'in sync', 'observed only', 'settling', 'out of sync'."""
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
