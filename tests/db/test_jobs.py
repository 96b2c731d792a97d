"""Jobs: in order per key, parked key by key, dead after the last attempt, and never twice by one name."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from entrepot.db import InlineStore, Job, Tx, jobs, letters, tables
from entrepot.db.jobs import backoff_s, call_queue, depth, next_at
from entrepot.kernel import VirtualClock
from tests.db.stores import NOON


def put(store: InlineStore, *wanted: Job) -> None:
    store.run(lambda tx: jobs.enqueue(tx, wanted))


def job(key: str, kind: str = "push", *, rank: int = 1, once: str | None = None, n: int = 0) -> Job:
    return Job(kind=kind, key=key, rank=rank, once=once, body={"n": n})


def taken(store: InlineStore, queue: str = "book", limit: int = 100) -> list[tuple[str, str, int]]:
    """(kind, key, n) of what would be done next."""
    return [
        (one.kind, one.key, int(one.body["n"])) for one in store.read(lambda tx: jobs.take(tx, queue, limit))
    ]


def park(store: InlineStore, key: str, *, wait_s: float | None = None, count: bool = True) -> None:
    """Parks the next job of a key."""

    def work(tx: Tx) -> None:
        ids = [one.id for one in jobs.take(tx, "book", 100) if one.key == key][:1]
        assert ids
        jobs.park(tx, ids, "it failed", wait_s=wait_s, count=count)

    store.run(work)


def finish(store: InlineStore) -> list[tuple[str, str, int]]:
    """Does the next batch; what was in it."""
    batch = taken(store)
    store.run(lambda tx: jobs.done(tx, [one.id for one in jobs.take(tx, "book", 100)]))
    return batch


def test_jobs_of_one_kind_come_in_the_order_in_which_they_were_queued(store: InlineStore) -> None:
    put(store, job("b", n=1), job("a", n=2))
    put(store, job("b", n=3))
    assert taken(store) == [("push", "b", 1), ("push", "a", 2), ("push", "b", 3)]
    assert taken(store, limit=2) == [("push", "b", 1), ("push", "a", 2)]


def test_a_batch_is_of_one_kind_and_done_jobs_are_gone(store: InlineStore) -> None:
    put(store, job("a", "push"), job("b", "read"), job("c", "push"))
    assert finish(store) == [("push", "a", 0), ("push", "c", 0)]
    assert finish(store) == [("read", "b", 0)]
    assert finish(store) == []


def test_a_later_job_of_a_key_waits_for_the_earlier_one_of_another_kind(store: InlineStore) -> None:
    put(store, job("a", "push", n=1), job("a", "read", n=2), job("a", "push", n=3), job("b", "push", n=4))
    assert finish(store) == [("push", "a", 1), ("push", "b", 4)]
    assert finish(store) == [("read", "a", 2)]
    assert finish(store) == [("push", "a", 3)]


def test_the_lower_rank_goes_first(store: InlineStore) -> None:
    put(store, job("a", "dull", rank=2), job("b", "usual"), job("c", "danger", rank=0), job("d", "danger"))
    assert finish(store) == [("danger", "c", 0)]
    assert finish(store) == [("usual", "b", 0)]
    assert finish(store) == [("danger", "d", 0)]
    assert finish(store) == [("dull", "a", 0)]


def test_queues_do_not_see_each_other(store: InlineStore) -> None:
    account = call_queue("c1")
    put(store, job("a"), Job(kind="push", key="a", queue=account, body={"n": 7}))
    assert account == "call:c1"
    assert taken(store) == [("push", "a", 0)]
    assert taken(store, account) == [("push", "a", 7)]
    assert taken(store, "call:c2") == []


def test_a_parked_key_holds_its_own_jobs_back_and_no_others(store: InlineStore, clock: VirtualClock) -> None:
    put(store, job("a", n=1), job("a", n=2), job("b", n=3))
    park(store, "a", wait_s=60.0)
    assert taken(store) == [("push", "b", 3)]
    clock.sleep(59.9)
    assert taken(store) == [("push", "b", 3)]
    clock.sleep(0.1)
    assert taken(store) == [("push", "a", 1), ("push", "a", 2), ("push", "b", 3)]


def test_a_job_for_later_is_not_due_before(store: InlineStore, clock: VirtualClock) -> None:
    put(store, Job(kind="push", key="a", body={"n": 1}, run_at=NOON + timedelta(seconds=5)))
    assert taken(store) == []
    assert store.read(next_at) == NOON + timedelta(seconds=5)
    clock.sleep(5)
    assert taken(store) == [("push", "a", 1)]


def test_a_named_job_is_queued_once_while_it_waits(store: InlineStore) -> None:
    put(store, job("a", once="look", n=1), job("a", once="look", n=2), job("a", n=3), job("a", n=4))
    put(store, job("a", once="look", n=5))
    assert finish(store) == [("push", "a", 1), ("push", "a", 3), ("push", "a", 4)]
    put(store, job("a", once="look", n=6))
    assert finish(store) == [("push", "a", 6)]


def test_a_failed_job_waits_longer_each_time_and_is_dead_after_eight_attempts(
    store: InlineStore, clock: VirtualClock
) -> None:
    put(store, job("a", n=1), job("a", n=2))
    waits = []
    for _ in range(8):
        park(store, "a")
        due = store.read(lambda tx: tx.rows(select(tables.job).order_by(tables.job.c.id)))[0].run_at
        waits.append((due - clock.now()).total_seconds())
        clock.sleep(waits[-1])
    assert waits == [2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0]
    (dead,) = store.read(letters.listed)
    assert (dead.what, dead.about, dead.attempts, dead.why) == ("push", "a", 8, "it failed")
    assert taken(store) == [("push", "a", 2)]


@pytest.mark.parametrize(
    ("attempts", "wait_s"), [(0, 2.0), (1, 2.0), (2, 4.0), (11, 2048.0), (12, 3600.0), (500, 3600.0)]
)
def test_the_wait_doubles_up_to_an_hour(attempts: int, wait_s: float) -> None:
    assert backoff_s(attempts) == wait_s


def test_a_busy_platform_does_not_count_as_an_attempt(store: InlineStore, clock: VirtualClock) -> None:
    put(store, job("a", n=1))
    for _ in range(20):
        park(store, "a", wait_s=30.0, count=False)
        clock.sleep(30)
    assert taken(store) == [("push", "a", 1)]
    assert store.read(letters.listed) == []
    assert store.read(lambda tx: jobs.take(tx, "book", 1))[0].attempts == 0


def test_a_dead_job_is_parked_no_further(store: InlineStore) -> None:
    put(store, job("a"))
    ids = [one.id for one in store.read(lambda tx: jobs.take(tx, "book", 1))]
    store.run(lambda tx: tx.run(update(tables.job).values(state="dead", attempts=8)))
    store.run(lambda tx: jobs.park(tx, ids, "again", wait_s=1.0, count=True))
    assert store.read(letters.listed)[0].attempts == 8


def test_a_dead_job_holds_its_key_no_longer_and_its_name_is_free_again(
    store: InlineStore, clock: VirtualClock
) -> None:
    put(store, job("a", once="look", n=1))
    for _ in range(8):
        park(store, "a", wait_s=1.0)
        clock.sleep(1)
    put(store, job("a", once="look", n=2))
    assert taken(store) == [("push", "a", 2)]


def test_a_reason_is_cut_at_500_letters(store: InlineStore) -> None:
    put(store, job("a"))
    ids = [one.id for one in store.read(lambda tx: jobs.take(tx, "book", 1))]
    store.run(lambda tx: jobs.park(tx, ids, "x" * 10_000, wait_s=1.0, count=True))
    assert len(store.read(lambda tx: tx.rows(select(tables.job)))[0].why) == 500


def test_the_depth_of_each_queue_says_since_when_the_oldest_is_due(
    store: InlineStore, clock: VirtualClock
) -> None:
    put(store, job("a"), job("b"), Job(kind="push", key="c", queue="call:c1"))
    clock.sleep(90)
    for _ in range(8):
        park(store, "b", wait_s=0.0)
    assert store.read(depth) == {
        "book": {"ready": 1, "dead": 1, "oldest_due_s": 90.0},
        "call:c1": {"ready": 1, "dead": 0, "oldest_due_s": 90.0},
    }


def test_jobs_carry_the_correlation_of_what_caused_them(store: InlineStore) -> None:
    store.run(lambda tx: jobs.enqueue(tx, [job("a")]), correlation="c1")
    store.run(lambda tx: jobs.enqueue(tx, [Job(kind="push", key="b", correlation="own")]), correlation="c2")
    assert [one.correlation for one in store.read(lambda tx: jobs.take(tx, "book", 9))] == ["c1", "own"]


def test_nothing_waits_in_an_empty_store(tx: Tx) -> None:
    assert next_at(tx) is None
    assert depth(tx) == {}
    jobs.enqueue(tx, [])
    assert jobs.take(tx, "book", 10) == []
