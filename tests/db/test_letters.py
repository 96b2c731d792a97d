"""Dead letters: listed, read, edited and tried again."""

import pytest
from sqlalchemy import update

from entrepot.contract import Delivery
from entrepot.db import InlineStore, Job, inbox, jobs, keys, letters, tables
from entrepot.kernel import Refusal
from tests.db.stores import NOON

HEADERS = {"x-topic": "order"}


def dead_delivery(store: InlineStore, key: str, body: bytes) -> str:
    """A delivery that failed for good; its id."""
    delivery = Delivery(headers=HEADERS, body=body, url="https://hub.example/hooks/shop", received_at=NOON)
    store.run(lambda tx: inbox.put(tx, connection_id="c1", key=key, delivery=delivery))
    store.run(lambda tx: inbox.fail(tx, inbox.take(tx, 1)[0], "unknown shape", hopeless=True))
    return store.read(letters.listed)[-1].id


def dead_job(store: InlineStore, key: str, once: str | None = None) -> str:
    """A job that failed for good; its id."""
    store.run(lambda tx: jobs.enqueue(tx, [Job(kind="push", key=key, once=once, body={"slot": key})]))
    job = tables.job
    failed = update(job).where(job.c.key == key, job.c.state == "ready")
    store.run(lambda tx: tx.run(failed.values(state="dead", attempts=8, why="refused")))
    return store.read(letters.listed)[-1].id


def due(store: InlineStore) -> list[tuple[str, int]]:
    """(key, attempts) of the jobs that wait."""
    return [(one.key, one.attempts) for one in store.read(lambda tx: jobs.take(tx, "book", 100))]


def refusal(store: InlineStore, id: str, body: str | None = None) -> str:
    """The code with which a letter cannot be shown, or edited."""
    with pytest.raises(Refusal) as refused:
        store.run(lambda tx: letters.edit(tx, id, body) if body is not None else letters.show(tx, id))
    return refused.value.code


def test_the_oldest_dead_letters_are_listed_without_their_content(store: InlineStore) -> None:
    first = dead_delivery(store, "1", b'{"order": 1}')
    second = dead_job(store, "a")
    third = dead_delivery(store, "2", b"{}")
    listed = store.read(letters.listed)
    assert [one.id for one in listed] == [first, second, third]
    assert [one.what for one in listed] == ["delivery", "push", "delivery"]
    assert [one.about for one in listed] == ["c1", "a", "c1"]
    assert [one.why for one in listed] == ["unknown shape", "refused", "unknown shape"]
    assert [one.body for one in listed] == ["", "", ""]
    assert [one.id for one in store.read(lambda tx: letters.listed(tx, limit=2))] == [first, second]


def test_one_dead_letter_is_shown_with_its_content(store: InlineStore) -> None:
    delivery, job = dead_delivery(store, "1", b'{"order": 1}'), dead_job(store, "a")
    assert store.read(lambda tx: letters.show(tx, delivery)).body == '{"order": 1}'
    assert store.read(lambda tx: letters.show(tx, job)).body == '{"slot":"a"}'


def test_what_is_no_dead_letter_cannot_be_shown_or_edited(store: InlineStore) -> None:
    store.run(lambda tx: jobs.enqueue(tx, [Job(kind="push", key="a")]))
    ready = store.read(lambda tx: jobs.take(tx, "book", 1))[0].id
    for id in ("none", ready):
        assert refusal(store, id) == "letter_unknown"
        assert refusal(store, id, "{}") == "letter_unknown"


def test_a_forgotten_delivery_cannot_be_shown_or_edited(store: InlineStore) -> None:
    id = dead_delivery(store, "1", b"{}")
    store.run(lambda tx: keys.forget(tx, ["inbox:2026-03-02"]))
    assert refusal(store, id) == "letter_forgotten"
    assert refusal(store, id, "{}") == "letter_forgotten"


@pytest.mark.parametrize("body", ["", "{", "no json", '{"a": 1,}', "{'a': 1}", "NaN"])
def test_an_edited_content_must_be_json(store: InlineStore, body: str) -> None:
    id = dead_delivery(store, "1", b'{"order": 1}')
    assert refusal(store, id, body) == "letter_body"
    assert store.read(lambda tx: letters.show(tx, id)).body == '{"order": 1}'


def test_an_edited_delivery_keeps_its_circumstances_and_is_tried_again(store: InlineStore) -> None:
    id = dead_delivery(store, "1", b"nonsense")
    store.run(lambda tx: letters.edit(tx, id, '{"order": 2}'))
    (letter,) = store.read(lambda tx: inbox.take(tx, 10))
    assert (letter.id, letter.attempts) == (id, 0)
    assert letter.delivery.body == b'{"order": 2}'
    assert (letter.delivery.headers, letter.delivery.received_at) == (HEADERS, NOON)
    assert store.read(letters.listed) == []


def test_an_edited_job_is_tried_again_with_the_new_content(store: InlineStore) -> None:
    id = dead_job(store, "a")
    store.run(lambda tx: letters.edit(tx, id, '{"slot": "b"}'))
    (job,) = store.read(lambda tx: jobs.take(tx, "book", 10))
    assert (job.id, job.body, job.attempts) == (id, {"slot": "b"}, 0)


def test_named_letters_are_tried_again_and_the_others_stay(store: InlineStore) -> None:
    first, _second, third = dead_job(store, "a"), dead_job(store, "b"), dead_delivery(store, "1", b"{}")
    assert store.run(lambda tx: letters.replay(tx, [first, third, "none"])) == 2
    assert due(store) == [("a", 0)]
    assert len(store.read(lambda tx: inbox.take(tx, 10))) == 1
    assert [one.about for one in store.read(letters.listed)] == ["b"]


def test_without_names_every_letter_is_tried_again(store: InlineStore) -> None:
    dead_job(store, "a")
    dead_job(store, "b")
    dead_delivery(store, "1", b"{}")
    assert store.run(lambda tx: letters.replay(tx, [])) == 3
    assert due(store) == [("a", 0), ("b", 0)]
    assert store.read(letters.listed) == []
    assert store.run(lambda tx: letters.replay(tx, [])) == 0


def test_a_dead_job_whose_name_waits_already_leaves_its_work_to_the_waiting_one(store: InlineStore) -> None:
    dead_job(store, "a", once="push:a")
    store.run(lambda tx: jobs.enqueue(tx, [Job(kind="push", key="a", once="push:a", body={"n": 2})]))
    assert store.run(lambda tx: letters.replay(tx, [])) == 1
    (job,) = store.read(lambda tx: jobs.take(tx, "book", 10))
    assert job.body == {"n": 2}
    assert store.read(letters.listed) == []


def test_of_two_dead_jobs_of_one_name_one_is_tried_again(store: InlineStore) -> None:
    dead_job(store, "a", once="push:a")
    dead_job(store, "a", once="push:a")
    assert store.run(lambda tx: letters.replay(tx, [])) == 2
    assert due(store) == [("a", 0)]
    assert store.read(letters.listed) == []


def test_dead_jobs_without_a_name_do_not_push_each_other_out(store: InlineStore) -> None:
    dead_job(store, "a")
    dead_job(store, "a")
    assert store.run(lambda tx: letters.replay(tx, [])) == 2
    assert due(store) == [("a", 0), ("a", 0)]
