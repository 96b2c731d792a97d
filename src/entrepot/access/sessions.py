"""Sessions: they live in the store, end after twelve hours without use and after seven days in any case, and
can be ended from anywhere."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from entrepot.access import rows
from entrepot.access.model import ROLES, Needs, Role, Seated, State, User, Who
from entrepot.access.secrets import Draw, csrf_of, digest, new_secret
from entrepot.db import Event, Store, Tx, events, tables
from entrepot.kernel import Refusal

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
NOTED = timedelta(minutes=1)
"""Use is noted at most once in this time."""

AGENT_MAX = 120


def open_session(
    tx: Tx, user: User, *, by_link: bool, needs: Needs, agent: str, draw: Draw | None = None
) -> str:
    """A new session; what its cookie holds. Sessions of this user that have run out are cleared away."""
    table, secret = tables.session, new_secret(draw) if draw else new_secret()
    gone = (table.c.ends_at <= tx.now) | (table.c.seen_at <= tx.now - IDLE)
    rows.delete_sessions(tx, (table.c.user_id == user.id) & gone)
    id = tx.ids.new()
    rows.insert_session(
        tx,
        {
            "id": id,
            "digest": digest(secret),
            "user_id": user.id,
            "way": "link" if by_link else "password",
            "needs": needs,
            "agent": _plain(agent),
            "created_at": tx.now,
            "seen_at": tx.now,
            "ends_at": tx.now + LONGEST,
        },
    )
    if needs is Needs.NOTHING:
        events.append(tx, [Event(stream=f"user:{user.id}", kind="SignedIn", body={"session": id})])
    return secret


def who_sits(tx: Tx, session: str) -> Seated | None:
    """The open session that a cookie names; None if there is none, or its user may come in no more."""
    table, user = tables.session, tables.user
    here = (table.c.digest == digest(session)) & (table.c.ends_at > tx.now) & (user.c.state == State.ACTIVE)
    columns = (table.c.id, table.c.user_id, table.c.way, table.c.needs, table.c.seen_at, table.c.ends_at)
    found = select(*columns, user.c.name, user.c.role, user.c.locations).join(
        user, user.c.id == table.c.user_id
    )
    row = tx.row(found.where(here, table.c.seen_at > tx.now - IDLE))
    if row is None:
        return None
    role, needs = Role(row.role), Needs(row.needs)
    who = Who(
        actor=f"user:{row.user_id}",
        name=row.name,
        permissions=frozenset() if needs else ROLES[role],
        locations=rows.bound(row.locations),
    )
    return Seated(
        id=row.id,
        user_id=row.user_id,
        role=role,
        who=who,
        csrf=csrf_of(session),
        ends_at=min(row.ends_at, row.seen_at + IDLE),
        needs=needs,
        by_link=row.way == "link",
        stale=row.seen_at <= tx.now - NOTED,
    )


def sits(store: Store, session: str) -> Seated | None:
    """The same, noting the use at most once a minute."""
    found = store.read(lambda tx: who_sits(tx, session)) if session else None
    if found is not None and found.stale:
        store.run(lambda tx: rows.see_session(tx, digest(session), tx.now - NOTED), source="session")
    return found


def leave(tx: Tx, session: str) -> None:
    """Ends the session that a cookie names; nothing happens if there is none."""
    _end(tx, rows.delete_sessions(tx, tables.session.c.digest == digest(session)))


def end_session(tx: Tx, id: str, *, user_id: str = "") -> None:
    """Ends a session by its id, with `user_id` only one of theirs. Refusal `session_unknown`."""
    table = tables.session
    mine = table.c.id == id
    ended = rows.delete_sessions(tx, mine & (table.c.user_id == user_id) if user_id else mine)
    if not ended:
        raise Refusal("session_unknown", f"there is no session {id}", field="session")
    _end(tx, ended)


def end_others(tx: Tx, user_id: str, *, but: str = "") -> int:
    """Ends every session of a user but one; how many there were."""
    table = tables.session
    ended = rows.delete_sessions(tx, (table.c.user_id == user_id) & (table.c.id != but))
    _end(tx, ended)
    return len(ended)


def _end(tx: Tx, ended: list[Any]) -> None:
    events.append(
        tx,
        [Event(stream=f"user:{row.user_id}", kind="SessionEnded", body={"session": row.id}) for row in ended],
    )


def _plain(agent: str) -> str:
    """What a browser calls itself, short and printable."""
    return "".join(letter if letter.isprintable() else " " for letter in agent[:AGENT_MAX]).strip()
