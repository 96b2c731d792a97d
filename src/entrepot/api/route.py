"""A route: one row of the table that the programs' door is made of, and what it is told about one request."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from entrepot.access import Permission, Who
from entrepot.app import Hub
from entrepot.db import Tx
from entrepot.db.paging import LIMIT, LIMIT_MAX

JSON_MAX = 1024 * 1024
IMPORT_MAX = 64 * 1024 * 1024
"""A route's body may be this long."""

TEXT_MAX = 200

Text = Annotated[str, msgspec.Meta(max_length=TEXT_MAX)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Query(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may stand behind the question mark of a route: nothing."""


class Paged(Query, frozen=True):
    """Of a list."""

    limit: Annotated[
        int, msgspec.Meta(ge=1, le=LIMIT_MAX, description="Rows of a page at most.", examples=[50])
    ] = LIMIT
    after: Annotated[
        str,
        msgspec.Meta(
            max_length=1000,
            description="The cursor of the page before: its `after`, as it is. Left out, the list begins.",
        ),
    ] = ""


class Ask(msgspec.Struct, frozen=True):
    """One request: the hub, who asks, the parts of the path by name, and the query as the route declares
    it."""

    hub: Hub
    who: Who
    path: Mapping[str, str]
    query: Any


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """A method on a path, whom it is for, and what it does: `reads` in one reading transaction, `looks` at
    the hub, or the `command` that it gives.

    `path` names its parts in braces. `permission` None is for everybody, without a token. `answer` is the
    type of the answer. `given`: part of the path → argument of the command. `made`: where what the command
    made is found, with the answer's fields in braces; then the status is 201. `guarded`: somebody else may
    edit it too, so that If-Match must say what was seen. `problems`: codes that are this route's own.
    """

    method: Literal["GET", "POST", "PUT"]
    path: str
    permission: Permission | None
    tag: str
    name: str
    summary: str
    about: str = ""
    query: type[Query] = Query
    answer: Any
    reads: Callable[[Tx, Ask], Any] | None = None
    looks: Callable[[Ask], Any] | None = None
    command: str = ""
    given: Mapping[str, str] = {}
    made: str = ""
    guarded: Callable[[Tx, Ask], Any] | None = None
    body_max: int = JSON_MAX
    problems: tuple[str, ...] = ()
    example: Mapping[str, Any] = {}

    @property
    def paged(self) -> bool:
        return issubclass(self.query, Paged)

    @property
    def status(self) -> int:
        return 201 if self.made else 200
