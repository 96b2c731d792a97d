"""People and tokens: who may come in and what they may do, for those who may see it and those who may change
it."""

from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from entrepot import places
from entrepot.access import ROLES, Permission, Role, Seated, views
from entrepot.db import Tx
from entrepot.kernel import Refusal
from entrepot.web.desk import AnyRequest, Desk
from entrepot.web.form import Form
from entrepot.web.signing import FORM_MAX

HERE = "/people"
SEE, CHANGE = {"permission": Permission.ACCESS_READ}, {"permission": Permission.ACCESS_WRITE}

CLICKS = {
    "user.role": "The role counts from now on.",
    "user.end": "They are let in no more.",
    "user.unlock": "They need not wait any longer.",
    "token.end": "The token opens nothing any more.",
}
"""Commands that a small form of the page gives → what is said when they are done."""


def screens(desk: Desk) -> list[HTTPRouteHandler]:
    """GET /people and what its forms do."""

    @get(HERE, opt=SEE)
    async def people(request: AnyRequest) -> Response[str]:
        return await shown(desk, request, await desk.seat(request))

    return [people, *_forms(desk), _click(desk)]


def _forms(desk: Desk) -> list[HTTPRouteHandler]:
    @post(f"{HERE}/invite", opt=CHANGE, request_max_body_size=FORM_MAX)
    async def invite(request: AnyRequest) -> Response[str]:
        seat = await desk.seat(request)
        form = await desk.form(request, seat)
        given = {
            "login": form.one("login"),
            "name": form.one("name"),
            "role": form.one("role"),
            "locations": form.every("locations"),
        }
        return await _told(desk, request, seat, form=form, command="user.invite", given=given)

    @post(f"{HERE}/token", opt=CHANGE, request_max_body_size=FORM_MAX)
    async def token(request: AnyRequest) -> Response[str]:
        seat = await desk.seat(request)
        form = await desk.form(request, seat)
        ends = form.one("ends_at")
        given = {
            "name": form.one("token_name"),
            "permissions": form.every("permissions"),
            "locations": form.every("token_locations"),
            "ends_at": f"{ends}T00:00:00Z" if ends else None,
        }
        return await _told(desk, request, seat, form=form, command="token.make", given=given)

    return [invite, token]


async def shown(
    desk: Desk, request: AnyRequest, seat: Seated, *, form: Form | None = None, status: int = 200,
    made: dict[str, Any] | None = None,
) -> Response[str]:  # fmt: skip
    """The page; `made`: a link or a token, which is shown this once."""
    found = await desk.read(_read)
    home = f"{request.url.scheme}://{request.url.netloc}"
    return await desk.show(
        request, seat, "people.html", status=status, form=form or Form(), made=made or {}, home=home,
        roles=ROLES, permissions=list(Permission), may_change=seat.who.may(Permission.ACCESS_WRITE),
        **found,
    )  # fmt: skip


def _click(desk: Desk) -> HTTPRouteHandler:
    @post(f"{HERE}/do/{{command:str}}", opt=CHANGE, request_max_body_size=FORM_MAX)
    async def do(request: AnyRequest, command: FromPath[str]) -> Redirect:
        seat = await desk.seat(request)
        form = await desk.form(request, seat)
        if command not in CLICKS:
            raise NotFoundException
        given: dict[str, Any] = {name: form.one(name) for name in form.values if name != "csrf"}
        if command == "user.role":
            given["locations"] = form.every("locations")
        return await desk.act(seat, command, given, to=HERE, said=CLICKS[command])

    return do


async def _told(
    desk: Desk, request: AnyRequest, seat: Seated, *, form: Form, command: str, given: dict[str, Any]
) -> Response[str]:
    """Gives a command whose answer is shown this once, on the page itself: no cookie carries it."""
    fields = {"name": "token_name", "locations": "token_locations"} if command == "token.make" else {}
    try:
        made = await desk.tell(seat, command, given)
    except Refusal as refused:
        field = refused.field.partition("[")[0]
        named = Refusal(refused.code, refused.why, remedy=refused.remedy, field=fields.get(field, field))
        said = form.refused(named, *given, *fields.values())
        return await shown(desk, request, seat, form=said, status=422)
    return await shown(desk, request, seat, made=made)


def _read(tx: Tx) -> dict[str, Any]:
    here = places.load(tx).locations.values()
    return {
        "users": views.users(tx),
        "invited": views.invitations(tx),
        "tokens": views.tokens(tx),
        "locations": sorted(location.code for location in here),
        "role_names": list(Role),
    }
