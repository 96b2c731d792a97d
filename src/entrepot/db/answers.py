"""Answers: what was answered to whom under an idempotency key, so that a request that is sent again is
answered again and not done again.

The key is claimed and the answer kept in the very transaction that does the work: a crash leaves neither. Of
two at once the second waits for the first to commit, and then finds its answer. Refusals are not kept:
nothing was done, so it may be tried again. What is kept is sealed under the key of its day, because an answer
may hold a secret that is shown once.
"""

import hashlib
from datetime import timedelta

import msgspec
from sqlalchemy import delete, select, update

from entrepot.db import jobs, keys, tables
from entrepot.db.tx import Tx
from entrepot.kernel import Refusal
from entrepot.kernel.seal import open_under

KEPT = timedelta(hours=48)
KEY_MAX = 255

_answer = tables.answer


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """An answer: the status of HTTP and the body."""

    status: int
    body: bytes


def digest(method: str, path: str, body: bytes) -> str:
    """What a request asks for, to tell a repeat from another one under the same key."""
    parts = (method.upper().encode(), path.encode(), body)
    return hashlib.sha256(b"".join(len(part).to_bytes(8) + part for part in parts)).hexdigest()


def claim(tx: Tx, *, who: str, key: str, digest: str) -> Kept | None:
    """The answer that was given before, None if this is the first time: then `keep` must follow in this
    transaction. Refusal `idempotency_key` or, under a key that stands for another request,
    `idempotency_key_reused`."""
    if not 0 < len(key) <= KEY_MAX or not key.isprintable():
        raise Refusal(
            "idempotency_key",
            f"an idempotency key has 1 to {KEY_MAX} printable letters",
            field="Idempotency-Key",
        )
    mine = (_answer.c.who == who) & (_answer.c.key == key)
    tx.run(delete(_answer).where(mine, _answer.c.created_at <= tx.now - KEPT))
    row = {
        "who": who,
        "key": key,
        "digest": digest,
        "status": 0,
        "sealed": b"",
        "seal": "",
        "created_at": tx.now,
    }
    first = tx.insert(_answer).values(row).on_conflict_do_nothing().execution_options(preserve_rowcount=True)
    if tx.run(first).rowcount == 1:
        return None
    held = tx.row(select(_answer).where(mine))
    assert held is not None
    if held.digest != digest:
        raise Refusal(
            "idempotency_key_reused",
            f"the key {key!r} stands for another request",
            remedy="Send each request under a key of its own",
            field="Idempotency-Key",
        )
    opened = keys.find(tx, [held.seal])[held.seal]
    return Kept(status=held.status, body=open_under(opened, held.sealed, f"answer:{who}:{key}"))


def keep(tx: Tx, *, who: str, key: str, kept: Kept) -> None:
    """Keeps the answer to a claimed key for 48 hours."""
    seal = f"answers:{tx.now:%Y-%m-%d}"
    sealed = tx.keyring.seal_under(_key(tx, seal), kept.body, f"answer:{who}:{key}")
    mine = (_answer.c.who == who) & (_answer.c.key == key)
    tx.run(update(_answer).where(mine).values(status=kept.status, sealed=sealed, seal=seal))
    jobs.enqueue(tx, [_clearing(tx)])


def clear(tx: Tx) -> int:
    """Forgets the answers that were kept long enough, and the keys of days that have none left; how many
    answers."""
    gone = tx.run(delete(_answer).where(_answer.c.created_at <= tx.now - KEPT)).rowcount
    days = select(tables.seal_key.c.name).where(
        tables.seal_key.c.name >= "answers:",
        tables.seal_key.c.name < f"answers:{tx.now - KEPT:%Y-%m-%d}",
        tables.seal_key.c.name.not_in(select(_answer.c.seal)),
    )
    keys.forget(tx, [row.name for row in tx.rows(days)])
    return gone


def _key(tx: Tx, seal: str) -> bytes:
    """The key of a day, made by whoever is first to keep an answer on it."""
    found = keys.find(tx, [seal])
    if not found:
        tx.alone(seal)
        found = keys.find(tx, [seal]) or keys.make(tx, [seal])
    return found[seal]


def _clearing(tx: Tx) -> jobs.Job:
    """One job an hour: it clears whatever is old by then."""
    hour = tx.now.replace(minute=0, second=0, microsecond=0)
    name = f"clear_answers:{hour:%Y-%m-%dT%H}"
    return jobs.Job(kind="clear_answers", key="answers", once=name, run_at=hour + KEPT + timedelta(hours=1))
