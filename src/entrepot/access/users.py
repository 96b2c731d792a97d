"""What becomes of users: another role, an end, a lock that is lifted, a new password."""

import re

from entrepot.access import rows, sessions, tokens
from entrepot.access.model import ROLES, Role, State, User, Who, at_command_line
from entrepot.db import Event, Tx, events, tables
from entrepot.kernel import Refusal

LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,63}")
NAME_MAX = 80
NOBODY = Who(actor="", name="", permissions=frozenset(), locations=frozenset())


def who_acts(tx: Tx) -> Who:
    """Whoever gave the command that this transaction does, with what they may at this very moment."""
    kind, _, id = tx.actor.partition(":")
    if kind == "user":
        user = rows.user(tx, id=id)
        return user.who if user else NOBODY
    if kind == "token":
        found = tokens.bearer(tx, id)
        return found or NOBODY
    return at_command_line(id) if kind == "cli" else NOBODY


def change_role(
    tx: Tx, giver: Who, user: str, *, role: Role, locations: frozenset[str] | None = None
) -> User:
    """Gives a user another role; it counts for their open sessions at once. Refusal `user_unknown`,
    `user_ended`, `locations`, `not_yours_to_give`, `last_owner`."""
    owners = rows.owners(tx)
    held = rows.known(tx, user)
    check_locations(role, locations)
    tokens.check_gift(giver, ROLES[role] | ROLES[held.role], locations)
    if held.state is not State.ACTIVE:
        raise Refusal("user_ended", f"{held.login} was ended", field="user")
    if role is not Role.OWNER:
        _check_owner_stays(owners, held)
    rows.set_role(tx, held.id, role, locations)
    _tell(tx, held.id, "RoleChanged", {"before": held.role, "role": role})
    return rows.known(tx, held.id)


def end_user(tx: Tx, giver: Who, user: str) -> User:
    """Lets a user in no more: their sessions, tokens and links end with them. Refusal `user_unknown`,
    `not_yours_to_give`, `last_owner`. Twice is once."""
    owners = rows.owners(tx)
    held = rows.known(tx, user)
    tokens.check_gift(giver, ROLES[held.role], giver.locations)
    if held.state is State.ACTIVE:
        _check_owner_stays(owners, held)
        rows.change_user(tx, held.id, state=State.ENDED, totp=None, totp_on=False)
        rows.set_recovery(tx, held.id, [])
        _tell(tx, held.id, "UserEnded", {})
    sessions.end_others(tx, held.id)
    tokens.end_tokens_of(tx, held.id)
    rows.drop_invitations(tx, tables.invitation.c.user_id == held.id)
    return rows.known(tx, held.id)


def unlock(tx: Tx, user: str) -> User:
    """Forgets the wrong passwords of a user."""
    held = rows.known(tx, user)
    rows.change_user(tx, held.id, failures=0, locked_until=None)
    _tell(tx, held.id, "UserUnlocked", {})
    return rows.known(tx, held.id)


def set_password(tx: Tx, user: User, password: str, *, session: str = "") -> None:
    """Keeps the hash of a new password, and ends every session but this one."""
    rows.change_user(
        tx, user.id, password=password, password_changed_at=tx.now, failures=0, locked_until=None
    )
    _tell(tx, user.id, "PasswordChanged", {})
    sessions.end_others(tx, user.id, but=session)


def check_login(login: str) -> None:
    """Refusal `login`."""
    if not LOGIN.fullmatch(login):
        raise Refusal("login", "a login has 2 to 64 small letters, digits and . _ @ + -", field="login")


def check_name(name: str) -> None:
    """Refusal `name`."""
    if not 0 < len(name.strip()) <= NAME_MAX or not name.isprintable():
        raise Refusal("name", f"a name has 1 to {NAME_MAX} letters", field="name")


def check_locations(role: Role, locations: frozenset[str] | None) -> None:
    """Refusal `locations`: who works in a store is bound to one or more locations, nobody else is."""
    if (role is Role.STORE) != bool(locations):
        said = "name the locations of somebody who works in a store"
        raise Refusal("locations", said if role is Role.STORE else "only the role store has locations",
                      field="locations")  # fmt: skip


def _check_owner_stays(owners: list[str], held: User) -> None:
    if owners == [held.id]:
        raise Refusal(
            "last_owner",
            f"{held.login} is the last owner",
            remedy="Make somebody else an owner first",
            field="user",
        )


def _tell(tx: Tx, id: str, kind: str, body: dict[str, str]) -> None:
    events.append(tx, [Event(stream=f"user:{id}", kind=kind, body=body)])
