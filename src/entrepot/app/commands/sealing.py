"""What is sealed under the hub's own keys comes under the newest one, a part at a time.

`entrepot keys rotate` gives the command until every table is through. Whoever stops it loses nothing, because
every key stays until nothing is sealed under it any more.
"""

from collections import Counter
from collections.abc import Callable

from entrepot import access, connections
from entrepot.app.commands.arguments import Answer, Command
from entrepot.app.wiring import Hub
from entrepot.db import Tx, keys, tables
from entrepot.db.resealing import sealed_under
from entrepot.kernel import Refusal

AT_ONCE = 500
"""Rows in one transaction: some 30 milliseconds."""

SEALED: dict[str, Callable[..., tuple[int, str]]] = {
    "connections": connections.reseal,
    "keys": keys.reseal,
    "users": access.reseal,
}
"""Whose values are sealed under the hub's own keys, and who seals them anew. People and deliveries are sealed
under keys of their own, which are among these."""

COLUMNS = (tables.connection.c.sealed, tables.seal_key.c.sealed, tables.user.c.totp)


class Reseal(Command, frozen=True):
    """Seals a part of a room's values anew, behind `after`."""

    room: str
    after: str = ""
    limit: int = AT_ONCE


def reseal(tx: Tx, _hub: Hub, command: Reseal) -> Answer:
    if command.room not in SEALED or not 0 < command.limit <= AT_ONCE:
        raise Refusal("room", f"one of {', '.join(SEALED)}, at most {AT_ONCE} at once", field="room")
    done, after = SEALED[command.room](tx, after=command.after, limit=command.limit)
    return {"room": command.room, "resealed": done, "after": after}


def under(tx: Tx) -> dict[str, int]:
    """Name of a key → how many values are sealed under it."""
    found: Counter[str] = Counter()
    for column in COLUMNS:
        found.update(sealed_under(tx, column))
    return dict(sorted(found.items()))
