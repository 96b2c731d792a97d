"""Random histories of orders at one platform, and a post that delivers what it likes, when it likes.

A history is what people do at the shop; a plan is how the hub hears of it: what becomes of each webhook,
and when it sweeps, reads figures back, or is started anew. At the end everything has been delivered or is
lost for good, and one last round of readings has been made.
"""

from collections import Counter
from collections.abc import Sequence
from copy import deepcopy
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import httpx2
import msgspec
from hypothesis import strategies as st
from sqlalchemy import select

from entrepot import channels, connections
from entrepot.channels.kit.emulate import Good, Posted
from entrepot.db import jobs, tables
from entrepot.sandbox.world import World
from entrepot.sync.read import OVERLAP
from entrepot.sync.timetable import EVERY_S, reading_job
from tests.stories.at_shopify import SHOPIFY
from tests.stories.at_square import SQUARE
from tests.stories.at_woocommerce import WOOCOMMERCE
from tests.stories.trades import ORDERS_MAX, SCARCE, Deed, Step, Trade

TRADES = {one.name: one for one in (SHOPIFY, SQUARE, WOOCOMMERCE)}

OLD_TOWN, RIVERSIDE = "old-town", "riverside"
STOCK = {"TEAPOT": (40, 40), "MUG": (40, 40), SCARCE: (1, 1)}
"""SKU → pieces on the shelf in the old town and by the river."""

LATE_S = (0.0, 0.0, 2.0, 400.0, 5_000.0, 200_000.0)
WAIT_S = (0.0, 0.4, 1.0, 3.0, 30.0, 30.0, 400.0, 5_000.0)
APART_S = 100.0
NEVER_S = 10 * 365 * 86_400.0
CHORES = ("", "", "sweep_orders", "read_stock", "restart")

TOPIC = ("x-wc-webhook-topic", "x-shopify-topic")
"""Headers that name what a webhook is of; Square's does not."""

NEVER_LOST = frozenset({"orders/delete"})
"""What no reading finds: that an order of Shopify was deleted. Its webhook is tried eight times over
four hours; here it comes, sooner or later."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """`fates`: seconds to wait for each copy of a webhook that arrives, topic by topic, counted round;
    () is a lost one. `chores`: what the hub does just before each step."""

    fates: tuple[tuple[float, ...], ...]
    chores: tuple[str, ...]


UNITS = st.sampled_from((0, 0, 1, 2, 3))


def steps(trade: Trade) -> st.SearchStrategy[list[Step]]:
    """A history: an order first, then anything."""
    first = _step(list(trade.placing))
    later = _step(trade.verbs)
    return st.tuples(first, st.lists(later, min_size=3, max_size=8)).map(lambda both: [both[0], *both[1]])


def _step(verbs: Sequence[str]) -> st.SearchStrategy[Step]:
    return st.builds(
        Step,
        verb=st.sampled_from(verbs),
        wait_s=st.sampled_from(WAIT_S),
        order=st.sampled_from((0, 0, 0, 1, 2)),
        units=st.dictionaries(st.sampled_from(sorted(STOCK)), UNITS, min_size=1, max_size=3),
        place=st.integers(0, 1),
        flag=st.booleans(),
        amid=st.sampled_from((False, False, False, True)),
    )


PLANS: st.SearchStrategy[Plan] = st.builds(
    Plan,
    fates=st.lists(st.lists(st.sampled_from(LATE_S), max_size=2).map(tuple), min_size=1, max_size=6).map(
        tuple
    ),
    chores=st.lists(st.sampled_from(CHORES), min_size=1, max_size=6).map(tuple),
)


@cache
def quiet(name: str) -> World:
    """A hub with a shop of this platform before anything happens; from now on it reads when it is told to."""
    trade = TRADES[name]
    world = World(every_s=dict.fromkeys(EVERY_S, NEVER_S), found={name: channels.load(name)})
    for code in (OLD_TOWN, RIVERSIDE):
        world.tell("location.add", code=code)
    rows = [
        f"{sku},{code},{n}"
        for sku, both in STOCK.items()
        for code, n in zip((OLD_TOWN, RIVERSIDE), both, strict=True)
    ]
    world.tell(
        "stock.import", csv="\n".join(["sku,location,quantity", *rows]), reference="opening", create=True
    )
    shop: Any = trade.opened()
    places: Sequence[str] = getattr(shop, "locations", lambda: ())()
    for sku in STOCK:
        good = Good(sku=sku, title=sku.title(), price="12.50", stock=dict.fromkeys(places, 0))
        trade.stocked(shop, good, world.clock.now())
    world.connect("shop", shop, platform=name, locations=[OLD_TOWN, RIVERSIDE])
    world.run(20)
    for external, code in zip(places, (OLD_TOWN, RIVERSIDE), strict=False):
        world.tell("location.map", connection="shop", external=external, location=code)
    learn(world)
    return world


def read(world: World, kind: str) -> None:
    """The hub does one of its readings now."""

    def ask(tx: Any) -> None:
        jobs.enqueue(tx, [reading_job(connections.named(tx, "shop").id, kind)])

    world.store.run(ask)
    world.quiet()


def learn(world: World) -> None:
    """What the hub reads in a few quiet minutes: orders, figures, and the orders that explain the figures."""
    for kind in ("sweep_orders", "read_stock", "sweep_orders"):
        world.clock.sleep(APART_S)
        read(world, kind)
    settle(world)


def settle(world: World) -> None:
    """What was set off is done, and so is what the shop says of it a second later."""
    for _ in range(2):
        world.quiet()
        world.clock.sleep(1)


class Life:
    """One world that lives through a history, as a plan has it. `writes`: stock flows out while it does."""

    def __init__(self, trade: Trade, plan: Plan, *, writes: bool = True) -> None:
        self.trade, self.plan = trade, plan
        self.world = quiet(trade.name).copy(send=self._call)
        self.world.post = self._carry
        self.shop: Any = self.world.shops["shop"]
        self.orders: list[str] = []
        self._amid: list[Step] = []
        self._carried: Counter[str] = Counter()
        self._coming: list[datetime] = []
        self._newest: dict[str, str] = {}
        self.went_back: list[str] = []
        self._writes(writes)

    def live(self, history: Sequence[Step]) -> "Life":
        """Everything that happens, a sweep, and then what comes late: the last sweep no longer asks for what
        changed before that, so that it cannot mend what an old webhook spoilt."""
        for n, step in enumerate(history):
            self._pass(step.wait_s)
            self._chore(self.plan.chores[n % len(self.plan.chores)])
            self._amid.append(step)
            if not step.amid:
                self._act()
        self._act()
        self.trade.closing(self.shop, self.world.clock.now())
        self._pass(OVERLAP.total_seconds() + 60)
        read(self.world, "sweep_orders")
        self._pass(max(LATE_S) + 60)
        self._writes(True)
        learn(self.world)
        return self

    def fresh(self) -> World:
        """Another hub that has heard nothing of all that, and reads the same shop as it is now."""
        world = quiet(self.trade.name).copy()
        world.clock.sleep((self.world.clock.now() - world.clock.now()).total_seconds())
        world.shops = deepcopy(self.world.shops)
        world.post = lambda _posted: ()
        read(world, "sweep_orders")
        settle(world)
        return world

    def _pass(self, seconds: float) -> None:
        """Time passes. The shop posts a second after something happened; later only what the post held back
        comes."""
        clock = self.world.clock
        end, idle = clock.now() + timedelta(seconds=seconds), 0
        while clock.now() < end:
            idle = 0 if self.world.step() else idle + 1
            self._watch()
            if idle:
                coming = [at for at in self._coming if at > clock.now()] + [end]
                soon = clock.now() + timedelta(seconds=1)
                clock.sleep((min(soon if idle < 2 else end, *coming) - clock.now()).total_seconds())

    def _watch(self) -> None:
        """Notes an order of which the hub holds an older version than it held before."""
        order = tables.orders
        held = self.world.store.read(lambda tx: tx.rows(select(order.c.external_id, order.c.version_key)))
        for row in held:
            if row.version_key < (newest := self._newest.get(row.external_id, "")):
                self.went_back.append(f"{row.external_id} went back from {newest} to {row.version_key}")
            self._newest[row.external_id] = row.version_key

    def _chore(self, chore: str) -> None:
        if chore == "restart":
            self.world.restart()
        elif chore:
            read(self.world, chore)

    def _writes(self, on: bool) -> None:
        level = "on" if on else "observe"
        self.world.tell("connection.flow", connection="shop", flow="stock_out", level=level)

    def _carry(self, posted: Posted) -> list[tuple[float, Posted]]:
        topic = next((posted.headers[name] for name in TOPIC if name in posted.headers), "")
        fate = self.plan.fates[self._carried[topic] % len(self.plan.fates)]
        self._carried[topic] += 1
        if not fate and topic in NEVER_LOST:
            fate = (max(LATE_S),)
        self._coming += [self.world.clock.now() + timedelta(seconds=wait_s) for wait_s in fate]
        return [(wait_s, posted) for wait_s in fate]

    def _call(self, inner: httpx2.BaseTransport, request: httpx2.Request) -> httpx2.Response:
        answer = inner.handle_request(request)
        self._act()
        return answer

    def _act(self) -> None:
        """People do what they had in mind."""
        due, self._amid = self._amid, []
        for step in due:
            self._do(step)

    def _do(self, step: Step) -> None:
        places = getattr(self.shop, "locations", lambda: ("", ""))()
        placing = self.trade.placing.get(step.verb)
        if (placing and len(self.orders) == ORDERS_MAX) or (not placing and not self.orders):
            return
        units = {sku: max(n, 1) for sku, n in step.units.items()} if placing else step.units
        deed = Deed(
            shop=self.shop,
            id=self.orders[step.order % len(self.orders)] if self.orders else "",
            step=msgspec.structs.replace(step, units=units),
            place=places[step.place],
            now=self.world.clock.now(),
        )
        if not placing:
            self._change(deed)
        elif (number := placing(deed)) is not None:
            self.orders.append(number)

    def _change(self, deed: Deed) -> None:
        """The deed, or the next one in the platform's list that is possible now."""
        verbs = list(self.trade.changing)
        first = verbs.index(deed.step.verb)
        any(self.trade.changing[verb](deed) for verb in [*verbs[first:], *verbs[:first]])
