"""What is asked twice under one key is done once, and answered the same way both times."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select

from entrepot.access import Who, at_command_line
from entrepot.app import Hub, Once, circumstances, open_for_hub, open_inline, performing_once
from entrepot.db import Event, HubStore, Tx, answers, events, tables
from entrepot.db.answers import Kept
from entrepot.kernel import Keyring, Refusal, VirtualClock

ANNA, BEN = at_command_line("anna"), at_command_line("ben")
DIGEST = answers.digest("POST", "/api/v1/orders", b"{}")


@pytest.fixture
def hub() -> Iterator[Hub]:
    keys = Keyring({"k0000001": b"\x01" * 32}, "k0000001", draw=Random(1).randbytes)
    hub = Hub(open_inline(":memory:", circumstances(keys, clock=VirtualClock(), random=Random(2))), found={})
    yield hub
    hub.close()


def work(tx: Tx, said: bytes = b"done") -> Kept:
    events.append(tx, [Event(stream="work:1", kind="Done")])
    return Kept(status=201, body=said)


def ask(
    hub: Hub, doing: Callable[[Tx], Kept] = work, *, who: Who = ANNA, key: str = "k", digest: str = DIGEST
) -> Once:
    return performing_once(hub, doing, who=who, key=key, digest=digest, source="test")


def done(hub: Hub) -> int:
    """How often it was done."""
    return len(hub.store.read(lambda tx: tx.rows(select(tables.event.c.id))))


def test_the_second_time_nothing_is_done_and_the_first_answer_given(hub: Hub) -> None:
    first = ask(hub)
    second = ask(hub, partial(work, said=b"other"))
    assert (first.kept, first.again) == (Kept(status=201, body=b"done"), False)
    assert (second.kept, second.again) == (Kept(status=201, body=b"done"), True)
    assert done(hub) == 1


def test_a_key_that_stands_for_another_request_is_refused(hub: Hub) -> None:
    ask(hub)
    with pytest.raises(Refusal) as said:
        ask(hub, digest=answers.digest("POST", "/api/v1/orders", b"[]"))
    assert (said.value.code, said.value.field) == ("idempotency_key_reused", "Idempotency-Key")


def test_two_people_may_use_one_key(hub: Hub) -> None:
    assert ask(hub).again is ask(hub, who=BEN).again is False
    assert done(hub) == 2


def test_what_was_refused_may_be_tried_again(hub: Hub) -> None:
    def refuse(tx: Tx) -> Kept:
        work(tx)
        raise Refusal("not_enough", "there are none")

    with pytest.raises(Refusal):
        ask(hub, refuse)
    assert done(hub) == 0
    assert ask(hub).again is False


def test_a_crash_leaves_neither_the_work_nor_the_answer(hub: Hub) -> None:
    def die(tx: Tx) -> Kept:
        work(tx)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ask(hub, die)
    assert done(hub) == 0
    assert (ask(hub).again, done(hub)) == (False, 1)


def test_an_answer_is_kept_for_two_days(hub: Hub) -> None:
    ask(hub)
    hub.store.clock.sleep(timedelta(hours=47).total_seconds())
    assert ask(hub).again is True
    hub.store.clock.sleep(timedelta(hours=1).total_seconds())
    assert ask(hub).again is False


def test_old_answers_and_their_keys_are_cleared_away(hub: Hub) -> None:
    ask(hub)
    ask(hub, key="other")
    hub.store.clock.sleep(timedelta(hours=73).total_seconds())
    assert hub.book.step() == 1
    left = hub.store.read(lambda tx: (tx.rows(select(tables.answer)), tx.rows(select(tables.seal_key))))
    assert left == ([], [])


def test_what_is_kept_cannot_be_read_in_the_store(hub: Hub) -> None:
    ask(hub, partial(work, said=b"a very private word"))
    assert b"private" not in hub.store.snapshot()  # type: ignore[attr-defined]


@pytest.mark.parametrize("key", ["", "x" * 256, "a\nb", "a\u200bb"])
def test_a_key_that_is_none_is_refused(hub: Hub, key: str) -> None:
    with pytest.raises(Refusal) as said:
        ask(hub, key=key)
    assert said.value.code == "idempotency_key"


def test_parts_of_a_request_are_kept_apart_in_its_digest() -> None:
    assert answers.digest("POST", "/a", b"b") != answers.digest("POST", "/ab", b"")
    assert answers.digest("post", "/a", b"b") == answers.digest("POST", "/a", b"b")


def test_twenty_at_once_are_one(tmp_path: Path, home_database: str) -> None:
    keys = Keyring({"k0000001": b"\x01" * 32}, "k0000001")
    store: HubStore = open_for_hub(home_database or str(tmp_path / "hub.db"), circumstances(keys))
    hub = Hub(store, found={})
    with ThreadPoolExecutor(20) as crowd:
        every = [one.result() for one in [crowd.submit(ask, hub) for _ in range(20)]]
    assert sorted(one.again for one in every) == [False] + [True] * 19
    assert {one.kept.body for one in every} == {b"done"}
    assert done(hub) == 1
    hub.close()
