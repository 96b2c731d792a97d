"""One's own account: password, authenticator app, open sessions."""

from collections.abc import Callable
from functools import partial
from typing import Any

import segno
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect
from markupsafe import Markup

from entrepot import access
from entrepot.access import Permission, Seated, User, passwords, totp, users, views
from entrepot.db import Tx
from entrepot.kernel import Refusal
from entrepot.web.desk import AnyRequest, away
from entrepot.web.form import Form
from entrepot.web.signing import FORM_MAX, Entrance

HERE = "/account"
ANYBODY = {"permission": Permission.STATUS_READ}
"""Every role has it."""


def screens(entrance: Entrance) -> list[HTTPRouteHandler]:
    """GET /account and what its forms do."""
    return [_page(entrance), _password(entrance), *_app(entrance), _app_off(entrance), *_sessions(entrance)]


async def shown(
    entrance: Entrance, request: AnyRequest, seat: Seated, *, form: Form | None = None, status: int = 200,
    codes: list[str] | None = None,
) -> Response[str]:  # fmt: skip
    """The page; `codes`: recovery codes, which are shown this once."""
    found = await entrance.desk.read(partial(_read, seat=seat))
    return await entrance.desk.show(
        request, seat, "account.html", status=status, form=form or Form(), codes=codes or [], **found
    )


def _page(entrance: Entrance) -> HTTPRouteHandler:
    @get(HERE, opt=ANYBODY)
    async def account(request: AnyRequest) -> Response[str]:
        return await shown(entrance, request, await entrance.desk.seat(request))

    return account


def _password(entrance: Entrance) -> HTTPRouteHandler:
    @post(f"{HERE}/password", opt=ANYBODY, request_max_body_size=FORM_MAX)
    async def change(request: AnyRequest) -> Response[str] | Redirect:
        seat = await entrance.desk.seat(request)
        form = await entrance.desk.form(request, seat)
        try:
            await entrance.slowly(partial(_change_password, entrance, seat, form))
        except Refusal as refused:
            said = form.refused(refused, "current", "password")
            return await shown(entrance, request, seat, form=said, status=422)
        return away(HERE, "You have a new password. Your other sessions have ended.")

    return change


def _app(entrance: Entrance) -> list[HTTPRouteHandler]:
    desk = entrance.desk

    @post(f"{HERE}/app", opt=ANYBODY, request_max_body_size=FORM_MAX)
    async def offer(request: AnyRequest) -> Redirect:
        seat = await desk.seat(request)
        await desk.form(request, seat)
        try:
            await desk.run(partial(_changed, entrance, seat, totp.offer_totp))
        except Refusal as refused:
            return _not_done(refused)
        return away(HERE)

    @post(f"{HERE}/app/confirm", opt=ANYBODY, request_max_body_size=FORM_MAX)
    async def confirm(request: AnyRequest) -> Response[str]:
        seat = await desk.seat(request)
        form = await desk.form(request, seat)
        try:
            confirm = partial(totp.confirm_totp, code=form.one("code"))
            codes = await desk.run(partial(_changed, entrance, seat, confirm))
        except Refusal as refused:
            said = form.refused(refused, "code")
            return await shown(entrance, request, seat, form=said, status=422)
        return await shown(entrance, request, seat, codes=codes)

    return [offer, confirm]


def _app_off(entrance: Entrance) -> HTTPRouteHandler:
    desk = entrance.desk

    @post(f"{HERE}/app/off", opt=ANYBODY, request_max_body_size=FORM_MAX)
    async def off(request: AnyRequest) -> Response[str] | Redirect:
        seat = await desk.seat(request)
        form = await desk.form(request, seat)
        try:
            await entrance.slowly(partial(access.prove, entrance.store, seat, form.one("proof")))
        except Refusal as refused:
            said = form.refused(Refusal(refused.code, refused.why, field="proof"), "proof")
            return await shown(entrance, request, seat, form=said, status=422)
        await desk.run(partial(_changed, entrance, seat, totp.turn_totp_off))
        return away(HERE, "No code is asked for any more.")

    return off


def _sessions(entrance: Entrance) -> list[HTTPRouteHandler]:
    desk = entrance.desk

    @post(f"{HERE}/sessions/end", opt=ANYBODY, request_max_body_size=FORM_MAX)
    async def end(request: AnyRequest) -> Redirect:
        seat = await desk.seat(request)
        form = await desk.form(request, seat)
        ending = partial(access.end_session, id=form.one("session"), user_id=seat.user_id)
        try:
            await desk.run(partial(entrance.store.run, ending, actor=seat.who.actor, source="web"))
        except Refusal as refused:
            return _not_done(refused)
        return away(HERE, "The session has ended.")

    @post(f"{HERE}/sessions/others", opt=ANYBODY, request_max_body_size=FORM_MAX)
    async def others(request: AnyRequest) -> Redirect:
        seat = await desk.seat(request)
        await desk.form(request, seat)
        ending = partial(access.end_others, user_id=seat.user_id, but=seat.id)
        await desk.run(partial(entrance.store.run, ending, actor=seat.who.actor, source="web"))
        return away(HERE, "Your other sessions have ended.")

    return [end, others]


def _not_done(refused: Refusal) -> Redirect:
    return away(HERE, Form().refused(refused).errors[""], "bad")


def _read(tx: Tx, *, seat: Seated) -> dict[str, Any]:
    user = access.known(tx, seat.user_id)
    secret = totp.offered(tx, user)
    return {
        "user": user,
        "sessions": views.sessions(tx, user.id),
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)) if secret else "",
        "drawn": _drawn(totp.address(secret, user.login)) if secret else "",
    }


def _drawn(address: str) -> Markup:
    """A QR code as SVG, dark on light in either theme: an app must be able to read it."""
    code = segno.make(address, error="m")
    return Markup(code.svg_inline(scale=5, border=4, dark="#000", light="#fff"))  # noqa: S704 - drawn, not typed


def _change_password(entrance: Entrance, seat: Seated, form: Form) -> None:
    """Refusal `password`, or as `access.prove`."""
    if form.one("password") != form.one("again"):
        raise Refusal("password", "the two passwords differ", field="password")
    held = access.prove(entrance.store, seat, form.one("current"))
    passwords.check_password(form.one("password"), held.login)
    kept = passwords.hash_password(form.one("password"))
    _changed(entrance, seat, partial(users.set_password, password=kept, session=seat.id))


def _changed(entrance: Entrance, seat: Seated, change: Callable[[Tx, User], Any]) -> Any:
    """Does something to the own account."""

    def work(tx: Tx) -> Any:
        return change(tx, access.known(tx, seat.user_id))

    return entrance.store.run(work, actor=seat.who.actor, source="web")
