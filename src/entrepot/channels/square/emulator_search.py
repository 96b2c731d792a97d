"""Searching the emulated Square's orders. Source: SearchOrders, OpenAPI description of 2026-09-16."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from entrepot.channels.kit.times import utc
from entrepot.channels.square.emulator_wire import Wrong, moment

Json = dict[str, Any]
SORTS = {"CREATED_AT": "created_at", "UPDATED_AT": "updated_at", "CLOSED_AT": "closed_at"}


def searched(orders: Mapping[str, Json], body: Json) -> Json:
    """SearchOrders by location, state and one time; a cursor stands for the last row, so that no row is
    skipped while others move.
    """
    places = body.get("location_ids") or []
    if not 1 <= len(places) <= 10:
        raise Wrong("INVALID_VALUE", "between 1 and 10 locations", field="location_ids")
    wanted = Wanted.of(body.get("query") or {})
    rows = sorted(
        (
            (order[wanted.field], id)
            for id, order in orders.items()
            if order["location_id"] in places and wanted.fits(order)
        ),
        reverse=wanted.falling,
    )
    if body.get("cursor"):
        last = _place_of(body["cursor"])
        rows = [row for row in rows if (row < last if wanted.falling else row > last)]
    size = min(int(body.get("limit") or 500), 1000)
    found = [orders[id] for _, id in rows[:size]]
    named = {"orders": found} if not body.get("return_entries") else {"order_entries": _entries(found)}
    cursor = {"cursor": _cursor(rows[size - 1])} if len(rows) > size else {}
    return (named if found else {}) | cursor


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a search asks for: states, and a span of one of the three times, by which it also sorts."""

    field: str
    falling: bool
    states: frozenset[str]
    start: datetime | None
    end: datetime | None

    @staticmethod
    def of(query: Mapping[str, Any]) -> "Wanted":
        """Read from a SearchOrdersQuery; the sort must name the same time as the filter."""
        filters, sort = query.get("filter") or {}, query.get("sort") or {}
        if odd := sorted(set(filters) - {"state_filter", "date_time_filter"}):
            raise Wrong("NOT_IMPLEMENTED", f"the emulator does not filter by {', '.join(odd)}", status=501)
        field = SORTS.get(sort.get("sort_field", "CREATED_AT"), "")
        times = filters.get("date_time_filter") or {}
        if not field or set(times) - {field}:
            raise Wrong("BAD_REQUEST", "sort_field must match the date_time_filter", field="query.sort")
        span = times.get(field) or {}
        return Wanted(
            field=field,
            falling=sort.get("sort_order", "DESC") == "DESC",
            states=frozenset((filters.get("state_filter") or {}).get("states") or ()),
            start=moment(span["start_at"], "start_at") if span.get("start_at") else None,
            end=moment(span["end_at"], "end_at") if span.get("end_at") else None,
        )

    def fits(self, order: Json) -> bool:
        """Whether the order is one of them."""
        if self.field not in order or (self.states and order["state"] not in self.states):
            return False
        at = utc(order[self.field])
        return (self.start is None or at >= self.start) and (self.end is None or at < self.end)


def _cursor(row: tuple[str, str]) -> str:
    return urlsafe_b64encode("|".join(row).encode()).decode()


def _place_of(cursor: object) -> tuple[str, str]:
    try:
        at, _, id = urlsafe_b64decode(str(cursor)).decode().partition("|")
    except ValueError:
        raise Wrong("INVALID_CURSOR", "the cursor is not one of ours", field="cursor") from None
    return at, id


def _entries(orders: list[Json]) -> list[Json]:
    names = ("location_id", "version")
    return [{"order_id": one["id"]} | {name: one[name] for name in names if name in one} for one in orders]
