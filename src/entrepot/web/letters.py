"""One dead letter: why it failed, what it says, and another content or another try."""

from functools import partial
from hashlib import sha256
from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from entrepot.access import Permission, Seated
from entrepot.connections import connection
from entrepot.db import Tx, letters
from entrepot.kernel import Refusal
from entrepot.web.desk import AnyRequest, Desk, away
from entrepot.web.form import Form
from entrepot.web.mask import masked, whole
from entrepot.web.troubles import what_failed

LETTER_MAX = 8 * 1024 * 1024
"""A delivery has 2 MB at most, and a form writes most letters of JSON as three."""


def screens(desk: Desk) -> list[HTTPRouteHandler]:
    """GET and POST /letters/{id}."""

    async def drawn(
        request: AnyRequest, seat: Seated, id: str, form: Form, *, status: int = 200
    ) -> Response[str]:
        bare = request.query_params.get("whole") == "yes" and seat.who.may(Permission.PEOPLE_READ)
        found = await desk.read(partial(_read, id=id, bare=bare))
        return await desk.show(request, seat, "letter.html", status=status, form=form, bare=bare, **found)

    @get("/letters/{id:str}", opt={"permission": Permission.LETTERS_READ})
    async def letter(request: AnyRequest, id: FromPath[str]) -> Response[str]:
        return await drawn(request, await desk.seat(request), id, Form())

    @post("/letters/{id:str}", opt={"permission": Permission.LETTERS_WRITE}, request_max_body_size=LETTER_MAX)
    async def edit(request: AnyRequest, id: FromPath[str]) -> Response[str] | Redirect:
        seat = await desk.seat(request)
        form = await desk.form(request, seat)
        held = await desk.read(lambda tx: letters.show(tx, id))
        if version(held.body) != form.one("version"):
            refusal = Refusal(
                "changed", "somebody changed it meanwhile", remedy="What it says now is below yours."
            )
            return await drawn(request, seat, id, form.refused(refusal), status=409)
        try:
            await desk.tell(seat, "letters.edit", {"id": id, "body": form.one("body")})
        except Refusal as refused:
            return await drawn(request, seat, id, form.refused(refused), status=422)
        return away("/letters", "It has its new content and is tried again.")

    return [letter, edit]


def version(body: str) -> str:
    """Tells one content from another."""
    return sha256(body.encode()).hexdigest()


def _read(tx: Tx, *, id: str, bare: bool) -> dict[str, Any]:
    try:
        found = letters.show(tx, id)
    except Refusal as refused:
        if refused.code == "letter_unknown":
            raise NotFoundException from None
        return {"found": None, "why": refused.why, "id": id}
    account = connection(tx, id=found.about) if found.what == "delivery" else None
    shown, hidden = (whole(found.body), False) if bare else masked(found.body)
    return {
        "found": found,
        "title": what_failed(found),
        "channel": account.name if account else "",
        "shown": shown,
        "hidden": hidden,
        "version": version(found.body),
        "id": id,
    }
