"""The doors of the emulated Shopify: GraphQL by version, OAuth, and the files of bulk operations."""

from datetime import datetime

from entrepot.channels.kit.emulate import Request, reply
from entrepot.channels.shopify.emulator_cost import Points
from entrepot.channels.shopify.emulator_grants import Grants, asked_of
from entrepot.channels.shopify.emulator_graph import answer
from entrepot.channels.shopify.emulator_state import State
from entrepot.contract import Response

SERVED = ("2026-01", "2026-04", "2026-07", "2026-10")
"""Versions kept in November 2026; an older one is answered by the first of them."""


class Doors:
    """What answers a call."""

    def __init__(self, state: State, grants: Grants, *, points: Points) -> None:
        self._state, self._grants, self.points = state, grants, points
        self.served: tuple[str, ...] = SERVED

    def handle(self, request: Request, now: datetime) -> Response:
        """The answer to one call."""
        parts = request.path.strip("/").split("/")
        if parts[:2] == ["admin", "api"] and parts[3:] == ["graphql.json"] and request.method == "POST":
            return self._graphql(request, parts[2], now)
        if parts == ["admin", "oauth", "authorize"] and request.method == "GET":
            return self._grants.authorize(dict(request.query), now)
        if parts == ["admin", "oauth", "access_token"] and request.method == "POST":
            return self._grants.grant(request, now)
        if parts[0] == "bulk" and request.method == "GET":
            return self._file(parts[-1].removesuffix(".jsonl"), now)
        return reply(404, {"errors": "Not Found"})

    def _graphql(self, request: Request, version: str, now: datetime) -> Response:
        if away := self._grants.turned_away(request, now):
            return away
        body = asked_of(request)
        if not isinstance(body, dict):
            return reply(400, {"errors": "Required parameter missing or invalid"})
        self._state.bulks.address = request.url.split("/admin/", maxsplit=1)[0]
        told = answer(self._state, body, self.points, now)
        self.points = told.points
        return reply(200, told.body, self._version(version))

    def _version(self, asked: str) -> dict[str, str]:
        """Which version answers: the one that was asked, or the oldest that is kept."""
        if asked in self.served:
            return {"x-shopify-api-version": asked}
        warning = f"https://shopify.dev/concepts/about-apis/versioning: {asked} is no longer supported"
        return {"x-shopify-api-version": self.served[0], "x-shopify-api-version-warning": warning}

    def _file(self, id: str, now: datetime) -> Response:
        """The file of a bulk operation: whoever has its address may read it."""
        found = self._state.bulks.file(id, now)
        if found is None:
            return reply(404, {"errors": "Not Found"})
        return Response(status=200, body=found, headers={"content-type": "application/jsonl"})
