"""The only statements that write users, sessions, tokens and links."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select, update

from entrepot.access.model import Role, State, User
from entrepot.db import Tx, resealing, tables
from entrepot.kernel import Refusal

Locations = frozenset[str] | None


def user(tx: Tx, *, id: str = "", login: str = "") -> User | None:
    """A user as they are now; nobody else changes them before a writing transaction ends."""
    table = tables.user
    row = tx.row(tx.locked(select(table).where(table.c.id == id if id else table.c.login == login)))
    return _user(row) if row else None


def known(tx: Tx, id_or_login: str) -> User:
    """A user by id or login; Refusal `user_unknown`."""
    found = user(tx, id=id_or_login) or user(tx, login=id_or_login.lower())
    if found is None:
        raise Refusal("user_unknown", f"there is no user {id_or_login!r}", field="user")
    return found


def any_user(tx: Tx) -> bool:
    return tx.row(select(tables.user.c.id).limit(1)) is not None


def owners(tx: Tx) -> list[str]:
    """The ids of the owners who may still come in; all of them locked, so that two transactions that each
    take one away wait for each other."""
    table = tables.user
    mine = (table.c.role == Role.OWNER) & (table.c.state == State.ACTIVE)
    return [row.id for row in tx.rows(tx.locked(select(table.c.id).where(mine).order_by(table.c.id)))]


def insert_user(tx: Tx, *, login: str, name: str, password: str, role: Role, locations: Locations) -> str:
    """Refusal `login_taken`, also if somebody else takes it at this moment."""
    id = tx.ids.new()
    values = {
        "id": id,
        "login": login,
        "name": name,
        "password": password,
        "role": role,
        "locations": _listed(locations),
        "totp": None,
        "totp_on": False,
        "totp_step": 0,
        "state": State.ACTIVE,
        "failures": 0,
        "locked_until": None,
        "created_at": tx.now,
        "password_changed_at": tx.now if password else None,
    }
    new = tx.insert(tables.user).values(values).on_conflict_do_nothing()
    if tx.run(new.execution_options(preserve_rowcount=True)).rowcount != 1:
        raise Refusal("login_taken", f"there is a user {login!r} already", field="login")
    return id


def change_user(tx: Tx, id: str, **values: Any) -> None:
    tx.run(update(tables.user).where(tables.user.c.id == id).values(values))


def set_role(tx: Tx, id: str, role: Role, locations: Locations) -> None:
    change_user(tx, id, role=role, locations=_listed(locations))


def set_totp(tx: Tx, id: str, sealed: bytes | None) -> None:
    """Keeps a secret that a code has not confirmed yet, or none."""
    change_user(tx, id, totp=sealed, totp_on=False, totp_step=0)


def totp(tx: Tx, id: str) -> bytes | None:
    """The sealed secret."""
    row = tx.row(select(tables.user.c.totp).where(tables.user.c.id == id))
    return row.totp if row else None


def reseal(tx: Tx, *, after: str, limit: int) -> tuple[int, str]:
    """Seals the next users' secrets under the hub's newest key; see `db.resealing`."""
    table = tables.user
    return resealing.reseal(tx, table.c.id, table.c.totp, totp_place, after=after, limit=limit)


def totp_place(user_id: str) -> str:
    """What a user's secret is sealed for."""
    return f"user:totp:{user_id}"


def use_step(tx: Tx, id: str, step: int) -> bool:
    """False if a code of this half minute, or of a later one, was used."""
    table = tables.user
    unused = (table.c.id == id) & (table.c.totp_step < step)
    return tx.run(update(table).where(unused).values(totp_step=step)).rowcount == 1


def set_recovery(tx: Tx, id: str, digests: Iterable[str]) -> None:
    """These codes take the place of those before."""
    table = tables.recovery_code
    tx.run(delete(table).where(table.c.user_id == id))
    tx.write(insert(table), [{"user_id": id, "digest": one} for one in digests])


def use_recovery(tx: Tx, id: str, digest: str) -> bool:
    """True, once, for a recovery code."""
    table = tables.recovery_code
    mine = (table.c.user_id == id) & (table.c.digest == digest)
    return tx.run(delete(table).where(mine)).rowcount == 1


def insert_session(tx: Tx, values: dict[str, Any]) -> None:
    tx.run(insert(tables.session).values(values))


def change_session(tx: Tx, id: str, **values: Any) -> None:
    tx.run(update(tables.session).where(tables.session.c.id == id).values(values))


def delete_sessions(tx: Tx, which: ColumnElement[bool]) -> list[Any]:
    """Ends sessions; the rows that there were, by id and user."""
    table = tables.session
    ended = tx.rows(select(table.c.id, table.c.user_id).where(which).order_by(table.c.id))
    tx.run(delete(table).where(table.c.id.in_([row.id for row in ended])))
    return list(ended)


def see_session(tx: Tx, digest: str, before: datetime) -> None:
    """Notes that the session was used, unless that was noted since `before`."""
    table = tables.session
    tx.run(update(table).where(table.c.digest == digest, table.c.seen_at <= before).values(seen_at=tx.now))


def insert_token(tx: Tx, values: dict[str, Any], locations: Locations) -> None:
    tx.run(insert(tables.token).values(values | {"locations": _listed(locations)}))


def see_token(tx: Tx, digest: str, before: datetime) -> None:
    """Notes that the token was used, unless that was noted since `before`."""
    table = tables.token
    unseen = table.c.used_at.is_(None) | (table.c.used_at <= before)
    tx.run(update(table).where(table.c.digest == digest, unseen).values(used_at=tx.now))


def end_tokens(tx: Tx, which: ColumnElement[bool]) -> Sequence[str]:
    """Ends tokens that have not ended; their ids."""
    table = tables.token
    open_ = which & table.c.ended_at.is_(None)
    ids = [row.id for row in tx.rows(tx.locked(select(table.c.id).where(open_).order_by(table.c.id)))]
    tx.run(update(table).where(table.c.id.in_(ids)).values(ended_at=tx.now))
    return ids


def insert_invitation(tx: Tx, values: dict[str, Any], locations: Locations) -> None:
    tx.run(insert(tables.invitation).values(values | {"locations": _listed(locations)}))


def drop_invitations(tx: Tx, which: ColumnElement[bool]) -> None:
    """Makes links that were not used useless."""
    table = tables.invitation
    tx.run(update(table).where(which, table.c.used_at.is_(None)).values(used_at=tx.now))


def use_invitation(tx: Tx, id: str) -> bool:
    """True, once."""
    table = tables.invitation
    unused = (table.c.id == id) & table.c.used_at.is_(None)
    return tx.run(update(table).where(unused).values(used_at=tx.now)).rowcount == 1


def bound(listed: Sequence[str] | None) -> Locations:
    """Location codes as they are kept; None: all."""
    return None if listed is None else frozenset(listed)


def _listed(locations: Locations) -> list[str] | None:
    return None if locations is None else sorted(locations)


def _user(row: Any) -> User:
    return User(
        id=row.id,
        login=row.login,
        name=row.name,
        role=Role(row.role),
        state=State(row.state),
        password=row.password,
        locations=bound(row.locations),
        totp_on=row.totp_on,
        totp_step=row.totp_step,
        failures=row.failures,
        locked_until=row.locked_until,
    )
