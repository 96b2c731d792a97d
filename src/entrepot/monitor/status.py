"""Status: in one look whether the hub is in sync with its channels, and if not, what is wrong and why.

Healthy means: no dead letters; every connection lets us in; nothing that could be done has waited for five
minutes; and every pair is in sync, or the oldest that is not has lagged for less than a minute.

A pair counts here if its connection's stock_out is `on`: what is off or only observed, the hub has not
promised to keep. The figures of a connection by itself count its pairs in any flow, so that observing shows
what would be written.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from time import perf_counter

import msgspec

from entrepot.connections import Flow, Level, State
from entrepot.db import Store, Tx
from entrepot.monitor import views
from entrepot.monitor.views import Account, Queue
from entrepot.sync.views import ChannelSync, SlotView, astray, channels_in_sync

LAG_MAX_S, WAIT_MAX_S = 60.0, 300.0
DIGITS = 6


class ConnectionStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One connection. `why` says what its platform told us when it shut us out, `problems` what to mend
    there: sentences, none of which makes the hub ill."""

    name: str
    platform: str
    state: str
    why: str
    flows: dict[str, str]
    last_sweep: datetime | None
    pairs: int
    in_sync: int
    share: float
    oldest_lag_s: float
    refused: int
    problems: list[str] = []


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """`share` is in_sync / pairs to six digits, 1.0 only if all are (or there are none). `exceptions`: open
    ones by kind. `out_of_sync`: the pairs that have waited longest. `problems`: why it is not healthy, for
    people."""

    healthy: bool
    pairs: int
    in_sync: int
    share: float
    oldest_lag_s: float
    queues: dict[str, Queue]
    dead_letters: int
    exceptions: dict[str, int]
    connections: list[ConnectionStatus]
    out_of_sync: list[SlotView]
    problems: list[str]
    as_of: datetime
    answer_ms: float


def take_status(store: Store) -> Status:
    """The hub's status in one read transaction; a store of 100,000 slots answers within a second."""
    began = perf_counter()
    status = store.read(_status)
    return msgspec.structs.replace(status, answer_ms=round((perf_counter() - began) * 1000, 1))


def nothing(as_of: datetime) -> Status:
    """The status of a hub that has no store yet."""
    return _judged([], {}, {}, as_of=as_of, lost=[])


def healthy(status: Status) -> bool:
    """Whether nobody has to do anything."""
    return not problems(status)


def problems(status: Status) -> list[str]:
    """What is wrong, one sentence each, what a person must do first."""
    found = [
        f"{one.name} does not let us in: {one.why}" for one in status.connections if one.state != State.READY
    ]
    if status.dead_letters:
        found.append(f"dead letters: {status.dead_letters} (entrepot letters list)")
    found += [
        f"{name}: something that could be done waits for {queue.oldest_due_s:.0f} s; is the hub running?"
        for name, queue in status.queues.items()
        if queue.oldest_due_s >= WAIT_MAX_S
    ]
    if status.in_sync < status.pairs and status.oldest_lag_s >= LAG_MAX_S:
        behind = status.pairs - status.in_sync
        found.append(
            f"{behind} of {status.pairs} pairs are not in sync, the oldest for {status.oldest_lag_s:.0f} s"
        )
    return found


def share(in_sync: int, pairs: int) -> float:
    """in_sync / pairs, six digits, rounded to the nearest but never up to 1."""
    if in_sync == pairs:
        return 1.0
    return min(round(in_sync / pairs, DIGITS), 0.999999)


def _status(tx: Tx) -> Status:
    accounts = views.accounts(tx)
    synced = {one.connection_id: one for one in channels_in_sync(tx)}
    queues = views.queues(tx, {one.id: one.name for one in accounts if one.calls})
    lost = astray(tx, [one.id for one in accounts if _promised(one)]) if _behind(synced.values()) else []
    status = _judged(accounts, synced, queues, as_of=tx.now, lost=lost)
    return msgspec.structs.replace(status, exceptions=views.exceptions(tx))


def _judged(
    accounts: Sequence[Account],
    synced: dict[str, ChannelSync],
    queues: dict[str, Queue],
    *,
    as_of: datetime,
    lost: list[SlotView],
) -> Status:
    kept = [synced[one.id] for one in accounts if _promised(one) and one.id in synced]
    pairs, in_sync = sum(one.pairs for one in kept), sum(one.in_sync for one in kept)
    status = Status(
        healthy=False,
        pairs=pairs,
        in_sync=in_sync,
        share=share(in_sync, pairs),
        oldest_lag_s=max((one.oldest_lag_s for one in kept), default=0.0),
        queues=queues,
        dead_letters=sum(one.dead for one in queues.values()),
        exceptions={},
        connections=[_of(one, synced.get(one.id)) for one in accounts],
        out_of_sync=lost,
        problems=[],
        as_of=as_of,
        answer_ms=0.0,
    )
    found = problems(status)
    return msgspec.structs.replace(status, healthy=not found, problems=found)


def _promised(one: Account) -> bool:
    return one.flows.get(Flow.STOCK_OUT) == Level.ON


def _behind(synced: Iterable[ChannelSync]) -> bool:
    return any(one.in_sync < one.pairs for one in synced)


def _of(one: Account, synced: ChannelSync | None) -> ConnectionStatus:
    pairs, in_sync = (synced.pairs, synced.in_sync) if synced else (0, 0)
    return ConnectionStatus(
        name=one.name,
        platform=one.platform,
        state=one.state,
        why=one.why,
        flows=one.flows,
        last_sweep=one.last_sweep,
        pairs=pairs,
        in_sync=in_sync,
        share=share(in_sync, pairs),
        oldest_lag_s=synced.oldest_lag_s if synced else 0.0,
        refused=synced.refused if synced else 0,
        problems=one.problems,
    )
