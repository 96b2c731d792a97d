"""`entrepot people` and `entrepot tokens`: who may come in, what they may do, and the links that let them."""

from typing import Annotated

import typer

from entrepot import access
from entrepot.access import ROLES, Permission, Role, links, views
from entrepot.app.home import read_notice, running
from entrepot.cli.showing import Json, emit, moment, note, read, settings, show, table, tell, when
from entrepot.db import Store, Tx

people = typer.Typer(no_args_is_help=True, help="Who may come in, and what they may do there.")
tokens = typer.Typer(no_args_is_help=True, help="What programs come in with.")

User = Annotated[str, typer.Argument(metavar="USER", help="Login or id.")]
RoleWord = Annotated[str, typer.Argument(metavar="ROLE", help=f"One of: {', '.join(Role)}.")]
Locations = Annotated[
    list[str] | None,
    typer.Option("--location", metavar="CODE", help="Of who works in a store; may be given again."),
]
DEMO = "demo"


def add_to(app: typer.Typer) -> None:
    """Adds both groups, and the command that makes a link."""
    app.add_typer(people, name="people")
    app.add_typer(tokens, name="tokens")
    app.command("login-link")(login_link)


@people.command("list")
def list_people(*, json: Json = False) -> None:
    """Every user, and who was invited and has not come yet."""
    users, invited = read(lambda tx: (views.users(tx), views.invitations(tx)))
    if json:
        emit({"users": users, "invited": invited})
        return
    table("", ["login", "name", "role", "locations", "state", "code", "last seen (UTC)"],
          [[one.login, one.name, one.role, ", ".join(one.locations or ()) or "all", _state(one),
            "yes" if one.totp else "no", when(one.seen_at)] for one in users])  # fmt: skip
    for one in invited:
        note(f"{one.login} was invited as {one.role}; the link works until {when(one.until)} UTC")


@people.command("roles")
def list_roles(*, json: Json = False) -> None:
    """What each role may do."""
    if json:
        emit({"roles": {role: sorted(permissions) for role, permissions in ROLES.items()}})
        return
    rows = [[one, *("yes" if one in ROLES[role] else "" for role in Role)] for one in Permission]
    table("", ["permission", *Role], rows)


@people.command("invite")
def invite(
    login: Annotated[str, typer.Argument(metavar="LOGIN", help="What they sign in with.")],
    role: RoleWord,
    *,
    name: Annotated[str, typer.Option(help="What they are called (the login).")] = "",
    location: Locations = None,
    json: Json = False,
) -> None:
    """Makes a link with which somebody becomes a user; it works once, within three days."""
    answer = tell("user.invite", login=login, name=name or login, role=role, locations=location or [])
    _show_link(answer, f"{answer['login']} becomes a user with the role {answer['role']} at", as_json=json)


@people.command("role")
def set_role(user: User, role: RoleWord, *, location: Locations = None, json: Json = False) -> None:
    """Gives a user another role; it counts at once."""
    answer = tell("user.role", user=user, role=role, locations=location or [])
    show(answer, f"{answer['login']} has the role {answer['role']}", as_json=json)


@people.command("end")
def end_user(user: User, *, json: Json = False) -> None:
    """Lets a user in no more; their sessions and tokens end with them."""
    answer = tell("user.end", user=user)
    show(answer, f"{answer['login']} is let in no more", as_json=json)


@people.command("unlock")
def unlock(user: User, *, json: Json = False) -> None:
    """Forgets a user's wrong passwords: they need not wait any longer."""
    answer = tell("user.unlock", user=user)
    show(answer, f"{answer['login']} need not wait", as_json=json)


@people.command("forget")
def forget(
    person: Annotated[str, typer.Argument(metavar="[ID]", help="Of a person, as an order names it.")] = "",
    *,
    order: Annotated[str, typer.Option(metavar="CONNECTION/NUMBER", help="Whoever placed this order.")] = "",
    only: Annotated[bool, typer.Option("--only", help="Not the buyer's other orders.")] = False,
    json: Json = False,
) -> None:
    """Makes what is held of a buyer unreadable for good: name, addresses, mail, telephone, deliveries.

    Orders, moves and events stay. The running hub clears its deliveries within a minute or so.
    """
    answer = tell("people.forget", person=person, order=order, only=only)
    show(answer, f"Forgotten: the people of {answer['orders']} orders", as_json=json)


def login_link(user: User, *, json: Json = False) -> None:
    """A link that signs a user in once, within an hour, without password and code. For whoever has lost
    them: it asks for a new password then."""
    answer = tell("user.link", user=user)
    _show_link(answer, f"{answer['login']} is signed in at", as_json=json)


@tokens.command("list")
def list_tokens(*, json: Json = False) -> None:
    """Every token, without what it is borne as."""
    found = read(views.tokens)
    if json:
        emit({"tokens": found})
        return
    table("", ["id", "name", "may", "locations", "made by", "last used (UTC)", "ends (UTC)"],
          [[one.id, one.name, ", ".join(one.permissions), ", ".join(one.locations or ()) or "all",
            one.maker or "command line", when(one.used_at), _ends(one)] for one in found])  # fmt: skip


@tokens.command("make")
def make_token(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the program that bears it.")],
    permissions: Annotated[
        list[str], typer.Argument(metavar="PERMISSION...", help="As `entrepot people roles` names them.")
    ],
    *,
    location: Locations = None,
    ends: Annotated[
        str, typer.Option(metavar="TIME", help="From then on it opens nothing (never). ISO 8601, UTC.")
    ] = "",
    json: Json = False,
) -> None:
    """Makes a token and shows it, this once."""
    answer = tell(
        "token.make",
        name=name,
        permissions=permissions,
        locations=location or [],
        ends_at=moment(ends, "--ends").isoformat() if ends else None,
    )
    show(answer, f"{answer['token']}\nIt is not shown again. Its id is {answer['id']}", as_json=json)


@tokens.command("end")
def end_token(
    token: Annotated[str, typer.Argument(metavar="ID", help="As `entrepot tokens list` names it.")],
    *,
    json: Json = False,
) -> None:
    """From now on a token opens nothing."""
    answer = tell("token.end", token=token)
    show(answer, f"{answer['token']} opens nothing any more", as_json=json)


def way_in(store: Store, url: str) -> str:
    """What a hub that starts says of how to come in: the first owner's link, or where to sign in."""

    def work(tx: Tx) -> str:
        return "" if access.any_user(tx) else links.first_link(tx)

    secret = store.run(work, actor="cli", source="command line")
    if secret:
        return f"Make yourself its owner, once, with {url}/login/{secret}"
    return f"Sign in at {url}/sign-in, or with a link of `entrepot login-link LOGIN`"


def demo_link(store: Store) -> str:
    """The path of a link that lets one in as the owner of a demo."""

    def work(tx: Tx) -> str:
        owner = links.made(tx, DEMO, name="Demo", role=Role.OWNER)
        return links.enter_link(tx, owner)

    return f"/login/{store.run(work, actor='cli', source='demo')}"


def _show_link(answer: dict[str, str], said: str, *, as_json: bool) -> None:
    """An answer's link, whole, on a line of its own."""
    here = settings()
    notice = read_notice(here.home) if running(here.home) else None
    url = f"{here.url or (notice.url if notice else here.hub_url)}{answer['link']}"
    if as_json:
        emit(answer | {"link": url})
    else:
        typer.echo(f"{said}\n\n{url}\n")


def _state(one: views.UserRow) -> str:
    return f"locked until {when(one.locked_until)}" if one.locked_until else one.state


def _ends(one: views.TokenRow) -> str:
    if one.ended_at:
        return f"ended {when(one.ended_at)}"
    return when(one.ends_at) if one.ends_at else "never"
