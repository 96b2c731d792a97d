"""Who may do what: every route with the permission it needs, and what each role is answered."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from litestar import Litestar

from entrepot import web
from entrepot.access import ROLES, Role
from entrepot.api import door
from tests.api.programs import TOKEN, Program
from tests.web.shop import Shop

NEEDS = {
    "GET /orders": "orders.read",
    "GET /orders/{order}": "orders.read",
    "GET /orders/{order}/people": "people.read",
    "GET /exceptions": "orders.read",
    "POST /sellers": "channels.write",
    "POST /orders": "orders.write",
    "POST /orders/{order}/cancellations": "orders.write",
    "POST /orders/{order}/payments": "orders.write",
    "POST /orders/{order}/shipments": "orders.write",
    "POST /orders/{order}/hand-overs": "orders.write",
    "POST /orders/{order}/readings": "orders.write",
    "POST /orders/{order}/lines/{line}/sources": "orders.write",
    "POST /orders/{order}/lines/{line}/surrenders": "orders.write",
    "GET /exceptions/{exception}/remedies": "orders.read",
    "POST /exceptions/{exception}/acceptances": "orders.write",
    "POST /exceptions/{exception}/reopenings": "orders.write",
    "GET /stock": "stock.read",
    "GET /stock/{sku}": "stock.read",
    "GET /stock/{sku}/history": "stock.read",
    "GET /moves": "stock.read",
    "GET /reservations": "stock.read",
    "GET /slots": "stock.read",
    "POST /receipts": "stock.write",
    "POST /adjustments": "stock.write",
    "POST /counts": "stock.write",
    "POST /imports": "stock.write",
    "GET /holds": "stock.read",
    "POST /holds": "orders.write",
    "GET /holds/{hold}": "stock.read",
    "POST /holds/{hold}/extensions": "orders.write",
    "POST /holds/{hold}/releases": "orders.write",
    "POST /moves": "stock.write",
    "POST /set-asides": "stock.write",
    "POST /put-backs": "stock.write",
    "GET /transfers": "stock.read",
    "POST /transfers": "stock.write",
    "GET /transfers/{transfer}": "stock.read",
    "POST /transfers/{transfer}/arrivals": "stock.write",
    "GET /skus": "catalog.read",
    "POST /skus": "catalog.write",
    "GET /skus/{sku}": "catalog.read",
    "PUT /skus/{sku}": "catalog.write",
    "GET /skus/{sku}/recipe": "catalog.read",
    "PUT /skus/{sku}/recipe": "catalog.write",
    "GET /listings": "catalog.read",
    "GET /connections/{connection}/listings/{item}": "catalog.read",
    "PUT /connections/{connection}/listings/{item}": "catalog.write",
    "GET /locations": "catalog.read",
    "POST /locations": "catalog.write",
    "GET /connections": "channels.read",
    "POST /connections": "channels.write",
    "GET /connections/{connection}": "channels.read",
    "POST /connections/{connection}/renewals": "channels.write",
    "GET /connections/{connection}/flows/{flow}": "channels.read",
    "PUT /connections/{connection}/flows/{flow}": "channels.write",
    "GET /connections/{connection}/places/{external}": "channels.read",
    "PUT /connections/{connection}/places/{external}": "channels.write",
    "GET /letters": "letters.read",
    "GET /letters/{letter}": "letters.read",
    "POST /letters/{letter}/edits": "letters.write",
    "POST /letters/replays": "letters.write",
    "GET /events": "events.read",
    "GET /events/stream": "events.read",
    "GET /tokens": "access.read",
    "POST /tokens": "access.write",
    "POST /tokens/{token}/endings": "access.write",
    "GET /status": "status.read",
    "GET /verify": "status.read",
    "GET /openapi.json": "",
    "POST /commands/{name}": "of the command",
}
"""Every route of the door, and its permission; '' is open to everybody."""

MAY = {
    Role.OWNER: {
        "orders.read", "people.read", "stock.read", "stock.write", "catalog.read", "catalog.write",
        "channels.read", "channels.write", "letters.read", "letters.write", "status.read", "orders.write",
        "events.read", "access.read", "access.write",
    },
    Role.OPERATIONS: {
        "orders.read", "people.read", "stock.read", "stock.write", "catalog.read", "catalog.write",
        "channels.read", "channels.write", "letters.read", "letters.write", "status.read", "orders.write",
        "events.read",
    },
    Role.STORE: {"orders.read", "people.read", "stock.read", "stock.write", "catalog.read", "status.read"},
    Role.FINANCE: {
        "orders.read", "people.read", "stock.read", "catalog.read", "channels.read", "status.read"
    },
    Role.AUDITOR: {
        "orders.read", "stock.read", "catalog.read", "channels.read", "events.read", "status.read",
        "access.read",
    },
}  # fmt: skip
"""Of the permissions that routes need, those that a role has."""


@pytest.fixture(scope="module")
def roles(hour: Shop, reader: Program) -> dict[Role, Program]:
    """A program for each role, with a token that has the role's permissions."""
    found = {}
    for role in Role:
        permissions = [str(one) for one in ROLES[role]]
        made = hour.tell("token.make", name=str(role), permissions=permissions)
        found[role] = Program(reader.client, made["token"])
    return found


def served(app: Litestar) -> Iterator[tuple[str, Any]]:
    """('GET /path', handler) of everything that the whole application answers under /api."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            path = route.path_format.removeprefix("/api/v1")
            if route.path_format.startswith("/api"):
                yield from ((f"{one} {path}", handler) for one in handler.http_methods if one != "OPTIONS")


def test_every_route_names_its_permission(hour: Shop) -> None:
    app = web.make_app(hour.hub, token=TOKEN, doors=[door(hour.hub, TOKEN)])
    found = {name: str(handler.opt["permission"] or "") for name, handler in served(app)}
    assert found == NEEDS
    assert [name for name, handler in served(app) if handler.opt.get("open")] == ["GET /openapi.json"]


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("route", [one for one in NEEDS if one not in {"GET /events/stream", "GET /verify"}])
def test_each_role_is_answered_as_its_permissions_say(
    roles: dict[Role, Program], role: Role, route: str
) -> None:
    """What is asked names nothing that exists, so that nothing is done: 404, 422 or 428 is past the guard."""
    method, path = route.split()
    asked = path
    asked = re.sub(r"{\w+}", "none", asked)
    answer = roles[role].ask(method, asked, **({} if method == "GET" else {"json": {"colour": "red"}}))
    needed = NEEDS[route]
    if needed in ("", "of the command") or needed in MAY[role]:
        assert answer.status_code in (200, 404, 422, 428)
    else:
        assert [answer.status_code, answer.json()["code"]] == [403, "forbidden"]


def test_everybody_may_read_the_document(reader: Program) -> None:
    assert Program(reader.client, "").ask("GET", "/openapi.json").status_code == 200


def test_the_table_of_roles_is_about_every_permission_that_routes_need() -> None:
    assert MAY[Role.OWNER] | {"", "of the command"} >= set(NEEDS.values())
