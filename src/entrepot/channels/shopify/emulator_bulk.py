"""Bulk operations of the emulated Shopify: a question that takes its time and ends in a file of JSON lines.

Source: bulk operations guide, read 2026-09: every node of a connection is a line, a nested one follows its
parent and names it in `__parentId`. Our operations see the shop as it was when they were asked for.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from entrepot.channels.kit.json import encode
from entrepot.channels.shopify.emulator_wire import Json, Numbers, Wrong, gid, stamp

RUNNING_MAX = 5
"""At once in one shop, since 2026-01."""


class Bulks:
    """The operations of one app, and their files."""

    def __init__(self, numbers: Numbers, *, takes_s: float) -> None:
        self._numbers, self._takes = numbers, timedelta(seconds=takes_s)
        self._made: dict[str, Json] = {}
        self._ends: dict[str, datetime] = {}
        self._files: dict[str, bytes] = {}
        self.address = ""

    def run(self, query: str, do: Callable[[], Json], now: datetime) -> Json:
        """bulkOperationRunQuery."""
        if sum(one["status"] == "RUNNING" for one in self.told(now)) >= RUNNING_MAX:
            return _wrong("LIMIT_REACHED", "Too many bulk operations are in progress.")
        try:
            rows = list(lines(do()))
        except Wrong as error:
            return _wrong("INVALID", error.message)
        id = self._numbers.draw()
        self._files[id] = b"\n".join(encode(row) for row in rows)
        self._ends[id] = now + self._takes
        self._made[id] = {
            "id": gid("BulkOperation", id),
            "type": "QUERY",
            "query": query,
            "createdAt": stamp(now),
            "objectCount": str(len(rows)),
            "rootObjectCount": str(sum("__parentId" not in row for row in rows)),
            "errorCode": None,
        }
        return {"bulkOperation": self._told(id, now), "userErrors": []}

    def told(self, now: datetime) -> list[Json]:
        """Every operation, the newest first: the emulator knows no other order."""
        return [self._told(id, now) for id in reversed(self._made)]

    def one(self, id: str, now: datetime) -> Json | None:
        """One operation."""
        return self._told(id, now) if id in self._made else None

    def file(self, id: str, now: datetime) -> bytes | None:
        """The lines of one that has ended."""
        return self._files[id] if id in self._files and self._ends[id] <= now else None

    def _told(self, id: str, now: datetime) -> Json:
        ended = self._ends[id] <= now
        url = f"{self.address}/bulk/{id}.jsonl?signature=emulated" if ended and self._files[id] else None
        state = {
            "status": "COMPLETED" if ended else "RUNNING",
            "completedAt": stamp(self._ends[id]) if ended else None,
            "url": url,
        }
        return self._made[id] | state


def lines(value: Any, parent: str = "") -> Iterator[Json]:
    """The rows of an answer: each node without its connections, then their nodes."""
    if isinstance(value, dict) and "edges" in value:
        for edge in value["edges"]:
            own = {name: part for name, part in edge["node"].items() if not _connected(part)}
            yield own | ({"__parentId": parent} if parent else {})
            for part in edge["node"].values():
                yield from lines(part, str(edge["node"].get("id", "")))
    elif isinstance(value, dict):
        for part in value.values():
            yield from lines(part, str(value.get("id", parent)))


def _connected(part: Any) -> bool:
    return isinstance(part, dict) and "edges" in part


def _wrong(code: str, message: str) -> Json:
    return {"bulkOperation": None, "userErrors": [{"field": ["query"], "message": message, "code": code}]}
