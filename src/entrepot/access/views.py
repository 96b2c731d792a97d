"""Users, sessions, tokens and links, for screens and lists. There are as many as a house has people."""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from sqlalchemy import func, select

from entrepot.access.links import Kind
from entrepot.access.sessions import IDLE
from entrepot.db import Tx, chunks, tables

SHOWN = 500
"""Rows of a list at most."""


class UserRow(msgspec.Struct, frozen=True, kw_only=True):
    """A user as lists show them. `seen_at`: the last use of an open session."""

    id: str
    login: str
    name: str
    role: str
    state: str
    locations: list[str] | None
    password: bool
    totp: bool
    locked_until: datetime | None
    created_at: datetime
    seen_at: datetime | None


class SessionRow(msgspec.Struct, frozen=True, kw_only=True):
    """An open session."""

    id: str
    way: str
    agent: str
    created_at: datetime
    seen_at: datetime
    ends_at: datetime


class TokenRow(msgspec.Struct, frozen=True, kw_only=True):
    """A token without its secret. `maker`: the login of who made it, '' for the command line."""

    id: str
    name: str
    permissions: list[str]
    locations: list[str] | None
    maker: str
    created_at: datetime
    used_at: datetime | None
    ends_at: datetime | None
    ended_at: datetime | None


class InvitationRow(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation that nobody has taken up yet."""

    id: str
    login: str
    name: str
    role: str
    until: datetime


def users(tx: Tx) -> list[UserRow]:
    """Active ones first, by login."""
    table, open_ = tables.user, tables.session
    seen = (
        select(open_.c.user_id, func.max(open_.c.seen_at).label("seen_at"))
        .where(open_.c.ends_at > tx.now, open_.c.seen_at > tx.now - IDLE)
        .group_by(open_.c.user_id)
        .subquery()
    )
    found = select(table, seen.c.seen_at).outerjoin(seen, seen.c.user_id == table.c.id)
    return [
        UserRow(
            id=row.id,
            login=row.login,
            name=row.name,
            role=row.role,
            state=row.state,
            locations=row.locations,
            password=bool(row.password),
            totp=row.totp_on,
            locked_until=row.locked_until if row.locked_until and row.locked_until > tx.now else None,
            created_at=row.created_at,
            seen_at=row.seen_at,
        )
        for row in tx.rows(found.order_by(table.c.state, table.c.login).limit(SHOWN))
    ]


def sessions(tx: Tx, user_id: str) -> list[SessionRow]:
    """The open sessions of a user, the last used first."""
    table = tables.session
    open_ = (table.c.user_id == user_id) & (table.c.ends_at > tx.now) & (table.c.seen_at > tx.now - IDLE)
    found = select(table).where(open_).order_by(table.c.seen_at.desc(), table.c.id).limit(SHOWN)
    return [
        SessionRow(
            id=row.id,
            way=row.way,
            agent=row.agent,
            created_at=row.created_at,
            seen_at=row.seen_at,
            ends_at=min(row.ends_at, row.seen_at + IDLE),
        )
        for row in tx.rows(found)
    ]


def tokens(tx: Tx) -> list[TokenRow]:
    """Those that work first, the newest before the others."""
    table, user = tables.token, tables.user
    found = select(*table.c, user.c.login).outerjoin(user, user.c.id == table.c.user_id)
    by_end = found.order_by(table.c.ended_at.is_not(None), table.c.id.desc())
    return [
        TokenRow(
            id=row.id,
            name=row.name,
            permissions=row.permissions,
            locations=row.locations,
            maker=row.login or "",
            created_at=row.created_at,
            used_at=row.used_at,
            ends_at=row.ends_at,
            ended_at=row.ended_at,
        )
        for row in tx.rows(by_end.limit(SHOWN))
    ]


def invitations(tx: Tx) -> list[InvitationRow]:
    """The newest first."""
    table = tables.invitation
    open_ = (table.c.kind == Kind.JOIN) & table.c.used_at.is_(None) & (table.c.until > tx.now)
    return [
        InvitationRow(id=row.id, login=row.login, name=row.name, role=row.role, until=row.until)
        for row in tx.rows(select(table).where(open_).order_by(table.c.id.desc()).limit(SHOWN))
    ]


def names(tx: Tx, actors: Iterable[str]) -> dict[str, str]:
    """What screens call those who acted: the names of users and tokens, and who types; nothing for the hub
    itself and for channels."""
    asked = {actor: actor.partition(":")[::2] for actor in actors}
    found = {actor: id or "command line" for actor, (kind, id) in asked.items() if kind == "cli"}
    for kind, table in (("user", tables.user), ("token", tables.token)):
        ids = sorted(id for one, id in asked.values() if one == kind)
        for some in chunks(ids):
            named = tx.rows(select(table.c.id, table.c.name).where(table.c.id.in_(some)))
            found |= {f"{kind}:{row.id}": row.name for row in named}
    return found
