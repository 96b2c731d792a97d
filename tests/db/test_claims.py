"""Several processes on one database: what one has claimed no other does, a lost claim commits nothing, and
what is committed late is not skipped."""

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from entrepot.contract import Delivery
from entrepot.db import ClaimLost, Event, InlineStore, Job, Store, Tx, events, inbox, jobs, tables
from tests.db.processes import Slow, beside, process
from tests.db.stores import NOON
from tests.postgres import Databases

pytestmark = pytest.mark.postgres


@pytest.fixture
def two(databases: Databases) -> Iterator[tuple[InlineStore, InlineStore]]:
    """Two processes on one database."""
    url = databases.fresh()
    reactions = {"StockMoved": ("refill", "offer")}
    first, second = process(url, 1, reactions), process(url, 2, reactions)
    yield first, second
    first.close()
    second.close()


def job(key: str, n: int = 0, *, kind: str = "offer", once: str | None = None) -> Job:
    return Job(kind=kind, key=key, once=once, body={"n": n})


def put(store: InlineStore, *wanted: Job) -> None:
    store.run(lambda tx: jobs.enqueue(tx, wanted))


def claimed(store: Store, limit: int = 100) -> list[tuple[str, int]]:
    """(key, n) of what a process claims."""
    return [(one.key, int(one.body["n"])) for one in store.read(lambda tx: jobs.claim(tx, "book", limit))]


def finish(store: Store) -> list[tuple[str, int]]:
    """Claims and does whatever it can have."""
    with store.claiming() as mine:
        due = mine.read(lambda tx: jobs.claim(tx, "book", 100))
        mine.run(lambda tx: jobs.done(tx, [one.id for one in due]))
    return [(one.key, int(one.body["n"])) for one in due]


def deliver(tx: Tx, key: str) -> None:
    delivery = Delivery(headers={}, body=key.encode(), url="", received_at=NOON)
    assert inbox.put(tx, connection_id="c1", key=key, delivery=delivery)


def taken(store: Store) -> list[bytes]:
    """Claims and books deliveries."""
    with store.claiming() as mine:
        letters = mine.read(lambda tx: inbox.claim(tx, 100))
        mine.run(lambda tx: inbox.done(tx, [one.id for one in letters]))
    return [one.delivery.body for one in letters]


def test_two_processes_share_the_jobs_between_them(two: tuple[InlineStore, InlineStore]) -> None:
    put(two[0], job("a", 1), job("b", 2), job("c", 3), job("d", 4))
    with two[0].claiming() as first, two[1].claiming() as second:
        assert claimed(first, 2) == [("a", 1), ("b", 2)]
        assert claimed(second, 2) == [("c", 3), ("d", 4)]


def test_two_processes_share_the_deliveries_between_them(two: tuple[InlineStore, InlineStore]) -> None:
    for key in "abc":
        two[0].run(lambda tx, key=key: deliver(tx, key))  # type: ignore[misc]
    with two[0].claiming() as first:
        assert [one.delivery.body for one in first.read(lambda tx: inbox.claim(tx, 2))] == [b"a", b"b"]
        assert taken(two[1]) == [b"c"]
    assert taken(two[1]) == [b"a", b"b"]


def test_a_job_never_overtakes_an_earlier_one_of_its_key_that_another_process_is_doing(
    two: tuple[InlineStore, InlineStore],
) -> None:
    put(two[0], job("a", 1), job("a", 2), job("b", 3), job("a", 4))
    with two[0].claiming() as first:
        assert claimed(first, 1) == [("a", 1)]
        with two[1].claiming() as second:
            assert claimed(second) == [("b", 3)]
        first.run(lambda tx: jobs.done(tx, [one.id for one in jobs.claim(tx, "book", 1)]))
    assert finish(two[1]) == [("a", 2), ("b", 3), ("a", 4)]


def test_a_key_is_one_processes_alone_whatever_its_clock_says(two: tuple[InlineStore, InlineStore]) -> None:
    two[0].clock.sleep(60)  # the other process is slow by a minute: what it adds looks older
    put(two[0], job("a", 1))
    with two[0].claiming() as first:
        assert claimed(first) == [("a", 1)]
        put(two[1], job("a", 2))
        assert finish(two[1]) == []
    assert (finish(two[1]), finish(two[0])) == ([("a", 2)], [("a", 1)])


def test_what_a_process_had_claimed_when_it_died_is_anybodys(two: tuple[InlineStore, InlineStore]) -> None:
    put(two[0], job("a", 1))

    def die() -> None:
        with two[0].claiming() as first:
            assert claimed(first) == [("a", 1)]
            first.run(lambda tx: jobs.done(tx, [one.id for one in jobs.claim(tx, "book", 1)]))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        die()
    assert finish(two[1]) == [("a", 1)]


def test_a_claim_that_fails_in_part_keeps_the_other_part(two: tuple[InlineStore, InlineStore]) -> None:
    put(two[0], job("a", 1), job("b", 2))
    with two[0].claiming() as mine:
        due = mine.read(lambda tx: jobs.claim(tx, "book", 2))

        def fail(tx: Tx) -> None:
            jobs.done(tx, [due[0].id])
            raise ValueError("a bad row")

        with pytest.raises(ValueError, match="bad row"):
            mine.run(fail)
        mine.run(lambda tx: jobs.done(tx, [due[1].id]))
    assert finish(two[1]) == [("a", 1)]


# late commits


def test_a_job_that_is_committed_late_is_not_skipped(two: tuple[InlineStore, InlineStore]) -> None:
    slow = Slow(two[0], lambda tx: jobs.enqueue(tx, [job("a", 1)]))
    two[1].clock.sleep(60)
    put(two[1], job("b", 2))
    assert finish(two[1]) == [("b", 2)]
    slow.commit()
    ids = two[0].read(lambda tx: tx.rows(select(tables.job.c.id)))
    assert len(ids) == 1
    assert finish(two[1]) == [("a", 1)]


def test_a_delivery_that_is_committed_late_is_not_skipped(two: tuple[InlineStore, InlineStore]) -> None:
    two[0].run(lambda tx: deliver(tx, "of the day before"))  # the key of the day is there
    slow = Slow(two[0], lambda tx: deliver(tx, "early"))
    two[1].run(lambda tx: deliver(tx, "late"))
    assert taken(two[1]) == [b"of the day before", b"late"]
    slow.commit()
    assert taken(two[1]) == [b"early"]


def test_what_an_event_causes_is_not_skipped_when_the_event_is_committed_late(
    two: tuple[InlineStore, InlineStore],
) -> None:
    def moved(item: str) -> Event:
        return Event(stream=f"item:{item}", kind="StockMoved", body={"n": 0}, key=item)

    slow = Slow(two[0], lambda tx: events.append(tx, [moved("early")]))
    two[1].run(lambda tx: events.append(tx, [moved("late")]))
    assert [*finish(two[1]), *finish(two[1])] == [("late", 0), ("late", 0)]  # to refill, to offer
    slow.commit()
    assert [*finish(two[1]), *finish(two[1])] == [("early", 0), ("early", 0)]


# jobs that say "look again"


def test_a_named_job_that_waits_is_not_added_twice_and_not_taken_before_the_second_commit(
    two: tuple[InlineStore, InlineStore],
) -> None:
    put(two[0], job("a", 1, once="look"))
    slow = Slow(two[0], lambda tx: jobs.enqueue(tx, [job("a", 2, once="look")]))
    assert finish(two[1]) == []
    slow.commit()
    assert finish(two[1]) == [("a", 1)]


def test_a_named_job_that_somebody_is_doing_is_added_again(two: tuple[InlineStore, InlineStore]) -> None:
    put(two[0], job("a", 1, once="look"))
    with two[0].claiming() as mine:
        due = mine.read(lambda tx: jobs.claim(tx, "book", 1))
        put(two[1], job("a", 2, once="look"))
        mine.run(lambda tx: jobs.done(tx, [due[0].id]))
    assert finish(two[1]) == [("a", 2)]


def test_many_may_ask_for_the_same_look_at_once_without_waiting(two: tuple[InlineStore, InlineStore]) -> None:
    put(two[0], job("a", 1, once="look"))
    slow = Slow(two[0], lambda tx: jobs.enqueue(tx, [job("a", 2, once="look")]))
    put(two[1], job("a", 3, once="look"))
    slow.commit()
    assert finish(two[1]) == [("a", 1)]


# names that one process holds


def test_a_name_is_held_by_one_process_at_a_time(two: tuple[InlineStore, InlineStore]) -> None:
    with two[0].holding("call:c1") as first:
        assert first is not None
        with two[1].holding("call:c1") as second, two[1].holding("call:c2") as other:
            assert second is None
            assert other is not None
    with two[1].holding("call:c1") as second:
        assert second is not None


def end_sessions(store: InlineStore) -> None:
    """Every other session on the store's database is ended, as if its network had gone."""
    other = "datname = current_database() AND pid <> pg_backend_pid()"
    ended = text(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {other}")
    store.read(lambda tx: tx.rows(ended))


def test_a_process_that_lost_its_connection_has_lost_what_it_held_and_commits_nothing(
    two: tuple[InlineStore, InlineStore],
) -> None:
    put(two[0], job("a", 1))
    with two[0].holding("call:c1") as mine:
        assert mine is not None
        end_sessions(two[1])
        for _ in range(2):
            with pytest.raises(ClaimLost):
                mine.run(lambda tx: jobs.done(tx, [one.id for one in jobs.take(tx, "book", 1)]))
        with two[1].holding("call:c1") as other:
            assert other is not None
    assert finish(two[1]) == [("a", 1)]


def test_a_connection_that_broke_is_replaced(two: tuple[InlineStore, InlineStore]) -> None:
    put(two[0], job("a", 1))
    end_sessions(two[1])
    assert two[0].run(lambda tx: len(jobs.take(tx, "book", 9))) == 1
    assert two[0].read(lambda tx: len(jobs.take(tx, "book", 9))) == 1


# the rest of the store


def test_an_errors_text_does_not_carry_the_row(two: tuple[InlineStore, InlineStore]) -> None:
    def write(tx: Tx) -> None:
        tx.run(tx.insert(tables.network).values(id="n1", code="Ada Lovelace"))

    with pytest.raises(Exception, match="violates not-null") as raised:
        two[0].run(write)
    assert "Ada" not in str(raised.value)
    assert "Ada" not in str(raised.value.__cause__)


def test_a_reader_sees_one_moment_and_cannot_write(two: tuple[InlineStore, InlineStore]) -> None:
    def count(tx: Tx) -> int:
        return int(tx.rows(select(func.count()).select_from(tables.job))[0][0])

    def read(tx: Tx) -> tuple[int, int]:
        before = count(tx)
        put(two[1], job("a"))
        return before, count(tx)

    assert two[0].read(read) == (0, 0)
    assert two[0].read(count) == 1


def test_what_waits_too_long_for_a_lock_gives_up(two: tuple[InlineStore, InlineStore]) -> None:
    place = tables.network
    two[0].run(lambda tx: tx.run(tx.insert(place).values(id="n1", code="a", name="")))
    slow = Slow(two[0], lambda tx: tx.run(place.update().values(name="first")))

    def impatient(tx: Tx) -> None:
        tx.run(text("SET LOCAL lock_timeout = '10ms'"))
        tx.run(place.update().values(name="second"))

    with pytest.raises(OperationalError, match="lock timeout"):
        two[1].run(impatient)
    slow.commit()
    assert two[1].read(lambda tx: tx.rows(select(place.c.name))) == [("first",)]


def test_a_row_that_somebody_else_was_first_to_write_is_looked_at_again(
    two: tuple[InlineStore, InlineStore],
) -> None:
    place = tables.network

    def add(tx: Tx) -> str:
        if tx.rows(select(place.c.id).where(place.c.code == "web")):
            return "there is one"
        tx.run(tx.insert(place).values(id=tx.ids.new(), code="web", name=""))
        return "added"

    slow = Slow(two[0], add)
    with beside(lambda: two[1].run(add)) as second:
        waits_for_another(two[1])
        assert slow.commit() == "added"
        assert second.result(20) == "there is one"


def waits_for_another(store: InlineStore) -> None:
    """Returns once some session waits for a lock."""
    question = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    while not store.read(lambda tx: tx.rows(question))[0][0]:
        pass
