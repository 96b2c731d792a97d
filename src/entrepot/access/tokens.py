"""Tokens of programs: shown once, kept as digests, with the permissions and locations they were given.

A token never reaches further than the user who made it: what they may no longer do, it may not either, and it
ends with them.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, select

from entrepot.access import rows
from entrepot.access.model import EVERYTHING, ROLES, Borne, Permission, Role, State, Who
from entrepot.access.secrets import digest, is_token, new_token
from entrepot.db import Event, Store, Tx, events, tables
from entrepot.kernel import Refusal

NOTED = timedelta(minutes=1)
"""Use is noted at most once in this time."""

NAME_MAX = 80


class MadeToken(msgspec.Struct, frozen=True, kw_only=True):
    """`secret` is what the program bears; it cannot be shown again."""

    id: str
    name: str
    secret: str

    def __repr__(self) -> str:
        return f"MadeToken({self.id})"


def who_bears(tx: Tx, token: str) -> Who | None:
    """The program that bears this token; None if it is none of ours, or has ended."""
    found = borne(tx, token)
    return found.who if found else None


def bears(store: Store, token: str) -> Who | None:
    """The same, noting the use at most once a minute."""
    found = store.read(lambda tx: borne(tx, token))
    if found is not None and found.stale:
        store.run(lambda tx: rows.see_token(tx, digest(token), tx.now - NOTED), source="token")
    return found.who if found else None


def borne(tx: Tx, token: str) -> Borne | None:
    """Who bears the token, and whether its use is to be noted."""
    return _good(tx, tables.token.c.digest == digest(token)) if is_token(token) else None


def bearer(tx: Tx, id: str) -> Who | None:
    """The program whose token has this id, as long as the token is good."""
    found = _good(tx, tables.token.c.id == id)
    return found.who if found else None


def make_token(
    tx: Tx,
    maker: Who,
    name: str,
    permissions: Iterable[Permission],
    *,
    locations: frozenset[str] | None = None,
    ends_at: datetime | None = None,
) -> MadeToken:
    """A new token. Refusal `token_name`, `permissions`, `not_yours_to_give` (what the maker may not do
    themselves), `ends_at`."""
    given = frozenset(permissions)
    if not 0 < len(name.strip()) <= NAME_MAX or not name.isprintable():
        raise Refusal("token_name", f"a token needs a name of 1 to {NAME_MAX} letters", field="name")
    if not given:
        raise Refusal("permissions", "a token without permissions serves nobody", field="permissions")
    check_gift(maker, given, locations)
    if ends_at is not None and (ends_at.tzinfo is None or ends_at <= tx.now):
        raise Refusal("ends_at", "a token's end needs its zone and lies ahead", field="ends_at")
    secret, id = new_token(), tx.ids.new()
    values = {
        "id": id,
        "name": name.strip(),
        "digest": digest(secret),
        "permissions": sorted(given),
        "user_id": maker.actor.removeprefix("user:") if maker.actor.startswith("user:") else None,
        "created_at": tx.now,
        "ends_at": ends_at,
    }
    rows.insert_token(tx, values, locations)
    _tell(tx, id, "TokenMade", {"permissions": sorted(given), "ends": ends_at.isoformat() if ends_at else ""})
    return MadeToken(id=id, name=name.strip(), secret=secret)


def end_token(tx: Tx, id: str) -> None:
    """From now on the token opens nothing. Refusal `token_unknown` if it is none, or has ended."""
    if not rows.end_tokens(tx, tables.token.c.id == id):
        raise Refusal("token_unknown", f"there is no token {id} that could be ended", field="token")
    _tell(tx, id, "TokenEnded", {})


def end_tokens_of(tx: Tx, user_id: str) -> int:
    """Ends every token that a user has made; how many there were."""
    ended = rows.end_tokens(tx, tables.token.c.user_id == user_id)
    events.append(tx, [Event(stream=f"token:{id}", kind="TokenEnded") for id in ended])
    return len(ended)


def check_gift(giver: Who, permissions: frozenset[Permission], locations: frozenset[str] | None) -> None:
    """Refusal `not_yours_to_give` for a permission or a location that the giver does not have."""
    beyond = sorted(permissions - giver.permissions)
    if beyond:
        raise Refusal(
            "not_yours_to_give",
            f"you cannot give what you may not do: {', '.join(beyond)}",
            field="permissions",
        )
    if giver.locations is not None and (locations is None or locations - giver.locations):
        here = ", ".join(sorted(giver.locations))
        raise Refusal("not_yours_to_give", f"you can only give: {here}", field="locations")


def _good(tx: Tx, which: ColumnElement[bool]) -> Borne | None:
    table, user = tables.token, tables.user
    columns = (*table.c, user.c.role, user.c.state, user.c.locations.label("theirs"))
    good = table.c.ended_at.is_(None) & (table.c.ends_at.is_(None) | (table.c.ends_at > tx.now))
    found = select(*columns).outerjoin(user, user.c.id == table.c.user_id)
    row = tx.row(found.where(which, good))
    if row is None or (row.user_id is not None and row.state != State.ACTIVE):
        return None
    return Borne(who=_who(row), stale=row.used_at is None or row.used_at <= tx.now - NOTED)


def _who(row: Any) -> Who:
    """The token's own permissions and locations, as far as its maker's reach now."""
    theirs = ROLES[Role(row.role)] if row.user_id is not None else EVERYTHING
    permissions = frozenset(Permission(one) for one in row.permissions if one in set(Permission)) & theirs
    own, makers = rows.bound(row.locations), rows.bound(row.theirs)
    locations = own if makers is None else makers if own is None else own & makers
    return Who(actor=f"token:{row.id}", name=row.name, permissions=permissions, locations=locations)


def _tell(tx: Tx, id: str, kind: str, body: dict[str, Any]) -> None:
    events.append(tx, [Event(stream=f"token:{id}", kind=kind, body=body)])
