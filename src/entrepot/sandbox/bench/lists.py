"""How long lists and pages take over a filled store, and which of their statements read a whole table.

Every request goes over HTTP on this machine, one at a time, to a hub without workers. A list is followed to
its tenth page; what a page is about (an order, a SKU, a word) is drawn anew each time.
"""

import gc
import re
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from time import perf_counter
from typing import Any

import httpx2
import msgspec
from sqlalchemy import Engine, event, select, text

from entrepot.db import Store, Tx, tables
from entrepot.sandbox.bench.goods import COLOURS, STUFFS, THINGS

BOUND_MS = 100.0
"""No list or page may take longer, nineteen times of twenty."""

ANSWER_MS = {"status": 1000.0}
"""What is no list: whether all is in sync may take a second."""

LARGE = 10_000
"""Rows from which on a table is not to be read whole."""

DEEP = 10
CURSOR = re.compile(r'after=([A-Za-z0-9_-]{8,}={0,2})"')

PAGES = {
    "page today": "/",
    "page orders": "/orders",
    "page orders of a channel": "/orders?channel={channel}",
    "page orders with exceptions": "/orders?exception=any",
    "page orders of a status": "/orders?status=awaiting+payment",
    "page orders searched": "/orders?q={number}",
    "page one order": "/orders/{order}",
    "page stock": "/stock",
    "page stock searched": "/stock?q={word}",
    "page one SKU": "/stock/{sku}",
    "page one SKU in the past": "/stock/{sku}?at={moment}",
    "page exceptions": "/exceptions",
    "page dead letters": "/letters",
    "page channels": "/channels",
    "page one channel": "/channels/{channel}",
    "page locations": "/locations",
    "page people": "/people",
}
LISTS = {
    "orders": "/orders",
    "orders of a connection": "/orders?connection={channel}",
    "orders of a connection and status": "/orders?connection={channel}&status=accepted",
    "orders with an exception": "/orders?exception=any",
    "orders of a SKU": "/orders?sku={sku}",
    "orders by number": "/orders?number={number}",
    "orders searched": "/orders?search={number}",
    "orders placed in a span": "/orders?placed_from={moment}",
    "one order": "/orders/{order}",
    "exceptions": "/exceptions",
    "stock": "/stock",
    "stock searched": "/stock?search={word}",
    "one SKU's stock": "/stock/{sku}",
    "one SKU's past": "/stock/{sku}?at={moment}",
    "one SKU's history": "/stock/{sku}/history",
    "moves": "/moves",
    "moves of an item": "/moves?item={sku}",
    "reservations": "/reservations",
    "reservations of a state": "/reservations?state=reserved",
    "reservations of an item": "/reservations?item={sku}",
    "slots": "/slots",
    "slots of a connection": "/slots?connection={channel}",
    "SKUs": "/skus",
    "SKUs searched": "/skus?search={word}",
    "listings": "/listings",
    "listings unmapped": "/listings?mapped=false",
    "connections": "/connections",
    "dead letters": "/letters",
    "events": "/events",
    "events of an order": "/events?stream=order:{order}",
    "status": "/status",
}


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """Where to ask: the hub's address, a program's token, and the path of a link that signs a person in."""

    url: str
    token: str
    link: str


class Took(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds of one kind of request, and how often it was asked."""

    name: str
    times: int
    p50_ms: float
    p95_ms: float
    most_ms: float


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """A statement that reads a large table whole, and how the database says so."""

    statement: str
    plan: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """`slow` names what took longer than the bound at p95; `refused` what was not answered with 200."""

    database: str
    rows: dict[str, int]
    bound_ms: float
    took: tuple[Took, ...]
    slow: tuple[str, ...]
    refused: tuple[str, ...]
    scans: tuple[Scan, ...]


def measure(store: Store, door: Door, *, times: int, seed: int) -> Report:
    """Asks for every list and page `times` times, and looks at the plans of what was executed."""
    random, counted = Random(seed), store.read(_counted)
    about = store.read(lambda tx: _about(tx, random, times))
    took: list[Took] = []
    refused: list[str] = []
    gc.collect()
    gc.freeze()  # what was drawn by now is no part of a hub
    with _watched() as seen, _clients(door) as (browser, program):
        for client, asked in ((browser, PAGES), (program, LISTS)):
            for name, path in asked.items():
                spent, wrong = _ask(client, path, about, times)
                took.append(_took(name, spent))
                refused += [f"{name}: {wrong}"] if wrong else []
    return Report(
        database=store.read(lambda tx: tx.database),
        rows=counted,
        bound_ms=BOUND_MS,
        took=tuple(took),
        slow=tuple(one.name for one in took if one.p95_ms > ANSWER_MS.get(one.name, BOUND_MS)),
        refused=tuple(refused),
        scans=tuple(_scans(store, seen, {name for name, n in counted.items() if n >= LARGE})),
    )


@contextmanager
def _clients(door: Door) -> Iterator[tuple[httpx2.Client, httpx2.Client]]:
    """A person who has signed in, and a program."""
    bearer = {"authorization": f"Bearer {door.token}"}
    with (
        httpx2.Client(base_url=door.url, timeout=60.0) as browser,
        httpx2.Client(base_url=f"{door.url}/api/v1", headers=bearer, timeout=60.0) as program,
    ):
        browser.get(door.link, follow_redirects=True)
        yield browser, program


def _ask(
    client: httpx2.Client, path: str, about: list[dict[str, str]], times: int
) -> tuple[list[float], str]:
    """How long each answer took, after one that is not counted; and what was wrong with one."""
    spent: list[float] = []
    wrong, after, page = "", "", 0
    for n in range(times + 1):
        url = path.format_map(about[n % len(about)])
        if after:
            url += f"{'&' if '?' in url else '?'}after={after}"
        began = perf_counter()
        answer = client.get(url)
        spent.append((perf_counter() - began) * 1000)
        if answer.status_code != 200:
            wrong = f"{answer.status_code} for {url}"
        page = page + 1 if page < DEEP else 0
        after = _next(answer) if page and "{" not in path else ""
    return spent[1:], wrong


def _next(answer: httpx2.Response) -> str:
    """The cursor of the page behind this one, '' if there is none."""
    if "json" not in answer.headers.get("content-type", ""):
        found = CURSOR.search(answer.text)
        return found[1] if found else ""
    told = answer.json()
    return str(told.get("after", "")) if isinstance(told, dict) else ""


def _took(name: str, spent: list[float]) -> Took:
    ranked = sorted(spent)
    return Took(
        name=name,
        times=len(ranked),
        p50_ms=round(ranked[len(ranked) // 2], 1),
        p95_ms=round(ranked[min(int(len(ranked) * 0.95), len(ranked) - 1)], 1),
        most_ms=round(ranked[-1], 1),
    )


def _about(tx: Tx, random: Random, many: int) -> list[dict[str, str]]:
    """What requests are about: orders, SKUs and moments of the year, drawn evenly."""
    order, sku = tables.orders, tables.sku
    ends = tx.rows(
        select(order.c.placed_at).order_by(order.c.placed_at).limit(1)
    ), tx.rows(select(order.c.placed_at).order_by(order.c.placed_at.desc()).limit(1))  # fmt: skip
    first, last = ends[0][0][0], ends[1][0][0]
    names = [row[0] for row in tx.rows(select(tables.connection.c.name).order_by(tables.connection.c.name))]
    codes = [row[0] for row in tx.rows(select(sku.c.code).order_by(sku.c.id))]
    found = []
    for _ in range(many):
        moment = first + (last - first) * random.random()
        row = tx.rows(
            select(order.c.id, order.c.number).where(order.c.placed_at >= moment)
            .order_by(order.c.placed_at).limit(1)
        )[0]  # fmt: skip
        found.append(
            {
                "order": row.id,
                "number": row.number,
                "sku": codes[int(len(codes) * random.random() ** 3)],
                "channel": random.choice(names),
                "word": random.choice((random.choice(STUFFS), random.choice(THINGS), random.choice(COLOURS))),
                "moment": moment.isoformat(timespec="seconds").replace("+00:00", "Z"),
            }
        )
    return found


def _counted(tx: Tx) -> dict[str, int]:
    """Table → rows."""
    return {
        table.name: tx.rows(select(text("count(*)")).select_from(table))[0][0]
        for table in tables.metadata.sorted_tables
    }


@contextmanager
def _watched() -> Iterator[dict[str, Any]]:
    """Collects the reading statements that any engine executes: text → parameters of the last."""
    seen: dict[str, Any] = {}

    def note(_connection: Any, _cursor: Any, statement: str, given: Any, _context: Any, many: bool) -> None:
        if not many and statement.lstrip().upper().startswith(("SELECT", "WITH")):
            seen[statement] = given

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def _scans(store: Store, seen: dict[str, Any], large: set[str]) -> Iterator[Scan]:
    for statement, given in seen.items():
        plan = store.read(lambda tx, statement=statement, given=given: _plan(tx, statement, given))  # type: ignore[misc]
        whole = [line for line in plan if _whole(line, large)]
        if whole:
            yield Scan(statement=" ".join(statement.split()), plan="; ".join(whole))


def _plan(tx: Tx, statement: str, given: Any) -> list[str]:
    """The lines of the database's plan."""
    how = "EXPLAIN" if tx.database == "postgresql" else "EXPLAIN QUERY PLAN"
    connection = tx._connection  # noqa: SLF001 - a plan is asked for in the driver's own words
    rows = connection.exec_driver_sql(f"{how} {statement}", given).all()
    return [str(row[-1]) for row in rows]


def _whole(line: str, large: set[str]) -> bool:
    """Whether a line of a plan reads a large table from end to end, and not along an index."""
    found = re.search(r"Seq Scan on (\w+)|SCAN (\w+)(?! USING)(?:$| )", line)
    return found is not None and "USING" not in line and (found[1] or found[2]) in large
