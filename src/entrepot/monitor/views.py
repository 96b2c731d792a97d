"""Reading queries of this room: connections without their secrets, queues, exceptions, what nobody has mapped
yet."""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Select, and_, func, select

from entrepot.connections import OWN
from entrepot.db import Tx, jobs, tables

_connection, _watermark, _listing = tables.connection, tables.watermark, tables.listing
_inbox, _job, _exception, _external = tables.inbox, tables.job, tables.exception, tables.external_location

CALLS = "call:"


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A connection as far as it concerns its health. `last_sweep`: when the orders were last read to the end.
    `account`, `facts` and `problems` are what looks at it and its own answers have shown."""

    id: str
    name: str
    platform: str
    state: str
    why: str
    flows: dict[str, str]
    callback_url: str
    last_sweep: datetime | None
    account: str = ""
    facts: dict[str, str] = {}
    problems: list[str] = []

    @property
    def calls(self) -> bool:
        """Whether a platform stands behind it."""
        return self.platform != OWN


class Queue(msgspec.Struct, frozen=True, kw_only=True):
    """`oldest_due_s`: for how long the oldest thing that could be done has waited."""

    ready: int = 0
    dead: int = 0
    oldest_due_s: float = 0.0


class Unmapped(msgspec.Struct, frozen=True, kw_only=True):
    """How many of a channel's things are none of ours yet, and one of them as an example."""

    connection: str
    count: int
    example: str
    title: str


def accounts(tx: Tx) -> list[Account]:
    """Every connection by name. Opens nothing that is sealed."""
    swept = and_(_watermark.c.connection_id == _connection.c.id, _watermark.c.kind == "sweep_orders")
    statement = (
        select(_connection, _watermark.c.done_at).outerjoin(_watermark, swept).order_by(_connection.c.name)
    )
    troubles = _problems(tx)
    return [
        Account(
            id=row.id,
            name=row.name,
            platform=row.platform,
            state=row.state,
            why=row.why,
            flows=row.flows,
            callback_url=row.callback_url,
            last_sweep=row.done_at,
            account=row.account,
            facts=row.facts,
            problems=troubles.get(row.id, []),
        )
        for row in tx.rows(statement)
    ]


def _problems(tx: Tx) -> dict[str, list[str]]:
    """Connection id → its problems, the oldest first, each once whoever named it."""
    table = tables.account_problem
    found: dict[str, list[str]] = {}
    for row in tx.rows(select(table).order_by(table.c.since, table.c.words)):
        known = found.setdefault(row.connection_id, [])
        known += [] if row.words in known else [row.words]
    return found


def queues(tx: Tx, names: dict[str, str]) -> dict[str, Queue]:
    """'inbox', 'book' and 'call:<name of a connection>' → what waits there. `names`: connection id → name."""
    found = {"inbox": _inbox_queue(tx), jobs.BOOK: Queue()}
    found |= {f"{CALLS}{name}": Queue() for name in names.values()}
    for queue, figures in jobs.depth(tx).items():
        id = queue.removeprefix(CALLS)
        name = f"{CALLS}{names.get(id, id)}" if queue.startswith(CALLS) else queue
        found[name] = Queue(
            ready=figures["ready"], dead=figures["dead"], oldest_due_s=round(figures["oldest_due_s"], 3)
        )
    return found


def exceptions(tx: Tx) -> dict[str, int]:
    """Kind → how many are open."""
    statement = select(_exception.c.kind, func.count().label("n")).where(_exception.c.closed_at.is_(None))
    return {
        row.kind: row.n for row in tx.rows(statement.group_by(_exception.c.kind).order_by(_exception.c.kind))
    }


def unmapped_listings(tx: Tx) -> list[Unmapped]:
    """Active listings without a SKU, per connection."""
    mine = and_(_listing.c.sku_id.is_(None), _listing.c.active)
    return _unmapped(tx, _listing, example=_listing.c.item, title=_listing.c.title, mine=mine)


def unmapped_locations(tx: Tx) -> list[Unmapped]:
    """Locations of channels that are none of ours, per connection."""
    mine = _external.c.location_id.is_(None)
    return _unmapped(tx, _external, example=_external.c.external_id, title=_external.c.name, mine=mine)


def counted(tx: Tx, table: Any, *where: Any) -> int:
    """How many rows of a table there are."""
    return int(tx.rows(select(func.count()).select_from(table).where(*where))[0][0])


def _unmapped(tx: Tx, table: Any, *, example: Any, title: Any, mine: Any) -> list[Unmapped]:
    first = (
        select(table.c.connection_id, func.count().label("n"), func.min(example).label("example"))
        .where(mine)
        .group_by(table.c.connection_id)
        .subquery()
    )
    statement: Select[Any] = (
        select(_connection.c.name, first.c.n, first.c.example, title.label("title"))
        .join(first, first.c.connection_id == _connection.c.id)
        .join(table, and_(table.c.connection_id == first.c.connection_id, example == first.c.example))
        .order_by(_connection.c.name)
    )
    return [
        Unmapped(connection=row.name, count=row.n, example=row.example, title=row.title)
        for row in tx.rows(statement)
    ]


def _inbox_queue(tx: Tx) -> Queue:
    oldest = func.min(_inbox.c.run_at).label("oldest")
    waiting = tx.rows(select(func.count().label("n"), oldest).where(_inbox.c.state == "new"))[0]
    lag_s = max((tx.now - waiting.oldest).total_seconds(), 0.0) if waiting.oldest else 0.0
    return Queue(
        ready=waiting.n, dead=counted(tx, _inbox, _inbox.c.state == "dead"), oldest_due_s=round(lag_s, 3)
    )
