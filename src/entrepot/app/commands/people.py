"""Users, tokens, sessions, and the forgetting of buyers, as commands. Nobody gives what they do not hold: who
gives the command is looked up in its own transaction."""

from datetime import datetime

import msgspec

from entrepot import access, connections, customers, orders, places, sync
from entrepot.access import Permission, Role, links, users
from entrepot.app.commands.arguments import Answer, Command
from entrepot.app.wiring import Hub
from entrepot.db import Event, Tx, events, jobs
from entrepot.kernel import Refusal


class Invite(Command, frozen=True):
    """Makes a link with which somebody becomes a user. `locations`: of who works in a store."""

    login: str
    name: str
    role: str
    locations: list[str] = msgspec.field(default_factory=list)


class SetRole(Command, frozen=True):
    """Gives a user (id or login) another role; it counts at once."""

    user: str
    role: str
    locations: list[str] = msgspec.field(default_factory=list)


class EndUser(Command, frozen=True):
    """Lets a user in no more; their sessions and tokens end with them."""

    user: str


class UnlockUser(Command, frozen=True):
    """Forgets a user's wrong passwords."""

    user: str


class LoginLink(Command, frozen=True):
    """Makes a link that signs a user in once, within an hour, without password and code."""

    user: str


class EndSession(Command, frozen=True):
    """Ends a session of anybody."""

    session: str


class MakeToken(Command, frozen=True):
    """Makes a program's token, which is answered this once. `locations`: the only ones whose stock it may
    change (none: all)."""

    name: str
    permissions: list[str]
    locations: list[str] = msgspec.field(default_factory=list)
    ends_at: datetime | None = None


class EndToken(Command, frozen=True):
    """From now on a token opens nothing."""

    token: str


class Forget(Command, frozen=True):
    """Makes what is held of a buyer unreadable: of a person by id, or of who placed an `order`
    ("connection/number"). All orders of the same buyer are meant, unless `only` this one."""

    person: str = ""
    order: str = ""
    only: bool = False


def forget(tx: Tx, _hub: Hub, command: Forget) -> Answer:
    if bool(command.person) == bool(command.order):
        raise Refusal("person", "name a person or an order, one of the two", field="person")
    person_id = command.person or _who_placed(tx, command.order)
    same = customers.alike(tx, person_id)
    ids = [person_id] if command.only else same
    theirs = orders.orders_of(tx, ids)
    search = sync.Search(orders=theirs, traces=customers.traces(tx, ids))
    customers.forget(tx, ids)
    jobs.enqueue(tx, [sync.search_job(person_id, search)])
    events.append(tx, [Event(stream=f"person:{id}", kind="PersonForgotten") for id in ids])
    return {"people": ids, "orders": sum(map(len, theirs.values()))}


def _who_placed(tx: Tx, order: str) -> str:
    name, slash, number = order.partition("/")
    if not slash:
        raise Refusal("order", "an order is written CONNECTION/NUMBER", field="order")
    return orders.person_of(tx, connections.named(tx, name).id, number)


def invite(tx: Tx, _hub: Hub, command: Invite) -> Answer:
    role, locations = _role(command.role), _locations(tx, command.locations)
    login = command.login.strip().lower()
    secret = links.invite(tx, users.who_acts(tx), login, name=command.name, role=role, locations=locations)
    return {"login": login, "role": role, "link": f"/login/{secret}"}


def set_role(tx: Tx, _hub: Hub, command: SetRole) -> Answer:
    role, locations = _role(command.role), _locations(tx, command.locations)
    user = users.change_role(tx, users.who_acts(tx), command.user, role=role, locations=locations)
    return {"user": user.id, "login": user.login, "role": user.role}


def end_user(tx: Tx, _hub: Hub, command: EndUser) -> Answer:
    user = users.end_user(tx, users.who_acts(tx), command.user)
    return {"user": user.id, "login": user.login, "state": user.state}


def unlock(tx: Tx, _hub: Hub, command: UnlockUser) -> Answer:
    user = users.unlock(tx, command.user)
    return {"user": user.id, "login": user.login}


def login_link(tx: Tx, _hub: Hub, command: LoginLink) -> Answer:
    """Whoever lets somebody in without a password could be them: only an owner's machine may."""
    if not tx.actor.startswith("cli"):
        raise Refusal(
            "forbidden", "only the command line makes such links", remedy="entrepot login-link LOGIN"
        )
    user = access.known(tx, command.user)
    return {"user": user.id, "login": user.login, "link": f"/login/{links.enter_link(tx, user)}"}


def end_session(tx: Tx, _hub: Hub, command: EndSession) -> Answer:
    access.end_session(tx, command.session)
    return {"session": command.session}


def make_token(tx: Tx, _hub: Hub, command: MakeToken) -> Answer:
    made = access.make_token(
        tx,
        users.who_acts(tx),
        command.name,
        _permissions(command.permissions),
        locations=_locations(tx, command.locations),
        ends_at=command.ends_at,
    )
    return {"id": made.id, "name": made.name, "token": made.secret}


def end_token(tx: Tx, _hub: Hub, command: EndToken) -> Answer:
    access.end_token(tx, command.token)
    return {"token": command.token}


def _role(word: str) -> Role:
    if word not in list(Role):
        raise Refusal("role", f"roles are {', '.join(Role)}", field="role")
    return Role(word)


def _permissions(words: list[str]) -> list[Permission]:
    wrong = [word for word in words if word not in list(Permission)]
    if wrong:
        raise Refusal(
            "permissions",
            f"{wrong[0]!r} is no permission; they are {', '.join(Permission)}",
            field=f"permissions[{words.index(wrong[0])}]",
        )
    return [Permission(word) for word in words]


def _locations(tx: Tx, codes: list[str]) -> frozenset[str] | None:
    """Codes of locations that exist; None if none are named. Refusal `location_unknown`."""
    here = places.load(tx) if codes else None
    return frozenset(here.location(code).code for code in codes) if here else None
