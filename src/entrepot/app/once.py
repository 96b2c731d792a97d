"""Doing once what is asked twice: the work, the claim on its idempotency key and its answer in one
transaction."""

from collections.abc import Callable

import msgspec

from entrepot.access import Who
from entrepot.app.wiring import Hub
from entrepot.db import Tx, answers
from entrepot.db.answers import Kept


class Once(msgspec.Struct, frozen=True, kw_only=True):
    """An answer. `again`: it was given before, and nothing was done now."""

    kept: Kept
    again: bool


def performing_once(
    hub: Hub, work: Callable[[Tx], Kept], *, who: Who, key: str, digest: str, source: str
) -> Once:
    """What `work` answers, the first time; what it answered then, for 48 hours, whenever the same request
    comes under the same key again. Two at once, in however many processes: the second waits for the first.

    Refusal `idempotency_key`, `idempotency_key_reused` (the key stands for another request), or those of the
    work, which are not kept.
    """

    def once(tx: Tx) -> Once:
        kept = answers.claim(tx, who=who.actor, key=key, digest=digest)
        if kept is not None:
            return Once(kept=kept, again=True)
        fresh = work(tx)
        answers.keep(tx, who=who.actor, key=key, kept=fresh)
        return Once(kept=fresh, again=False)

    return hub.store.run(once, actor=who.actor, source=source)
