"""Channels: the accounts that are connected, the platforms that can be, and a form drawn from what each
declares."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect

from entrepot import places
from entrepot.access import Permission, Seated
from entrepot.connections import needed
from entrepot.connections.views import connections
from entrepot.contract import About, Setting
from entrepot.db import Tx
from entrepot.kernel import Refusal
from entrepot.web.desk import FORM_MAX, AnyRequest, Desk, away
from entrepot.web.form import Form
from entrepot.web.live import Live
from entrepot.web.past import moment

PREFIX = "setting"
CONNECTED = "Connected. Its orders come in; its stock is only observed until you switch it on."


def screens(desk: Desk, live: Live) -> list[HTTPRouteHandler]:
    """GET /channels, GET /platforms, GET and POST /platforms/{platform}."""

    @get("/channels", opt={"permission": Permission.CHANNELS_READ})
    async def channels(request: AnyRequest) -> Response[str]:
        seat = await desk.seat(request)
        status = await live.status()
        found = await desk.read(connections)
        synced = {one.name: one for one in status.connections}
        return await desk.show(
            request, seat, "channels.html", found=found, synced=synced, titles=_titles(desk)
        )

    return [channels, *_connecting(desk)]


def _connecting(desk: Desk) -> list[HTTPRouteHandler]:
    @get("/platforms", opt={"permission": Permission.CHANNELS_WRITE})
    async def platforms(request: AnyRequest) -> Response[str]:
        seat = await desk.seat(request)
        known = sorted(
            (channel.ABOUT for channel in desk.hub.channels.values()), key=lambda about: about.title
        )
        return await desk.show(request, seat, "platforms.html", known=known)

    @get("/platforms/{platform:str}", opt={"permission": Permission.CHANNELS_WRITE})
    async def connect(request: AnyRequest, platform: FromPath[str]) -> Response[str]:
        seat = await desk.seat(request)
        return await _form(desk, request, seat, about=about_of(desk, platform), form=Form())

    @post(
        "/platforms/{platform:str}",
        opt={"permission": Permission.CHANNELS_WRITE},
        request_max_body_size=FORM_MAX,
    )
    async def add(request: AnyRequest, platform: FromPath[str]) -> Response[str] | Redirect:
        seat, about = await desk.seat(request), about_of(desk, platform)
        form = await desk.form(request, seat)
        try:
            answer = await desk.tell(seat, "connection.add", _given(about, form))
        except Refusal as refused:
            said = at_setting(form, refused, about)
            return await _form(desk, request, seat, about=about, form=said, status=422)
        if "consent_at" in answer:
            return await desk.show(request, seat, "consent.html", answer=answer, about=about)
        return away(f"/channels/{answer['connection']}", CONNECTED)

    return [platforms, connect, add]


async def _form(
    desk: Desk, request: AnyRequest, seat: Seated, *, about: About, form: Form, status: int = 200
) -> Response[str]:
    """The form that a platform declares, empty or as it was refused."""
    return await desk.show(
        request,
        seat,
        "connect.html",
        status=status,
        about=about,
        form=form,
        locations=await desk.read(_locations),
        here_url=f"{request.url.scheme}://{request.url.netloc}",
        **ways_to_connect(about),
    )


def about_of(desk: Desk, platform: str) -> About:
    """What a platform is; 404 if there is none of that name."""
    channel = desk.hub.channels.get(platform)
    if channel is None:
        raise NotFoundException
    about: About = channel.ABOUT
    return about


def ways_to_connect(about: About) -> dict[str, Any]:
    """The fields of each way: by what a person types, and by consent at the platform."""
    typed = [one for one in about.settings if not one.filled_by_hub and not one.default]
    by_hand = needed(about, ["token"] if about.oauth else [])
    consented = needed(about, [], consent=True) if about.oauth else []
    more = [one for one in about.settings if one.default and not one.filled_by_hub]
    return {"typed": typed, "by_hand": by_hand, "consented": consented, "more": more}


def at_setting(form: Form, refused: Refusal, about: About) -> Form:
    """The form with a refusal at its field: a setting's stands under its prefix."""
    names = {one.name for one in about.settings}
    if refused.field in names and refused.code.startswith("setting"):
        field = f"{PREFIX}.{refused.field}"
        moved = Refusal(refused.code, refused.why, remedy=refused.remedy, field=field)
        return form.refused(moved, field)
    return form.refused(refused, "name", "since", "hub_url")


def settings_of(about: About, form: Form) -> dict[str, str]:
    """The settings that were filled in."""
    given = form.group(PREFIX)
    return {one.name: given[one.name] for one in about.settings if given.get(one.name, "").strip()}


def _given(about: About, form: Form) -> Mapping[str, Any]:
    since: datetime | None = moment(form.one("since")) if form.one("since").strip() else None
    return {
        "platform": about.name,
        "name": form.one("name").strip(),
        "settings": settings_of(about, form),
        "hub_url": form.one("hub_url").strip(),
        "locations": form.every("location"),
        "since": since.isoformat() if since else None,
        "consent": form.one("way") == "consent",
    }


def _locations(tx: Tx) -> list[tuple[str, str]]:
    return sorted((one.code, one.name) for one in places.load(tx).locations.values())


def _titles(desk: Desk) -> dict[str, str]:
    return {name: channel.ABOUT.title for name, channel in desk.hub.channels.items()}


def secret_names(settings: tuple[Setting, ...]) -> set[str]:
    """The settings that are never shown again."""
    return {one.name for one in settings if one.secret}
