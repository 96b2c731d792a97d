"""Who may do what: people, their roles and sessions, programs and their tokens."""

from entrepot.access import links, passwords, totp, users, views
from entrepot.access.locks import Locks
from entrepot.access.model import (
    EVERYTHING,
    ROLES,
    Needs,
    Permission,
    Role,
    Seated,
    State,
    User,
    Who,
    at_command_line,
)
from entrepot.access.rows import any_user, known, reseal
from entrepot.access.sessions import end_others, end_session, leave, open_session, sits, who_sits
from entrepot.access.sign_in import Visit, give_code, prove, sign_in
from entrepot.access.tokens import bears, end_token, make_token, who_bears

__all__ = [
    "EVERYTHING",
    "ROLES",
    "Locks",
    "Needs",
    "Permission",
    "Role",
    "Seated",
    "State",
    "User",
    "Visit",
    "Who",
    "any_user",
    "at_command_line",
    "bears",
    "end_others",
    "end_session",
    "end_token",
    "give_code",
    "known",
    "leave",
    "links",
    "make_token",
    "open_session",
    "passwords",
    "prove",
    "reseal",
    "sign_in",
    "sits",
    "totp",
    "users",
    "views",
    "who_bears",
    "who_sits",
]
