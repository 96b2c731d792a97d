"""Links that work once: the first owner's, an invited person's, and one that lets a user in."""

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec
from sqlalchemy import select

from entrepot.access import rows
from entrepot.access.model import ROLES, Role, State, User, Who
from entrepot.access.secrets import digest, new_secret
from entrepot.access.tokens import check_gift
from entrepot.access.users import check_locations, check_login, check_name
from entrepot.db import Event, Tx, events, tables
from entrepot.kernel import Refusal


class Kind(StrEnum):
    """What a link does."""

    FIRST = "first"  # makes the first owner
    JOIN = "join"  # makes an invited user
    ENTER = "enter"  # lets a user in without a password


GOOD_FOR = {Kind.FIRST: timedelta(hours=1), Kind.JOIN: timedelta(days=3), Kind.ENTER: timedelta(hours=1)}


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A link that still works. `login` and `name`: as the inviter wrote them, '' for the first owner."""

    id: str
    kind: Kind
    role: Role
    login: str
    name: str
    locations: frozenset[str] | None
    user_id: str
    until: datetime


def first_link(tx: Tx) -> str:
    """The secret of the link that makes the first owner; links of before stop working. Refusal
    `owner_exists`."""
    if rows.any_user(tx):
        raise Refusal("owner_exists", "there is an owner already", remedy="entrepot login-link LOGIN")
    rows.drop_invitations(tx, tables.invitation.c.kind == Kind.FIRST)
    return _made(tx, Kind.FIRST, role=Role.OWNER)


def invite(tx: Tx, giver: Who, login: str, *, name: str, role: Role, locations: frozenset[str] | None) -> str:
    """The secret of the link with which somebody becomes a user. One that they were sent before stops
    working. Refusal `login`, `name`, `locations`, `login_taken`, `not_yours_to_give`."""
    check_login(login)
    check_name(name)
    check_locations(role, locations)
    check_gift(giver, ROLES[role], locations)
    if rows.user(tx, login=login) is not None:
        raise Refusal("login_taken", f"there is a user {login!r} already", field="login")
    table = tables.invitation
    rows.drop_invitations(tx, (table.c.kind == Kind.JOIN) & (table.c.login == login))
    return _made(tx, Kind.JOIN, role=role, login=login, name=name, locations=locations)


def enter_link(tx: Tx, user: User) -> str:
    """The secret of a link that signs a user in. Refusal `user_ended`."""
    if user.state is not State.ACTIVE:
        raise Refusal("user_ended", f"{user.login} was ended", field="user")
    return _made(tx, Kind.ENTER, role=user.role, user_id=user.id)


def look_up(tx: Tx, secret: str) -> Link | None:
    """The link with this secret; None if it was used, is too old or never was."""
    table = tables.invitation
    good = (table.c.digest == digest(secret)) & table.c.used_at.is_(None) & (table.c.until > tx.now)
    row = tx.row(select(table).where(good))
    if row is None:
        return None
    return Link(
        id=row.id,
        kind=Kind(row.kind),
        role=Role(row.role),
        login=row.login,
        name=row.name,
        locations=rows.bound(row.locations),
        user_id=row.user_id or "",
        until=row.until,
    )


def enter(tx: Tx, secret: str) -> User | None:
    """The user whom the link lets in; once."""
    link = look_up(tx, secret)
    if link is None or link.kind is not Kind.ENTER or not rows.use_invitation(tx, link.id):
        return None
    user = rows.user(tx, id=link.user_id)
    return user if user and user.state is State.ACTIVE else None


def accept(tx: Tx, secret: str, *, login: str, name: str, password: str) -> User:
    """The user that the link makes. `login` is the first owner's choice; an invited person has theirs.
    `password` is a hash. Refusal `link_used`, `login`, `name`, `login_taken`, `owner_exists`."""
    link = look_up(tx, secret)
    if link is None or link.kind is Kind.ENTER:
        raise Refusal("link_used", "this link was used already or is too old", remedy="Ask for a new one")
    chosen = link.login or login
    check_login(chosen)
    check_name(name)
    if link.kind is Kind.FIRST:
        tx.alone("first owner")
        if rows.any_user(tx):
            raise Refusal("owner_exists", "there is an owner already", remedy="Ask them to invite you")
    if not rows.use_invitation(tx, link.id):
        raise Refusal("link_used", "this link was used already", remedy="Ask for a new one")
    return made(tx, chosen, name=name, role=link.role, locations=link.locations, password=password)


def made(
    tx: Tx, login: str, *, name: str, role: Role, locations: frozenset[str] | None = None, password: str = ""
) -> User:
    """A new user; without a password they come in by links only."""
    id = rows.insert_user(
        tx, login=login, name=name.strip(), password=password, role=role, locations=locations
    )
    events.append(tx, [Event(stream=f"user:{id}", kind="UserMade", body={"role": role})])
    return rows.known(tx, id)


def _made(
    tx: Tx,
    kind: Kind,
    *,
    role: Role,
    login: str = "",
    name: str = "",
    locations: frozenset[str] | None = None,
    user_id: str | None = None,
) -> str:
    id, secret = tx.ids.new(), new_secret()
    values = {
        "id": id,
        "digest": digest(secret),
        "kind": kind,
        "user_id": user_id,
        "login": login,
        "name": name.strip(),
        "role": role,
        "created_at": tx.now,
        "until": tx.now + GOOD_FOR[kind],
    }
    rows.insert_invitation(tx, values, locations)
    events.append(tx, [Event(stream=f"invitation:{id}", kind="LinkMade", body={"does": kind, "role": role})])
    return secret
