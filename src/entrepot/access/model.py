"""Permissions, the roles that bundle them, and who is asking."""

from datetime import datetime
from enum import StrEnum

import msgspec


class Permission(StrEnum):
    """What a route or a command needs. `read` looks, `write` changes; the others say what they are for."""

    STATUS_READ = "status.read"
    ORDERS_READ = "orders.read"
    ORDERS_WRITE = "orders.write"
    STOCK_READ = "stock.read"
    STOCK_WRITE = "stock.write"
    CATALOG_READ = "catalog.read"
    CATALOG_WRITE = "catalog.write"
    CHANNELS_READ = "channels.read"
    CHANNELS_WRITE = "channels.write"
    LETTERS_READ = "letters.read"  # deliveries as they came, people's data among them
    LETTERS_WRITE = "letters.write"
    EVENTS_READ = "events.read"
    PEOPLE_READ = "people.read"  # names and addresses of buyers
    PEOPLE_FORGET = "people.forget"
    ACCESS_READ = "access.read"  # users, roles, tokens, sessions
    ACCESS_WRITE = "access.write"


class Role(StrEnum):
    OWNER = "owner"
    OPERATIONS = "operations"
    STORE = "store"
    FINANCE = "finance"
    AUDITOR = "auditor"


_P = Permission

ROLES: dict[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission),
    Role.OPERATIONS: frozenset(Permission) - {_P.ACCESS_READ, _P.ACCESS_WRITE, _P.PEOPLE_FORGET},
    Role.STORE: frozenset(
        {_P.STATUS_READ, _P.ORDERS_READ, _P.STOCK_READ, _P.STOCK_WRITE, _P.CATALOG_READ, _P.PEOPLE_READ}
    ),
    Role.FINANCE: frozenset(
        {_P.STATUS_READ, _P.ORDERS_READ, _P.STOCK_READ, _P.CATALOG_READ, _P.CHANNELS_READ, _P.PEOPLE_READ}
    ),
    Role.AUDITOR: frozenset(
        {_P.STATUS_READ, _P.ORDERS_READ, _P.STOCK_READ, _P.CATALOG_READ, _P.CHANNELS_READ, _P.EVENTS_READ,
         _P.ACCESS_READ}
    ),
}  # fmt: skip
"""Role → what it may. Who works in a store is bound to locations besides (`Who.locations`)."""


EVERYTHING = frozenset(Permission)


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """Who is asking: a person in a session, or a program with a token. `actor` is what events keep:
    `user:<id>`, `token:<id>`; `name` what screens show. `locations`: codes of the only locations whose stock
    they may change; None: all."""

    actor: str
    name: str
    permissions: frozenset[Permission]
    locations: frozenset[str] | None = None

    def may(self, permission: Permission) -> bool:
        """Whether this needs no further question."""
        return permission in self.permissions


def at_command_line(login: str = "") -> Who:
    """Whoever types commands on the hub's own machine, by the name the system knows them under. The key file
    is theirs, so they may everything."""
    name = "".join(letter for letter in login if letter.isalnum() or letter in "._-")[:32]
    return Who(actor=f"cli:{name}" if name else "cli", name=name or "command line", permissions=EVERYTHING)


class Needs(StrEnum):
    """What a session still waits for before it lets anybody do anything."""

    NOTHING = ""
    TOTP = "totp"


class Seated(msgspec.Struct, frozen=True, kw_only=True):
    """An open session. `csrf` stands in every form and in the header x-csrf; `who` may nothing while it still
    `needs` something. `by_link`: a link of the command line opened it, so a new password needs no old one."""

    id: str
    user_id: str
    role: Role
    who: Who
    csrf: str
    ends_at: datetime
    needs: Needs = Needs.NOTHING
    by_link: bool = False
    stale: bool = False


class Borne(msgspec.Struct, frozen=True, kw_only=True):
    """A program's token that is good. `stale`: its last use was noted long ago."""

    who: Who
    stale: bool


class State(StrEnum):
    ACTIVE = "active"
    ENDED = "ended"


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A person of the house. `password` is its hash, '' for one who only comes in by a link. `totp_step`: the
    codes of this half minute and of those before it are used up."""

    id: str
    login: str
    name: str
    role: Role
    state: State
    password: str
    locations: frozenset[str] | None
    totp_on: bool
    totp_step: int
    failures: int
    locked_until: datetime | None

    def __repr__(self) -> str:
        return f"User({self.id})"

    @property
    def who(self) -> Who:
        """As whom they act."""
        permissions = ROLES[self.role] if self.state is State.ACTIVE else frozenset()
        return Who(actor=f"user:{self.id}", name=self.name, permissions=permissions, locations=self.locations)
