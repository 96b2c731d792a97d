"""Saved views: the filters that somebody has given a name, per person and screen."""

from functools import partial
from urllib.parse import parse_qsl, urlencode

import msgspec
from litestar import post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect
from sqlalchemy import delete, insert, select

from entrepot.access import Permission
from entrepot.db import Tx, tables
from entrepot.kernel import Refusal
from entrepot.web.desk import FORM_MAX, AnyRequest, Desk, away

NAME_MAX, QUERY_MAX, VIEWS_MAX = 40, 1_000, 20
_saved = tables.saved_view


class SavedView(msgspec.Struct, frozen=True, kw_only=True):
    """`query`: the filters as an address has them."""

    id: str
    name: str
    query: str


def views(tx: Tx, actor: str, screen: str) -> list[SavedView]:
    """Somebody's views of a screen, in the order in which they were saved."""
    mine = select(_saved).where(_saved.c.actor == actor, _saved.c.screen == screen)
    return [
        SavedView(id=row.id, name=row.name, query=row.query) for row in tx.rows(mine.order_by(_saved.c.id))
    ]


def save(tx: Tx, *, actor: str, screen: str, name: str, query: str) -> None:
    """Keeps a view; one of the same name is replaced. Refusal `name` or `too_many`."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= NAME_MAX or not name.isprintable():
        raise Refusal("name", f"a view needs a name of 1 to {NAME_MAX} letters", field="name")
    mine = (_saved.c.actor == actor) & (_saved.c.screen == screen)
    tx.run(delete(_saved).where(mine, _saved.c.name == name))
    if len(views(tx, actor, screen)) >= VIEWS_MAX:
        raise Refusal("too_many", f"there are {VIEWS_MAX} views already", remedy="Drop one first")
    tx.run(insert(_saved).values(id=tx.ids.new(), actor=actor, screen=screen, name=name, query=query,
                                 created_at=tx.now))  # fmt: skip


def drop(tx: Tx, actor: str, id: str) -> None:
    """Forgets one of somebody's views."""
    tx.run(delete(_saved).where(_saved.c.actor == actor, _saved.c.id == id))


def plain(query: str, names: frozenset[str]) -> str:
    """The filters of an address that a view keeps: neither where one had paged to nor anything unknown."""
    kept = [(name, value) for name, value in parse_qsl(query) if name in names and value]
    return urlencode(sorted(kept))[:QUERY_MAX]


def saving(desk: Desk, screen: str, names: frozenset[str], needs: Permission) -> list[HTTPRouteHandler]:
    """POST /{screen}/views and POST /{screen}/views/drop."""

    @post(f"/{screen}/views", opt={"permission": needs}, request_max_body_size=FORM_MAX)
    async def keep(request: AnyRequest) -> Redirect:
        seat = await desk.seat(request)
        form = await desk.form(request, seat)
        query, name = plain(form.one("query"), names), form.one("name")

        def work() -> None:
            kept = partial(save, actor=seat.who.actor, screen=screen, name=name, query=query)
            desk.hub.store.run(kept, source="web")

        try:
            await desk.run(work)
        except Refusal as refused:
            return away(f"/{screen}?{query}", f"{refused.why[:1].upper()}{refused.why[1:]}.", "bad")
        return away(f"/{screen}?{query}", "The view is saved.")

    @post(f"/{screen}/views/drop", opt={"permission": needs}, request_max_body_size=FORM_MAX)
    async def forget(request: AnyRequest) -> Redirect:
        seat = await desk.seat(request)
        form = await desk.form(request, seat)
        id = form.one("id")

        def work() -> None:
            desk.hub.store.run(lambda tx: drop(tx, seat.who.actor, id), source="web")

        await desk.run(work)
        return away(f"/{screen}", "The view is gone.")

    return [keep, forget]
